"""The folder for what takes long to compute, and the one way to write a file: whole, or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path


def cache_folder() -> Path:
    """Where what takes long to compute is kept: BXE_CACHE, else the user's cache folder.

    Example:
        >>> from unittest.mock import patch
        >>> with patch.dict("os.environ", BXE_CACHE="vectors"):
        ...     cache_folder().name
        'vectors'
    """
    import platformdirs

    return Path(os.environ.get("BXE_CACHE") or platformdirs.user_cache_dir("bxe"))


def write(path: Path, content: bytes) -> None:
    """Write a file under a temporary name and rename it, so that no half-written file is ever seen.

    Its folder is made if it is missing. A file that is there keeps its permissions; a new one gets the usual ones.

    Raises:
        OSError: if the file cannot be written; what was there before is untouched then, as it is after Ctrl-C.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write(Path(folder, "new", "note.txt"), b"whole")
        ...     Path(folder, "new", "note.txt").read_bytes()
        b'whole'
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with temporary.open("xb") as file:
            file.write(content)
        if path.exists():
            shutil.copymode(path, temporary)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)  # once renamed it is no longer there


def keep(path: Path, content: bytes) -> None:
    """Write a file of the cache; a cache that cannot be written is told in a line, not fatal.

    Example:
        >>> keep(Path(__file__) / "vectors.npz", b"")  # a folder that cannot be made, since a file has its name
        vectors.npz: the cache could not be written (...); the next time takes as long
    """
    try:
        write(path, content)
    except OSError as error:
        print(f"{path.name}: the cache could not be written ({error}); the next time takes as long")
