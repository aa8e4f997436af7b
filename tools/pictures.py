"""README's pictures: copies of figures as the solved notebooks show them. Run `python -m tools.pictures` after a build."""

from __future__ import annotations

import base64
from pathlib import Path

import nbformat

from bxe import course, files

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "pictures"
# The picture's file, the notebook, and what only the cell that draws it says.
SHOWN = {
    "strips.png": ("02_similarity", "plots.strips("),
    "reranking.png": ("08_retrieve_and_rerank", '"re-ranked − alone, nDCG@10"'),
}


def picture(notebook: str, words: str) -> bytes:
    """The figure, as PNG, of the one code cell of a solved notebook that says these words.

    Raises:
        ValueError: if no cell or several say them, or it shows no figure.
    """
    (path,) = course.find([notebook], within=course.folder() / "solutions")
    cells = [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code" and words in c.source]
    figures = [output.data["image/png"] for c in cells for output in c.outputs if "image/png" in output.get("data", {})]
    if len(figures) != 1:
        raise ValueError(
            f"{len(cells)} cells of {path.name} say {words!r} and show {len(figures)} figures; expected one"
        )
    return base64.b64decode(figures[0])


if __name__ == "__main__":
    for name, (notebook, words) in SHOWN.items():
        files.write(FOLDER / name, picture(notebook, words))
