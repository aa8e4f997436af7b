"""Every figure of the course, one function each: data in, Axes out; `show` puts it on the page with its alt text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

# Okabe & Ito (2008), "Color Universal Design": told apart by colour-blind readers; markers tell them apart in grey.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#000000", "#F0E442")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
INK, FAINT = "#222222", "#BBBBBB"


def show(ax: Axes, alt: str) -> None:
    """Display a figure with a text for those who cannot see it, and close it.

    Args:
        ax: any Axes of the figure.
        alt: what the picture shows, in a sentence or two.

    Raises:
        ValueError: if the text is blank.
    """
    from IPython.display import display

    if not alt.strip():
        raise ValueError("alt is blank; say in a sentence what the picture shows")
    display(ax.figure, metadata={"image/png": {"alt": alt}})
    plt.close(ax.figure)


def architectures() -> Axes:
    """The two architectures side by side: a bi-encoder with one tower used twice, a cross-encoder with one pass."""
    fig, ax = _figure(9, 3.9)
    ax.set(xlim=(0, 18), ylim=(0, 8))
    ax.axis("off")
    ax.text(4, 7.6, "Bi-encoder: two passes, one vector each", ha="center", weight="bold")
    for x, name in ((2, "text A"), (6, "text B")):
        _box(ax, x, 0.9, name, "white")
        _arrow(ax, x, 1.4, x, 2.1)
        _box(ax, x, 2.7, "encoder", "#CFE4F3")
        _arrow(ax, x, 3.3, x, 4.0)
        _box(ax, x, 4.5, "vector", "#E9F3FA")
        _arrow(ax, x, 5.0, 4 + 0.6 * np.sign(x - 4), 5.9)
    ax.text(4, 2.7, "same\nweights", ha="center", va="center", fontsize=9, color=INK)
    _box(ax, 4, 6.4, "cosine", "white")
    ax.text(13.5, 7.6, "Cross-encoder: one pass, one score", ha="center", weight="bold")
    _box(ax, 13.5, 0.9, "text A  [SEP]  text B", "white", width=5.2)
    _arrow(ax, 13.5, 1.4, 13.5, 2.1)
    _box(ax, 13.5, 3.3, "encoder: every token of A\nsees every token of B", "#FBE3C0", width=5.6, height=2.2)
    _arrow(ax, 13.5, 4.5, 13.5, 5.9)
    _box(ax, 13.5, 6.4, "score", "white")
    ax.axvline(9, color=FAINT, lw=1)
    return ax


def pooling(tokens: Sequence[str], vectors: np.ndarray, mean: np.ndarray, dimensions: int = 48) -> Axes:
    """Token vectors as rows of colour, and under them the row that their mean makes.

    Args:
        tokens: the n tokens of one text.
        vectors: float array [n, d], a row a token.
        mean: float array [d].
        dimensions: how many of the d numbers to draw.
    """
    fig, (above, below) = plt.subplots(
        2, 1, figsize=(9, 0.36 * len(tokens) + 1.8), height_ratios=[len(tokens), 1], sharex=True, layout="constrained"
    )
    limit = np.abs(vectors[:, :dimensions]).max()
    for ax, rows, names in ((above, vectors, list(tokens)), (below, mean[None], ["mean"])):
        image = ax.imshow(rows[:, :dimensions], cmap="PuOr", vmin=-limit, vmax=limit, aspect="auto")
        ax.set_yticks(range(len(names)), names)
        ax.tick_params(length=0)
        ax.spines[:].set_visible(False)
    above.set_title("A vector for each token, and their mean: one vector for the sentence")
    below.set_xlabel(f"dimension (the first {dimensions} of {vectors.shape[1]})")
    fig.colorbar(image, ax=[above, below], label="value", shrink=0.9)
    return above


def maps(projections: Mapping[str, np.ndarray], labels: Sequence[str], title: str) -> Axes:
    """The same points in two dimensions by several methods, a panel each, coloured by label.

    Args:
        projections: float arrays [n, 2] by the method's name.
        labels: n labels, at most eight different ones.
        title: the finding.
    """
    fig, axes = plt.subplots(1, len(projections), figsize=(9, 4.6), layout="constrained", squeeze=False)
    names = list(dict.fromkeys(labels))
    for ax, (method, points) in zip(axes[0], projections.items()):
        for name, colour, marker in zip(names, COLOURS, MARKERS):
            chosen = points[[label == name for label in labels]]
            ax.scatter(*chosen.T, c=colour, marker=marker, s=34, label=name, edgecolor="white", linewidth=0.5)
        ax.set(title=method, xticks=[], yticks=[])
        ax.spines[:].set_color(FAINT)
    fig.suptitle(title)
    handles, texts = axes[0, 0].get_legend_handles_labels()
    fig.legend(handles, texts, loc="outside lower center", ncols=len(names), frameon=False)
    return axes[0, 0]


def speed(batch_sizes: Sequence[int], texts_per_second: Sequence[float]) -> Axes:
    """How many texts a second are encoded, against the batch size."""
    fig, ax = _figure(7, 3.4)
    ax.plot(batch_sizes, texts_per_second, color=COLOURS[0], marker="o")
    ax.set_xscale("log", base=2)
    ax.set_xticks(batch_sizes, [str(b) for b in batch_sizes])
    ax.set_ylim(0, 1.15 * max(texts_per_second))
    ax.set(xlabel="batch size (texts)", ylabel="texts per second", title="Speed against batch size, on this machine")
    ax.grid(axis="y", color="#EEEEEE")
    return ax


def heatmap(values: np.ndarray, names: Sequence[str], title: str) -> Axes:
    """A small square table of similarities as colours, each with its number.

    Args:
        values: float array [n, n], n at most about 12.
        names: n names for rows and columns.
        title: the finding.
    """
    size = 0.75 * len(names) + 2.6
    fig, ax = _figure(size + 1.6, size)
    image = ax.imshow(values, cmap="cividis", vmin=min(0.0, float(values.min())), vmax=1)
    ax.set_xticks(range(len(names)), names, rotation=30, ha="right")
    ax.set_yticks(range(len(names)), names)
    for i, j in np.ndindex(values.shape):
        ax.text(
            j, i, f"{values[i, j]:.2f}", ha="center", va="center", color="black" if values[i, j] > 0.55 else "white"
        )
    ax.set_title(title)
    ax.spines[:].set_visible(False)
    fig.colorbar(image, ax=ax, label="cosine", shrink=0.8)
    return ax


def distributions(cosines: Mapping[str, np.ndarray], title: str) -> Axes:
    """Histograms of cosines, a row a kind of pair, on one axis.

    Args:
        cosines: float arrays by kind of pair.
        title: the finding.
    """
    size = (8, 1.15 * len(cosines) + 1.2)
    fig, grid = plt.subplots(len(cosines), 1, figsize=size, sharex=True, layout="constrained", squeeze=False)
    axes = grid[:, 0]
    bins = np.linspace(-0.2, 1, 37)
    for ax, colour, (kind, values) in zip(axes, COLOURS, cosines.items()):
        ax.hist(np.clip(values, -0.2, 1), bins=bins, color=colour, edgecolor="white", linewidth=0.5)
        ax.axvline(np.median(values), color=INK, lw=1.5, ls="--")
        ax.set_ylabel(kind, rotation=0, ha="right", va="center")
        ax.set_yticks([])
        ax.spines[["top", "right", "left"]].set_visible(False)
    axes[0].set_title(title)
    axes[-1].set_xlabel("cosine (dashed: median)")
    return axes[0]


def strips(pairs: pd.DataFrame, title: str) -> Axes:
    """Cosines of pairs as dots, a row a phenomenon, with the mean grade beside each.

    Args:
        pairs: columns score (0-5), cosine, phenomenon.
        title: the finding.
    """
    means = pairs.groupby("phenomenon").cosine.mean().sort_values()
    fig, ax = _figure(9, 0.48 * len(means) + 1.6)
    rng = np.random.default_rng(0)
    for row, kind in enumerate(means.index):
        group = pairs[pairs.phenomenon == kind]
        ax.scatter(
            group.cosine, row + rng.uniform(-0.22, 0.22, len(group)), s=16, c=COLOURS[0], alpha=0.55, linewidth=0
        )
        ax.plot([means[kind]] * 2, [row - 0.34, row + 0.34], color=INK, lw=2)
        ax.text(1.04, row, f"{group.score.mean():.1f}", va="center", ha="left", transform=ax.get_yaxis_transform())
    ax.text(
        1.04, len(means) - 0.35, "mean\ngrade", va="bottom", ha="left", fontsize=9, transform=ax.get_yaxis_transform()
    )
    ax.set_yticks(range(len(means)), means.index)
    ax.set(xlabel="cosine (bar: mean)", xlim=(-0.2, 1.02), title=title)
    ax.grid(axis="x", color="#EEEEEE")
    return ax


def _figure(width: float, height: float):
    fig, ax = plt.subplots(figsize=(width, height), layout="constrained")
    ax.spines[["top", "right"]].set_visible(False)
    return fig, ax


def _box(ax: Axes, x: float, y: float, text: str, colour: str, width: float = 2.4, height: float = 1.0) -> None:
    corner = (x - width / 2, y - height / 2)
    ax.add_patch(FancyBboxPatch(corner, width, height, boxstyle="round,pad=0.05", facecolor=colour, edgecolor=INK))
    ax.text(x, y, text, ha="center", va="center")


def _arrow(ax: Axes, x0: float, y0: float, x1: float, y1: float) -> None:
    ax.add_patch(FancyArrowPatch((x0, y0), (x1, y1), arrowstyle="-|>", mutation_scale=12, color=INK))
