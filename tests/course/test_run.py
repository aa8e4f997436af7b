"""Notebooks side by side: contained, in order, ended together, and told what became of each."""

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from bxe import course


def notebook(*cells):
    return new_notebook(cells=[new_code_cell(cell) for cell in cells])


def run(*jobs):
    """Run jobs; the results by name, and the notebooks in the order in which they ended."""
    ended = []
    results = course.run_all(jobs, lambda result, notebook: ended.append(notebook))
    return {result.name: result for result in results}, ended


def test_a_job_waits_for_the_one_it_names():
    slow = notebook("import time; time.sleep(2)", "print(time.time())")
    fast = notebook("import time; print(time.time())")
    _, ended = run(course.Job("slow", slow), course.Job("fast", fast, after="slow"))
    assert float(ended[0].cells[-1].outputs[0].text) < float(ended[1].cells[0].outputs[0].text)


def test_a_job_does_not_wait_for_one_that_is_not_there():
    results, _ = run(course.Job("alone", notebook("1"), after="nobody"))
    assert results["alone"].error is None


def test_kernels_run_side_by_side_and_share_out_the_cores():
    code = "import os, time; print(os.environ['OMP_NUM_THREADS']); time.sleep(3)"
    started = time.monotonic()
    jobs = [course.Job(f"job {n}", notebook(code)) for n in range(2)]
    results, ended = run(*jobs)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    if cores > 1:
        assert time.monotonic() - started < sum(result.seconds for result in results.values())
    assert {n.cells[0].outputs[0].text.strip() for n in ended} == {str(max(1, cores // min(cores, 2)))}


def test_peak_memory_is_told_also_when_it_was_given_back():
    results, _ = run(course.Job("large", notebook("x = bytearray(400_000_000); del x", "1")))
    assert results["large"].megabytes > 400


def test_neither_bars_nor_progress_reach_whoever_runs_it():
    code = "import os; print(os.environ['TQDM_DISABLE'], os.environ['BXE_PROGRESS'].startswith(os.getcwd()))"
    _, (ended,) = run(course.Job("quiet", notebook(code)))
    assert ended.cells[0].outputs[0].text.strip() == "1 True"


def test_what_is_called_after_each_result_is_called_in_the_callers_thread():
    threads = []
    course.run_all([course.Job("one", notebook("1"))], lambda *_: threads.append(threading.current_thread()))
    assert threads == [threading.current_thread()]


# ---------------------------------------------------------------- the command


@pytest.fixture
def small_course(tmp_path):
    """A checkout of bxe with three small notebooks, the second of which fails."""
    shutil.copytree(
        Path(course.__file__).parents[1], tmp_path / "bxe", ignore=shutil.ignore_patterns("weights", "__pycache__")
    )
    (tmp_path / "notebooks").mkdir()
    for number, code in enumerate(["print('fine')", "1 / 0", "import time; time.sleep(float('{}')); print('slow')"]):
        seconds = code.format(0)
        cells = [
            new_markdown_cell(f"# Notebook {number}"),
            new_code_cell("x = 1"),
            new_code_cell(seconds),
            new_code_cell("x"),
        ]
        nbformat.write(new_notebook(cells=cells), tmp_path / "notebooks" / f"0{number}_n.ipynb")
    return tmp_path


def command(folder, *words, **kwargs):
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    return subprocess.Popen(
        [sys.executable, "-m", "bxe.cli", *words],
        cwd=folder,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **kwargs,
    )


def test_one_failing_notebook_does_not_stop_the_others(small_course):
    process = command(small_course, "course", "run")
    out, _ = process.communicate(timeout=120)
    assert process.returncode == 1
    first, *lines, last = out.splitlines()
    assert first.startswith("3 notebooks") and last.startswith("2 of 3 notebooks ran to the end")
    one, two, three = sorted(lines)
    assert re.fullmatch(r"00_n +\d+\.\d s +\d+ MB +3 cells   ok", one)
    assert re.fullmatch(r"01_n +\d+\.\d s +\d+ MB +2 of 3 cells   cell 2: ZeroDivisionError: division by zero", two)
    assert three.endswith("ok")
    pages = {path.name: path.read_text() for path in (small_course / "build" / "course").iterdir()}
    assert sorted(pages) == ["00_n.html", "01_n.html", "02_n.html"]
    assert "fine" in pages["00_n.html"] and "ZeroDivisionError" in pages["01_n.html"]


def test_something_is_said_within_two_seconds(small_course):
    path = small_course / "notebooks" / "00_n.ipynb"
    path.write_text(path.read_text().replace("print('fine')", "import time; time.sleep(60)"))
    process = command(small_course, "course", "run", "00", start_new_session=True)
    before = time.monotonic()
    assert process.stdout.readline().startswith("1 notebook")
    assert time.monotonic() - before < 20  # on a busy machine the imports alone take seconds
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)


def test_pages_ask_for_nothing_from_elsewhere(small_course):
    command(small_course, "course", "run", "00").communicate(timeout=120)
    page = (small_course / "build" / "course" / "00_n.html").read_text()
    assert re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="https?:[^"]*"', page) == []
    assert not re.search(r"(?:import|require)[^\n]{0,40}https?://", page)


def test_interrupting_leaves_nothing_half_written_and_says_so(small_course):
    path = small_course / "notebooks" / "02_n.ipynb"
    path.write_text(path.read_text().replace("sleep(float('0'))", "sleep(60)"))
    process = command(small_course, "course", "run", "00", "02", start_new_session=True)
    for line in process.stdout:
        if line.startswith("00_n"):
            break
    time.sleep(3)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130 and "interrupted" in err
    assert [path.name for path in (small_course / "build" / "course").iterdir()] == ["00_n.html"]
