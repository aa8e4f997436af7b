"""Runs in another order or in one: properties that hold for any run."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bxe import retrieval

PASSAGES = [f"p{number}" for number in range(8)]
SCORES = st.floats(-50, 50).map(lambda value: round(value, 3))
LISTS = st.dictionaries(st.sampled_from(PASSAGES), SCORES)
RUNS = st.fixed_dictionaries({"q1": LISTS, "q2": LISTS})
FULL = st.fixed_dictionaries({query: st.fixed_dictionaries(dict.fromkeys(PASSAGES, SCORES)) for query in ("q1", "q2")})


@given(RUNS)
def test_a_ranking_has_each_passage_once_and_scores_never_rise(run):
    for query, scores in run.items():
        order = retrieval.ranking(run, query)
        assert sorted(order) == sorted(scores)
        assert all(scores[one] >= scores[other] for one, other in zip(order, order[1:]))


@given(RUNS, st.integers(1, 10))
def test_the_first_are_the_head_of_the_ranking_with_their_scores(run, top_k):
    head = retrieval.first(run, top_k)
    for query in run:
        assert list(head[query]) == retrieval.ranking(run, query)[:top_k]
        assert head[query].items() <= run[query].items()


@given(RUNS, FULL, st.one_of(st.none(), st.integers(1, 10)))
def test_reordering_loses_nothing_and_leaves_the_rest_behind_as_it_was(run, scores, top_k):
    reordered = retrieval.reorder(run, scores, top_k=top_k)
    for query in run:
        old, new = retrieval.ranking(run, query), retrieval.ranking(reordered, query)
        cut = len(old) if top_k is None else min(top_k, len(old))
        assert new[cut:] == old[cut:] and sorted(new[:cut]) == sorted(old[:cut])
        read = [scores[query][passage] for passage in new[:cut]]
        assert read == sorted(read, reverse=True)
        assert all(reordered[query][passage] == scores[query][passage] for passage in new[:cut])


@given(RUNS)
def test_reordering_by_its_own_scores_changes_nothing(run):
    assert retrieval.reorder(run, run) == run


@given(FULL, FULL, st.floats(-3, 3), st.floats(-3, 3))
def test_added_scores_are_the_weighted_sum(one, other, a, b):
    added = retrieval.add(one, other, weights=(a, b))
    for query in one:
        assert added[query] == pytest.approx({p: a * one[query][p] + b * other[query][p] for p in PASSAGES})


@given(RUNS, RUNS)
def test_only_what_is_in_every_run_is_added(one, other):
    added = retrieval.add(one, other, weights=(1, 1))
    assert all(set(added[query]) == set(one[query]) & set(other[query]) for query in one)


@given(RUNS)
def test_one_run_fused_keeps_its_order(run):
    fused = retrieval.fuse(run)
    assert all(retrieval.ranking(fused, query) == retrieval.ranking(run, query) for query in run)


@given(RUNS, RUNS)
def test_fusing_does_not_depend_on_who_comes_first(one, other):
    there, back = retrieval.fuse(one, other), retrieval.fuse(other, one)
    assert all(there[query] == pytest.approx(back[query]) for query in one)


def test_fusion_adds_reciprocal_ranks():
    first, second = {"q": {"a": 9.0, "b": 5.0}}, {"q": {"b": 0.9, "c": 0.1}}
    fused = retrieval.fuse(first, second, k=60)["q"]
    assert fused == pytest.approx({"a": 1 / 61, "b": 1 / 62 + 1 / 61, "c": 1 / 62})
    with pytest.raises(ValueError, match="different queries"):
        retrieval.fuse(first, {"other": {}})
    with pytest.raises(ValueError, match="no runs"):
        retrieval.fuse()


def test_what_cannot_be_joined_is_one_clear_error():
    run = {"q1": {"p1": 1.0}}
    with pytest.raises(ValueError, match="there are 2 runs and 1 weights"):
        retrieval.add(run, run, weights=[1])
    with pytest.raises(ValueError, match="there are no runs to add"):
        retrieval.add(weights=[])
    with pytest.raises(ValueError, match="different queries; add runs for the same"):
        retrieval.add(run, {"q2": {}}, weights=[1, 1])
    with pytest.raises(ValueError, match="top_k is 0"):
        retrieval.first(run, 0)
    with pytest.raises(ValueError, match="top_k is -1"):
        retrieval.reorder(run, run, top_k=-1)


def test_of_equal_scores_the_passage_named_first_comes_first():
    run = {"q": {"b": 1, "a": 1, "d": 2, "c": 1}}
    assert retrieval.ranking(run, "q") == ["d", "b", "a", "c"]
    assert list(retrieval.first(run, 3)["q"]) == ["d", "b", "a"]
    assert list(retrieval.reorder(run, {"q": dict.fromkeys("abcd", 0)})["q"]) == ["d", "b", "a", "c"]


RUN = {"q1": {"p1": 1.0, "p2": 0.5}}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: retrieval.ranking([RUN], "q1"), "the run is a list; expected a dict from query id to dicts"),
        (lambda: retrieval.ranking(RUN, "q9"), "the run has no query q9"),
        (lambda: retrieval.first({"q1": {"p1": None}}, 1), "the score of p1 for query q1 is None; expected a finite"),
        (lambda: retrieval.first({"q1": {"p1": float("nan")}}, 1), "the score of p1 for query q1 is nan"),
        (lambda: retrieval.first({"q1": ["p1"]}, 1), "the run has a list for query q1"),
        (lambda: retrieval.first(RUN, 2.0), "top_k is 2.0; give a whole number of at least 1"),
        (lambda: retrieval.first(RUN, True), "top_k is True; give a whole number"),
        (lambda: retrieval.first(RUN, "3"), "top_k is '3'; give a whole number"),
        (lambda: retrieval.reorder(RUN, {"q1": {"p1": 2.0}}), "scores lacks passage p2 of query q1"),
        (
            lambda: retrieval.reorder(RUN, {"q1": {"p1": 2.0, "p2": float("nan")}}),
            "the score of p2 for query q1 is nan",
        ),
        (lambda: retrieval.fuse([RUN, RUN]), "the run is a list"),
        (lambda: retrieval.fuse(pd.Series(RUN)), "the run is a Series"),
        (lambda: retrieval.fuse({}, RUN), "the runs are for different queries"),
        (lambda: retrieval.fuse(RUN, k=-1), "k is -1; give a number of at least 0"),
        (lambda: retrieval.fuse(RUN, k=-5), "k is -5; give a number of at least 0"),
        (lambda: retrieval.fuse(RUN, k=float("nan")), "k is nan; give a number of at least 0"),
        (lambda: retrieval.fuse(RUN, k=None), "k is None; give a number of at least 0"),
        (lambda: retrieval.add(RUN, weights=[float("inf")]), "weights is \\[inf\\]; give a finite number for each run"),
        (lambda: retrieval.add(RUN, weights=["1"]), "weights is \\['1'\\]; give a finite number"),
        (lambda: retrieval.add(RUN, weights=2), "weights is 2; give a finite number for each run"),
        (lambda: retrieval.add(RUN, RUN, weights=[1e308, 1e308]), "the score of p1 for query q1 is inf"),
    ],
)
def test_what_is_no_run_is_one_clear_error(call, message):
    with pytest.raises((ValueError, TypeError, KeyError), match=message):
        call()


def test_numbers_of_numpy_are_numbers():
    run = {"q": {"a": np.float32(1), "b": np.int64(2)}}
    assert retrieval.first(run, np.int64(1)) == {"q": {"b": 2}}
    assert retrieval.add(run, weights=np.array([2.0])) == {"q": {"a": 2, "b": 4}}


ID = st.one_of(
    st.text(max_size=3), st.integers(), st.floats(), st.none(), st.tuples(st.integers()), st.binary(max_size=2)
)
ANY = st.dictionaries(ID, st.dictionaries(ID, st.one_of(st.floats(), st.integers(), st.none()), max_size=4), max_size=3)
COUNTS = st.one_of(st.integers(-2, 9), st.just(10**30), st.floats(), st.none())


@given(ANY, ANY, COUNTS, COUNTS)
@settings(max_examples=100, deadline=None)
def test_any_run_is_put_in_order_or_is_one_clear_error(one, other, top_k, weight):
    for call in (
        lambda: {query: dict.fromkeys(retrieval.ranking(one, query)) for query in one},
        lambda: retrieval.first(one, top_k),
        lambda: retrieval.reorder(one, one, top_k=top_k),
        lambda: retrieval.reorder(one, other, top_k=top_k),
        lambda: retrieval.add(one, one, weights=(weight, 1)),
        lambda: retrieval.add(one, other, weights=(weight, 1)),
        lambda: retrieval.fuse(one, one, k=weight),
        lambda: retrieval.fuse(one, other, k=weight),
    ):
        try:
            made = call()
        except (ValueError, KeyError) as error:
            assert any(
                word in str(error)
                for word in ("the score of", "top_k is", "weights is", "k is", "different", "scores lacks")
            )
        else:
            assert made.keys() == one.keys() and all(
                set(made[query]) <= {*one[query], *other.get(query, {})} for query in made
            )


def test_fusion_takes_any_k_from_0_up():
    one = {"q1": {"tea": 9.0, "rain": 8.0}}
    assert retrieval.fuse(one, k=0) == {"q1": {"tea": 1.0, "rain": 0.5}}
    with pytest.raises(ValueError, match="fuse"):
        retrieval.fuse(one, {"q2": {}})


def test_scores_that_are_no_run_are_refused():
    for scores in ([("q1", 1)], {"q1": [1.0]}, {"q1": {"tea": float("nan")}}):
        with pytest.raises((TypeError, ValueError), match="run|finite"):
            retrieval.reorder({"q1": {"tea": 9.0}}, scores)


def test_rows_of_positions_become_a_run_in_their_order_without_what_was_not_found():
    run = retrieval.from_rows(
        np.array([[2, 0, -1], [-1, -1, -1]]), pd.Index(["q1", "q2"]), pd.Index(["tea", "rain", "snow"])
    )
    assert run == {"q1": {"snow": 0, "tea": -1}, "q2": {}}
    assert retrieval.ranking(run, "q1") == ["snow", "tea"]


@pytest.mark.parametrize(("found", "told"), [([[0]], "1 rows for 2 queries"), ([[0], [3]], "position 3 for query q2")])
def test_rows_that_fit_no_texts_are_refused(found, told):
    with pytest.raises(ValueError, match=told):
        retrieval.from_rows(found, ["q1", "q2"], ["tea", "rain", "snow"])
