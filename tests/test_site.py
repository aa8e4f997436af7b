"""The site as it is built: whole, small, without a link that leads nowhere, and without a request to anywhere else."""

import importlib.util
import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bxe import course
from tools.site import folds, graph, stage
from tools.site.figures import Figures
from tools.site.terms import OTHERWISE, first_uses

ROOT = Path(__file__).parent.parent
NAMES = [path.stem for path in course.find()]
built = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("sphinx", "myst_nb", "furo")),
    reason="Sphinx is not installed: make site",
)


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The site, built once a session; every warning would have failed the build."""
    folder = tmp_path_factory.mktemp("built") / "site"
    done = subprocess.run([sys.executable, "-m", "tools.site", folder], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert list(folder.parent.iterdir()) == [folder]  # nothing is left of the building
    return folder


@cache
def soup(page):
    from bs4 import BeautifulSoup

    return BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")


def pages(site):
    found = sorted(site.rglob("*.html"))
    assert len(found) > len(NAMES)
    return found


def loaded(page):
    """What a browser fetches to show a page: addresses as they stand in it."""
    links = [link["href"] for link in soup(page).find_all("link") if {"stylesheet", "icon"} & set(link.get("rel", ()))]
    return links + [tag["src"] for tag in soup(page).find_all(src=True)]


def local(page, address):
    return (page.parent / unquote(urlsplit(address).path)).resolve()


def prose(page):
    return soup(page).find("article")


def links_go_in(string):
    """Whether a string of a page is prose: no code, heading, or output of a cell."""
    if string.find_parent(["code", "pre", "h1", "h2", "h3", "h4", "summary", "style", "script"]):
        return False
    return not any(string.find_parent(class_=kind) for kind in ("dataframe", "hint"))


def in_another_link(string, term):
    link = string.find_parent("a")
    return link is not None and link is not term


# ---------------------------------------------------------------- what is loaded


@built
def test_no_page_loads_anything_from_elsewhere(site):
    for page in pages(site):
        for address in loaded(page):
            assert not urlsplit(address).scheme or address.startswith("data:"), f"{page.name} loads {address}"
            assert not address.startswith("//")
            assert address.startswith("data:") or local(page, address).is_file(), f"{page.name}: no {address}"


@built
def test_no_style_loads_anything_from_elsewhere(site):
    styles = [path.read_text(encoding="utf-8") for path in site.rglob("*.css")]
    styles += [str(style) for page in pages(site) for style in soup(page).find_all("style")]
    for style in styles:
        for address in re.findall(r"(?:url\(|@import)\s*['\"]?([^'\")\s;]+)", style):
            assert not re.match(r"(https?:)?//", address), address


@pytest.mark.parametrize(
    "figures, broken",
    [
        (Figures("index.html", 299, 13, 999, 999, 0.09), []),
        (Figures("index.html", 301, 13, 200, 200, 0), ["over 300 kB"]),
        (Figures("notebooks/01_embeddings.html", 301, 13, 1001, 1001, 0), ["first seen after 1000 ms"]),
        (Figures("map.html", 3001, 13, 200, 200, 0.2), ["over 3000 kB", "parts jump by more than 0.1"]),
    ],
)
def test_a_limit_that_a_page_breaks_is_told(figures, broken):
    assert figures.too_much() == broken


@built
def test_pages_are_small(site):
    def weight(page):
        files = {local(page, address) for address in loaded(page) if not address.startswith("data:")}
        return sum(path.stat().st_size for path in {page, *files})

    assert weight(site / "index.html") < 300_000
    for name in NAMES:
        assert weight(site / "notebooks" / f"{name}.html") < 3_000_000


@built
def test_only_a_page_with_formulas_loads_the_script_for_them(site):
    for page in pages(site):
        formulas = soup(page).select("article .math")
        assert bool(formulas) == any("tex-svg" in address for address in loaded(page)), page.name


# ---------------------------------------------------------------- links


@built
def test_every_internal_link_and_anchor_leads_somewhere(site):
    @cache
    def anchors(page):
        return {tag["id"] for tag in soup(page).find_all(id=True)}

    for page in pages(site):
        for address in {tag["href"] for tag in soup(page).find_all("a", href=True)}:
            parts = urlsplit(address)
            if parts.scheme:
                assert parts.scheme in ("https", "http", "mailto"), f"{page.name} links to {address}"
                continue
            target = local(page, address) if parts.path else page
            assert target.is_file(), f"{page.name} links to {address}"
            if parts.fragment and target.suffix == ".html":
                assert unquote(parts.fragment) in anchors(target), f"{page.name} links to {address}"


@built
def test_each_notebook_is_a_page_and_stands_on_the_map(site):
    drawn = soup(site / "map.html").find("svg", class_="course-map")
    linked = {local(site / "map.html", box["href"]).stem for box in drawn.find_all("a")}
    assert linked == set(NAMES) == {page.stem for page in (site / "notebooks").glob("*.html")}


@built
def test_cards_and_reference_are_pages(site):
    cards = {path.parent.name for path in (ROOT / "bxe" / "weights").glob("*/README.md")}
    assert {page.stem for page in (site / "models").glob("*.html")} == cards
    assert {page.stem for page in (site / "data").glob("*.html")} == {p.stem for p in (ROOT / "bxe/data").glob("*.md")}
    from bxe import retrieval

    ids = {tag["id"] for tag in soup(site / "api" / "retrieval.html").find_all(id=True)}
    assert {f"bxe.retrieval.{name}" for name in retrieval.__all__ if name[0].islower()} <= ids


@built
def test_the_chinese_page_says_that_it_is_chinese(site):
    assert soup(site / "zh" / "index.html").html["lang"] == "zh-Hans"
    assert soup(site / "index.html").html["lang"] == "en"
    for paragraph in prose(site / "zh" / "index.html").find_all("p"):
        assert not re.search(r"[\u3000-\u9fff]\n", paragraph.text)  # a browser would show a gap


# ---------------------------------------------------------------- notebooks


@built
@pytest.mark.parametrize("name", NAMES)
def test_each_figure_has_the_text_that_the_notebook_gives_it(site, name):
    def told(folder):
        notebook = nbformat.read(folder / f"{name}.ipynb", as_version=4)
        outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
        return [output.metadata["image/png"]["alt"] for output in outputs if "image/png" in output.get("data", {})]

    shown = [picture["alt"] for picture in prose(site / "notebooks" / f"{name}.html").find_all("img")]
    assert set(told(course.folder())) <= set(shown) <= {*told(course.folder()), *told(course.folder() / "solutions")}
    assert len(shown) >= len(told(course.folder())) > 0


@built
def test_each_picture_of_the_site_has_a_text_of_its_own(site):
    for page in pages(site):
        for picture in soup(page).find_all("img"):
            assert len(picture["alt"].split()) > 5 and picture["alt"] != picture["src"], f"{page.name}: {picture}"


@built
@pytest.mark.parametrize("name", NAMES)
def test_hints_and_solutions_are_folded_beneath_each_exercise(site, name):
    solved = nbformat.read(course.folder() / "solutions" / f"{name}.ipynb", as_version=4)
    solutions = [cell.source for cell in solved.cells if "solution" in cell.metadata.get("tags", [])]
    page = prose(site / "notebooks" / f"{name}.html")
    shown = [fold.find("pre").text.strip() for fold in page.find_all("details", class_="hide")]
    assert shown == [source.strip() for source in solutions]
    hints = page.find_all("details", class_="hint")
    assert len(hints) == 3 * sum('check("' in source for source in solutions)
    assert not any(fold.has_attr("open") for fold in page.find_all("details"))


@built
@pytest.mark.parametrize("name", NAMES)
def test_each_term_is_linked_once_and_at_its_first_use(site, name):
    page = prose(site / "notebooks" / f"{name}.html")
    meanings = {tag["id"] for tag in soup(site / "glossary.html").select("dl.glossary dt")}
    terms = page.find_all("a", class_="term")
    anchors = [urlsplit(term["href"]).fragment for term in terms]
    assert len(terms) >= 10 and len(set(anchors)) == len(anchors)
    assert set(anchors) <= meanings and all(term["title"] for term in terms)
    strings = [string for string in page.find_all(string=True) if links_go_in(string)]
    for term in terms:
        word = re.compile(rf"(?<![\w-]){re.escape(term.text)}(?![\w-])")
        first = next(string for string in strings if word.search(string) and not in_another_link(string, term))
        assert term in first.parents, f"{term.text!r} stands already in {first!r}"


def test_words_in_another_sense_are_of_notebooks_that_exist():
    entries = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    for name, words in OTHERWISE.items():
        assert name in NAMES and all(f"\n{word}\n" in entries for word in words)


@built
def test_the_glossary_has_no_entry_that_no_notebook_uses(site):
    used = {
        urlsplit(term["href"]).fragment
        for name in NAMES
        for term in soup(site / "notebooks" / f"{name}.html").find_all("a", class_="term")
    }
    entries = soup(site / "glossary.html").select("dl.glossary > dd")
    for entry in entries:
        names = [dt["id"] for dt in entry.find_previous_siblings("dt")]
        assert set(names[:3]) & used, f"no notebook uses {names[0]}"
    assert len(entries) >= 60


@built
def test_the_search_finds_words_and_can_show_where_they_stand(site):
    texts = (site / "_static" / "texts.js").read_text(encoding="utf-8")
    told = json.loads(texts.removeprefix("const bxeTexts = ").removesuffix(";\n"))
    assert {"index", "glossary", *(f"notebooks/{name}" for name in NAMES)} <= set(told)
    assert "hard negative" in told["notebooks/09_train_a_bi_encoder"].lower()
    index = (site / "searchindex.js").read_text(encoding="utf-8")
    assert index.startswith("Search.setIndex(") and '"negat":' in index.replace("negat:", '"negat":')


# ---------------------------------------------------------------- what the pages are made with


def prepared(name):
    return nbformat.read(course.folder() / f"{name}.ipynb", as_version=4)


def test_a_notebook_without_its_solutions_is_refused():
    learner, solved = prepared("02_similarity"), prepared("02_similarity")
    with pytest.raises(ValueError, match="02 has 5 exercises and 0 solutions"):
        folds.fold(learner, solved, "02")


def test_a_link_to_a_file_that_is_not_there_is_refused():
    origin = ROOT / "README.md"
    with pytest.raises(ValueError, match="README.md links to nowhere.md, which does not exist"):
        stage.relinked("[x](nowhere.md)", origin, {origin: "index.md"})


@pytest.mark.parametrize(
    "text",
    [
        "[a](https://sbert.net)",
        "[a](#part)",
        "![a](picture.png)",
        "[a] (b)",
        "[a]: b",
        "`m[0](x)`",
        "```\nm[0](x)\n```",
    ],
)
def test_what_is_no_link_to_a_file_stays(text):
    origin = ROOT / "README.md"
    assert stage.relinked(text, origin, {origin: "index.md"}) == text


@pytest.mark.parametrize("folder", ["bxe", "README.md"])
def test_a_folder_of_something_else_is_never_replaced(folder):
    pytest.importorskip("sphinx")
    from tools.site.__main__ import build

    with pytest.raises(SystemExit, match="is there and is no site"):
        build(ROOT / folder)
    assert (ROOT / folder).exists()


def test_a_missing_package_is_one_line(monkeypatch, tmp_path):
    from tools.site.__main__ import build

    monkeypatch.setitem(sys.modules, "furo", None)
    with pytest.raises(SystemExit, match=r'furo is missing; run `make site`, or: pip install "bxe\[site\]"'):
        build(tmp_path / "site")
    assert not any(tmp_path.iterdir())


@built
def test_a_script_that_is_not_the_published_one_stops_the_build_in_one_line(monkeypatch, tmp_path):
    from tools.site.__main__ import build

    monkeypatch.setattr(stage, "MATHJAX", (*stage.MATHJAX[:2], "0" * 64))
    with pytest.raises(SystemExit, match="^site: .*tex-svg.js is damaged.*"):
        build(tmp_path / "site")
    assert not any(tmp_path.iterdir())


def test_arrows_of_the_map_show_every_need_and_no_way_twice():
    ways = graph.arrows()
    reached = {lesson.number: set() for lesson in course.LESSONS}
    for start, end in sorted(ways, key=lambda way: way[1]):
        reached[end] |= {start} | reached[start]
    for lesson in course.LESSONS:
        assert set(lesson.needs) <= reached[lesson.number]
    for start, end in ways:
        assert not any(start in reached[other] for other, last in ways if last == end)


def test_no_arrow_of_the_map_crosses_a_box():
    picture = pytest.importorskip("bs4").BeautifulSoup(graph.draw(), "html.parser")
    boxes = [[float(box[side]) for side in ("x", "y", "width", "height")] for box in picture.find_all("rect")]
    downs = 0
    for way in picture.find_all("path", class_="way"):
        at = [float(number) for number in re.findall(r"[\d.]+", way["d"])][:2]
        for kind, numbers in re.findall(r"([CV])([\d. ]+)", way["d"]):
            *_, to = numbers = [float(number) for number in numbers.split()]
            at, before = [numbers[-2] if kind == "C" else at[0], to], at
            for x, y, wide, high in boxes:
                between = before[1] < y + high and at[1] > y  # a curve lies between two rows, a line down within one
                assert not (between and (kind == "C" or x < at[0] < x + wide))
            downs += kind == "V"
    assert downs  # some arrows pass a row


WORDS = st.sampled_from(["hard", "negative", "negatives", "Hard", "query", "queries", "F1", "f1", "a", "-", "re-rank"])
TERMS = ["hard negative", "negative", "query", "F1", "re-rank"]


@given(texts=st.lists(st.lists(WORDS).map(" ".join), max_size=4))
def test_any_term_is_found_once_where_it_first_stands(texts):
    found = list(first_uses(texts, TERMS))
    assert len({name for *_, name in found}) == len(found)
    assert [place[:2] for place in found] == sorted(place[:2] for place in found)
    for number, start, end, name in found:
        used = texts[number][start:end]
        assert used == name if name == "F1" else used.lower() in (name, f"{name}s", "queries")
    names = {name for *_, name in found}
    assert ("F1" in names) == any("F1" in text.split() for text in texts)
    assert ("query" in names) == any({"query", "queries"} & set(text.split()) for text in texts)
    assert ("hard negative" in names) == any("hard negative" in text.lower() for text in texts)


@pytest.mark.parametrize("text", ["rerank", "xF1", "F1-score", "negativity", "`query`", "non-query"])
def test_a_part_of_a_word_is_no_term(text):
    assert list(first_uses([text], TERMS)) == []
