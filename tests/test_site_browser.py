"""The site as a person meets it, in a browser. `make test-site` builds it and sets BXE_SITE; without it nothing is run."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools.browser import find
from tools.site.figures import SHELL

ROOT = Path(__file__).parent.parent
SITE = Path(os.environ.get("BXE_SITE", ROOT / "none")).absolute()
PAGES = [path.relative_to(SITE).as_posix() for path in sorted(SITE.rglob("*.html"))]
CHROMIUM = find()
PHONE = {"width": 390, "height": 844}

pytestmark = pytest.mark.skipif(
    not (PAGES and CHROMIUM and importlib.util.find_spec("playwright")),
    reason="needs a site, Playwright and Chromium (Debian: apt install chromium): make test-site",
)


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=SHELL)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser):
    """Open a page from its folder, on a desk or a phone. It may report no error or warning, and ask for nothing else."""
    contexts, reports = [], []

    def open_page(address, *, size=None):
        context = browser.new_context(viewport=size or {"width": 1280, "height": 900}, color_scheme="light")
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: said.type == "log" or reports.append(f"{said.type}: {said.text}"))
        page.on("pageerror", lambda error: reports.append(str(error)))
        page.on("requestfailed", lambda request: reports.append(f"failed: {request.url}"))
        page.on("request", lambda request: request.url.startswith(("file:", "data:")) or reports.append(request.url))
        page.goto(f"{SITE.as_uri()}/{address}")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert reports == [], reports


def serious(page, rules=None):
    """What axe-core finds that keeps people out, by all its rules or by these."""
    import axe_playwright_python

    if not page.evaluate("'axe' in window"):
        page.evaluate((Path(axe_playwright_python.__path__[0]) / "axe.min.js").read_text(encoding="utf-8"))
    # preload would fetch the style sheets again, which a folder forbids.
    options = {"resultTypes": ["violations"], "preload": False} | ({"runOnly": rules} if rules else {})
    found = page.evaluate("options => axe.run(document, options)", options)["violations"]
    return {
        issue["id"]: [node["target"] for node in issue["nodes"][:3]]
        for issue in found
        if issue["impact"] in ("serious", "critical")
    }


@pytest.mark.parametrize("address", ["notebooks/01_embeddings.html", "index.html", "map.html", "api/retrieval.html"])
def test_a_phone_keeps_nobody_out(visit, address):
    assert serious(visit(address, size=PHONE)) == {}


def test_the_search_finds_hard_negative_and_shows_where(visit):
    page = visit("index.html")
    page.get_by_role("searchbox").or_(page.get_by_placeholder("Search")).first.fill("hard negative")
    page.keyboard.press("Enter")
    results = page.locator("#search-results li")
    results.first.wait_for()
    page.get_by_text("Search finished").wait_for()
    assert results.first.locator("a").get_attribute("href") == "glossary.html#term-hard-negative"
    lesson = results.filter(has_text="09 · Train a bi-encoder").first
    assert "hard" in [mark.lower() for mark in lesson.locator("mark").all_inner_texts()]
    lesson.locator("a").click()
    assert "notebooks/09_train_a_bi_encoder.html" in page.url


def test_the_search_says_when_it_finds_nothing_and_takes_any_signs(visit):
    for words in ("xyzzyplugh", "%3Cb%3E(%5B*", "a", "%E5%90%91%E9%87%8F"):
        page = visit(f"search.html?q={words}")
        page.get_by_text("Search finished").or_(page.get_by_text("did not match any documents")).wait_for()


def test_a_term_leads_to_its_meaning(visit):
    page = visit("notebooks/07_cross_encoders.html")
    term = page.locator("a.term", has_text="cross-encoder").first
    assert "reads two texts together" in term.get_attribute("title")
    term.click()
    assert page.url.endswith("glossary.html#term-cross-encoder")
    top = "document.getElementById('term-cross-encoder').getBoundingClientRect().top"
    page.wait_for_function(f"0 <= {top} && {top} < 900")  # it scrolls there


@pytest.mark.parametrize("kind", ["details.hint", "details.hide"])
def test_hints_and_solutions_open_by_keyboard(visit, kind):
    page = visit("notebooks/01_embeddings.html")
    fold = page.locator(kind).first
    assert not fold.evaluate("fold => fold.open")
    fold.locator("summary").focus()
    page.keyboard.press("Enter")
    assert fold.evaluate("fold => fold.open")
    assert fold.locator("p, pre").last.is_visible()


def test_the_button_turns_light_to_dark(visit):
    page = visit("index.html")
    colour = "getComputedStyle(document.body).backgroundColor"
    before = page.evaluate(colour)
    page.locator(".theme-toggle-content button").click()  # from what the system says to its opposite
    page.wait_for_function(f"{colour} !== '{before}'")
    page.locator(".theme-toggle-content button").click()
    page.wait_for_function(f"{colour} === '{before}'")


def test_formulas_are_drawn(visit):
    page = visit("notebooks/04_clustering.html")
    page.locator("mjx-container svg").first.wait_for()
    assert page.locator("mjx-merror, [data-mjx-error]").count() == 0


def test_a_printed_page_has_no_menus(visit):
    page = visit("notebooks/01_embeddings.html")
    page.emulate_media(media="print")
    assert page.locator(".sidebar-drawer").is_hidden() and page.locator("details.hint").first.is_hidden()
    assert page.locator("article h1").is_visible()


def test_the_map_leads_to_the_notebooks(visit):
    page = visit("map.html")
    page.locator("svg.course-map a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/notebooks/00_start_here.html")


@pytest.mark.parametrize("address", PAGES)
def test_a_page_opens_keeps_nobody_out_by_day_or_night_and_fits_a_phone(visit, address):
    page = visit(address)
    assert page.title() and page.locator("h1").count() == 1
    assert serious(page) == {}
    page.emulate_media(color_scheme="dark")
    assert serious(page, ["color-contrast"]) == {}
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.scrollingElement.scrollWidth") <= PHONE["width"]
    assert page.evaluate("document.querySelector('article').getBoundingClientRect().right") <= PHONE["width"]


def test_a_second_build_is_the_same(tmp_path):
    done = subprocess.run([sys.executable, "-m", "tools.site", tmp_path / "site"], cwd=ROOT, capture_output=True)
    assert done.returncode == 0
    for path in (path for path in SITE.rglob("*") if path.is_file()):
        assert (tmp_path / "site" / path.relative_to(SITE)).read_bytes() == path.read_bytes(), path.relative_to(SITE)
