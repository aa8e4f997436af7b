"""The sources of the site's pages, brought together in one folder: docs/, the notebooks, the cards, the reference."""

from __future__ import annotations

import hashlib
import os
import pkgutil
import re
import shutil
from importlib import import_module, metadata
from pathlib import Path

import nbformat

import bxe
from bxe import course
from tools.site.folds import fold

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
# MathJax 3.2.2 as npm has it, in one file that loads no other; a Python package carries it, so the build needs no npm.
MATHJAX = ("sphinx-mathjax-offline", "tex-svg.js", "d4295dc33744836935c1399feece5159577b34c5c8ffb9f1c6324cd82e03a882")
# A link to a file; code, which may look like one, is passed over.
LINK = re.compile(
    r"(?s:```.*?```)|`[^`\n]*`|(?<!!)\[(?P<label>[^\[\]]+)\]\((?P<target>[^()\s#:]+)(?P<anchor>#[^()\s]*)?\)"
)


def stage(source: Path) -> None:
    """Write everything that Sphinx reads into the folder `source`.

    Raises:
        ValueError: if MathJax is not the file that it should be, or a link leads to no file.
    """
    shutil.copytree(DOCS, source, ignore=shutil.ignore_patterns("*.md", "__pycache__"))
    pages = _pages()
    for origin, page in pages.items():
        text = origin.read_text(encoding="utf-8") if origin.suffix == ".md" else notebook(origin)
        _write(source / page, relinked(text, origin, pages) if origin.suffix == ".md" else text)
    for wing in wings():
        _write(source / "api" / f"{wing}.md", reference(wing))
    shutil.copy(_mathjax(), source / "_static" / MATHJAX[1])


def _pages() -> dict[Path, str]:
    """Where each page comes from (a Markdown file or a learner's notebook), and where it stands on the site."""
    pages = {path: path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")}
    pages |= {path: f"notebooks/{path.name}" for path in course.find()}
    pages |= {path: f"models/{path.parent.name}.md" for path in (ROOT / "bxe" / "weights").glob("*/README.md")}
    pages |= {path: f"data/{path.name}" for path in (ROOT / "bxe" / "data").glob("*.md")}
    return dict(sorted(pages.items()))


def notebook(path: Path) -> str:
    """A learner's notebook as it stands, with hints and solution folded beneath each exercise."""
    solved = nbformat.read(path.parent / "solutions" / path.name, as_version=4)
    return nbformat.writes(fold(nbformat.read(path, as_version=4), solved, path.name))


def relinked(text: str, origin: Path, pages: dict[Path, str]) -> str:
    """A page's text with its links to other files led to their pages; a file that is no page is named instead.

    Raises:
        ValueError: if a link leads to no file.

    Example:
        >>> readme, notebook = ROOT / "README.md", ROOT / "notebooks" / "02_similarity.ipynb"
        >>> pages = {readme: "home.md", notebook: "notebooks/02_similarity.ipynb"}
        >>> relinked("[similarity](notebooks/02_similarity.ipynb)", readme, pages)
        '[similarity](notebooks/02_similarity.ipynb)'
        >>> relinked("[training](training/README.md)", readme, pages)
        'training (`training/README.md`)'
    """
    here = Path("/", pages[origin]).parent

    def lead(found: re.Match[str]) -> str:
        if not found["target"]:
            return found[0]
        target = Path(os.path.normpath(origin.parent / found["target"]))
        if target in pages:
            return f"[{found['label']}]({os.path.relpath(Path('/', pages[target]), here)}{found['anchor'] or ''})"
        if not target.exists():
            raise ValueError(f"{origin.relative_to(ROOT)} links to {found['target']}, which does not exist")
        if target.is_relative_to(DOCS):  # a picture or a table beside the pages, copied with them
            return found[0]
        return f"{found['label']} (`{target.relative_to(ROOT).as_posix()}`)"

    return LINK.sub(lead, text)


def wings() -> list[str]:
    """The parts of bxe that say what is public in them, by name.

    Example:
        >>> {"models", "retrieval"} <= set(wings())
        True
    """
    names = sorted(module.name for module in pkgutil.iter_modules(bxe.__path__))
    return [name for name in names if hasattr(import_module(f"bxe.{name}"), "__all__")]


def reference(wing: str) -> str:
    """The page of one wing: its public names in a table, then each with its docstring.

    Example:
        >>> print(reference("retrieval").splitlines()[0])
        # bxe.retrieval
    """
    module = import_module(f"bxe.{wing}")
    # Functions and classes of our own; a constant has no docstring, and a type's short name has another's.
    names = [name for name in module.__all__ if getattr(getattr(module, name), "__module__", "").startswith("bxe.")]
    table = "\n".join(f"   {name}" for name in names)
    return f"""# bxe.{wing}

```{{eval-rst}}
.. currentmodule:: bxe.{wing}

.. autosummary::
   :nosignatures:

{table}

.. automodule:: bxe.{wing}
   :members: {", ".join(names)}
   :imported-members:
```
"""


def _mathjax() -> Path:
    package, name, expected = MATHJAX
    (path,) = (Path(file.locate()) for file in metadata.files(package) or () if file.name == name)
    if (found := hashlib.sha256(path.read_bytes()).hexdigest()) != expected:
        raise ValueError(f"{path} is damaged or another version: its SHA-256 is {found}, expected {expected}")
    return path


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
