"""nbval, made fit for numbers: they may differ a little between machines.

A pytest plugin (`pytest -p tools.nbval_tolerance --nbval ...`). A number with decimals may differ by one unit in its last
printed place, a whole number not at all, unless the cell states a wider tolerance in its metadata
(`bxe: {tolerance: 0.05}`), which then holds for whole numbers, too.
"""

from __future__ import annotations

import os
import re
import tempfile
from decimal import Decimal

import nbformat
from nbval import plugin

from bxe.course.run import without_bars

# A number that stands by itself: not part of a word, a version (2.13.0) or an exercise's name (02.1).
NUMBER = re.compile(
    r"(?<![\w.])[-+]?(?:\d{1,3}(?:,\d{3})+|0|[1-9]\d*)(?:\.\d+)?(?:e[-+]?\d+)?(?![\w]*\.\d)(?!\d)", re.I
)


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
_teardown = plugin.IPyNbFile.teardown


def compare_outputs(self, test, ref, skip_compare=None):
    test, ref = without_bars(test), without_bars(ref)
    tolerance = self.cell.metadata.get("bxe", {}).get("tolerance")
    return _compare(self, _align(test, ref, tolerance), ref, skip_compare)


def setup(self):
    # Each notebook starts with nothing solved, and leaves the progress of whoever runs the tests alone.
    self.progress, self.before = tempfile.TemporaryDirectory(prefix="bxe-progress-"), os.environ.get("BXE_PROGRESS")
    os.environ["BXE_PROGRESS"] = self.progress.name
    os.environ["TQDM_DISABLE"] = "1"  # a bar would count as output on stderr
    _setup(self)


def teardown(self):
    _teardown(self)
    del os.environ["BXE_PROGRESS"]
    if self.before is not None:
        os.environ["BXE_PROGRESS"] = self.before
    self.progress.cleanup()


plugin.IPyNbCell.compare_outputs = compare_outputs
plugin.IPyNbFile.setup = setup
plugin.IPyNbFile.teardown = teardown
