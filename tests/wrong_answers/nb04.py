"""Wrong answers to the exercises of notebook 04, Clustering."""

import numpy as np
from sentence_transformers import util
from sklearn.metrics import rand_score


def pair_scores(truth, clusters, first=1):
    """The adjusted Rand index from counts of pairs, and some ways to get it wrong (04.2)."""
    i, j = np.triu_indices(len(truth), k=first)
    same, together = truth[i] == truth[j], clusters[i] == clusters[j]
    both, mean = (same & together).sum(), (same.sum() + together.sum()) / 2
    chance = same.sum() * together.sum() / len(i)
    return {
        "right": (both - chance) / (mean - chance),
        "no chance": both / mean,
        "half chance": (both - chance) / mean,
        "sum below": (both - chance) / (2 * mean - chance),
        "agree": ((same == together).sum() - chance) / (mean - chance),
        "of all": (both - chance) / (len(i) - chance),
        "half of one": (both - chance) / (same.sum() / 2 + together.sum() - chance),
    }


def rows_of(model, texts, threshold, smallest=2):
    """The communities as numbers of rows (04.3)."""
    return util.community_detection(model.encode(texts), threshold=threshold, min_community_size=smallest)


def texts_of(model, texts, threshold, smallest=2):
    """The communities as texts, which is right if the smallest has two (04.3)."""
    return [[texts[row] for row in rows] for rows in rows_of(model, texts, threshold, smallest)]


def with_singles(model, texts, threshold):
    """Texts in no community as communities of one (04.3)."""
    groups = texts_of(model, texts, threshold)
    return groups + [[text] for text in texts if not any(text in group for group in groups)]


WRONG = {
    "04.1": [
        (lambda p, c: np.linalg.norm(p[:, None] - c, axis=2).min(1).sum(), "sum of the distances"),
        (lambda p, c: (np.linalg.norm(p[:, None] - c, axis=2).min(1) ** 2).mean(), "That is the mean"),
        (lambda p, c: ((p[:, None] - c) ** 2).sum(), "all centres"),
        (lambda p, c: np.linalg.norm(p[:, None] - c, axis=2).min(1) ** 2, "one value per point"),
    ],
    "04.2": [
        (lambda t, c: rand_score(t, c), "not adjusted for chance"),
        (lambda t, c: pair_scores(t, c)["no chance"], "Chance was not subtracted"),
        (lambda t, c: pair_scores(t, c)["half chance"], "in the denominator, too"),
        (lambda t, c: pair_scores(t, c)["sum below"], "not their sum"),
        (lambda t, c: pair_scores(t, c, first=0)["right"], "no pair with itself"),
        (lambda t, c: pair_scores(t, c, first=-len(t))["right"], "no pair with itself"),
        (lambda t, c: pair_scores(t, c)["agree"], "do not count"),
        (lambda t, c: pair_scores(t, c)["of all"], "not all pairs"),
        (lambda t, c: pair_scores(t, c)["half of one"], "Halve the sum"),
        (lambda t, c: (t == c).mean(), "only a name"),
        (lambda t, c: max(0, pair_scores(t, c)["right"]), "cut off at 0"),
    ],
    "04.3": [
        (rows_of, "return the texts"),
        (lambda m, texts, t: texts_of(m, texts, t, smallest=10), "Nothing was found"),
        (lambda m, texts, t: texts_of(m, texts, 0.75), "default threshold"),
        (with_singles, "left out"),
        (lambda m, texts, t: texts_of(m, texts, t)[:1], "all of them"),
        (lambda m, texts, t: sum(texts_of(m, texts, t), []), "flat list"),
        (lambda m, texts, t: m.encode(list(range(9))), "expected one of the texts"),
    ],
    "04.4": [
        (lambda v, labels, c: (v[labels == c] @ v[labels == c].mean(0)).argmax(), "inside the cluster"),
        (lambda v, labels, c: (v @ v[labels == c].mean(0)).argmax(), "another cluster"),
        (lambda v, labels, c: v[labels == c].mean(0), "That is the centre"),
        (
            lambda v, labels, c: np.flatnonzero(labels == c)[(v[labels == c] @ v[labels == c].mean(0)).argmin()],
            "farthest",
        ),
    ],
}
