"""The command: arguments in, one line for what is wrong, JupyterLab bound to this machine."""

import json
import subprocess

from bxe import cli


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
