"""The docstrings of the packages in the learner's own environment, read from their source without importing them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import TYPE_CHECKING

from bxe.corpora import sources
from bxe.files import cache_folder, keep

if TYPE_CHECKING:
    import pandas as pd

# "python" is the standard library.
PACKAGES = ("numpy", "scipy", "scikit-learn", "pandas", "matplotlib", "python")
EVERY_PACKAGE = (*PACKAGES, "torch", "transformers", "sentence-transformers", "networkx")
KINDS = ("module", "class", "function")
EVERY_KIND = (*KINDS, "method")
COLUMNS = ("name", "package", "kind", "summary", "body")


def load_docstrings(packages: Sequence[str] = PACKAGES, *, kinds: Sequence[str] = KINDS) -> pd.DataFrame:
    """Read the docstrings of installed packages: a corpus that nobody wrote for this course.

    The source is parsed, not imported. A name is the one that users write (`numpy.linalg.eigh`, not
    `numpy.linalg._linalg.eigh`), found by following the imports of the packages' `__init__` files. The first reading
    takes some ten seconds; after that a cache under the user's cache folder (or BXE_CACHE), keyed by each package's
    version, answers in under a second. A damaged cache file is rebuilt; two kernels may fill the cache at once.

    Args:
        packages: a list of names as pip knows them; "python" is the standard library. One that is missing or unreadable is
            reported in one line and skipped. `EVERY_PACKAGE` adds torch, transformers, sentence-transformers and
            networkx.
        kinds: which ones; `EVERY_KIND` adds methods. Both together make some 30,000 entries in place of 7,000.

    Returns:
        A row for each docstring of at least 40 characters, with the str columns `name` (qualified; each once),
        `package`, `kind` (module, class, function, method), `summary` (its first sentence), `body` (all of it)
        and `entry` (name and summary, as the course searches them).

    Raises:
        TypeError: if `packages` or `kinds` is not a list of texts.
        ValueError: if none of the packages can be read, or a kind is unknown.

    Example:
        >>> docs = load_docstrings(["bm25s"], kinds=["class"])
        >>> docs.entry[docs.name == "bm25s.Results"].tolist()
        ['bm25s.Results: ...']
    """
    import pandas as pd
    from tqdm.auto import tqdm

    packages, kinds, parts = _names(packages, "packages"), _names(kinds, "kinds"), []
    if not set(kinds) <= set(EVERY_KIND) or not kinds:
        strange = next((f"{kind!r:.80}" for kind in kinds if kind not in EVERY_KIND), "nothing")
        raise ValueError(f"kinds names {strange}; expected some of {', '.join(EVERY_KIND)}")
    for package in tqdm(packages, desc="reading docstrings, once", delay=1, leave=False):
        try:
            parts.append(_cached(package))
        except (PackageNotFoundError, OSError, ImportError, ValueError) as error:
            print(f"docstrings: {package} is passed over ({type(error).__name__}: {error})")
            continue
        if not set(parts[-1]["kind"]) & set(kinds):
            print(
                f"docstrings: {package} has no {', '.join(kinds)} with a docstring of {sources.SHORTEST} characters or more"
            )
    if not parts:
        raise ValueError(f"none of these packages can be read: {', '.join(packages) or '(none given)'}")
    docs = pd.DataFrame({column: [value for part in parts for value in part[column]] for column in COLUMNS}, dtype=str)
    docs = docs[docs.kind.isin(kinds)].drop_duplicates("name").reset_index(drop=True)
    return docs.assign(entry=docs.name + ": " + docs.summary)


def _names(given: Sequence[str], what: str) -> list[str]:
    if isinstance(given, str):
        raise TypeError(f"{what} is {given!r}, one text; give a list: [{given!r}]")
    names = list(given) if isinstance(given, Iterable) else [None]
    if not all(isinstance(name, str) for name in names):
        raise TypeError(f"{what} is {given!r:.80}; give a list of texts")
    return names


def _cached(package: str) -> dict[str, list[str]]:
    """The columns of one package, from the cache or, failing that, from its source."""
    # The parser's own hash is part of the name, so that what an older one found is never taken for today's.
    parser = hashlib.sha256(Path(sources.__file__).read_bytes()).hexdigest()[:8]
    path = cache_folder() / "docstrings" / f"{package}-{sources.version_of(package)}-{parser}.txt"
    try:
        digest, _, body = path.read_bytes().partition(b"\n")
        if digest == hashlib.sha256(body).hexdigest().encode():
            return json.loads(body)
        print(f"{path.name} in the cache is damaged; it is made anew")
    except FileNotFoundError:
        pass  # not there yet: read the source
    except OSError as error:
        print(f"{path.name} in the cache is not readable ({error.strerror}); it is made anew")
    rows = list(sources.rows(package))
    columns = {column: [row[position] for row in rows] for position, column in enumerate(COLUMNS)}
    body = json.dumps(columns).encode()
    keep(path, hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
    return columns
