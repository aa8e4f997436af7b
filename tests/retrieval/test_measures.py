"""Measures, intervals and comparisons: on cases small enough to work out by hand."""

import subprocess
import sys
import tracemalloc
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from bxe import retrieval

ONE = pd.DataFrame({"question_id": ["q1"], "passage_id": ["p3"], "grade": [3]})


def test_a_measure_counts_queries_that_found_nothing():
    qrels = pd.DataFrame({"question_id": ["a", "b"], "passage_id": ["p1", "p1"], "grade": [3, 3]})
    values = retrieval.per_query("RR@10", qrels, {"a": {"p2": 2.0, "p1": 1.0}})
    assert values.to_dict() == {"a": 0.5, "b": 0.0}
    with pytest.raises(ValueError, match="measure is"):
        retrieval.per_query("niceness", qrels, {})


def test_the_interval_holds_the_mean_and_narrows_with_more_queries():
    few, many = (retrieval.interval(np.random.default_rng(1).normal(size=n)) for n in (20, 2000))
    assert few.low < few.mean < few.high
    assert many.high - many.low < (few.high - few.low) / 5
    with pytest.raises(ValueError, match="at least two"):
        retrieval.interval([0.5])


def test_an_interval_is_written_in_the_format_of_its_numbers():
    gain = retrieval.Interval(0.0712, -0.04, 0.1)
    assert f"{gain:+.2f}" == "+0.07 [-0.04, +0.10]"
    assert f"{gain}" == str(gain) == "0.071 [-0.040, 0.100]"


def test_a_comparison_is_paired_by_query():
    ours, theirs = pd.Series({"a": 0.9, "b": 0.1}), pd.Series({"b": 0.0, "a": 0.8})
    assert retrieval.compare(ours, theirs) == pytest.approx((0.1, 0.1, 0.1))
    with pytest.raises(ValueError, match="different queries"):
        retrieval.compare(ours, theirs[:1])


@pytest.mark.parametrize(("right", "n"), [(0, 5), (3, 10), (60, 60)])
def test_wilsons_interval_is_that_of_scipy(right, n):
    expected = binomtest(right, n).proportion_ci(method="wilson")
    assert retrieval.wilson(right / n, n) == pytest.approx(tuple(expected), abs=1e-4)


def test_wilsons_interval_takes_a_column_and_refuses_what_is_no_share():
    low, high = retrieval.wilson(pd.Series([0.2, 0.9]), pd.Series([10, 40]))
    assert (low < high).all()
    with pytest.raises(ValueError, match="share is 1.5 and n is 10"):
        retrieval.wilson(1.5, 10)


def test_of_equal_scores_the_passage_named_first_comes_first_in_every_measure():
    run = {"q1": dict.fromkeys(["p0", "p1", "p2", "p3"], 1.0)}
    assert retrieval.ranking(run, "q1") == ["p0", "p1", "p2", "p3"]
    assert retrieval.per_query("RR", ONE, run)["q1"] == 1 / 4
    backwards = {"q1": dict(reversed(run["q1"].items()))}
    assert retrieval.per_query("RR", ONE, backwards)["q1"] == 1
    assert retrieval.per_query("P@1", ONE, retrieval.fuse(run, run))["q1"] == 0


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from([0.0, 1.0, 2.0])), st.sampled_from("abcdefgh"))
@settings(max_examples=50, deadline=None)
def test_a_measure_sees_the_order_that_ranking_shows(found, relevant):
    qrels = pd.DataFrame({"question_id": ["q"], "passage_id": [relevant], "grade": [1]})
    order = retrieval.ranking({"q": found}, "q")
    expected = 1 / (order.index(relevant) + 1) if relevant in order else 0.0
    assert retrieval.per_query("RR", qrels, {"q": found})["q"] == pytest.approx(expected)


def test_a_cut_at_rank_0_is_refused_and_kills_nothing():
    code = (
        "import pandas as pd\nfrom bxe import retrieval\n"
        "qrels = pd.DataFrame({'question_id': ['q'], 'passage_id': ['p'], 'grade': [1]})\n"
        "for measure in ['nDCG@0', 'R@0', 'P@0', 'Success@0', 'AP@0', 'nDCG(cutoff=0)', 'AP(rel=0)', 'RR(rel=99999999999)']:\n"
        "    try:\n        retrieval.per_query(measure, qrels, {'q': {'p': 1.0}})\n"
        "    except ValueError as error:\n        print(error)\n"
    )
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert child.returncode == 0, child.stderr
    assert child.stdout.count("one that ir-measures knows, with a cut of at least 1, such as nDCG@10 or AP") == 8


@pytest.mark.parametrize(
    "question, passages", [(1, [10, 11]), (("a", 1), [("b",), frozenset("c")]), (None, ["p", 2.5])]
)
def test_a_measure_takes_any_ids(question, passages):
    qrels = pd.DataFrame({"question_id": [0, 0], "passage_id": [0, 0], "grade": [3, 0]}, dtype=object)
    qrels["question_id"], qrels["passage_id"] = [question] * 2, passages
    run = {question: {passages[1]: 2.0, passages[0]: np.float32(1.0)}}
    if question is None:
        with pytest.raises(ValueError, match="qrels has an empty cell"):
            retrieval.per_query("RR", qrels, run)
    else:
        assert retrieval.per_query("RR", qrels, run).tolist() == [0.5]


@pytest.mark.parametrize(
    ("qrels", "run", "message"),
    [
        ("qrels", {}, "qrels is a str; expected a DataFrame with the columns question_id, passage_id, grade"),
        (ONE.drop(columns="grade"), {}, "expected a DataFrame with the columns question_id, passage_id, grade"),
        (ONE.assign(grade=2.5), {}, "grade 2.5; expected whole numbers from 0 to 100"),
        (ONE.assign(grade=-1), {}, "grade -1; expected whole"),
        (ONE.assign(grade=10**9), {}, "grade 1000000000; expected whole"),
        (ONE.assign(grade="high"), {}, "grade high; expected whole"),
        (ONE.assign(grade=float("nan")), {}, "qrels has an empty cell"),
        (pd.concat([ONE, ONE.assign(grade=1)]), {}, "two grades for passage p3 and query q1"),
        (ONE, [{"p3": 1.0}], "the run is a list; expected a dict from query id to dicts of passage id and"),
        (ONE, {"q1": ["p3"]}, "the run has a list for query q1; expected a dict of passage id and score"),
        (ONE, {"q1": {"p3": float("nan")}}, "the score of p3 for query q1 is nan; expected a finite number"),
        (ONE, {"q1": {"p3": "high"}}, "the score of p3 for query q1 is 'high'"),
        (ONE, {1: {"p3": 1.0}}, "the run has 1 \\(int\\), the qrels have q1 \\(str\\), and no query is in both"),
    ],
)
def test_what_cannot_be_measured_is_one_clear_error(qrels, run, message):
    with pytest.raises((ValueError, TypeError), match=message):
        retrieval.per_query("RR", qrels, run)


@given(
    st.one_of(st.text(max_size=12), st.sampled_from(["nDCG@3", "AP(rel=2)", "RR", "P@5", "Success(rel=3)@1"])),
    st.dictionaries(
        st.one_of(st.text(max_size=3), st.integers()),
        st.dictionaries(st.one_of(st.text(max_size=3), st.integers(), st.none()), st.floats(), max_size=4),
        max_size=3,
    ),
    st.lists(st.integers(-1, 4), min_size=1, max_size=4),
)
@settings(max_examples=60, deadline=None)
def test_a_measure_is_a_number_or_one_clear_error(measure, run, grades):
    queries = list(run) * len(grades) or ["q"] * len(grades)
    qrels = pd.DataFrame(
        {"question_id": queries[: len(grades)], "passage_id": [f"p{at}" for at in range(len(grades))], "grade": grades}
    )
    try:
        values = retrieval.per_query(measure, qrels, run)
    except (ValueError, TypeError) as error:
        assert str(error).startswith(("measure is", "qrels has", "the score of"))
    else:
        assert np.isfinite(values).all()


def whole(values, seed=0):
    """The interval of all draws at once: the definition."""
    draws = np.random.default_rng(seed).integers(0, len(values), size=(10_000, len(values)))
    return (np.mean(values), *np.percentile(np.asarray(values)[draws].mean(axis=1), [2.5, 97.5]))


@pytest.mark.parametrize("n", [2, 7, 242, 997])
def test_the_interval_is_that_of_95_percent_of_all_draws_to_the_last_bit(n):
    values = np.random.default_rng(n).random(n)
    assert retrieval.interval(values) == whole(values)


def test_the_interval_of_many_values_needs_little_memory():
    values = np.random.default_rng(0).random(5_000)
    tracemalloc.start()
    retrieval.interval(values)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100e6


@pytest.mark.parametrize(
    "values",
    [
        None,
        3,
        [],
        [1.0],
        [[1, 2], [3, 4]],
        ["a", "b"],
        [1.0, float("nan")],
        [1.0, float("inf")],
        [1e308, 1e308],
        {"a": 1},
    ],
)
def test_what_has_no_interval_is_one_clear_error(values):
    with pytest.raises(ValueError, match="an interval needs one finite number per query, for at least two queries"):
        retrieval.interval(values)


@given(st.lists(st.one_of(st.floats(), st.integers(), st.booleans(), st.fractions(), st.none()), max_size=6))
@settings(max_examples=25, deadline=None)
def test_an_interval_is_around_its_mean_or_one_clear_error(values):
    try:
        low, high = retrieval.interval(values)[1:]
    except ValueError as error:
        assert "an interval needs" in str(error)
    else:
        numbers = [float(value) for value in values]
        assert min(numbers) - 1e-9 * abs(min(numbers)) <= low <= high <= max(numbers) + 1e-9 * abs(max(numbers))


@pytest.mark.parametrize(
    ("ours", "theirs", "message"),
    [
        ([0.1, 0.2], [0.3, 0.4], "ours is a list; give a Series with a value per query, as per_query does"),
        (pd.Series({"a": 1.0, "b": 2.0}), {"a": 1.0, "b": 2.0}, "theirs is a dict; give a Series"),
        (pd.Series([1.0, 2.0], ["a", "a"]), pd.Series([1.0, 2.0], ["a", "a"]), "ours has query a twice"),
        (pd.Series([1.0, 2.0], ["a", 1]), pd.Series([1.0, 2.0], ["b", 2]), "different queries: only one has 1, 2, a"),
        (pd.Series(["x", "y"]), pd.Series([1.0, 2.0]), "an interval needs one finite number"),
        (pd.Series([1.0, None]), pd.Series([1.0, 2.0]), "an interval needs one finite number"),
    ],
)
def test_what_cannot_be_compared_is_one_clear_error(ours, theirs, message):
    with pytest.raises((ValueError, TypeError), match=message):
        retrieval.compare(ours, theirs)


IDS = st.one_of(st.text(max_size=2), st.integers(0, 3), st.tuples(st.integers(0, 3)), st.none(), st.floats())


@given(st.lists(st.tuples(IDS, st.floats(-9, 9)), max_size=4), st.lists(st.tuples(IDS, st.floats()), max_size=4))
@settings(max_examples=40, deadline=None)
def test_a_comparison_is_an_interval_or_one_clear_error(ours, theirs):
    def series(rows):
        index = pd.Index([at for at, _ in rows], dtype=object, tupleize_cols=False)
        return pd.Series([value for _, value in rows], index, dtype=float)

    for other in (series(theirs), series(ours)[::-1]):
        try:
            found = retrieval.compare(series(ours), other)
        except ValueError as error:
            assert any(part in str(error) for part in ("twice", "different queries", "an interval needs"))
        else:
            assert found.low <= found.high


def test_wilsons_interval_takes_lists_and_fractions():
    low, high = retrieval.wilson([0.2, 0.9], [10, 40])
    assert (low, high) == (pytest.approx([0.057, 0.770], abs=0.001), pytest.approx([0.509, 0.960], abs=0.001))
    assert retrieval.wilson(Fraction(1, 2), 10) == pytest.approx(retrieval.wilson(0.5, 10))


NUMBERS = st.one_of(st.floats(), st.integers(), st.text(max_size=2), st.none())


@given(st.one_of(NUMBERS, st.lists(NUMBERS, max_size=3)), st.one_of(NUMBERS, st.lists(NUMBERS, max_size=3)))
@settings(max_examples=80, deadline=None)
def test_wilsons_interval_lies_within_0_and_1_or_is_one_clear_error(share, n):
    try:
        low, high = retrieval.wilson(share, n)
    except ValueError as error:
        assert "give shares from 0 to 1, and an n of at least 1" in str(error)
    else:
        assert np.all(np.asarray(low) >= -1e-9) and np.all(np.asarray(high) <= 1 + 1e-9) and np.all(low <= high)


def test_a_measure_per_query_says_what_it_is_of_what():
    values = retrieval.per_query("nDCG@10", ONE, {"q1": {"p3": 1.0}})
    assert (values.name, values.index.name, values.dtype) == ("nDCG@10", "question_id", float)
    assert retrieval.per_query("nDCG@10", ONE, {}).tolist() == [0.0]


@pytest.mark.parametrize("measure", ["nDCG@0", "R@0", "P@0", "Success@0", "AP@0", "RR@0"])
def test_a_cut_at_rank_0_is_told(measure):
    with pytest.raises(
        ValueError, match=r"measure is '.*@0'; expected one that ir-measures knows, with a cut of at least 1"
    ):
        retrieval.per_query(measure, ONE, {"q1": {"p3": 1.0}})
    assert retrieval.per_query(measure.replace("0", "1"), ONE, {"q1": {"p3": 1.0}}).tolist() == [1.0]


def test_the_highest_grade_is_100():
    for grade in (0, 1, 100):
        retrieval.per_query("nDCG@10", ONE.assign(grade=grade), {"q1": {"p3": 1.0}})
    for grade in (-1, 101, 102, 1.5):
        with pytest.raises(ValueError, match="grade"):
            retrieval.per_query("nDCG@10", ONE.assign(grade=grade), {"q1": {"p3": 1.0}})


def test_a_series_of_shares_keeps_its_index_and_one_trial_is_enough():
    shares = pd.Series([0.0, 1.0], ["a", "b"])
    low, high = retrieval.wilson(shares, 1)
    assert list(low.index) == list(high.index) == ["a", "b"] and low["a"] == pytest.approx(0, abs=1e-9)
    for share in (0.5, [0.5, 1.0]):
        low, high = retrieval.wilson(share, 4)
        assert np.shape(low) == np.shape(share)


@pytest.mark.parametrize(("share", "n"), [([0.1, 0.2], [1, 2, 3]), ("a", 3), (0.5, 0.5), (0.5, 0), (1.1, 3), (-0.1, 3)])
def test_shares_that_are_none_are_refused(share, n):
    with pytest.raises(ValueError, match="share is"):
        retrieval.wilson(share, n)


def test_what_was_given_to_an_interval_is_told():
    with pytest.raises(ValueError, match=r"values is \['a', 'b'\]"):
        retrieval.interval(["a", "b"])
