"""A learner's copy: whole, brought up to date, and never overwritten."""

import contextlib
import json
import os
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bxe import course, files


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


@pytest.mark.parametrize(
    "text", ["null", "[]", "3", "[[1]]", '{"00_small.ipynb": null}', '{"00_small.ipynb": [[]]}', ""]
)
def test_a_manifest_that_is_none_counts_as_lost(notebooks, tmp_path, text):
    (notebooks / "00_small.ipynb").write_text("version 1")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / ".bxe.json").write_text(text)
    (tmp_path / "mine" / "00_small.ipynb").write_text("my own work")
    assert course.copy_to(tmp_path / "mine")["kept"] == ["00_small.ipynb"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
@given(
    content=st.one_of(
        st.binary(max_size=30),
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        ).map(lambda value: json.dumps(value).encode()),
    )
)
def test_whatever_is_in_the_manifest_the_learners_work_stays(notebooks, tmp_path, content):
    (notebooks / "00_small.ipynb").write_text("version 1")
    (tmp_path / "mine").mkdir(exist_ok=True)
    (tmp_path / "mine" / ".bxe.json").write_bytes(content)
    (tmp_path / "mine" / "00_small.ipynb").write_text("my own work")
    assert course.copy_to(tmp_path / "mine")["kept"] == ["00_small.ipynb"]


def release(notebooks, version, count=4):
    for number in range(count):
        (notebooks / f"0{number}_small.ipynb").write_text(f"version {version} of {number}")


def test_each_upgrade_is_remembered_for_the_next(notebooks, tmp_path):
    for version in (1, 2, 3):
        release(notebooks, version)
        outcome = course.copy_to(tmp_path / "mine")
    assert len(outcome["updated"]) == 4


@pytest.mark.parametrize("at", range(1, 11))
def test_an_upgrade_that_was_killed_anywhere_keeps_nothing_back_from_the_next(notebooks, tmp_path, monkeypatch, at):
    release(notebooks, 1)
    course.copy_to(tmp_path / "mine")
    release(notebooks, 2)
    steps = 0

    def killed(do):
        def step(*words, **kwargs):
            nonlocal steps
            steps += 1
            if steps == at:
                raise KeyboardInterrupt
            return do(*words, **kwargs)

        return step

    with monkeypatch.context() as patch:
        patch.setattr(files, "write", killed(files.write))
        patch.setattr(os, "link", killed(os.link))
        with contextlib.suppress(KeyboardInterrupt):
            course.copy_to(tmp_path / "mine")
    release(notebooks, 3)
    assert not course.copy_to(tmp_path / "mine")["kept"]
    texts = {path.read_text() for path in (tmp_path / "mine").iterdir() if path.name != ".bxe.json"}
    assert texts == {f"version 3 of {number}" for number in range(4)}


@pytest.mark.parametrize("way", ["in place", "renamed", "open"])
def test_a_save_during_an_upgrade_stays(notebooks, tmp_path, monkeypatch, way):
    release(notebooks, 1)
    mine = tmp_path / "mine"
    course.copy_to(mine)
    release(notebooks, 2)
    write = files.write

    def save_meanwhile(path, content):
        if "01_small.ipynb" in path.name and b"version 2" in content:
            if way == "open":
                file.write("saved just now")
                file.flush()
            elif way == "renamed":
                (mine / "new").write_text("saved just now")
                os.replace(mine / "new", mine / "01_small.ipynb")
            else:
                (mine / "01_small.ipynb").write_text("saved just now")
        write(path, content)

    monkeypatch.setattr(files, "write", save_meanwhile)
    with (mine / "01_small.ipynb").open("r+") as file:
        outcome = course.copy_to(mine)
    assert (mine / "01_small.ipynb").read_text() == "saved just now" and outcome["kept"] == ["01_small.ipynb"]
    assert len(outcome["updated"]) == 3


def test_two_upgrades_at_once_are_one_after_the_other(notebooks, tmp_path, monkeypatch):
    release(notebooks, 1)
    course.copy_to(tmp_path / "mine")
    release(notebooks, 2)
    write, inside, most = files.write, set(), []

    def watched(path, content):
        inside.add(threading.get_ident())
        most.append(len(inside))
        write(path, content)

    def upgrade():
        outcomes.append(course.copy_to(tmp_path / "mine"))
        inside.discard(threading.get_ident())

    monkeypatch.setattr(files, "write", watched)
    outcomes = []
    threads = [threading.Thread(target=upgrade) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not any(outcome["kept"] for outcome in outcomes) and len(outcomes) == 4
    assert sorted(len(outcome["updated"]) for outcome in outcomes) == [0, 0, 0, 4]


def test_where_there_are_no_hard_links_it_is_copied_all_the_same(notebooks, tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError("no links here")

    monkeypatch.setattr(os, "link", refuse)
    for version in (1, 2):
        release(notebooks, version)
        course.copy_to(tmp_path / "mine")
    assert (tmp_path / "mine" / "03_small.ipynb").read_text() == "version 2 of 3"


def test_an_upgrade_keeps_a_files_permissions_and_leaves_nothing_lying_about(notebooks, tmp_path):
    release(notebooks, 1)
    course.copy_to(tmp_path / "mine")
    (tmp_path / "mine" / "00_small.ipynb").chmod(0o600)
    release(notebooks, 2)
    course.copy_to(tmp_path / "mine")
    assert (tmp_path / "mine" / "00_small.ipynb").stat().st_mode & 0o777 == 0o600
    there = sorted(path.name for path in (tmp_path / "mine").iterdir())
    assert there == [".bxe.json", *(f"0{number}_small.ipynb" for number in range(4))]
