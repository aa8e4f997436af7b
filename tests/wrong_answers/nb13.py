"""Wrong answers to the exercises of notebook 13, Capstone."""

import numpy as np
from sklearn.metrics import cohen_kappa_score

from bxe import retrieval


def _pack(sentences, words, *, count=lambda text: len(text.split()), last=True, begin=()):
    """Packing with one thing done wrongly (13.1)."""
    passages, now = list(begin), ""
    for sentence in sentences:
        if now and count(f"{now} {sentence}") > words:
            passages.append(now)
            now = sentence
        else:
            now = f"{now} {sentence}".strip()
    return passages + [now] * last


def _kappa(weights, ours, theirs):
    """Agreement of the pairs in both tables (13.2)."""
    both = ours.merge(theirs, on=["question_id", "passage_id"])
    return cohen_kappa_score(both.grade_x, both.grade_y, weights=weights)


def _mean(qrels, run):
    return retrieval.per_query("nDCG@10", qrels, run).mean()


def _difference(qrels, ours, theirs):
    return retrieval.compare(*(retrieval.per_query("nDCG@10", qrels, run) for run in (ours, theirs)))


def _until_full(order, tokens, budget):
    """The beginning of the order that fits (13.4)."""
    return [p for at, p in enumerate(order) if sum(tokens[one] for one in order[: at + 1]) <= budget]


def _too_much(order, tokens, budget):
    taken = []
    for passage in order:
        taken.append(passage)
        if sum(tokens[one] for one in taken) > budget:
            break
    return taken


WRONG = {
    "13.1": [
        (lambda s, w: _pack(s, w, last=False), "after the loop"),
        (lambda s, w: _pack(s, w, begin=[""]), "an empty passage"),
        (lambda s, w: _pack(s, w - 1), "exactly `words` words"),
        (lambda s, w: _pack(s, w, count=len), "counts characters"),
        (lambda s, w: list(s), "join as many as fit"),
    ],
    "13.2": [
        (lambda a, b: _kappa(None, a, b), "Near misses"),
        (lambda a, b: _kappa("linear", a, b), "linear weights"),
        (
            lambda a, b: (lambda both: (both.grade_x == both.grade_y).mean())(
                a.merge(b, on=["question_id", "passage_id"])
            ),
            "share of equal grades",
        ),
        (
            lambda a, b: cohen_kappa_score(*np.array(list(zip(a.grade, b.grade))).T, weights="quadratic"),
            "by their place",
        ),
    ],
    "13.3": [
        (
            lambda q, a, b: "better" if _mean(q, a) > _mean(q, b) else "worse",
            "contains 0 or touches it",
        ),
        (lambda q, a, b: (lambda d: "worse" if d.low > 0 else "better")(_difference(q, a, b)), "verdict on `theirs`"),
        (lambda q, a, b: "cannot tell", "wholly on one side"),
        (
            lambda q, a, b: (lambda d: "better" if d.low >= 0 else "worse" if d.high <= 0 else "cannot tell")(
                _difference(q, a, b)
            ),
            "touches it",
        ),
    ],
    "13.4": [
        (_until_full, "a shorter one may fit"),
        (_too_much, "above the budget: look before"),
        (lambda o, t, b: [p for p in o if t[p] <= b], "together they are above"),
        (
            lambda o, t, b: [p for p in sorted(o, key=t.get) if p in _until_full(sorted(o, key=t.get), t, b)],
            "Keep the order",
        ),
    ],
}
