"""Wrong answers to the exercises of notebook 02, Similarity."""

import numpy as np
from scipy.stats import pearsonr, rankdata
from sentence_transformers.sentence_transformer.evaluation import TripletEvaluator


def share(model, anchors, positives, negatives):
    """The share of anchors that are nearer to their positive."""
    return TripletEvaluator(anchors, positives, negatives)(model)["cosine_accuracy"]


WRONG = {
    "02.1": [
        (lambda a, b: a @ b, "That is the dot product"),
        (lambda a, b: a @ b / np.linalg.norm(a), "one length only"),
        (lambda a, b: 1 - a @ b / np.linalg.norm(a) / np.linalg.norm(b), "cosine distance"),
        (lambda a, b: a @ b / ((a @ a) * (b @ b)), "squared lengths"),
    ],
    "02.2": [
        (lambda c: 2 - 2 * c, "squared distance"),
        (lambda c: 1 - c, "cosine distance"),
        (lambda c: np.sqrt(2 + 2 * c), "sign is wrong"),
    ],
    "02.3": [
        (lambda x, y: pearsonr(x, y).statistic, "Pearson's correlation of the values"),
        (lambda x, y: np.corrcoef(np.argsort(x), np.argsort(y))[0, 1], "positions, not ranks"),
        (lambda x, y: np.corrcoef(x.argsort().argsort(), y.argsort().argsort())[0, 1], "Ties must share"),
        (lambda x, y: np.corrcoef(rankdata(x), rankdata(y)), "2 x 2 matrix"),
    ],
    "02.4": [
        (lambda model, questions, right, trap: TripletEvaluator(questions, right, trap)(model), "whole dictionary"),
        (lambda model, questions, right, trap: share(model, questions, trap, right), "whose trap comes first"),
        (lambda model, questions, right, trap: share(model, right, questions, trap), "question is the anchor"),
        (lambda model, questions, right, trap: share(model, questions, right, trap) * len(right), "That is a count"),
    ],
}
