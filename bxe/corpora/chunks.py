"""From files to passages: whole documents of a folder, and the same cut into chunks of a length that you choose."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from numbers import Integral
from typing import TYPE_CHECKING, NamedTuple

from bxe.corpora.given import by_id
from bxe.corpora.own import text_files
from bxe.files import expect_count

if TYPE_CHECKING:
    import pandas as pd

# Scripts without spaces between words: each sign counts as a word, and a text may be cut after each.
_SIGNS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"
SIGN = re.compile(f"[{_SIGNS}]")
WORD = re.compile(rf"[{_SIGNS}]|[^\s{_SIGNS}]+")
_BLANK = re.compile(r"\n\s*\n")
# Not begun within a run of dots: each dot would be followed to its end, 53 seconds for 50,000 dots.
_SENTENCE_END = re.compile(r"(?<![.!?…])[.!?…]+[\"'”’)\]]*(?=\s)|[。！？]+[”’」』）]*|\n(?=[-*#|] ?)")
_HEADING = re.compile(r"#{1,6} [^\n]*|[^\n]+\n(?:=+|-+)")


class _Unit(NamedTuple):
    """A sentence (or a piece of one that is too long) as a place in a document."""

    start: int
    end: int
    words: int


def documents_in(path: str | os.PathLike) -> pd.Series:
    """Read whole texts of your own: every .txt and .md file of a folder (and below), in UTF-8.

    Hidden files and folders, whose names begin with a dot, are left out, and so are files without a word, which are told.

    Returns:
        The texts, indexed by document_id, which is where each lies in the folder: "notes/tea.txt".

    Raises:
        FileNotFoundError: if there is no such folder.
        ValueError: if a file is not UTF-8, or no text is found.

    Example:
        >>> import pathlib, tempfile
        >>> with tempfile.TemporaryDirectory() as notes:
        ...     _ = pathlib.Path(notes, "tea.txt").write_text("Pour at 80 degrees.")
        ...     documents_in(notes).to_dict()
        {'tea.txt': 'Pour at 80 degrees.'}
    """
    import pandas as pd

    texts = text_files(path)
    return pd.Series(texts.values(), pd.Index(texts, name="document_id", dtype=object), name="text", dtype=object)


def chunks(documents: pd.Series, *, words: int = 120, overlap: int = 0) -> pd.DataFrame:
    """Cut documents into passages of at most `words` words, at the ends of paragraphs or sentences wherever that is possible.

    A paragraph that fits is never cut, a sentence only if it is longer than a passage, and a heading stays with the sentence
    behind it. In scripts without spaces, such as Chinese, each sign counts as a word.

    Args:
        documents: whole texts, indexed by document_id.
        words: the most words in a passage; at least 1.
        overlap: a passage begins with the last whole sentences of the one before it, as many as these words hold and
            leave room for; 0 to words - 1.

    Returns:
        A row for each passage, in order, with the str columns passage_id (document and number, as in "tea.txt#2"),
        document_id and text (runs of white space made one space), and the int columns start and end: it was cut out of
        documents[document_id][start:end]. Every word of a document is in one of its passages; half a character (a lone
        surrogate) is replaced by "\N{REPLACEMENT CHARACTER}".

    Raises:
        TypeError: if documents are not a Series (or dict) of texts.
        ValueError: if there is no word in them, one is not a str, two have one id, or words or overlap are out of range.

    Example:
        >>> import pandas as pd
        >>> cut = chunks(pd.Series({"tea.txt": "Warm the pot. Pour at 80 degrees.\\n\\nWait."}), words=6)
        >>> dict(zip(cut.passage_id, cut.text))
        {'tea.txt#1': 'Warm the pot.', 'tea.txt#2': 'Pour at 80 degrees. Wait.'}
    """
    import pandas as pd

    _expect_length(words, overlap)
    rows = []
    for name, text in by_id(documents, "document").items():
        spans = _spans(text, words, overlap)
        if not spans:
            print(f"{name} holds no word and is left out")
        for number, (start, end) in enumerate(spans, start=1):
            rows.append((f"{name}#{number}", str(name), " ".join(text[start:end].split()), start, end))
    if not rows:
        raise ValueError("the documents hold no word; give at least one text with words in it")
    return pd.DataFrame(rows, columns=["passage_id", "document_id", "text", "start", "end"])


def _expect_length(words: int, overlap: int) -> None:
    expect_count(words, "words", "the most words of a passage")
    if not isinstance(overlap, Integral) or isinstance(overlap, bool) or not 0 <= overlap < words:
        raise ValueError(f"overlap is {overlap!r} and words is {words}; give an overlap from 0 to {words - 1}")


def _spans(text: str, words: int, overlap: int) -> list[tuple[int, int]]:
    """Where each passage begins and ends. A paragraph that does not fit into what is left begins a new one."""
    done: list[list[_Unit]] = []
    now: list[_Unit] = []
    repeated = 0  # how many of `now` the passage before it has, too

    def next_passage(room: int) -> None:
        nonlocal now, repeated
        if len(now) > repeated:
            done.append(now)
            now = now[1:]  # a passage that held all of the one before it would make that one useless
        now = _tail(now, overlap, room)
        repeated = len(now)

    for paragraph in _paragraphs(text, words):
        length = _length(paragraph)
        if words < _length(now) + length:
            next_passage(words - (length if length <= words else paragraph[0].words))
        for unit in paragraph:
            if _length(now) + unit.words > words:
                next_passage(words - unit.words)
            now.append(unit)
    next_passage(0)
    return [(passage[0].start, passage[-1].end) for passage in done]


def _length(units: list[_Unit]) -> int:
    return sum(unit.words for unit in units)


def _tail(units: list[_Unit], overlap: int, room: int) -> list[_Unit]:
    """The last whole sentences that hold at most `overlap` words, and leave room for what follows."""
    tail: list[_Unit] = []
    for unit in reversed(units):
        if _length(tail) + unit.words > min(overlap, room):
            break
        tail.insert(0, unit)
    return tail


def _paragraphs(text: str, words: int) -> Iterator[list[_Unit]]:
    """Each paragraph as its sentences, none longer than a passage; a heading belongs to the sentence behind it."""
    heading: list[_Unit] = []
    borders = [0, *(place for blank in _BLANK.finditer(text) for place in blank.span()), len(text)]
    for start, end in zip(borders[::2], borders[1::2]):
        cuts = [start, *(start + found.end() for found in _SENTENCE_END.finditer(text[start:end])), end]
        units = [unit for at, to in zip(cuts, cuts[1:]) for unit in _pieces(text, at, to, words)]
        if _HEADING.fullmatch(text[start:end].strip()):
            heading += units
            continue
        if heading and units and _length(heading) + units[0].words <= words:
            units[0] = _Unit(heading[0].start, units[0].end, _length(heading) + units[0].words)
        elif heading:
            units = heading + units
        heading = []
        yield units
    yield heading


def _pieces(text: str, start: int, end: int, words: int) -> list[_Unit]:
    """A sentence as one unit, or as several if it has more than `words` words."""
    found = [match.span() for match in WORD.finditer(text, start, end)]
    return [
        _Unit(some[0][0], some[-1][1], len(some))
        for some in (found[at : at + words] for at in range(0, len(found), words))
    ]
