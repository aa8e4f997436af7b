"""Wrong answers to the exercises of notebook 03, Semantic search."""

import numpy as np
from sentence_transformers import util


def _positions(query, passages, k):
    """The corpus_id of each hit of the first query (03.1)."""
    return [hit["corpus_id"] for hit in util.semantic_search(query, passages, top_k=k)[0]]


def _discounted(grades, k):
    """The DCG of the first k grades, in the order given (03.2)."""
    return sum(g / np.log2(r + 2) for r, g in enumerate(grades[:k]))


def _fused(lists, k):
    """Reciprocal rank fusion (03.3)."""
    return {p: sum(1 / (k + 1 + x.index(p)) for x in lists if p in x) for x in lists for p in x}


def _unpacked(lists, k=60):
    """Reciprocal rank fusion of two lists and no other number (03.3)."""
    one, other = lists
    return _fused([one, other], k)


WRONG = {
    "03.1": [
        (lambda m, q, p, k: _positions(m.encode(q), m.encode(p), k), "adds no instruction"),
        (lambda m, q, p, k: _positions(m.encode_query(q), m.encode_query(p), k), "passages as queries"),
        (lambda m, q, p, k: _positions(m.encode_document(q), m.encode_document(p), k), "query as a passage"),
        (lambda m, q, p, k: _positions(m.encode_document(q), m.encode_query(p), k), "sides are swapped"),
        (lambda m, q, p, k: _positions(m.encode_query(q), m.encode_document(p), 10), "unless you tell it top_k"),
        (lambda m, q, p, k: _positions(m.encode_query(q), m.encode_document(p), len(p)), "keep the first top_k"),
        (lambda m, q, p, k: _positions(m.encode_query(q), m.encode_document(p), k)[::-1], "best comes last"),
        (lambda m, q, p, k: [_positions(m.encode_query(q), m.encode_document(p), k)], "list in a list"),
        (lambda m, q, p, k: sorted(_positions(m.encode_query(q), m.encode_document(p), k)), "in another order"),
        (lambda m, q, p, k: [p[at] for at in _positions(m.encode_query(q), m.encode_document(p), k)], "themselves"),
        (lambda m, q, p, k: util.semantic_search(m.encode_query(q), m.encode_document(p), top_k=k), "the hits of util"),
        (
            lambda m, q, p, k: util.semantic_search(m.encode_query(q), m.encode_document(p), top_k=k)[0],
            "the hits of util",
        ),
    ],
    "03.2": [
        (lambda r, j, k=10: _discounted(r, k), "That is the DCG"),
        (
            lambda r, j, k=10: _discounted(r, k) / max(1e-9, _discounted(sorted(r, reverse=True), k)),
            "all judged passages",
        ),
        (
            lambda r, j, k=10: (
                _discounted([2**g - 1 for g in r], k)
                / max(1e-9, _discounted([2**g - 1 for g in sorted(j, reverse=True)], k))
            ),
            "another definition",
        ),
        (
            lambda r, j, k=10: _discounted(r, None) / max(1e-9, _discounted(sorted(j, reverse=True), None)),
            "first k only",
        ),
        (lambda r, j, k=10: _discounted(r, k) / max(1e-9, _discounted(j, k)), "it comes in no order"),
        (lambda r, j, k=10: _discounted(r, k) / max(1e-9, _discounted(sorted(j), k)), "the lowest first"),
        (
            lambda r, j, k=10: _discounted(r, k) / max(1e-9, _discounted(sorted(j[:k], reverse=True), k)),
            "cut it at k after",
        ),
        (
            lambda r, j, k=10: np.float64(_discounted(r, k)) / _discounted(sorted(j, reverse=True), k),
            "nothing is relevant",
        ),
    ],
    "03.3": [
        (lambda lists, k=60: {p: 1 / (k + r) for x in lists for r, p in enumerate(x, 1)}, "replaced what"),
        (
            lambda lists, k=60: {p: sum(1 / (k + x.index(p)) for x in lists if p in x) for x in lists for p in x},
            "begin at 1",
        ),
        (
            lambda lists, k=60: {p: sum(1 / (1 + x.index(p)) for x in lists if p in x) for x in lists for p in x},
            "k is missing",
        ),
        (
            lambda lists, k=60: {p: sum(1 / (61 + x.index(p)) for x in lists if p in x) for x in lists for p in x},
            "not always 60",
        ),
        (lambda lists, k=60: {p: s for p, s in _fused(lists, k).items() if all(p in x for x in lists)}, "counts, too"),
        (lambda lists, k=60: sorted(_fused(lists, k), key=_fused(lists, k).get, reverse=True), "Return a dict"),
        (lambda lists, k=60: list(_fused(lists, k).items()), "Return a dict"),
        (lambda lists, k=60: _fused(lists[:2], k), "need not be two lists"),
        (_unpacked, "need not be two lists"),
    ],
    "03.4": [
        (lambda found, exact: (found == exact).mean(), "place by place"),
        (lambda found, exact: np.isin(found, exact).mean(), "row by row"),
        (lambda found, exact: np.isin(exact, found).mean(), "not in all of found"),
        (lambda found, exact: np.mean([len(set(f) & set(e)) for f, e in zip(found, exact)]), "how many per query"),
    ],
}
