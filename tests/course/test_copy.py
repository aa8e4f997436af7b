"""A learner's copy: whole, brought up to date, and never overwritten."""

import contextlib
import json
import os
import tempfile
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bxe import course, exercises, files


def test_a_copy_is_whole_and_a_second_one_changes_nothing(tmp_path):
    target = tmp_path / "mine"
    names = course.copy_to(target)["copied"]
    assert "02_similarity.ipynb" in names and "solutions/02_similarity.ipynb" in names
    assert all((target / name).read_bytes() == (course.folder() / name).read_bytes() for name in names)
    again = course.copy_to(target)
    assert again.pop("unchanged") == names and not any(again.values())


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
    assert outcome["beside"] == ["00_small.new.ipynb"]
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
    "text", ["null", "[]", "3", "[[1]]", "[[null, null]]", '{"00_small.ipynb": null}', '{"00_small.ipynb": [[]]}', ""]
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


def upgraded(notebooks, mine, version):
    release(notebooks, version, count=1)
    return {what: names for what, names in course.copy_to(mine).items() if names}


def test_a_new_version_comes_beside_a_changed_notebook_once_and_is_refreshed(notebooks, tmp_path):
    own, new = tmp_path / "00_small.ipynb", tmp_path / "00_small.new.ipynb"
    upgraded(notebooks, tmp_path, 1)
    own.write_text("my own work")
    assert upgraded(notebooks, tmp_path, 1) == {"kept": [own.name]} and not new.exists()
    for version in (2, 3):
        assert upgraded(notebooks, tmp_path, version) == {"kept": [own.name], "beside": [new.name]}
        assert own.read_text() == "my own work" and new.read_text() == f"version {version} of 0"
        assert upgraded(notebooks, tmp_path, version) == {"kept": [own.name]}
    new.unlink()
    assert upgraded(notebooks, tmp_path, 3) == {"kept": [own.name]} and not new.exists()


def test_a_new_version_that_the_learner_changed_is_the_learners_own_as_well(notebooks, tmp_path):
    upgraded(notebooks, tmp_path, 1)
    (tmp_path / "00_small.ipynb").write_text("my own work")
    upgraded(notebooks, tmp_path, 2)
    (tmp_path / "00_small.new.ipynb").write_text("my second work")
    assert upgraded(notebooks, tmp_path, 3)["beside"] == ["00_small.new2.ipynb"]
    texts = {path.name: path.read_text() for path in tmp_path.glob("00*.ipynb")}
    assert texts == {
        "00_small.ipynb": "my own work",
        "00_small.new.ipynb": "my second work",
        "00_small.new2.ipynb": "version 3 of 0",
    }


def test_whoever_takes_the_new_version_over_is_up_to_date_again(notebooks, tmp_path):
    upgraded(notebooks, tmp_path, 1)
    (tmp_path / "00_small.ipynb").write_text("my own work")
    upgraded(notebooks, tmp_path, 2)
    (tmp_path / "00_small.new.ipynb").rename(tmp_path / "00_small.ipynb")
    assert upgraded(notebooks, tmp_path, 2) == {"unchanged": ["00_small.ipynb"]}
    assert upgraded(notebooks, tmp_path, 3) == {"updated": ["00_small.ipynb"]}


def test_a_deleted_notebook_comes_again_and_what_lies_beside_it_is_never_older(notebooks, tmp_path):
    upgraded(notebooks, tmp_path, 1)
    (tmp_path / "00_small.ipynb").write_text("my own work")
    upgraded(notebooks, tmp_path, 2)
    (tmp_path / "00_small.ipynb").unlink()
    assert upgraded(notebooks, tmp_path, 2) == {"copied": ["00_small.ipynb"]}
    assert upgraded(notebooks, tmp_path, 3) == {"updated": ["00_small.ipynb"]}
    assert (tmp_path / "00_small.new.ipynb").read_text() == "version 3 of 0"


def test_a_notebook_that_left_the_course_stays_with_the_learner(notebooks, tmp_path):
    release(notebooks, 1)
    course.copy_to(tmp_path)
    (tmp_path / "notes.ipynb").write_text("not of the course")
    for number in (1, 2, 3):
        (notebooks / f"0{number}_small.ipynb").unlink()
    (tmp_path / "02_small.ipynb").unlink()
    (tmp_path / "03_small.ipynb").write_text("my own work")
    assert upgraded(notebooks, tmp_path, 1) == {
        "unchanged": ["00_small.ipynb"],
        "gone": ["01_small.ipynb", "03_small.ipynb"],
    }
    assert (tmp_path / "03_small.ipynb").read_text() == "my own work"


def test_new_notebooks_arrive(notebooks, tmp_path):
    upgraded(notebooks, tmp_path, 1)
    (notebooks / "12_production.ipynb").write_text("new")
    assert upgraded(notebooks, tmp_path, 1) == {"copied": ["12_production.ipynb"], "unchanged": ["00_small.ipynb"]}


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["release", "drop", "start", "write", "delete", "rename", "lose the manifest"]),
        st.sampled_from(["00_small.ipynb", "01_small.ipynb"]),
        st.sampled_from(["00_small.ipynb", "00_small.new.ipynb", "01_small.new.ipynb", "01_small.new2.ipynb"]),
    ),
    max_size=25,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(steps=STEPS)
def test_whatever_happens_between_upgrades_what_a_learner_wrote_stays(notebooks, steps):
    with tempfile.TemporaryDirectory() as folder:
        mine, written = Path(folder), {}
        for number, (step, name, other) in enumerate(steps):
            if step == "release":
                (notebooks / name).write_text(f"version {number}")
            elif step == "drop":
                (notebooks / name).unlink(missing_ok=True)
            elif step == "write":
                (mine / other).write_text(f"mine {number}")
                written[other] = f"mine {number}"
            elif step == "delete":
                (mine / other).unlink(missing_ok=True)
                written.pop(other, None)
            elif step == "rename" and (mine / other).exists():
                os.replace(mine / other, mine / name)
                written.pop(name, None)
                if other in written and other != name:
                    written[name] = written.pop(other)
            elif step == "lose the manifest":
                (mine / ".bxe.json").write_text("[")
            elif step == "start":
                outcome = course.copy_to(mine)
                for there in (*outcome["copied"], *outcome["updated"], *outcome["unchanged"]):
                    assert (mine / there).read_bytes() == (notebooks / there).read_bytes()
                again = course.copy_to(mine)
                assert not again["copied"] + again["updated"] + again["beside"] and again["kept"] == outcome["kept"]
            assert {name: (mine / name).read_text() for name in written} == written


@contextlib.contextmanager
def as_a_plain_user():
    """Root may write anywhere; nobody may not."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


def test_a_folder_that_cannot_be_written_is_told_and_stays_as_it_was(notebooks):
    upgraded(notebooks, mine := notebooks.parent / "mine", 1)
    release(notebooks, 2, count=2)
    before = {path.name: path.read_bytes() for path in mine.iterdir()}
    with contextlib.ExitStack() as stack:
        for path in (notebooks, *notebooks.parents):
            if path.stat().st_uid == os.geteuid() and path.stat().st_mode & 0o700 == path.stat().st_mode & 0o777:
                stack.callback(path.chmod, path.stat().st_mode & 0o777)
                path.chmod(0o755)  # pytest's folders are the user's alone
        mine.chmod(0o555)
        stack.callback(mine.chmod, 0o755)
        with as_a_plain_user(), pytest.raises(PermissionError, match="mine"):
            course.copy_to(mine)
    assert {path.name: path.read_bytes() for path in mine.iterdir()} == before


def test_progress_outlasts_an_upgrade(notebooks, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("BXE_PROGRESS", str(tmp_path / "progress"))
    upgraded(notebooks, tmp_path / "mine", 1)
    exercises.quiz("00", {1: "b"})
    upgraded(notebooks, tmp_path / "mine", 2)
    assert exercises.progress()["quiz answers right"]["00"] == 1


def test_the_report_counts_what_came_and_names_what_asks_for_a_decision():
    many = [f"{number:02}_small.ipynb" for number in range(30)]
    told = course.report({"copied": many, "kept": many, "gone": ["31_old.ipynb"]})
    copied, kept, gone, meaning = told.splitlines()
    assert copied.split() == ["copied", "30", "00_small.ipynb,", "01_small.ipynb,", "02_small.ipynb,", "..."]
    assert kept.split()[:2] == ["kept", "30"] and "29_small.ipynb" in kept and "31_old.ipynb" in gone
    assert meaning.startswith("kept: ") and "gone: " in meaning and "beside: " not in meaning


SEVERAL = ["00_a.ipynb", "01_b.ipynb", "02_c.ipynb", "03_d.ipynb"]
MANY_KEPT = f"  kept         4   {', '.join(SEVERAL)}\nkept: you changed these, so they were not touched."
MANY_BESIDE = (
    f"  beside       4   {', '.join(SEVERAL)}\nbeside: the course's new version of them, to compare with yours."
)
MANY_GONE = f"  gone         4   {', '.join(SEVERAL)}\ngone: no longer in the course; they stay with you."


@pytest.mark.parametrize(
    "outcome, told",
    [
        ({}, ""),
        ({"copied": SEVERAL[:3], "kept": []}, "  copied       3   00_a.ipynb, 01_b.ipynb, 02_c.ipynb"),
        ({"updated": SEVERAL}, "  updated      4   00_a.ipynb, 01_b.ipynb, 02_c.ipynb, ..."),
        ({"kept": SEVERAL}, MANY_KEPT),
        ({"beside": SEVERAL}, MANY_BESIDE),
        ({"gone": SEVERAL}, MANY_GONE),
        (
            {"gone": ["00_a.ipynb"], "kept": ["01_b.ipynb"]},
            "  kept         1   01_b.ipynb\n  gone         1   00_a.ipynb\n"
            "kept: you changed these, so they were not touched. gone: no longer in the course; they stay with you.",
        ),
    ],
)
def test_a_report_shortens_only_what_asks_for_no_decision(outcome, told):
    assert course.report(outcome) == told


def test_a_notebook_saved_while_the_courses_own_is_on_its_way_stays(notebooks, tmp_path, monkeypatch):
    release(notebooks, 1, count=1)
    write, own = files.write, tmp_path / "mine" / "00_small.ipynb"

    def save_meanwhile(path, content):
        write(path, content)
        if "00_small.ipynb" in path.name:
            own.write_text("saved just now")

    monkeypatch.setattr(files, "write", save_meanwhile)
    outcome = course.copy_to(tmp_path / "mine")
    assert outcome["kept"] == ["00_small.ipynb"] and not outcome["copied"] and own.read_text() == "saved just now"
