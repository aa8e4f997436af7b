"""Measures: a value for each query, the interval of their mean, two systems compared on the same queries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

RESAMPLES = 10_000


class Interval(NamedTuple):
    """A mean over queries with its 95 % bootstrap interval."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.3f} [{self.low:.3f}, {self.high:.3f}]"


def per_query(measure: str, qrels: pd.DataFrame, run: Mapping[str, Mapping[str, float]]) -> pd.Series:
    """A ranking measure for each query that has a judged passage.

    Args:
        measure: as ir-measures names it: "nDCG@10", "AP", "RR@10", "R@100". AP, RR and R know only relevant and not, and
            count every grade from 1 up; "AP(rel=2)" or "RR(rel=2)@10" count grades 2 and 3 only.
        qrels: columns question_id, passage_id, grade (0-3).
        run: for each question_id, the score of each passage_id that the system returned; higher is better.

    Returns:
        The measure by question_id, 0 to 1; 0 for a query that the system returned nothing for.

    Raises:
        ValueError: if ir-measures does not know the measure.

    Example:
        >>> import pandas as pd
        >>> qrels = pd.DataFrame({"question_id": ["q1"], "passage_id": ["p2"], "grade": [3]})
        >>> float(per_query("RR@10", qrels, {"q1": {"p1": 0.9, "p2": 0.4}})["q1"])
        0.5

    Source: Järvelin & Kekäläinen (2002) for nDCG; MacAvaney et al. (2022), ir-measures, arXiv:2111.13466.
    """
    import ir_measures
    import pandas as pd

    judged: dict[str, dict[str, int]] = {}
    for row in qrels.itertuples():
        judged.setdefault(row.question_id, {})[row.passage_id] = int(row.grade)
    scores = {query: {passage: float(score) for passage, score in found.items()} for query, found in run.items()}
    try:
        results = list(ir_measures.iter_calc([ir_measures.parse_measure(measure)], judged, scores))
    except (NameError, ValueError, SyntaxError, AssertionError) as error:
        raise ValueError(f"measure is {measure!r}; expected one that ir-measures knows, as nDCG@10 or AP") from error
    values = {result.query_id: result.value for result in results}
    return pd.Series({query: values.get(query, 0.0) for query in judged}, name=measure).rename_axis("question_id")


def interval(values, *, seed: int = 0) -> Interval:
    """The mean of a value per query, with a 95 % bootstrap interval (percentile, queries drawn anew 10,000 times).

    Args:
        values: one number a query, at least two.
        seed: of the draws.

    Raises:
        ValueError: if there are fewer than two values.

    Example:
        >>> print(interval([0.0, 0.5, 1.0, 0.5]))
        0.500 [0.125, 0.875]

    Source: Efron & Tibshirani (1993), "An Introduction to the Bootstrap", chapter 13.
    """
    values = np.asarray(values, dtype=float)
    if values.ndim != 1 or len(values) < 2:
        raise ValueError(
            f"values has the shape {values.shape}; an interval needs one number each of at least two queries"
        )
    draws = np.random.default_rng(seed).integers(0, len(values), size=(RESAMPLES, len(values)))
    low, high = np.percentile(values[draws].mean(axis=1), [2.5, 97.5])
    return Interval(float(values.mean()), float(low), float(high))


def compare(ours: pd.Series, theirs: pd.Series) -> Interval:
    """The mean difference of two systems, query by query; an interval without 0 is a difference that can be seen.

    Args:
        ours, theirs: a measure per query, as `per_query` gives it, for the same queries.

    Raises:
        ValueError: if the queries differ.

    Example:
        >>> import pandas as pd
        >>> print(compare(pd.Series({"q1": 0.9, "q2": 0.5}), pd.Series({"q1": 0.8, "q2": 0.4})))
        0.100 [0.100, 0.100]

    Source: Smucker, Allan & Carterette (2007), on tests for paired comparisons in retrieval.
    """
    if set(ours.index) != set(theirs.index):
        only = sorted(set(ours.index) ^ set(theirs.index))[:3]
        raise ValueError(f"the two systems were measured on different queries, as {', '.join(map(str, only))}")
    return interval(ours - theirs.reindex(ours.index))


def wilson(share, n):
    """The ends of Wilson's 95 % interval of a share, which stays within 0 and 1 (up to rounding) and is never empty.

    Args:
        share: the share that was found, 0 to 1; one number, or an array or a Series of them.
        n: of how many, at least 1; a whole number, or as many as there are shares.

    Returns:
        The low and the high end, each of the kind that `share` is.

    Raises:
        ValueError: if a share lies outside 0 to 1, or an n is below 1.

    Source: Wilson (1927), "Probable Inference, the Law of Succession, and Statistical Inference", JASA 22.

    Example:
        >>> low, high = wilson(0.5, 10)
        >>> print(f"{low:.2f} to {high:.2f}")
        0.24 to 0.76
    """
    if not np.all((np.asarray(share) >= 0) & (np.asarray(share) <= 1)) or not np.all(np.asarray(n) >= 1):
        raise ValueError(f"share is {share} of {n}; give shares of 0 to 1, each of at least 1")
    z = 1.96
    middle, half = share + z**2 / (2 * n), z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return (middle - half) / (1 + z**2 / n), (middle + half) / (1 + z**2 / n)
