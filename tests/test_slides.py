"""Slides: by rule from the notebooks, whole for the speaker, short for the room, and without a network."""

import html
import re

import pytest

from bxe import course
from bxe.exercises.engine import questions_of
from tools import browser, handouts, reveal, slides

NAMES = [lesson.name for lesson in course.LESSONS]
needs_reveal = pytest.mark.skipif(not reveal.ARCHIVE.exists(), reason="`make slides` fetches reveal.js")
needs_browser = pytest.mark.skipif(not browser.find(), reason="no Chromium to look at a slide")


def text(parts):
    """The words of HTML, without its tags."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", " ".join(parts))).split())


def paragraphs(page):
    """The words of each paragraph, item, table cell and block of code in HTML."""
    blocks = r"</?(?:p|li|ul|ol|pre|blockquote|table|thead|tbody|tr|th|td|div)\b[^>]*>"
    return {text([part]) for part in re.split(blocks, page)} - {""}


@pytest.fixture(scope="module", params=NAMES)
def made(request):
    return request.param, slides.slides(request.param)


def test_each_heading_starts_a_slide_and_each_section_a_column(made):
    name, there = made
    (path,) = course.find([name])
    cells = [cell.source for cell in course.read(path).cells if cell.cell_type == "markdown"]
    headings = re.findall(r"^(#{1,3}) (.+)$", "\n".join(cells), re.M)
    titles = [slide.title for slide in there]
    assert [title for _, title in headings if title not in titles] == []
    assert [slide.title for slide in there if slide.column] == [title for level, title in headings if len(level) < 3]


def test_no_paragraph_of_the_prose_is_lost_and_none_is_cut_up(made):
    name, there = made
    (path,) = course.find([name])
    said = paragraphs("".join(part for slide in there for part in slide.shown + slide.spoken))
    for cell in course.read(path).cells:
        if cell.cell_type == "markdown":
            prose = re.sub(r"^#{1,3} .+|</?(?:details|summary)>", "", cell.source, flags=re.M)  # headings: see above
            assert paragraphs(slides._markdown(prose)) <= said


def test_a_slide_shows_few_words(made):
    for slide in made[1]:
        prose = [part for part in slide.shown if not part.startswith(("<div", "<pre", "<details", "<table", "<img"))]
        assert len(text(prose).split()) <= 2 * slides.TASK


def test_every_figure_is_shown_with_its_alt_text_and_no_code_hides_it(made):
    name, there = made
    (path,) = course.find([name])
    outputs = [output for cell in course.read(path).cells if cell.cell_type == "code" for output in cell.outputs]
    alts = [output.metadata["image/png"]["alt"] for output in outputs if "image/png" in output.get("data", {})]
    figures = [slide.shown for slide in there if slide.kind == "figure"]
    assert [html.unescape(re.search('alt="(.*?)" src', shown[-1])[1]) for shown in figures] == alts
    assert all(shown[0].startswith("<details>") for shown in figures)


def test_solutions_and_answers_are_spoken_and_never_shown(made):
    name, there = made
    (path,) = course.find([name])
    solved = course.read(path.parent / "solutions" / path.name)
    solutions = [cell.source for cell in solved.cells if "solution" in cell.metadata.get("tags", [])]
    solutions = [" ".join(code.split()) for code in solutions if not code.startswith("answers = ")]
    exercises = [slide for slide in there if slide.kind == "exercise"]
    assert len(exercises) == len(solutions)
    for slide, solution in zip(exercises, solutions):
        assert solution.replace(" ", "") in text(slide.spoken).replace(" ", "")
        assert solution.replace(" ", "") not in text(slide.shown).replace(" ", "")
    asked = [slide for slide in there if slide.kind == "quiz"]
    assert [text(slide.spoken)[0] for slide in asked] == [question.right for question in questions_of(name[:2])]


def test_long_output_is_cut_and_says_by_how_much():
    cut = slides._cut("\n".join(str(n) for n in range(100)), 17)
    assert cut.splitlines() == [*map(str, range(16)), "… 84 lines more in the notebook"]
    assert slides._cut("short\n", 17) == "short\n"
    assert len(slides._cut("x" * 5000 + "\nend", 17).splitlines()) == 1


def test_a_page_loads_nothing_from_elsewhere(made):
    loaded = re.findall(r"<(?:script|link|img|iframe)[^>]*?(?:src|href)=\"([^\"]+)\"", slides.page(made[1]))
    ours = {f"reveal/{taken.rpartition('/')[2]}" for taken in reveal.TAKEN}
    assert {link for link in loaded if not link.startswith("data:image/png;base64,")} == ours - {"reveal/LICENSE"}


def test_a_page_is_the_same_twice():
    first, second = (slides.page(slides.slides(NAMES[0])) for _ in range(2))
    assert first == second


@needs_reveal
def test_all_pages_stand_beside_what_they_load(tmp_path, monkeypatch):
    monkeypatch.setattr(slides, "slides", lambda name: [slides.Slide(name, column=True)])
    assert [path.stem for path in slides.build(tmp_path)] == NAMES
    index = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert re.findall('href="(.+?)[.]html"', index) == NAMES
    assert {path.name for path in (tmp_path / "reveal").iterdir()} == {name.split("/")[-1] for name in reveal.TAKEN}


@needs_reveal
@needs_browser
def test_what_does_not_fit_a_screen_is_seen_and_the_slides_fit(tmp_path):
    reveal.unpack(tmp_path / "reveal")
    page = tmp_path / f"{NAMES[1]}.html"
    page.write_text(slides.page(slides.slides(NAMES[1])), encoding="utf-8")
    assert reveal.too_large([page]) == []
    tall = "<section><section><h2>Tall</h2><div style='height: 900px'></div></section></section>"
    wide = "<section><section><h2>Wide</h2><div style='width: 1500px; height: 9px'></div></section></section>"
    page.write_text(reveal.PAGE.format(title="", body=tall + wide), encoding="utf-8")
    told = reveal.too_large([page])
    assert len(told) == 2 and "slide 1.1 (Tall)" in told[0] and "slide 2.1 (Wide)" in told[1]


def test_a_damaged_archive_is_one_line_and_nothing_is_written(tmp_path):
    (tmp_path / "reveal.tgz").write_bytes(b"cut short")
    with pytest.raises(ValueError, match="is damaged: its SHA-512 is not that of reveal.js"):
        reveal.unpack(tmp_path / "reveal", tmp_path / "reveal.tgz")
    assert not (tmp_path / "reveal").exists()


def test_without_npm_and_archive_it_is_said_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="is missing, and `npm pack .* install Node.js"):
        reveal.unpack(tmp_path / "reveal", tmp_path / "vendor" / "reveal.tgz")
    assert not list((tmp_path / "vendor").iterdir())


@needs_browser
def test_a_hand_out_is_a_pdf_of_several_pages(tmp_path):
    (made,) = handouts.build(["00"], tmp_path / "new")
    content = made.read_bytes()
    assert made.name == "00_start_here.pdf" and content.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page\b", content)) >= 3
    assert list(made.parent.iterdir()) == [made]


def test_without_a_browser_a_hand_out_is_one_line(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.argv", ["handouts", "00", "--out", str(tmp_path / "out")])
    assert handouts.main() == 1
    assert capsys.readouterr().err.startswith("handouts: there is none of chromium") and not (tmp_path / "out").exists()
