"""Wrong answers to the exercises of notebook 07, Cross-encoders."""

import numpy as np
import torch


def _joined(query, passage, limit, middle=("[SEP]",), room=0, types=None):
    """A pair with its special tokens, cut as the library cuts it, and some ways to get it wrong (07.1)."""
    query, passage = list(query), list(passage)
    while len(query) + len(passage) + 2 + len(middle) > limit + room:
        (passage if len(passage) > len(query) else query).pop()
    first = ["[CLS]", *query, *middle]
    tokens = [*first, *passage, "[SEP]"]
    ones = len(tokens) - len(first)
    return tokens, types(len(first), ones) if types else [0] * len(first) + [1] * ones


def _passage_cut(query, passage, limit):
    """A pair of which only the passage is cut (07.1)."""
    first = ["[CLS]", *query, "[SEP]"]
    second = [*passage[: limit - len(first) - 1], "[SEP]"]
    return first + second, [0] * len(first) + [1] * len(second)


def _ranked(model, query, passages, least, activation=None):
    """Positions of the passages that score at least `least`, best first (07.3)."""
    return [h["corpus_id"] for h in model.rank(query, passages, activation_fn=activation) if h["score"] >= least]


def _cosines(question, passages, mask, padding=-np.inf):
    """Cosines [n, t, q], with `padding` where there is no token (07.5)."""
    return np.where(mask[..., None], passages @ question.T, padding)


def _block(heads, types, rows=0, columns=1):
    return heads[:, types == rows][:, :, types == columns]


WRONG = {
    "07.1": [
        (lambda q, p, n: (["[CLS]", *q, "[SEP]", *p, "[SEP]"], [0] * (len(q) + 2) + [1] * (len(p) + 1)), "the limit"),
        (lambda q, p, n: _joined(q, p, n, room=1), "one token too long"),
        (lambda q, p, n: _joined(q, p, n, types=lambda a, b: [1] * a + [0] * b), "They are swapped"),
        (lambda q, p, n: _joined(q, p, n, types=lambda a, b: [0] * (a - 1) + [1] * (b + 1)), "belongs to the query"),
        (lambda q, p, n: _joined(q, p, n, middle=()), "between query and passage is missing"),
        (
            lambda q, p, n: tuple(x[:n] for x in _joined(q, p, 99)),
            r"ends with \[SEP\]",
        ),
        (lambda q, p, n: _joined(q, p, n)[0], "expected two lists"),
        (lambda q, p, n: (p.pop(), _joined(q, p, n))[1], "has changed"),
        (_passage_cut, "The query is cut as well"),
    ],
    "07.2": [
        (lambda h, t: _block(h, t, 1, 0).sum(2).mean(), "attention to the query"),
        (lambda h, t: _block(h, t, 0, 0).sum(2).mean(), "give to the query"),
        (lambda h, t: _block(h, t).mean(), "mean of the single shares"),
        (lambda h, t: _block(h, t).sum(2).mean(1), "a value per head"),
        (lambda h, t: _block(h, t)[0].sum(1).mean(), "first head alone"),
        (lambda h, t: h[:, :, t == 1].sum(2).mean(), "rows were not picked"),
    ],
    "07.3": [
        (_ranked, "compares logits with `least`"),
        (lambda m, q, ps, x: _ranked(m, q, ps, x, lambda logits: logits), "compares logits with `least`"),
        (
            lambda m, q, ps, x: [i for i, s in enumerate(1 / (1 + np.exp(-m.predict([(q, p) for p in ps])))) if s >= x],
            "in the passages' order",
        ),
        (
            lambda m, q, ps, x: [h["corpus_id"] for h in m.rank(q, ps) if 1 / (1 + np.exp(-h["score"])) >= x],
            "sigmoid of a sigmoid",
        ),
        (lambda m, q, ps, x: sorted(_ranked(m, q, ps, x, torch.nn.Sigmoid())), "in the passages' order"),
        (lambda m, q, ps, x: [ps[i] for i in _ranked(m, q, ps, x, torch.nn.Sigmoid())], "give their positions"),
        (lambda m, q, ps, x: _ranked(m, q, ps, np.nextafter(x, 1), torch.nn.Sigmoid()), "is good enough, too"),
        (lambda m, q, ps, x: _ranked(m, q, ps, 0, torch.nn.Sigmoid()), "leave out what is below"),
    ],
    "07.4": [
        (lambda n, m, k: n * m, "cross-encoder on everything"),
        (lambda n, m, k: m + m * k, "passages have to be embedded"),
        (lambda n, m, k: n + m * k, "Each question is embedded"),
        (lambda n, m, k: m * (n + 1 + k), "once is enough"),
    ],
    "07.5": [
        (lambda q, ps, m: (ps @ q.T).max(1).mean(1), "padding was not left out"),
        (lambda q, ps, m: _cosines(q, ps, m, 0).max(1).mean(1), "beats a negative one"),
        (
            lambda q, ps, m: np.array([(q @ p[:n].T).max(0).mean() for p, n in zip(ps, m.sum(1))]),
            "not the other way round",
        ),
        (lambda q, ps, m: _cosines(q, ps, m).max(1).sum(1), "sum over the question's tokens"),
        (lambda q, ps, m: _cosines(q, ps, m).max((1, 2)), "best cosine of all"),
        (lambda q, ps, m: _cosines(q, ps, m, 0).sum((1, 2)) / m.sum(1) / len(q), "mean of all cosines"),
        (lambda q, ps, m: _cosines(q, ps, m).max(1), "best of each token"),
        (lambda q, ps, m: _cosines(q, ps, m).max(1).mean(1)[0], "first passage alone"),
    ],
}
