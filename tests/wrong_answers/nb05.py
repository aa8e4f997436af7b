"""Wrong answers to the exercises of notebook 05, Classification."""

import numpy as np
from sklearn.metrics import f1_score, precision_score, recall_score


def _flat(model, messages, descriptions):
    """The table of cosines, and the owner of each of its columns (05.3)."""
    owners = [name for name, some in descriptions.items() for _ in some]
    flat = [text for some in descriptions.values() for text in some]
    return model.similarity(model.encode(messages), model.encode(flat)).numpy(), owners


def _one_score(pick):
    """A zero-shot classifier that makes one score for each name out of those of its descriptions (05.3)."""

    def answer(model, messages, descriptions):
        cosines, owners = _flat(model, messages, descriptions)
        scores = {name: pick(cosines[:, [owner == name for owner in owners]]) for name in descriptions}
        return [max(scores, key=lambda name: scores[name][row]) for row in range(len(messages))]

    return answer


def _names(model, messages, descriptions, best):
    cosines, owners = _flat(model, messages, descriptions)
    return [owners[at] for at in best(cosines)]


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
        (lambda labels, n, rng: labels[rng.permutation(len(labels))[:n]], "expected the numbers of the rows"),
        (
            lambda labels, n, rng: np.concatenate(
                [np.random.permutation(np.flatnonzero(labels == c))[:n] for c in np.unique(labels)]
            ),
            "with the same seed",
        ),
    ],
    "05.3": [
        (lambda *given: _flat(*given)[0].argmax(axis=1), "numbers of the descriptions"),
        (lambda *given: _names(*given, lambda cosines: cosines.argmin(axis=1)), "least similar"),
        (_one_score(lambda cosines: cosines.mean(axis=1)), "averaged"),
        (_one_score(lambda cosines: cosines.sum(axis=1)), "added up"),
        (_one_score(lambda cosines: cosines[:, 0]), "first description of each name only"),
        (_one_score(lambda cosines: cosines[:, -1]), "last description of each name only"),
        (lambda *given: _names(*given, lambda cosines: cosines.argmax(axis=1))[0], "first message alone"),
    ],
    "05.4": [
        (lambda s, odd, t: ((s >= t) & odd).sum() / np.array([(s >= t).sum(), odd.sum()]), "exactly at the threshold"),
        (lambda s, odd, t: ((s > t) & odd).sum() / np.array([odd.sum(), (s > t).sum()]), "order is swapped"),
        (lambda s, odd, t: ((s < t) & odd).sum() / np.array([(s < t).sum(), odd.sum()]), "below the threshold"),
        (lambda s, odd, t: ((s > t) & odd).sum() / (s > t).sum(), "precision alone"),
    ],
}
