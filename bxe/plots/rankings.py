"""Rankings and how good they are: one ranking, two orders of the same texts, differences between systems."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np

from bxe.plots.door import drawing, told_apart
from bxe.plots.page import COLOURS, FAINT, GRID, INK, MARKERS, figure, open_frame, side_by_side

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

GRADES = ("0: does not help", "1: on the matter", "2: answers in part", "3: answers")


@drawing(scores="n", grades="n")
def ranked(scores: np.ndarray, grades: np.ndarray, title: str) -> Axes:
    """All passages in the order of their score for one question; the relevant ones stand out.

    Args:
        scores: n cosines of the passages with the question.
        grades: n judgements, 0 to 3, in the same order.
        title: the finding.

    Example:
        >>> from bxe import plots
        >>> ax = plots.ranked(np.array([0.2, 0.5, 0.1]), np.array([0, 3, 0]), "The answer is first")
        >>> plots.show(ax, alt="Three cosines, sorted; the first one answers.")
        Figure(800x360)
    """
    scores, grades = np.asarray(scores, dtype=float), np.asarray(grades)
    _known_grades(grades)
    order = np.argsort(-scores)
    scores, grades = scores[order], grades[order]
    ranks, sizes = np.arange(1, len(scores) + 1), (0, 60, 75, 90)
    _, ax = figure(8, 3.6)
    ax.plot(ranks, scores, color=FAINT, marker="o", ms=3, lw=1, zorder=1, label="0: does not")
    for grade in sorted(set(grades) - {0}):
        chosen = grades == grade
        style = {"c": COLOURS[grade], "marker": MARKERS[grade], "s": sizes[grade], "edgecolor": INK}
        ax.scatter(ranks[chosen], scores[chosen], zorder=2, label=GRADES[grade], **style)
    ax.axvline(10.5, color=INK, lw=1, ls=":")
    ax.text(11.5, scores.min(), "first ten end here", va="bottom", fontsize=9)
    ax.set_xscale("log")
    ax.set_xticks([1, 2, 3, 5, 10, 30, 100, 300, 600], ["1", "2", "3", "5", "10", "30", "100", "300", "600"])
    ax.minorticks_off()
    ax.set(xlabel="rank of the passage (log scale)", ylabel="cosine", title=title)
    ax.legend(title="grade", frameon=False, loc="upper right")
    return ax


@drawing()
def reordered(
    before: Sequence[str],
    after: Sequence[str],
    title: str,
    *,
    heads: tuple[str, str],
    grades: Mapping[str, int],
) -> Axes:
    """The same things in two orders, joined by lines, with their ranks on either side.

    Args:
        before, after: the same n names, best first, n at most about 25.
        title: the finding.
        heads: what the two orders are.
        grades: judgements by name, 0 to 3; a name that is not there has 0. Names with a grade stand out.

    Example:
        >>> from bxe import plots
        >>> heads, grades = ("BM25", "re-ranked"), {"c": 3}
        >>> ax = plots.reordered(["a", "b", "c"], ["c", "a", "b"], "The answer rises", heads=heads, grades=grades)
        >>> plots.show(ax, alt="Three passages in two orders; c goes from rank 3 to rank 1.")
        Figure(700x210)
    """
    before, after = list(before), list(after)
    odd = [name for name in [*before, *after] if not (before.count(name) == after.count(name) == 1)]
    if odd:
        raise ValueError(f"{odd[0]!r} comes twice, or in one order only; give the same names in both, each once")
    _known_grades(grades.values())
    fig, ax = figure(7, 0.2 * len(before) + 1.5)
    for grade, told in enumerate(GRADES):
        colour, width, weight = (COLOURS[grade], 3, "bold") if grade else (FAINT, 1, "normal")
        look = {"color": colour, "lw": width, "marker": MARKERS[grade], "ms": 7, "zorder": 2 + grade}
        for number, name in enumerate(name for name in before if grades.get(name, 0) == grade):
            left, right = before.index(name) + 1, after.index(name) + 1
            ax.plot([0, 1], [left, right], label=None if number else told, **look)
            beside = {"va": "center", "fontsize": 8, "weight": weight}
            ax.text(-0.03, left, f"{left}  {name}", ha="right", **beside)
            ax.text(1.03, right, f"{name}  {right}", ha="left", **beside)
    ax.set(xlim=(-0.6, 1.6), ylim=(len(before) + 0.7, 0.3), yticks=[])
    ax.set_xticks([0, 1], heads)
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.set_title(title)
    legend = ax.get_legend_handles_labels()
    fig.legend(*legend, loc="outside lower center", ncols=4, frameon=False, title="grade")
    return ax


@drawing(estimates="3")
def intervals(
    estimates: Mapping[str, Sequence[float]],
    title: str,
    xlabel: str,
    *,
    line: float = 0.0,
    told: str = "no difference",
) -> Axes:
    """Estimates with their intervals, a row each from the top down, and one value to compare them with.

    Args:
        estimates: (mean, low, high) by name.
        title: the finding.
        xlabel: what is estimated, with its unit.
        line: the value of the vertical line; 0 suits differences.
        told: what the line stands for, written above it.

    Example:
        >>> from bxe import plots
        >>> gains = {"keywords": (0.10, 0.04, 0.16), "questions": (0.01, -0.04, 0.06)}
        >>> plots.show(plots.intervals(gains, "Keywords gain", "nDCG@10"), alt="One interval above 0, one across it.")
        Figure(800x234)
    """
    _, ax = figure(8, 0.24 * len(estimates) + 1.6 if len(estimates) > 10 else 0.42 * len(estimates) + 1.5)
    ax.axvline(line, color=INK, lw=1, ls="--", zorder=1)
    for row, (name, (mean, low, high)) in enumerate(estimates.items()):
        if low > high:
            raise ValueError(f"{name!r} has an interval from {low} to {high}; give (mean, low, high)")
        away = not low <= line <= high
        ax.plot([low, high], [row, row], color=COLOURS[3 if away else 0], lw=2.5, ls="-", zorder=2)
        face = COLOURS[3] if away else "white"
        ax.plot(mean, row, marker="D" if away else "o", ms=6, mfc=face, mec=INK, zorder=3)
    ax.set_yticks(range(len(estimates)), list(estimates))
    ax.set_ylim(len(estimates) - 0.4, -0.6)
    ax.text(line, 1.01, told, ha="center", va="bottom", fontsize=9, transform=ax.get_xaxis_transform())
    ax.set_xlabel(f"{xlabel} (bar: 95 % interval; filled: the line lies outside it)")
    ax.set_title(title, pad=20)
    ax.tick_params(axis="y", length=0)
    return ax


@drawing(measured=("set", "first_step", "system", "difference", "low", "high"))
def gains_by_set(measured: pd.DataFrame, title: str, xlabel: str) -> Axes:
    """What several systems gain over a first step, set by set: a panel for each first step, a row for each set.

    Args:
        measured: columns set, first_step, system (at most eight of them), difference, low and high (the ends of its
            interval). Sets, steps and systems come in the order in which the table first names them.
        title: the finding.
        xlabel: what the difference is of, with its unit.

    Example:
        >>> import pandas as pd
        >>> from bxe import plots
        >>> columns = ["set", "first_step", "system", "difference", "low", "high"]
        >>> rows = [("health", "BM25", "logit", 0.2, 0.1, 0.3), ("forum", "BM25", "logit", -0.1, -0.2, 0.0)]
        >>> ax = plots.gains_by_set(pd.DataFrame(rows, columns=columns), "A gain and a loss", "nDCG@10")
        >>> plots.show(ax, alt="One interval above 0, and one below it that touches it.")
        Figure(900x310)
    """
    steps, systems, sets = (list(dict.fromkeys(measured[column])) for column in ("first_step", "system", "set"))
    if not (measured.low <= measured.high).all():
        raise ValueError("an interval has its low above its high; give low as its lower end")
    fig, axes = side_by_side(len(steps), 9, 0.42 * len(sets) + 2.26, same_axes=True)
    shifts = np.linspace(-0.25, 0.25, len(systems)) if len(systems) > 1 else [0.0]
    for ax, step in zip(axes, steps):
        ax.axvline(0, color=INK, lw=1.2, ls="--", zorder=1.5)
        for (system, shift), colour, marker in told_apart(zip(systems, shifts), COLOURS, MARKERS):
            rows = measured[(measured.first_step == step) & (measured.system == system)]
            heights = [sets.index(name) + shift for name in rows["set"]]
            ax.hlines(heights, rows.low, rows.high, color=colour, lw=2, zorder=2)
            faces = np.where((rows.low > 0) | (rows.high < 0), colour, "white").tolist()
            style = {"marker": marker, "s": 32, "edgecolor": colour, "zorder": 3}
            ax.scatter(rows.difference, heights, c=faces, **style)
        ax.set_yticks(range(len(sets)), sets)
        ax.set(ylim=(len(sets) - 0.4, -0.6), xlabel=f"{xlabel}, after {step}")
        ax.grid(axis="x", color=GRID)
        ax.set_axisbelow(True)
        ax.locator_params(axis="x", nbins=6)
        ax.tick_params(axis="y", length=0)
        open_frame(ax)
    keys = [plt.Line2D([], [], color=c, marker=m, lw=2) for c, m in zip(COLOURS, MARKERS)][: len(systems)]
    fig.legend(
        keys,
        systems,
        loc="outside lower center",
        ncols=4,
        frameon=False,
        title="bar: 95 % interval; filled: 0 lies outside it",
    )
    fig.suptitle(title)
    return axes[0]


@drawing(values="n", groups="n")
def differences(values: Sequence[float], groups: Sequence[str], title: str, above: str, below: str) -> Axes:
    """The difference of two systems on each question, sorted, with a mark for the group that a question belongs to.

    Args:
        values: n differences in nDCG@10, one per question.
        groups: n names of groups, at most eight different ones; "" for questions of none, which get no mark.
        title: the finding.
        above, below: what a positive and what a negative difference means.

    Example:
        >>> from bxe import plots
        >>> ax = plots.differences([0.5, -0.2], ["", "win"], "Each wins one", "bi-encoder better", "BM25 better")
        >>> plots.show(ax, alt="Two differences, one above 0 and one below, which is marked win.")
        Figure(900x380)
    """
    order = np.argsort(-np.asarray(values), kind="stable")
    values, groups = np.asarray(values)[order], np.array([*map(str, groups)], dtype=object)[order]
    places = np.arange(1, len(values) + 1)
    _, ax = figure(9, 3.8)
    ax.vlines(places, 0, values, color=FAINT, lw=2)
    ax.axhline(0, color=INK, lw=1)
    for name, colour, marker in told_apart(sorted(set(groups) - {""}), COLOURS, MARKERS):
        chosen = groups == name
        style = {"c": colour, "marker": marker, "s": 30, "edgecolor": INK, "linewidth": 0.5, "zorder": 3}
        ax.scatter(places[chosen], values[chosen], label=f"marked {name}", **style)
    ax.text(0.995, 0.94, f"above 0: {above}", ha="right", transform=ax.transAxes)
    ax.text(0.005, 0.04, f"below 0: {below}", ha="left", transform=ax.transAxes)
    ax.set(xlabel="questions, sorted by the difference", ylabel="difference in nDCG@10", ylim=(-1.1, 1.1), title=title)
    ax.legend(frameon=False, loc="upper right", bbox_to_anchor=(1, 0.92))
    return ax


def _known_grades(grades: Iterable[int]) -> None:
    for grade in grades:
        if grade not in range(len(GRADES)):
            raise ValueError(f"{grade!r} is not a grade; give 0, 1, 2 or 3")
