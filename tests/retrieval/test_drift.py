"""Drift: it stays at 0 when the queries are of the same kind, and moves when they are not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bxe import corpora, load_bi_encoder, retrieval

cosines = st.lists(st.floats(-1, 1), min_size=1, max_size=19).map(lambda some: [0.5, *some])  # not all of them near 0


def run(values):
    return {f"q{at}": {"p1": value, "p2": value - 0.1} for at, value in enumerate(values)}


@settings(deadline=None, max_examples=25)
@given(before=cosines, now=cosines)
def test_the_other_way_round_it_is_the_opposite(before, now):
    there, back = retrieval.drift(run(before), run(now)), retrieval.drift(run(now), run(before))
    assert there.mean == pytest.approx(-back.mean) == pytest.approx(np.mean(now) - np.mean(before))
    assert there.low <= there.mean + 1e-12 and there.mean <= there.high + 1e-12


def test_no_change_is_found_in_most_weeks_without_one():
    rng = np.random.default_rng(0)
    weeks = [retrieval.drift(run(rng.normal(0.6, 0.1, 60)), run(rng.normal(0.6, 0.1, 60))) for _ in range(40)]
    assert sum(week.low <= 0 <= week.high for week in weeks) >= 34


def test_queries_of_another_domain_lower_it_and_others_of_the_same_do_not(tmp_path, monkeypatch):
    monkeypatch.setenv("BXE_CACHE", str(tmp_path))
    model, texts = load_bi_encoder(device="cpu"), corpora.load("passages").set_index("passage_id").text[::6]
    queries = corpora.load("questions").sample(frac=1, random_state=0).set_index("question_id").text[:80]
    other = corpora.load("tickets").set_index("ticket_id").text[:40]
    before, same, changed = (
        retrieval.retrieve(model, some, texts, top_k=1) for some in (queries[:40], queries[40:], other)
    )
    assert retrieval.drift(before, same).high > 0 > retrieval.drift(before, same).low
    assert retrieval.drift(before, changed).high < 0


def test_a_query_that_found_nothing_counts_as_0():
    assert retrieval.drift(run([0.5, 0.5]), {"q1": {}, "q2": {}}).mean == -0.5


@pytest.mark.parametrize(
    ("recent", "message"),
    [
        ({"q1": {"p": 0.5}}, "recent has 1 queries"),
        (run([3.0, 7.0]), "recent has the score 7, which is no cosine"),
        (retrieval.fuse(run([0.5, 0.6]), run([0.5, 0.6])), "recent has no score above 0.0328, which is no cosine"),
        (
            retrieval.from_rows([[0, 1], [1, -1]], ["q1", "q2"], ["p1", "p2"]),
            "recent has no score above 0, which is no",
        ),
    ],
)
def test_what_is_no_week_of_queries_is_told(recent, message):
    with pytest.raises(ValueError, match=message):
        retrieval.drift(run([0.5, 0.6]), recent)


def test_a_seed_below_0_is_told():
    with pytest.raises(ValueError, match="seed is -1; give a whole number of at least 0"):
        retrieval.drift(run([0.5, 0.6]), run([0.5, 0.6]), seed=-1)
