"""The map of the course: README, notebook 00 and the headings say the same, and files are found by their number."""

import re
from pathlib import Path

import pytest

from bxe import course

ROOT = Path(__file__).parents[2]
SOURCES = course.find(suffix=".py", within=course.folder() / "src")


def test_each_notebook_is_on_the_map_and_each_lesson_that_is_ready_is_a_notebook():
    assert [source.stem for source in SOURCES] == [lesson.name for lesson in course.LESSONS if lesson.minutes]


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_a_heading_says_what_the_map_says(source):
    (lesson,) = (lesson for lesson in course.LESSONS if lesson.name == source.stem)
    text = source.read_text(encoding="utf-8")
    assert text.startswith(f"# %% [markdown]\n# # {lesson.number} · {lesson.title}\n#\n# **{lesson.question}**\n")
    assert int(re.search(r"^# \*(\d+) minutes", text, re.M)[1]) == lesson.minutes
    assert ("load_docstrings" in text) is lesson.docstrings


def test_the_readme_shows_the_map():
    assert course.table(links="notebooks") in (ROOT / "README.md").read_text(encoding="utf-8")


def test_notebook_00_shows_the_map():
    commented = "\n".join(f"# {line}" for line in course.table().splitlines())
    assert commented in SOURCES[0].read_text(encoding="utf-8")


def test_unknown_notebooks_are_told_with_the_known_ones(notebooks):
    with pytest.raises(ValueError, match="there is no notebook '44'.* 00_small"):
        course.find(["44"], suffix=".py", within=notebooks / "src")
