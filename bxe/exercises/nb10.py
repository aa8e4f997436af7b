"""Oracles and hints of notebook 10, Train a cross-encoder."""

import copy
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from bxe.exercises.oracle import Exercise, Wrong, expect
from bxe.exercises.small import silent, small_cross_encoder, trained


def _rank_net(answer) -> None:
    for scores, grades in (
        ([2.0, 0.5, 1.0, -1.0], [3, 2, 0, 0]),
        ([-1.0, 0.2, 0.4, 3.0, 1.5], [1, 3, 1, 0, 2]),
    ):
        scores, grades = np.array(scores), np.array(grades)
        lead = scores[:, None] - scores
        better = grades[:, None] > grades
        softplus = np.log1p(np.exp(-lead))
        right = softplus[better].mean()
        others = ~np.eye(len(scores), dtype=bool)
        by_distance = (grades[:, None] - grades) * softplus
        expect(
            answer(scores.copy(), grades.copy()),
            right,
            given=f"scores = {scores.tolist()}, grades = {grades.tolist()}",
            mistakes=[
                (
                    np.log1p(np.exp(lead))[better].mean(),
                    "The sign is turned: a large lead must cost little, e^(−lead).",
                ),
                (softplus[better].sum(), "That is the sum; take the mean over the pairs."),
                (
                    softplus[others].mean(),
                    "You took all pairs; only those count in which the first has the higher grade.",
                ),
                (softplus.mean(), "You took all pairs; only those count in which the first has the higher grade."),
                (
                    softplus[(grades[:, None] >= grades) & others].mean(),
                    "You also took pairs with equal grades; leave them out.",
                ),
                (right / np.log(2), "That is the logarithm to base 2; here it is the natural one."),
                (
                    by_distance[better].mean(),
                    "You weighted by the difference between the grades; RankNet asks only which is higher.",
                ),
                (
                    softplus[better].sum() / len(scores),
                    "You divided by the number of texts; divide by the number of pairs.",
                ),
            ],
        )


NAMES = {
    "tea.brew": "tea.brew: Pour hot water on leaves.",
    "tea.cup": "tea.cup: What tea is drunk from.",
    "rain.fall": "rain.fall: Let it rain.",
    "rain.stop": "rain.stop: Let the sun come out.",
}


def _to_lists(answer) -> None:
    rows = pd.DataFrame(
        [
            ("t1", "how do I make tea", ["tea.cup", "tea.pot", "tea.brew"], [1, 2, 3]),
            ("t2", "stop the rain", ["rain.fall", "rain.stop", "tea.cup", "snow.melt"], [1, 3, 0, 0]),
        ],
        columns=["question_id", "text", "names", "grades"],
    )
    texts = pd.Series(NAMES)
    got = answer(rows.copy(deep=True), texts.copy())
    if got is None:
        expect(got, [], given="two questions")
    if not hasattr(got, "column_names"):
        raise Wrong(f"You returned a {type(got).__name__}; expected a Dataset: Dataset.from_dict({{...}}).")
    expect(
        sorted(got.column_names),
        ["docs", "labels", "query"],
        given="two questions, looking at the names of the columns",
    )
    expect(got.column_names[0], "query", given="two questions, looking at the first column")
    expect(
        got.column_names,
        ["query", "docs", "labels"],
        given="two questions, looking at the order of the columns, which the loss goes by",
    )
    expect(list(got["query"]), rows.text.tolist(), given="two questions, looking at the column query")
    given = "two questions with seven names, of which tea.pot and snow.melt have no text"
    docs = [list(some) for some in got["docs"]]
    expect(
        docs,
        [[NAMES["tea.cup"], NAMES["tea.brew"]], [NAMES["rain.fall"], NAMES["rain.stop"], NAMES["tea.cup"]]],
        given=f"{given}, looking at docs",
        mistakes=[
            (
                [["tea.cup", "tea.brew"], ["rain.fall", "rain.stop", "tea.cup"]],
                "Those are the names; the model reads the texts.",
            ),
        ],
    )
    expect(
        [[float(grade) for grade in some] for some in got["labels"]],
        [[1.0, 3.0], [1.0, 3.0, 0.0]],
        given=f"{given}, looking at labels",
        mistakes=[
            (rows.grades.tolist(), "You kept a grade for each name; leave out those of the names without a text."),
            (
                [[1.0, 2.0], [1.0, 3.0, 0.0]],
                "You cut the grades at the end; leave out the one at the missing name's place.",
            ),
        ],
    )


class Known:
    """A cross-encoder without weights: it likes what shares words with the question, and can be turned round."""

    num_labels = 1

    def __init__(self, sign: float = 1.0) -> None:
        self.sign, self.model_card_data = sign, _Card()

    def predict(self, pairs, **_):
        return np.array([self.sign * len(set(a.split()) & set(b.split())) for a, b in pairs], dtype=np.float32)


class _Card:
    def set_evaluation_metrics(self, *_args, **_kwargs) -> None:
        """The library writes what an evaluator finds into the model card."""


def _gain(answer) -> None:
    from sentence_transformers.cross_encoder.evaluation import CrossEncoderRerankingEvaluator

    samples = [
        {
            "query": "how do I stop the rain",
            "positive": ["stop the rain at once"],
            "documents": ["let snow melt", "rain falls", "stop the rain at once", "tea"],
        },
        {
            "query": "make black tea",
            "positive": ["brew black tea", "black tea for two"],
            "documents": ["make tea", "brew black tea", "coffee is black"],
        },
        {"query": "find a cup", "positive": ["a cup"], "documents": ["find the pot", "a spoon"]},
    ]

    def measured(model, **options):
        return CrossEncoderRerankingEvaluator(copy.deepcopy(samples), write_csv=False, **options)(model)

    for model, what in (
        (Known(), "a model that counts shared words"),
        (Known(-1.0), "one that prefers no shared words"),
    ):
        found, added = measured(model, always_rerank_positives=False), measured(model)
        expect(
            answer(model, copy.deepcopy(samples)),
            found["ndcg@10"] - found["base_ndcg@10"],
            given=f"three questions with their documents, and {what}",
            mistakes=[
                (
                    added["ndcg@10"] - added["base_ndcg@10"],
                    "The evaluator added answers that the search had not found; pass always_rerank_positives=False.",
                ),
                (found["ndcg@10"], "That is the nDCG@10 after re-ranking; subtract the one before."),
                (found["base_ndcg@10"] - found["ndcg@10"], "The sign is turned: after minus before."),
                (
                    found["map"] - found["base_map"],
                    "That is the average precision; the keys with ndcg@10 are asked for.",
                ),
                (
                    found["mrr@10"] - found["base_mrr@10"],
                    "That is the reciprocal rank; the keys with ndcg@10 are asked for.",
                ),
            ],
        )


QUESTIONS = ["how do I stop the rain", "make black tea", "find a cup", "open the window"]
ANSWERS = ["stop the rain at once", "brew black tea", "a cup", "window, open"]


def _logits(train) -> list[float]:
    """Those of four pairs, after `train` has had a small cross-encoder, four lists and a folder."""
    from datasets import Dataset

    lists = {"query": QUESTIONS, "docs": [[a, b] for a, b in zip(ANSWERS[1:] + ANSWERS[:1], ANSWERS)]}
    data = Dataset.from_dict(lists | {"labels": [[0.0, 3.0]] * 4})
    model = copy.deepcopy(small_cross_encoder())
    with tempfile.TemporaryDirectory(prefix="bxe-") as folder, silent():
        back = train(model, data, folder)
        left = sorted(path.name for path in Path(folder).rglob("*"))
    if back is None:
        expect(None, [], given="a small cross-encoder and four lists")
    if not hasattr(back, "predict"):
        raise Wrong(f"You returned a {type(back).__name__}; return the model, which training changed in place.")
    if left:
        raise Wrong(f'Your training left {left[0]} in the folder; pass save_strategy="no".')
    pairs = [(question, text) for question in QUESTIONS[:2] for text in ANSWERS[:2]]
    return back.eval().predict(pairs, show_progress_bar=False)


@cache
def _trained(loss: str = "ListNetLoss", **options: float) -> list[float]:
    """The logits after a training of ours; they never change, so they are computed once."""
    return _logits(lambda model, data, folder: trained(model, data, loss=loss, **options))


def _mistakes() -> Iterator[tuple[list[float], str]]:
    """The logits after each mistake; only a wrong answer is compared with them, since most need a training."""
    yield _logits(lambda model, data, folder: model), "The model is as it was; call .train() on the trainer."
    for loss in ("RankNetLoss", "LambdaLoss"):
        yield _trained(loss), f"That is {loss}; ListNetLoss is asked for."
    yield _trained(epochs=1), "You went through the lists once; num_train_epochs is 4."
    yield _trained(rate=5e-5), "You left the rate as the library has it; pass learning_rate=0.01."


def _fit(answer) -> None:
    expect(
        _logits(answer),
        _trained(),
        given="a small cross-encoder and four lists, looking at the logits of four pairs after training",
        mistakes=_mistakes(),
        atol=1e-3,
    )


EXERCISES = {
    "10.1": Exercise(
        _rank_net,
        hints=(
            "Look at all pairs of passages, and keep those in which the first has the higher grade.",
            "scores[:, None] - scores is the table of all leads, grades[:, None] > grades says which of them count, and "
            "np.log1p(x) is ln(1 + x).",
            "lead = scores[:, None] - scores; return np.log1p(np.exp(-lead))[grades[:, None] > grades].mean()",
        ),
        why="Adding a number to all scores changes no lead, so this loss cannot see it. An order needs no zero.",
    ),
    "10.2": Exercise(
        _to_lists,
        hints=(
            "Go through the rows; from each, keep the pairs of name and grade whose name has a text.",
            "[(name, grade) for name, grade in zip(row.names, row.grades) if name in texts] are those of a row. "
            "Dataset.from_dict takes a dict with a list for each column.",
            "kept = [[(n, g) for n, g in zip(row.names, row.grades) if n in texts] for row in rows.itertuples()]; then "
            'Dataset.from_dict({"query": rows.text.tolist(), "docs": [[texts[n] for n, _ in some] for some in kept], '
            '"labels": [[float(g) for _, g in some] for some in kept]})',
        ),
        why="The library's list losses go by the order of the columns: question, texts, labels.",
    ),
    "10.3": Exercise(
        _fit,
        hints=(
            "You need three things: arguments, a loss that knows the model, and a trainer that knows all of them.",
            "CrossEncoderTrainingArguments(folder, num_train_epochs=4, ...), losses.ListNetLoss(model), and "
            "CrossEncoderTrainer(model=..., args=..., train_dataset=..., loss=...), then .train().",
            "arguments = CrossEncoderTrainingArguments(folder, num_train_epochs=4, per_device_train_batch_size=2, "
            'learning_rate=0.01, save_strategy="no", report_to="none", disable_tqdm=True, logging_strategy="no"); '
            "CrossEncoderTrainer(model=model, args=arguments, train_dataset=data, loss=losses.ListNetLoss(model)).train(); "
            "return model",
        ),
        why="Another loss is another word in this function; the rest stays as it is.",
    ),
    "10.4": Exercise(
        _gain,
        hints=(
            "The evaluator measures both orders in one call; you only need to subtract.",
            "CrossEncoderRerankingEvaluator(samples, always_rerank_positives=False) is called with the model and gives a "
            "dict. base_ndcg@10 is the order of the documents, ndcg@10 that of the model.",
            "found = CrossEncoderRerankingEvaluator(samples, always_rerank_positives=False, write_csv=False)(model); "
            'return found["ndcg@10"] - found["base_ndcg@10"]',
        ),
        why="An answer that the search missed stays missed. An evaluator that adds it measures another task.",
    ),
}
