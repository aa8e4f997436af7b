"""Wrong answers to the exercises of notebook 08, Retrieve and re-rank."""

import numpy as np


def _dcg_10(grades, cut=10):
    """The DCG of the best order, cut at ten or elsewhere (08.2)."""
    return sum(g / np.log2(r + 2) for r, g in enumerate(sorted(grades, reverse=True)[:cut]))


def _ranked(cross, query, passages, **options):
    """The passages in the order of `cross.rank` (08.1)."""
    return [passages[hit["corpus_id"]] for hit in cross.rank(query, passages, **options)]


def _reordered_in_place(cross, query, passages, k):
    """The right order, in the caller's own list (08.1)."""
    passages[:k] = _ranked(cross, query, passages[:k])
    return passages


def _read_twice(cross, query, passages, k):
    """The right order, but each pair is read twice (08.1)."""
    cross.predict([(query, passage) for passage in passages[:k]])
    return _ranked(cross, query, passages[:k]) + passages[k:]


def _place(order, answers, default=0):
    """The place of the first answer (08.4)."""
    return next((r for r, p in enumerate(order) if p in answers), default)


def _verdict(before, after):
    """What re-ranking did to an answer that stood at one place and stands at another (08.4)."""
    return "level" if before == after else "won" if after < before else "lost"


def _fitting(quality, budget, first, pair):
    """The numbers of candidates that a budget allows (08.3)."""
    return [k for k in quality if first + k * pair <= budget]


WRONG = {
    "08.1": [
        (lambda c, q, p, k: _ranked(c, q, p[:k])[::-1] + p[k:], "worst first"),
        (lambda c, q, p, k: _ranked(c, q, p[:k]), "after the first k are missing"),
        (lambda c, q, p, k: _ranked(c, q, p), "only the first k are to be read"),
        (lambda c, q, p, k: _ranked(c, q, p, top_k=k) + p[k:], "after it has read all"),
        (lambda c, q, p, k: _ranked(c, q, p, top_k=k), "cut the list that you give to it, and add the rest"),
        (
            lambda c, q, p, k: [p[i] for i in np.argsort(-c.predict([(x, q) for x in p[:k]]))] + p[k:],
            "put the query first",
        ),
        (lambda c, q, p, k: [p[i] for i in np.argsort(-c.predict([(q, x) for x in p])[:k])] + p[k:], "were read"),
        (lambda c, q, p, k: [hit["score"] for hit in c.rank(q, p[:k])], "Those are the scores"),
        (lambda c, q, p, k: [hit["corpus_id"] for hit in c.rank(q, p[:k])] + p[k:], "a position"),
        (lambda c, q, p, k: p[k:] + _ranked(c, q, p[:k]), "belongs after the first k"),
        (_reordered_in_place, "the list you were given has changed"),
        (_read_twice, "pairs were read"),
    ],
    "08.2": [
        (
            lambda found, judged: (
                sum(g / np.log2(r + 2) for r, g in enumerate(found[:10])) / max(1e-9, _dcg_10(judged))
            ),
            "a perfect second step may change it",
        ),
        (lambda found, judged: _dcg_10(found) / max(1e-9, _dcg_10(found)), "what was not found is lost"),
        (lambda found, judged: _dcg_10(found, None) / _dcg_10(judged, None), "ten places only"),
        (lambda found, judged: _dcg_10(found[:10]) / _dcg_10(judged), "First sort, then cut"),
        (lambda found, judged: np.count_nonzero(found) / np.count_nonzero(judged), "That is the recall"),
        (
            lambda found, judged: _dcg_10([2**g - 1 for g in found]) / _dcg_10([2**g - 1 for g in judged]),
            "The gain is the grade itself",
        ),
    ],
    "08.3": [
        (lambda quality, b, f, p: max(_fitting(quality, b, f, p), default=0), "more candidates may be worse"),
        (lambda quality, b, f, p: max(sorted(quality), key=quality.get), "takes longer than the budget|No k fits"),
        (
            lambda quality, b, f, p: max(sorted(_fitting(quality, b, 0, p)), key=quality.get, default=0),
            "The first step takes",
        ),
        (
            lambda quality, b, f, p: max(sorted(_fitting(quality, b, f, p), reverse=True), key=quality.get, default=0),
            "the smaller one costs less",
        ),
        (
            lambda quality, b, f, p: max(_fitting(quality, b, f, p), key=quality.get, default=0),
            "the smaller one costs less",
        ),
        (
            lambda quality, b, f, p: next((k for k in [max(sorted(quality), key=quality.get)] if f + k * p <= b), 0),
            "First see what fits",
        ),
        (
            lambda quality, b, f, p: max((quality[k] for k in _fitting(quality, b, f, p)), default=0),
            "return the k",
        ),
    ],
    "08.4": [
        (
            lambda before, after, answers: (
                _verdict(_place(before, answers), _place(after, answers))
                if answers <= set(before)
                else "never retrieved"
            ),
            "one is enough",
        ),
        (
            lambda before, after, answers: _verdict(_place(after, answers), _place(before, answers)),
            "smaller rank after re-ranking is a gain",
        ),
        (
            lambda before, after, answers: _verdict(_place(before, answers, 99), _place(after, answers, 99)),
            "no candidate can be neither",
        ),
        (
            lambda before, after, answers: (
                "never retrieved"
                if not answers & set(before)
                else "level"
                if before == after
                else "won"
                if _place(after, answers) <= _place(before, answers)
                else "lost"
            ),
            "Other passages have moved",
        ),
    ],
}
