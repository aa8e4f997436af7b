"""What quality costs: time against the number of texts, against quality, or against examples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import LogLocator

from bxe.plots.door import drawing, told_apart
from bxe.plots.page import COLOURS, GRID, INK, MARKERS, figure

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis


@drawing(counts="n", seconds="n", powers="lines")
def pair_times(
    counts: Sequence[int],
    seconds: Mapping[str, Sequence[float]],
    title: str,
    *,
    powers: Sequence[int],
    horizon: int | None = None,
) -> Axes:
    """The time to compare all pairs against the number of texts, on log axes, beside the power of n that it would follow.

    Args:
        counts: numbers of texts, rising.
        seconds: what each took, by what was measured.
        title: the finding.
        powers: for each of these the power of n, 1 or 2, that the dashed line through its last point follows.
        horizon: how many texts to extend the dashed lines to; the time that so many would take is written there.

    Example:
        >>> from bxe import plots
        >>> ax = plots.pair_times([10, 100], {"cross-encoder": [0.1, 10]}, "Hours", powers=[2], horizon=10_000)
        >>> plots.show(ax, alt="A line that reaches 27.8 hours at 10,000 texts.")
        Figure(800x440)
    """
    if len(powers) != len(seconds) or not {1, 2}.issuperset(powers):
        raise ValueError(f"powers is {powers}; give a power of n, 1 or 2, for each of the {len(seconds)} lines")
    _, ax = figure(8, 4.4)
    handles, labels = [], []
    ticks, reach = list(counts), np.array([counts[0], horizon or counts[-1]])
    for (power, (name, measured)), colour, marker in told_apart(zip(powers, seconds.items()), COLOURS, MARKERS):
        by_power = measured[-1] * (reach / counts[-1]) ** power
        handles += ax.plot(counts, measured, color=colour, marker=marker)
        handles += ax.plot(reach, by_power, color=colour, ls="--", lw=1)
        labels += [f"{name}, measured", f"{('n', 'n²')[power - 1]} through the last point"]
        if horizon:
            end = (horizon, by_power[-1])
            ax.annotate(_told(end[1]), end, (6, 0), textcoords="offset points", va="center", weight="bold")
    if horizon:
        ticks += [ten for ten in (100, 1000, 10_000, 100_000) if counts[-1] < ten < horizon] + [horizon]
        ax.margins(x=0.14)  # room for the times at the ends
    ax.set(xscale="log", yscale="log", xlabel="texts (log scale)", ylabel="seconds (log scale)", title=title)
    ax.set_xticks(ticks, [f"{n:,}" for n in ticks])
    ax.yaxis.set_major_formatter(lambda x, _: f"{x:,.0f}" if x >= 1 else f"{x:g}")
    ax.minorticks_off()
    ax.grid(color=GRID)
    ax.legend(handles, labels, frameon=False, loc="upper left")
    return ax


@drawing(recalls="settings kinds", times="settings kinds")
def recall_against_time(recalls: pd.DataFrame, times: pd.DataFrame, exact_ms: float, title: str) -> Axes:
    """How many of the true neighbours an index finds, against the time that a query takes.

    Args:
        recalls: a row per setting of the index, a column per kind of query, values 0 to 1.
        times: the same rows and columns, in milliseconds per query.
        exact_ms: milliseconds that the exact search takes for a query; its recall is 1.
        title: the finding.

    Example:
        >>> import pandas as pd
        >>> from bxe import plots
        >>> recalls = pd.DataFrame({"questions": [0.8, 0.9]}, pd.Index([10, 40], name="efSearch"))
        >>> ax = plots.recall_against_time(recalls, recalls / 10, 0.5, "Less time, less recall")
        >>> plots.show(ax, alt="Recall and time grow with efSearch; the exact search takes longest.")
        Figure(800x400)
    """
    fig, ax = figure(8, 4)
    handles = []
    for kind, colour, marker, dashes in told_apart(recalls, COLOURS, MARKERS, ("-", "--", ":", "-.")):
        handles += ax.plot(times[kind], recalls[kind], color=colour, marker=marker, ls=dashes)
    # Numbers stand on the line whose points are farthest apart in time, so that none covers another.
    spread = np.log(times.astype(float)).diff().abs().min().fillna(0).idxmax()
    for setting in recalls.index:
        place = (times.loc[setting, spread], recalls.loc[setting, spread])
        ax.annotate(str(setting), place, xytext=(3, -12), textcoords="offset points", va="center", fontsize=9)
    handles += ax.plot(exact_ms, 1, marker="*", ms=16, color=COLOURS[3], mec=INK, ls="", label="exact (flat)")
    ax.set_xscale("log")
    _plain_log(ax.xaxis)
    ax.minorticks_off()
    ax.set(xlabel="milliseconds a query, one by one, one thread (log scale)", ylabel="recall@10 of the exact result")
    ax.set(ylim=(recalls.to_numpy(dtype=float).min() - 0.08, 1.04), title=title)
    ax.grid(axis="y", color=GRID)
    over = f"numbers: {recalls.index.name or 'setting'}"
    fig.legend(handles, [*recalls, "exact (flat)"], frameon=False, loc="outside right center", title=over)
    return ax


@drawing(measured=("cost", "quality"))
def trade_offs(measured: pd.DataFrame, title: str, *, cost: str, quality: str) -> Axes:
    """What each way costs, and how good it is: a point for each, up to 8 of them.

    Args:
        measured: float columns `cost` (above 0) and `quality`, a row for each way, indexed by its name.
        title: the finding.
        cost, quality: what the two columns are, with their units.

    Example:
        >>> import pandas as pd
        >>> from bxe import plots
        >>> measured = pd.DataFrame({"cost": [1536, 48], "quality": [0.71, 0.66]}, ["float32", "binary"])
        >>> ax = plots.trade_offs(measured, "A 32nd of the bytes", cost="bytes a text", quality="nDCG@10")
        >>> plots.show(ax, alt="Two points; the one that costs less is lower.")
        Figure(800x400)
    """
    _, ax = figure(8, 4)
    if not (measured["cost"] > 0).all():
        raise ValueError("a cost is 0 or less, which no log axis shows; leave it out")
    for (name, row), colour, marker in told_apart(measured.iterrows(), COLOURS, MARKERS):
        ax.plot(row["cost"], row["quality"], marker, ms=10, color=colour, mec=INK, label=name)
    ax.set(xscale="log", xlabel=f"{cost} (log scale)", ylabel=quality, title=title)
    _plain_log(ax.xaxis)
    ax.xaxis.set_major_formatter("{x:,g}")
    ax.minorticks_off()
    ax.margins(0.08)
    ax.grid(color=GRID)
    ax.figure.legend(frameon=False, loc="outside right center")
    return ax


@drawing(mean="examples methods", spread="examples methods")
def learning_curves(mean: pd.DataFrame, spread: pd.DataFrame, title: str) -> Axes:
    """A measure against the number of labelled examples, one line per method, with the spread over draws as whiskers.

    Args:
        mean: float, a row per number of examples in a class, a column per method.
        spread: the same shape: a standard deviation over draws.
        title: the finding.

    Example:
        >>> import pandas as pd
        >>> from bxe import plots
        >>> mean = pd.DataFrame({"embeddings": [0.5, 0.8], "TF-IDF": [0.3, 0.8]}, [1, 8])
        >>> ax = plots.learning_curves(mean, 0.1 * mean, "Embeddings need fewer labels")
        >>> plots.show(ax, alt="Two lines that meet at 8 examples a class.")
        Figure(800x500)
    """
    fig, ax = figure(8, 5)
    shifts, handles = np.linspace(-0.05, 0.05, mean.shape[1]), []
    for (shift, method), colour, marker in told_apart(zip(shifts, mean), COLOURS, MARKERS):
        # Shifted a little sideways, so that whiskers do not hide one another.
        x = mean.index.to_numpy() * 2**shift
        style = "--" if str(method).startswith("TF-IDF") else "-"
        look = {"color": colour, "marker": marker, "ls": style, "capsize": 3}
        handles.append(ax.errorbar(x, mean[method], spread[method], **look))
    ax.set_xscale("log", base=2)
    ax.set_xticks(mean.index, [str(n) for n in mean.index])
    ax.set(xlabel="labelled examples a class", ylabel="accuracy (whiskers: ± std over draws)", title=title)
    ax.grid(axis="y", color=GRID)
    fig.legend(handles, list(mean), loc="outside lower center", ncols=3, frameon=False)
    return ax


def _told(seconds: float) -> str:
    """A time as a person says it."""
    if seconds > 3600:
        return f"{seconds / 3600:.1f} h"
    return f"{seconds / 60:.1f} min" if seconds > 90 else f"{seconds:.0f} s"


def _plain_log(axis: Axis) -> None:
    """Mark a log axis at 1, 2, 5, 10, 20, ... in plain numbers."""
    axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.set_major_formatter("{x:g}")
