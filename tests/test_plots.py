"""What every figure must hold: its finding, its names and numbers, and each point. Pixels are looked at by people."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.collections import PathCollection
from matplotlib.text import Text
from PIL import Image

from bxe import plots
from bxe.plots.labels import name_groups
from bxe.plots.page import FAINT, figure

RNG = np.random.default_rng(0)
POINTS = RNG.normal(size=(30, 2))
COSINES = np.array([[1.0, 0.67, 0.10], [0.67, 1.0, 0.14], [0.10, 0.14, 1.0]])
APART = np.kron(np.eye(2), np.full((3, 3), 1 / 3))
PAIRS = pd.DataFrame({"score": [4.5, 4.1, 2.0, 0.0], "cosine": [0.7, 0.8, 0.9, 0.1]})
PAIRS["phenomenon"] = ["same", "same", "denial", "none"]
CURVE = pd.DataFrame({"threshold": [0.5, 0.7], "precision": [0.6, 0.9], "recall": [0.9, 0.4]}).assign(low=0.5, high=1.0)
BINS = pd.DataFrame({"pairs": [9, 5], "confidence": [0.3, 0.8], "right": [0.4, 0.6], "low": 0.1, "high": [0.6, 0.9]})
GAINS = {"keywords": (0.10, 0.04, 0.16), "questions": (0.01, -0.04, 0.06)}
SWEEP = pd.DataFrame({"k": [2, 2, 4, 4], "silhouette": [0.1, 0.2, 0.3, 0.3], "topic": [0.5, 0.6, 0.9, 0.8]})
MATRIX = pd.DataFrame([[9, 0, 1], [0, 8, 0], [3, 0, 7]], list("abc"), list("abc"))
RECALLS = pd.DataFrame({"questions": [0.8, 0.9], "entries": [0.9, 1.0]}, pd.Index([10, 40], name="efSearch"))
COSTS = pd.DataFrame({"cost": [1536, 48], "quality": [0.71, 0.66]}, ["float32", "binary"])
ACCURACY = pd.DataFrame({"embeddings": [0.5, 0.8], "TF-IDF": [0.3, 0.8]}, [1, 8])
BY_SET = pd.DataFrame({"set": ["health", "forum"] * 2, "first_step": ["BM25", "BM25", "dense", "dense"]})
BY_SET = BY_SET.assign(
    system="logit", difference=[0.2, -0.1, 0.1, 0.0], low=[0.1, -0.2, -0.1, -0.1], high=[0.3, -0.05, 0.3, 0.1]
)

LINKS = [((0, 1), True), ((1, 2), False)]
BLUE = Image.new("RGB", (40, 30), "blue")
FOUND = "What was found"
FIND_THEIR_OWN_TITLE = {"architectures", "two_steps", "pooling"}


def figure_with(expected: str, *args, **options):
    return expected.split("|"), args, options


# For every figure what a reader must find written in it, and the small data that it is drawn from.
FIGURES = {
    "architectures": figure_with("text A|text B|cosine|score"),
    "two_steps": figure_with("6,000|20\ncandidates|10\nshown|retrieve|re-rank", 6000, 20, 10),
    "who_sees_whom": figure_with("Bi-encoder|query|passage|never", {"Bi-encoder": (APART, 3)}, FOUND),
    "pooling": figure_with("rain|fell|mean|of 3", ["rain", "fell"], COSINES[:2], COSINES[0]),
    "heatmap": figure_with("lovely|sunny|0.67|0.14|1.00", COSINES, ["lovely", "sunny", "stadium"], FOUND),
    "token_table": figure_with("in|on|x|y|z|share", COSINES[:2], ["in", "on"], "xyz", FOUND, "share"),
    "maps": figure_with("PCA|UMAP|a|b", {"PCA": POINTS, "UMAP": POINTS}, list("ab") * 15, FOUND),
    "distributions": figure_with("near|far|median", {"near": POINTS[:, 0], "far": POINTS[:, 1]}, FOUND),
    "strips": figure_with("same|denial|none|4.3|2.0|0.0", PAIRS, FOUND),
    "over_thresholds": figure_with("all|some|precision|recall", {"all": CURVE, "some": CURVE}, FOUND),
    "reliability": figure_with("plain|fitted|pairs", {"plain": BINS, "fitted": BINS}, FOUND, what="pairs"),
    "refusals": figure_with("distance|here|at random", {"distance": COSINES[:2]}, 0.1, {"here": (0.5, 0.8)}, FOUND),
    "ranked": figure_with("3: answers|1: on the matter", POINTS[:3, 0], np.array([0, 3, 1]), FOUND),
    "reordered": figure_with(
        "1  a|2  b|3  c|c  1|BM25|re-ranked", "abc", "cab", FOUND, heads=("BM25", "re-ranked"), grades={"c": 3}
    ),
    "intervals": figure_with("keywords|questions|nDCG@10|no difference", GAINS, FOUND, "nDCG@10"),
    "gains_by_set": figure_with("health|forum|nDCG@10, after dense|logit", BY_SET, FOUND, "nDCG@10"),
    "differences": figure_with("ours|theirs|win", [0.5, -0.2], ["", "win"], FOUND, "ours", "theirs"),
    "kmeans_steps": figure_with("start|after move 1", POINTS, [(POINTS[:2], np.arange(30) % 2)] * 2, FOUND),
    "choosing_k": figure_with("silhouette|topic|4", SWEEP, {"topic": 4}, FOUND),
    "crosstab": figure_with("a|b|c|cluster|intent|9|8|7|3|1", MATRIX, FOUND, rows="cluster", columns="intent"),
    "largest_groups": figure_with("true group: 5", [0.4, 0.5], [900, 55], 5, FOUND),
    "glued": figure_with("ants|aunts|1|2|3|right|...", ["ants", "aunts", "x" * 99], LINKS, (1, 2), FOUND),
    "pair_times": figure_with("all, measured|n² through|10|100", [10, 100], {"all": [0.1, 9]}, FOUND, powers=[2]),
    "recall_against_time": figure_with("questions|entries|10|40|exact", RECALLS, RECALLS / 10, 0.5, FOUND),
    "trade_offs": figure_with("float32|binary|bytes|nDCG@10", COSTS, FOUND, cost="bytes", quality="nDCG@10"),
    "learning_curves": figure_with("embeddings|TF-IDF|1|8", ACCURACY, ACCURACY / 10, FOUND),
    "thumbnails": figure_with(
        "sky|sea|a blue one", [BLUE, BLUE], ["sky", "sea"], FOUND, columns=2, rows=["a blue one"]
    ),
}


def drawn(name: str):
    _, args, options = FIGURES[name]
    return getattr(plots, name)(*args, **options)


@pytest.fixture(autouse=True)
def closed_in_the_end():
    yield
    plt.close("all")


def words(ax) -> list[str]:
    """Everything that is written in the figure."""
    for panel in ax.figure.axes:  # labels of ticks are written only when somebody asks
        panel.get_xticklabels(), panel.get_yticklabels()
    return [text.get_text() for text in ax.figure.findobj(Text) if text.get_text()]


def dots(ax) -> np.ndarray:
    """The points of all scatters of a panel."""
    return np.concatenate([c.get_offsets() for c in ax.collections if isinstance(c, PathCollection)])


def line(ax, label: str):
    return next(each for each in ax.lines if each.get_label() == label)


def test_every_public_figure_is_drawn_here():
    assert set(FIGURES) == set(plots.__all__) - {"show"}


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_says_its_finding_and_every_name_and_number(name):
    texts = words(drawn(name))
    written = "|".join(texts)
    # A short one, such as a number, must stand by itself.
    missing = [word for word in FIGURES[name][0] if word not in (written if len(word) > 2 else texts)]
    assert not missing, written
    assert name in FIND_THEIR_OWN_TITLE or FOUND in texts


def test_show_wants_a_text_for_those_who_cannot_see():
    with pytest.raises(ValueError, match="alt is blank"):
        plots.show(plots.architectures(), alt="  ")


def test_show_hands_the_text_on_and_closes_the_figure(monkeypatch):
    told = []
    monkeypatch.setattr("IPython.display.display", lambda shown, metadata: told.append((shown, metadata)))
    ax = plots.architectures()
    plots.show(ax, alt="One point.")
    assert told == [(ax.figure, {"image/png": {"alt": "One point."}})]
    assert not plt.fignum_exists(ax.figure.number)


def test_blocks_that_nobody_sees_are_hatched_and_others_are_not():
    ax = plots.who_sees_whom({"apart": (APART, 3), "together": (np.full((6, 6), 1 / 6), 3)}, FOUND)
    assert [[p.get_xy() for p in panel.patches if p.get_hatch()] for panel in ax.figure.axes] == [
        [(2.5, -0.5), (-0.5, 2.5)],
        [],
    ]


def test_a_marked_table_frames_the_highest_of_each_row():
    ax = plots.token_table(COSINES[:, :2], list("abc"), list("xy"), FOUND, "cosine", mark=True)
    assert [patch.get_xy() for patch in ax.patches] == [(-0.5, -0.5), (0.5, 0.5), (0.5, 1.5)]
    assert {"best", "1.00", "0.14"} <= set(words(ax))


@pytest.mark.parametrize("groups, in_a_legend", [(10, True), (11, False)])
def test_a_map_shows_every_point_and_names_more_than_ten_groups_in_place(groups, in_a_legend):
    ax = plots.maps({"PCA": POINTS}, [f"group {n % groups}" for n in range(30)], FOUND)
    assert len(dots(ax)) == 30
    assert len(ax.figure.legends) == int(in_a_legend)
    assert len(ax.texts) == (0 if in_a_legend else groups)
    assert {text for text in words(ax) if text.startswith("group")} == {f"group {n}" for n in range(groups)}


@settings(deadline=None, max_examples=5)
@given(st.integers(0, 1000), st.integers(1, 9))
def test_names_on_a_map_do_not_cover_one_another(seed, groups):
    _, ax = figure(9, 9)
    points = np.random.default_rng(seed).uniform(size=(5 * groups, 2))
    name_groups(ax, points, [f"group {n % groups}" for n in range(5 * groups)], inches=9)
    centres = np.array([text.get_position() for text in ax.texts])
    apart = np.abs(centres[:, None] - centres) >= 2 * np.array([0.036 * len("group 0") / 9, 0.022]) - 1e-9
    assert (apart.any(axis=2) | np.eye(groups, dtype=bool)).all()
    plt.close(ax.figure)


def test_histograms_count_every_cosine_even_beyond_the_axis():
    ax = plots.distributions({"kind": np.array([-0.9, 0.1, 0.2, 1.0])}, FOUND)
    assert sum(bar.get_height() for bar in ax.patches) == 4
    assert ax.lines[0].get_xdata()[0] == pytest.approx(0.15)


def test_strips_have_a_dot_a_pair_and_rows_in_the_order_of_the_mean():
    ax = plots.strips(PAIRS, FOUND)
    assert sorted(dots(ax)[:, 0]) == sorted(PAIRS.cosine)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["none", "same", "denial"]
    assert [text.get_text() for text in ax.texts] == ["0.0", "4.3", "2.0", "mean\ngrade"]


def test_curves_over_thresholds_have_the_values_of_the_table():
    ax = plots.over_thresholds({"all": CURVE}, FOUND)
    assert line(ax, "recall").get_ydata().tolist() == [0.9, 0.4]
    assert line(ax, "precision (band: 95 %)").get_ydata().tolist() == [0.6, 0.9]


def test_a_reliability_diagram_draws_the_interval_that_it_is_given():
    ax = plots.reliability({"plain": BINS}, FOUND, what="pairs")
    bars = [segment[:, 1].tolist() for segment in ax.collections[0].get_segments()]
    assert bars == [[0.1, 0.6], [0.1, 0.9]]
    assert [bar.get_height() for bar in ax.figure.axes[1].patches] == [9, 5]


def test_a_star_stands_at_the_chosen_precision_and_recall():
    ax = drawn("refusals")
    assert (line(ax, "here").get_xdata()[0], line(ax, "here").get_ydata()[0]) == (0.8, 0.5)


def test_a_ranking_falls_from_left_to_right_and_marks_grades_at_their_ranks():
    ax = plots.ranked(np.array([0.2, 0.5, 0.3]), np.array([0, 3, 1]), FOUND)
    assert ax.lines[0].get_ydata().tolist() == [0.5, 0.3, 0.2]
    assert dots(ax).tolist() == [[2, 0.3], [1, 0.5]]


def test_what_has_a_grade_stands_out():
    ax = plots.reordered("abcd", "dabc", FOUND, heads=("published", "measured"), grades={"c": 3, "a": 1})
    bold = {text.get_text().split()[-1] for text in ax.texts[::2] if text.get_weight() == "bold"}
    assert bold == {"a", "c"}
    assert sum(each.get_color() != FAINT for each in ax.lines) == 2
    assert {"published", "measured"} <= set(words(ax))


@settings(deadline=None, max_examples=10)
@given(st.lists(st.tuples(*[st.floats(-1, 1)] * 3).map(sorted), min_size=1, max_size=4), st.floats(-1, 1))
def test_a_mark_is_filled_where_the_line_lies_outside_the_interval(estimates, value):
    named = {f"row {n}": (mean, low, high) for n, (low, mean, high) in enumerate(estimates)}
    ax = plots.intervals(named, FOUND, "difference", line=value, told="here")
    filled = [mark.get_markerfacecolor() != "white" for mark in ax.lines[2::2]]
    assert filled == [value < low or value > high for low, _, high in estimates]
    plt.close(ax.figure)


def test_gains_by_set_have_a_panel_for_each_first_step_and_a_filled_mark_where_0_lies_outside():
    panels = drawn("gains_by_set").figure.axes
    assert [panel.collections[1].get_offsets()[:, 0].tolist() for panel in panels] == [[0.2, -0.1], [0.1, 0.0]]
    white = (1.0, 1.0, 1.0, 1.0)
    assert [[tuple(face) != white for face in panel.collections[1].get_facecolors()] for panel in panels] == [
        [True, True],
        [False, False],
    ]


def test_differences_are_sorted_and_keep_their_marks():
    ax = plots.differences([-0.2, 0.5, 0.1], ["win", "", "mislead"], FOUND, "ours", "theirs")
    assert {c.get_label(): c.get_offsets().tolist() for c in ax.collections[1:]} == {
        "marked mislead": [[2, 0.1]],
        "marked win": [[3, -0.2]],
    }


def test_each_step_of_k_means_shows_every_point_and_every_centre():
    ax = drawn("kmeans_steps")
    assert [len(dots(panel)) for panel in ax.figure.axes] == [32, 32]


def test_a_table_of_counts_leaves_zeros_blank_and_sorts_rows_by_their_commonest_column():
    counts = pd.DataFrame([[0, 8], [9, 1], [4, 0]], ["x", "y", "z"], ["a", "b"])
    ax = plots.crosstab(counts, FOUND, rows="cluster", columns="label")
    assert [label.get_text() for label in ax.get_yticklabels()] == ["y", "z", "x"]
    assert {text.get_position(): text.get_text() for text in ax.texts} == {
        (0, 0): "9",
        (1, 0): "1",
        (0, 1): "4",
        (1, 2): "8",
    }


def test_on_the_diagonal_what_is_mistaken_stands_together_and_the_share_right_beside_it():
    ax = plots.crosstab(MATRIX, FOUND, rows="true", columns="predicted", diagonal=True)
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert names == [label.get_text() for label in ax.get_xticklabels()]
    assert abs(names.index("a") - names.index("c")) == 1
    right = [text.get_text() for text in ax.texts if text.get_position()[0] == 1.01]
    assert right == [f"{MATRIX.loc[n, n] / MATRIX.loc[n].sum():.2f}" for n in names] + ["share\nright"]


def test_a_table_without_an_error_can_be_drawn():
    plots.crosstab(MATRIX * np.eye(3, dtype=int), FOUND, rows="true", columns="predicted", diagonal=True)


def test_the_glue_is_the_thickest_line():
    ax = drawn("glued")
    thickest = max(ax.lines, key=lambda each: each.get_linewidth())
    assert (len(ax.lines), thickest.get_label()) == (2, "wrong, and the glue")


def test_a_frame_stands_around_the_right_pictures_alone_and_each_picture_has_a_caption():
    ax = plots.thumbnails([BLUE] * 3, ["a", "b", "c"], FOUND, columns=2, framed=[1])
    assert [panel.axison for panel in ax.figure.axes] == [False, True, False, False]
    for pictures, rows in (([BLUE], ("",)), ([BLUE] * 2, ("one", "two", "three"))):
        with pytest.raises(ValueError, match="thumbnails: there are .*give one for each"):
            plots.thumbnails(pictures, ["a", "b"], FOUND, columns=1, rows=rows)


@pytest.mark.parametrize("power, told", [(1, "45 s"), (2, "1.2 h")])
def test_pair_times_are_drawn_on_to_the_horizon_by_their_power(power, told):
    ax = plots.pair_times([10, 100], {"all": [0.1, 0.45]}, FOUND, powers=[power], horizon=10_000)
    assert ax.lines[1].get_ydata() == pytest.approx([0.45 / 10**power, 0.45 * 100**power])
    assert {told, "1,000", "10,000"} <= set(words(ax))


def test_an_exact_search_is_a_star_at_full_recall():
    ax = drawn("recall_against_time")
    assert (line(ax, "exact (flat)").get_xdata()[0], line(ax, "exact (flat)").get_ydata()[0]) == (0.5, 1)


def test_settings_are_named_on_the_line_whose_points_are_farthest_apart():
    times = pd.DataFrame({"questions": [0.1, 0.11], "entries": [0.2, 0.4]}, RECALLS.index)
    ax = plots.recall_against_time(RECALLS, times, 0.5, FOUND)
    assert [(text.get_text(), text.xy) for text in ax.texts] == [("10", (0.2, 0.9)), ("40", (0.4, 1.0))]
    alone = plots.recall_against_time(RECALLS[:1], times[:1], 0.5, FOUND)  # a single setting has no neighbour
    assert "10" in words(alone)
