"""Where names and numbers go, so that they hide nothing: among points, beside rows, along the leaves of a tree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.patheffects import withStroke

from bxe.plots.page import INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def name_groups(ax: Axes, points: np.ndarray, groups: Sequence[str], *, inches: float) -> None:
    """Write the name of each group near the place where it is densest, with a line to that place.

    Args:
        ax: a panel that shows the points; its limits are set so that there is room around them.
        points: float array [n, 2], from 0 to 1 in both directions.
        groups: n names of groups.
        inches: how wide the panel is, which says how much of it a name takes.
    """
    groups = np.asarray(groups, dtype=object)
    taken: list[tuple[np.ndarray, np.ndarray]] = []
    for group in dict.fromkeys(groups):
        densest = _densest(points[groups == group])
        half = np.array([0.036 * len(group) / inches, 0.022])
        place = _free_place(densest, half, points, taken)
        taken.append((place, half))
        ax.plot(*zip(densest, place), color=INK, lw=0.7)
        halo = [withStroke(linewidth=3, foreground="white")]
        ax.text(*place, group, ha="center", va="center", fontsize=8, color="black", path_effects=halo)
    ax.set(xlim=(-0.06, 1.06), ylim=(-0.06, 1.1))


def beside_rows(ax: Axes, texts: Sequence[str], head: str, *, head_row: float = -0.75, gap: float = 0.01) -> None:
    """Write a column of numbers to the right of the panel, one beside each row, and a head over them.

    Args:
        ax: a panel whose rows lie at 0, 1, 2, ...
        texts: a text for each row.
        head: what the numbers are.
        head_row: where the head begins, counted in rows; above row 0 where rows go from the top down.
        gap: between panel and column, as a share of the panel's width.
    """
    for row, text in enumerate(texts):
        ax.text(1 + gap, row, text, va="center", ha="left", transform=ax.get_yaxis_transform())
    ax.text(1 + gap, head_row, head, va="bottom", ha="left", fontsize=9, transform=ax.get_yaxis_transform())


def _densest(points: np.ndarray) -> np.ndarray:
    """The point whose nearest third of the others is nearest."""
    points = points[:: len(points) // 1000 + 1]  # the table of all distances would not fit into memory
    apart = np.linalg.norm(points[:, None] - points, axis=2)
    nearest = np.sort(apart)[:, : max(1, len(points) // 3)]
    return points[nearest.mean(axis=1).argmin()]


def _free_place(at: np.ndarray, half: np.ndarray, points: np.ndarray, taken: Sequence[tuple]) -> np.ndarray:
    """Of the places around a point, the one where a name hides no other name and no point, and is as near as can be.

    Args:
        at: the point.
        half: half the width and half the height of the name.
        points: all points [n, 2].
        taken: centre and half size of each name that is there already.
    """
    turns = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    around = [far * np.array([np.sin(t), np.cos(t)]) for far in np.arange(0.05, 0.5, 0.03) for t in turns]
    places = [np.clip(at + step, half - 0.05, (1.05, 1.08) - half) for step in around]
    costs = [
        1000 * sum((np.abs(place - centre) < half + size).all() for centre, size in taken)
        + 10 * (np.abs(points - place) < half + 0.012).all(axis=1).sum()
        + 40 * np.linalg.norm(np.maximum(np.abs(place - at) - half, 0))
        for place in places
    ]
    return places[int(np.argmin(costs))]
