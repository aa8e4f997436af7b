"""For each exercise, plausible wrong answers, each with words that its message must hold because they name the mistake."""

import numpy as np
import torch
from scipy.stats import pearsonr, rankdata
from sklearn.metrics import f1_score, precision_score, rand_score, recall_score


def no_return(*args):
    args  # noqa: B018


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
    }


def silhouette(distances, labels, i, itself=False, b=lambda rows: min(row.mean() for row in rows)):
    """The silhouette of text i, with or without the text itself in a, and any way to take b (04.3)."""
    own = labels == labels[i]
    near = distances[i, own].sum() / (own.sum() - (not itself))
    far = b([distances[i, labels == c] for c in np.unique(labels[~own])])
    return (far - near) / max(near, far)


def _gaps(confidence, right, bins):
    """The gap between confidence and share right of each bin that holds something."""
    bin_of = (confidence * bins).astype(int)
    return [abs(confidence[bin_of == b].mean() - right[bin_of == b].mean()) for b in np.unique(bin_of)]


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


def _precisions(same):
    return np.cumsum(same) / np.arange(1, len(same) + 1)


WRONG = {
    "00.1": [
        (lambda a, b: [b, a], "order is swapped"),
        (lambda a, b: a + b, "joined the texts"),
        (lambda a, b: (a, b), "return them as a list"),
        (lambda a, b: [a], "one text only"),
    ],
    "00.2": [
        (lambda n: n * (n - 1) // 2, "what a cross-encoder needs"),
        (lambda n: 2, "n texts need more"),
        (lambda n: n * n, "ordered pair"),
    ],
    "00.3": [
        (lambda n: n * n, "counts each pair twice"),
        (lambda n: n * (n - 1), "A with B, and B with A"),
        (lambda n: n, "reads pairs"),
    ],
    "01.1": [
        (lambda w, v: next(w[:e] for e in range(1, len(w) + 1) if w[:e] in v), "shortest piece"),
        (lambda w, v: w, "not always in the vocabulary"),
        (
            lambda w, v: max((w[i:j] for i in range(len(w)) for j in range(i + 1, len(w) + 1) if w[i:j] in v), key=len),
            "does not begin the word",
        ),
        (lambda w, v: v[max((w[:e] for e in range(1, len(w) + 1) if w[:e] in v), key=len)], "piece's number"),
    ],
    "01.2": [
        (lambda h, m: h.mean(1), "padding was counted"),
        (lambda h, m: (h * m[..., None]).sum(1) / m.shape[1], "width of the batch"),
        (lambda h, m: h[:, 0], r"\[CLS\]"),
        (lambda h, m: (h * m[..., None]).sum(1), "That is the sum"),
        (lambda h, m: torch.where(m[..., None] == 1, h, -torch.inf).max(1).values, "max pooling"),
    ],
    "01.3": [
        (lambda v: v / np.linalg.norm(v), "one length for the whole array"),
        (lambda v: v / np.linalg.norm(v, axis=0), "divided columns"),
        (lambda v: v / (v**2).sum(1, keepdims=True), "take the root"),
        (lambda v: np.linalg.norm(v, axis=1), "Those are the lengths"),
    ],
    "01.4": [
        (lambda model, text: len(text.split()) <= model.max_seq_length, "count words"),
        (
            lambda model, text: len(model.tokenizer(text, verbose=False)["input_ids"]) < model.max_seq_length,
            "Exactly at the limit",
        ),
        (lambda model, text: len(model.tokenizer.tokenize(text)) <= model.max_seq_length, "special tokens"),
        (lambda model, text: len(model.tokenizer(text, verbose=False)["input_ids"]) <= 256, "not always 256"),
    ],
    "02.1": [
        (lambda a, b: a @ b, "That is the dot product"),
        (lambda a, b: a @ b / np.linalg.norm(a), "one length only"),
        (lambda a, b: 1 - a @ b / np.linalg.norm(a) / np.linalg.norm(b), "cosine distance"),
        (lambda a, b: a @ b / ((a @ a) * (b @ b)), "squared lengths"),
    ],
    "02.2": [
        (lambda c: 2 - 2 * c, "squared distance"),
        (lambda c: 1 - c, "cosine distance"),
        (lambda c: np.sqrt(2 + 2 * c), "sign is off"),
    ],
    "02.3": [
        (lambda x, y: pearsonr(x, y).statistic, "Pearson's correlation of the values"),
        (lambda x, y: np.corrcoef(np.argsort(x), np.argsort(y))[0, 1], "positions, not ranks"),
        (lambda x, y: np.corrcoef(x.argsort().argsort(), y.argsort().argsort())[0, 1], "Ties must share"),
        (lambda x, y: np.corrcoef(rankdata(x), rankdata(y)), "2 x 2 matrix"),
    ],
    "02.4": [
        (lambda right, trap: (trap > right).mean(), "A tie counts"),
        (lambda right, trap: (trap < right).mean(), "answered rightly"),
        (lambda right, trap: (trap >= right).sum(), "That is a count"),
    ],
    "03.1": [
        (lambda q, p, k: np.argsort(p @ q)[:k], "worst first"),
        (lambda q, p, k: np.sort(p @ q)[::-1][:k], "Those are the scores; asked"),
        (lambda q, p, k: np.argsort(-(p @ q)), "keep the first top_k"),
        (lambda q, p, k: np.argsort(p @ q)[-k:], "best comes last"),
    ],
    "03.2": [
        (lambda r, j, k=10: sum(g / np.log2(i + 2) for i, g in enumerate(r[:k])), "That is the DCG"),
        (
            lambda r, j, k=10: (
                sum(g / np.log2(i + 2) for i, g in enumerate(r[:k]))
                / max(1e-9, sum(g / np.log2(i + 2) for i, g in enumerate(sorted(r, reverse=True)[:k])))
            ),
            "all judged passages",
        ),
        (
            lambda r, j, k=10: (
                sum((2**g - 1) / np.log2(i + 2) for i, g in enumerate(r[:k]))
                / max(1e-9, sum((2**g - 1) / np.log2(i + 2) for i, g in enumerate(sorted(j, reverse=True)[:k])))
            ),
            "another definition",
        ),
        (
            lambda r, j, k=10: (
                sum(g / np.log2(i + 2) for i, g in enumerate(r))
                / max(1e-9, sum(g / np.log2(i + 2) for i, g in enumerate(sorted(j, reverse=True))))
            ),
            "first k only",
        ),
        (
            lambda r, j, k=10: (
                np.float64(sum(g / np.log2(i + 2) for i, g in enumerate(r[:k])))
                / sum(g / np.log2(i + 2) for i, g in enumerate(sorted(j, reverse=True)[:k]))
            ),
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
    ],
    "03.4": [
        (lambda found, exact: (found == exact).mean(), "place by place"),
        (lambda found, exact: np.isin(found, exact).mean(), "row by row"),
        (lambda found, exact: np.mean([len(set(f) & set(e)) for f, e in zip(found, exact)]), "how many a query"),
    ],
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
    ],
    "04.4": [
        (lambda labels: labels, "still in one group"),
        (lambda labels: labels[labels >= 0], "are gone"),
        (lambda labels: np.where(labels < 0, np.cumsum(labels < 0) - 1, labels), "taken already"),
        (lambda labels: np.where(labels < 0, np.arange(len(labels)), labels), "taken already"),
        (lambda labels: np.arange(len(labels)), "clusters stay together"),
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
    "05.1": [
        (lambda t, p: (t == p).mean(), "That is the accuracy"),
        (lambda t, p: f1_score(t, p, average="weighted", zero_division=0), "weighted the classes by their size"),
        (lambda t, p: precision_score(t, p, average="macro", zero_division=0), "mean precision"),
        (lambda t, p: recall_score(t, p, average="macro", zero_division=0), "mean recall"),
        (lambda t, p: f1_score(t, p, average=None, zero_division=0), "take their mean"),
        (lambda t, p: f1_score(t, p, average="macro", labels=np.unique(p)), "never predicted"),
    ],
    "05.2": [
        (lambda labels, n, rng: rng.permutation(len(labels))[:n], "n rows in all"),
        (lambda labels, n, rng: np.concatenate([np.flatnonzero(labels == c)[:n] for c in set(labels)]), "shuffle"),
        (
            lambda labels, n, rng: np.concatenate([rng.choice(np.flatnonzero(labels == c), n) for c in set(labels)]),
            "replacement",
        ),
        (lambda labels, n, rng: labels[rng.permutation(len(labels))[:n]], "Asked are the numbers of the rows"),
    ],
    "05.3": [
        (lambda c, right, bins: abs(c.mean() - right.mean()), "bin by bin"),
        (lambda c, right, bins: np.abs(c - right).mean(), "answer by answer"),
        (lambda c, right, bins: np.mean(_gaps(c, right, bins)), "plain mean of the gaps"),
        (lambda c, right, bins: np.max(_gaps(c, right, bins)), "largest gap"),
        (lambda c, right, bins: np.mean([np.nan, *_gaps(c, right, bins)]), "empty bin"),
    ],
    "05.4": [
        (lambda s, odd, t: ((s >= t) & odd).sum() / np.array([(s >= t).sum(), odd.sum()]), "Exactly at the threshold"),
        (lambda s, odd, t: ((s > t) & odd).sum() / np.array([odd.sum(), (s > t).sum()]), "order is swapped"),
        (lambda s, odd, t: ((s < t) & odd).sum() / np.array([(s < t).sum(), odd.sum()]), "below the threshold"),
        (lambda s, odd, t: ((s > t) & odd).sum() / (s > t).sum(), "precision alone"),
    ],
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
    ],
    "06.4": [
        (lambda s, same, p: s[np.argmax(_precisions(same) < p) - 1], "rose again"),
        (lambda s, same, p: s[np.flatnonzero(_precisions(same) >= p)[0]], "highest such threshold"),
        (lambda s, same, p: np.flatnonzero(_precisions(same) >= p)[-1], "place in the list"),
        (lambda s, same, p: s[max(np.flatnonzero(_precisions(same) >= p), default=-1)], "None was expected"),
        (lambda s, same, p: s[np.flatnonzero(same)[-1]], "last right pair"),
    ],
    "06.5": [
        (_handed_on, "all texts of one"),
        (lambda n, pairs: _handed_on(n, pairs, min), "all texts of one|all texts of both"),
        (lambda n, pairs: list(range(n)), "Nothing is joined"),
        (lambda n, pairs: sorted({i for pair in pairs for i in pair}), "also for those alone"),
        (lambda n, pairs: [[i] for i in range(n)], "flat list"),
    ],
}
