"""What a learner brings: labelled texts out of a CSV file, passages or pictures out of a folder."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from bxe.corpora.reading import existing, own_text, printable, read_table
from bxe.files import PICTURE_NAMES

if TYPE_CHECKING:
    import pandas as pd


def from_csv(path: str | os.PathLike) -> pd.DataFrame:
    """Read labelled texts of your own: a CSV file in UTF-8 with the columns text and label.

    Rows without a text or a label, and labels that only one row has (one row cannot serve both to learn from and to
    measure on), are left out and reported in one line. A text that comes again with the same label is kept once.

    Returns:
        The str columns text and label, numbered from 0.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it is not UTF-8 or not CSV, lacks a column, or has fewer than two labels left.

    Example:
        >>> from_csv("no-such-file.csv")
        Traceback (most recent call last):
        FileNotFoundError: no-such-file.csv does not exist (the current folder is ...)
    """
    path = existing(path)
    frame = read_table(path, ("text", "label"))
    kept = frame[(frame["text"] != "") & (frame["label"] != "")]
    if len(kept) < len(frame):
        print(f"{path.name}: {len(frame) - len(kept)} of {len(frame)} rows have no text or no label and are left out")
    twice = kept.drop_duplicates()
    if clash := sorted(twice["text"][twice["text"].duplicated()]):
        raise ValueError(f"{path} gives one text two labels: {clash[0]!r:.80}; keep the one that is right")
    if len(twice) < len(kept):
        print(f"{path.name}: {len(kept) - len(twice)} of {len(kept)} rows repeat a text and are left out")
        kept = twice
    counts = kept["label"].value_counts()
    if alone := sorted(counts.index[counts == 1]):
        print(f"{path.name}: one example only, left out: {', '.join(alone)}")
        kept = kept[~kept["label"].isin(alone)]
    if kept["label"].nunique() < 2:
        found = ", ".join(sorted(set(kept["label"]))) or "none"
        raise ValueError(f"{path} has too few labels with two or more texts: {found}; a classifier needs at least two")
    return kept.reset_index(drop=True)


def learn_and_test(texts: pd.DataFrame, *, seed: int = 0, least: int = 30) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Deal labelled texts out by chance, label by label: half to learn from, half to test on.

    Args:
        texts: the columns text and label, as `from_csv` gives them.
        seed: of the draw.
        least: how many texts to test on there must be; a share of 30 texts is known within about 0.17.

    Returns:
        The rows to learn from and those to test on, each numbered from 0.

    Raises:
        ValueError: if a label has one text only, a text comes twice, or too few are left to test on.

    Example:
        >>> import pandas as pd
        >>> few = pd.DataFrame({"text": ["late", "lost", "broken", "torn"], "label": ["parcel", "parcel", "item", "item"]})
        >>> [len(part) for part in learn_and_test(few, least=2)]
        [2, 2]
    """
    import pandas as pd

    if (again := texts["text"].duplicated()).any():
        raise ValueError(
            f"a text comes twice: {texts['text'][again].iloc[0]!r:.80}; it could be learned from and tested on"
        )
    parts: tuple[list, list] = ([], [])
    for label, of_one in texts.sample(frac=1, random_state=seed).groupby("label", sort=True):
        if len(of_one) < 2:
            raise ValueError(f"label {label!r} has one text only; give two at least, or leave it out")
        cut = len(of_one) // 2
        parts[0].append(of_one[:cut])
        parts[1].append(of_one[cut:])
    learn, test = (pd.concat(part).sort_index().reset_index(drop=True) for part in parts)
    if len(test) < least:
        raise ValueError(
            f"{len(texts)} texts leave {len(test)} to test on; with fewer than {least} no gain can be told from chance. "
            "Label more of them"
        )
    return learn, test


def from_folder(path: str | os.PathLike) -> pd.DataFrame:
    """Read passages of your own: every .txt and .md file of a folder (and below), in UTF-8, cut at its blank lines.

    Hidden files and folders, whose names begin with a dot, are left out.

    Returns:
        The str columns passage_id (file and number of the paragraph, as in "notes/tea.txt#2") and text.

    Raises:
        FileNotFoundError: if there is no such folder.
        ValueError: if a file is not UTF-8, or no text is found.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as notes:
        ...     _ = Path(notes, "tea.txt").write_text("Pour at 80 degrees.")
        ...     from_folder(notes).passage_id.tolist()
        ['tea.txt#1']
    """
    import pandas as pd

    rows = []
    for name, text in text_files(path).items():
        paragraphs = [" ".join(p.split()) for p in re.split(r"\n\s*\n", text) if p.strip()]
        rows += [(f"{name}#{number}", paragraph) for number, paragraph in enumerate(paragraphs, start=1)]
    return pd.DataFrame(rows, columns=["passage_id", "text"])


def text_files(path: str | os.PathLike) -> dict[str, str]:
    """The text of every .txt and .md file of a folder and below, by its place in the folder; empty ones are told.

    Raises:
        FileNotFoundError: if there is no such folder.
        ValueError: if a file is not UTF-8, or no text is found.
    """
    folder, texts = _folder(path), {}
    for file in _files_below(folder, (".txt", ".md")):
        text = own_text(file)
        if text.strip():
            texts[printable(file.relative_to(folder))] = text
        else:
            print(f"{file.relative_to(folder)} is empty and is left out")
    if not texts:
        raise ValueError(f"{folder} holds no text: there is no .txt or .md file with words in it")
    return texts


def pictures_in(path: str | os.PathLike) -> pd.Series:
    """Find pictures of your own: every file of a folder (and below) that is named as a picture, such as .jpg or .png.

    Hidden files and folders, whose names begin with a dot, are left out. No picture is opened; `retrieval.embed_pictures`
    tells which ones cannot be read.

    Returns:
        The paths, indexed by picture_id, which is where each lies in the folder: "holiday/beach.jpg".

    Raises:
        FileNotFoundError: if there is no such folder.
        ValueError: if it holds no picture.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as album:
        ...     Path(album, "beach.JPG").touch()
        ...     pictures_in(album).index.tolist()
        ['beach.JPG']
    """
    import pandas as pd

    folder = _folder(path)
    files = _files_below(folder, PICTURE_NAMES)
    if not files:
        raise ValueError(f"{folder} holds no picture: there is no file with an ending such as .jpg, .png or .webp")
    names = pd.Index([printable(file.relative_to(folder)) for file in files], name="picture_id")
    return pd.Series(files, names, name="path")


def _folder(path: str | os.PathLike) -> Path:
    folder = existing(path)
    if not folder.is_dir():
        raise ValueError(f"{folder} is a file; give the folder that holds it: {folder.parent}")
    return folder


def _files_below(folder: Path, endings: tuple[str, ...]) -> list[Path]:
    """The files of a folder and below with such endings, in order; what is left out, but for hidden ones, is told."""
    found = []

    def leave_out(path: Path, why: str) -> None:
        print(printable(path.relative_to(folder)), why)

    def locked(error: OSError) -> None:
        leave_out(Path(error.filename), f"cannot be read ({error.strerror}) and is left out")

    for place, folders, names in os.walk(folder, onerror=locked):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in folders:
            if os.path.islink(Path(place, name)):  # unlike Path.is_symlink no error where a folder may only be listed
                leave_out(Path(place, name), "is a linked folder and left out")
        for path in (Path(place, name) for name in names if not name.startswith(".")):
            if path.suffix.lower() in endings:
                try:
                    path.stat()
                    found.append(path)
                except FileNotFoundError:
                    leave_out(path, "is a link to nothing and left out")
                except OSError as error:
                    locked(error)
    return sorted(found)
