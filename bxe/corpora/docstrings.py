"""The docstrings of the packages in the learner's own environment, read from their source without importing them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
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
        packages: names as pip knows them; "python" is the standard library. One that is missing or unreadable is
            reported in a line and passed over. `EVERY_PACKAGE` adds torch, transformers, sentence-transformers and
            networkx.
        kinds: of what; `EVERY_KIND` adds methods. Both together make some 30,000 entries in place of 7,000.

    Returns:
        A row a docstring of at least 40 characters, with the str columns `name` (qualified; each once), `package`, `kind`
        (module, class, function, method), `summary` (its first sentence), `body` (all of it) and `entry` (name and
        summary, as the course searches them).

    Raises:
        ValueError: if none of the packages can be read.

    Example:
        >>> docs = load_docstrings(["bm25s"], kinds=["class"])
        >>> docs.entry[docs.name == "bm25s.Results"].tolist()
        ['bm25s.Results: ...']
    """
    import pandas as pd
    from tqdm.auto import tqdm

    parts = []
    for package in tqdm(packages, desc="reading docstrings, once", delay=1, leave=False):
        try:
            parts.append(_cached(package))
        except (PackageNotFoundError, OSError, ImportError) as error:
            print(f"docstrings: {package} is passed over ({type(error).__name__}: {error})")
    if not parts:
        raise ValueError(f"none of these packages can be read: {', '.join(packages) or '(none given)'}")
    docs = pd.DataFrame({column: [value for part in parts for value in part[column]] for column in COLUMNS})
    docs = docs[docs.kind.isin(kinds)].drop_duplicates("name").reset_index(drop=True)
    return docs.assign(entry=docs.name + ": " + docs.summary)


def _cached(package: str) -> dict[str, list[str]]:
    """The columns of one package, from the cache or, failing that, from its source."""
    # The parser's own hash is part of the name, so that what an older one found is never taken for today's.
    parser = hashlib.sha256(Path(sources.__file__).read_bytes()).hexdigest()[:8]
    path = cache_folder() / "docstrings" / f"{package}-{sources.version_of(package)}-{parser}.json"
    try:
        columns = json.loads(path.read_text(encoding="utf-8"))
        if tuple(columns) == COLUMNS and len({len(values) for values in columns.values()}) == 1:
            return columns
    except (OSError, ValueError, TypeError):
        pass  # not there yet, damaged, or being replaced: read the source
    rows = list(sources.rows(package))
    columns = {column: [row[position] for row in rows] for position, column in enumerate(COLUMNS)}
    keep(path, json.dumps(columns).encode())
    return columns
