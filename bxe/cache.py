"""The folder for what takes long to compute, and writing into it so that no half-written file is ever read."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def cache_folder() -> Path:
    """Where what takes long to compute is kept: BXE_CACHE, else the user's cache folder."""
    import platformdirs

    return Path(os.environ.get("BXE_CACHE") or platformdirs.user_cache_dir("bxe"))


def store(path: Path, content: bytes) -> None:
    """Write a file of the cache under a temporary name, then rename it; a cache that cannot be written is told, not fatal."""
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("wb", dir=path.parent, delete=False) as file:
            temporary = file.name
            file.write(content)
        os.replace(temporary, path)
        temporary = None
    except OSError as error:
        print(f"{path.name}: the cache could not be written ({error}); the next time takes as long")
    finally:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
