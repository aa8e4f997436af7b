"""Measures, intervals and comparisons: on cases small enough to work out by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from bxe import retrieval


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
    with pytest.raises(ValueError, match="share is 1.5 of 10"):
        retrieval.wilson(1.5, 10)
