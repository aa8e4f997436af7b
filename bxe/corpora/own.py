"""Texts of a learner's own: labelled ones out of a CSV file, passages out of a folder."""

from __future__ import annotations

import io
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def from_csv(path: str | os.PathLike) -> pd.DataFrame:
    """Read labelled texts of your own: a CSV file in UTF-8 with the columns text and label.

    Rows without a text or a label, and labels that only one row has (they cannot be both learned from and measured on), are
    left out and told in a line.

    Returns:
        The str columns text and label, numbered from 0.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it is no UTF-8 or no CSV, lacks a column, or has fewer than two labels left.

    Example:
        >>> from_csv("no-such-file.csv")
        Traceback (most recent call last):
        FileNotFoundError: there is no no-such-file.csv (looked for from ...)
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

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as notes:
        ...     _ = Path(notes, "tea.txt").write_text("Pour at 80 degrees.")
        ...     from_folder(notes).passage_id.tolist()
        ['tea.txt#1']
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
