"""Set-up: the three lists of packages agree, and each thing that can be amiss is told in one line."""

import os
import re
import shutil
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

from tools import constraints, setup_env

ROOT = Path(__file__).parent.parent
PYPROJECT = (ROOT / "pyproject.toml").read_text()


def listed(key: str) -> list[str]:
    block = re.search(rf"^{key} = \[\n(.*?)^\]", PYPROJECT, re.S | re.M).group(1)
    return re.findall(r'"([^"]+)"', block)


def for_conda() -> list:
    return yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]


def test_conda_users_get_the_same_packages():
    (pip,) = [entry["pip"] for entry in for_conda() if isinstance(entry, dict)]
    # In the versions that CI runs; both paths are counted from the file's own folder.
    assert pip == ["-c constraints.txt", *listed("dependencies"), *listed("dev"), *listed("scale"), "-e ."]


def test_the_build_backend_is_pinned():
    (backend,) = re.search(r"^requires = \[(.+)\]", PYPROJECT, re.M).groups()
    assert re.fullmatch(r'"hatchling==[\d.]+"', backend)


def test_pip_conda_and_set_up_ask_for_the_same_python():
    needed = re.search(r'^requires-python = "(.+)"', PYPROJECT, re.M).group(1)
    assert f"python{needed}" in for_conda()
    oldest = tuple(map(int, needed.removeprefix(">=").split(".")))
    setup_env.check_python(oldest)
    with pytest.raises(SystemExit, match=f"bxe needs {needed.removeprefix('>=')} or newer"):
        setup_env.check_python((oldest[0], oldest[1] - 1))


def test_the_constraints_pin_what_is_installed():
    pinned = {r.name: r for r in map(Requirement, (ROOT / "constraints.txt").read_text().splitlines()[1:])}
    for name in listed("dependencies") + listed("dev") + listed("scale") + listed("site"):
        assert Requirement(name).name in pinned
    installed = {r.name: str(r.specifier) for r in map(Requirement, constraints.lines())}
    for name, requirement in pinned.items():
        if name in installed and name != "pip" and (requirement.marker is None or requirement.marker.evaluate()):
            assert installed[name] == str(requirement.specifier), f"{name}: run `make constraints`, or rebuild .venv"


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "docs/testing.md"])
def test_what_a_page_says_that_ci_runs_is_what_it_runs(page):
    targets = re.findall(r"^make (\S+)", (ROOT / ".ci" / "run").read_text(encoding="utf-8"), re.M)
    assert f"make {' '.join(targets)}" in (ROOT / page).read_text(encoding="utf-8")


def test_the_constraints_leave_python_3_10_a_choice():
    numpy = next(line for line in (ROOT / "constraints.txt").read_text().splitlines() if line.startswith("numpy=="))
    marker = Requirement(numpy).marker
    assert marker and not marker.evaluate({"python_version": "3.10"})


def test_a_python_that_is_too_old_is_told():
    with pytest.raises(SystemExit, match="Python is 3.9; bxe needs 3.10 or newer"):
        setup_env.check_python((3, 9, 1))


def test_too_little_room_is_told(monkeypatch, tmp_path):
    monkeypatch.setattr(setup_env, "VENV", tmp_path / "none")
    usage = namedtuple("usage", "free")
    with pytest.raises(SystemExit, match="0.5 GB are free in .*; the packages need"):
        setup_env.check_disk(tmp_path, usage=lambda folder: usage(5e8))


def test_a_missing_venv_module_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(SystemExit, match="no venv module. On Debian or Ubuntu: apt install python3-venv"):
        setup_env.make_venv()


@pytest.mark.parametrize(
    ("printed", "told"),
    [
        ("OSError: [Errno 28] No space left on device", "the disk is full"),
        (
            "Temporary failure in name resolution\nNo matching distribution found for x",
            "no package index can be reached",
        ),
        ("ERROR: No matching distribution found for torch==2.13.0", "no version of some package"),
        ("something else", "installing failed"),
    ],
)
def test_what_pip_prints_is_put_into_one_line(printed, told, monkeypatch, tmp_path):
    monkeypatch.setattr(setup_env, "LOG", ROOT / "build" / "test-setup.log")
    with pytest.raises(SystemExit) as stopped:
        setup_env.run([sys.executable, "-c", f"print({printed!r}); raise SystemExit(1)"])
    assert told in str(stopped.value) and "\n" not in str(stopped.value)


def test_no_index_is_one_line_from_make(tmp_path):
    (tmp_path / "tools").mkdir()
    for name in ("Makefile", "tools/setup_env.py", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path / name)
    environment = {
        "PATH": "/usr/bin:/bin",
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
        "PIP_RETRIES": "1",
        "PIP_CONFIG_FILE": "/dev/null",
    }
    done = subprocess.run(
        ["make", "course", f"PYTHON={sys.executable}"], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.returncode != 0
    assert "setup: no package index can be reached" in done.stderr
    assert not (tmp_path / ".venv" / ".ready").exists()


@pytest.mark.parametrize("ready", ["/another/folder", "", None])
def test_an_environment_from_another_folder_is_set_up_again(tmp_path, monkeypatch, ready):
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "tools").mkdir()
    for name in ("pyproject.toml", "constraints.txt", "tools/setup_env.py"):
        (tmp_path / name).touch()
    (tmp_path / ".venv").mkdir()

    def sets_up():
        done = subprocess.run(["make", "-n", "lab"], cwd=tmp_path, capture_output=True, text=True, check=True)
        return "setup_env.py" in done.stdout

    if ready is not None:
        (tmp_path / ".venv" / ".ready").write_text(ready)
    assert sets_up()
    monkeypatch.setattr(setup_env, "ROOT", tmp_path.resolve())
    monkeypatch.setattr(setup_env, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(setup_env, "run", lambda command: None)
    setup_env.main()
    assert not sets_up()


@pytest.mark.parametrize("lines", ["#!{}/bin/python\n", '#!/bin/sh\n\'\'\'exec\' "{}/bin/python3.11" "$0" "$@"\n'])
def test_an_environment_made_elsewhere_is_made_anew_and_one_made_here_is_kept(tmp_path, monkeypatch, lines):
    commands, here = [], tmp_path / "a b" / ".venv"
    monkeypatch.setattr(setup_env, "VENV", here)
    monkeypatch.setattr(setup_env, "run", commands.append)
    (here / "bin").mkdir(parents=True)
    (here / "bin" / "pip").write_text(lines.format(here))
    setup_env.make_venv()
    assert commands == []
    (here / "bin" / "pip").write_text(lines.format("/before" + str(here)))
    setup_env.make_venv()
    assert "--clear" in commands[0]


def test_make_hands_on_which_notebooks_are_meant():
    for goal, words in (("course", "course run 99"), ("notebooks", "course build 99")):
        out = subprocess.run(["make", "-n", goal, "ONLY=99"], cwd=ROOT, capture_output=True, text=True).stdout
        assert words in out


def test_a_bench_on_a_device_that_is_none_is_one_line():
    command, environment = [sys.executable, "benchmarks/precision.py"], {**os.environ, "BXE_DEVICE": "quantum"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 1 and done.stderr.startswith("bench: device is 'quantum'")
    assert done.stderr.count("\n") == 1


def test_make_alone_lists_the_targets():
    out = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True).stdout
    for target in ("course", "lab", "test", "notebooks", "site", "constraints", "clean"):
        assert re.search(rf"make {target} +\S+", out)
