"""What texts become, and how near they lie: vectors as rows of colour, tables of likeness, maps of many points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np

from bxe.plots.door import drawing, told_apart
from bxe.plots.labels import beside_rows, name_groups
from bxe.plots.page import COLOURS, FAINT, MARKERS, above_and_below, figure, side_by_side

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DRAWN = 48  # of the numbers of a vector; more would be too narrow to see
# Of Okabe and Ito's eight colours the yellow is too pale for dots; wine, grey and olive come after the others.
DOTS = (*COLOURS[:7], "#882255", "#999999", "#999933")
IN_LEGEND = len(DOTS)  # groups; more cannot be told apart by colour


@drawing(tokens="n", vectors="n d", mean="d")
def pooling(tokens: Sequence[str], vectors: np.ndarray, mean: np.ndarray) -> Axes:
    """Token vectors as rows of colour, and under them the row that their mean makes.

    Args:
        tokens: the n tokens of one text.
        vectors: float array [n, d], a row per token; the first 48 of the d numbers are drawn.
        mean: float array [d].

    Example:
        >>> from bxe import plots
        >>> vectors = np.array([[1.0, -1.0], [0.0, 1.0]])
        >>> plots.show(plots.pooling(["rain", "fell"], vectors, vectors.mean(axis=0)), alt="Two rows and their mean.")
        Figure(900x252)
    """
    fig, (above, below) = above_and_below(9, 0.36 * len(tokens) + 1.8, (len(tokens), 1))
    limit = np.abs(vectors[:, :DRAWN]).max()
    for ax, rows, names in ((above, vectors, list(tokens)), (below, mean[None], ["mean"])):
        image = ax.imshow(rows[:, :DRAWN], cmap="PuOr", vmin=-limit, vmax=limit, aspect="auto")
        ax.set_yticks(range(len(names)), names)
        ax.tick_params(length=0)
        ax.spines[:].set_visible(False)
    above.set_title("A vector for each token, and their mean: one vector for the sentence")
    below.set_xlabel(f"dimension (the first {min(DRAWN, vectors.shape[1])} of {vectors.shape[1]})")
    fig.colorbar(image, ax=[above, below], label="value", shrink=0.9)
    return above


@drawing(values="n n", names="n")
def heatmap(values: np.ndarray, names: Sequence[str], title: str) -> Axes:
    """A small square table of similarities as colours, each with its number.

    Args:
        values: float array [n, n], n at most about 12.
        names: n names for rows and columns.
        title: the finding.

    Example:
        >>> from bxe import plots
        >>> cosines = np.array([[1.0, 0.67], [0.67, 1.0]])
        >>> plots.show(plots.heatmap(cosines, ["lovely", "sunny"], "Alike"), alt="Two cosines of 0.67 beside the diagonal.")
        Figure(570x410)
    """
    size = 0.75 * len(names) + 2.6
    fig, ax = figure(size + 1.6, size)
    image = ax.imshow(values, cmap="cividis", vmin=min(0.0, float(values.min())), vmax=1)
    ax.set_xticks(range(len(names)), names, rotation=30, ha="right")
    ax.set_yticks(range(len(names)), names)
    for i, j in np.ndindex(values.shape):
        colour = "black" if values[i, j] > 0.55 else "white"
        ax.text(j, i, f"{values[i, j]:.2f}", ha="center", va="center", color=colour)
    ax.set_title(title)
    ax.spines[:].set_visible(False)
    fig.colorbar(image, ax=ax, label="cosine", shrink=0.8)
    return ax


@drawing(values="rows columns", rows="rows", columns="columns")
def token_table(
    values: np.ndarray, rows: Sequence[str], columns: Sequence[str], title: str, label: str, *, mark: bool = False
) -> Axes:
    """A number for each token of one text with each token of another, as shades.

    Args:
        values: float array [rows, columns].
        rows, columns: the tokens; about 15 and 35 at most.
        title: the finding.
        label: what a shade is.
        mark: frame the highest of each row and write it beside the row.

    Example:
        >>> from bxe import plots
        >>> ax = plots.token_table(np.array([[0.1, 0.9]]), ["berlin"], ["in", "Berlin"], "Found", "cosine", mark=True)
        >>> plots.show(ax, alt="Of two cosines, the one with Berlin is framed: 0.90.")
        Figure(318x239)
    """
    fig, ax = figure(0.29 * len(columns) + 2.6, 0.29 * len(rows) + 2.1)
    image = ax.imshow(values, cmap="Blues", vmin=min(0.0, float(values.min())), aspect="auto")
    if mark:
        for row, column in enumerate(values.argmax(axis=1)):
            frame = {"facecolor": "none", "edgecolor": COLOURS[3], "linewidth": 2}
            ax.add_patch(plt.Rectangle((column - 0.5, row - 0.5), 1, 1, **frame))
        beside_rows(ax, [f"{best:.2f}" for best in values.max(axis=1)], "best")
    ax.set_xticks(range(len(columns)), columns, rotation=60, ha="right", rotation_mode="anchor")
    ax.set_yticks(range(len(rows)), rows)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.set_title(title, pad=26 if mark else 14)  # the head of the column of best ones stands between
    fig.colorbar(image, ax=ax, label=label, shrink=0.9, pad=0.07 if mark else 0.02)
    return ax


@drawing(projections="n 2", groups="n")
def maps(projections: Mapping[str, np.ndarray], groups: Sequence[str], title: str) -> Axes:
    """The same points in two dimensions, one panel per projection, coloured by group.

    Up to ten groups stand in a legend. More cannot be told apart by colour, so each name is written where its group
    is densest.

    Args:
        projections: float arrays [n, 2] by name.
        groups: n names of groups; at most 28 different ones can be told apart.
        title: the finding.

    Example:
        >>> from bxe import plots
        >>> points = np.array([[0, 0], [1, 0], [5, 5], [6, 5]])
        >>> plots.show(plots.maps({"PCA": points}, ["sea", "sea", "sky", "sky"], "Apart"), alt="Two pairs of points.")
        Figure(450x460)
    """
    width = min(4.5 * len(projections), 9.6)
    fig, axes = side_by_side(len(projections), width, 4.6)
    groups = np.array([*map(str, groups)], dtype=object)  # as text: the names are written
    names = list(dict.fromkeys(groups))
    told_apart(names, most=28)  # after that the same colour would have the same marker again
    many = len(names) > IN_LEGEND
    small, large = {"s": 15, "linewidth": 0, "alpha": 0.8}, {"s": 34, "linewidth": 0.5, "edgecolor": "white"}
    dots = small if many or len(groups) > 200 else large
    for ax, (method, points) in zip(axes, projections.items()):
        low, span = np.min(points, axis=0), np.ptp(points, axis=0)
        points, dotted = (points - low) / np.where(span > 0, span, 1), []
        for number, name in enumerate(names):
            # After the tenth the colours begin anew, with other markers.
            look = {"c": DOTS[number % len(DOTS)], "marker": MARKERS[(number + 3 * (number // len(DOTS))) % 8]}
            dotted.append(ax.scatter(*points[groups == name].T, **look, **dots))
        if many:
            name_groups(ax, points, groups, inches=width / len(projections))
        ax.set(title=method, xticks=[], yticks=[])
        ax.spines[:].set_color(FAINT)
    fig.suptitle(title)
    if not many:
        columns = len(names) if len(names) <= 7 else -(-len(names) // 2)
        fig.legend(dotted, names, loc="outside lower center", ncols=columns, frameon=False)
    return axes[0]
