"""A course of one small notebook."""

import pytest

from bxe.course import lessons

SOURCE = """\
# %% [markdown]
# # A title

# %%
print("one")

# %% tags=["exercise"]
answer = ...

# %% tags=["solution"]
answer = 42

# %% tags=["nbval-ignore-output"]
import time
print(time.time())

# %% bxe={"tolerance": 0.05}
print("one")
"""


@pytest.fixture
def notebooks(tmp_path, monkeypatch):
    """A course of one small notebook."""
    folder = tmp_path / "notebooks"
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "00_small.py").write_text(SOURCE)
    monkeypatch.setattr(lessons, "folder", lambda: folder)
    return folder
