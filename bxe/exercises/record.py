"""What has been solved on this computer: an empty file each, so that two notebooks never disturb each other."""

import os
from pathlib import Path

from bxe.files import user_folder


def progress_folder() -> Path:
    """Where progress is kept: BXE_PROGRESS, else the user's data folder. One empty file for each thing solved.

    In the folder of the solutions it is another folder, since whoever runs a solution has not solved anything.

    Example:
        >>> from unittest.mock import patch
        >>> with patch.dict(os.environ, BXE_PROGRESS="solved"):
        ...     print(progress_folder())
        solved
    """
    folder = user_folder("BXE_PROGRESS", "data")
    if os.environ.get("BXE_PROGRESS"):
        return folder
    among_solutions = Path.cwd().name == "solutions" and list(Path.cwd().parent.glob("00_*.ipynb"))
    return folder / ("progress of the solutions" if among_solutions else "progress")


def remember(what: str) -> None:
    """Note that an exercise ("02.1") or a quiz question ("02.q1") was solved; if that fails, a line says so."""
    try:
        progress_folder().mkdir(parents=True, exist_ok=True)
        (progress_folder() / what).touch()
    except OSError as error:
        print(f"(progress was not kept: {error})")


def solved() -> set[str]:
    """All that was noted so far."""
    return {path.name for path in progress_folder().glob("*.*")}
