"""Building is repeatable, and a failing one leaves the old notebook."""

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from bxe import course
from bxe.course.build import _same, settle_metadata
from tests.course.conftest import SOURCE


def sources(notebook):
    return [cell.source for cell in notebook.cells]


def test_one_source_gives_a_learners_and_a_solved_notebook(notebooks):
    source = notebooks / "src" / "00_small.py"
    learner, solved = course.build(source, solved=False), course.build(source, solved=True)
    assert "answer = ..." in sources(learner) and "answer = 42" not in sources(learner)
    assert "answer = 42" in sources(solved) and "answer = ..." not in sources(solved)
    assert learner.cells[-1].metadata == {"bxe": {"tolerance": 0.05}}


def test_cell_ids_are_stable_and_unique(notebooks):
    source = notebooks / "src" / "00_small.py"
    first, second = course.build(source, solved=False), course.build(source, solved=False)
    ids = [cell.id for cell in first.cells]
    assert ids == [cell.id for cell in second.cells] and len(set(ids)) == len(ids)
    nbformat.validate(first)


def test_cells_that_are_alike_are_counted_in_their_ids(notebooks):
    source = notebooks / "src" / "00_small.py"
    source.write_text("# %%\nprint(1)\n" * 3)
    first, *others = (cell.id for cell in course.build(source, solved=False).cells)
    assert len(first) == 8 and others == [f"{first}-2", f"{first}-3"]


def test_building_again_changes_no_byte(notebooks):
    course.build_all()
    paths = [notebooks / "00_small.ipynb", notebooks / "solutions" / "00_small.ipynb"]
    before = [path.read_bytes() for path in paths]
    course.build_all()  # prints another time, in a cell that says so
    assert [path.read_bytes() for path in paths] == before
    (notebooks / "src" / "00_small.py").write_text(SOURCE.replace('"one"', '"two"'))
    course.build_all()
    assert b"two" in paths[0].read_bytes()


def test_a_failing_build_leaves_the_old_notebook(notebooks):
    course.build_all()
    before = (notebooks / "00_small.ipynb").read_bytes()
    (notebooks / "src" / "00_small.py").write_text(SOURCE + "\n# %%\n1 / 0\n")
    (notebooks / "src" / "01_other.py").write_text(SOURCE)
    told = []
    results = course.build_all(["00"], report=told.append)
    assert told == results and {result.name for result in results} == {"00_small.ipynb", "solutions/00_small.ipynb"}
    assert all("ZeroDivisionError: division by zero" in result.error for result in results)
    assert (notebooks / "00_small.ipynb").read_bytes() == before


def test_a_damaged_notebook_is_built_anew(notebooks):
    course.build_all()
    solved = (notebooks / "solutions" / "00_small.ipynb").read_bytes()
    (notebooks / "00_small.ipynb").write_text("{")
    assert all(result.error is None for result in course.build_all())
    assert "answer = ..." in sources(nbformat.read(notebooks / "00_small.ipynb", as_version=4))
    assert (notebooks / "solutions" / "00_small.ipynb").read_bytes() == solved and b"answer = 42" in solved


def test_a_built_notebook_names_its_kernel_and_language_and_nothing_of_this_machine():
    notebook = new_notebook(metadata={"language_info": {"name": "python", "version": "3.11.7"}, "widgets": {"a": 1}})
    notebook.nbformat_minor = 4
    settle_metadata(notebook)
    assert notebook.metadata == {
        "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)


def test_both_notebooks_have_a_place_of_their_own():
    source = Path("notebooks", "src", "00_small.py")
    assert course.built_path(source, solved=False) == Path("notebooks", "00_small.ipynb")
    assert course.built_path(source, solved=True) == Path("notebooks", "solutions", "00_small.ipynb")


def told(text, *tags):
    return new_code_cell("tell()", id="a", metadata={"tags": list(tags)}, outputs=[new_output("stream", text=text)])


@pytest.mark.parametrize(
    "there, built, same",
    [
        (told("1"), told("1"), True),
        (told("1"), told("2"), False),
        (told("1", course.IGNORE), told("2", course.IGNORE), True),
        (told("1"), told("2", course.IGNORE), False),
    ],
)
def test_a_built_notebook_is_the_same_but_for_outputs_that_cannot_repeat(tmp_path, there, built, same):
    nbformat.write(new_notebook(cells=[there]), tmp_path / "00.ipynb")
    notebook = new_notebook(cells=[built])
    assert _same(notebook, tmp_path / "00.ipynb") is same
    assert notebook.cells[0].outputs  # what cannot repeat is written all the same
    assert not _same(notebook, tmp_path / "none.ipynb")
