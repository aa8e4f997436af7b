"""Files of a learner's: found, decoded, and the columns of a CSV file read; what is wrong with them in one line."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bxe.files import expanded

if TYPE_CHECKING:
    import pandas as pd

_COUNTED = re.compile(r"Expected (\d+) fields in line (\d+), saw (\d+)")  # pandas, of a row that is too long
_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}


def read_table(path: str | os.PathLike, needed: Sequence[str], optional: Sequence[str] = ()) -> pd.DataFrame:
    """Read some columns of a CSV file in UTF-8 with commas, whose first line names the columns.

    Args:
        needed: columns that must be there.
        optional: columns that are read if they are there.

    Returns:
        These columns, each value a str without spaces around it ("" where nothing stands), numbered from 1 on as the rows
        under the first line are.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it is not UTF-8 or not CSV, or a needed column is missing or there twice.

    Example:
        >>> read_table("no-such-file.csv", ["text"])
        Traceback (most recent call last):
        FileNotFoundError: no-such-file.csv does not exist (the current folder is ...)
    """
    import pandas as pd

    path = existing(path)
    content = own_text(path)
    try:
        # What is missing is "" then, never NaN. Without header=None a row of more fields than names would have its first
        # ones taken for an index, in silence.
        rows = pd.read_csv(io.StringIO(content), header=None, dtype=str, keep_default_na=False, skip_blank_lines=False)
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        first = content.partition("\n")[0]
        if "," not in first and (mark := _mark(first)):
            raise ValueError(f"{path}: its fields are separated by {mark}: save it with commas") from None
        if counted := _COUNTED.search(str(error)):
            names, row, fields = counted.groups()
            raise ValueError(
                f"{path}: row {row} (the first line is row 1) has {fields} fields, but the first line names {names}; "
                'if a comma belongs to a text, quote it: "Late again, sorry",delay'
            ) from None
        raise ValueError(f"{path} cannot be read as CSV: {str(error).strip()}") from None
    columns = [name.strip() for name in rows.iloc[0]]
    if missing := [column for column in needed if column not in columns]:
        lacking = " and ".join(missing) + (" is" if len(missing) == 1 else " are")
        mark = _mark(columns[0])
        raise ValueError(
            f"{path} has the columns {', '.join(columns)}; {lacking} missing. "
            + (f"Its fields are separated by {mark}: save it with commas. " if mark else "")
            + f"The first line must name the columns: {','.join(needed)}"
        )
    if row := _swallowing(content):
        raise ValueError(
            f"{path}: row {row} (the first line is row 1) opens a quote that it does not close, and a later line does; "
            'close it at the end of the text, and double a quote within one: "the ""hot"" pot, say"'
        )
    wanted = [*needed, *(column for column in optional if column in columns)]
    if twice := [column for column in wanted if columns.count(column) > 1]:
        raise ValueError(f"{path} has two columns named {twice[0]}; rename the one that is not meant")
    frame = rows[1:].set_axis(columns, axis=1)
    return frame[wanted].apply(lambda column: column.str.strip())


def _mark(line: str) -> str | None:
    """What parts the fields of a line that is one field as commas go."""
    return next((name for sign, name in _SEPARATORS.items() if sign in line), None)


def _swallowing(content: str) -> int | None:
    """The first row with a quote that a later line closes, so that all between them went into one field.

    Seen by what follows the closing quote, which is a text and no comma: that quote was meant to open a field. Nothing
    tells the rare case apart in which a comma or the end of the line follows.
    """
    lines, row = csv.reader(io.StringIO(content), strict=True), 0
    while True:
        before, row = lines.line_num, row + 1
        try:
            next(lines)
        except StopIteration:
            return None
        except csv.Error as error:
            if "expected after" not in str(error):
                return None  # the file ends within a quote, which pandas tells, or a field is longer than this reader takes
            if lines.line_num > before + 1:
                return row


def printable(path: Path) -> str:
    """A path as text; a name that is no UTF-8 comes from the system as one that can be neither printed nor hashed."""
    return path.as_posix().encode("utf-8", "backslashreplace").decode()


def existing(path: str | os.PathLike) -> Path:
    path = expanded(path)
    if not os.path.exists(path):  # unlike Path.exists false, too, for what can be no path at all
        raise FileNotFoundError(f"{printable(path)} does not exist (the current folder is {Path.cwd()})")
    return path


def own_text(path: Path) -> str:
    if path.is_dir():
        raise ValueError(f"{path} is a folder; give a file")
    if not path.is_file():
        raise ValueError(f"{path} is not an ordinary file; give a file with text")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{path} is not UTF-8 (byte {error.start}: {error.object[error.start]:#04x}); save it again as UTF-8"
        ) from None
    except OSError as error:
        raise ValueError(f"{path} cannot be read ({error.strerror})") from None
    if "\0" in text:
        raise ValueError(f"{path} holds NUL characters, so it is probably UTF-16; save it again as UTF-8")
    return text
