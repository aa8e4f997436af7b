"""The course's texts as pandas DataFrames, each with a data card."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from bxe.files import sums, verify

if TYPE_CHECKING:
    import pandas as pd

# Each set with its columns, in order; what they mean is told in the set's card.
COLUMNS = {
    "passages": ("passage_id", "subject", "category", "text"),
    "questions": ("question_id", "text", "style", "words", "split"),
    "qrels": ("question_id", "passage_id", "grade"),
    "tickets": ("ticket_id", "text", "intent", "second_intent", "language", "split"),
    "faq": ("faq_id", "group_id", "topic", "text", "near_miss_of"),
    "sts": ("pair_id", "text1", "text2", "score", "phenomenon", "question"),
    "sentences": ("sentence_id", "topic", "text"),
    "docstring_questions": ("question_id", "text", "answers"),
    "howto": ("question_id", "text", "written_for", "names", "grades"),
    "handbook": ("document_id", "text"),
    "handbook_questions": ("question_id", "text", "answer"),
    "handbook_grades": ("question_id", "passage_id", "grade", "again"),
    "photographs": ("photo_id", "package", "file", "shows", "author", "licence"),
    "photo_queries": ("query_id", "text", "photos"),
}

SEALED = "sealed"  # the split that is opened once, when everything has been chosen
_AGAIN = "Install bxe again to get a whole copy."


def load(name: str, split: str | None = None) -> pd.DataFrame:
    """Read one of the course's sets of texts.

    Args:
        name: one of `COLUMNS`; `card(name)` describes each.
        split: only the rows of this split, for sets that have one: "learn", "test" or "sealed" of questions; "train",
            "validation" or "test" of tickets. By default all rows but the sealed ones, which are for one last
            measurement, and come only if you ask for that split.

    Returns:
        A DataFrame with the columns that `COLUMNS[name]` lists, one row per record, from 0 on. Texts are str, what
        is not given is missing (NaN), scores are float64, grades int64 (`again` of handbook_grades is
        float64), `answers`, `names` and `photos` lists of str, `grades` of howto lists of int.

    Raises:
        ValueError: if there is no set or split of that name, or the file is damaged.
        FileNotFoundError: if the file is missing.

    Example:
        >>> learn = load("questions", "learn")
        >>> learn.text[0], len(learn)
        ('why does no rider wear 108 any more in Italy', 162)
    """
    import pandas as pd

    rows = []
    path = _file(name, f"{name}.jsonl")
    for number, line in enumerate(_read(path).splitlines(), start=1):
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise ValueError(f"{path}, line {number}, is not JSON ({error}). {_AGAIN}") from None
        if tuple(row) != COLUMNS[name]:
            raise ValueError(
                f"{path}, line {number}, has the keys {', '.join(row)}; expected {', '.join(COLUMNS[name])}. {_AGAIN}"
            )
        rows.append(row)
    frame = pd.DataFrame(rows, columns=list(COLUMNS[name]))
    if split is not None:
        return _only(frame, name, split)
    return frame[frame["split"] != SEALED].reset_index(drop=True) if "split" in frame else frame


def _only(frame: pd.DataFrame, name: str, split: str) -> pd.DataFrame:
    splits = list(frame["split"].unique()) if "split" in frame else []
    if split not in splits:
        raise ValueError(f"{name} has no split {split!r:.80}; it has {', '.join(splits) or 'none'}")
    return frame[frame["split"] == split].reset_index(drop=True)


def load_reference() -> pd.DataFrame:
    """The ten Berlin passages of sbert.net's cross-encoder example, with the scores published for them.

    Returns:
        Columns query (the same in each row), text, score (ms-marco-MiniLM-L6-v2's logit, float64). They are not part of
        `passages`, and nothing here is trained on them.

    Raises:
        FileNotFoundError, ValueError: if the file is missing or damaged.

    Example:
        >>> float(load_reference().score.max())
        8.92
    """
    import pandas as pd

    path = _folder() / "reference.json"
    try:
        reference = json.loads(_read(path))
        columns = {"text": reference["passages"], "score": reference["ms_marco_minilm_l6_v2"]}
        return pd.DataFrame({"query": reference["query"], **columns})
    except (json.JSONDecodeError, KeyError) as error:
        raise ValueError(f"{path} is damaged ({error!r}). {_AGAIN}") from None


def card(name: str) -> str:
    """The data card of a set, as Markdown: what it holds, how it was written and judged, and its weaknesses.

    Raises:
        ValueError: if there is no set of that name.
        FileNotFoundError: if the card's file is missing.

    Example:
        >>> print(card("faq").splitlines()[0])
        # Data card: faq
    """
    return _read(_file(name, f"{name}.md"))


def _file(name: str, file: str) -> Path:
    if name not in tuple(COLUMNS):  # a tuple may be asked for what cannot be hashed, too
        raise ValueError(f"there is no set named {name!r:.80}; there are {', '.join(COLUMNS)}")
    return _folder() / file


def _folder() -> Path:
    return Path(str(files("bxe") / "data"))


def _read(path: Path) -> str:
    """The text of a file that ships with bxe, verified: one that was emptied or cut may well be readable."""
    listed = sums(path.parent, _AGAIN)
    if path.name not in listed:
        raise ValueError(f"{path.parent / 'SHA256SUMS'} is damaged: it does not name {path.name}. {_AGAIN}")
    verify(path, listed[path.name], _AGAIN)
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is damaged: byte {error.start} is not UTF-8. {_AGAIN}") from None
