"""Grades of one person for a pool of pairs: the next pair without a grade, and a file that is whole at every moment."""

from __future__ import annotations

import csv
import io
import os
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bxe.files import expanded, sum_of, write

if TYPE_CHECKING:
    import pandas as pd

GRADES = ("0: does not help", "1: on the matter, but no answer", "2: answers in part", "3: answers")
_HEAD = ["question_id", "passage_id", "grade", "texts"]
_Key = tuple[str, str]


class Pair(NamedTuple):
    """A question and a passage that wait for a grade."""

    question_id: str
    passage_id: str
    question: str
    passage: str


class Grading:
    """What one person makes of the pairs of a pool. Each grade is on the disk before the next pair comes.

    The file is a CSV with the columns question_id, passage_id, grade and texts, a checksum of question and passage. Where
    the file is there already, grading goes on; a grade whose question or passage has changed since is told and asked anew.
    Several people use a file each.

    Args:
        pool: the columns question_id and passage_id, as `pool` gives them.
        queries, passages: texts, indexed by the ids that the pool uses.
        path: the file; where it is a link, what it leads to.

    Raises:
        TypeError: if the pool lacks a column, queries or passages are no Series (or dict) of texts, or the path is none.
        KeyError: if the pool names a question or passage that has no text.
        ValueError: if the pool has no pair, an id holds a line break, or the file is there but holds no grades, or two for
            one pair.

    Example:
        >>> import pandas as pd, pathlib, tempfile
        >>> pairs = pd.DataFrame({"question_id": ["q1"], "passage_id": ["p1"]})
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     mine = Grading(pairs, {"q1": "how hot?"}, {"p1": "At 80 degrees."}, pathlib.Path(folder, "mine.csv"))
        ...     mine.grade(3)
        ...     mine.left, mine.table().grade.tolist()
        (0, [3])
    """

    def __init__(self, pool: pd.DataFrame, queries: pd.Series, passages: pd.Series, path: str | os.PathLike) -> None:
        if not {"question_id", "passage_id"} <= set(getattr(pool, "columns", ())):
            raise TypeError(f"pool is a {type(pool).__name__}; expected a DataFrame with question_id and passage_id")
        _expect_by_id(queries, "queries", "question_id")
        _expect_by_id(passages, "passages", "passage_id")
        self.pairs = [
            Pair(question, passage, _text(queries, question, "question"), _text(passages, passage, "passage"))
            for question, passage in dict.fromkeys(zip(pool.question_id, pool.passage_id))
        ]
        if not self.pairs:
            raise ValueError("the pool has no pair; give one with something to grade")
        if broken := [at for pair in self.pairs for at in _key(pair) if set(at) & {"\n", "\r"}]:
            raise ValueError(
                f"the id {broken[0]!r:.60} holds a line break, which no file of grades keeps; leave it out"
            )
        self.path = expanded(path)
        self._at: int | None = None  # a pair that is graded again; None for the next one without a grade
        kept = self._kept()
        if old := sum(_key(pair) in kept for pair in self.pairs) - len(self._done()):
            print(f"{self.path.name}: {old} grades are for texts that have changed since, and are asked anew")

    @property
    def left(self) -> int:
        """How many pairs have no grade yet."""
        return len(self.pairs) - len(self._done())

    @property
    def now(self) -> Pair | None:
        """The pair to grade, None when all have a grade."""
        if self._at is not None:
            return self.pairs[self._at]
        done = self._done()
        return next((pair for pair in self.pairs if _key(pair) not in done), None)

    def grade(self, grade: int) -> None:
        """Give the present pair its grade, and write it down.

        Raises:
            ValueError: if it is not 0, 1, 2 or 3, or no pair is left.
            OSError: if the file cannot be written; it then stays as it was, and so does the present pair.
        """
        if not isinstance(grade, Integral) or isinstance(grade, bool) or grade not in range(len(GRADES)):
            raise ValueError(f"the grade is {grade!r}; give {', '.join(map(str, range(len(GRADES))))}")
        if (pair := self.now) is None:
            raise ValueError("every pair has its grade; go back to change one")
        # What another window has written since stays.
        kept = self._kept() | {_key(pair): (int(grade), _sum(pair))}
        try:
            write(Path(os.path.realpath(self.path)), _lines(kept))  # a link stays one
        except OSError as error:
            raise OSError(f"{self.path} cannot be written ({error.strerror}); the last grade is not kept") from None
        self._at = None

    def back(self) -> None:
        """Return to the pair before the present one, to grade it again; at the first pair nothing happens."""
        here = self.pairs.index(pair) if (pair := self.now) else len(self.pairs)
        self._at = max(0, here - 1)

    def table(self) -> pd.DataFrame:
        """The grades given so far, in the pool's order: columns question_id, passage_id and grade, as measures take them."""
        import pandas as pd

        done = self._done()
        rows = [(*pair[:2], done[_key(pair)]) for pair in self.pairs if _key(pair) in done]
        return pd.DataFrame(rows, columns=_HEAD[:3])

    def _done(self) -> dict[_Key, int]:
        """The grades of the pool's pairs that were given for the texts as they are."""
        kept = self._kept()
        return {
            key: kept[key][0]
            for key, pair in zip(map(_key, self.pairs), self.pairs)
            if kept.get(key, (0, ""))[1] == _sum(pair)
        }

    def _kept(self) -> dict[_Key, tuple[int, str]]:
        return _read(self.path) if os.path.lexists(self.path) else {}


def grades_in(path: str | os.PathLike) -> pd.DataFrame:
    """The grades in a file that a `Grading` wrote, such as a second grader's.

    Returns:
        The columns question_id, passage_id (str) and grade (int), in the order in which they were given.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it holds no grades.

    Example:
        >>> grades_in("nowhere.csv")
        Traceback (most recent call last):
        FileNotFoundError: nowhere.csv does not exist; grade with a Grading first
    """
    import pandas as pd

    path = expanded(path)
    if not os.path.exists(path):
        raise FileNotFoundError(f"{path} does not exist; grade with a Grading first")
    return pd.DataFrame([(*key, grade) for key, (grade, _) in _read(path).items()], columns=_HEAD[:3])


def _expect_by_id(texts: object, word: str, index: str) -> None:
    if not hasattr(texts, "items") or getattr(texts, "ndim", 1) != 1:
        raise TypeError(f"{word} is a {type(texts).__name__}; give a Series of texts, indexed by {index}")


def _text(texts: pd.Series, at: object, word: str) -> str:
    if at not in texts:  # a Series and a dict both look at their keys
        raise KeyError(f"the pool names {word} {at}, which has no text; give the texts of all that it names")
    if not isinstance(texts[at], str):
        raise ValueError(f"{word} {at} is {texts[at]!r:.60}; a str is expected, each with an id of its own")
    return texts[at]


def _key(pair: Pair) -> _Key:
    """As the file names the pair: a CSV holds texts only."""
    return str(pair.question_id), str(pair.passage_id)


def _sum(pair: Pair) -> str:
    return sum_of(pair.question, pair.passage)


def _lines(kept: dict[_Key, tuple[int, str]]) -> bytes:
    lines = io.StringIO()
    csv.writer(lines, lineterminator="\n").writerows([_HEAD, *((*key, *value) for key, value in kept.items())])
    return lines.getvalue().encode()


def _read(path: Path) -> dict[_Key, tuple[int, str]]:
    again = "move it away, or give another path"
    try:
        rows = list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline=""), strict=True))
    except OSError as error:
        raise ValueError(f"{path} cannot be read ({error.strerror}); {again}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f"{path} is no file of grades ({error}); {again}") from None
    if not rows or rows[0] != _HEAD:
        raise ValueError(f"{path} is no file of grades: its first line is not {','.join(_HEAD)}; {again}")
    kept, places = {}, {}
    for number, row in enumerate(rows[1:], start=2):
        if not any(row):
            continue  # a blank line, as an editor may leave one
        if len(row) != len(_HEAD) or row[2] not in ("0", "1", "2", "3"):
            told = f"row {number} (the first line is row 1) is {','.join(row)!r:.80}"
            raise ValueError(f"{path}: {told}, and its grade is not 0, 1, 2 or 3; {again}")
        pair, value = (row[0], row[1]), (int(row[2]), row[3])
        if kept.get(pair, value)[0] != value[0]:
            told = f"rows {places[pair]} and {number} (the first line is row 1)"
            raise ValueError(f"{path}: {told} grade {' and '.join(pair)} differently; keep the row that is right")
        kept[pair], places[pair] = value, number
    return kept
