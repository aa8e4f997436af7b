"""Runs: the first of each list, the same passages in another order, several lists in one.

A run is what a system returned: for each query id a dict of passage id and score, higher is better. Where
scores are equal, the passage that the run names first comes first, here and in every measure.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from numbers import Real

from bxe.files import expect_count

Run = dict[str, dict[str, float]]


def ranking(run: Run, query: str) -> list[str]:
    """The passage ids that a run has for a query, best first; where scores are equal, as the run names them.

    Raises:
        KeyError: if the run has no such query.
        TypeError, ValueError: if it is not a run, or a score is not a finite number, as in every function on runs.

    Example:
        >>> ranking({"q1": {"tea": 0.2, "rain": 0.7}}, "q1")
        ['rain', 'tea']
    """
    if isinstance(run, Mapping) and query not in run:
        raise KeyError(f"the run has no query {query}")
    expect_runs({query: run[query]} if isinstance(run, Mapping) else run)
    return sorted(run[query], key=run[query].__getitem__, reverse=True)


def first(run: Run, top_k: int) -> Run:
    """The first `top_k` passages of each query, best first, with their scores.

    Raises:
        ValueError: if top_k is not a whole number of at least 1.

    Example:
        >>> first({"q1": {"tea": 0.2, "rain": 0.7, "snow": 0.5}}, 2)
        {'q1': {'rain': 0.7, 'snow': 0.5}}
    """
    expect_count(top_k, "top_k")
    expect_runs(run)
    return {query: {passage: run[query][passage] for passage in ranking(run, query)[:top_k]} for query in run}


def reorder(run: Run, scores: Run, *, top_k: int | None = None) -> Run:
    """Put the first `top_k` passages of each query in the order of other scores; the rest stays behind them, as it was.

    Args:
        run: what the first step returned.
        scores: for each of these passages what the second step makes of it, higher is better.
        top_k: how many to put in order; all by default.

    Returns:
        A run with the same passages. The first ones have the scores of the second step. Those behind have none
        and get scores that go down from the lowest one in steps of 1, so that the order is kept.

    Raises:
        ValueError: if top_k is not a whole number of at least 1.
        KeyError: if one of the first passages has no score.

    Example:
        >>> reorder({"q1": {"tea": 3, "rain": 2, "snow": 1}}, {"q1": {"tea": -4.0, "rain": 5.0}}, top_k=2)
        {'q1': {'rain': 5.0, 'tea': -4.0, 'snow': -5.0}}
    """
    if top_k is not None:
        expect_count(top_k, "top_k")
    expect_runs(run, scores)
    reordered: Run = {}
    for query in run:
        order = ranking(run, query)
        if unread := [passage for passage in order[:top_k] if passage not in scores.get(query, {})]:
            raise KeyError(f"scores lacks passage {unread[0]} of query {query}; score each one, or lower top_k")
        read = {passage: scores[query][passage] for passage in order[:top_k]}
        placed = {passage: read[passage] for passage in ranking({query: read}, query)}
        lowest = min(read.values(), default=0.0)
        behind = order[len(read) :]
        reordered[query] = placed | {passage: lowest - step for step, passage in enumerate(behind, start=1)}
    return reordered


def add(*runs: Run, weights: Sequence[float]) -> Run:
    """Add up the weighted scores that several runs give to the same passages, as logit + 20 · cosine.

    Args:
        runs: for the same queries. A passage must have a score in each run to be in the result.
        weights: one number per run; they bring the scores to one scale.

    Raises:
        ValueError: if there is no run, there is not one finite weight per run, or the runs are for different queries.

    Example:
        >>> add({"q1": {"tea": 1.0, "rain": 2.0}}, {"q1": {"tea": 0.5, "snow": 0.9}}, weights=(1, 20))
        {'q1': {'tea': 11.0}}

    Source: Bruch, Gai & Ingber (2023), "An Analysis of Fusion Functions for Hybrid Retrieval", arXiv:2210.11934.
    """
    _expect_same_queries(runs, "add")
    if not hasattr(weights, "__len__") or not all(map(_finite, weights)):
        raise ValueError(f"weights is {weights!r}; give a finite number for each run")
    if len(weights) != len(runs):
        raise ValueError(f"there are {len(runs)} runs and {len(weights)} weights; give a weight for each run")
    added = {
        query: {
            passage: sum(weight * run[query][passage] for weight, run in zip(weights, runs))
            for passage in runs[0][query]
            if all(passage in run[query] for run in runs)
        }
        for query in runs[0]
    }
    expect_runs(added)
    return added


def fuse(*runs: Run, k: int = 60) -> Run:
    """Reciprocal rank fusion: each run gives a passage 1 / (k + its rank), and these add up.

    Args:
        runs: for the same queries.
        k: how fast a rank loses weight; at least 0.

    Raises:
        ValueError: if there is no run, the runs are for different queries, or k is below 0.

    Example:
        >>> fused = fuse({"q1": {"tea": 9.0, "rain": 8.0}}, {"q1": {"rain": 0.7}})
        >>> ranking(fused, "q1")
        ['rain', 'tea']

    Source: Cormack, Clarke & Büttcher (2009), "Reciprocal Rank Fusion outperforms Condorcet".
    """
    _expect_same_queries(runs, "fuse")
    if not _finite(k) or k < 0:
        raise ValueError(f"k is {k!r}; give a number of at least 0")
    fused: Run = {}
    for query in runs[0]:
        fused[query] = {}
        for run in runs:
            for rank, passage in enumerate(ranking(run, query), start=1):
                fused[query][passage] = fused[query].get(passage, 0.0) + 1 / (k + rank)
    return fused


def from_rows(found: Sequence[Sequence[int]], queries: Sequence[str], passages: Sequence[str]) -> Run:
    """What a vector index returned, as a run: FAISS gives positions, and measures want ids.

    Args:
        found: for each query a row of positions of passages, best first; -1, FAISS's sign for nothing, is left out.
        queries, passages: their ids, in the order of the rows and of the positions.

    Returns:
        A run whose scores are 0, -1, -2, ... in the order of each row.

    Raises:
        ValueError: if there is not one row per query, or a position is none of a passage.

    Example:
        >>> from_rows([[2, 0, -1]], ["q1"], ["tea", "rain", "snow"])
        {'q1': {'snow': 0, 'tea': -1}}
    """
    if len(found) != len(queries):
        raise ValueError(f"found has {len(found)} rows for {len(queries)} queries; give a row for each")
    run: Run = {}
    for query, row in zip(queries, found):
        places = [int(at) for at in row if at != -1]
        if outside := [at for at in places if not 0 <= at < len(passages)]:
            raise ValueError(
                f"found has position {outside[0]} for query {query}, and there are {len(passages)} passages"
            )
        run[query] = {passages[at]: -rank for rank, at in enumerate(places)}
    return run


def expect_runs(*runs: Run) -> None:
    """Raise TypeError or ValueError unless each is a run: for each query id a dict of passage id and finite score."""
    for run in runs:
        if not isinstance(run, Mapping):
            kind = type(run).__name__
            raise TypeError(f"the run is a {kind}; expected a dict from query id to dicts of passage id and score")
        for query, found in run.items():
            if not isinstance(found, Mapping):
                kind = type(found).__name__
                raise TypeError(f"the run has a {kind} for query {query}; expected a dict of passage id and score")
            if odd := [passage for passage, score in found.items() if not _finite(score)]:
                told = f"the score of {odd[0]} for query {query} is {found[odd[0]]!r}"
                raise ValueError(f"{told}; expected a finite number")


def _finite(number: object) -> bool:
    try:
        return isinstance(number, Real) and math.isfinite(number)
    except OverflowError:  # a whole number that no float can hold
        return False


def _expect_same_queries(runs: Sequence[Run], what: str) -> None:
    if not runs:
        raise ValueError(f"there are no runs to {what}; give at least one")
    expect_runs(*runs)
    if any(run.keys() != runs[0].keys() for run in runs):
        raise ValueError(f"the runs are for different queries; {what} runs for the same ones")
