"""What the slides stand on: reveal.js from its npm package, the page around them, and a look whether each slide fits."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
import tarfile
import tempfile
from html import unescape
from pathlib import Path

from bxe import files
from tools import browser

VERSION = "6.0.2"
SHA512 = "JYIg5D9aoxoaLeb84O+OvAwsKWdIavVgEDScxtYEXFCT6t6TQrhNtSgogcjdCpdLsWglhJn3zyE3fUOwiH5KEg=="  # as npm has it
ARCHIVE = Path("build/vendor") / f"reveal.js-{VERSION}.tgz"
TAKEN = ("dist/reset.css", "dist/reveal.css", "dist/reveal.js", "dist/plugin/notes.js", "LICENSE")
WIDTH, HEIGHT = 1280, 720


def unpack(folder: Path, archive: Path = ARCHIVE) -> None:
    """Put the files of reveal.js that the slides need into a folder; npm fetches them once, into build/vendor.

    Raises:
        FileNotFoundError: if they are not there yet, and npm is not installed or reaches no registry.
        ValueError: if the archive is not the one that we know.

    Example:
        >>> unpack(Path("nowhere"), Path(__file__))
        Traceback (most recent call last):
        ValueError: .../tools/reveal.py is damaged: its SHA-512 is not that of reveal.js 6.0.2; delete it and run this again
    """
    if not archive.exists():
        _fetch(archive)
    if base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode() != SHA512:
        raise ValueError(
            f"{archive} is damaged: its SHA-512 is not that of reveal.js {VERSION}; delete it and run this again"
        )
    with tarfile.open(archive) as package:
        for name in TAKEN:
            files.write(folder / Path(name).name, package.extractfile(f"package/{name}").read())


def _fetch(archive: Path) -> None:
    archive.parent.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(dir=archive.parent) as scratch:
            command = [shutil.which("npm") or "npm", "pack", "--silent", f"reveal.js@{VERSION}"]
            subprocess.run(command, cwd=scratch, check=True, capture_output=True)
            Path(scratch, archive.name).replace(archive)
    except (OSError, subprocess.CalledProcessError):
        raise FileNotFoundError(
            f"{archive} is missing, and `npm pack reveal.js@{VERSION}` did not fetch it; "
            "install Node.js and connect to a network once, or put the archive there yourself"
        ) from None


def too_large(pages: list[Path]) -> list[str] | None:
    """The slides that do not fit a screen of 1280 by 720 pixels, a line each; None if there is no Chromium to look."""
    return [line for path in pages for line in _measure(path)] if browser.find() else None


def _measure(path: Path) -> list[str]:
    with tempfile.TemporaryDirectory(prefix="bxe-slides-") as scratch:
        beside = Path(scratch, path.name)
        shutil.copytree(path.parent / "reveal", beside.with_name("reveal"))
        beside.write_text(path.read_text(encoding="utf-8").replace("</body>", _RULER), encoding="utf-8")
        size = f"--window-size={WIDTH},{HEIGHT}"
        found = browser.run(beside, size, "--virtual-time-budget=20000", "--dump-dom")
    measured = re.search(r'<pre id="measured">(.*?)</pre>', found, re.S)
    if measured is None:
        raise ValueError(f"{path} cannot be measured: reveal.js did not start in {browser.find()}")
    return [
        f"{path.name}, slide {one['at']} ({one['title']}) takes {one['width']} by {one['height']} pixels"
        for one in json.loads(unescape(measured[1]))
        if one["width"] > WIDTH or one["height"] > HEIGHT
    ]


_RULER = """<script>
deck.then(() => {
  const all = Reveal.getSlides().map(slide => {
    const at = Reveal.getIndices(slide);
    Reveal.slide(at.h, at.v);
    const width = Math.max(...[slide, ...slide.querySelectorAll("*")].map(e => e.closest("details, aside") ? 0 : e.scrollWidth));
    return {at: `${at.h + 1}.${at.v + 1}`, title: slide.querySelector("h1, h2").innerText, width, height: slide.scrollHeight};
  });
  const pre = document.createElement("pre");
  pre.id = "measured";
  pre.textContent = JSON.stringify(all);
  document.body.append(pre);
});
</script></body>"""

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="reveal/reset.css">
<link rel="stylesheet" href="reveal/reveal.css">
<style>
body {{ background: #fff; }}
.reveal {{ font: 30px/1.4 system-ui, sans-serif; color: #222; }}
.reveal .slides {{ text-align: left; }}
.reveal .slides section {{ padding: 24px 40px; box-sizing: border-box; }}
.reveal .slides > section {{ padding: 0; }}
.reveal h1 {{ font-size: 52px; margin: 30px 0 24px; }}
.reveal h2 {{ font-size: 34px; margin: 0 0 20px; color: #0072b2; }}
.reveal p, .reveal ul, .reveal ol, .reveal table {{ margin: 0 0 16px; }}
.reveal ul, .reveal ol {{ padding-left: 1.4em; }}
.reveal ul {{ list-style: disc; }}
.reveal li {{ margin-bottom: 6px; }}
.reveal strong {{ font-weight: 650; }}
.reveal em {{ font-style: italic; }}
.reveal code, .reveal pre {{ font-family: "DejaVu Sans Mono", Menlo, Consolas, monospace; }}
.reveal code {{ font-size: 0.85em; background: #f3f3f3; padding: 0 4px; }}
.reveal pre {{ font-size: 20px; line-height: 1.4; white-space: pre-wrap; padding: 10px 14px; margin: 0 0 14px; }}
.reveal .code pre {{ background: #f6f6f6; }}
.reveal pre.out {{ border-left: 5px solid #e69f00; }}
.reveal table {{ font-size: 20px; }}
.reveal th, .reveal td {{ padding: 3px 12px; border-bottom: 1px solid #ddd; text-align: left; }}
.reveal th {{ font-weight: 650; }}
.reveal img {{ display: block; margin: 0 auto; width: 1160px; max-height: 550px; object-fit: contain; }}
.reveal summary {{ font-size: 18px; color: #555; cursor: pointer; margin-bottom: 12px; }}
.reveal details {{ position: relative; }}
.reveal details .code {{ position: absolute; z-index: 2; max-height: 520px; overflow: auto; width: 100%; }}
.reveal details .code {{ box-shadow: 0 2px 12px #8888; }}
.reveal .predict {{ background: #fff6e0; height: 100%; }}
.reveal .exercise, .reveal .full {{ font-size: 24px; }}
.reveal .slide-number {{ left: 8px; right: auto; background: none; color: #666; font-size: 14px; }}
.code .k, .code .kn, .code .ow {{ color: #005a8c; font-weight: 600; }}
.code .s1, .code .s2, .code .sd, .code .sa, .code .si {{ color: #8c3b00; }}
.code .c1 {{ color: #555; font-style: italic; }}
.code .mi, .code .mf {{ color: #00664b; }}
</style>
</head>
<body>
<div class="reveal"><div class="slides">
{body}
</div></div>
<script src="reveal/reveal.js"></script>
<script src="reveal/notes.js"></script>
<script>
const deck = Reveal.initialize({{
  width: 1280, height: 720, margin: 0, center: false, hash: true, transition: "none", slideNumber: "h.v",
  plugins: [RevealNotes],
}});
</script>
</body>
</html>
"""

INDEX = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Slides of the course</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body {{ font: 18px/1.6 system-ui, sans-serif; max-width: 46em; margin: 2em auto; padding: 0 1em; color: #222; }}</style>
</head>
<body>
<h1>Slides of the course</h1>
<p>One page for each notebook. The keys: space goes on, → skips a section, Esc shows all slides, S opens the speaker's
notes. Add <code>?showNotes=true</code> to an address if your browser does not open a second window from a folder, and
<code>?view=print</code> to print the slides.</p>
<ul>
{rows}
</ul>
</body>
</html>
"""
