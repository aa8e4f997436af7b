"""A learner's own folder: the notebooks are copied into it, and the learner's changes are never overwritten."""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import count
from pathlib import Path

from bxe import files
from bxe.course import lessons

_NOTEBOOK = re.compile(r"(solutions/)?[0-9]{2}_\w*\.ipynb", re.ASCII)  # as the course names them: none brought beside

OUTCOMES = ("copied", "updated", "unchanged", "kept", "beside", "gone")


def copy_to(target: Path) -> dict[str, list[str]]:
    """Copy the notebooks into a learner's folder, or bring an older copy up to date; the learner's changes stay.

    Args:
        target: made if it is missing. A file .bxe.json in it remembers what was copied, so that a newer version of
            the course can replace the files that are still as they came.

    Returns:
        The file names, by what became of them (each of OUTCOMES is a key):
            copied: the notebook is new in the course, or was missing here; updated: it was still as it came;
            unchanged: it is the course's present version; kept: the learner changed it, so it was not touched;
            beside: where the course's version of a kept one lies, once for each version (a learner who has deleted
            it does not get it again); gone: it is no longer in the course, and stays here.

    Raises:
        NotADirectoryError: if `target` is a file.
        OSError: if a file cannot be written; what was written until then is whole, and the next copy goes on from it.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as mine:
        ...     outcome = copy_to(Path(mine))
        >>> outcome["copied"][0], outcome["kept"]
        ('00_start_here.ipynb', [])
    """
    if target.exists() and not target.is_dir():
        raise NotADirectoryError(f"{target} is a file; give a folder for your copy of the notebooks")
    outcome: dict[str, list[str]] = {what: [] for what in OUTCOMES}
    with _alone_in(target):
        copy, names = _Copy(target), set()
        for source in lessons.find() + lessons.find(within=lessons.folder() / "solutions"):
            name, content = source.relative_to(lessons.folder()).as_posix(), source.read_bytes()
            given = _digest(content) in copy.came.get(name, [])
            names.add(name)
            what = copy.bring(content, name)
            outcome[what].append(name)
            if what == "kept" and not given:
                outcome["beside"].append(copy.bring_beside(content, name))
            elif (target / beside(name)).exists():
                copy.bring(content, beside(name))  # it stays the course's present version
        outcome["gone"] = copy.left_over(names)
    return outcome


def beside(name: str, number: int = 1) -> str:
    """What the course's version is called where a learner keeps a notebook of their own; 2 if that is theirs, too.

    Example:
        >>> beside("solutions/03_semantic_search.ipynb"), beside("03_semantic_search.ipynb", 2)
        ('solutions/03_semantic_search.new.ipynb', '03_semantic_search.new2.ipynb')
    """
    return f"{name.removesuffix('.ipynb')}.new{number if number > 1 else ''}.ipynb"


def report(outcome: dict[str, list[str]]) -> str:
    """What a copy did, as a table: what became of how many notebooks, and a line for each that asks for a decision.

    Example:
        >>> print(report({"copied": ["12_production.ipynb"], "kept": ["03_search.ipynb"], "beside": ["03_search.new.ipynb"]}))
          copied       1   12_production.ipynb
          kept         1   03_search.ipynb
          beside       1   03_search.new.ipynb
        kept: you changed these, so they were not touched. beside: the course's new version of them, to compare with yours.
    """
    lines = []
    for what in OUTCOMES:
        if names := outcome.get(what):
            shown = names if what in ("kept", "beside", "gone") else names[:3] + ["..."] * (len(names) > 3)
            lines.append(f"  {what:<10}{len(names):4}   {', '.join(shown)}")
    told = [f"{what}: {meaning}" for what, meaning in MEANINGS.items() if outcome.get(what)]
    return "\n".join([*lines, *([" ".join(told)] if told else [])])


MEANINGS = {
    "kept": "you changed these, so they were not touched.",
    "beside": "the course's new version of them, to compare with yours.",
    "gone": "no longer in the course; they stay with you.",
}


class _Copy:
    """A learner's folder, and the SHA-256 of all that was ever put there for each name."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.manifest = folder, folder / ".bxe.json"
        self.came = _read_manifest(self.manifest)

    def bring(self, content: bytes, name: str) -> str:
        """Put a notebook in its place, unless the learner's own is there."""
        there = self.folder / name
        # Noted before it is written: after a kill in between, the next copy knows the file as the course's own.
        if not there.exists() or _digest(there.read_bytes()) in [_digest(content), *self.came.get(name, [])]:
            self.note(content, name)
        return _bring(content, there, self.came.setdefault(name, []))

    def bring_beside(self, content: bytes, name: str) -> str:
        """Put a notebook beside the learner's own, under the first name that is not the learner's own as well."""
        for number in count(1):
            if self.bring(content, there := beside(name, number)) != "kept":
                self.note(content, name)  # only now: this version has been given, and is not given again
                return there

    def note(self, content: bytes, name: str) -> None:
        if _digest(content) not in self.came.setdefault(name, []):
            self.came[name].append(_digest(content))
            files.write(self.manifest, json.dumps(self.came, indent=1).encode())

    def left_over(self, names: set[str]) -> list[str]:
        """The notebooks that came once, are still here, and are none of these."""
        came = sorted(name for name in self.came if _NOTEBOOK.fullmatch(name))
        return [name for name in came if name not in names and (self.folder / name).is_file()]


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
        came = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError, RecursionError):
        return {}
    if not isinstance(came, dict):
        return {}
    # Earlier versions noted only the last one.
    return {name: list(noted) if isinstance(noted, list) else [noted] for name, noted in came.items()}


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
