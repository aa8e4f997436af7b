"""Wrong answers to the exercises of notebook 07, Cross-encoders."""

import numpy as np


def _joined(query, passage, limit, middle=("[SEP]",), room=0, types=None):
    """A pair with its special tokens, and some ways to get it wrong (07.1)."""
    first = ["[CLS]", *query, *middle]
    tokens = [*first, *passage[: limit - len(first) - 1 + room], "[SEP]"]
    ones = len(tokens) - len(first)
    return tokens, types(len(first), ones) if types else [0] * len(first) + [1] * ones


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
        (lambda q, p, n: _joined(q, p, n)[0], "two lists were expected"),
        (lambda q, p, n: (p.pop(), _joined(q, p, n))[1], "has changed"),
    ],
    "07.2": [
        (lambda h, t: _block(h, t, 1, 0).sum(2).mean(), "attention to the query"),
        (lambda h, t: _block(h, t, 0, 0).sum(2).mean(), "give to the query"),
        (lambda h, t: _block(h, t).mean(), "mean of the single shares"),
        (lambda h, t: _block(h, t).sum(2).mean(1), "a value a head"),
        (lambda h, t: _block(h, t)[0].sum(1).mean(), "first head alone"),
        (lambda h, t: h[:, :, t == 1].sum(2).mean(), "rows were not picked"),
    ],
    "07.3": [
        (lambda x: 1 / (1 + np.exp(-x)), "warned of an overflow"),
        (lambda x: np.exp(x) / (1 + np.exp(x)), "inf / inf"),
        (lambda x: 1 / (1 + np.exp(x)), "sign is off"),
        (lambda x: np.exp(x) / np.exp(x).sum(), "softmax"),
        (lambda x: 1 / np.exp(-x), "1 in the denominator"),
        (lambda x: 1 / (1 + np.exp(-np.clip(x, -30, 30))), "cutting logits off makes ties"),
    ],
    "07.4": [
        (lambda n, m, k: n * m, "cross-encoder on everything"),
        (lambda n, m, k: m + m * k, "passages have to be embedded"),
        (lambda n, m, k: n + m * k, "Each question is embedded"),
        (lambda n, m, k: m * (n + 1 + k), "once is enough"),
    ],
    "07.5": [
        (lambda q, ps: np.array([(q @ p.T).max(0).sum() for p in ps]), "not the other way round"),
        (lambda q, ps: np.array([(q @ p.T).max(1).mean() for p in ps]), "mean over the question's tokens"),
        (lambda q, ps: np.array([(q @ p.T).max() for p in ps]), "best cosine of all"),
        (lambda q, ps: np.array([(q @ p.T).sum() for p in ps]), "adds up all cosines"),
        (lambda q, ps: (q @ ps[0].T).max(1).sum(), "first passage alone"),
    ],
}
