"""Every figure of the course, one function each: data in, Axes out; `show` puts it on the page with its alt text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from matplotlib.ticker import LogLocator

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


def learning_curves(mean: pd.DataFrame, spread: pd.DataFrame, title: str) -> Axes:
    """A measure against the number of labelled examples, a line a method, with the spread over draws as whiskers.

    Args:
        mean: float, a row a number of examples a class, a column a method.
        spread: the same shape: a standard deviation over draws.
        title: the finding.
    """
    fig, ax = _figure(8, 5)
    shifts = np.linspace(-0.05, 0.05, mean.shape[1])
    for shift, colour, marker, method in zip(shifts, COLOURS, MARKERS, mean):
        # Shifted a little sideways, so that whiskers do not hide one another.
        x = mean.index.to_numpy() * 2**shift
        style = "--" if method.startswith("TF-IDF") else "-"
        ax.errorbar(x, mean[method], spread[method], color=colour, marker=marker, ls=style, capsize=3, label=method)
    ax.set_xscale("log", base=2)
    ax.set_xticks(mean.index, [str(n) for n in mean.index])
    ax.set(xlabel="labelled examples a class", ylabel="accuracy (whiskers: ± std over draws)", title=title)
    ax.grid(axis="y", color="#EEEEEE")
    fig.legend(loc="outside lower center", ncols=3, frameon=False)
    return ax


def confusions(counts: pd.DataFrame, title: str) -> Axes:
    """A confusion matrix for a person: labels that are mistaken for each other stand together, zeros are left blank.

    Args:
        counts: whole numbers, a row a true label, a column a predicted one, in the same order; 3 to about 25 labels.
        title: the finding.
    """
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import squareform

    shares = counts.to_numpy() / counts.to_numpy().sum(axis=1, keepdims=True)
    apart = 1 - (shares + shares.T) / 2
    np.fill_diagonal(apart, 0)
    order = leaves_list(linkage(squareform(apart), "average", optimal_ordering=True))
    names, cells = counts.index[order], counts.to_numpy()[np.ix_(order, order)]
    wrong = shares[np.ix_(order, order)] * (1 - np.eye(len(names)))
    fig, ax = _figure(0.5 * len(names) + 2.6, 0.44 * len(names) + 2.2)
    shades = np.ma.masked_equal(wrong, 0)
    ax.imshow(shades, cmap="Oranges", vmin=0, vmax=1.6 * wrong.max(), aspect="auto")
    for i, j in np.argwhere(cells > 0):
        ax.text(j, i, cells[i, j], ha="center", va="center", color=INK, weight="bold" if i == j else "normal")
    for i in range(len(names)):
        ax.add_patch(plt.Rectangle((i - 0.5, i - 0.5), 1, 1, facecolor="#DDDDDD", edgecolor="white"))
        ax.text(len(names) - 0.3, i, f"{shares[order[i], order[i]]:.2f}", ha="left", va="center")
    ax.text(len(names) - 0.3, -0.75, "share\nright", ha="left", va="bottom", fontsize=9)
    ax.set_xticks(range(len(names)), names, rotation=45, ha="right", rotation_mode="anchor")
    ax.set_yticks(range(len(names)), names)
    ax.set_xticks(np.arange(len(names) + 1) - 0.5, minor=True)
    ax.set_yticks(np.arange(len(names) + 1) - 0.5, minor=True)
    ax.grid(which="minor", color="#EEEEEE")
    ax.tick_params(which="both", length=0)
    ax.spines[:].set_visible(False)
    ax.set(xlabel="predicted (shade: share of the row)", ylabel="true")
    ax.set_title(title, pad=28)
    return ax


def reliability(bins: Mapping[str, pd.DataFrame], title: str, what: str = "messages") -> Axes:
    """Reliability diagrams, a panel each: the share of right answers against the confidence, and how many answers there are.

    Args:
        bins: by name, a table with a row a bin of confidence: messages (their number), confidence (mean), right (share).
        title: the finding.
        what: the column's name, and what is counted.
    """
    fig, axes = plt.subplots(
        2,
        len(bins),
        figsize=(9, 5.4),
        height_ratios=[3, 1],
        sharex=True,
        sharey="row",
        layout="constrained",
        squeeze=False,
    )
    for (name, table), (above, below) in zip(bins.items(), axes.T):
        # Wilson's interval of the share, 95 %.
        n, share, z = table[what], table.right, 1.96
        middle, half = (share + z**2 / (2 * n)), z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
        low, high = (middle - half) / (1 + z**2 / n), (middle + half) / (1 + z**2 / n)
        above.plot([0, 1], [0, 1], color=FAINT, ls="--")
        above.vlines(table.confidence, low, high, color=COLOURS[0], alpha=0.5, lw=2)
        above.plot(table.confidence, share, color=COLOURS[0], marker="o", lw=1.5)
        above.set(title=name, xlim=(0, 1), ylim=(0, 1.03))
        below.bar(table.confidence, n, width=0.06, color=FAINT)
        below.set_xlabel("confidence (mean of the bin)")
        below.set_xticks(np.arange(0, 1.01, 0.25))
        for ax in (above, below):
            ax.spines[["top", "right"]].set_visible(False)
    axes[0, 0].set_ylabel("share right (bars: 95 %)")
    axes[1, 0].set_ylabel(what)
    fig.get_layout_engine().set(wspace=0.08)
    fig.suptitle(title)
    return axes[0, 0]


def refusals(
    curves: Mapping[str, tuple[np.ndarray, np.ndarray]], base: float, chosen: Mapping[str, tuple], title: str
) -> Axes:
    """Precision against recall of finding what does not belong, a line a score.

    Args:
        curves: by the score's name, precision and recall at each threshold.
        base: the precision of refusing at random: the share that does not belong.
        chosen: points to mark, by name: (precision, recall).
        title: the finding.
    """
    fig, ax = _figure(7, 4.8)
    for colour, style, (name, (precision, recall)) in zip(COLOURS, ("-", "--", "-.", ":"), curves.items()):
        ax.step(recall, precision, where="post", color=colour, ls=style, lw=2, label=name)
    ax.axhline(base, color=FAINT, label="refusing at random")
    for name, (precision, recall) in chosen.items():
        ax.plot(recall, precision, ls="none", marker="*", ms=15, color="black", label=name)
    ax.set(
        xlabel="recall (of the messages out of scope, share refused)",
        ylabel="precision",
        xlim=(0, 1.02),
        ylim=(0, 1.04),
    )
    ax.set_title(title)
    ax.grid(color="#EEEEEE")
    fig.legend(loc="outside lower center", ncols=2, frameon=False)
    return ax


def ranked(scores: np.ndarray, grades: np.ndarray, title: str) -> Axes:
    """All passages in the order of their score for one question; the relevant ones stand out.

    Args:
        scores: n cosines of the passages with the question.
        grades: n judgements, 0 to 3, in the same order.
        title: the finding.
    """
    order = np.argsort(-scores)
    ranks, sizes = np.arange(1, len(scores) + 1), (0, 60, 75, 90)
    words = ("", "1: on the matter", "2: answers in part", "3: answers")
    fig, ax = _figure(8, 3.6)
    ax.plot(ranks, scores[order], color=FAINT, marker="o", ms=3, lw=1, zorder=1, label="0: does not")
    for grade in sorted(set(np.asarray(grades)) - {0}):
        chosen = np.asarray(grades)[order] == grade
        style = {"c": COLOURS[grade], "marker": MARKERS[grade], "s": sizes[grade], "edgecolor": INK}
        ax.scatter(ranks[chosen], scores[order][chosen], zorder=2, label=words[grade], **style)
    ax.axvline(10.5, color=INK, lw=1, ls=":")
    ax.text(11.5, scores.min(), "first ten end here", va="bottom", fontsize=9)
    ax.set_xscale("log")
    ax.set_xticks([1, 2, 3, 5, 10, 30, 100, 300, 600], ["1", "2", "3", "5", "10", "30", "100", "300", "600"])
    ax.minorticks_off()
    ax.set(xlabel="rank of the passage (log scale)", ylabel="cosine", title=title)
    ax.legend(title="grade", frameon=False, loc="upper right")
    return ax


def intervals(
    estimates: Mapping[str, Sequence[float]], title: str, xlabel: str, line: float = 0.0, told: str = "no difference"
) -> Axes:
    """Estimates with their intervals, a row each from the top down, and one value to hold them against.

    Args:
        estimates: (mean, low, high) by name.
        title: the finding.
        xlabel: what is estimated, with its unit.
        line: the value of the vertical line; 0 suits differences.
        told: what the line stands for, written above it.
    """
    fig, ax = _figure(8, 0.24 * len(estimates) + 1.6 if len(estimates) > 10 else 0.42 * len(estimates) + 1.5)
    ax.axvline(line, color=INK, lw=1, ls="--", zorder=1)
    for row, (mean, low, high) in enumerate(estimates.values()):
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


def differences(values: Sequence[float], groups: Sequence[str], title: str, above: str, below: str) -> Axes:
    """The difference of two systems on each question, sorted, with a mark for the group that a question belongs to.

    Args:
        values: n differences in nDCG@10, one a question.
        groups: n names of groups, at most three different ones; "" for questions of none, which get no mark.
        title: the finding.
        above, below: what a positive and what a negative difference means.
    """
    order = np.argsort(-np.asarray(values), kind="stable")
    values, groups = np.asarray(values)[order], np.asarray(groups)[order]
    places = np.arange(1, len(values) + 1)
    fig, ax = _figure(9, 3.8)
    ax.vlines(places, 0, values, color=FAINT, lw=2)
    ax.axhline(0, color=INK, lw=1)
    for name, colour, marker in zip(sorted(set(groups) - {""}), COLOURS, MARKERS):
        chosen = groups == name
        style = {"c": colour, "marker": marker, "s": 30, "edgecolor": INK, "linewidth": 0.5, "zorder": 3}
        ax.scatter(places[chosen], values[chosen], label=f"marked {name}", **style)
    ax.text(0.995, 0.94, f"above 0: {above}", ha="right", transform=ax.transAxes)
    ax.text(0.005, 0.04, f"below 0: {below}", ha="left", transform=ax.transAxes)
    ax.set(xlabel="questions, sorted by the difference", ylabel="difference in nDCG@10", ylim=(-1.1, 1.1), title=title)
    ax.legend(frameon=False, loc="upper right", bbox_to_anchor=(1, 0.92))
    return ax


def recall_against_time(recalls: pd.DataFrame, times: pd.DataFrame, exact_ms: float, title: str) -> Axes:
    """How many of the true neighbours an index finds, against the time that a query takes.

    Args:
        recalls: a row a setting of the index, a column a kind of query, values 0 to 1.
        times: the same rows and columns, in milliseconds a query.
        exact_ms: milliseconds that the exact search takes for a query; its recall is 1.
        title: the finding.
    """
    fig, ax = _figure(8, 4)
    for kind, colour, marker, dashes in zip(recalls, COLOURS, MARKERS, ("-", "--", ":")):
        ax.plot(times[kind], recalls[kind], color=colour, marker=marker, ls=dashes, label=kind)
    lowest = recalls.astype(float).iloc[0].idxmin()
    for setting in recalls.index:
        place = (times.loc[setting, lowest], recalls.loc[setting, lowest])
        ax.annotate(str(setting), place, xytext=(7, -9), textcoords="offset points", va="center", fontsize=9)
    ax.plot(exact_ms, 1, marker="*", ms=16, color=COLOURS[3], mec=INK, ls="", label="exact (flat)")
    ax.set_xscale("log")
    ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    ax.xaxis.set_major_formatter("{x:g}")
    ax.minorticks_off()
    ax.set(xlabel="milliseconds a query, one by one, one thread (log scale)", ylabel="recall@10 of the exact result")
    ax.set(ylim=(recalls.to_numpy(dtype=float).min() - 0.08, 1.04), title=title)
    ax.grid(axis="y", color="#EEEEEE")
    ax.legend(frameon=False, loc="lower right", title=f"numbers: {recalls.index.name or 'setting'}")
    return ax


def kmeans_steps(points: np.ndarray, steps: Sequence[tuple[np.ndarray, np.ndarray]], title: str) -> Axes:
    """K-means at work, a panel a step: each point has the marker of its cluster, and each cluster its centre.

    Args:
        points: float array [n, 2].
        steps: for each panel the centres [k, 2] and the n labels that they give; k at most 5.
        title: the finding.
    """
    fig, axes = plt.subplots(1, len(steps), figsize=(9, 2.9), sharey=True, layout="constrained", squeeze=False)
    for step, (ax, (centres, labels)) in enumerate(zip(axes[0], steps)):
        for cluster, (colour, marker) in enumerate(zip(COLOURS[: len(centres)], MARKERS)):
            ax.scatter(*points[labels == cluster].T, c=colour, marker=marker, s=18, alpha=0.7, linewidth=0)
            ax.scatter(*centres[cluster], c=colour, marker=marker, s=150, edgecolor=INK, linewidth=2)
        ax.set(title="start" if step == 0 else f"after move {step}", xticks=[], yticks=[], aspect="equal")
        ax.spines[:].set_color(FAINT)
    fig.suptitle(title)
    return axes[0, 0]


def choosing_k(sweep: pd.DataFrame, levels: Mapping[str, int], title: str) -> Axes:
    """What a number of clusters does to the silhouette (above) and to the agreement with labels at several levels (below).

    Args:
        sweep: float, a row a run: columns k, silhouette, and one for each level (adjusted Rand); bands show ± std of runs.
        levels: how many groups there are at each level, by the column's name; at most four.
        title: the finding.
    """
    fig, (above, below) = plt.subplots(2, 1, figsize=(8, 5.6), sharex=True, height_ratios=[2, 3], layout="constrained")
    mean, spread = sweep.groupby("k").mean(), sweep.groupby("k").std()
    lines = [(above, "silhouette", "black", "o", "-")]
    lines += [(below, name, *look) for name, *look in zip(levels, COLOURS, MARKERS[1:], ("-", "--", "-.", ":"))]
    for ax, name, colour, marker, dashes in lines:
        y, half = mean[name].to_numpy(), spread[name].to_numpy()
        ax.fill_between(mean.index, y - half, y + half, color=colour, alpha=0.15, linewidth=0)
        ax.plot(mean.index, y, color=colour, marker=marker, ls=dashes)
        if ax is below:
            ax.annotate(name, (mean.index[-1], y[-1]), (8, 0), textcoords="offset points", va="center", color=INK)
    for ax in (above, below):
        for number in levels.values():
            ax.axvline(number, color=FAINT, lw=1, zorder=0)
        ax.spines[["top", "right"]].set_visible(False)
    for number in levels.values():
        above.text(number, 1.02, number, ha="center", transform=above.get_xaxis_transform())
    above.set_ylabel("silhouette")
    below.set(xlabel="k, the number of clusters (lines: numbers that are in the data)", ylabel="adjusted Rand with ...")
    fig.suptitle(title)
    return above


def dendrogram(tree: np.ndarray, names: Sequence[str], groups: Sequence[str], cut: float, title: str) -> Axes:
    """A tree of merges from left (single things) to right, with the group of each and a line where the tree is cut.

    Args:
        tree: what scipy.cluster.hierarchy.linkage returned for n things.
        names: n names, one a leaf.
        groups: n names of groups, written beside the leaves.
        cut: the distance of the cut.
        title: the finding.
    """
    from scipy.cluster.hierarchy import dendrogram as draw

    fig, ax = _figure(9, 0.165 * len(names) + 1.4)
    drawn = draw(tree, ax=ax, orientation="left", color_threshold=0, above_threshold_color=INK, no_labels=True)
    ax.set_yticks(10 * np.arange(len(names)) + 5, [names[leaf] for leaf in drawn["leaves"]], fontsize=8.5)
    ax.tick_params(axis="y", length=0)
    # Beside the names, a bracket for each run of leaves that have the same group.
    of_leaf = [groups[leaf] for leaf in drawn["leaves"]]
    starts = [row for row, group in enumerate(of_leaf) if row == 0 or group != of_leaf[row - 1]]
    for start, end in zip(starts, [*starts[1:], len(of_leaf)]):
        place = {"xycoords": ax.get_yaxis_transform(), "annotation_clip": False}
        line = {"arrowstyle": "-", "color": INK, "lw": 2, "shrinkA": 0, "shrinkB": 0}
        ax.annotate("", (-0.38, 10 * start + 1.5), (-0.38, 10 * end - 1.5), arrowprops=line, **place)
        middle = 5 * (start + end)
        ax.annotate(of_leaf[start], (-0.395, middle), ha="right", va="center", fontsize=9, weight="bold", **place)
    ax.axvline(cut, color=COLOURS[3], ls="--")
    ax.text(cut, 1.003, "cut", color=INK, ha="center", va="bottom", fontsize=9, transform=ax.get_xaxis_transform())
    ax.invert_xaxis()
    ax.set_xlabel("distance at which two groups are merged")
    ax.spines["left"].set_visible(False)
    ax.set_title(title, pad=18, x=0.3)
    fig.get_layout_engine().set(rect=(0.08, 0, 0.92, 1))  # it does not reckon with the groups' names
    return ax


def labelled_maps(projections: Mapping[str, np.ndarray], labels: Sequence[str], title: str) -> Axes:
    """The same points in two dimensions, a panel a projection, with the name of each group where it is densest.

    Args:
        projections: float arrays [n, 2] by name.
        labels: n names of groups; 16 different ones at most can be told apart.
        title: the finding.
    """
    from matplotlib.patheffects import withStroke

    wide = 4.6 * len(projections) if len(projections) < 3 else 9.6
    fig, axes = plt.subplots(1, len(projections), figsize=(wide, 4.6), layout="constrained", squeeze=False)
    labels = np.asarray(labels)
    for ax, (name, points) in zip(axes[0], projections.items()):
        low, high = points.min(axis=0), points.max(axis=0)
        points = (points - low) / (high - low)
        boxes: list[tuple[float, float, np.ndarray]] = []
        for number, group in enumerate(dict.fromkeys(labels)):
            chosen = points[labels == group]
            look = {"c": COLOURS[number % 7], "marker": MARKERS[(number + 3 * (number // 7)) % 8]}
            ax.scatter(*chosen.T, s=15, linewidth=0, alpha=0.8, **look)
        for group in dict.fromkeys(labels):
            chosen = points[labels == group]
            apart = np.linalg.norm(chosen[:, None] - chosen, axis=2)
            x, y = chosen[np.sort(apart)[:, : len(chosen) // 3].mean(axis=1).argmin()]
            half = np.array([0.036 * len(group) * len(projections) / wide, 0.022])
            # Of the places around, the name goes where it hides no other name and no point, and as near as can be.
            turns = np.linspace(0, 2 * np.pi, 24, endpoint=False)
            around = [far * np.array([np.sin(t), np.cos(t)]) for far in np.arange(0.05, 0.5, 0.03) for t in turns]
            places = [np.clip((x, y) + step, half - 0.05, (1.05, 1.08) - half) for step in around]
            cost = [
                1000 * sum((np.abs(place - (u, v)) < half + w).all() for u, v, w in boxes)
                + 10 * (np.abs(points - place) < half + 0.012).all(axis=1).sum()
                + 40 * np.linalg.norm(np.maximum(np.abs(place - (x, y)) - half, 0))
                for place in places
            ]
            best = places[int(np.argmin(cost))]
            boxes.append((*best, half))
            ax.plot([x, best[0]], [y, best[1]], color=INK, lw=0.7)
            halo = [withStroke(linewidth=3, foreground="white")]
            ax.text(*best, group, ha="center", va="center", fontsize=8, color="black", path_effects=halo)
        ax.set(title=name, xticks=[], yticks=[], xlim=(-0.06, 1.06), ylim=(-0.06, 1.1))
        ax.spines[:].set_color(FAINT)
    fig.suptitle(title)
    return axes[0, 0]


def found_and_labelled(counts: pd.DataFrame, title: str) -> Axes:
    """Which labels the texts of each cluster have: a row a cluster, a column a label, darker for more of the cluster.

    Args:
        counts: whole numbers, a row a cluster (by its name), a column a label. Rows are put in the order of the label that
            most of their texts have; zeros are left blank.
        title: the finding.
    """
    rows = counts.assign(_at=counts.to_numpy().argmax(axis=1), _n=-counts.max(axis=1)).sort_values(["_at", "_n"])
    cells = rows[list(counts)].to_numpy()
    shares = cells / cells.sum(axis=1, keepdims=True)
    fig, ax = _figure(0.36 * counts.shape[1] + 3.8, 0.31 * len(counts) + 2.2)
    ax.imshow(shares, cmap="Blues", vmin=0, vmax=1.25, aspect="auto")
    for i, j in np.argwhere(cells > 0):
        colour = "white" if shares[i, j] > 0.75 else INK
        ax.text(j, i, cells[i, j], ha="center", va="center", fontsize=8.5, color=colour)
    ax.set_xticks(range(counts.shape[1]), list(counts), rotation=45, ha="right", rotation_mode="anchor")
    ax.set_yticks(range(len(counts)), rows.index)
    ax.set_xticks(np.arange(counts.shape[1] + 1) - 0.5, minor=True)
    ax.set_yticks(np.arange(len(counts) + 1) - 0.5, minor=True)
    ax.grid(which="minor", color="#EEEEEE")
    ax.tick_params(which="both", length=0)
    ax.spines[:].set_visible(False)
    ax.set(xlabel="label", ylabel="cluster, by its name")
    fig.suptitle(title)
    return ax


def pair_times(counts: Sequence[int], seconds: Sequence[float], title: str) -> Axes:
    """The time to compare all pairs against the number of texts, on log axes, beside the line that n squared would follow.

    Args:
        counts: numbers of texts, rising.
        seconds: what each took.
        title: the finding.
    """
    fig, ax = _figure(7, 3.8)
    counts = np.asarray(counts, dtype=float)
    ax.plot(
        counts, seconds[-1] * (counts / counts[-1]) ** 2, color=INK, ls="--", lw=1, label="n² through the last point"
    )
    ax.plot(counts, seconds, color=COLOURS[0], marker="o", label="measured, on this machine")
    ax.set(xscale="log", yscale="log", xlabel="texts (log scale)", ylabel="seconds (log scale)", title=title)
    ax.set_xticks(counts, [f"{n:,.0f}" for n in counts])
    ax.yaxis.set_major_formatter("{x:g}")
    ax.minorticks_off()
    ax.grid(color="#EEEEEE")
    ax.legend(frameon=False, loc="upper left")
    return ax


def over_thresholds(curves: Mapping[str, pd.DataFrame], title: str) -> Axes:
    """Precision, with its interval as a band, and recall against a threshold on the score, a panel a set of pairs.

    Args:
        curves: by the panel's name, a table with the columns threshold, precision, low, high, recall.
        title: the finding.
    """
    size = (4.6 * len(curves), 4.2)
    fig, axes = plt.subplots(
        1, len(curves), figsize=size, sharex=True, sharey=True, layout="constrained", squeeze=False
    )
    for ax, (name, table) in zip(axes[0], curves.items()):
        ax.fill_between(table.threshold, table.low, table.high, color=COLOURS[0], alpha=0.2, linewidth=0)
        ax.plot(table.threshold, table.precision, color=COLOURS[0], marker="o", ms=4, label="precision (band: 95 %)")
        ax.plot(table.threshold, table.recall, color=COLOURS[3], marker="s", ms=4, ls="--", label="recall")
        ax.set(title=name, xlabel="threshold on the cosine", ylim=(-0.02, 1.03))
        ax.grid(color="#EEEEEE")
        ax.spines[["top", "right"]].set_visible(False)
    axes[0, 0].set_ylabel("share")
    fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False)
    fig.suptitle(title)
    return axes[0, 0]


def largest_groups(thresholds: Sequence[float], largest: Sequence[int], true: int, title: str) -> Axes:
    """The size of the largest group that pairs above a threshold make, on a log axis.

    Args:
        thresholds, largest: the threshold and the size, in step.
        true: the size of the largest group that is right.
        title: the finding.
    """
    fig, ax = _figure(7, 3.6)
    ax.axhline(true, color=INK, lw=1, ls="--")
    ax.text(min(thresholds), true * 0.94, f"the largest true group: {true}", ha="left", va="top", fontsize=9)
    ax.plot(thresholds, largest, color=COLOURS[0], marker="o")
    ax.set_yscale("log")
    ax.set_yticks([2, 5, 10, 20, 50, 100, 200, 500, 1000], ["2", "5", "10", "20", "50", "100", "200", "500", "1,000"])
    ax.minorticks_off()
    ax.set(xlabel="threshold on the cosine", ylabel="texts in the largest group (log scale)", title=title)
    ax.grid(axis="y", color="#EEEEEE")
    return ax


def glued(texts: Sequence[str], links: Sequence[tuple], glue: tuple[int, int], title: str) -> Axes:
    """A group of texts as numbered points with the pairs that hold it together; the texts stand beside it.

    Args:
        texts: the group's n texts, at most about 15.
        links: for each pair its two positions and whether it is right, as ((0, 3), True).
        glue: the positions of the pair to point out.
        title: the finding.
    """
    import networkx as nx

    graph = nx.Graph([tuple(map(int, pair)) for pair, _ in links])
    places = nx.kamada_kawai_layout(graph)
    fig, (ax, beside) = plt.subplots(
        1, 2, figsize=(9.6, 0.3 * len(texts) + 0.9), width_ratios=[5, 7], layout="constrained"
    )
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


def who_sees_whom(tables: Mapping[str, tuple[np.ndarray, int]], title: str) -> Axes:
    """Tables of attention, a panel a model, with lines where the query ends and the passage begins.

    Args:
        tables: by the model's name, shares of attention [n, n] (rows look, columns are looked at) and how many of the n
            tokens are the query's.
        title: the finding.
    """
    fig, axes = plt.subplots(1, len(tables), figsize=(9, 5), layout="constrained", squeeze=False)
    for ax, (name, (shares, cut)) in zip(axes[0], tables.items()):
        # The root, because a few large shares would leave all others white; what is exactly 0 is hatched.
        n = len(shares)
        ax.imshow(np.sqrt(shares), cmap="Blues", vmin=0, vmax=0.6)
        for low, high, left, right in ((0, cut, cut, n), (cut, n, 0, cut)):
            if not shares[low:high, left:right].any():
                corner, width, height = (left - 0.5, low - 0.5), right - left, high - low
                look = {"facecolor": "white", "edgecolor": FAINT, "hatch": "///", "linewidth": 0}
                ax.add_patch(plt.Rectangle(corner, width, height, **look))
                words = {"ha": "center", "va": "center", "fontsize": 9}
                box = {"facecolor": "white", "edgecolor": "none", "pad": 2}
                ax.text((left + right - 1) / 2, (low + high - 1) / 2, "never", bbox=box, **words)
        ax.axhline(cut - 0.5, color=INK, lw=1)
        ax.axvline(cut - 0.5, color=INK, lw=1)
        middles = [(cut - 1) / 2, (cut + n - 1) / 2]
        ax.set_xticks(middles, ["query", "passage"])
        ax.set_yticks(middles, ["query", "passage"], rotation=90, va="center")
        ax.tick_params(length=0)
        ax.set(title=name, xlabel="token that is looked at", ylabel="token that looks")
    fig.suptitle(title)
    return axes[0, 0]


def token_table(
    values: np.ndarray, rows: Sequence[str], columns: Sequence[str], title: str, label: str, mark: bool = False
) -> Axes:
    """A number for each token of one text with each token of another, as shades.

    Args:
        values: float array [rows, columns].
        rows, columns: the tokens; about 15 and 35 at most.
        title: the finding.
        label: what a shade is.
        mark: frame the highest of each row and write it into the cell.
    """
    fig, ax = _figure(0.29 * len(columns) + 2.6, 0.29 * len(rows) + 2.1)
    image = ax.imshow(values, cmap="Blues", vmin=min(0.0, float(values.min())), aspect="auto")
    if mark:
        for row, column in enumerate(values.argmax(axis=1)):
            frame = {"facecolor": "none", "edgecolor": COLOURS[3], "linewidth": 2}
            ax.add_patch(plt.Rectangle((column - 0.5, row - 0.5), 1, 1, **frame))
            ax.text(1.01, row, f"{values[row, column]:.2f}", va="center", transform=ax.get_yaxis_transform())
        ax.text(1.01, -0.75, "best", va="bottom", fontsize=9, transform=ax.get_yaxis_transform())
    ax.set_xticks(range(len(columns)), columns, rotation=60, ha="right", rotation_mode="anchor")
    ax.set_yticks(range(len(rows)), rows)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.set_title(title, pad=14)
    fig.colorbar(image, ax=ax, label=label, shrink=0.9, pad=0.07 if mark else 0.02)
    return ax


def two_rankings(names: Sequence[str], left: np.ndarray, right: np.ndarray, heads: tuple[str, str], title: str) -> Axes:
    """The same things in two orders, joined by lines, with the score that each has on either side.

    Args:
        names: n short names, n at most about 15.
        left, right: n scores each; higher is better.
        heads: what the scores of the left and of the right are.
        title: the finding.
    """
    fig, ax = _figure(9, 0.34 * len(names) + 1.2)
    places = [np.argsort(np.argsort(-np.asarray(scores))) + 1 for scores in (left, right)]
    for name, a, b, from_place, to_place in zip(names, left, right, *places):
        moved = abs(from_place - to_place) > 1
        style = {"color": COLOURS[3] if moved else COLOURS[0], "lw": 2.5 if moved else 1.5}
        ax.plot([0, 1], [from_place, to_place], marker="o", ls="--" if moved else "-", **style)
        ax.text(-0.04, from_place, f"{name}  {a:.2f}", ha="right", va="center", fontsize=9)
        ax.text(1.04, to_place, f"{b:.2f}  {name}", ha="left", va="center", fontsize=9)
    ax.set(xlim=(-1.6, 2.6), ylim=(len(names) + 0.6, 0.3), xticks=[], yticks=[])
    for x, side, head in ((-0.04, "right", heads[0]), (1.04, "left", heads[1])):
        ax.text(x, 0.25, head, ha=side, va="bottom", fontsize=9, weight="bold")
    ax.spines[:].set_visible(False)
    ax.set_title(title, pad=20)
    return ax


def pair_costs(counts: Sequence[int], seconds: Mapping[str, Sequence[float]], horizon: int, title: str) -> Axes:
    """The time to compare all pairs with a bi-encoder and a cross-encoder, drawn on to many more texts.

    Args:
        counts: numbers of texts, rising.
        seconds: what they took, for "bi-encoder" (drawn on as n) and "cross-encoder" (as n squared).
        horizon: the number of texts to draw on to.
        title: the finding.
    """
    fig, ax = _figure(8, 4.4)
    power = {"bi-encoder": 1, "cross-encoder": 2}
    for colour, marker, (name, measured) in zip(COLOURS, MARKERS, seconds.items()):
        beyond = np.array([counts[-1], horizon])
        drawn_on = measured[-1] * (beyond / counts[-1]) ** power[name]
        ax.plot(counts, measured, color=colour, marker=marker, label=f"{name}, measured")
        ax.plot(beyond, drawn_on, color=colour, ls="--", label=f"drawn on as {('n', 'n²')[power[name] - 1]}")
        took = drawn_on[-1]
        told = f"{took / 3600:.1f} h" if took > 3600 else f"{took / 60:.1f} min" if took > 90 else f"{took:.0f} s"
        ax.annotate(told, (horizon, took), (6, 0), textcoords="offset points", va="center", weight="bold")
    ax.set(xscale="log", yscale="log", xlabel="texts (log scale)", ylabel="seconds (log scale)", title=title)
    ticks = [*counts, 1000, horizon]
    ax.set_xticks(ticks, [f"{n:,}" for n in ticks])
    ax.yaxis.set_major_formatter(lambda x, _: f"{x:,.0f}" if x >= 1 else f"{x:g}")
    ax.minorticks_off()
    ax.margins(x=0.14)
    ax.grid(color="#EEEEEE")
    ax.legend(frameon=False, loc="upper left")
    return ax


def two_steps(texts: int, candidates: int, shown: int) -> Axes:
    """Retrieve and re-rank as a funnel: all texts, the candidates that are read, the few that a person sees.

    Args:
        texts, candidates, shown: how many there are at each stage.
    """
    fig, ax = _figure(9, 2.7)
    ax.set(xlim=(0, 18), ylim=(0, 5.4))
    ax.axis("off")
    stages = ((1.9, 4.2, f"{texts:,}\ntexts", "white"), (9, 2.3, f"{candidates}\ncandidates", "#E9F3FA"))
    for x, height, text, colour in (*stages, (16.1, 1.5, f"{shown}\nshown", "#FBE3C0")):
        _box(ax, x, 2.9, text, colour, width=2.4, height=height)
    for x, name, told in (
        (5.45, "1 · retrieve", "bi-encoder: one pass for\nthe query, stored vectors"),
        (12.55, "2 · re-rank", "cross-encoder: one pass\nfor each candidate"),
    ):
        _arrow(ax, x - 2.1, 2.9, x + 2.1, 2.9)
        ax.text(x, 3.15, name, ha="center", va="bottom", weight="bold")
        ax.text(x, 2.6, told, ha="center", va="top", fontsize=9)
    ax.text(1.9, 0.35, "embedded once, ahead", ha="center", va="center", fontsize=9)
    return ax


def reordered(before: Sequence[str], after: Sequence[str], grades: Mapping[str, int], title: str) -> Axes:
    """The same passages in two orders, joined by lines; those that serve the question stand out.

    Args:
        before, after: n ids, best first, n at most about 25.
        grades: judgements by id, 0 to 3; an id that is not there has 0.
        title: the finding.
    """
    before, after = list(before), list(after)
    fig, ax = _figure(7, 0.2 * len(before) + 1.5)
    words = ("0: does not help", "1: on the matter", "2: answers in part", "3: answers")
    for grade in range(4):
        chosen = [name for name in before if grades.get(name, 0) == grade]
        colour, width = (COLOURS[grade], 3) if grade else (FAINT, 1)
        for number, name in enumerate(chosen):
            places = [before.index(name) + 1, after.index(name) + 1]
            label = None if number else words[grade]
            ax.plot([0, 1], places, color=colour, lw=width, marker=MARKERS[grade], ms=7, label=label, zorder=2 + grade)
            for x, place, align in ((-0.03, places[0], "right"), (1.03, places[1], "left")):
                bold = "bold" if grade else "normal"
                ax.text(
                    x,
                    place,
                    f"{place}  {name}" if x < 0 else f"{name}  {place}",
                    ha=align,
                    va="center",
                    fontsize=8,
                    weight=bold,
                )
    ax.set(xlim=(-0.6, 1.6), ylim=(len(before) + 0.7, 0.3), yticks=[])
    ax.set_xticks([0, 1], ["bi-encoder", "re-ranked"])
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.set_title(title)
    handles, texts = ax.get_legend_handles_labels()
    fig.legend(handles, texts, loc="outside lower center", ncols=4, frameon=False, title="grade")
    return ax


def quality_and_time(sweep: pd.DataFrame, alone: float, title: str) -> Axes:
    """What re-ranking more candidates does to quality (above) and to time (below).

    Args:
        sweep: a row a number of candidates, rising; columns mean, low, high (nDCG@10, and the interval of its difference
            to `alone`, put on `alone`), recall (of the candidates) and milliseconds (a query).
        alone: nDCG@10 of the first step without re-ranking.
        title: the finding.
    """
    fig, (above, below) = plt.subplots(2, 1, figsize=(8, 5.4), sharex=True, height_ratios=[3, 2], layout="constrained")
    ks = sweep.index.to_numpy()
    above.plot(ks, sweep.recall, color=COLOURS[2], marker="^", ls="-.", label="recall of the candidates")
    above.fill_between(ks, sweep.low, sweep.high, color=COLOURS[0], alpha=0.18, linewidth=0)
    above.plot(ks, sweep["mean"], color=COLOURS[0], marker="o", label="nDCG@10, re-ranked (band: 95 %, paired)")
    above.axhline(alone, color=INK, ls="--", lw=1.2, label="nDCG@10, bi-encoder alone")
    above.set(ylim=(0, 1.1 * max(sweep.recall.max(), sweep.high.max())), ylabel="quality, 0 to 1")
    below.plot(ks, sweep.milliseconds, color=COLOURS[3], marker="s")
    below.set(
        yscale="log", ylabel="milliseconds a query\n(log scale)", xlabel="candidates that are re-ranked (log scale)"
    )
    below.set_xscale("log")
    below.set_xticks(ks, [str(k) for k in ks])
    below.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    below.yaxis.set_major_formatter("{x:g}")
    for ax in (above, below):
        ax.minorticks_off()
        ax.grid(axis="y", color="#EEEEEE")
        ax.spines[["top", "right"]].set_visible(False)
    fig.legend(*above.get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False)
    fig.suptitle(title)
    return above


def time_by_step(spent: pd.DataFrame, title: str) -> Axes:
    """The time of one query, cut into steps: a bar a way of computing.

    Args:
        spent: milliseconds, a row a step, in order, a column a way.
        title: the finding.
    """
    fig, ax = _figure(8, 0.6 * spent.shape[1] + 1.7)
    left = np.zeros(spent.shape[1])
    for colour, hatch, (step, times) in zip(COLOURS, ("//", "", ".."), spent.iterrows()):
        ax.barh(list(spent), times, left=left, color=colour, hatch=hatch, edgecolor="white", height=0.6, label=step)
        left += times.to_numpy()
    for row, total in enumerate(left):
        ax.text(total + 0.01 * left.max(), row, f"{total:.0f} ms", va="center")
    ax.set(xlabel="milliseconds a query, on this machine", xlim=(0, 1.12 * left.max()), title=title)
    ax.invert_yaxis()
    ax.tick_params(axis="y", length=0)
    fig.legend(loc="outside lower center", ncols=len(spent), frameon=False)
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
