"""Wrong answers to the exercises of notebook 09, Train a bi-encoder."""

import numpy as np
from torch import arange, cat
from torch.nn.functional import cross_entropy, normalize


def _scores(a, *columns):
    return normalize(a, dim=1) @ normalize(cat(columns), dim=1).T


def _evaluator(same, other):
    """Triplets by two rules that pick a row for each message (09.2)."""
    from sentence_transformers.sentence_transformer.evaluation import TripletEvaluator

    def answer(texts, labels, rng):
        rows = range(len(texts))
        return TripletEvaluator(
            anchors=texts,
            positives=[texts[same(i, labels, rng)] for i in rows],
            negatives=[texts[other(i, labels, rng)] for i in rows],
        )

    return answer


def _any(i, labels, rng):
    return rng.choice([j for j in range(len(labels)) if j != i])


def _same(i, labels, rng):
    return rng.choice([j for j in range(len(labels)) if labels[j] == labels[i] and j != i])


def _other(i, labels, rng):
    return rng.choice([j for j in range(len(labels)) if labels[j] != labels[i]])


def _mined(**options):
    from sentence_transformers.util import mine_hard_negatives

    def answer(pairs, model, corpus, margin):
        chosen = {name: margin if value == "margin" else value for name, value in options.items()}
        return mine_hard_negatives(pairs, model, corpus=corpus, verbose=False, **chosen)

    return answer


WRONG = {
    "09.1": [
        (lambda a, b, hard, t: cross_entropy(_scores(a, b) / t, arange(len(a))), "hard negatives are missing"),
        (lambda a, b, hard, t: cross_entropy(a @ cat([b, hard]).T / t, arange(len(a))), "need length 1"),
        (lambda a, b, hard, t: cross_entropy(_scores(a, b, hard), arange(len(a))), "not divided by the temperature"),
        (lambda a, b, hard, t: cross_entropy(_scores(a, b, hard) * t, arange(len(a))), "divide by it"),
        (lambda a, b, hard, t: (_scores(a, b, hard) / t).softmax(1).diagonal().mean(), "mean share of the partner"),
        (lambda a, b, hard, t: cross_entropy(_scores(a, hard, b) / t, arange(len(a))), "stand where the partners"),
    ],
    "09.2": [
        (_evaluator(_any, _other), "which has another label"),
        (_evaluator(_same, _any), "which has the same label"),
        (_evaluator(lambda i, labels, rng: i, _other), "its own positive"),
        (
            _evaluator(
                lambda *g: _same(*g[:2], np.random.default_rng(0)), lambda *g: _other(*g[:2], np.random.default_rng(0))
            ),
            "with `rng`",
        ),
        (lambda texts, labels, rng: (texts, texts, texts), "expected a TripletEvaluator"),
    ],
    "09.3": [
        (_mined(num_negatives=1), "The margin was not used"),
        (_mined(num_negatives=1, relative_margin="margin"), "relative margin"),
        (_mined(num_negatives=1, max_score="margin"), "as a highest cosine"),
        (_mined(num_negatives=2, absolute_margin="margin"), "num_negatives=1"),
    ],
    "09.4": [
        (lambda learn, links: (learn[links[:, 0]] != learn[links[:, 1]]).sum(), "divide by the number of links"),
        (lambda learn, links: (learn[links[:, 0]] == learn[links[:, 1]]).mean(), "stay within one side"),
        (lambda learn, links: (learn[links[:, 0]] & ~learn[links[:, 1]]).mean(), "from the test side"),
    ],
}
