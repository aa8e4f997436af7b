"""Wrong answers to the exercises of notebook 12, Production."""

import faiss
import numpy as np


def _read(lengths, size):
    """The tokens read in batches, in the order given (12.1)."""
    batches = [lengths[start : start + size] for start in range(0, len(lengths), size)]
    return sum(len(batch) * max(batch) for batch in batches)


def _down(lengths):
    return sorted(lengths, reverse=True)


def _by_bits(query, vectors, count):
    """The positions of the nearest by bits (12.2)."""
    return np.argsort(((vectors > 0) != (query > 0)).sum(axis=1), kind="stable")[:count]


def _ordered(query, vectors, rows):
    return rows[np.argsort(-(vectors[rows] @ query))]


def _found(index, query, allowed, k):
    """A filtered search as FAISS returns it (12.3)."""
    return index.search(query[None], k, params=faiss.SearchParameters(sel=faiss.IDSelectorBatch(allowed)))


WRONG = {
    "12.1": [
        (lambda n, size: sum(n) / _read(_down(n), size), "share of real tokens"),
        (lambda n, size: 1 - sum(n) / _read(n, size), "Sort the texts"),
        (lambda n, size: 1 - sum(n) / _read(sorted(n), size), "longest come first"),
        (lambda n, size: 1 - sum(n) / (len(n) * max(n)), "its own longest"),
        (lambda n, size: _read(_down(n), size) / sum(n) - 1, "Divide by all tokens"),
        (lambda n, size: _read(_down(n), size) - sum(n), "how many tokens"),
        (lambda n, size: 100 * (1 - sum(n) / _read(_down(n), size)), "not per cent"),
    ],
    "12.2": [
        (lambda q, v, k, f: _ordered(q, v, np.arange(len(v)))[:k], "exact search"),
        (lambda q, v, k, f: _ordered(q, v, _by_bits(q, v, k)), "top_k \\* factor candidates"),
        (lambda q, v, k, f: _ordered(q, v, _by_bits(q, v, k * f)), "keep the first top_k"),
        (lambda q, v, k, f: _ordered(q, v, _by_bits(q, v, k * f))[:k][::-1], "The best comes last"),
        (lambda q, v, k, f: np.argsort(-(v[_by_bits(q, v, k * f)] @ q))[:k], "among the candidates"),
        (lambda q, v, k, f: v[_ordered(q, v, _by_bits(q, v, k * f))[:k]] @ q, "Those are the cosines"),
        (lambda q, v, k, f: _ordered(q, v, _by_bits(q, v, k * f))[None, :k], "row in a table"),
        (lambda q, v, k, f: np.roll(_ordered(q, v, _by_bits(q, v, k * f))[:k], 1), "another order"),
    ],
    "12.3": [
        (lambda i, q, a, k: i.search(q[None], k)[1][0].tolist(), "nearest of all"),
        (lambda i, q, a, k: [at for at in i.search(q[None], k)[1][0].tolist() if at in a], "hits get lost"),
        (lambda i, q, a, k: _found(i, q, a, k)[1][0].tolist(), "leave that out"),
        (lambda i, q, a, k: _found(i, q, a, k)[0][0].tolist(), "Those are the cosines"),
        (lambda i, q, a, k: [[at for at in _found(i, q, a, k)[1][0].tolist() if at >= 0]], "list in a list"),
    ],
    "12.4": [
        (lambda old, now: (sorted(set(now) - set(old)), sorted(set(old) - set(now))), "has changed needs a new vector"),
        (lambda old, now: (sorted(now), sorted(set(old) - set(now))), "need not be embedded again"),
        (lambda old, now: (sorted(k for k in now if old.get(k) != now[k]), []), "no longer there"),
        (lambda old, now: (sorted(set(old) - set(now)), sorted(k for k in now if old.get(k) != now[k])), "first list"),
        (
            lambda old, now: (
                [k for k in sorted(now, reverse=True) if old.get(k) != now[k]],
                sorted(set(old) - set(now), reverse=True),
            ),
            "sort them",
        ),
    ],
}
