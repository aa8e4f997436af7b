"""For each exercise, plausible wrong answers, each with words that its message must hold because they name the mistake."""

import numpy as np
import torch
from scipy.stats import pearsonr, rankdata
from sentence_transformers import util
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
        "agree": ((same == together).sum() - chance) / (mean - chance),
        "of all": (both - chance) / (len(i) - chance),
        "half of one": (both - chance) / (same.sum() / 2 + together.sum() - chance),
    }


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


def _gaps(confidence, right, bins):
    """The gap between confidence and share right of each bin that holds something."""
    bin_of = np.minimum((confidence * bins).astype(int), bins - 1)
    return [abs(confidence[bin_of == b].mean() - right[bin_of == b].mean()) for b in np.unique(bin_of)]


def _edges(confidence, right, bins, drop):
    """The calibration error where a confidence of exactly 1 is left out or alone in a bin (05.3)."""
    bin_of = (confidence * bins).astype(int)
    found = [b for b in np.unique(bin_of) if b < bins or not drop]
    return sum(abs((confidence - right)[bin_of == b].sum()) for b in found) / len(confidence)


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


def _first_touched(n, pairs):
    """Group numbers when a pair goes to the first set that it touches, and sets are never joined (06.5)."""
    sets = []
    for pair in map(set, pairs):
        touched = [group for group in sets if group & pair] or [set()]
        touched[0] |= pair
        sets += touched[:1] * (touched[0] not in sets)
    number = {i: n + k for k, group in enumerate(sets) for i in group}
    return [number.get(i, i) for i in range(n)]


def _precisions(same):
    return np.cumsum(same) / np.arange(1, len(same) + 1)


def _dcg_10(grades, cut=10):
    """The DCG of the best order, cut at ten or elsewhere (08.2)."""
    return sum(g / np.log2(r + 2) for r, g in enumerate(sorted(grades, reverse=True)[:cut]))


def _reordered_in_place(score, query, passages, k):
    """The right order, in the caller's own list (08.1)."""
    first = passages[:k]
    passages[:k] = [first[i] for i in np.argsort(-score([(query, x) for x in first]))]
    return passages


def _place(order, answers, default=0):
    """The place of the first answer (08.4)."""
    return next((r for r, p in enumerate(order) if p in answers), default)


def _fitting(quality, budget, first, pair):
    """The numbers of candidates that a budget allows (08.3)."""
    return [k for k in quality if first + k * pair <= budget]


def _joined(query, passage, limit, middle=("[SEP]",), room=0, types=None):
    """A pair with its special tokens, and some ways to get it wrong (07.1)."""
    first = ["[CLS]", *query, *middle]
    tokens = [*first, *passage[: limit - len(first) - 1 + room], "[SEP]"]
    ones = len(tokens) - len(first)
    return tokens, types(len(first), ones) if types else [0] * len(first) + [1] * ones


def _block(heads, types, rows=0, columns=1):
    return heads[:, types == rows][:, :, types == columns]


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
        (lambda q, p, k: np.argpartition(-(p @ q), min(k, len(p)) - 1)[:k], "in no order"),
        (lambda q, p, k: p[np.argsort(-(p @ q))[:k]], "the passages themselves"),
        (lambda q, p, k: util.semantic_search(q, p, top_k=k), "the hits of util"),
        (lambda q, p, k: util.semantic_search(q, p, top_k=k)[0], "the hits of util"),
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
        (lambda r, j, k=10: _discounted(r, k) / max(1e-9, _discounted(j, k)), "it comes in no order"),
        (lambda r, j, k=10: _discounted(r, k) / max(1e-9, _discounted(sorted(j), k)), "the lowest first"),
        (
            lambda r, j, k=10: _discounted(r, k) / max(1e-9, _discounted(sorted(j[:k], reverse=True), k)),
            "cut it at k after",
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
        (lambda n, gb: min(n, max(1, round(gb * 1e9 / (4 * n)))), "one text more would not fit"),
        (lambda n, gb: min(n, max(1, int(gb * 1e9 / n))), "4 bytes, not 1"),
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
        (
            lambda p, g, t: (
                _found(p, g, t)[1] / np.array([_found(p, g, t)[0], sum(k for k in np.bincount(g) if k > 1)])
            ),
            "counted the texts",
        ),
    ],
    "06.4": [
        (lambda s, same, p: s[np.argmax(_precisions(same) < p) - 1], "rose again"),
        (lambda s, same, p: s[np.flatnonzero(_precisions(same) >= p)[0]], "highest such threshold"),
        (lambda s, same, p: np.flatnonzero(_precisions(same) >= p)[-1], "place in the list"),
        (lambda s, same, p: s[max(np.flatnonzero(_precisions(same) >= p), default=-1)], "None was expected"),
        (lambda s, same, p: s[np.flatnonzero(same)[-1]], "last right pair"),
        (lambda s, same, p: s[np.flatnonzero(_precisions(same) > p)[-1]], "not exceed it"),
        (lambda s, same, p: s[np.argmax(np.cumsum(same) / same.sum() >= p)], "recall reaches it"),
    ],
    "06.5": [
        (_handed_on, "all texts of one"),
        (lambda n, pairs: _handed_on(n, pairs, min), "all texts of one|all texts of both"),
        (lambda n, pairs: list(range(n)), "Nothing is joined"),
        (lambda n, pairs: sorted({i for pair in pairs for i in pair}), "also for those alone"),
        (lambda n, pairs: [[i] for i in range(n)], "flat list"),
        (lambda n, pairs: [[0, 1], *range(2, n)], "flat list"),
        (_first_touched, "may touch two sets"),
    ],
    "08.1": [
        (lambda s, q, p, k: [p[:k][i] for i in np.argsort(s([(q, x) for x in p[:k]]))] + p[k:], "worst first"),
        (lambda s, q, p, k: [p[i] for i in np.argsort(-s([(q, x) for x in p[:k]]))], "behind the first k is missing"),
        (lambda s, q, p, k: [p[i] for i in np.argsort(-s([(q, x) for x in p]))], "only the first k are to be read"),
        (lambda s, q, p, k: [p[i] for i in np.argsort(-s([(x, q) for x in p[:k]]))] + p[k:], "the query stands first"),
        (lambda s, q, p, k: sorted(p[:k], key=lambda x: s((q, x))) + p[k:], "takes a list of pairs"),
        (
            lambda s, q, p, k: [p[i] for i in np.argsort(-s([(q, x) for x in p])[:k])] + p[k:],
            "only the first k need one",
        ),
        (lambda s, q, p, k: -np.sort(-s([(q, x) for x in p[:k]])), "Those are the scores"),
        (_reordered_in_place, "the list that was given has changed"),
    ],
    "08.2": [
        (
            lambda found, judged: (
                sum(g / np.log2(r + 2) for r, g in enumerate(found[:10])) / max(1e-9, _dcg_10(judged))
            ),
            "a perfect second step may change it",
        ),
        (lambda found, judged: _dcg_10(found) / max(1e-9, _dcg_10(found)), "what was not found is lost"),
        (lambda found, judged: _dcg_10(found, None) / _dcg_10(judged, None), "Ten places only"),
        (lambda found, judged: _dcg_10(found[:10]) / _dcg_10(judged), "First sort, then cut"),
        (lambda found, judged: np.count_nonzero(found) / np.count_nonzero(judged), "That is the recall"),
        (
            lambda found, judged: _dcg_10([2**g - 1 for g in found]) / _dcg_10([2**g - 1 for g in judged]),
            "The gain is the grade itself",
        ),
    ],
    "08.4": [
        (
            lambda before, after, answers: (
                "never retrieved"
                if not answers <= set(before)
                else "level"
                if _place(before, answers) == _place(after, answers)
                else "won"
                if _place(after, answers) < _place(before, answers)
                else "lost"
            ),
            "one is enough",
        ),
        (
            lambda before, after, answers: (
                "level"
                if _place(before, answers) == _place(after, answers)
                else "won"
                if _place(after, answers) > _place(before, answers)
                else "lost"
            ),
            "smaller rank after re-ranking is a gain",
        ),
        (
            lambda before, after, answers: (
                "level"
                if _place(before, answers, 99) == _place(after, answers, 99)
                else "won"
                if _place(after, answers, 99) < _place(before, answers, 99)
                else "lost"
            ),
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
    "07.1": [
        (lambda q, p, n: (["[CLS]", *q, "[SEP]", *p, "[SEP]"], [0] * (len(q) + 2) + [1] * (len(p) + 1)), "the limit"),
        (lambda q, p, n: _joined(q, p, n, room=1), "one token too long"),
        (lambda q, p, n: _joined(q, p, n, types=lambda a, b: [1] * a + [0] * b), "They are swapped"),
        (lambda q, p, n: _joined(q, p, n, types=lambda a, b: [0] * (a - 1) + [1] * (b + 1)), "belongs to the query"),
        (lambda q, p, n: _joined(q, p, n, middle=()), "between query and passage is missing"),
        (
            lambda q, p, n: tuple(x[:n] for x in _joined(q, p, 99)),
            r"ends with \[SEP\]",
        ),
        (lambda q, p, n: _joined(q, p, n)[0], "two lists were expected"),
        (lambda q, p, n: (p.pop(), _joined(q, p, n))[1], "has changed"),
    ],
    "07.2": [
        (lambda h, t: _block(h, t, 1, 0).sum(2).mean(), "attention to the query"),
        (lambda h, t: _block(h, t, 0, 0).sum(2).mean(), "give to the query"),
        (lambda h, t: _block(h, t).mean(), "mean of the single shares"),
        (lambda h, t: _block(h, t).sum(2).mean(1), "a value a head"),
        (lambda h, t: _block(h, t)[0].sum(1).mean(), "first head alone"),
        (lambda h, t: h[:, :, t == 1].sum(2).mean(), "rows were not picked"),
    ],
    "07.3": [
        (lambda x: 1 / (1 + np.exp(-x)), "warned of an overflow"),
        (lambda x: np.exp(x) / (1 + np.exp(x)), "inf / inf"),
        (lambda x: 1 / (1 + np.exp(x)), "sign is off"),
        (lambda x: np.exp(x) / np.exp(x).sum(), "softmax"),
        (lambda x: 1 / np.exp(-x), "1 in the denominator"),
        (lambda x: 1 / (1 + np.exp(-np.clip(x, -30, 30))), "cutting logits off makes ties"),
    ],
    "07.4": [
        (lambda n, m, k: n * m, "cross-encoder on everything"),
        (lambda n, m, k: m + m * k, "passages have to be embedded"),
        (lambda n, m, k: n + m * k, "Each question is embedded"),
        (lambda n, m, k: m * (n + 1 + k), "once is enough"),
    ],
    "07.5": [
        (lambda q, ps: np.array([(q @ p.T).max(0).sum() for p in ps]), "not the other way round"),
        (lambda q, ps: np.array([(q @ p.T).max(1).mean() for p in ps]), "mean over the question's tokens"),
        (lambda q, ps: np.array([(q @ p.T).max() for p in ps]), "best cosine of all"),
        (lambda q, ps: np.array([(q @ p.T).sum() for p in ps]), "adds up all cosines"),
        (lambda q, ps: (q @ ps[0].T).max(1).sum(), "first passage alone"),
    ],
}
