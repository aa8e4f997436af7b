"""Runs: the first of each list, the same passages in another order, several lists in one.

A run is what a system returned: for each query id a dict of passage id and score, higher is better.
"""

from __future__ import annotations

from collections.abc import Sequence

Run = dict[str, dict[str, float]]


def ranking(run: Run, query: str) -> list[str]:
    """The passage ids that a run has for a query, best first.

    Example:
        >>> ranking({"q1": {"tea": 0.2, "rain": 0.7}}, "q1")
        ['rain', 'tea']
    """
    return sorted(run[query], key=run[query].__getitem__, reverse=True)


def first(run: Run, top_k: int) -> Run:
    """The first `top_k` passages of each query, best first, with their scores.

    Raises:
        ValueError: if top_k is below 1.

    Example:
        >>> first({"q1": {"tea": 0.2, "rain": 0.7, "snow": 0.5}}, 2)
        {'q1': {'rain': 0.7, 'snow': 0.5}}
    """
    expect_top_k(top_k)
    return {query: {passage: run[query][passage] for passage in ranking(run, query)[:top_k]} for query in run}


def reorder(run: Run, scores: Run, *, top_k: int | None = None) -> Run:
    """Put the first `top_k` passages of each query in the order of other scores; the rest stays behind them, as it was.

    Args:
        run: what the first step returned.
        scores: for each of these passages what the second step makes of it, higher is better.
        top_k: how many to put in order; all by default.

    Returns:
        A run with the same passages. The first ones have the scores of the second step. Those behind have no such score:
        they go down from the lowest one in steps of 1, so that the order is kept.

    Raises:
        ValueError: if top_k is below 1.
        KeyError: if one of the first passages has no score.

    Example:
        >>> reorder({"q1": {"tea": 3, "rain": 2, "snow": 1}}, {"q1": {"tea": -4.0, "rain": 5.0}}, top_k=2)
        {'q1': {'rain': 5.0, 'tea': -4.0, 'snow': -5.0}}
    """
    if top_k is not None:
        expect_top_k(top_k)
    reordered: Run = {}
    for query in run:
        order = ranking(run, query)
        read = {passage: scores[query][passage] for passage in order[:top_k]}
        placed = {passage: read[passage] for passage in ranking({query: read}, query)}
        lowest = min(read.values(), default=0.0)
        behind = order[len(read) :]
        reordered[query] = placed | {passage: lowest - step for step, passage in enumerate(behind, start=1)}
    return reordered


def add(*runs: Run, weights: Sequence[float]) -> Run:
    """Add up the weighted scores that several runs give to the same passages, as logit + 20 · cosine.

    Args:
        runs: of the same queries. A passage must have a score in each run to be in the result.
        weights: a number a run; they bring the scores to one scale.

    Raises:
        ValueError: if there is no run, the weights are not one a run, or the runs are of different queries.

    Example:
        >>> add({"q1": {"tea": 1.0, "rain": 2.0}}, {"q1": {"tea": 0.5, "snow": 0.9}}, weights=(1, 20))
        {'q1': {'tea': 11.0}}

    Source: Bruch, Gai & Ingber (2023), "An Analysis of Fusion Functions for Hybrid Retrieval", arXiv:2210.11934.
    """
    _expect_same_queries(runs, "add")
    if len(weights) != len(runs):
        raise ValueError(f"there are {len(runs)} runs and {len(weights)} weights; give a weight for each run")
    return {
        query: {
            passage: sum(weight * run[query][passage] for weight, run in zip(weights, runs))
            for passage in runs[0][query]
            if all(passage in run[query] for run in runs)
        }
        for query in runs[0]
    }


def fuse(*runs: Run, k: int = 60) -> Run:
    """Reciprocal rank fusion: each run gives a passage 1 / (k + its rank), and these add up.

    Args:
        runs: of the same queries.
        k: how fast a rank loses weight.

    Raises:
        ValueError: if there is no run, or the runs are of different queries.

    Example:
        >>> fused = fuse({"q1": {"tea": 9.0, "rain": 8.0}}, {"q1": {"rain": 0.7}})
        >>> ranking(fused, "q1")
        ['rain', 'tea']

    Source: Cormack, Clarke & Büttcher (2009), "Reciprocal Rank Fusion outperforms Condorcet".
    """
    _expect_same_queries(runs, "fuse")
    fused: Run = {}
    for query in runs[0]:
        fused[query] = {}
        for run in runs:
            for rank, passage in enumerate(ranking(run, query), start=1):
                fused[query][passage] = fused[query].get(passage, 0.0) + 1 / (k + rank)
    return fused


def expect_top_k(top_k: int) -> None:
    """Raise ValueError if `top_k` is below 1."""
    if top_k < 1:
        raise ValueError(f"top_k is {top_k}; expected at least 1")


def _expect_same_queries(runs: Sequence[Run], what: str) -> None:
    if not runs:
        raise ValueError(f"there are no runs to {what}; give at least one")
    if any(run.keys() != runs[0].keys() for run in runs):
        raise ValueError(f"the runs are of different queries; {what} runs of the same ones")
