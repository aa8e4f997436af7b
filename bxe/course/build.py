"""From a source to the notebooks: a learner's, with stubs, and a solved one; both run, and written if they changed."""

from __future__ import annotations

import copy
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from bxe import files
from bxe.course import lessons
from bxe.course.run import Job, Result, read, run_all

if TYPE_CHECKING:
    from nbformat import NotebookNode

IGNORE = "nbval-ignore-output"  # the tag of cells whose output cannot repeat: times, versions, device


def build(source: Path, *, solved: bool) -> NotebookNode:
    """Make a notebook, not yet executed, from its py:percent source.

    Args:
        source: notebooks/src/NN_name.py, with cells tagged `exercise` (stubs) and `solution`.
        solved: keep the solutions instead of the stubs.

    Example:
        >>> (source,) = lessons.find(["02"], suffix=".py", within=lessons.folder() / "src")
        >>> build(source, solved=False).cells[0].source.splitlines()[0]
        '# 02 · Similarity'
    """
    import jupytext
    from nbconvert.preprocessors import TagRemovePreprocessor

    notebook = jupytext.read(source, fmt="py:percent")
    without = TagRemovePreprocessor(remove_cell_tags={"exercise" if solved else "solution"})
    notebook, _ = without.preprocess(notebook, {})
    seen: Counter[str] = Counter()
    for cell in notebook.cells:
        cell.metadata = {key: cell.metadata[key] for key in ("tags", "bxe") if key in cell.metadata}
        # jupytext would draw new ids each time; these stay as long as the cell's text does.
        digest = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:8]
        seen[digest] += 1
        cell.id = digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"
    settle_metadata(notebook)
    return notebook


def build_all(names: Iterable[str] = (), *, report: Callable[[Result], None] = lambda result: None) -> list[Result]:
    """Build and execute the learner's and the solved notebook of each source, and write what changed.

    A notebook is written only if all its cells ran, and only if it differs from the one that is there in more than
    the outputs of cells whose output cannot repeat (tag nbval-ignore-output).

    Example:
        >>> build_all(["99"])
        Traceback (most recent call last):
        ValueError: there is no notebook '99' in ...
    """
    targets, jobs = {}, []
    # All solved ones first: what they compute is kept, and the learner's copies find it there.
    for solved in (True, False):
        for source in lessons.find(names, suffix=".py", within=lessons.folder() / "src"):
            target = built_path(source, solved=solved)
            name = str(target.relative_to(lessons.folder()))
            targets[name] = target
            jobs.append(Job(name, build(source, solved=solved)))

    def finish(result: Result, notebook: NotebookNode) -> None:
        settle_metadata(notebook)
        if result.error is None and not _same(notebook, targets[result.name]):
            files.write(targets[result.name], _dump(notebook))
        report(result)

    return run_all(jobs, finish)


def built_path(source: Path, *, solved: bool) -> Path:
    """Where the notebook that is built from a source belongs.

    Example:
        >>> built_path(Path("notebooks/src/02_similarity.py"), solved=True).as_posix()
        'notebooks/solutions/02_similarity.ipynb'
    """
    notebooks = source.parent.parent
    return (notebooks / "solutions" if solved else notebooks) / f"{source.stem}.ipynb"


def settle_metadata(notebook: NotebookNode) -> None:
    """Keep only the metadata that do not change from machine to machine: no Python version, no widget state."""
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    notebook.nbformat, notebook.nbformat_minor = 4, 5


def _dump(notebook: NotebookNode) -> bytes:
    import nbformat

    return (nbformat.writes(notebook) + "\n").encode()


def _same(notebook: NotebookNode, target: Path) -> bool:
    """Whether a built notebook equals the one in `target`, but for outputs that cannot repeat."""
    try:
        there = read(target)
    except (FileNotFoundError, ValueError):  # none there, or a damaged one
        return False
    return _dump(_repeatable(notebook)) == _dump(_repeatable(there))


def _repeatable(notebook: NotebookNode) -> NotebookNode:
    notebook = copy.deepcopy(notebook)
    for cell in notebook.cells:
        if IGNORE in cell.metadata.get("tags", []):
            cell.outputs = []
    return notebook
