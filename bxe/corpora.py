"""The course's texts as pandas DataFrames, each with a data card; and texts of a learner's own."""

from __future__ import annotations

import io
import json
import os
import re
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from bxe.docstrings import load_docstrings

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

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
}

__all__ = ["COLUMNS", "card", "from_csv", "from_folder", "load", "load_docstrings", "load_reference"]


def load(name: str, split: str | None = None) -> pd.DataFrame:
    """Read one of the course's sets of texts.

    Args:
        name: one of `COLUMNS`; `card(name)` describes each.
        split: only the rows of this split, for sets that have one: "learn" or "test" of questions; "train",
            "validation" or "test" of tickets. All rows by default.

    Returns:
        A DataFrame with the columns that `COLUMNS[name]` lists and a row a record, numbered from 0. Texts are str, what
        is not given is missing (NaN), scores are float64, grades int64, `answers` lists of str.

    Raises:
        ValueError: if there is no set or split of that name, or the file is damaged.
        FileNotFoundError: if the file is missing.
    """
    import pandas as pd

    rows = []
    path = _file(name, f"{name}.jsonl")
    for number, line in enumerate(_read(path).splitlines(), start=1):
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise ValueError(f"{path}, line {number}, is no JSON ({error}). {_AGAIN}") from None
        if tuple(row) != COLUMNS[name]:
            raise ValueError(
                f"{path}, line {number}, has the keys {', '.join(row)}; expected {', '.join(COLUMNS[name])}. {_AGAIN}"
            )
        rows.append(row)
    frame = pd.DataFrame(rows, columns=list(COLUMNS[name]))
    return frame if split is None else _only(frame, name, split)


def _only(frame: pd.DataFrame, name: str, split: str) -> pd.DataFrame:
    splits = list(frame["split"].unique()) if "split" in frame else []
    if split not in splits:
        raise ValueError(f"{name} has no split {split!r}; it has {', '.join(splits) or 'none'}")
    return frame[frame["split"] == split].reset_index(drop=True)


def load_reference() -> pd.DataFrame:
    """The ten Berlin passages of sbert.net's cross-encoder example, with the scores published for them.

    Returns:
        Columns query (the same in each row), text, score (ms-marco-MiniLM-L6-v2's logit, float64). They are no part of
        `passages`, and nothing here is trained on them.

    Raises:
        FileNotFoundError, ValueError: if the file is missing or damaged.
    """
    import pandas as pd

    path = files("bxe") / "data" / "reference.json"
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
    """
    return _read(_file(name, f"{name}.md"))


# ---------------------------------------------------------------- a learner's own texts


def from_csv(path: str | os.PathLike) -> pd.DataFrame:
    """Read labelled texts of your own: a CSV file in UTF-8 with the columns text and label.

    Rows without a text or a label, and labels that only one row has (they cannot be both learned from and measured on), are
    left out and told in a line.

    Returns:
        The str columns text and label, numbered from 0.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it is no UTF-8 or no CSV, lacks a column, or has fewer than two labels left.
    """
    import pandas as pd

    path = _existing(path)
    content = _own_text(path)
    try:
        frame = pd.read_csv(io.StringIO(content), dtype=str, keep_default_na=False, skip_blank_lines=False)
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise ValueError(f"{path} is no CSV file that can be read: {str(error).strip()}") from None
    if missing := [column for column in ("text", "label") if column not in frame]:
        lacking = " and ".join(missing) + (" is" if len(missing) == 1 else " are")
        raise ValueError(
            f"{path} has the columns {', '.join(map(str, frame.columns))}; {lacking} missing. "
            "The first line must name the columns: text,label"
        )
    frame = frame[["text", "label"]].fillna("").apply(lambda column: column.str.strip())
    kept = frame[(frame["text"] != "") & (frame["label"] != "")]
    if len(kept) < len(frame):
        print(f"{path.name}: {len(frame) - len(kept)} of {len(frame)} rows have no text or no label and are left out")
    counts = kept["label"].value_counts()
    if alone := sorted(counts.index[counts == 1]):
        print(f"{path.name}: one example only, left out: {', '.join(alone)}")
        kept = kept[~kept["label"].isin(alone)]
    if kept["label"].nunique() < 2:
        found = ", ".join(sorted(set(kept["label"]))) or "none"
        raise ValueError(f"{path} has too few labels with two or more texts: {found}; a classifier needs two at least")
    return kept.reset_index(drop=True)


def from_folder(path: str | os.PathLike) -> pd.DataFrame:
    """Read passages of your own: every .txt and .md file of a folder (and below), in UTF-8, cut at its blank lines.

    Hidden files and folders, whose names begin with a dot, are left out.

    Returns:
        The str columns passage_id (file and number of the paragraph, as in "notes/tea.txt#2") and text.

    Raises:
        FileNotFoundError: if there is no such folder.
        ValueError: if a file is no UTF-8, or no text is found.
    """
    import pandas as pd

    folder = _existing(path)
    rows = []
    for file in sorted(f for f in folder.rglob("*") if f.suffix.lower() in (".txt", ".md") and f.is_file()):
        if any(part.startswith(".") for part in file.relative_to(folder).parts):
            continue
        paragraphs = [" ".join(p.split()) for p in re.split(r"\n\s*\n", _own_text(file)) if p.strip()]
        if not paragraphs:
            print(f"{file.relative_to(folder)} is empty and left out")
        name = file.relative_to(folder).as_posix()
        rows += [(f"{name}#{number}", text) for number, text in enumerate(paragraphs, start=1)]
    if not rows:
        raise ValueError(f"{folder} holds no text: there is no .txt or .md file with words in it")
    return pd.DataFrame(rows, columns=["passage_id", "text"])


def _existing(path: str | os.PathLike) -> Path:
    path = Path(path).expanduser()
    if not path.exists():
        raise FileNotFoundError(f"there is no {path} (looked for from {Path.cwd()})")
    return path


def _own_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{path} is no UTF-8 (byte {error.start}: {error.object[error.start]:#04x}); save it again as UTF-8"
        ) from None
    except IsADirectoryError:
        raise ValueError(f"{path} is a folder; a file is expected") from None


_AGAIN = "Install bxe again to get a whole copy."


def _file(name: str, file: str) -> Traversable:
    if name not in COLUMNS:
        raise ValueError(f"there is no set named {name!r}; there are {', '.join(COLUMNS)}")
    return files("bxe") / "data" / file


def _read(path: Traversable) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise FileNotFoundError(f"{path} is missing. {_AGAIN}") from None
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is damaged: byte {error.start} is no UTF-8. {_AGAIN}") from None
