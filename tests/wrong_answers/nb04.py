"""Wrong answers to the exercises of notebook 04, Clustering."""

import numpy as np
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


def silhouette(distances, labels, i, itself=False, b=lambda rows: min(row.mean() for row in rows)):
    """The silhouette of text i, with or without the text itself in a, and any way to take b (04.3)."""
    own = labels == labels[i]
    near = distances[i, own].sum() / (own.sum() - (not itself))
    far = b([distances[i, labels == c] for c in np.unique(labels[~own])])
    return (far - near) / max(near, far)


def twinless(distances, labels, i):
    """The silhouette by someone who leaves out every distance of 0, and so a text's double (04.3)."""
    own = (labels == labels[i]) & (distances[i] > 0)
    a, b = distances[i, own].mean(), min(distances[i, labels == c].mean() for c in set(labels) - {labels[i]})
    return (b - a) / max(a, b)


def renumbered_in_place(labels):
    """Noise in clusters of its own, written into the array that was given (04.4)."""
    labels[labels < 0] = labels.max() + 1 + np.arange((labels < 0).sum())
    return labels


WRONG = {
    "04.1": [
        (lambda p, c: np.linalg.norm(p[:, None] - c, axis=2).min(1).sum(), "sum of the distances"),
        (lambda p, c: (np.linalg.norm(p[:, None] - c, axis=2).min(1) ** 2).mean(), "That is the mean"),
        (lambda p, c: ((p[:, None] - c) ** 2).sum(), "all centres"),
        (lambda p, c: np.linalg.norm(p[:, None] - c, axis=2).min(1) ** 2, "one value a point"),
    ],
    "04.2": [
        (lambda t, c: rand_score(t, c), "not adjusted for chance"),
        (lambda t, c: pair_scores(t, c)["no chance"], "Chance was not subtracted"),
        (lambda t, c: pair_scores(t, c)["half chance"], "below the line, too"),
        (lambda t, c: pair_scores(t, c)["sum below"], "not their sum"),
        (lambda t, c: pair_scores(t, c, first=0)["right"], "no pair with itself"),
        (lambda t, c: pair_scores(t, c, first=-len(t))["right"], "no pair with itself"),
        (lambda t, c: pair_scores(t, c)["agree"], "do not count"),
        (lambda t, c: pair_scores(t, c)["of all"], "not all pairs"),
        (lambda t, c: pair_scores(t, c)["half of one"], "half belongs to the sum"),
        (lambda t, c: (t == c).mean(), "only names"),
        (lambda t, c: max(0, pair_scores(t, c)["right"]), "cut off at 0"),
    ],
    "04.3": [
        (lambda d, labels, i: silhouette(d, labels, i, itself=True), "counted in its own cluster"),
        (
            lambda d, labels, i: silhouette(d, labels, i, b=lambda rows: np.concatenate(rows).mean()),
            "nearest other cluster",
        ),
        (lambda d, labels, i: silhouette(d, labels, i, b=lambda rows: np.concatenate(rows).min()), "nearest text"),
        (lambda d, labels, i: silhouette(d, labels, i, b=lambda rows: max(r.mean() for r in rows)), "not the farthest"),
        (lambda d, labels, i: -silhouette(d, labels, i), "sign is off"),
        (twinless, "may occur twice"),
    ],
    "04.4": [
        (lambda labels: labels, "still in one group"),
        (lambda labels: labels[labels >= 0], "are gone"),
        (lambda labels: np.where(labels < 0, np.cumsum(labels < 0) - 1, labels), "taken already"),
        (lambda labels: np.where(labels < 0, np.arange(len(labels)), labels), "taken already"),
        (lambda labels: np.arange(len(labels)), "clusters stay together"),
        (renumbered_in_place, "work on a copy"),
    ],
    "04.5": [
        (lambda v, labels, c: (v[labels == c] @ v[labels == c].mean(0)).argmax(), "inside the cluster"),
        (lambda v, labels, c: (v @ v[labels == c].mean(0)).argmax(), "another cluster"),
        (lambda v, labels, c: v[labels == c].mean(0), "That is the centre"),
        (
            lambda v, labels, c: np.flatnonzero(labels == c)[(v[labels == c] @ v[labels == c].mean(0)).argmin()],
            "farthest",
        ),
    ],
}
