"""Runs in another order or in one: properties that hold for any run."""

import pytest
from hypothesis import given
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
    with pytest.raises(ValueError, match="different queries; add runs of the same"):
        retrieval.add(run, {"q2": {}}, weights=[1, 1])
    with pytest.raises(ValueError, match="top_k is 0"):
        retrieval.first(run, 0)
    with pytest.raises(ValueError, match="top_k is -1"):
        retrieval.reorder(run, run, top_k=-1)
