"""Wrong answers to the exercises of notebook 05, Classification."""

import numpy as np
from sklearn.metrics import f1_score, precision_score, recall_score


def _gaps(confidence, right, bins):
    """The gap between confidence and share right of each bin that holds something."""
    bin_of = np.minimum((confidence * bins).astype(int), bins - 1)
    return [abs(confidence[bin_of == b].mean() - right[bin_of == b].mean()) for b in np.unique(bin_of)]


def _edges(confidence, right, bins, drop):
    """The calibration error where a confidence of exactly 1 is left out or alone in a bin (05.3)."""
    bin_of = (confidence * bins).astype(int)
    found = [b for b in np.unique(bin_of) if b < bins or not drop]
    return sum(abs((confidence - right)[bin_of == b].sum()) for b in found) / len(confidence)


WRONG = {
    "05.1": [
        (lambda t, p: (t == p).mean(), "That is the accuracy"),
        (lambda t, p: f1_score(t, p, average="weighted", zero_division=0), "weighted the classes by their size"),
        (lambda t, p: precision_score(t, p, average="macro", zero_division=0), "mean precision"),
        (lambda t, p: recall_score(t, p, average="macro", zero_division=0), "mean recall"),
        (lambda t, p: f1_score(t, p, average=None, zero_division=0), "take their mean"),
        (lambda t, p: f1_score(t, p, average="macro", labels=np.unique(p)), "never predicted"),
        (lambda t, p: f1_score(t, p, average="macro", zero_division=0), "only predicted"),
    ],
    "05.2": [
        (lambda labels, n, rng: rng.permutation(len(labels))[:n], "n rows in all"),
        (lambda labels, n, rng: np.concatenate([np.flatnonzero(labels == c)[:n] for c in set(labels)]), "shuffle"),
        (
            lambda labels, n, rng: np.concatenate([rng.choice(np.flatnonzero(labels == c), n) for c in set(labels)]),
            "replacement",
        ),
        (lambda labels, n, rng: labels[rng.permutation(len(labels))[:n]], "Asked are the numbers of the rows"),
        (
            lambda labels, n, rng: np.concatenate(
                [np.random.permutation(np.flatnonzero(labels == c))[:n] for c in np.unique(labels)]
            ),
            "with the same seed",
        ),
    ],
    "05.3": [
        (lambda c, right, bins: abs(c.mean() - right.mean()), "bin by bin"),
        (lambda c, right, bins: np.abs(c - right).mean(), "answer by answer"),
        (lambda c, right, bins: np.mean(_gaps(c, right, bins)), "plain mean of the gaps"),
        (lambda c, right, bins: np.max(_gaps(c, right, bins)), "largest gap"),
        (lambda c, right, bins: np.mean([np.nan, *_gaps(c, right, bins)]), "empty bin"),
        (lambda c, right, bins: _edges(c, right, bins, drop=True), "left out"),
        (lambda c, right, bins: _edges(c, right, bins, drop=False), "a bin of its own"),
    ],
    "05.4": [
        (lambda s, odd, t: ((s >= t) & odd).sum() / np.array([(s >= t).sum(), odd.sum()]), "Exactly at the threshold"),
        (lambda s, odd, t: ((s > t) & odd).sum() / np.array([odd.sum(), (s > t).sum()]), "order is swapped"),
        (lambda s, odd, t: ((s < t) & odd).sum() / np.array([(s < t).sum(), odd.sum()]), "below the threshold"),
        (lambda s, odd, t: ((s > t) & odd).sum() / (s > t).sum(), "precision alone"),
    ],
}
