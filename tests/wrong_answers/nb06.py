"""Wrong answers to the exercises of notebook 06, Paraphrase mining."""

import numpy as np


def _pairs(vectors, first=1):
    """All pairs of vectors as [score, i, j], best first; with first=0 also of each with itself (06.1)."""
    n = len(vectors)
    return sorted(([vectors[i] @ vectors[j], i, j] for i in range(n) for j in range(i + first, n)), reverse=True)


def _found(pairs, group, t, above=lambda score, t: score >= t):
    """Pairs found, right pairs found, right pairs in the list, right pairs in all (06.3)."""
    same = [group[i] == group[j] for _, i, j in pairs]
    found = [above(score, t) for score, *_ in pairs]
    sizes = np.bincount(group)
    return sum(found), sum(s and f for s, f in zip(same, found)), sum(same), (sizes * (sizes - 1) / 2).sum()


def _handed_on(n, pairs, keep=lambda a, b: a):
    """Group numbers when a pair renames its second text only, not its group (06.5)."""
    number = list(range(n))
    for i, j in pairs:
        number[j] = keep(number[i], number[j])
    return number


def _first_touched(n, pairs):
    """Group numbers when a pair goes to the first set that it touches, and sets are never joined (06.5)."""
    sets = []
    for pair in map(set, pairs):
        touched = [group for group in sets if group & pair] or [set()]
        touched[0] |= pair
        sets += touched[:1] * (touched[0] not in sets)
    number = {i: n + k for k, group in enumerate(sets) for i in group}
    return [number.get(i, i) for i in range(n)]


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
        (lambda n, gb: gb * 1e9 / (4 * n), r"a whole number \(an int\) is asked for"),
        (lambda n, gb: int(gb * 1e9 / (8 * n)), "4 bytes, not 8"),
        (lambda n, gb: int((gb * 1e9 / 4) ** 0.5), "not chunk × chunk"),
        (lambda n, gb: int(gb * 1e9 / (4 * n)), "No more than n"),
        (lambda n, gb: min(n, int(gb * 1e9 / (4 * n))), "at least 1"),
        (lambda n, gb: min(n, max(1, int(gb * 1e9 / (4 * n)) + 1)), "one text more would not fit"),
        (lambda n, gb: min(n, max(1, round(gb * 1e9 / (4 * n)))), "one text more would not fit"),
        (lambda n, gb: min(n, max(1, int(gb * 1e9 / n))), "4 bytes, not 1"),
    ],
    "06.3": [
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
    "06.4": [
        (lambda s, same, p: s[np.argmax(_precisions(same) < p) - 1], "rose again"),
        (lambda s, same, p: s[np.flatnonzero(_precisions(same) >= p)[0]], "highest such threshold"),
        (lambda s, same, p: np.flatnonzero(_precisions(same) >= p)[-1], "place in the list"),
        (lambda s, same, p: s[max(np.flatnonzero(_precisions(same) >= p), default=-1)], "None was expected"),
        (lambda s, same, p: s[np.flatnonzero(same)[-1]], "last right pair"),
        (lambda s, same, p: s[np.flatnonzero(_precisions(same) > p)[-1]], "not exceed it"),
        (lambda s, same, p: s[np.argmax(np.cumsum(same) / same.sum() >= p)], "recall reaches it"),
    ],
    "06.5": [
        (_handed_on, "all texts of one"),
        (lambda n, pairs: _handed_on(n, pairs, min), "all texts of one|all texts of both"),
        (lambda n, pairs: list(range(n)), "Nothing is joined"),
        (lambda n, pairs: sorted({i for pair in pairs for i in pair}), "also for those alone"),
        (lambda n, pairs: [[i] for i in range(n)], "flat list"),
        (lambda n, pairs: [[0, 1], *range(2, n)], "flat list"),
        (_first_touched, "may touch two sets"),
    ],
}
