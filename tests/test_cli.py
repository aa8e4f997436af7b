"""The command: arguments in, one line for what is wrong, JupyterLab bound to this machine."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bxe import cli, course


@pytest.fixture(autouse=True)
def signals():
    """A command that runs in the tests' own process leaves its handlers of signals behind."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_an_unknown_notebook_is_one_clear_line(capsys):
    assert cli.main(["course", "run", "77"]) == 1
    err = capsys.readouterr().err
    assert err.startswith("bxe: there is no notebook '77'") and "Traceback" not in err


def test_start_copies_and_tells_what_it_kept(tmp_path, capsys):
    assert cli.main(["start", str(tmp_path / "mine"), "--copy-only"]) == 0
    (tmp_path / "mine" / "00_start_here.ipynb").write_text("my own work")
    assert cli.main(["start", str(tmp_path / "mine"), "--copy-only"]) == 0
    out = capsys.readouterr().out
    assert "copied" in out and "kept         1   00_start_here.ipynb" in out
    assert json.loads((tmp_path / "mine" / ".bxe.json").read_text())


def test_the_lab_is_bound_to_localhost_and_keeps_its_token(tmp_path, monkeypatch):
    calls = []

    class Process:
        def __init__(self, command, env):
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


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["course", "run", ""], "there is no notebook ''"),
        (["course", "run", "00", "--out", "{file}"], "is a file or lies within one; give a folder for the pages"),
        (["course", "run", "00", "--out", "{file}/under"], "is a file or lies within one; give a folder for the pages"),
        (["course", "run", "00", "--out", "~nosuch/x"], "names a home folder that is not known here"),
        (["start", "~nosuch/x"], "names a home folder that is not known here"),
        (["start", "{file}"], "is a file or lies within one; give a folder for your notebooks"),
    ],
)
def test_what_cannot_be_done_is_one_line_before_anything_runs(words, told, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(course, "run_all", lambda *_, **__: pytest.fail("it ran"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    assert cli.main([word.format(file=tmp_path / "file") for word in words]) == 1
    out, err = capsys.readouterr()
    assert told in err and err.count("\n") == 1 and not out


def test_without_a_home_it_goes_on_and_says_so(tmp_path, monkeypatch, capsys):
    def nobody(*_):
        raise RuntimeError("Could not determine home directory.")

    with monkeypatch.context() as patch:
        patch.delenv("HOME", raising=False)
        patch.setattr(Path, "home", nobody)
        assert cli.main(["start", str(tmp_path / "mine"), "--copy-only"]) == 0
        assert "HOME" not in os.environ
    out, err = capsys.readouterr()
    assert "you have no home folder here" in out and "your notebooks are in" in out and not err


def test_ending_the_command_ends_jupyterlab(tmp_path):
    (tmp_path / "jupyterlab").mkdir()
    (tmp_path / "jupyterlab" / "__init__.py").touch()
    (tmp_path / "jupyterlab" / "__main__.py").write_text(
        "import os, pathlib, time; pathlib.Path('lab').write_text(str(os.getpid())); time.sleep(60)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(Path(cli.__file__).parents[1])])}
    command = [sys.executable, "-m", "bxe.cli", "start", str(tmp_path / "mine")]
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL) as process:
        note = tmp_path / "lab"
        for _ in range(600):
            if note.exists() and note.read_text():
                break
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        status = process.wait(timeout=30)
    try:
        os.kill(int(note.read_text()), signal.SIGKILL)
        pytest.fail("JupyterLab still ran")
    except ProcessLookupError:
        assert status == 128 + signal.SIGTERM
