"""The machinery that compares notebooks lets through what it should and no more."""

import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_notebook, new_output

from bxe import course
from tools.nbval_tolerance import NUMBER, close_enough

ROOT = Path(__file__).parent.parent

# ---------------------------------------------------------------- the tolerance, as a function


@pytest.mark.parametrize(
    ("reference", "test"),
    [
        ("cosine 0.6660", "cosine 0.6661"),
        ("cosine 0.6660", "cosine 0.6659"),
        ("1.234e-05", "1.235e-05"),
        ("a   -0.10  b", "a    0.00  b".replace("0.00", "-0.09")),
        ("share 4.0%", "share 4.1%"),
        ("1,000.5 texts", "1,000.6 texts"),
        ("no numbers at all", "no  numbers at\nall"),
    ],
)
def test_one_unit_in_the_last_printed_place_passes(reference, test):
    assert close_enough(reference, test)


@pytest.mark.parametrize(
    ("reference", "test"),
    [
        ("cosine 0.6660", "cosine 0.6662"),
        ("cosine 0.6660", "cosine -0.6660"),
        ("shape (3, 384)", "shape (3, 385)"),
        ("02.1 · right", "02.2 · right"),
        ("torch 2.13.0", "torch 2.13.1"),
        ("0.6660 weather", "0.6660 stadium"),
        ("0.5 0.5", "0.5"),
        ("27%", "28%"),
        ("1.2e-05", "1.2e-04"),
        ("value nan", "value 0.5"),
    ],
)
def test_anything_more_fails(reference, test):
    assert not close_enough(reference, test)


def test_a_stated_tolerance_widens_and_narrows():
    assert close_enough("0.6660", "0.70", tolerance=0.05)
    assert not close_enough("0.66", "0.67", tolerance=0.001)
    assert close_enough("61 of 72", "62 of 72", tolerance=1)


@given(st.floats(-1e6, 1e6), st.integers(1, 6))
def test_a_number_is_close_to_itself_and_to_its_neighbours_only(value, places):
    unit = Decimal(1).scaleb(-places)
    printed = Decimal(f"{value:.{places}f}")
    assert NUMBER.fullmatch(f"{printed:f}")
    assert close_enough(f"{printed:f}", f"{printed:f}")
    assert close_enough(f"{printed:f}", f"{printed + unit:f}")
    assert not close_enough(f"{printed:f}", f"{printed + 2 * unit:f}")


# ---------------------------------------------------------------- the tolerance, through nbval

CELLS = {
    "same": ("print('cosine 0.6660')", "cosine 0.6660\n", {}, True),
    "last place": ("print('cosine 0.6660')", "cosine 0.6661\n", {}, True),
    "two places": ("print('cosine 0.6660')", "cosine 0.6662\n", {}, False),
    "whole number": ("print('texts', 60)", "texts 61\n", {}, False),
    "stated tolerance": ("print('cosine 0.6660')", "cosine 0.6300\n", {"bxe": {"tolerance": 0.05}}, True),
    "beyond the stated": ("print('cosine 0.6660')", "cosine 0.6000\n", {"bxe": {"tolerance": 0.05}}, False),
    "text": ("print('lovely weather')", "dull weather\n", {}, False),
    "stderr": ("import sys; print('x', file=sys.stderr); print('ok')", "ok\n", {}, False),
    "ignored": ("print('took 3 s')", "took 99 s\n", {"tags": [course.IGNORE]}, True),
    "error": ("1 / 0", "", {}, False),
}


def test_nbval_passes_and_fails_the_cells_it_should(tmp_path):
    cells = []
    for number, (code, printed, metadata, _) in enumerate(CELLS.values(), start=1):
        outputs = [new_output("stream", text=printed)] if printed else []
        cells.append(new_code_cell(code, outputs=outputs, metadata=metadata, execution_count=number))
    nbformat.write(new_notebook(cells=cells), tmp_path / "cases.ipynb")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "tools.nbval_tolerance",
        "--nbval",
        "--nbval-current-env",
        "-v",
        "-o",
        "addopts=",
    ]
    done = subprocess.run(
        [*command, "-c", str(ROOT / "pyproject.toml"), str(tmp_path / "cases.ipynb")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    verdicts = dict(re.findall(r"::Cell (\d+) (PASSED|FAILED)", done.stdout))
    got = {name: verdicts[str(number)] == "PASSED" for number, name in enumerate(CELLS)}
    assert got == {name: expected for name, (*_, expected) in CELLS.items()}
