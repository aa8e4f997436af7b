"""The bundle for a room without Wi-Fi: the same bytes each time, and a clear line where it cannot be set up."""

import hashlib
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tools.bundle import make, start

SHELL = Path(start.__file__).parent / "start.sh"


@pytest.fixture
def unpacked(tmp_path, monkeypatch):
    """A bundle with one file among its wheels, as if it had been unpacked here."""
    wheel = tmp_path / "wheels" / "bxe-0-py3-none-any.whl"
    wheel.parent.mkdir()
    wheel.write_bytes(b"packages")
    digest = hashlib.sha256(b"packages").hexdigest()
    (tmp_path / "SHA256SUMS").write_text(f"{digest}  wheels/{wheel.name}\n")
    (tmp_path / "made-for.json").write_text(json.dumps(start.this_machine() | {"oldest": 0}))
    monkeypatch.setattr(start, "HERE", tmp_path)
    return tmp_path


def test_the_same_files_give_the_same_bytes(tmp_path):
    first, second = tmp_path / "1" / "bxe.zip", tmp_path / "2" / "bxe.zip"
    for path, names in ((first, "ab"), (second, "ba")):
        path.parent.mkdir()
        make.pack(path, {f"{name}.sh": name.encode() * 99 for name in names}, {"a.sh"})
    assert first.read_bytes() == second.read_bytes()


def test_what_is_packed_can_be_unpacked_and_started(tmp_path):
    make.pack(tmp_path / "bxe.zip", {"start.sh": b"#!/bin/sh\n", "wheels/a.whl": b"a"}, {"start.sh"})
    with zipfile.ZipFile(tmp_path / "bxe.zip") as archive:
        assert archive.namelist() == ["bxe/start.sh", "bxe/wheels/a.whl"]
        assert archive.getinfo("bxe/start.sh").external_attr >> 16 & 0o111
        assert not archive.getinfo("bxe/wheels/a.whl").external_attr >> 16 & 0o111
        assert archive.read("bxe/wheels/a.whl") == b"a"


def test_the_repository_in_the_bundle_is_the_committed_one():
    files, runs = make.repository()
    names = make.git("ls-tree", "-r", "--name-only", "HEAD").decode().split()
    assert set(files) == {f"repository/{name}" for name in names}
    assert files["repository/README.md"] == make.git("show", "HEAD:README.md")
    assert {"repository/.ci/run", "repository/binder/postBuild"} <= runs and "repository/README.md" not in runs


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A repository with one committed file."""
    monkeypatch.setattr(make, "ROOT", tmp_path)
    (tmp_path / "kept.txt").write_text("as committed")
    make.git("init", "-q")
    make.git("add", ".")
    make.git("-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-q", "-m", "one")
    return tmp_path


def test_a_clean_checkout_may_be_bundled(checkout):
    make.expect_committed()


@pytest.mark.parametrize("name", ["kept.txt", "new.txt"])
def test_nothing_is_bundled_that_was_not_committed(checkout, name):
    (checkout / name).write_text("changed")
    with pytest.raises(SystemExit, match=f"^bundle: {name} is not as committed .1 in all.; commit"):
        make.main()


def test_whole_wheels_pass(unpacked):
    start.check_machine()
    start.check_files()


@pytest.mark.parametrize("damage", [lambda path: path.unlink(), lambda path: path.write_bytes(b"package")])
def test_a_damaged_wheel_is_named(unpacked, damage):
    damage(unpacked / "wheels" / "bxe-0-py3-none-any.whl")
    with pytest.raises(SystemExit, match="bxe-0-py3-none-any.whl is missing or damaged; copy the bundle again"):
        start.check_files()


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({"python": "3.9"}, r"for Python 3.9.0 or a later 3.9 on"),
        ({"system": "Plan9", "machine": "vax"}, "on Plan9 vax; this is Python 3"),
        ({"oldest": 99}, r"for Python 3\.\d+\.99 or a later 3\.\d+ on"),
    ],
)
def test_another_machine_is_told_what_the_bundle_is_for(unpacked, other, told):
    (unpacked / "made-for.json").write_text(json.dumps(start.this_machine() | {"oldest": 0} | other))
    with pytest.raises(SystemExit, match=told):
        start.check_machine()


def test_the_oldest_python_is_that_of_the_most_demanding_wheel(tmp_path):
    for name, needs in (("a", ">=3.8"), ("b", ">={}.{}.5".format(*sys.version_info)), ("c", None)):
        with zipfile.ZipFile(tmp_path / f"{name}.whl", "w") as wheel:
            wheel.writestr(
                f"{name}-1.dist-info/METADATA", f"Name: {name}\n" + (f"Requires-Python: {needs}\n" if needs else "")
            )
    assert make.oldest_python(tmp_path) == 5


def test_a_failed_set_up_names_its_log_and_is_tried_again(unpacked):
    for _ in range(2):  # no wheel of the packages is there, so pip fails
        with pytest.raises(SystemExit, match="setting up failed; the reason is at the end of .*setup.log"):
            start.set_up(unpacked / "course" / ".venv")
    assert "bxe" in (unpacked / "course" / "setup.log").read_text()
    assert not (unpacked / "course" / ".venv" / ".ready").exists()


def test_a_second_start_sets_nothing_up(unpacked, capsys):
    venv = unpacked / "course" / ".venv"
    venv.mkdir(parents=True)
    (venv / ".ready").write_text((unpacked / "SHA256SUMS").read_text())
    start.set_up(venv)
    assert capsys.readouterr().out == "" and list(venv.iterdir()) == [venv / ".ready"]


def test_a_folder_that_is_a_file_is_told(unpacked, monkeypatch):
    (unpacked / "taken").write_text("")
    monkeypatch.setattr(start.sys, "argv", ["start.py", str(unpacked / "taken")])
    with pytest.raises(SystemExit, match="taken cannot be written .*; name another folder: start.sh DIR"):
        start.main()


def test_a_machine_without_python_is_told(unpacked):
    (unpacked / "start.sh").write_bytes(SHELL.read_bytes())
    (unpacked / "bin").mkdir()
    for command in ("dirname", "sed"):
        (unpacked / "bin" / command).symlink_to(f"/usr/bin/{command}")
    done = subprocess.run(
        ["/bin/sh", "start.sh"], cwd=unpacked, env={"PATH": str(unpacked / "bin")}, capture_output=True, text=True
    )
    assert done.returncode == 1 and done.stderr.startswith(
        "start: there is no Python on this machine; install Python 3"
    )
