"""The guards: what must be true of a built notebook as it stands in the repository."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import nbformat

from bxe import course

WARNING = re.compile(r"\b\w*Warning:")
MAX_IGNORED = 0.1  # the share of code cells whose output may go uncompared


def problems(path: Path, *, source: Path, solved: bool) -> list[str]:
    """What is wrong with a built notebook as it stands; an empty list if nothing is."""
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    found = _out_of_step(notebook, course.build(source, solved=solved))
    counts = [cell.execution_count for cell in code]
    if None in counts:
        found.append(f"{counts.count(None)} code cells were never run")
    elif counts != list(range(1, len(code) + 1)):
        found.append("cells were not run once each, from top to bottom")
    ignored = sum(course.IGNORE in cell.metadata.get("tags", []) for cell in code)
    if ignored > MAX_IGNORED * len(code):
        found.append(f"{ignored} of {len(code)} code cells go uncompared; at most one in ten may")
    for number, cell in enumerate(code, start=1):
        if any(one.get("name") and one.get("name") == two.get("name") for one, two in pairwise(cell.outputs)):
            found.append(f"code cell {number} has a printed text in two parts")  # a page puts a line break between them
        found += [
            f"code cell {number} {problem}" for output in cell.outputs for problem in _output_problems(output, solved)
        ]
    return found


def _out_of_step(notebook, built) -> list[str]:
    def essence(cells):
        return [(c.id, c.cell_type, c.source, dict(c.metadata)) for c in cells]

    if essence(notebook.cells) == essence(built.cells):
        return []
    return ["is out of step with its source: run `make notebooks`"]


def _output_problems(output, solved: bool) -> list[str]:
    text = output.get("text", "") + str(output.get("data", {}).get("text/plain", ""))
    found = []
    if output.output_type == "error":
        found.append(f"raised {output.ename}")
    if output.get("name") == "stderr":
        found.append(f"wrote to stderr: {text[:80]!r}")
    if WARNING.search(text):
        found.append(f"shows a warning: {WARNING.search(text).group()}")
    if "image/png" in output.get("data", {}) and not output.metadata.get("image/png", {}).get("alt"):
        found.append("shows a figure without alt text")
    if solved and any(
        words in text for words in ("· not attempted", "· not right yet", "· not answered", "is not right")
    ):
        found.append("has a check that did not pass")
    return found
