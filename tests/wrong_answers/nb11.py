"""Wrong answers to the exercises of notebook 11, Images."""

import torch
from sentence_transformers import util
from sentence_transformers.sentence_transformer.evaluation import InformationRetrievalEvaluator
from torch.nn.functional import cross_entropy, normalize


def _sets(right):
    return {query: set(ids) for query, ids in right.items()}


def _at(texts, paths, right, **options):
    """An evaluator (11.1)."""
    return InformationRetrievalEvaluator(texts, paths, right, **{"precision_recall_at_k": [1, 3]} | options)


def _nearest(model, pictures, texts):
    """The cosines of pictures with texts (11.2)."""
    return model.encode(pictures) @ model.encode(texts).T


def _filled(labels, template):
    return [template.format(label) for label in labels]


def _cosines(pictures, texts):
    """A table of cosines (11.3)."""
    return normalize(pictures, dim=1) @ normalize(texts, dim=1).T


def _by_rows(scores):
    return cross_entropy(scores, torch.arange(len(scores)))


def _both(scores):
    return (_by_rows(scores) + _by_rows(scores.T)) / 2


def _pairs(model, pictures):
    """What the library finds (11.4)."""
    return util.paraphrase_mining_embeddings(model.encode(pictures, convert_to_tensor=True))


WRONG = {
    "11.1": [
        (lambda t, p, r: _at(t, p, _sets(r)), "knows no query"),
        (lambda t, p, r: _at(dict(t), dict(p), dict(r)), "a set of all"),
        (lambda t, p, r: _at(dict(t), dict(p), {q: {ids[0]} for q, ids in r.items()}), "a set of all"),
        (lambda t, p, r: InformationRetrievalEvaluator(dict(t), dict(p), _sets(r)), "the usual ones"),
        (lambda t, p, r: _at(dict(t), {n: str(x) for n, x in p.items()}, _sets(r)), "the three paths"),
        (lambda t, p, r: _at({"q1": t["q1"]}, dict(p), _sets(r)), "evaluator's queries"),
        (lambda t, p, r: (dict(t), dict(p), _sets(r)), "expected an InformationRetrievalEvaluator"),
    ],
    "11.2": [
        (lambda m, p, x, t: _nearest(m, p, _filled(x, t)).argmax(1), "positions"),
        (lambda m, p, x, t: [_filled(x, t)[n] for n in _nearest(m, p, _filled(x, t)).argmax(1)], "labels alone"),
        (lambda m, p, x, t: [x[n] for n in _nearest(m, p, x).argmax(1)], "without the template"),
        (lambda m, p, x, t: [x[n] for n in _nearest(m, p, _filled(x, t)).argmin(1)], "fits least"),
        (lambda m, p, x, t: _nearest(m, p, _filled(x, t)).argmax(0), "a row is a picture"),
        (lambda m, p, x, t: x[_nearest(m, p, _filled(x, t)).argmax(1)[0]], "first picture's label"),
        (lambda m, p, x, t: _nearest(m, p, _filled(x, t)), "Those are the cosines"),
    ],
    "11.3": [
        (lambda a, b, t: _by_rows(_cosines(a, b) / t), "the columns are missing"),
        (lambda a, b, t: _by_rows(_cosines(b, a) / t), "the rows are missing"),
        (lambda a, b, t: 2 * _both(_cosines(a, b) / t), "take their mean"),
        (lambda a, b, t: _both(a @ b.T / t), "length 1 first"),
        (lambda a, b, t: _both(_cosines(a, b)), "not divided by the temperature"),
        (lambda a, b, t: _both(_cosines(a, b) * t), "divide by it"),
        (lambda a, b, t: -_both(_cosines(a, b) / t), "turned round"),
    ],
    "11.4": [
        (lambda m, p, bound: _pairs(m, p), "without the cosine"),
        (lambda m, p, bound: [(i, j) for c, i, j in _pairs(m, p) if c >= 0.9], "bound was not used"),
        (lambda m, p, bound: sorted((i, j) for c, i, j in _pairs(m, p) if c >= bound), "most alike comes first"),
        (lambda m, p, bound: [(j, i) for c, i, j in _pairs(m, p) if c >= bound], "smaller position"),
        (lambda m, p, bound: [(i, i) for c, i, j in _pairs(m, p)], "its own near-duplicate"),
    ],
}
