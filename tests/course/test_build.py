"""Building is repeatable, and a failing one leaves the old notebook."""

import nbformat

from bxe import course
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
    results = course.build_all()
    assert all("ZeroDivisionError: division by zero" in result.error for result in results)
    assert (notebooks / "00_small.ipynb").read_bytes() == before


def test_a_damaged_notebook_is_built_anew(notebooks):
    course.build_all()
    (notebooks / "00_small.ipynb").write_text("{")
    assert all(result.error is None for result in course.build_all())
    assert nbformat.read(notebooks / "00_small.ipynb", as_version=4).cells
