"""Wrong answers to the exercises of notebook 10, Train a cross-encoder."""

import numpy as np
from datasets import Dataset
from sentence_transformers.cross_encoder.evaluation import CrossEncoderRerankingEvaluator

from bxe.exercises.small import trained


def _costs(scores, grades):
    """The cost of each ordered pair, and which of them count (10.1)."""
    return np.log1p(np.exp(scores - scores[:, None])), grades[:, None] > grades


def _lists(rows, keep, columns=("query", "docs", "labels")):
    """A Dataset out of the names and grades that `keep` makes of each row (10.2)."""
    kept = [keep(row) for row in rows.itertuples()]
    values = rows.text.tolist(), [docs for docs, _ in kept], [[float(g) for g in grades] for _, grades in kept]
    return Dataset.from_dict(dict(zip(columns, values)))


def _there(row, texts):
    return [(name, grade) for name, grade in zip(row.names, row.grades) if name in texts]


def _measured(model, samples, **options):
    return CrossEncoderRerankingEvaluator(samples, write_csv=False, **options)(model)


WRONG = {
    "10.1": [
        (lambda s, g: np.log1p(np.exp(s[:, None] - s))[g[:, None] > g].mean(), "The sign is turned"),
        (lambda s, g: _costs(s, g)[0][_costs(s, g)[1]].sum(), "take the mean"),
        (lambda s, g: _costs(s, g)[0].mean(), "You took all pairs"),
        (lambda s, g: np.log2(1 + np.exp(s - s[:, None]))[g[:, None] > g].mean(), "base 2"),
        (
            lambda s, g: ((g[:, None] - g) * _costs(s, g)[0])[g[:, None] > g].mean(),
            "weighted by the difference between the grades",
        ),
    ],
    "10.2": [
        (lambda rows, texts: rows, "expected a Dataset"),
        (
            lambda rows, texts: _lists(rows, lambda row: ([n for n, _ in _there(row, texts)], row.grades)),
            "the model reads the texts",
        ),
        (
            lambda rows, texts: _lists(rows, lambda row: ([texts[n] for n, _ in _there(row, texts)], row.grades)),
            "leave out those of the names without a text",
        ),
        (
            lambda rows, texts: _lists(
                rows, lambda row: ([texts[n] for n, _ in _there(row, texts)], row.grades[: len(_there(row, texts))])
            ),
            "cut the grades at the end",
        ),
        (
            lambda rows, texts: _lists(
                rows,
                lambda row: ([texts[n] for n, _ in _there(row, texts)], [g for _, g in _there(row, texts)]),
                ("query", "labels", "docs"),
            ),
            "which the loss goes by",
        ),
    ],
    "10.3": [
        (lambda model, data, folder: model, "call .train\\(\\) on the trainer"),
        (lambda model, data, folder: trained(model, data, loss="RankNetLoss"), "That is RankNetLoss"),
        (lambda model, data, folder: trained(model, data, loss="ListNetLoss", epochs=1), "once"),
        (lambda model, data, folder: trained(model, data, loss="ListNetLoss", rate=5e-5), "learning_rate=0.01"),
    ],
    "10.4": [
        (lambda m, s: (lambda f: f["ndcg@10"] - f["base_ndcg@10"])(_measured(m, s)), "always_rerank_positives=False"),
        (lambda m, s: _measured(m, s, always_rerank_positives=False)["ndcg@10"], "subtract the one before"),
        (
            lambda m, s: (lambda f: f["base_ndcg@10"] - f["ndcg@10"])(_measured(m, s, always_rerank_positives=False)),
            "after minus before",
        ),
        (
            lambda m, s: (lambda f: f["map"] - f["base_map"])(_measured(m, s, always_rerank_positives=False)),
            "average precision",
        ),
    ],
}
