"""A learner's copy: whole, brought up to date, and never overwritten."""

import pytest

from bxe import course


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
