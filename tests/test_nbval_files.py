"""What nbval runs: each cell of both copies, those of both once, and apart where one run would not show enough."""

import ast

import nbformat
import pytest

from bxe import course
from tests.course.conftest import SOURCE, notebooks  # noqa: F401  (a course of one small notebook)
from tools import nbval_files


@pytest.fixture
def small(notebooks):  # noqa: F811
    """The source of the small course, and a function that builds both copies from another text."""

    def build(text=SOURCE):
        (notebooks / "src" / "00_small.py").write_text(text)
        assert all(result.error is None for result in course.build_all())
        return nbval_files.merged(notebooks / "src" / "00_small.py")

    return build


def sources(notebook):
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def test_each_cell_of_both_copies_is_there_once_and_the_stub_before_its_solution(small, notebooks):  # noqa: F811
    merged = sources(small())
    copies = [
        nbformat.read(course.built_path(notebooks / "src" / "00_small.py", solved=solved), as_version=4)
        for solved in (False, True)
    ]
    assert set(merged) == {source for copy in copies for source in sources(copy)}
    assert merged.count('print("one")') == 2  # as in the source
    assert merged.index("answer = ...") + 1 == merged.index("answer = 42")


def test_copies_with_other_outputs_run_apart(small):
    assert small(SOURCE + "\n# %%\nprint(answer)\n") is None


def test_copies_whose_common_cells_use_an_answer_run_apart(small):
    assert small(SOURCE + "\n# %%\nanswer is None or print('same in both')\n") is None


def test_a_name_that_an_exercise_defines_only_later_may_be_used(small):
    first = "# %%\nanswer = 1\nprint(answer)\n\n"
    assert small(first + SOURCE) is not None


def test_what_progress_counts_may_differ(small):
    counted = "# %%\nprogress = globals().get\nprint(progress('answer'))\n"
    assert small(SOURCE + "\n" + counted) is not None


def test_times_may_differ(small):
    assert small() is not None


def test_every_lesson_is_run_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(nbval_files, "TARGET", tmp_path / "nbval")
    nbval_files.main()
    written = {path.name: nbformat.read(path, as_version=4) for path in nbval_files.TARGET.iterdir()}
    for source in course.find(suffix=".py", within=course.folder() / "src"):
        ours = [notebook for name, notebook in written.items() if source.stem in name]
        cells = {cell for notebook in ours for cell in sources(notebook)}
        for solved in (False, True):
            copy = nbformat.read(course.built_path(source, solved=solved), as_version=4)
            assert set(sources(copy)) <= cells
    assert sorted(written)[0] == "0_docstrings.ipynb"


def test_names_that_a_cell_binds_and_reads_are_told_apart():
    cell = nbformat.v4.new_code_cell("def f(x):\n    y = x\n    return y\nz = [w for w in (1, 2)]")
    assert nbval_files._names(cell, ast.Store) == {"f", "z", "w"}
    assert nbval_files._names(cell, ast.Load) >= {"x", "y"}
