"""Pictures as search results: small ones in a grid, over their captions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image, ImageOps

from bxe.plots.door import drawing
from bxe.plots.page import COLOURS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BOX = (160, 120)  # pixels; more would only make the notebook's file larger, as would more dots an inch
DOTS = 75


@drawing(captions="n")
def thumbnails(
    pictures: Sequence[Path | Image.Image],
    captions: Sequence[str],
    title: str,
    *,
    columns: int,
    rows: Sequence[str] = ("",),
    framed: Collection[int] = (),
) -> Axes:
    """Small pictures, row after row, each over its caption.

    Args:
        pictures: paths of files, or PIL pictures; n of them.
        captions: a text for each, [n].
        title: the finding.
        columns: how many stand in a row.
        rows: a heading for each row, such as the query that found it.
        framed: positions in `pictures` of those in a frame, such as the right answers.

    Example:
        >>> from bxe import plots
        >>> blue = Image.new("RGB", (60, 40), "blue")
        >>> plots.show(plots.thumbnails([blue], ["sky"], "One blue", columns=1), alt="A blue rectangle.")
        Figure(675x573.75)
    """
    if len(pictures) != len(captions):
        raise ValueError(f"there are {len(pictures)} pictures and {len(captions)} captions; give one for each")
    count = -(-len(pictures) // columns)
    if tuple(rows) != ("",) and len(rows) != count:
        raise ValueError(f"there are {count} rows and {len(rows)} headings; give one for each")
    fig, axes = plt.subplots(count, columns, squeeze=False, layout="constrained")
    fig.set_size_inches(9, count * (9 / columns * 0.75 + 0.5 + 0.35 * bool(rows[0])) + 0.4)
    fig.set_dpi(DOTS)
    for ax in axes.ravel():
        ax.axis("off")
    for at, (ax, picture, caption) in enumerate(zip(axes.ravel(), pictures, captions)):
        ax.imshow(_small(picture))
        ax.text(0.5, -0.04, caption, transform=ax.transAxes, ha="center", va="top", fontsize=10, wrap=True)
        if at in framed:
            ax.axis("on")
            ax.set(xticks=[], yticks=[])
            plt.setp(ax.spines.values(), color=COLOURS[2], linewidth=4)
    for ax, heading in zip(axes[:, 0], rows):
        ax.set_title(heading, loc="left", fontsize=11)
    fig.suptitle(title)
    return axes[0, 0]


def _small(picture: Path | Image.Image) -> np.ndarray:
    small = ImageOps.exif_transpose(picture if isinstance(picture, Image.Image) else Image.open(picture))
    return np.asarray(ImageOps.pad(small.convert("RGBA"), BOX, color=(0, 0, 0, 0)))  # what is left over is clear
