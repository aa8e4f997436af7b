"""A file is written whole or not at all: whoever reads it sees the old content or the new, and no temporary file is left."""

import hashlib
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bxe import files

old_content = st.none() | st.binary(max_size=50)
TROUBLES = [OSError(28, "No space left on device"), KeyboardInterrupt()]


class Breaking:
    """An open file that takes the first bytes, and then the disk is full, or somebody presses Ctrl-C."""

    def __init__(self, file, room: int, trouble: BaseException):
        self.file, self.room, self.trouble = file, room, trouble

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()

    def write(self, content: bytes):
        self.file.write(content[: self.room])
        raise self.trouble


def breaking(step: str, room: int, trouble: BaseException):
    """Make one step of writing fail: opening the file, writing into it, or renaming it."""
    if step == "write":
        opened = Path.open
        return patch.object(Path, "open", lambda path, mode: Breaking(opened(path, mode), room, trouble))
    return patch.object(*{"open": (Path, "open"), "rename": (os, "replace")}[step], side_effect=trouble)


def folder_with(content: bytes | None):
    folder = tempfile.TemporaryDirectory()
    if content is not None:
        Path(folder.name, "file").write_bytes(content)
    return folder


def found_in(folder: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


@given(old_content, st.binary(max_size=50))
def test_what_was_written_is_read(old, new):
    for write in (files.write, files.keep):
        with folder_with(old) as folder:
            write(Path(folder, "file"), new)
            assert found_in(folder) == {"file": new}


@pytest.mark.parametrize("step", ["open", "write", "rename"])
@given(old_content, st.binary(min_size=1, max_size=50), st.integers(0, 50), st.sampled_from(TROUBLES))
def test_a_write_that_fails_or_is_interrupted_leaves_what_was_there(step, old, new, room, trouble):
    with folder_with(old) as folder:
        with breaking(step, room, trouble), pytest.raises(type(trouble)):
            files.write(Path(folder, "file"), new)
        assert found_in(folder) == ({} if old is None else {"file": old})


def test_who_reads_meanwhile_never_sees_half_a_file(tmp_path):
    path, contents, done = tmp_path / "file", [b"a" * 100_000, b"b" * 200_000], threading.Event()
    files.write(path, contents[0])
    seen = set()

    def read():
        while not done.is_set():
            try:
                seen.add(path.read_bytes())
            except OSError as error:
                seen.add(error)

    reader = threading.Thread(target=read)
    reader.start()
    for turn in range(200):
        files.write(path, contents[turn % 2])
    done.set()
    reader.join()
    assert seen and seen <= set(contents)


def test_folders_on_the_way_are_made(tmp_path):
    files.write(tmp_path / "one" / "two" / "file", b"new")
    assert found_in(tmp_path / "one" / "two") == {"file": b"new"}


@pytest.mark.skipif(os.name != "posix", reason="permissions are those of POSIX")
@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_a_new_file_gets_the_usual_permissions_and_an_old_one_keeps_its_own(tmp_path, mask, mode):
    (tmp_path / "old").touch()
    (tmp_path / "old").chmod(0o640)
    before = os.umask(mask)
    try:
        files.write(tmp_path / "new", b"")
        files.write(tmp_path / "old", b"")
    finally:
        os.umask(before)
    assert [(tmp_path / name).stat().st_mode & 0o777 for name in ("new", "old")] == [mode, 0o640]


def test_a_cache_that_cannot_be_written_is_told_in_a_line(tmp_path, capsys):
    with breaking("write", 3, TROUBLES[0]):
        files.keep(tmp_path / "vectors.npz", b"content")
    told = "the cache could not be written ([Errno 28] No space left on device); next time it is computed again\n"
    assert capsys.readouterr().out == f"vectors.npz: {told}" and found_in(tmp_path) == {}


def test_ctrl_c_is_not_taken_for_a_cache_that_cannot_be_written(tmp_path):
    with breaking("rename", 0, KeyboardInterrupt()), pytest.raises(KeyboardInterrupt):
        files.keep(tmp_path / "vectors.npz", b"content")
    assert found_in(tmp_path) == {}


def test_the_environment_chooses_the_cache_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("BXE_CACHE", str(tmp_path))
    assert files.cache_folder() == tmp_path
    monkeypatch.delenv("BXE_CACHE")
    assert "bxe" in files.cache_folder().parts


NO_HOME = """
import pwd

def nobody(user):
    raise KeyError(user)

pwd.getpwuid = nobody
from bxe import corpora, files
from bxe.exercises import record
folders = [files.cache_folder(), files.cache_folder(), files.user_folder("BXE_PROGRESS", "data")]
files.keep(folders[0] / "a", b"kept while the program runs")
print(folders[0] == folders[1], [folder.exists() for folder in folders], (folders[0] / "a").read_bytes())
for path in ("~/x.csv", "~nosuch/x.csv"):
    try:
        corpora.from_csv(path)
    except FileNotFoundError as error:
        print(error)
record.remember("00.2")
print(record.progress_folder().relative_to(folders[2]), record.solved())
print(folders[0])
"""


@pytest.mark.skipif(os.name != "posix", reason="the user list is that of POSIX")
def test_without_a_home_it_goes_on_without_keeping_and_says_so_once():
    bare = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "BXE_")) and k != "HOME"}
    done = subprocess.run([sys.executable, "-c", NO_HOME], env=bare, capture_output=True, text=True)
    told, same, home, other, progress, folder = done.stdout.splitlines()
    assert "no home folder" in told and "set HOME" in told
    assert same == "True [True, True, True] b'kept while the program runs'"
    for path, line in (("~/x.csv", home), ("~nosuch/x.csv", other)):
        assert line == f"{path} names a home folder that is not known here; give the whole path, starting with {os.sep}"
    assert progress == "progress {'00.2'}"
    assert not Path(folder).exists() and done.stderr == ""


def test_the_environment_chooses_any_folder_of_the_users(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("BXE_PROGRESS", "~/solved")
    assert files.user_folder("BXE_PROGRESS", "data") == tmp_path / "solved"
    monkeypatch.delenv("BXE_PROGRESS")
    assert "bxe" in files.user_folder("BXE_PROGRESS", "data").parts


def test_what_an_earlier_kill_left_behind_is_swept_and_nothing_else(tmp_path):
    left, meanwhile, theirs = (tmp_path / name for name in (f".v.npz.{'0a' * 8}", f".v.npz.{'1b' * 8}", ".note.12.34"))
    for path in (left, meanwhile, theirs):
        path.write_bytes(b"x")
    for path in (left, theirs):
        os.utime(path, (time.time() - 7200,) * 2)
    files.write(tmp_path / "other", b"")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([meanwhile.name, theirs.name, "other"])


def test_a_file_is_verified_by_its_sum(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"whole")
    sums = {"file": hashlib.sha256(b"whole").hexdigest(), "other": "0" * 64}
    (tmp_path / "SHA256SUMS").write_text("".join(f"{digest}  {name}\n" for name, digest in sums.items()))
    assert files.sums(tmp_path, "Install again.") == sums
    files.verify(path, sums["file"], "Install again.")
    path.write_bytes(b"whale")
    with pytest.raises(ValueError, match="file is damaged or was changed: its SHA-256 is .* Install again"):
        files.verify(path, sums["file"], "Install again.")
    (tmp_path / "SHA256SUMS").unlink()
    with pytest.raises(FileNotFoundError, match="SHA256SUMS is missing. Install again"):
        files.sums(tmp_path, "Install again.")


def test_a_file_is_read_again_only_if_somebody_may_have_written_to_it(tmp_path, monkeypatch):
    path, read = tmp_path / "file", []
    path.write_bytes(b"whole")
    whole, original = hashlib.sha256(b"whole").hexdigest(), hashlib.sha256
    monkeypatch.setattr(hashlib, "sha256", lambda *given: read.append(1) or original(*given))
    monkeypatch.setattr(files, "_SETTLED", float("inf"))
    for _ in range(2):  # it was written just now, and could be again at what the clock calls the same time
        files.verify(path, whole, "Install again.")
    assert len(read) == 2
    monkeypatch.setattr(files, "_SETTLED", -1)
    for _ in range(3):
        files.verify(path, whole, "Install again.")
    assert len(read) == 3
    with pytest.raises(ValueError, match="file is damaged or was changed"):
        files.verify(path, "0" * 64, "Install again.")
    before = path.stat()
    time.sleep(0.02)
    path.write_bytes(b"whale")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(ValueError, match="file is damaged or was changed"):
        files.verify(path, whole, "Install again.")


@pytest.mark.parametrize("odd", [0, -1, 1.0, "3", None, True, np.bool_(True), np.float32(2)])
def test_a_count_is_a_whole_number_of_at_least_1(odd):
    with pytest.raises(ValueError, match="^batch_size is .*; give texts at once, a whole number of at least 1$"):
        files.expect_count(odd, "batch_size", "texts at once")
    assert type(files.expect_count(np.int64(3), "batch_size")) is int


@pytest.mark.parametrize("odd", [-1, 1.0, "3", None, True])
def test_a_seed_is_a_whole_number_of_at_least_0(odd):
    with pytest.raises(ValueError, match="^seed is .*; give a whole number of at least 0$"):
        files.expect_seed(odd)
    assert files.expect_seed(0) == 0 and type(files.expect_seed(np.int64(3))) is int


def test_of_an_error_the_first_line_that_says_something():
    assert files.first_line(ValueError("\n  the cause\nand its place")) == "the cause"
    assert files.first_line(ValueError(" ")) == "ValueError"
