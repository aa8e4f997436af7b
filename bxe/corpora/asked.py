"""Questions to measure a search of your own texts with: written by you, or taken out of the passages."""

from __future__ import annotations

import os
import re
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from bxe.corpora.chunks import SIGN
from bxe.corpora.given import by_id
from bxe.corpora.reading import read_table
from bxe.files import expect_count, expect_seed

if TYPE_CHECKING:
    import pandas as pd

_TERM = re.compile(r"[^\W_]{2,}")
# What stands before or behind a number as a part of it: "1." of 1.5, "-" of -5 (but not of 3-5 or 3%-5%), ",0" of 5,000.
_BEFORE = re.compile(r"(?:\d[.,]|(?:^|[\s(\[=<>~\u2248])[-\u2212\u2013.])$")  # a minus sign may be any of three dashes
_BEHIND = re.compile(r"[.,]\d")
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
        raise ValueError(
            f"{path}: no document holds the answer to {lost[0]}; copy it word for word out of one, whole words"
        )
    return frame


def quoted(questions: pd.DataFrame, passages: pd.Series) -> pd.DataFrame:
    """Which passages hold the whole answer to a question, word for word; how many spaces or lines part words is the same.

    It must stand there as whole words and numbers: "5 pounds" is neither in "15 pounds" nor in "1.5 pounds". In scripts
    without spaces between words, such as Chinese, a piece may begin and end anywhere.

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
    plain = {at: _plain(text) for at, text in by_id(passages, "passage").items()}
    rows = []
    for question, answer in zip(questions.question_id, questions.answer):
        if isinstance(answer, str) and answer.strip():
            whole = _plain(answer)
            rows += [(question, at, 3) for at, text in plain.items() if _holds(text, whole)]
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
        ValueError: if there are too few passages, two have one id, n or words is not a whole number of at least 1, or
            seed none of at least 0.

    Source: Azzopardi, de Rijke & Balog (2007), "Building simulated queries for known-item topics", SIGIR.

    Example:
        >>> import pandas as pd
        >>> five = {"a": "the tea pot", "b": "the old pot", "c": "the tea urn", "d": "the old tea", "e": "the new urn"}
        >>> known_items(pd.Series(five), 5, words=1).set_index("passage_id").text["e"]
        'new'
    """
    import pandas as pd

    n, words, seed = expect_count(n, "n"), expect_count(words, "words"), expect_seed(seed)
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


def _plain(text: str) -> str:
    """A text with one space between words, and one way to write a letter with its accents."""
    return unicodedata.normalize("NFC", " ".join(text.split()))


def _holds(text: str, answer: str) -> bool:
    """Whether an answer stands in a text as whole words and numbers: "5 pounds" is no part of "15" or "1.5 pounds"."""
    if answer not in text:
        return False
    places = (found.span(1) for found in re.finditer(f"(?=({re.escape(answer)}))", text))
    return any(_apart(text[max(0, start - 2) : start], answer, text[end : end + 2]) for start, end in places)


def _apart(before: str, answer: str, behind: str) -> bool:
    """Whether the signs around an answer, two on each side, belong neither to its first nor to its last word."""
    word = _of_word(answer[0]) and _of_word(before[-1:]) or _of_word(answer[-1]) and _of_word(behind[:1])
    number = answer[0].isdecimal() and _BEFORE.search(before) or answer[-1].isdecimal() and _BEHIND.match(behind)
    return not word and not number


def _of_word(sign: str) -> bool:
    """Whether it is a letter, digit, accent or _ of a script that parts words by spaces; only there words have borders."""
    return sign == "_" or sign != "" and unicodedata.category(sign)[0] in "LNM" and not SIGN.match(sign)
