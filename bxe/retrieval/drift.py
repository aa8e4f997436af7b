"""Drift, watched with one number: are recent queries as near to their best passages as those of a reference week?"""

from __future__ import annotations

import numpy as np

from bxe.files import expect_seed
from bxe.retrieval.measures import Interval, resampled_means
from bxe.retrieval.runs import Run, expect_runs

RANKED = 0.05  # what the best of fused lists, 2 / 61 for two, stays below; and what no week's best cosines do


def drift(reference: Run, recent: Run, *, seed: int = 0) -> Interval:
    """By how much the mean cosine of a query and its best passage has changed since a reference week.

    Below 0, and the interval leaves 0 out: recent queries ask for what the store does not hold, or in other words than the
    model is used to. A query that found nothing counts as 0. It does not notice queries that only crowd around fewer
    passages: those are as near as before.

    Args:
        reference, recent: runs of two sets of queries against the same store, by meaning (top_k=1 is enough); 100 queries
            or more in each, for an interval of some ±0.03.
        seed: of the draws.

    Returns:
        The difference of the two means, recent - reference, with a 95 % bootstrap interval: each set is resampled by itself,
        10,000 times.

    Raises:
        ValueError: if a run has fewer than two queries, its scores are no cosines, as of words or fused lists, or seed is no
            whole number of at least 0.

    Example:
        >>> change = drift({"q1": {"p1": 0.8}, "q2": {"p2": 0.7}}, {"q3": {"p1": 0.2}, "q4": {"p2": 0.3}})
        >>> print(f"{change:.2f}")
        -0.50 [-0.60, -0.40]

    Source: Sun et al. (2022), "Out-of-Distribution Detection with Deep Nearest Neighbors", arXiv:2204.06507; Efron &
    Tibshirani (1993), "An Introduction to the Bootstrap", chapter 8 (two samples).
    """
    before, now = _best(reference, "reference"), _best(recent, "recent")
    rng = np.random.default_rng(expect_seed(seed))
    low, high = np.percentile(resampled_means(now, rng) - resampled_means(before, rng), [2.5, 97.5])
    return Interval(float(now.mean() - before.mean()), float(low), float(high))


def _best(run: Run, word: str) -> np.ndarray:
    """The cosine of each query's best passage."""
    expect_runs(run)
    best = np.array([max(found.values(), default=0.0) for found in run.values()])
    found = [score for score, hits in zip(best, run.values()) if hits]
    if len(best) < 2:
        raise ValueError(f"{word} has {len(best)} queries; give a run of at least two, better of 100 or more")
    if np.abs(best).max() > 1.001:
        raise ValueError(f"{word} has the score {np.abs(best).max():.3g}, which is no cosine; search by meaning")
    if found and min(found) >= 0 and max(found) < RANKED:
        raise ValueError(f"{word} has no score above {max(found):.3g}, which is no cosine; search by meaning")
    return best
