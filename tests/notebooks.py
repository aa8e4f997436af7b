"""nbval, made fit for numbers, and the guards over built notebooks.

As a pytest plugin (`pytest -p tests.notebooks --nbval ...`) it lets numbers differ a little between machines:
a number with decimals by one unit in its last printed place, a whole number not at all, unless the cell states a wider
tolerance in its metadata (`bxe: {tolerance: 0.05}`), which then holds for whole numbers, too.
"""

from __future__ import annotations

import os
import re
import tempfile
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import nbformat
from nbval import plugin

from bxe import course

# A number that stands by itself: not part of a word, a version (2.13.0) or an exercise's name (02.1).
NUMBER = re.compile(
    r"(?<![\w.])[-+]?(?:\d{1,3}(?:,\d{3})+|0|[1-9]\d*)(?:\.\d+)?(?:e[-+]?\d+)?(?![\w]*\.\d)(?!\d)", re.I
)
WARNING = re.compile(r"\b\w*Warning:")
MAX_IGNORED = 0.1  # the share of code cells whose output may go uncompared

# ---------------------------------------------------------------- the tolerance


def close_enough(reference: str, test: str, tolerance: float | None = None) -> bool:
    """Whether two outputs have the same words, and numbers within the tolerance of each other."""
    if _words(reference) != _words(test):
        return False
    pairs = zip(NUMBER.findall(reference), NUMBER.findall(test), strict=True)
    return all(_near(a, b, tolerance) for a, b in pairs)


def _words(text: str) -> str:
    """The text with every number as #; runs of blanks count as one, since a sign more moves a column."""
    return re.sub(r"\s+", " ", NUMBER.sub("#", text)).strip()


def _near(reference: str, test: str, tolerance: float | None) -> bool:
    allowed = _unit(reference) if tolerance is None else Decimal(str(tolerance))
    return abs(_value(reference) - _value(test)) <= allowed


def _value(number: str) -> Decimal:
    return Decimal(number.replace(",", ""))


def _unit(number: str) -> Decimal:
    """One unit in the last printed place; 0 for a whole number."""
    if "." not in number and "e" not in number.lower():
        return Decimal(0)
    return Decimal(1).scaleb(_value(number).as_tuple().exponent)


def _align(test: list, reference: list, tolerance: float | None) -> list:
    """The test's outputs, with each text that is close enough replaced by the reference's."""
    aligned = []
    for ours, theirs in zip(test, reference):
        ours = nbformat.from_dict(ours)
        if "text" in ours and "text" in theirs and close_enough(theirs.text, ours.text, tolerance):
            ours.text = theirs.text
        for kind, value in ours.get("data", {}).items():
            other = theirs.get("data", {}).get(kind)
            if isinstance(value, str) and isinstance(other, str) and close_enough(other, value, tolerance):
                ours.data[kind] = other
        aligned.append(ours)
    return aligned + test[len(aligned) :]


_compare = plugin.IPyNbCell.compare_outputs
_setup = plugin.IPyNbFile.setup


def compare_outputs(self, test, ref, skip_compare=None):
    tolerance = self.cell.metadata.get("bxe", {}).get("tolerance")
    return _compare(self, _align(test, ref, tolerance), ref, skip_compare)


def setup(self):
    # Each notebook starts with nothing solved, and leaves the progress of whoever runs the tests alone.
    os.environ["BXE_PROGRESS"] = tempfile.mkdtemp(prefix="bxe-progress-")
    _setup(self)


plugin.IPyNbCell.compare_outputs = compare_outputs
plugin.IPyNbFile.setup = setup

# ---------------------------------------------------------------- the guards


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
