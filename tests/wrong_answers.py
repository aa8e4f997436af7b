"""For each exercise, plausible wrong answers, each with words that its message must hold because they name the mistake."""

import numpy as np
import torch
from scipy.stats import pearsonr, rankdata


def no_return(*args):
    args  # noqa: B018


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
            lambda r, j, k=10: sum(g / np.log2(i + 2) for i, g in enumerate(r[:k]))
            / max(1e-9, sum(g / np.log2(i + 2) for i, g in enumerate(sorted(r, reverse=True)[:k]))),
            "all judged passages",
        ),
        (
            lambda r, j, k=10: sum((2**g - 1) / np.log2(i + 2) for i, g in enumerate(r[:k]))
            / max(1e-9, sum((2**g - 1) / np.log2(i + 2) for i, g in enumerate(sorted(j, reverse=True)[:k]))),
            "another definition",
        ),
        (
            lambda r, j, k=10: sum(g / np.log2(i + 2) for i, g in enumerate(r))
            / max(1e-9, sum(g / np.log2(i + 2) for i, g in enumerate(sorted(j, reverse=True)))),
            "first k only",
        ),
        (
            lambda r, j, k=10: np.float64(sum(g / np.log2(i + 2) for i, g in enumerate(r[:k])))
            / sum(g / np.log2(i + 2) for i, g in enumerate(sorted(j, reverse=True)[:k])),
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
}
