"""A learner's own folder: the notebooks copied into it, and never a change of theirs overwritten."""

from __future__ import annotations

import hashlib
import json
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
    manifest = target / ".bxe.json"
    came = _read_manifest(manifest)
    outcome: dict[str, list[str]] = {"copied": [], "updated": [], "unchanged": [], "kept": []}
    for source in lessons.find() + lessons.find(within=lessons.folder() / "solutions"):
        name = source.relative_to(lessons.folder()).as_posix()
        content, there = source.read_bytes(), target / name
        if not there.exists():
            verdict = "copied"
        elif there.read_bytes() == content:
            verdict = "unchanged"
        else:
            verdict = "updated" if came.get(name) == _digest(there.read_bytes()) else "kept"
        if verdict in ("copied", "updated"):
            files.write(there, content)
        if verdict != "kept":
            came[name] = _digest(content)
        outcome[verdict].append(name)
    files.write(manifest, json.dumps(came, indent=1).encode())
    return outcome


def _read_manifest(path: Path) -> dict[str, str]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError):
        return {}  # without it every file that differs counts as the learner's own


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
