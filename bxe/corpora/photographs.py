"""Photographs that packages of the learner's own environment carry, with their authors and licences."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING

from bxe.corpora.sets import load

if TYPE_CHECKING:
    import pandas as pd


def load_photographs() -> pd.DataFrame:
    """Find the 21 photographs that notebook 11 searches: files of scikit-image, scikit-learn and matplotlib.

    Returns:
        The columns photo_id, path (a Path), shows (what is in it, in a few words), author and licence; one row a picture.
        `corpora.load("photo_queries")` has 20 queries for them.

    Raises:
        FileNotFoundError: if one of the packages, or one of its pictures, is not installed.

    Example:
        >>> photographs = load_photographs()
        >>> photographs.path[6].name, photographs.shows[6]
        ('coffee.png', 'a cup of espresso')
    """
    photographs = load("photographs")
    paths = [_find(row.package, row.file) for row in photographs.itertuples()]
    photographs.insert(1, "path", paths)
    return photographs.drop(columns=["package", "file"])


def _find(package: str, file: str) -> Path:
    again = f"python -m pip install --force-reinstall --no-deps {package}"
    try:
        path = Path(str(distribution(package).locate_file(file)))  # only its file is read: no code is imported
    except PackageNotFoundError:
        raise FileNotFoundError(f"the package {package}, which has {file}, is not installed; run: {again}") from None
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing from the package {package}; run: {again}")
    return path
