"""Questions to measure a search of your own texts with: written by you, or taken out of the passages."""

from __future__ import annotations

import os
import re
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from bxe.corpora.given import by_id
from bxe.corpora.own import read_table
from bxe.files import expect_count

if TYPE_CHECKING:
    import pandas as pd

_TERM = re.compile(r"[^\W_]{2,}")
_LETTER = "[0-9A-Za-z\u00c0-\u024f]"  # of scripts that part words by spaces, at whose border a piece may end
FEWEST = 5  # passages, below which the rarity of a word says nothing


def questions_in(path: str | os.PathLike, documents: pd.Series) -> pd.DataFrame:
    """Read questions of your own: a CSV file in UTF-8 with the columns question and answer.

    Args:
        path: the file. An answer is a piece of a document, word for word, that answers the question; it is left empty where
            no document answers.
        documents: whole texts, in which each answer must stand.

    Returns:
        The str columns question_id ("q1", "q2", ... by row), text, and answer ("" where there is none).

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it is not UTF-8, lacks a column, has no question, has one twice or an answer without a question, or
            an answer stands in no document.

    Example:
        >>> questions_in("no-such-file.csv", None)
        Traceback (most recent call last):
        FileNotFoundError: no-such-file.csv does not exist (the current folder is ...)
    """
    import pandas as pd

    table, rows = read_table(path, ("question", "answer")), {}
    for number, row in enumerate(table.itertuples(), start=1):
        text, answer = (" ".join(field.split()) for field in (row.question, row.answer))
        if text:
            rows[f"q{number}"] = (text, answer)
        elif answer:
            where = f"{path}: row {number + 1} (the first line is row 1)"
            raise ValueError(f"{where} has an answer, but no question; write the question")
    if not rows:
        raise ValueError(f"{path} has no question; write one a row, below the line question,answer")
    texts = [text for text, _ in rows.values()]
    if again := [text for text, count in Counter(texts).items() if count > 1]:
        raise ValueError(f"{path} asks twice: {again[0]!r:.80}; keep one of them")
    frame = pd.DataFrame([(at, *row) for at, row in rows.items()], columns=["question_id", "text", "answer"])
    found = set(quoted(frame, documents).question_id)
    if lost := [
        f"{row.question_id}: {row.answer!r:.80}"
        for row in frame.itertuples()
        if row.answer and row.question_id not in found
    ]:
        raise ValueError(f"{path}: no document holds the answer to {lost[0]}; copy it word for word out of one")
    return frame


def quoted(questions: pd.DataFrame, passages: pd.Series) -> pd.DataFrame:
    """Which passages hold the whole answer to a question, word for word; how many spaces or lines part words is the same.

    Args:
        questions: the columns question_id and answer, as `questions_in` gives them; "" is no answer.
        passages: texts, indexed by id.

    Returns:
        A row for each such pair, with the columns question_id, passage_id and grade, which is 3: judgements as
        `retrieval.per_query` takes them.

    Raises:
        TypeError: if questions lack a column, or passages are not a Series of texts.
        ValueError: if a passage is not a str, or two have one id.

    Example:
        >>> import pandas as pd
        >>> asked = pd.DataFrame({"question_id": ["q1"], "text": ["how hot?"], "answer": ["at 80 degrees"]})
        >>> quoted(asked, pd.Series({"p1": "Warm the pot.", "p2": "Pour at 80 degrees."})).passage_id.tolist()
        ['p2']
    """
    import pandas as pd

    if not {"question_id", "answer"} <= set(getattr(questions, "columns", ())):
        kind = type(questions).__name__
        raise TypeError(f"questions is a {kind}; expected a DataFrame with the columns question_id and answer")
    plain = {at: " ".join(text.split()) for at, text in by_id(passages, "passage").items()}
    rows = []
    for question, answer in zip(questions.question_id, questions.answer):
        if isinstance(answer, str) and answer.strip():
            whole = _whole(answer)
            rows += [(question, at, 3) for at, text in plain.items() if whole.search(text)]
    return pd.DataFrame(rows, columns=["question_id", "passage_id", "grade"])


def known_items(passages: pd.Series, n: int, *, words: int = 4, seed: int = 0) -> pd.DataFrame:
    """Queries taken out of the passages: the most telling words of a passage, which is then the one to find.

    Passages are drawn by chance. Of each, the `words` words that are rarest in the corpus are the query (of equally rare
    ones those that it has most often, then the first), in the passage's order. Each word stands in the answer, so such
    queries flatter a search by words.

    Args:
        passages: texts, indexed by id, at least five.
        n: how many queries; at most one for each passage.
        words: of a query. A passage with fewer different ones is not drawn.
        seed: of the draw.

    Returns:
        A row for each query: the str columns question_id ("known1", ...) and text, passage_id, and grade, which is 3.

    Raises:
        TypeError: if passages are not a Series of texts.
        ValueError: if there are too few passages, two have one id, or n or words is not a whole number of at least 1.

    Source: Azzopardi, de Rijke & Balog (2007), "Building simulated queries for known-item topics", SIGIR.

    Example:
        >>> import pandas as pd
        >>> five = {"a": "the tea pot", "b": "the old pot", "c": "the tea urn", "d": "the old tea", "e": "the new urn"}
        >>> known_items(pd.Series(five), 5, words=1).set_index("passage_id").text["e"]
        'new'
    """
    import pandas as pd

    n, words = expect_count(n, "n"), expect_count(words, "words")
    texts = by_id(passages, "passage")
    bags = {at: Counter(term.lower() for term in _TERM.findall(text)) for at, text in texts.items()}
    able = [at for at, bag in bags.items() if len(bag) >= words]
    if len(texts) < FEWEST or len(able) < n:
        told = f"{len(able)} of {len(texts)} passages have {words} different words, and {n} are asked for"
        raise ValueError(f"{told}; give more passages (at least {FEWEST}), or ask for less")
    spread = Counter(term for bag in bags.values() for term in bag)
    rows = []
    drawn = np.random.default_rng(seed).permutation(len(able))[:n]
    for number, at in enumerate((able[place] for place in drawn), start=1):
        bag, places = bags[at], {term: place for place, term in enumerate(bags[at])}
        telling = sorted(bag, key=lambda term: (spread[term], -bag[term], places[term]))[:words]
        rows.append((f"known{number}", " ".join(sorted(telling, key=places.get)), at, 3))
    return pd.DataFrame(rows, columns=["question_id", "text", "passage_id", "grade"])


def _whole(answer: str) -> re.Pattern:
    """An answer as it stands in a text: "5 pounds" is no part of "15 pounds"."""
    words = " ".join(answer.split())
    before = rf"(?<!{_LETTER})" if re.match(_LETTER, words) else ""
    after = rf"(?!{_LETTER})" if re.match(_LETTER, words[-1]) else ""
    return re.compile(before + re.escape(words) + after)
