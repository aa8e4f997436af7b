"""The map of the course: README, notebook 00 and the headings say the same, and files are found by their number."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bxe import course
from bxe.course import lessons

ROOT = Path(__file__).parents[2]
SOURCES = course.find(suffix=".py", within=course.folder() / "src")


def test_each_notebook_is_on_the_map_and_each_lesson_is_a_notebook():
    assert [source.stem for source in SOURCES] == [lesson.name for lesson in course.LESSONS]


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_a_heading_says_what_the_map_says(source):
    (lesson,) = (lesson for lesson in course.LESSONS if lesson.name == source.stem)
    text = source.read_text(encoding="utf-8")
    assert text.startswith(f"# %% [markdown]\n# # {lesson.number} · {lesson.title}\n#\n# **{lesson.question}**\n")
    assert int(re.search(r"^# \*(\d+) minutes", text, re.M)[1]) == lesson.minutes
    assert ("load_docstrings" in text) is lesson.docstrings
    needs = re.search(r"^# \*\d+ minutes · needs: (.*?)\*\n", text, re.M | re.S)[1]
    assert tuple(sorted(set(re.findall(r"(?<!@)\b\d\d\b", needs)))) == lesson.needs


def test_a_lesson_builds_on_earlier_ones_only():
    for lesson in course.LESSONS:
        assert all(number < lesson.number for number in lesson.needs)
        assert {*lesson.needs} <= {other.number for other in course.LESSONS}


def test_the_readme_shows_the_map():
    assert course.table(links="notebooks") in (ROOT / "README.md").read_text(encoding="utf-8")


def test_notebook_00_shows_the_map():
    commented = "\n".join(f"# {line}" for line in course.table().splitlines())
    assert commented in SOURCES[0].read_text(encoding="utf-8")


def test_unknown_notebooks_are_told_with_the_known_ones(notebooks):
    with pytest.raises(ValueError, match="there is no notebook '44'.*; there are: none$"):
        course.find(["44"], within=notebooks)  # none is built yet
    (notebooks / "src" / "01_more.py").touch()
    with pytest.raises(ValueError, match="; there are: 00_small, 01_more$"):
        course.find(["44"], suffix=".py", within=notebooks / "src")


@pytest.mark.parametrize("name", ["", " ", "/", "../00", "00_small.ipynb.bak", "\0", "\ud800", "*", "[0-9]"])
def test_a_name_of_nothing_is_refused(notebooks, name):
    with pytest.raises(ValueError, match="there is no notebook"):
        course.find([name], suffix=".py", within=notebooks / "src")


@given(names=st.lists(st.text(max_size=4), min_size=1, max_size=3))
def test_names_give_notebooks_that_begin_with_them_or_one_error(names):
    try:
        found = course.find(names)
    except ValueError as error:
        assert str(error).startswith("there is no notebook")
    else:
        assert found and all(path.name.startswith(tuple(filter(None, names))) for path in found)


def test_a_folder_within_an_installed_bxe_comes_before_one_beside_it(tmp_path, monkeypatch):
    monkeypatch.setattr(lessons, "__file__", str(tmp_path / "bxe" / "course" / "lessons.py"))
    with pytest.raises(
        FileNotFoundError, match=r"there is no folder named notebooks in .*bxe or beside it; install bxe"
    ):
        course.folder()
    for place in (tmp_path, tmp_path / "bxe"):
        (place / "notebooks").mkdir(parents=True)
        assert course.folder() == place / "notebooks"
