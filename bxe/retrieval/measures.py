"""Measures: a value for each query, the interval of their mean, two systems compared on the same queries."""

from __future__ import annotations

import reprlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bxe.retrieval.runs import expect_runs, ranking

if TYPE_CHECKING:
    import pandas as pd

RESAMPLES = 10_000
DRAWS = 2**22  # at a time, which keep some 70 MB
COLUMNS = ("question_id", "passage_id", "grade")
HIGHEST = 100  # grade; the C code behind the measures makes room for each one up to the highest that is there


class Interval(NamedTuple):
    """A mean over queries with its 95 % bootstrap interval."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self:.3f}"

    def __format__(self, spec: str) -> str:
        """Each of the three numbers in one format: f"{gain:+.2f}" gives +0.07 [+0.04, +0.09]."""
        mean, low, high = (format(number, spec or ".3f") for number in self)
        return f"{mean} [{low}, {high}]"


def per_query(measure: str, qrels: pd.DataFrame, run: Mapping[str, Mapping[str, float]]) -> pd.Series:
    """A ranking measure for each query that has a judged passage.

    Args:
        measure: as ir-measures names it: "nDCG@10", "AP", "RR@10", "R@100". AP, RR and R only tell relevant from not
            relevant, and every grade from 1 up is relevant; "AP(rel=2)" or "RR(rel=2)@10" count grades 2 and 3 only.
        qrels: columns question_id, passage_id, grade (0-3).
        run: for each question_id, the score of each passage_id that the system returned; higher is better. Where
            scores are equal, the passage that the run names first comes first, as in `ranking`.

    Returns:
        The measure by question_id, 0 to 1; 0 for a query that the system returned nothing for.

    Raises:
        ValueError: if ir-measures does not know the measure, the measure cuts at rank 0, a grade is not a whole number
            from 0 to 100, a passage has two grades for a question, or a score is not a finite number.
        TypeError: if qrels lacks one of these columns, or the run is not a dict of dicts.

    Example:
        >>> import pandas as pd
        >>> qrels = pd.DataFrame({"question_id": ["q1"], "passage_id": ["p2"], "grade": [3]})
        >>> float(per_query("RR@10", qrels, {"q1": {"p1": 0.9, "p2": 0.4}})["q1"])
        0.5

    Source: Järvelin & Kekäläinen (2002) for nDCG; MacAvaney et al. (2022), ir-measures, arXiv:2111.13466.
    """
    import ir_measures
    import pandas as pd

    judged = _grades(qrels)
    expect_runs(run)
    if run and judged and not judged.keys() & run.keys():
        given, known = (f"{next(iter(ids))} ({type(next(iter(ids))).__name__})" for ids in (run, judged))
        raise ValueError(f"the run has {given}, the qrels have {known}, and no query is in both; use the same ids")
    # To ir-measures, which knows texts as ids only and puts equal scores in an order of its own, go numbers and ranks.
    grades, scores = {}, {}
    for at, (query, of_query) in enumerate(judged.items()):
        order = ranking(run, query) if query in run else []
        names = {passage: str(number) for number, passage in enumerate(dict.fromkeys([*order, *of_query]))}
        grades[str(at)] = {names[passage]: grade for passage, grade in of_query.items()}
        if order:  # none at all ends the process, too
            scores[str(at)] = {names[passage]: float(-rank) for rank, passage in enumerate(order)}
    try:
        parsed = ir_measures.parse_measure(measure)
        if parsed.params.get("cutoff", 1) < 1:  # at which the C code ends the process
            raise ValueError("a cut at rank 0")
        values = {result.query_id: result.value for result in ir_measures.iter_calc([parsed], grades, scores)}
    except Exception as error:  # whatever the parser, and the many providers of measures, make of it
        expected = "one that ir-measures knows, with a cut of at least 1, such as nDCG@10 or AP"
        raise ValueError(f"measure is {measure!r}; expected {expected}") from error
    found = {query: values.get(str(at), 0.0) for at, query in enumerate(judged)}
    index = pd.Index(list(found), name="question_id", tupleize_cols=False)
    return pd.Series(list(found.values()), index, name=measure, dtype=float)


def _grades(qrels: pd.DataFrame) -> dict[str, dict[str, int]]:
    """The grade of each judged passage, by query."""
    if not set(COLUMNS) <= set(getattr(qrels, "columns", ())):
        given = type(qrels).__name__
        raise TypeError(f"qrels is a {given}; expected a DataFrame with the columns {', '.join(COLUMNS)}")
    if qrels[list(COLUMNS)].isna().any(axis=None):
        raise ValueError("qrels has an empty cell; each row needs a question_id, a passage_id and a grade")
    judged: dict[str, dict[str, int]] = {}
    for query, passage, grade in zip(*(qrels[column] for column in COLUMNS)):
        if grade not in range(HIGHEST + 1):
            raise ValueError(f"qrels has the grade {grade}; expected whole numbers from 0 to {HIGHEST}")
        if judged.setdefault(query, {}).setdefault(passage, int(grade)) != grade:
            raise ValueError(f"qrels has two grades for passage {passage} and query {query}; leave one of them out")
    return judged


def interval(values, *, seed: int = 0) -> Interval:
    """The mean of a value per query, with a 95 % bootstrap interval (percentile, queries resampled 10,000 times).

    Args:
        values: one finite number per query, for at least two queries.
        seed: of the draws.

    Raises:
        ValueError: if there are fewer than two values, or one is not a finite number.

    Example:
        >>> print(interval([0.0, 0.5, 1.0, 0.5]))
        0.500 [0.125, 0.875]

    Source: Efron & Tibshirani (1993), "An Introduction to the Bootstrap", chapter 13.
    """
    numbers = _numbers(values)
    low, high = np.percentile(resampled_means(numbers, np.random.default_rng(seed)), [2.5, 97.5])
    return Interval(float(numbers.mean()), float(low), float(high))


def resampled_means(numbers: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The mean of each of 10,000 draws of n out of n numbers, with replacement: a float64 array [10000]."""
    n, rows = len(numbers), max(1, DRAWS // len(numbers))
    pieces = [(min(rows, RESAMPLES - done), n) for done in range(0, RESAMPLES, rows)]
    return np.concatenate([numbers[rng.integers(0, n, size=size)].mean(axis=1) for size in pieces])


def _numbers(values) -> np.ndarray:
    try:
        numbers = np.asarray(values, dtype=float)
    except (TypeError, ValueError, OverflowError):
        numbers = np.zeros(0)
    with np.errstate(over="ignore"):
        if numbers.ndim == 1 and len(numbers) > 1 and np.isfinite(np.abs(numbers).max() * len(numbers)):
            return numbers
    given = reprlib.repr(np.asarray(values, dtype=object).tolist())
    raise ValueError(f"values is {given}; an interval needs one finite number per query, for at least two queries")


def compare(ours: pd.Series, theirs: pd.Series) -> Interval:
    """The mean difference of two systems, query by query; an interval that leaves 0 out shows a difference.

    Args:
        ours, theirs: a measure per query, as `per_query` gives it, for the same queries.

    Raises:
        TypeError: if one is not a Series.
        ValueError: if the queries differ, one is there twice, or a value is not a finite number.

    Example:
        >>> import pandas as pd
        >>> print(compare(pd.Series({"q1": 0.9, "q2": 0.5}), pd.Series({"q1": 0.8, "q2": 0.4})))
        0.100 [0.100, 0.100]

    Source: Smucker, Allan & Carterette (2007), on tests for paired comparisons in retrieval.
    """
    for word, values in {"ours": ours, "theirs": theirs}.items():
        if not hasattr(values, "index") or not hasattr(values, "items") or np.ndim(values) != 1:
            raise TypeError(
                f"{word} is a {type(values).__name__}; give a Series with a value per query, as per_query does"
            )
        if not values.index.is_unique:
            twice = values.index[values.index.duplicated()][0]
            raise ValueError(f"{word} has query {twice} twice; give one value per query")
    if only := sorted(map(str, set(ours.index) ^ set(theirs.index))):
        raise ValueError(f"the two systems were measured on different queries: only one has {', '.join(only[:3])}")
    other = dict(theirs.items())
    return interval(_numbers(ours) - _numbers([other[query] for query in ours.index]))


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

    def array(given):  # a Series stays one
        return given if hasattr(given, "items") else np.asarray(given, dtype=float)[()]

    try:
        shares, sizes = array(share), array(n)
        fit = np.all((shares >= 0) & (shares <= 1)) and np.all(np.isfinite(sizes) & (sizes >= 1))
        np.broadcast(shares, sizes)
    except (TypeError, ValueError, OverflowError):
        fit = False
    if not fit:
        raise ValueError(f"share is {share} and n is {n}; give shares from 0 to 1, and an n of at least 1 for each")
    z = 1.96
    middle, half = shares + z**2 / 2 / sizes, z * np.sqrt(shares * (1 - shares) / sizes + (z / 2 / sizes) ** 2)
    return (middle - half) / (1 + z**2 / sizes), (middle + half) / (1 + z**2 / sizes)
