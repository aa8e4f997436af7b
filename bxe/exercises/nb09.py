"""Oracles and hints of notebook 09, Train a bi-encoder."""

import io
from contextlib import redirect_stderr

import numpy as np

from bxe.exercises.oracle import Exercise, KnownEncoder, Wrong, expect, unit_vectors


def _in_batch_loss(answer) -> None:
    import torch
    from torch.nn import functional

    rng = np.random.default_rng(9)
    for n, size, temperature in ((4, 6, 0.05), (7, 5, 0.2)):
        a, b, hard = (torch.tensor(unit_vectors(rng, n, size) * rng.uniform(1, 3, (n, 1))) for _ in range(3))

        def loss(columns, a=a, t=temperature, own=None, rows=functional.normalize):
            scores = rows(a, dim=1) @ rows(torch.cat(columns), dim=1).T / t
            return functional.cross_entropy(scores, torch.arange(len(a)) if own is None else own)

        def as_is(x, dim):
            return x

        right = loss([b, hard])
        scores = functional.normalize(a, dim=1) @ functional.normalize(torch.cat([b, hard]), dim=1).T
        shares = (scores / temperature).softmax(dim=1).diagonal()
        expect(
            answer(a.clone(), b.clone(), hard.clone(), temperature),
            right,
            given=f"{n} random vectors of {size} numbers in each column, temperature = {temperature}",
            mistakes=[
                (loss([b]), "The hard negatives are missing: they are candidates for every row, too."),
                (loss([b, hard], rows=as_is), "You took plain products; for cosines the vectors need length 1 first."),
                (loss([b, hard], t=1), "The cosines were not divided by the temperature."),
                (loss([b, hard], t=1 / temperature), "You multiplied by the temperature; divide by it."),
                (right * n, "You added up the rows; take their mean."),
                (-right, "The sign is the wrong way round: a partner with a large share must give a small loss."),
                (shares.mean(), "That is the mean share of the partner; the loss is the mean of -log(share)."),
                (loss([hard, b]), "The hard negatives stand where the partners should: row i's partner is row i of b."),
                (-shares.log(), "Those are the losses of the rows; take their mean."),
            ],
        )


TEXTS = ["My card was refused.", "Payment declined again.", "The shop said no to my card.", "Where is my parcel?"]
TEXTS += ["It has not arrived.", "Two weeks and no delivery.", "Close my account.", "Please delete me."]
LABELS = ["card", "card", "card", "parcel", "parcel", "parcel", "account", "account"]


def _triplets(answer) -> None:
    from sentence_transformers.sentence_transformer.evaluation import TripletEvaluator

    owner = dict(zip(TEXTS, LABELS))
    picked = set()
    for seed in range(4):
        given = f"8 messages of 3 labels and np.random.default_rng({seed})"
        got = answer(list(TEXTS), list(LABELS), np.random.default_rng(seed))
        if got is None:
            raise Wrong(f"For {given}, your function returned None: is a `return` missing?")
        if not isinstance(got, TripletEvaluator):
            raise Wrong(f"For {given}, you gave a {type(got).__name__}; expected a TripletEvaluator.")
        columns = [list(got.anchors), list(got.positives), list(got.negatives)]
        if columns[0] != TEXTS:
            raise Wrong(
                f"For {given}, the anchors are {len(columns[0])} texts; expected the 8 messages in their order."
            )
        for anchor, positive, negative in zip(*columns):
            if any(text not in owner for text in (positive, negative)):
                raise Wrong(f"For {given}, {positive!r} or {negative!r} is not one of the messages.")
            if positive == anchor:
                raise Wrong(f"For {given}, {anchor!r} is its own positive; that triplet is always right. Take another.")
            if owner[positive] != owner[anchor]:
                raise Wrong(f"For {given}, {anchor!r} has the positive {positive!r}, which has another label.")
            if owner[negative] == owner[anchor]:
                raise Wrong(f"For {given}, {anchor!r} has the negative {negative!r}, which has the same label.")
        picked.add((tuple(columns[1]), tuple(columns[2])))
    if len(picked) == 1:
        raise Wrong("Four different generators gave the very same triplets; choose with `rng`.")


# Cosines with the question: 0.9 its partner, 0.85 a question with the same answer, 0.6, 0.5 and 0.1 others.
_COSINES = {"How do I unlock it?": 1.0, "How can it be opened?": 0.9, "What opens the lock?": 0.85}
_COSINES |= {"How do I lock it?": 0.6, "Who sells locks?": 0.5, "Is it raining?": 0.1}
QUESTION, PARTNER, *OTHERS = _COSINES


class _Miner(KnownEncoder):
    """What `mine_hard_negatives` asks of a model, besides vectors."""

    device = "cpu"
    prompts: dict = {}

    @staticmethod
    def similarity(a, b):
        import torch

        return torch.as_tensor(a) @ torch.as_tensor(b).T

    @staticmethod
    def similarity_pairwise(a, b):
        import torch

        return (torch.as_tensor(a) * torch.as_tensor(b)).sum(-1)


def _mine(answer) -> None:
    from datasets import Dataset

    model = _Miner({text: (c, (1 - c**2) ** 0.5) for text, c in _COSINES.items()})
    pairs = Dataset.from_dict({"anchor": [QUESTION], "positive": [PARTNER]})
    for margin, expected in ((0.32, OTHERS[2]), (0.2, OTHERS[1]), (0.01, OTHERS[0])):
        given = f"a question with cosines of 0.9 to its partner and 0.85, 0.6, 0.5 and 0.1 to others, margin = {margin}"
        with redirect_stderr(io.StringIO()):  # the library's progress bar has no switch
            got = answer(pairs, model, [PARTNER, *OTHERS], margin)
        if got is None:
            raise Wrong(f"For {given}, your function returned None: is a `return` missing?")
        if not isinstance(got, Dataset):
            raise Wrong(f"For {given}, you gave a {type(got).__name__}; expected the Dataset that the library returns.")
        if len(got) != 1 or len(got.column_names) != 3:
            raise Wrong(
                f"For {given}, you gave {len(got)} rows of the columns {', '.join(got.column_names)}; expected one row "
                "of three columns, which num_negatives=1 gives."
            )
        found = got[0][got.column_names[2]]
        relative = next((text for text in OTHERS if _COSINES[text] <= 0.9 * (1 - margin)), None)
        expect(
            found,
            expected,
            given=given,
            mistakes=[
                (relative, "You gave a relative margin, a share of the partner's cosine; take an absolute one."),
                (OTHERS[0], "The margin was not used: this text's cosine is too near the partner's."),
                (
                    next((t for t in OTHERS if _COSINES[t] <= margin), None),
                    "You used the margin as a highest cosine that a negative may have.",
                ),
            ],
        )


def _crossing(answer) -> None:
    rng = np.random.default_rng(9)
    for n, m in ((10, 12), (30, 40)):
        learn = rng.random(n) < 0.6
        links = rng.integers(0, n, size=(m, 2))
        first, second = learn[links[:, 0]], learn[links[:, 1]]
        right = (first != second).mean()
        expect(
            answer(learn.copy(), links.copy()),
            right,
            given=f"{n} texts, {learn.sum()} of them to learn from, and {m} random links",
            mistakes=[
                ((first != second).sum(), "That is how many links cross; divide by the number of links."),
                ((first == second).mean(), "That is the share of links that stay within one side."),
                ((first & ~second).mean(), "A link may also run from the test side to the learning side."),
                ((~first & second).mean(), "A link may also run from the learning side to the test side."),
                ((first != second).sum() / n, "You divided by the number of texts; divide by the number of links."),
                ((first & second).mean(), "Those are the links within the learning side."),
            ],
        )


EXERCISES = {
    "09.1": Exercise(
        _in_batch_loss,
        hints=(
            "The candidates of a row are all rows of b and all rows of hard; its partner is the row of b with the same "
            "number.",
            "torch.nn.functional.normalize(x, dim=1) makes rows of length 1. torch.cat([b, hard]) puts the candidates "
            "into one table, and torch.nn.functional.cross_entropy(scores, torch.arange(len(a))) does the rest.",
            "scores = normalize(a, dim=1) @ normalize(torch.cat([b, hard]), dim=1).T / temperature; then "
            "cross_entropy(scores, torch.arange(len(a))), both from torch.nn.functional.",
        ),
        why="This is what MultipleNegativesRankingLoss computes if a dataset has a third column.",
    ),
    "09.2": Exercise(
        _triplets,
        hints=(
            "For each message you need the others with its label, and those with another label; draw one of each.",
            "labels = np.array(labels); np.flatnonzero(labels == labels[i]) has i itself in it, so take it out. "
            "rng.choice(rows) draws one.",
            "same = [j for j in range(len(texts)) if labels[j] == labels[i] and j != i]; other is made in the "
            "same way with !=. Then take texts[rng.choice(same)] and texts[rng.choice(other)] for each i, and "
            "evaluation.TripletEvaluator(texts, positives, negatives).",
        ),
        why="It can watch a training, or compare two models, and needs nothing but labelled texts.",
    ),
    "09.3": Exercise(
        _mine,
        hints=(
            "util.mine_hard_negatives has an argument for each of these wishes.",
            "corpus= says where to look (besides the second column), num_negatives= how many to take, absolute_margin= "
            "how far below, and verbose=False keeps it silent.",
            "return util.mine_hard_negatives(pairs, model, corpus=corpus, num_negatives=1, absolute_margin=margin, "
            "verbose=False)",
        ),
        why="A question with the same answer scores close to the partner; the margin keeps it out of the negatives.",
    ),
    "09.4": Exercise(
        _crossing,
        hints=(
            "A link crosses if its two texts are not on the same side.",
            "learn[links[:, 0]] says for each link whether its first text is on the learning side.",
            "return (learn[links[:, 0]] != learn[links[:, 1]]).mean()",
        ),
        why="Any share above 0 means that test texts were seen in training, in another wording.",
    ),
}
