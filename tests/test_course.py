"""Building is repeatable, executing is contained, a learner's work is never overwritten, the command says what happened."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from bxe import cli, course

SOURCE = """\
# %% [markdown]
# # A title

# %%
print("one")

# %% tags=["exercise"]
answer = ...

# %% tags=["solution"]
answer = 42

# %% tags=["nbval-ignore-output"]
import time
print(time.time())

# %% bxe={"tolerance": 0.05}
print("one")
"""


@pytest.fixture
def notebooks(tmp_path, monkeypatch):
    """A course of one small notebook."""
    folder = tmp_path / "notebooks"
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "00_small.py").write_text(SOURCE)
    monkeypatch.setattr(course, "folder", lambda: folder)
    return folder


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


def test_unknown_notebooks_are_told_with_the_known_ones(notebooks):
    with pytest.raises(ValueError, match="there is no notebook '44'.* 00_small"):
        course.find(["44"], suffix=".py", within=notebooks / "src")


# ---------------------------------------------------------------- a learner's copy


def test_a_copy_is_whole_and_a_second_one_changes_nothing(tmp_path):
    target = tmp_path / "mine"
    names = course.copy_to(target)["copied"]
    assert "02_similarity.ipynb" in names and "solutions/02_similarity.ipynb" in names
    assert all((target / name).read_bytes() == (course.folder() / name).read_bytes() for name in names)
    again = course.copy_to(target)
    assert again["unchanged"] == names and not again["copied"] + again["updated"] + again["kept"]


def test_what_the_learner_changed_is_kept_and_what_is_old_is_updated(notebooks, tmp_path):
    (notebooks / "solutions").mkdir()
    (notebooks / "00_small.ipynb").write_text("version 1")
    (notebooks / "01_other.ipynb").write_text("version 1")
    target = tmp_path / "mine"
    course.copy_to(target)
    (target / "00_small.ipynb").write_text("my own work")
    for name in ("00_small.ipynb", "01_other.ipynb"):
        (notebooks / name).write_text("version 2")
    outcome = course.copy_to(target)
    assert outcome["kept"] == ["00_small.ipynb"] and outcome["updated"] == ["01_other.ipynb"]
    assert (target / "00_small.ipynb").read_text() == "my own work"
    assert (target / "01_other.ipynb").read_text() == "version 2"
    assert course.copy_to(target)["kept"] == ["00_small.ipynb"]


def test_a_file_in_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "mine").write_text("")
    with pytest.raises(NotADirectoryError, match="is a file; give a folder"):
        course.copy_to(tmp_path / "mine")


def test_a_lost_manifest_overwrites_nothing(notebooks, tmp_path):
    (notebooks / "00_small.ipynb").write_text("version 1")
    course.copy_to(tmp_path / "mine")
    (tmp_path / "mine" / ".bxe.json").write_text("{broken")
    (notebooks / "00_small.ipynb").write_text("version 2")
    assert course.copy_to(tmp_path / "mine")["kept"] == ["00_small.ipynb"]


def test_an_interrupted_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "file"
    path.write_text("old")

    def stop(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", stop)
    with pytest.raises(KeyboardInterrupt):
        course.write_atomically(path, b"new")
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


# ---------------------------------------------------------------- the command


@pytest.fixture
def small_course(tmp_path):
    """A checkout of bxe with three small notebooks, the second of which fails."""
    shutil.copytree(
        Path(course.__file__).parent, tmp_path / "bxe", ignore=shutil.ignore_patterns("weights", "__pycache__")
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
    lines = out.splitlines()
    assert re.fullmatch(r"00_n +\d+\.\d s +3 cells   ok", lines[0])
    assert re.fullmatch(r"01_n +\d+\.\d s +2 of 3 cells   cell 2: ZeroDivisionError: division by zero", lines[1])
    assert lines[2].endswith("ok") and lines[3].startswith("2 of 3 notebooks ran to the end")
    pages = {path.name: path.read_text() for path in (small_course / "build" / "course").iterdir()}
    assert sorted(pages) == ["00_n.html", "01_n.html", "02_n.html"]
    assert "fine" in pages["00_n.html"] and "ZeroDivisionError" in pages["01_n.html"]


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
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130 and "interrupted" in err
    assert [path.name for path in (small_course / "build" / "course").iterdir()] == ["00_n.html"]


def test_an_unknown_notebook_is_one_clear_line(capsys):
    assert cli.main(["course", "run", "77"]) == 1
    err = capsys.readouterr().err
    assert err.startswith("bxe: there is no notebook '77'") and "Traceback" not in err


def test_start_copies_and_tells_what_it_kept(tmp_path, capsys):
    assert cli.main(["start", str(tmp_path / "mine"), "--copy-only"]) == 0
    (tmp_path / "mine" / "00_start_here.ipynb").write_text("my own work")
    assert cli.main(["start", str(tmp_path / "mine"), "--copy-only"]) == 0
    out = capsys.readouterr().out
    assert "copied" in out and "kept your own 00_start_here.ipynb" in out
    assert json.loads((tmp_path / "mine" / ".bxe.json").read_text())


def test_the_lab_is_bound_to_localhost_and_keeps_its_token(tmp_path, monkeypatch):
    calls = []

    class Process:
        def __init__(self, command):
            calls.append(command)

        def __enter__(self):
            return self

        def __exit__(self, *error):
            pass

        def wait(self):
            return 0

    monkeypatch.setattr(subprocess, "Popen", Process)
    assert cli.main(["start", str(tmp_path / "mine")]) == 0
    (words,) = calls
    assert "--ServerApp.ip=localhost" in words and f"--ServerApp.root_dir={tmp_path / 'mine'}" in words
    assert not any("token" in word or "password" in word for word in words)


def test_the_doctor_reproduces_the_published_scores(capsys, monkeypatch):
    monkeypatch.setenv("BXE_DEVICE", "cpu")
    assert cli.main(["doctor"]) == 0
    out = capsys.readouterr().out
    assert "0.6660 (published: 0.6660)" in out and out.endswith("all well\n")


def test_the_doctor_says_when_scores_are_off(capsys, monkeypatch):
    monkeypatch.setattr(cli, "REFERENCE_COSINES", (0.7, 0.1046, 0.1411))
    assert cli.main(["doctor"]) == 1
    assert "NOT WELL" in capsys.readouterr().err


def test_the_doctor_does_not_take_nan_for_a_score(capsys, monkeypatch):
    monkeypatch.setattr(cli, "REFERENCE_COSINES", (0.6660, float("nan"), 0.1411))
    assert cli.main(["doctor"]) == 1
