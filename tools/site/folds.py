"""Hints and solutions, folded beneath each exercise of a learner's notebook."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from nbformat.v4 import new_markdown_cell

from bxe.exercises.engine import exercises_of

if TYPE_CHECKING:
    from nbformat import NotebookNode

CHECK = re.compile(r'^check\("(\d\d\.\d+)"', re.M)


def fold(learner: NotebookNode, solved: NotebookNode, name: str) -> NotebookNode:
    """A learner's notebook in which each exercise is followed by its hints and its solution, both folded.

    Args:
        learner: has the stubs, in cells tagged `exercise`.
        solved: has the solutions, in cells tagged `solution`, in the same order.
        name: the notebook's, for the message.

    Raises:
        ValueError: if the two do not have as many of them.
    """
    solutions = _tagged(solved, "solution")
    if len(solutions) != len(_tagged(learner, "exercise")):
        raise ValueError(f"{name} has {len(_tagged(learner, 'exercise'))} exercises and {len(solutions)} solutions")
    cells = []
    for cell in learner.cells:
        cells.append(cell)
        if "exercise" in cell.metadata.get("tags", []):
            cells += [*_hints(cell), _solution(solutions.pop(0))]
    learner.cells = cells
    return learner


def hints(exercise_id: str) -> str:
    """The hints of an exercise as HTML, each folded by itself, so that a reader opens no more than is needed.

    Example:
        >>> print(hints("00.1").splitlines()[0])
        <details class="hint"><summary>Hint 1 of 3</summary><p>Every model of this course takes a list of texts.</p></details>
    """
    told = exercises_of(exercise_id[:2])[exercise_id].hints
    return "\n".join(
        f'<details class="hint"><summary>Hint {number} of {len(told)}</summary><p>{_line(hint)}</p></details>'
        for number, hint in enumerate(told, start=1)
    )


def _line(text: str) -> str:
    return html.escape(text).replace("\n", "&#10;")  # in Markdown, an empty line would end the HTML


def _hints(cell: NotebookNode) -> list[NotebookNode]:
    if not (found := CHECK.search(cell.source)):  # a quiz has none
        return []
    return [new_markdown_cell(hints(found[1]), id=f"hints-{found[1].replace('.', '-')}")]


def _solution(cell: NotebookNode) -> NotebookNode:
    what = "the answers" if "quiz(" in cell.source else "the solution"
    cell.metadata["tags"] = ["hide-cell"]
    cell.metadata["mystnb"] = {"code_prompt_show": f"Show {what}", "code_prompt_hide": f"Hide {what}"}
    return cell


def _tagged(notebook: NotebookNode, tag: str) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if tag in cell.metadata.get("tags", [])]
