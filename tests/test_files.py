"""A file is written whole or not at all: whoever reads it sees the old content or the new, and no temporary file is left."""

import os
import tempfile
import threading
from pathlib import Path
from unittest.mock import patch

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
    told = "vectors.npz: the cache could not be written ([Errno 28] No space left on device); the next time takes as long\n"
    assert capsys.readouterr().out == told and found_in(tmp_path) == {}


def test_ctrl_c_is_not_taken_for_a_cache_that_cannot_be_written(tmp_path):
    with breaking("rename", 0, KeyboardInterrupt()), pytest.raises(KeyboardInterrupt):
        files.keep(tmp_path / "vectors.npz", b"content")
    assert found_in(tmp_path) == {}


def test_the_environment_chooses_the_cache_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("BXE_CACHE", str(tmp_path))
    assert files.cache_folder() == tmp_path
    monkeypatch.delenv("BXE_CACHE")
    assert "bxe" in files.cache_folder().parts
