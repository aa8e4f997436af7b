"""A course of one small notebook, and a checkout with three that the command runs."""

import os
import shutil
import subprocess
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

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


@pytest.fixture
def small_course(tmp_path):
    """A checkout of bxe with three small notebooks, the second of which fails."""
    package = lessons.folder().parent / "bxe"
    shutil.copytree(package, tmp_path / "bxe", ignore=shutil.ignore_patterns("weights", "__pycache__"))
    with (tmp_path / "bxe" / "course" / "lessons.py").open("a") as map_of_it:
        map_of_it.write('\n\nLESSONS = tuple(Lesson(f"0{n}_n", "", "", 1) for n in range(3))\n')
    (tmp_path / "notebooks").mkdir()
    for number, code in enumerate(["print('fine')", "1 / 0", "import time; time.sleep(float('0')); print('slow')"]):
        cells = [new_markdown_cell(f"# Notebook {number}"), *map(new_code_cell, ["x = 1", code, "x"])]
        nbformat.write(new_notebook(cells=cells), tmp_path / "notebooks" / f"0{number}_n.ipynb")
    return tmp_path


def command(folder, *words, **kwargs):
    """The command, started in a checkout."""
    environment = {**os.environ, "PYTHONPATH": str(folder), **kwargs.pop("env", {})}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen([sys.executable, "-m", "bxe.cli", *words], cwd=folder, env=environment, **pipes, **kwargs)
