"""What a score says: how the scores of different pairs lie, what a threshold finds, and what a confidence is worth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np

from bxe.plots.door import drawing, told_apart
from bxe.plots.labels import beside_rows
from bxe.plots.page import COLOURS, DASHES, FAINT, GRID, INK, figure, open_frame, side_by_side

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


@drawing()
def distributions(cosines: Mapping[str, np.ndarray], title: str) -> Axes:
    """Histograms of cosines, one row per kind of pair, on one axis.

    Args:
        cosines: float arrays by kind of pair.
        title: the finding.

    Example:
        >>> from bxe import plots
        >>> cosines = {"unrelated": np.array([0.0, 0.1]), "paraphrase": np.array([0.7, 0.8])}
        >>> plots.show(plots.distributions(cosines, "Apart"), alt="Two histograms that do not overlap.")
        Figure(800x350)
    """
    looks = told_apart(cosines.items(), COLOURS)
    size = (8, 1.15 * len(cosines) + 1.2)
    _, grid = plt.subplots(len(cosines), 1, figsize=size, sharex=True, layout="constrained", squeeze=False)
    axes = grid[:, 0]
    bins = np.linspace(-0.2, 1, 37)
    for ax, ((kind, values), colour) in zip(axes, looks):
        ax.hist(np.clip(values, -0.2, 1), bins=bins, color=colour, edgecolor="white", linewidth=0.5)
        ax.axvline(np.median(values), color=INK, lw=1.5, ls="--")
        ax.set_ylabel(kind, rotation=0, ha="right", va="center")
        ax.set_yticks([])
        ax.spines[["top", "right", "left"]].set_visible(False)
    axes[0].set_title(title)
    axes[-1].set_xlabel("cosine (dashed: median)")
    return axes[0]


@drawing(pairs=("phenomenon", "cosine", "score"))
def strips(pairs: pd.DataFrame, title: str) -> Axes:
    """Cosines of pairs as dots, one row per phenomenon, with the mean grade beside each.

    Args:
        pairs: columns score (0-5), cosine, phenomenon.
        title: the finding.

    Example:
        >>> import pandas as pd
        >>> from bxe import plots
        >>> pairs = pd.DataFrame({"score": [4.5, 2.0], "cosine": [0.7, 0.9], "phenomenon": ["paraphrase", "negation"]})
        >>> plots.show(plots.strips(pairs, "A denial looks more alike"), alt="Two dots; the denial's is farther right.")
        Figure(900x256)
    """
    means = pairs.groupby("phenomenon").cosine.mean().sort_values()
    grades = pairs.groupby("phenomenon").score.mean()[means.index]
    _, ax = figure(9, 0.48 * len(means) + 1.6)
    rng = np.random.default_rng(0)
    for row, kind in enumerate(means.index):
        cosines = pairs.cosine[pairs.phenomenon == kind]
        heights = row + rng.uniform(-0.22, 0.22, len(cosines))
        ax.scatter(cosines, heights, s=16, c=COLOURS[0], alpha=0.55, linewidth=0)
        ax.plot([means[kind]] * 2, [row - 0.34, row + 0.34], color=INK, lw=2)
    beside_rows(ax, [f"{grade:.1f}" for grade in grades], "mean\ngrade", head_row=len(means) - 0.35, gap=0.04)
    ax.set_yticks(range(len(means)), means.index)
    ax.set(xlabel="cosine (bar: mean)", xlim=(min(-0.2, pairs.cosine.min() - 0.02), 1.02), title=title)
    ax.grid(axis="x", color=GRID)
    return ax


@drawing()
def over_thresholds(curves: Mapping[str, pd.DataFrame], title: str) -> Axes:
    """Precision, with its interval as a band, and recall against a threshold on the score, a panel per set of pairs.

    Args:
        curves: by the panel's name, a table with the columns threshold, precision, low, high, recall.
        title: the finding.

    Example:
        >>> import pandas as pd
        >>> from bxe import plots
        >>> columns = ["threshold", "precision", "low", "high", "recall"]
        >>> curve = pd.DataFrame([(0.5, 0.6, 0.5, 0.7, 0.9), (0.7, 0.9, 0.8, 1.0, 0.4)], columns=columns)
        >>> plots.show(plots.over_thresholds({"all": curve}, "A trade"), alt="Precision rises, recall falls.")
        Figure(460x420)
    """
    fig, axes = side_by_side(len(curves), 4.6 * len(curves), 4.2, same_axes=True)
    for ax, (name, table) in zip(axes, curves.items()):
        ax.fill_between(table.threshold, table.low, table.high, color=COLOURS[0], alpha=0.2, linewidth=0)
        ax.plot(table.threshold, table.precision, color=COLOURS[0], marker="o", ms=4, label="precision (band: 95 %)")
        ax.plot(table.threshold, table.recall, color=COLOURS[3], marker="s", ms=4, ls="--", label="recall")
        ax.set(title=name, xlabel="threshold on the cosine", ylim=(-0.02, 1.03))
        ax.grid(color=GRID)
        open_frame(ax)
    axes[0].set_ylabel("share")
    fig.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False)
    fig.suptitle(title)
    return axes[0]


@drawing()
def reliability(bins: Mapping[str, pd.DataFrame], title: str, *, what: str = "messages") -> Axes:
    """Reliability diagrams, one panel each: share of right answers against confidence, and how many answers there are.

    Args:
        bins: by name, a table, a row per bin of confidence: messages (their number), confidence (mean), right (share),
            low and high (the ends of the share's 95 % interval).
        title: the finding.
        what: the column's name, and what is counted.

    Example:
        >>> import pandas as pd
        >>> from bxe import plots
        >>> table = pd.DataFrame({"messages": [9], "confidence": [0.6], "right": [0.7], "low": [0.4], "high": [0.9]})
        >>> plots.show(plots.reliability({"as learned": table}, "Near enough"), alt="One point, near the diagonal.")
        Figure(900x540)
    """
    panels = {"height_ratios": [3, 1], "sharex": True, "sharey": "row", "squeeze": False}
    told_apart(bins, most=12)
    fig, axes = plt.subplots(2, len(bins), figsize=(9, 5.4), layout="constrained", **panels)
    for (name, table), (above, below) in zip(bins.items(), axes.T):
        above.plot([0, 1], [0, 1], color=FAINT, ls="--")
        above.vlines(table.confidence, table.low, table.high, color=COLOURS[0], alpha=0.5, lw=2)
        above.plot(table.confidence, table.right, color=COLOURS[0], marker="o", lw=1.5)
        above.set(title=name, xlim=(0, 1), ylim=(0, 1.03))
        below.bar(table.confidence, table[what], width=0.06, color=FAINT)
        below.set_xlabel("confidence (mean of the bin)")
        below.set_xticks(np.arange(0, 1.01, 0.25))
        for ax in (above, below):
            open_frame(ax)
    axes[0, 0].set_ylabel("share right (bars: 95 %)")
    axes[1, 0].set_ylabel(what)
    fig.get_layout_engine().set(wspace=0.08)
    fig.suptitle(title)
    return axes[0, 0]


@drawing()
def refusals(
    curves: Mapping[str, tuple[np.ndarray, np.ndarray]],
    base: float,
    chosen: Mapping[str, tuple],
    title: str,
    *,
    what: str = "messages out of scope",
) -> Axes:
    """Precision against recall in finding what does not belong, one line per score.

    Args:
        curves: by the score's name, precision and recall at each threshold.
        base: the precision of refusing at random: the share that does not belong.
        chosen: points to mark, by name: (precision, recall).
        title: the finding.
        what: what does not belong.

    Example:
        >>> from bxe import plots
        >>> curve = np.array([0.1, 0.5, 1.0]), np.array([1.0, 0.8, 0.0])
        >>> ax = plots.refusals({"distance": curve}, 0.1, {"chosen threshold": (0.5, 0.8)}, "Strangers are found")
        >>> plots.show(ax, alt="Precision falls as recall rises; a star marks 0.5 at 0.8.")
        Figure(700x480)
    """
    fig, ax = figure(7, 4.8)
    handles = []
    for (precision, recall), colour, style in told_apart(curves.values(), COLOURS, DASHES):
        handles += ax.step(recall, precision, where="post", color=colour, ls=style, lw=2)
    base_line = ax.axhline(base, color=FAINT)
    stars = [ax.plot(r, p, ls="none", marker="*", ms=15, color="black", label=n)[0] for n, (p, r) in chosen.items()]
    ax.set(xlabel=f"recall (of the {what}, share refused)", ylabel="precision")
    ax.set(xlim=(0, 1.02), ylim=(0, 1.04), title=title)
    ax.grid(color=GRID)
    handles, names = [*handles, base_line, *stars], [*curves, "refusing at random", *chosen]
    fig.legend(handles, names, loc="outside lower center", ncols=2, frameon=False)
    return ax
