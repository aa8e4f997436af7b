"""Each test has a progress folder of its own, and no hint was given before it."""

import pytest

from bxe.exercises import engine


@pytest.fixture(autouse=True)
def own_progress(monkeypatch, tmp_path):
    monkeypatch.setenv("BXE_PROGRESS", str(tmp_path / "progress"))
    engine._hints_given.clear()
    return tmp_path / "progress"
