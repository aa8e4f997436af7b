"""A learner's own folder: the notebooks are copied into it, and the learner's changes are never overwritten."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from bxe import files
from bxe.course import lessons


def copy_to(target: Path) -> dict[str, list[str]]:
    """Copy the notebooks into a learner's folder; a file that the learner changed is never overwritten.

    Args:
        target: made if it is missing. A file .bxe.json in it remembers what was copied, so that a newer version of
            the course can replace the files that are still as they came.

    Returns:
        The file names, by what became of them: "copied", "updated", "unchanged", "kept" (the learner's own version).

    Raises:
        NotADirectoryError: if `target` is a file.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as mine:
        ...     outcome = copy_to(Path(mine))
        >>> outcome["copied"][0], outcome["kept"]
        ('00_start_here.ipynb', [])
    """
    if target.exists() and not target.is_dir():
        raise NotADirectoryError(f"{target} is a file; give a folder for your copy of the notebooks")
    outcome: dict[str, list[str]] = {"copied": [], "updated": [], "unchanged": [], "kept": []}
    with _alone_in(target):
        came = _read_manifest(target / ".bxe.json")
        for source in lessons.find() + lessons.find(within=lessons.folder() / "solutions"):
            name = source.relative_to(lessons.folder()).as_posix()
            content, known = source.read_bytes(), came.setdefault(name, [])
            # Noted before it is written: after a kill in between, the next copy knows the file as the course's own.
            if _digest(content) not in known:
                known.append(_digest(content))
                files.write(target / ".bxe.json", json.dumps(came, indent=1).encode())
            outcome[_bring(content, target / name, known)].append(name)
    return outcome


def _bring(content: bytes, there: Path, known: list[str]) -> str:
    """Put a notebook in its place, unless the learner's own is there; say what became of it.

    An old one is moved aside first, so that what is saved from then on is another file. In the end the one aside is
    looked at again, since it may have been open and saved into.
    """
    aside = there.with_name(f".{there.name}.before")
    if aside.exists():  # a copy was killed here
        _place(aside, there)
    if not there.exists():
        return "copied" if _place_new(content, there) else "kept"
    if (before := there.read_bytes()) == content:
        return "unchanged"
    if _digest(before) not in known:
        return "kept"
    os.replace(there, aside)
    placed = _digest(aside.read_bytes()) in known and _place_new(content, there, like=aside)
    if placed and _digest(aside.read_bytes()) not in known:
        os.replace(aside, there)
        return "kept"
    _place(aside, there)
    return "updated" if placed else "kept"


def _place_new(content: bytes, there: Path, like: Path | None = None) -> bool:
    """Write a file whole, with the permissions of another; False if there is one of its name by then."""
    new = there.with_name(f".{there.name}.{secrets.token_hex(8)}")
    try:
        files.write(new, content)
        if like:
            shutil.copymode(like, new)
        return _place(new, there)
    finally:
        new.unlink(missing_ok=True)


def _place(file: Path, there: Path) -> bool:
    """Give a file its name; if there is one of that name, that one stays and the other goes."""
    try:
        os.link(file, there)
        placed = True
    except FileExistsError:
        placed = False
    except OSError:  # a disk without hard links
        if placed := not there.exists():
            os.replace(file, there)
    file.unlink(missing_ok=True)
    return placed


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Make a folder, and let one copy at a time work in it; the lock goes with its process, however that ends."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        with suppress(ImportError, OSError):  # Windows, or a network disk without locks
            import fcntl

            stack.callback(os.close, handle := os.open(folder, os.O_RDONLY))
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _read_manifest(path: Path) -> dict[str, list[str]]:
    """The SHA-256 of all that was ever put there for each name; without it what differs counts as the learner's own."""
    try:
        came = dict(json.loads(path.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError, RecursionError):
        return {}
    # Earlier versions noted only the last one.
    return {name: list(noted) if isinstance(noted, list) else [noted] for name, noted in came.items()}


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
