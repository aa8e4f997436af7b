"""What all else stands on: the user's folders, files written whole and verified by sums, counts checked, errors in one line."""

from __future__ import annotations

import atexit
import hashlib
import json
import os
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Sequence
from functools import cache
from numbers import Integral
from pathlib import Path

PICTURE_NAMES = (".jpg", ".jpeg", ".png", ".gif", ".bmp", ".tif", ".tiff", ".webp")  # how their files end

_TEMPORARY = re.compile(r"\..+\.[0-9a-f]{16}")
_LEFT_OVER = 3600  # seconds after which a temporary file is no longer being written


def cache_folder() -> Path:
    """The folder that keeps what takes long to compute: BXE_CACHE if it is set, else the user's cache folder.

    Example:
        >>> from unittest.mock import patch
        >>> with patch.dict("os.environ", BXE_CACHE="vectors"):
        ...     cache_folder().name
        'vectors'
    """
    return user_folder("BXE_CACHE", "cache")


def user_folder(variable: str, kind: str) -> Path:
    """The folder that an environment variable names, else the user's own for bxe; a temporary one if there is no home.

    Args:
        variable: such as BXE_CACHE.
        kind: "cache" or "data", as platformdirs tells them apart.

    Example:
        >>> user_folder("BXE_CACHE", "cache") == cache_folder()
        True
    """
    import platformdirs

    if given := os.environ.get(variable):
        return expanded(given)
    try:
        return Path(getattr(platformdirs, f"user_{kind}_dir")("bxe"))
    except RuntimeError:  # neither HOME nor an entry in the list of users
        return _while_this_runs() / kind


@cache
def _while_this_runs() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="bxe-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for kind in ("cache", "data"):
        (folder / kind).mkdir()
    print(
        "there is no home folder, so nothing outlasts this run; to change that, set HOME, or BXE_CACHE and BXE_PROGRESS"
    )
    return folder


def expanded(path: str | os.PathLike) -> Path:
    """A path as the user means it, with ~ for the home folder.

    Raises:
        TypeError: if it is not a path.
        FileNotFoundError: if it begins with ~ or ~name, and that home folder is not known.

    Example:
        >>> expanded("notes/tea.txt").name
        'tea.txt'
    """
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(f"a path is expected, such as 'notes/tea.txt'; this is {path!r:.80} ({type(path).__name__})")
    try:
        return Path(os.fsdecode(path)).expanduser()
    except RuntimeError:
        raise FileNotFoundError(
            f"{path} names a home folder that is not known here; give the whole path, starting with {os.sep}"
        ) from None


def write(path: Path, content: bytes) -> None:
    """Write a file under a temporary name and rename it, so that no half-written file is ever seen.

    Its folder is made if it is missing. A file that is there keeps its permissions; a new one gets the usual ones.
    Temporary files that a killed program left there are removed.

    Raises:
        OSError: if the file cannot be written; the old file then stays as it was, and so it does after Ctrl-C.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write(Path(folder, "new", "note.txt"), b"whole")
        ...     Path(folder, "new", "note.txt").read_bytes()
        b'whole'
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    _sweep(path.parent.absolute())
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with temporary.open("xb") as file:
            file.write(content)
        if path.exists():
            shutil.copymode(path, temporary)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)  # once renamed it is no longer there


@cache  # once a folder and program: a listing for every file written would take longer than the writing
def _sweep(folder: Path) -> None:
    for path in folder.iterdir():
        if _TEMPORARY.fullmatch(path.name) and path.is_file() and path.stat().st_mtime < time.time() - _LEFT_OVER:
            path.unlink(missing_ok=True)


def keep(path: Path, content: bytes) -> None:
    """Write a file of the cache; if it cannot be written, one line says so and the program goes on.

    Example:
        >>> keep(Path(__file__) / "vectors.npz", b"")  # a folder that cannot be made, since a file has its name
        vectors.npz: the cache could not be written (...); next time it is computed again
    """
    try:
        write(path, content)
    except OSError as error:
        print(f"{path.name}: the cache could not be written ({error}); next time it is computed again")


def sums(folder: Path, again: str) -> dict[str, str]:
    """The SHA-256 of each file that a folder's SHA256SUMS lists, by file name.

    Args:
        again: what the message says to do if the list is missing or damaged.

    Raises:
        FileNotFoundError: if there is no such list.
        ValueError: if the list is damaged.

    Example:
        >>> sums(Path("nowhere"), "Install it again.")
        Traceback (most recent call last):
        FileNotFoundError: nowhere/SHA256SUMS is missing. Install it again.
    """
    path = folder / "SHA256SUMS"
    try:
        words = path.read_text(encoding="ascii").split()
    except FileNotFoundError:
        raise FileNotFoundError(f"{path} is missing. {again}") from None
    except ValueError:
        words = [""]
    if len(words) % 2 or not all(re.fullmatch("[0-9a-f]{64}", digest) for digest in words[::2]):
        raise ValueError(f"{path} is damaged: a line must hold a SHA-256 and a file's name. {again}")
    return dict(zip(words[1::2], words[::2]))


_VERIFIED = set()  # files as they were when this process read them: those that nobody has written to since
# A younger file could be written to again within one tick of the clock, so it is not remembered.
_SETTLED = 2e9  # nanoseconds


def verify(path: Path, sha256: str, again: str) -> None:
    """Raise FileNotFoundError if there is no such file, ValueError if its SHA-256 is not the expected one.

    Args:
        again: what the message says to do then.

    Example:
        >>> verify(Path("nowhere.safetensors"), "53aa", "Install it again.")
        Traceback (most recent call last):
        FileNotFoundError: nowhere.safetensors is missing. Install it again.
    """
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing. {again}")
    found = path.stat()
    settled = time.time_ns() - found.st_ctime_ns > _SETTLED
    as_it_is = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns, sha256)
    if as_it_is in _VERIFIED:
        return
    with path.open("rb") as file:
        digest = hashlib.sha256()
        while block := file.read(1 << 20):
            digest.update(block)
    if digest.hexdigest() != sha256:
        raise ValueError(
            f"{path} is damaged or was changed: its SHA-256 is {digest.hexdigest()}, expected {sha256}. {again}"
        )
    if settled:
        _VERIFIED.add(as_it_is)


def verify_listed(folder: Path, names: Sequence[str], again: str) -> None:
    """Verify each of a folder's files, which are those of its SHA256SUMS, neither more nor fewer.

    Args:
        again: what the message says to do if something is missing or damaged.

    Raises:
        FileNotFoundError: if the list, or a file, is missing.
        ValueError: if the list is damaged or names other files, or a file is not the one that it lists.

    Example:
        >>> verify_listed(Path("nowhere"), ["head.safetensors"], "Install it again.")
        Traceback (most recent call last):
        FileNotFoundError: nowhere/SHA256SUMS is missing. Install it again.
    """
    listed = sums(folder, again)
    if set(listed) != set(names):
        raise ValueError(f"{folder / 'SHA256SUMS'} is damaged: it must name {', '.join(names)}. {again}")
    for name, expected in listed.items():
        verify(folder / name, expected, again)


def expect_count(given: object, word: str, meaning: str = "") -> int:
    """A whole number of at least 1, as an int.

    Args:
        word: its name, as messages say it.
        meaning: what it counts, where the name does not tell.

    Raises:
        ValueError: if it is none; True counts as none, a whole number of NumPy's as one.

    Example:
        >>> expect_count(0, "workers")
        Traceback (most recent call last):
        ValueError: workers is 0; give a whole number of at least 1
    """
    if not isinstance(given, Integral) or isinstance(given, bool) or given < 1:
        told = f"{meaning}, " if meaning else ""
        raise ValueError(f"{word} is {given!r:.40}; give {told}a whole number of at least 1")
    return int(given)


def expect_seed(given: object) -> int:
    """A whole number of at least 0 that chance is drawn from, as an int.

    Raises:
        ValueError: if it is none.

    Example:
        >>> expect_seed(-1)
        Traceback (most recent call last):
        ValueError: seed is -1; give a whole number of at least 0
    """
    if not isinstance(given, Integral) or isinstance(given, bool) or given < 0:
        raise ValueError(f"seed is {given!r:.40}; give a whole number of at least 0")
    return int(given)


def sum_of(*texts: str) -> str:
    """A short checksum, eight hexadecimal digits, that tells whether texts are those of another time.

    Example:
        >>> sum_of("how hot?", "At 80 degrees.") == sum_of("how hot?", "At 90 degrees.")
        False
    """
    return hashlib.sha256(json.dumps(texts).encode()).hexdigest()[:8]


def first_line(error: BaseException) -> str:
    """The first line of what an error says; its type, if it says nothing.

    Example:
        >>> first_line(OSError("no room\\nin file.c:12")), first_line(KeyError())
        ('no room', 'KeyError')
    """
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def cores() -> int:
    """The cores that this process may use.

    Example:
        >>> cores() >= 1
        True
    """
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
