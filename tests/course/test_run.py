"""Notebooks side by side: contained, in order, ended together, and told what became of each."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from bxe import course
from bxe.course.run import _Kernels
from tests.course.conftest import command


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


def test_a_bar_of_the_notebook_is_on_no_page():
    code = "from tqdm.auto import tqdm\nfor _ in tqdm(range(3), leave=False): pass\nprint('done')"
    _, (ended,) = run(course.Job("bar", notebook(code)))
    assert [output.get("text") for output in ended.cells[0].outputs] == ["done\n"]


def test_a_kernels_last_words_do_not_stand_among_our_lines(capfd):
    code = "import os; os.write(2, b'Assertion failed')"
    results, _ = run(course.Job("ends", notebook(code)))
    assert results["ends"].error is None and "Assertion" not in capfd.readouterr().err


def test_what_is_called_after_each_result_is_called_in_the_callers_thread():
    threads = []
    course.run_all([course.Job("one", notebook("1"))], lambda *_: threads.append(threading.current_thread()))
    assert threads == [threading.current_thread()]


def test_no_run_solves_anything_for_the_learner(tmp_path, monkeypatch):
    monkeypatch.setenv("BXE_PROGRESS", str(tmp_path / "solved"))
    code = "from bxe import check; check('00.2', lambda n: n)"
    results, (ended,) = run(course.Job("solves", notebook(code)))
    assert results["solves"].error is None and "00.2 · right" in ended.cells[0].outputs[0].text
    assert not (tmp_path / "solved").exists()


def test_a_run_does_not_lean_on_what_the_caller_has_set(tmp_path, monkeypatch):
    """Figures in the page, this very interpreter, and none of the caller's own start-up files."""
    spec = tmp_path / "kernels" / "python3" / "kernel.json"
    spec.parent.mkdir(parents=True)
    spec.write_text(json.dumps({"argv": ["/nowhere/python", "-f", "{connection_file}"], "display_name": "another"}))
    startup = tmp_path / "ipython" / "profile_default" / "startup" / "00.py"
    startup.parent.mkdir(parents=True)
    startup.write_text("print = None")
    monkeypatch.setenv("MPLBACKEND", "agg")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    code = "import sys, matplotlib.pyplot as plt; print(sys.executable)"
    results, (ended,) = run(course.Job("figure", notebook(code, "plt.plot([1]); plt.show()")))
    assert results["figure"].error is None and ended.cells[0].outputs[0].text.strip() == sys.executable
    assert "image/png" in ended.cells[1].outputs[0].data


def test_a_long_temporary_folder_is_no_matter(tmp_path, monkeypatch):
    long = tmp_path / ("long" * 30)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    results, _ = run(course.Job("one", notebook("1")))
    assert results["one"].error is None


def test_a_kernel_that_cannot_start_is_told_and_the_others_run(monkeypatch):
    from jupyter_client.provisioning import LocalProvisioner

    launch, tried = LocalProvisioner.launch_kernel, []

    async def once_refused(self, *words, **kwargs):
        tried.append(1)
        if len(tried) == 1:
            raise OSError("no process to spare")
        return await launch(self, *words, **kwargs)

    monkeypatch.setattr(LocalProvisioner, "launch_kernel", once_refused)
    results, _ = run(course.Job("one", notebook("1")), course.Job("two", notebook("1"), after="one"))
    assert "no process to spare" in results["one"].error and results["two"].error is None


@pytest.mark.parametrize("writable", [True, False])
def test_what_numba_compiles_has_a_place(writable, monkeypatch, tmp_path):
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setattr(os, "access", lambda path, mode: writable)
    with course.surroundings() as environment:
        assert ("NUMBA_CACHE_DIR" in environment) is not writable
        if not writable:
            (Path(environment["NUMBA_CACHE_DIR"]) / "there").touch()
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    with course.surroundings() as environment:
        assert environment["NUMBA_CACHE_DIR"] == str(tmp_path)


def test_a_notebook_is_read_as_it_was_written(tmp_path):
    nbformat.write(notebook("print('tea · käse')"), tmp_path / "00.ipynb")
    assert course.read(tmp_path / "00.ipynb").cells[0].source == "print('tea · käse')"


@pytest.mark.parametrize(
    "content, reason",
    [
        ('{"cells": [', "Expecting value: line 1"),
        ('{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": 3}', "'int' object is not iterable"),
        (
            '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, '
            '"cells": [{"cell_type": "code", "metadata": {}, "id": "a", "source": "1"}]}',
            "'outputs' is a required property",
        ),
        ('{"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": []}', "cells"),
    ],
)
def test_a_notebook_that_cannot_be_read_is_named_with_what_to_do(tmp_path, content, reason):
    (tmp_path / "00.ipynb").write_text(content)
    with pytest.raises(ValueError, match=rf"00.ipynb is damaged \(.*{reason}.*\); install bxe again"):
        course.read(tmp_path / "00.ipynb")
    with pytest.raises(FileNotFoundError, match="none.ipynb is missing; install bxe again"):
        course.read(tmp_path / "none.ipynb")


def test_a_page_has_its_title_and_asks_for_nothing_from_elsewhere():
    widgets = {"application/vnd.jupyter.widget-state+json": {"state": {}, "version_major": 2, "version_minor": 0}}
    cells = [new_markdown_cell("*tea* at $x$ degrees"), new_code_cell("1")]
    page = course.page(new_notebook(cells=cells, metadata={"widgets": widgets}), "Notes")
    assert "<title>Notes</title>" in page and "<em>tea</em>" in page
    assert re.findall(r"""(?:src=|href=|import\()["']([^"'#][^"']*)""", page) == []
    assert re.findall(r"""Src = ["'](https?:[^"']*)""", page) == []


def test_stopping_ends_every_kernel_at_once_even_one_that_is_gone_or_does_not_listen():
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); time.sleep(20)"
    running = [subprocess.Popen([sys.executable, "-c", deaf], stdout=subprocess.PIPE) for _ in range(2)]
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    kernels = _Kernels({gone.pid, *(process.pid for process in running)})
    for process in running:
        process.stdout.readline()
    kernels.end()
    assert kernels.stopped
    for process in running:
        assert process.wait(5) != 0
        process.stdout.close()


# ---------------------------------------------------------------- the command


def test_one_failing_notebook_does_not_stop_the_others(small_course):
    process = command(small_course, "course", "run")
    out, _ = process.communicate(timeout=120)
    assert process.returncode == 1
    first, *lines, last = out.splitlines()
    assert first.startswith("running 3 notebooks") and last.startswith("2 of 3 notebooks ran to the end")
    one, two, three = sorted(lines)
    assert re.fullmatch(r"00_n +\d+\.\d s +\d+ MB +3 cells   ok", one)
    assert re.fullmatch(r"01_n +\d+\.\d s +\d+ MB +2 of 3 cells   cell 2: ZeroDivisionError: division by zero", two)
    assert three.endswith("ok")
    pages = {path.name: path.read_text() for path in (small_course / "build" / "course").iterdir()}
    assert sorted(pages) == ["00_n.html", "01_n.html", "02_n.html"]
    assert "fine" in pages["00_n.html"] and "ZeroDivisionError" in pages["01_n.html"]
    for page in pages.values():  # asks for nothing from elsewhere
        assert re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="https?:[^"]*"', page) == []
        assert not re.search(r"(?:import|require)[^\n]{0,40}https?://", page)


def test_something_is_said_within_two_seconds(small_course):
    path = small_course / "notebooks" / "00_n.ipynb"
    path.write_text(path.read_text().replace("print('fine')", "import time; time.sleep(60)"))
    process = command(small_course, "course", "run", "00", start_new_session=True)
    before = time.monotonic()
    assert process.stdout.readline().startswith("running 1 notebook")
    assert time.monotonic() - before < 20  # on a busy machine the imports alone take seconds
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)


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


READY = """
import signal, sys, threading
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
sys.argv = ["bxe", "course", "run", "00"]

def tell():
    while signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        pass
    print("ready", flush=True)

threading.Thread(target=tell, daemon=True).start()
from bxe.cli import main
sys.exit(main())
"""


@pytest.mark.parametrize("seconds", [0, 0.1, 0.4])
def test_ctrl_c_amid_the_imports_is_one_line(small_course, seconds):
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    environment = {**os.environ, "PYTHONPATH": str(small_course)}
    with subprocess.Popen([sys.executable, "-c", READY], cwd=small_course, env=environment, **pipes) as process:
        assert process.stdout.readline() == "ready\n"
        time.sleep(seconds)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (130, "\ninterrupted\n")


def test_a_damaged_and_a_missing_notebook_are_named_and_the_others_run(small_course):
    (small_course / "notebooks" / "01_n.ipynb").write_text('{"cells": [')
    (small_course / "notebooks" / "02_n.ipynb").unlink()
    process = command(small_course, "course", "run")
    out, err = process.communicate(timeout=120)
    assert process.returncode == 1 and not err
    assert re.search(r"^01_n .*/01_n.ipynb is damaged \(.+\); install bxe again", out, re.M)
    assert re.search(r"^02_n .*/02_n.ipynb is missing; install bxe again", out, re.M)
    assert re.search(r"^00_n .* ok$", out, re.M) and "\n1 of 3 notebooks ran to the end" in out
