"""Wrong answers to the exercises of notebook 06, Paraphrase mining."""

import numpy as np
from sentence_transformers import util


def _pairs(vectors, first=1):
    """All pairs of vectors as [score, i, j], best first; with first=0 also of each with itself (06.1)."""
    n = len(vectors)
    return sorted(([vectors[i] @ vectors[j], i, j] for i in range(n) for j in range(i + first, n)), reverse=True)


def _found(pairs, group, t, above=lambda score, t: score >= t):
    """Pairs found, right pairs found, right pairs in the list, right pairs in all (06.2)."""
    same = [group[i] == group[j] for _, i, j in pairs]
    found = [above(score, t) for score, *_ in pairs]
    sizes = np.bincount(group)
    return sum(found), sum(s and f for s, f in zip(same, found)), sum(same), (sizes * (sizes - 1) / 2).sum()


def _mined(model, texts, threshold, equal=False):
    """The pairs of texts from the threshold up, with equal=True also a text with itself (06.4)."""
    pairs = [(texts[i], texts[j]) for score, i, j in util.paraphrase_mining(model, texts) if score >= threshold]
    return [(text, other) for text, other in pairs if equal or text != other]


def _precisions(same):
    return np.cumsum(same) / np.arange(1, len(same) + 1)


WRONG = {
    "06.1": [
        (lambda v, k: _pairs(v, first=0)[:k], "paired with itself"),
        (lambda v, k: _pairs(v), "keep the first how_many"),
        (lambda v, k: _pairs(v)[::-1][:k], "worst first"),
        (lambda v, k: [[s, j, i] for s, i, j in _pairs(v)[:k]], "swapped"),
        (lambda v, k: [[i, j] for _, i, j in _pairs(v)[:k]], "scores are missing"),
        (
            lambda v, k: [[s, *p] for s, i, j in _pairs(v) for p in ((i, j), (j, i))][:k],
            "a pair comes twice",
        ),
    ],
    "06.2": [
        (
            lambda p, g, t: (
                _found(p, g, t, lambda s, t: s > t)[1]
                / np.array([_found(p, g, t, lambda s, t: s > t)[0], _found(p, g, t)[3]])
            ),
            "Exactly at the threshold",
        ),
        (lambda p, g, t: (_found(p, g, t)[1] / _found(p, g, t)[3], _found(p, g, t)[1] / _found(p, g, t)[0]), "swapped"),
        (lambda p, g, t: _found(p, g, t)[1] / np.array([_found(p, g, t)[0], _found(p, g, t)[2]]), "of the list only"),
        (lambda p, g, t: _found(p, g, t)[1] / np.array([_found(p, g, t)[0], 2 * _found(p, g, t)[3]]), "counted twice"),
        (lambda p, g, t: _found(p, g, t)[1] / _found(p, g, t)[0], "precision alone"),
        (
            lambda p, g, t: (
                _found(p, g, t)[1] / np.array([_found(p, g, t)[0], sum(k for k in np.bincount(g) if k > 1)])
            ),
            "counted the texts",
        ),
    ],
    "06.3": [
        (lambda s, same, p: s[np.argmax(_precisions(same) < p) - 1], "rose again"),
        (lambda s, same, p: s[np.flatnonzero(_precisions(same) >= p)[0]], "highest such threshold"),
        (lambda s, same, p: np.flatnonzero(_precisions(same) >= p)[-1], "place in the list"),
        (lambda s, same, p: s[max(np.flatnonzero(_precisions(same) >= p), default=-1)], "None was expected"),
        (lambda s, same, p: s[np.flatnonzero(same)[-1]], "last right pair"),
        (lambda s, same, p: s[np.flatnonzero(_precisions(same) > p)[-1]], "not exceed it"),
        (lambda s, same, p: s[np.argmax(np.cumsum(same) / same.sum() >= p)], "recall reaches it"),
    ],
    "06.4": [
        (lambda m, t, c: _mined(m, t, c, equal=True), "equal texts"),
        (lambda m, t, c: _mined(m, t, -2), "below the threshold"),
        (lambda m, t, c: [(b, a) for a, b in _mined(m, t, c)], "earlier in the list"),
        (lambda m, t, c: _mined(m, t, c)[::-1], "least alike pair first"),
        (lambda m, t, c: sorted(_mined(m, t, c)), "alphabetical order"),
        (
            lambda m, t, c: [(i, j) for s, i, j in util.paraphrase_mining(m, t) if s >= c and t[i] != t[j]],
            "Those are positions",
        ),
        (
            lambda m, t, c: [(s, t[i], t[j]) for s, i, j in util.paraphrase_mining(m, t) if s >= c and t[i] != t[j]],
            "without their scores",
        ),
    ],
}
