"""The built notebooks are whole, and the guards over them find what they should."""

import shutil

import nbformat
import pytest
from nbformat.v4 import new_output

from bxe import course
from tools.guards import problems

SOURCES = course.find(suffix=".py", within=course.folder() / "src")
BUILT = [(source, solved) for source in SOURCES for solved in (False, True)]


@pytest.mark.parametrize(
    ("source", "solved"), BUILT, ids=lambda x: getattr(x, "stem", {True: "solved", False: "learner"}.get(x))
)
def test_a_built_notebook_is_whole_and_in_step_with_its_source(source, solved):
    assert problems(course.built_path(source, solved=solved), source=source, solved=solved) == []


@pytest.fixture
def notebook(tmp_path):
    """A copy of a learner's notebook to spoil; call `found()` to see what the guards say of it."""

    class Copy:
        source, path = SOURCES[0], tmp_path / "copy.ipynb"
        shutil.copy(course.built_path(source, solved=False), path)
        cells = nbformat.read(path, as_version=4)

        def code(self, number):
            return [cell for cell in self.cells.cells if cell.cell_type == "code"][number]

        def found(self):
            nbformat.write(self.cells, self.path)
            return "; ".join(problems(self.path, source=self.source, solved=False))

    return Copy()


def test_the_guards_are_content_with_an_unspoilt_copy(notebook):
    assert notebook.found() == ""


def test_a_cell_that_was_never_run_is_found(notebook):
    notebook.code(2).execution_count = None
    assert "never run" in notebook.found()


def test_cells_run_out_of_order_are_found(notebook):
    notebook.code(2).execution_count = 40
    assert "top to bottom" in notebook.found()


def test_an_output_on_stderr_is_found(notebook):
    notebook.code(2).outputs.append(new_output("stream", name="stderr", text="Loading weights: 100%"))
    assert "code cell 3 wrote to stderr" in notebook.found()


def test_a_printed_text_in_two_parts_is_found(notebook):
    notebook.code(2).outputs = [new_output("stream", text="one line, "), new_output("stream", text="cut in two")]
    assert "code cell 3 has a printed text in two parts" in notebook.found()


def test_an_error_output_is_found(notebook):
    notebook.code(2).outputs.append(new_output("error", ename="KeyError", evalue="'x'", traceback=[]))
    assert "raised KeyError" in notebook.found()


def test_a_warning_in_an_output_is_found(notebook):
    notebook.code(2).outputs.append(new_output("stream", text="x.py:3: FutureWarning: this will change"))
    assert "shows a warning: FutureWarning:" in notebook.found()


def test_an_edited_notebook_is_found(notebook):
    notebook.code(2).source += "\nprint('edited by hand')"
    assert "out of step" in notebook.found()


def test_a_figure_without_alt_text_is_found(notebook):
    for cell in notebook.cells.cells:
        for output in cell.get("outputs", []):
            output.get("metadata", {}).pop("image/png", None)
    assert "without alt text" in notebook.found()


def test_too_many_uncompared_cells_are_found(notebook):
    for cell in notebook.cells.cells:
        cell.metadata["tags"] = [course.IGNORE]
    assert "go uncompared" in notebook.found()


def test_a_failed_check_in_a_solved_notebook_is_found(tmp_path):
    source = SOURCES[0]
    path = course.built_path(source, solved=False)  # the learner's: nothing is attempted there
    assert "a check that did not pass" in "; ".join(problems(path, source=source, solved=True))
