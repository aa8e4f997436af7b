"""What is said of figures that were made by hand: each sentence where it belongs, and nowhere else."""

from dataclasses import replace

import pandas as pd
import pytest

from bxe.advisor.decide import Decision, Gain
from bxe.advisor.looks import Looks
from bxe.advisor.measuring import Measured
from bxe.advisor.wording import sentences
from bxe.retrieval import Interval

LOOKS = Looks(5000, 100_000, 0, 500, 26.0, 256, 0.0, 0.0, 0.0)
NOTHING = pd.DataFrame({"broken": [], "BM25": [], "dense": []})
MEASURED = Measured(
    *(LOOKS, 5000, {}, NOTHING, NOTHING, {"search": 5000, "bm25": 5000, "hnsw": 5000}, {}, {}, (10,), NOTHING),
    **{"asked_broken": 0.0, "waited": 0.0, "seconds": 50.0},
)
QUALITY = {"BM25": 0.5, "dense": 0.7, "dense + sum (10)": 0.8}
ROWS = {
    "nDCG@10": QUALITY,
    "p50 ms": {"BM25": 1.0, "dense": 10.0, "dense + sum (10)": 400.0},
    "p95 ms": {"BM25": 2.0, "dense": 20.0, "dense + sum (10)": 900.0},
    "queries/s a core": {"BM25": 900.0, "dense": 90.0, "dense + sum (10)": 2.0},
    "bytes a text": {"BM25": 400.0, "dense": 1536.0, "dense + sum (10)": 40_000.0},
    "index s": {"BM25": 1.0, "dense": 30.0, "dense + sum (10)": 60.0},
    "cores at load": {"BM25": 0.001, "dense": 0.02, "dense + sum (10)": 0.7},
    "fits": {"BM25": True, "dense": True, "dense + sum (10)": False},
    "limit": {"BM25": "", "dense": "", "dense + sum (10)": "latency"},
    "time": dict.fromkeys(QUALITY, "measured"),
    "index": dict.fromkeys(QUALITY, "measured"),
}
GAINS = {
    (a, b): Gain(
        Interval(QUALITY[a] - QUALITY[b], QUALITY[a] - QUALITY[b] - 0.05, QUALITY[a] - QUALITY[b] + 0.05), 0.2, 60
    )
    for a in QUALITY
    for b in QUALITY
    if a != b
}
DENSE = Decision("dense", None, {"BM25": "dense"}, (), None)


def said(decision=DENSE, **changed):
    measured = replace(MEASURED, **changed)
    return sentences(pd.DataFrame(ROWS), decision, GAINS, measured, load=1, latency_ms=300, given=60, judged=60)


def test_the_choice_comes_first_then_what_is_worse_what_it_costs_and_what_the_limits_leave_out():
    use, worse, cost, margin, missed = said()
    assert use.startswith("Use dense. Its nDCG@10 is 0.70 on 60 questions.")
    assert worse == "BM25 is cheaper, but worse than dense: -0.20 [-0.25, -0.15]."
    assert cost.startswith("What dense costs: half of the queries take up to 10 ms, 95 of 100 up to 20 ms (measured).")
    assert "7.7 MB for the index of 5,000 texts" in cost
    assert margin.startswith("dense stays within your limits on this machine up to about ")
    assert missed.startswith(
        "dense + sum (10) does not meet your limits (latency): 95 of 100 queries take up to 900 ms"
    )
    assert "ahead of dense by +0.10 [+0.05, +0.15] on 60 questions, which is shown to be more than chance" in missed


def test_a_sample_that_is_too_easy_gives_no_choice_and_says_what_to_do():
    first = said(Decision(None, "dense", {"BM25": "dense"}, (), None, easy=True), sample=200)[0]
    assert first.startswith("The sample is too easy to tell: among 200 of 5,000 texts dense reaches an nDCG@10 of 0.70")


def test_too_few_questions_say_how_many_it_takes_and_who_may_be_better():
    gains = Decision(None, "BM25", {}, ("dense",), 349)
    first, rivals, *_ = said(gains)
    assert first.startswith("Too few questions to tell: 60 were asked") and "takes about 349 like these" in first
    assert "These may be better than BM25 by 0.03 or more" in rivals and "dense (+0.20 [+0.15, +0.25])" in rivals


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"waited": 0.4}, "Other programs kept this machine busy: 40 % of a query's time"),
        ({"sample": 900, "rates": {"hnsw": 1000.0}}, "HNSW was built over 900 texts only."),
        ({"sample": 900}, "Quality comes from a sample: 900 of 5,000 texts"),
        (
            {"looks": replace(LOOKS, longer=0.2, unread=0.1)},
            "The model reads 256 tokens of a text; 20 % of the texts are longer",
        ),
        (
            {"looks": replace(LOOKS, copies=7)},
            "Copies of others among the 5,000 texts, but for capitals and spaces: 7.",
        ),
    ],
)
def test_what_makes_the_figures_doubtful_is_said_only_where_it_is_so(changed, told):
    assert any(sentence.startswith(told) for sentence in said(**changed))
    assert not any(sentence.startswith(told) for sentence in said())
