"""What every figure does with what it is given: all of it is drawn, as text and points, or it is refused in one line."""

import warnings

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bxe import plots
from tests.test_plots import (
    APART,
    BINS,
    BY_SET,
    COSINES,
    CURVE,
    FIGURES,
    FOUND,
    MATRIX,
    PAIRS,
    POINTS,
    RECALLS,
    SWEEP,
    dots,
    drawn,
    words,
)

TEN = [f"group {n}" for n in range(10)]


@pytest.fixture(autouse=True)
def closed_in_the_end():
    yield
    plt.close("all")


def legend(ax) -> list[str]:
    held = [*ax.figure.legends, *filter(None, (panel.get_legend() for panel in ax.figure.axes))]
    return [text.get_text() for each in held for text in each.get_texts()]


# ---------------------------------------------------------------- what is drawn whole


def test_a_map_of_ten_groups_shows_every_point():
    assert len(dots(plots.maps({"PCA": np.tile(POINTS, (4, 1))[:100]}, TEN * 10, FOUND))) == 100


def test_eight_learning_curves_and_histograms_are_all_there():
    mean = pd.DataFrame(0.5, [1, 8], TEN[:8])
    ax = plots.learning_curves(mean, mean / 10, FOUND)
    assert legend(ax) == TEN[:8]
    assert len(plots.distributions({name: POINTS[:, 0] for name in TEN[:8]}, FOUND).figure.axes) == 8


def test_a_fourth_kind_of_query_has_its_line():
    recalls = RECALLS.assign(keywords=0.9, sentences=0.8)
    assert legend(plots.recall_against_time(recalls, recalls, 0.5, FOUND))[:4] == list(recalls)


def test_cosines_below_the_axis_of_strips_widen_it():
    ax = plots.strips(PAIRS.assign(cosine=[-0.9, 0.1, 0.2, 0.3]), FOUND)
    assert ax.get_xlim()[0] < -0.9


def test_a_column_that_is_not_drawn_may_hold_anything():
    assert len(dots(plots.strips(PAIRS.assign(question=[None, "a", np.nan, ""]), FOUND))) == len(PAIRS)


def test_a_class_without_examples_is_drawn_without_a_share():
    for diagonal in (True, False):
        table = MATRIX.copy()
        table.loc["b"] = 0
        ax = plots.crosstab(table, FOUND, rows="true", columns="predicted", diagonal=diagonal)
        assert "nan" not in words(ax) and [label.get_text() for label in ax.get_yticklabels()].count("b") == 1
    one = pd.DataFrame([[3]], ["a"], ["a"])
    assert "1.00" in words(plots.crosstab(one, FOUND, rows="true", columns="predicted", diagonal=True))


def test_points_that_share_a_coordinate_are_drawn():
    ax = plots.maps({"PCA": np.array([[0.0, 1.0], [2.0, 1.0]])}, ["a", "b"], FOUND)
    assert np.isfinite(dots(ax)).all()


def test_short_vectors_are_not_called_48_long():
    assert "dimension (the first 3 of 3)" in words(drawn("pooling"))


def test_one_run_for_each_k_is_drawn_without_a_band():
    ax = plots.choosing_k(SWEEP[::2], {"topic": 4}, FOUND)
    assert np.isfinite(ax.collections[0].get_paths()[0].vertices).all()


# ---------------------------------------------------------------- labels are text


@pytest.mark.parametrize("label", ["$$ cheap", "_a", "$\\frac$", "100 % {x}", "a\nb", ""])
def test_a_label_is_text_wherever_it_stands(label):
    mean = pd.DataFrame({label: [0.5, 0.8], "b": [0.3, 0.8]}, [1, 8])
    recalls = mean.rename_axis("efSearch")
    figures = [
        plots.maps({label: POINTS}, [label, "b"] * 15, label),
        plots.learning_curves(mean, mean, label),
        plots.recall_against_time(recalls, recalls, 0.5, label),
        plots.refusals({label: POINTS.T.clip(0, 1)}, 0.5, {label: (0.5, 0.5)}, label),
        plots.distributions({label: POINTS[:, 0]}, label),
        plots.heatmap(COSINES[:2, :2], [label, "b"], label),
        plots.intervals({label: (0.1, 0, 0.2)}, label, label),
        plots.crosstab(MATRIX.set_axis([label, "b", "c"]), label, rows=label, columns=label),
    ]
    for ax in figures[:4]:
        assert label in legend(ax)
    for ax in figures:
        ax.figure.canvas.draw()
        assert label == "" or label in words(ax)
    paired = plots.pair_times([1, 10], {label: [1, 2]}, FOUND, powers=[1])
    assert f"{label}, measured" in legend(paired)


def test_two_ways_of_the_same_name_are_refused():
    with pytest.raises(ValueError, match=r"plots\.learning_curves: mean has the column 'a' twice"):
        plots.learning_curves(*[pd.DataFrame([[1.0, 2.0]], [1], ["a", "a"])] * 2, FOUND)


def test_letters_that_no_font_has_are_told_in_one_line(capsys, monkeypatch):
    monkeypatch.setattr("IPython.display.display", lambda shown, metadata: shown.canvas.draw())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        plots.show(plots.intervals({"\U0010fffd": (0.1, 0, 0.2)}, FOUND, "x"), alt="An interval.")
    out = capsys.readouterr().out
    assert out.count("\n") == 1 and "no installed font has" in out and "\U0010fffd" in out


def test_a_font_that_has_the_letters_is_taken(capsys, monkeypatch):
    monkeypatch.setattr("IPython.display.display", lambda shown, metadata: shown.canvas.draw())
    ax = plots.intervals({"中文": (0.1, 0, 0.2)}, FOUND, "x")
    monkeypatch.setattr("bxe.plots.page._fonts_with", lambda missing: (["Han"], set()))
    monkeypatch.setattr("bxe.plots.page._lacking", lambda letters: set(letters) & {"中", "文"})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        plots.show(ax, alt="An interval.")
    assert ax.get_yticklabels()[0].get_fontfamily()[-1] == "Han" and not capsys.readouterr().out


# ---------------------------------------------------------------- what is refused, in one line

REFUSED = {
    "more lines than can be told apart": ("learning_curves", (pd.DataFrame(0.5, [1, 8], TEN),) * 2, "10 .*at most 8"),
    "more panels than colours": ("distributions", ({name: POINTS[:, 0] for name in TEN},), "10 .*at most 8"),
    "more groups than marks": ("maps", ({"PCA": POINTS}, range(30)), "30 .*at most 28"),
    "a fifth level": (
        "choosing_k",
        (SWEEP.assign(b=1, c=1, d=1, e=1), dict.fromkeys([*"bcde", "topic"], 3)),
        "at most",
    ),
    "a ninth mark": ("differences", ([0.1] * 9, list("abcdefghi")), "9 .*at most 8"),
    "a fifth score": ("refusals", (dict.fromkeys("abcde", COSINES[:2]), 0.1, {}), "5 .*at most 4"),
    "a point that is nan": ("maps", ({"PCA": [[0, np.nan], [1, 1]]}, "ab"), "holds nan"),
    "a cosine that is nan": ("distributions", ({"a": np.array([0.1, np.nan])},), "holds nan"),
    "an infinite cosine": ("distributions", ({"a": np.array([0.1, np.inf])},), "holds inf"),
    "a label that is None": ("maps", ({"PCA": POINTS[:2]}, ["a", None]), "groups holds None"),
    "nothing": ("distributions", ({},), "cosines is empty"),
    "a kind without pairs": ("distributions", ({"a": []},), "is empty"),
    "a table without rows": ("strips", (PAIRS[:0],), "pairs is empty"),
    "fewer labels than points": ("maps", ({"PCA": POINTS}, list("ab")), "groups has 2 .* 30"),
    "fewer grades than scores": ("ranked", (POINTS[:3, 0], [0, 1]), "grades has 2 .* 3"),
    "a grade that there is not": ("ranked", (POINTS[:3, 0], [0, -1, 4]), "grade"),
    "a name that is in one order only": ("reordered", ("abc", "abd"), "'c'|'d'"),
    "a name that comes twice": ("reordered", ("aab", "aab"), "twice"),
    "a grade above 3": ("reordered", ("ab", "ba"), "grade"),
    "an interval upside down": ("intervals", ({"a": (0.1, 0.2, 0.0)}, "x"), "'a'"),
    "a set's interval upside down": ("gains_by_set", (BY_SET.assign(low=0.5),), "low above its high"),
    "a label of no centre": ("kmeans_steps", (POINTS, [(POINTS[:2], np.full(30, 2))]), "label"),
    "labels in place of numbers": ("heatmap", ([["a"]], ["b"]), "."),
    "a text that is in no pair": ("glued", (list("abcd"), [((0, 1), True), ((1, 2), True)], (0, 1)), "4"),
    "a glue that is no pair": ("glued", (list("abc"), [((0, 1), True), ((1, 2), True)], (0, 2)), "glue"),
    "a table of other labels on its diagonal": ("crosstab", (MATRIX.set_axis(list("xyz")),), "labels"),
    "a count below 0": ("crosstab", (MATRIX - 5,), "whole numbers"),
    "a missing column": ("over_thresholds", ({"all": CURVE.drop(columns="low")},), "low"),
    "a share above 1": ("over_thresholds", ({"all": CURVE.assign(precision=2)},), "outside"),
    "no examples on a log axis": ("learning_curves", (pd.DataFrame({"a": [0.1, 0.2]}, [0, 1]),) * 2, "log|outside"),
    "a cut behind the end": ("who_sees_whom", ({"a": (APART, 9)},), "cut"),
    "a cost of 0": ("trade_offs", (pd.DataFrame({"cost": [0, 1], "quality": [1, 2]}),), "0 or less"),
    "a power that there is not": ("pair_times", ([1, 10], {"a": [1, 2]}), "power"),
    "more lines than powers": ("pair_times", ([1, 10], {"a": [1, 2], "b": [1, 2]}), "power"),
    "half a character": ("heatmap", (COSINES, ["a", "b", "\ud800"]), "half a character"),
    "a page as a label": ("heatmap", (COSINES, ["a", "b", "c" * 5000]), "5,000 characters"),
    "a wall of rows": ("intervals", ({str(n): (0, 0, 0) for n in range(5000)}, "x"), "inches"),
    "a bin of another name": ("reliability", ({"a": BINS.rename(columns={"pairs": "x"})},), "messages"),
}
OPTIONS = {
    "a table of other labels on its diagonal": {"rows": "r", "columns": "c", "diagonal": True},
    "a count below 0": {"rows": "r", "columns": "c"},
    "a cost of 0": {"cost": "bytes", "quality": "nDCG@10"},
    "a power that there is not": {"powers": [0]},
    "more lines than powers": {"powers": [1]},
    "a grade above 3": {"grades": {"a": 4}},
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_drawn_whole_is_refused_in_one_line(what):
    name, args, told = REFUSED[what]
    options = {**OPTIONS.get(what, {}), "title": FOUND}
    if name == "differences":
        options |= {"above": "a", "below": "b"}
    if name in ("intervals", "gains_by_set"):
        args, options["xlabel"] = args[:1], "x"
    if name == "largest_groups":
        options["true"] = 5
    if name == "reordered":
        options = {"heads": ("before", "after"), "grades": {}, **options}
    with pytest.raises(ValueError, match=told) as refused:
        getattr(plots, name)(*args, **options)
    assert str(refused.value).startswith(f"plots.{name}: ") and "\n" not in str(refused.value)
    assert not plt.get_fignums(), "a figure that was begun is left open"


# ---------------------------------------------------------------- whatever it is given

NUMBERS = st.one_of(st.floats(), st.integers(-5, 5), st.integers(), st.none(), st.booleans())
LABELS = st.one_of(st.text(max_size=5), st.characters(categories=["Cs"]), st.integers(), st.none(), st.floats())
SOME = st.one_of(
    NUMBERS,
    LABELS,
    st.lists(NUMBERS, max_size=4),
    st.lists(LABELS, max_size=4),
    st.dictionaries(LABELS, st.lists(NUMBERS, max_size=3), max_size=3),
    st.lists(st.lists(NUMBERS, min_size=2, max_size=2), max_size=4),
    st.just(PAIRS),
    st.just(pd.DataFrame()),
)


@pytest.mark.parametrize("name", FIGURES)
def test_one_bad_argument_is_drawn_or_refused_and_nothing_else_happens(name):
    _, args, options = FIGURES[name]
    if not args:
        return

    @settings(deadline=None, max_examples=12, derandomize=True)
    @given(st.integers(0, len(args) - 1), SOME)
    def holds(place, value):
        try:
            ax = getattr(plots, name)(*args[:place], value, *args[place + 1 :], **options)
        except ValueError as refused:
            assert str(refused).startswith(f"plots.{name}: ") and "\n" not in str(refused)
            assert not plt.get_fignums()
        else:
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", "Glyph|Matplotlib currently|constrained_layout")
                ax.figure.canvas.draw()
            plt.close("all")

    holds()
