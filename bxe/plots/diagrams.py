"""How the models work: the two architectures, the two steps of a search, and which token sees which."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np

from bxe.plots.door import drawing
from bxe.plots.page import FAINT, INK, arrow, box, figure, side_by_side

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@drawing()
def architectures() -> Axes:
    """The two architectures side by side: a bi-encoder with one tower used twice, a cross-encoder with one pass.

    Example:
        >>> from bxe import plots
        >>> plots.show(plots.architectures(), alt="Two boxes that meet in a cosine, and one box with a score.")
        Figure(900x390)
    """
    _, ax = figure(9, 3.9)
    ax.set(xlim=(0, 18), ylim=(0, 8))
    ax.axis("off")
    ax.text(4, 7.6, "Bi-encoder: two passes, one vector each", ha="center", weight="bold")
    for x, name in ((2, "text A"), (6, "text B")):
        box(ax, x, 0.9, name, "white")
        arrow(ax, x, 1.4, x, 2.1)
        box(ax, x, 2.7, "encoder", "#CFE4F3")
        arrow(ax, x, 3.3, x, 4.0)
        box(ax, x, 4.5, "vector", "#E9F3FA")
        arrow(ax, x, 5.0, 4 + 0.6 * np.sign(x - 4), 5.9)
    ax.text(4, 2.7, "same\nweights", ha="center", va="center", fontsize=9, color=INK)
    box(ax, 4, 6.4, "cosine", "white")
    ax.text(13.5, 7.6, "Cross-encoder: one pass, one score", ha="center", weight="bold")
    box(ax, 13.5, 0.9, "text A  [SEP]  text B", "white", width=5.2)
    arrow(ax, 13.5, 1.4, 13.5, 2.1)
    box(ax, 13.5, 3.3, "encoder: every token of A\nsees every token of B", "#FBE3C0", width=5.6, height=2.2)
    arrow(ax, 13.5, 4.5, 13.5, 5.9)
    box(ax, 13.5, 6.4, "score", "white")
    ax.axvline(9, color=FAINT, lw=1)
    return ax


@drawing()
def two_steps(texts: int, candidates: int, shown: int) -> Axes:
    """Retrieve and re-rank as a funnel: all texts, the candidates that are read, the few that a person sees.

    Args:
        texts, candidates, shown: how many there are at each stage.

    Example:
        >>> from bxe import plots
        >>> plots.show(plots.two_steps(600, 20, 10), alt="A funnel from 600 texts to 20 candidates to 10.")
        Figure(900x270)
    """
    _, ax = figure(9, 2.7)
    ax.set(xlim=(0, 18), ylim=(0, 5.4))
    ax.axis("off")
    stages = ((1.9, 4.2, f"{texts:,}\ntexts", "white"), (9, 2.3, f"{candidates}\ncandidates", "#E9F3FA"))
    for x, height, text, colour in (*stages, (16.1, 1.5, f"{shown}\nshown", "#FBE3C0")):
        box(ax, x, 2.9, text, colour, height=height)
    for x, name, told in (
        (5.45, "1 · retrieve", "BM25 or bi-encoder:\nstored words or vectors"),
        (12.55, "2 · re-rank", "cross-encoder: one pass\nfor each candidate"),
    ):
        arrow(ax, x - 2.1, 2.9, x + 2.1, 2.9)
        ax.text(x, 3.15, name, ha="center", va="bottom", weight="bold")
        ax.text(x, 2.6, told, ha="center", va="top", fontsize=9)
    ax.text(1.9, 0.35, "read once, ahead", ha="center", va="center", fontsize=9)
    return ax


@drawing()
def who_sees_whom(tables: Mapping[str, tuple[np.ndarray, int]], title: str) -> Axes:
    """Tables of attention, one panel per model, with lines where the query ends and the passage begins.

    Args:
        tables: by the model's name, shares of attention [n, n] (rows look, columns are looked at) and how many of the n
            tokens are the query's.
        title: the finding.

    Example:
        >>> from bxe import plots
        >>> apart = np.kron(np.eye(2), np.full((3, 3), 1 / 3))
        >>> plots.show(plots.who_sees_whom({"Bi-encoder": (apart, 3)}, "Two blocks"), alt="Two blocks on the diagonal.")
        Figure(900x500)
    """
    fig, axes = side_by_side(len(tables), 9, 5)
    for ax, (name, (shares, cut)) in zip(axes, tables.items()):
        # The root, because a few large shares would leave all others white; what is exactly 0 is hatched.
        n = len(shares)
        if np.shape(shares) != (n, n) or not 0 < cut < n:
            raise ValueError(
                f"{name!r} has shape {np.shape(shares)} and cut {cut}; give [n, n], and a cut from 1 to n - 1"
            )
        ax.imshow(np.sqrt(shares), cmap="Blues", vmin=0, vmax=0.6)
        for low, high, left, right in ((0, cut, cut, n), (cut, n, 0, cut)):
            if not shares[low:high, left:right].any():
                corner, width, height = (left - 0.5, low - 0.5), right - left, high - low
                look = {"facecolor": "white", "edgecolor": FAINT, "hatch": "///", "linewidth": 0}
                ax.add_patch(plt.Rectangle(corner, width, height, **look))
                words = {"ha": "center", "va": "center", "fontsize": 9}
                behind = {"facecolor": "white", "edgecolor": "none", "pad": 2}
                ax.text((left + right - 1) / 2, (low + high - 1) / 2, "never", bbox=behind, **words)
        ax.axhline(cut - 0.5, color=INK, lw=1)
        ax.axvline(cut - 0.5, color=INK, lw=1)
        middles = [(cut - 1) / 2, (cut + n - 1) / 2]
        ax.set_xticks(middles, ["query", "passage"])
        ax.set_yticks(middles, ["query", "passage"], rotation=90, va="center")
        ax.tick_params(length=0)
        ax.set(title=name, xlabel="token that is looked at", ylabel="token that looks")
    fig.suptitle(title)
    return axes[0]
