"""What is in a pile of texts: clusters as they are found, groups against labels, groups that grow too large."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np

from bxe.plots.door import drawing, told_apart
from bxe.plots.labels import beside_rows
from bxe.plots.page import COLOURS, DASHES, FAINT, GRID, INK, MARKERS, above_and_below, figure, open_frame, side_by_side

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


@drawing(points="n 2")
def kmeans_steps(points: np.ndarray, steps: Sequence[tuple[np.ndarray, np.ndarray]], title: str) -> Axes:
    """K-means at work, one panel per step: each point has the marker of its cluster, and each cluster its centre.

    Args:
        points: float array [n, 2].
        steps: for each panel the centres [k, 2] and the n labels that they give; k at most 5.
        title: the finding.

    Example:
        >>> from bxe import plots
        >>> points = np.array([[0.0, 0.0], [1.0, 1.0]])
        >>> ax = plots.kmeans_steps(points, [(points, np.array([0, 1]))], "Two centres")
        >>> plots.show(ax, alt="Two points, each the centre of its cluster.")
        Figure(900x290)
    """
    fig, axes = side_by_side(len(steps), 9, 2.9)
    for step, (ax, (centres, labels)) in enumerate(zip(axes, steps)):
        labels = np.asarray(labels)
        if labels.shape != points.shape[:1] or not np.isin(labels, range(len(centres))).all():
            raise ValueError(
                f"step {step} has labels that do not fit; give each of the {len(points)} points the number of a centre"
            )
        for cluster, colour, marker in told_apart(range(len(centres)), COLOURS, MARKERS):
            ax.scatter(*points[labels == cluster].T, c=colour, marker=marker, s=18, alpha=0.7, linewidth=0)
            ax.scatter(*centres[cluster], c=colour, marker=marker, s=150, edgecolor=INK, linewidth=2)
        ax.set(title="start" if step == 0 else f"after move {step}", xticks=[], yticks=[], aspect="equal")
        ax.spines[:].set_color(FAINT)
    fig.suptitle(title)
    return axes[0]


@drawing()
def choosing_k(sweep: pd.DataFrame, levels: Mapping[str, int], title: str) -> Axes:
    """What a number of clusters does to the silhouette (above) and to the agreement with labels at several levels (below).

    Args:
        sweep: float, a row per run: columns k, silhouette, one per level (adjusted Rand); bands show ± std of runs.
        levels: how many groups there are at each level, by the column's name; at most four.
        title: the finding.

    Example:
        >>> import pandas as pd
        >>> from bxe import plots
        >>> sweep = pd.DataFrame({"k": [2, 2, 4, 4], "silhouette": [0.1, 0.2, 0.3, 0.3], "topic": [0.5, 0.6, 0.9, 0.8]})
        >>> plots.show(plots.choosing_k(sweep, {"topic": 4}, "Best at 4"), alt="Both lines are highest at 4 clusters.")
        Figure(800x560)
    """
    fig, (above, below) = above_and_below(8, 5.6, (2, 3))
    mean, spread = sweep.groupby("k").mean(), sweep.groupby("k").std().fillna(0)  # a single run has no spread
    lines = [(above, "silhouette", "black", "o", "-")]
    lines += [(below, *look) for look in told_apart(levels, COLOURS, MARKERS[1:], DASHES)]
    for ax, name, colour, marker, dashes in lines:
        y, half = mean[name].to_numpy(), spread[name].to_numpy()
        ax.fill_between(mean.index, y - half, y + half, color=colour, alpha=0.15, linewidth=0)
        ax.plot(mean.index, y, color=colour, marker=marker, ls=dashes)
        if ax is below:
            ax.annotate(name, (mean.index[-1], y[-1]), (8, 0), textcoords="offset points", va="center", color=INK)
    for ax in (above, below):
        for number in levels.values():
            ax.axvline(number, color=FAINT, lw=1, zorder=0)
        open_frame(ax)
    for number in levels.values():
        above.text(number, 1.02, number, ha="center", transform=above.get_xaxis_transform())
    above.set_ylabel("silhouette")
    below.set(xlabel="k, the number of clusters (lines: numbers that are in the data)", ylabel="adjusted Rand with ...")
    fig.suptitle(title)
    return above


@drawing()
def crosstab(counts: pd.DataFrame, title: str, *, rows: str, columns: str, diagonal: bool = False) -> Axes:
    """Which labels the texts of each row have: counts, darker for more of the row; zeros are left blank.

    Args:
        counts: whole numbers. Rows are put in the order of the column that most of their
            texts have.
        title: the finding.
        rows, columns: what they are.
        diagonal: rows and columns are the same labels, in the same order, and the diagonal counts what is right: it
            turns grey, the share right stands beside the row, and only the errors are shaded. Labels that are
            mistaken for each other then stand together.

    Example:
        >>> import pandas as pd
        >>> from bxe import plots
        >>> counts = pd.DataFrame([[0, 8], [9, 1]], ["delivery", "refunds"], ["refund", "parcel"])
        >>> ax = plots.crosstab(counts, "Each cluster is one intent", rows="cluster", columns="intent")
        >>> plots.show(ax, alt="A table of two by two; refunds stands above delivery.")
        Figure(452x282)
    """
    cells = counts.to_numpy()
    if (cells < 0).any() or (cells % 1).any():
        raise ValueError(
            "counts holds something other than whole numbers from 0 up; give the number of texts for each cell"
        )
    if diagonal and list(counts.index) != list(counts.columns):
        raise ValueError("counts has different labels in rows and columns; with a diagonal they must be the same")
    shares = cells / np.maximum(cells.sum(axis=1, keepdims=True), 1)
    if diagonal:
        down = across = _mistaken_together(shares)
    else:
        down, across = np.lexsort((-cells.max(axis=1), cells.argmax(axis=1))), np.arange(cells.shape[1])
    cells, shares = cells[np.ix_(down, across)], shares[np.ix_(down, across)]
    shades, colours, darkest = shares, "Blues", 1.25
    if diagonal:
        shades = shares * (1 - np.eye(len(cells)))
        colours, darkest = "Oranges", 1.6 * shades.max()
    fig, ax = figure(0.36 * cells.shape[1] + 3.8, 0.31 * len(cells) + 2.2)
    ax.imshow(np.ma.masked_equal(shades, 0), colours, vmin=0, vmax=darkest, aspect="auto")
    for i, j in np.argwhere(cells > 0):
        colour = "white" if shades[i, j] > 0.75 else INK
        weight = "bold" if diagonal and i == j else "normal"
        ax.text(j, i, cells[i, j], ha="center", va="center", fontsize=8.5, color=colour, weight=weight)
    if diagonal:
        for i in range(len(cells)):
            ax.add_patch(plt.Rectangle((i - 0.5, i - 0.5), 1, 1, facecolor="#DDDDDD", edgecolor="white"))
        beside_rows(
            ax, [f"{share:.2f}" if any(row) else "–" for share, row in zip(shares.diagonal(), cells)], "share\nright"
        )
    ax.set_xticks(range(cells.shape[1]), counts.columns[across], rotation=45, ha="right", rotation_mode="anchor")
    ax.set_yticks(range(len(cells)), counts.index[down])
    ax.set_xticks(np.arange(cells.shape[1] + 1) - 0.5, minor=True)
    ax.set_yticks(np.arange(len(cells) + 1) - 0.5, minor=True)
    ax.grid(which="minor", color=GRID)
    ax.tick_params(which="both", length=0)
    ax.spines[:].set_visible(False)
    ax.set(xlabel=columns, ylabel=rows)
    fig.suptitle(title)
    return ax


def _mistaken_together(shares: np.ndarray) -> np.ndarray:
    """An order of labels in which those that are mistaken for each other are neighbours.

    Args:
        shares: float array [n, n]: of the texts that have a label (row), the share that was given each label (column).
    """
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import squareform

    if len(shares) == 1:
        return np.zeros(1, dtype=int)
    apart = 1 - (shares + shares.T) / 2
    np.fill_diagonal(apart, 0)
    return leaves_list(linkage(squareform(apart), "average", optimal_ordering=True))


@drawing(thresholds="n", largest="n")
def largest_groups(thresholds: Sequence[float], largest: Sequence[int], true: int, title: str) -> Axes:
    """The size of the largest group that pairs above a threshold make, on a log axis.

    Args:
        thresholds, largest: the threshold and the size, in step.
        true: the size of the largest group that is right.
        title: the finding.

    Example:
        >>> from bxe import plots
        >>> ax = plots.largest_groups([0.4, 0.5, 0.6], [900, 55, 7], 5, "A little lower, and all is one group")
        >>> plots.show(ax, alt="The largest group shrinks from 900 to 7 as the threshold rises.")
        Figure(700x360)
    """
    _, ax = figure(7, 3.6)
    ax.axhline(true, color=INK, lw=1, ls="--")
    ax.text(min(thresholds), true * 0.94, f"the largest true group: {true}", ha="left", va="top", fontsize=9)
    ax.plot(thresholds, largest, color=COLOURS[0], marker="o")
    ax.set_yscale("log")
    ax.set_yticks([2, 5, 10, 20, 50, 100, 200, 500, 1000], ["2", "5", "10", "20", "50", "100", "200", "500", "1,000"])
    ax.minorticks_off()
    ax.set(xlabel="threshold on the cosine", ylabel="texts in the largest group (log scale)", title=title)
    ax.grid(axis="y", color=GRID)
    return ax


@drawing()
def glued(texts: Sequence[str], links: Sequence[tuple], glue: tuple[int, int], title: str) -> Axes:
    """A group of texts as numbered points with the pairs that hold it together; the texts stand beside it.

    Args:
        texts: the group's n texts, at most about 15.
        links: for each pair its two positions and whether it is right, such as ((0, 3), True).
        glue: the positions of the pair to point out.
        title: the finding.

    Example:
        >>> from bxe import plots
        >>> ax = plots.glued(["Get rid of ants", "Get rid of aunts"], [((0, 1), False)], (0, 1), "One wrong pair")
        >>> plots.show(ax, alt="Two points, joined by a thick line.")
        Figure(960x150)
    """
    import networkx as nx

    graph = nx.Graph([tuple(map(int, pair)) for pair, _ in links])
    if set(graph) != set(range(len(texts))) or not nx.is_connected(graph):
        raise ValueError(
            f"the pairs do not join the {len(texts)} texts into one group; give pairs that hold all of them together"
        )
    if not graph.has_edge(*map(int, glue)):
        raise ValueError(f"glue is {glue}, which is not one of the pairs; give one of them")
    places = nx.kamada_kawai_layout(graph)
    size = (9.6, 0.3 * len(texts) + 0.9)
    fig, (ax, beside) = plt.subplots(1, 2, figsize=size, width_ratios=[5, 7], layout="constrained")
    for pair, right in links:
        ends = np.array([places[int(end)] for end in pair])
        if {int(end) for end in pair} == set(map(int, glue)):
            ax.plot(*ends.T, color=COLOURS[3], lw=6, zorder=1, label="wrong, and the glue")
        elif right:
            ax.plot(*ends.T, color=COLOURS[0], lw=2.5, zorder=1, label="right")
        else:
            ax.plot(*ends.T, color=COLOURS[1], lw=1.5, ls="--", zorder=1, label="wrong")
    for number, place in places.items():
        ax.scatter(*place, s=260, color="white", edgecolor=INK, zorder=2)
        ax.text(*place, number + 1, ha="center", va="center", fontsize=9, zorder=3)
    for number, text in enumerate(texts):
        height = 1 - (number + 0.5) / len(texts)
        beside.text(0.04, height, number + 1, ha="right", va="center", fontsize=9)
        beside.text(0.06, height, text if len(text) <= 75 else text[:72] + "...", va="center", fontsize=9)
    for panel in (ax, beside):
        panel.axis("off")
    ax.margins(0.1)
    handles = dict(sorted(zip(*reversed(ax.get_legend_handles_labels())), key=lambda entry: entry[0]))
    fig.legend(handles.values(), handles.keys(), loc="outside lower left", ncols=3, frameon=False)
    fig.suptitle(title)
    return ax
