"""Build the site: `python -m tools.site [FOLDER]`, build/site by default. Warnings are errors; no network is used."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from tools.site.stage import ROOT, stage


def build(target: Path) -> int:
    """Build the whole site anew in the folder `target`; the exit status of Sphinx, 0 if all is well.

    A site that is there is replaced when the new one is whole, and else stays as it was.

    Raises:
        SystemExit: with one line, if Sphinx or one of its parts is missing, the folder holds something else, or a
            source is missing or damaged.
    """
    try:
        import furo  # noqa: F401
        import myst_nb  # noqa: F401
        from sphinx.cmd.build import main
    except ImportError as error:
        sys.exit(f'site: {error.name} is missing; run `make site`, or: pip install "bxe[site]"')
    if target.exists() and not ((target / ".buildinfo").is_file() or (target.is_dir() and not any(target.iterdir()))):
        sys.exit(f"site: {target} is there and is no site; give a new folder, or an empty one")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as scratch:
        source, new = Path(scratch, "source"), Path(scratch, "site")
        try:
            stage(source)
        except (ValueError, OSError, ImportError) as error:
            sys.exit(f"site: {error}")
        strict = ["--quiet", "--fail-on-warning", "--keep-going"]
        status = main([*strict, "-b", "html", "-d", str(Path(scratch, "doctrees")), str(source), str(new)])
        if status == 0:
            shutil.rmtree(target, ignore_errors=True)
            new.rename(target)
    return status


if __name__ == "__main__":
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build" / "site").absolute()
    if failed := build(folder):
        sys.exit(failed)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    print(f"site: {len(list(folder.rglob('*.html')))} pages, {size / 1e6:.0f} MB; open {folder / 'index.html'}")
