"""Hand-outs: each learner's notebook as a PDF, to print; `python -m tools.handouts` writes build/handouts."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from bxe import course, files
from tools import browser

OUT = Path("build/handouts")
STYLE = """<style>
@page { size: A4; margin: 14mm; }
.jp-InputPrompt, .jp-OutputPrompt, .jp-InputCollapser, .jp-OutputCollapser { display: none; }
.jp-Cell, .jp-RenderedImage, table, pre { break-inside: avoid; }
h1, h2, h3 { break-after: avoid; }
pre { white-space: pre-wrap; }
</style></head>"""


def build(names: Iterable[str] = (), out: Path = OUT) -> list[Path]:
    """Print the notebooks whose names begin with one of `names`, all by default; code, outputs, exercises unsolved.

    Raises:
        ValueError: if a name fits no notebook.
        FileNotFoundError: if there is no Chromium to print with.
        OSError: if a PDF cannot be made or written; what was written until then is whole.

    Example:
        >>> build(["99"])
        Traceback (most recent call last):
        ValueError: there is no notebook '99' in ...
    """
    made = []
    for path in course.find(names):
        with tempfile.TemporaryDirectory(prefix="bxe-handout-") as scratch:
            page, printed = Path(scratch, "page.html"), Path(scratch, "page.pdf")
            html = course.page(course.read(path), path.stem).replace("</head>", STYLE, 1)
            page.write_text(html.replace("<details>", "<details open>"), encoding="utf-8")  # nobody can open paper
            browser.run(page, "--no-pdf-header-footer", f"--print-to-pdf={printed}")
            if not printed.exists():
                raise OSError(f"{browser.find()} did not print {path.name}; run this again")
            made.append(out / f"{path.stem}.pdf")
            files.write(made[-1], printed.read_bytes())
    return made


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.handouts", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NN", help="which ones, such as 02; default: all")
    parser.add_argument("--out", type=files.expanded, default=OUT, help="folder; default: %(default)s")
    args = parser.parse_args()
    try:
        made = build(args.names, args.out)
    except (OSError, ValueError) as error:
        print(f"handouts: {error}", file=sys.stderr)
        return 1
    print(f"{len(made)} hand-outs in {args.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
