"""The notebooks as nbval runs them: each cell of the learner's and of the solved copy, but those of both only once.

The copies of a lesson differ in the exercises alone. So one notebook a lesson, in build/nbval, has the cells of both:
in place of each exercise the learner's stub, then the solution. It shows that each copy runs to its end, provided
that the cells of both carry the same outputs in both (but for `progress()`, which counts what is solved) and use no
name that an exercise before them defines. Where that does not hold, the copies are run apart. Those that search the
docstrings come last, behind the one cell that embeds them.

Run it as `python -m tools.nbval_files`.
"""

from __future__ import annotations

import ast
import shutil
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from bxe import course

TARGET = Path(__file__).resolve().parent.parent / "build" / "nbval"


def merged(source: Path) -> NotebookNode | None:
    """The cells of a lesson's two built notebooks in one; None if the copies have to be run apart."""
    import jupytext

    copies = [nbformat.read(course.built_path(source, solved=solved), as_version=4) for solved in (False, True)]
    learner, solved = (iter(copy.cells) for copy in copies)
    cells, of_exercises = [], set()
    for cell in jupytext.read(source, fmt="py:percent").cells:
        tags = cell.metadata.get("tags", [])
        if "exercise" in tags or "solution" in tags:
            cells.append(next(learner if "exercise" in tags else solved))
            of_exercises |= _names(cells[-1], ast.Store)
            continue
        one, other = next(learner), next(solved)
        counts = "progress" in _names(other, ast.Load)
        repeats = course.IGNORE in tags or counts or _texts(one) == _texts(other)
        if one.source != other.source or not repeats or _names(other, ast.Load) & of_exercises:
            return None
        cells.append(other)
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"
    return nbformat.v4.new_notebook(cells=cells, metadata=copies[1].metadata)


def _texts(cell: NotebookNode) -> list[dict]:
    """A cell's outputs without the pictures, which nbval does not compare either."""
    outputs = [dict(output) for output in cell.get("outputs", [])]
    return [output | {"data": {**output.get("data", {}), "image/png": None}} for output in outputs]


def _names(cell: NotebookNode, context: type) -> set[str]:
    """The names that a code cell binds at its top level (Store), or reads anywhere in it (Load)."""
    code = ast.parse(cell.source if cell.cell_type == "code" else "")
    defined = {node.name for node in code.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    searched = [code] if context is ast.Load else [node for node in code.body if not hasattr(node, "name")]
    named = [node for part in searched for node in ast.walk(part) if isinstance(node, ast.Name)]
    return {node.id for node in named if isinstance(node.ctx, context)} | (defined if context is ast.Store else set())


def main() -> None:
    """Write the notebooks into an empty build/nbval, named in the order in which they should begin."""
    shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir(parents=True)
    fill = course.fill_docstrings().notebook
    for number, cell in enumerate(fill.cells, start=1):
        cell.execution_count, cell.metadata = number, {"tags": [course.IGNORE]}
    nbformat.write(fill, TARGET / "0_docstrings.ipynb")
    searching = {lesson.name for lesson in course.LESSONS if lesson.docstrings}
    for source in course.find(suffix=".py", within=course.folder() / "src"):
        place = "2" if source.stem in searching else "1"
        if both := merged(source):
            nbformat.write(both, TARGET / f"{place}_{source.stem}.ipynb")
            continue
        for solved in (True, False):
            built = course.built_path(source, solved=solved)
            shutil.copy(built, TARGET / f"{place}_{source.stem}{'_solved' if solved else ''}.ipynb")


if __name__ == "__main__":
    main()
