"""What each page weighs and when it is seen, in a browser, from the folder: `python -m tools.site.figures [FOLDER]`."""

from __future__ import annotations

import sys
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urlsplit

from tools.browser import find
from tools.site.stage import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HOME_KB, NOTEBOOK_KB, PAINT_MS, SHIFT = 300, 3000, 1000, 0.1  # limits; the last is what Lighthouse calls good
VISITS = 3  # of each page, since the machine may be busy during one
SHELL = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
_PAINTED = "performance.getEntriesByName('first-contentful-paint').length > 0"
_SEEN = """() => new Promise(done => {
    const seen = {paint: null, largest: null, shift: 0};
    const watch = (type, note) => new PerformanceObserver(list => list.getEntries().forEach(note))
        .observe({type, buffered: true});
    watch("paint", entry => { if (entry.name == "first-contentful-paint") seen.paint = entry.startTime; });
    watch("largest-contentful-paint", entry => { seen.largest = entry.startTime; });
    watch("layout-shift", entry => { seen.shift += entry.value; });
    setTimeout(() => done(seen), 300);
})"""


class Figures(NamedTuple):
    """One page: what the browser loads for it, when its first and its largest part are seen, how far parts jump."""

    page: str
    kilobytes: float
    files: int
    paint: float  # milliseconds
    largest: float  # milliseconds
    shift: float  # 0 is none

    def too_much(self) -> list[str]:
        """Which limits it breaks."""
        limit = HOME_KB if self.page == "index.html" else NOTEBOOK_KB
        broken = {
            f"over {limit} kB": self.kilobytes > limit,
            f"first seen after {PAINT_MS} ms": self.paint > PAINT_MS,
            f"parts jump by more than {SHIFT}": self.shift > SHIFT,
        }
        return [what for what, so in broken.items() if so]


def measure(browser: Browser, site: Path, page: str) -> Figures:
    """Open a page of the site a few times, each with an empty cache."""
    visits, loaded = [], set()
    for _ in range(VISITS):
        with browser.new_context() as context:
            tab = context.new_page()
            tab.on("request", lambda request: loaded.add(urlsplit(request.url)))
            tab.goto((site / page).as_uri())
            tab.wait_for_function(_PAINTED)  # an error after 30 s, for a page that shows nothing
            visits.append(tab.evaluate(_SEEN))
    files = {Path(unquote(url.path)) for url in loaded if url.scheme == "file"}
    paint, largest, shift = (median(visit[name] for visit in visits) for name in ("paint", "largest", "shift"))
    return Figures(page, sum(file.stat().st_size for file in files) / 1000, len(files), paint, largest, shift)


def main(site: Path) -> int:
    """Print the figures of each page, and return 1 if one breaks a limit."""
    from playwright.sync_api import sync_playwright

    pages = [path.relative_to(site).as_posix() for path in site.rglob("*.html")]
    if not pages:
        sys.exit(f"site: {site} holds no pages; run `make site`")
    if find() is None:
        sys.exit("site: there is no Chromium to measure with (Debian: apt install chromium)")
    print(f"{'page':<44} {'kB':>6} {'files':>6} {'first seen':>11} {'largest':>9} {'jump':>5}")
    broken = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=SHELL)
        for page in sorted(pages, key=lambda page: (page != "index.html", page)):
            one = measure(browser, site, page)
            told = f"{one.kilobytes:6.0f} {one.files:6} {one.paint:8.0f} ms {one.largest:6.0f} ms {one.shift:5.2f}"
            print(f"{page:<44} {told}  {'; '.join(one.too_much())}".rstrip(), flush=True)
            broken += bool(one.too_much())
    return broken > 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build" / "site").absolute()))
