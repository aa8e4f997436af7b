"""Oracles and hints of notebook 11, Images."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bxe.exercises.oracle import Exercise, KnownEncoder, Wrong, expect, unit_vectors

RECALL = "precision_recall_at_k=[1, 3]"


class _Seeing(KnownEncoder):
    """A known encoder that also takes paths, as pictures."""

    def encode(self, inputs: Any, *, convert_to_tensor: bool = False, **options: Any) -> Any:
        alone = isinstance(inputs, (str, Path))
        given = [str(one) if isinstance(one, Path) else one for one in ([inputs] if alone else inputs)]
        vectors = super().encode(given, convert_to_tensor=convert_to_tensor)
        return vectors[0] if alone else vectors

    encode_document = encode_query = encode

    @staticmethod
    def similarity(a, b):
        import torch

        return torch.as_tensor(a) @ torch.as_tensor(b).T


def _evaluator(answer) -> None:
    import pandas as pd
    from sentence_transformers.sentence_transformer.evaluation import InformationRetrievalEvaluator

    texts = pd.Series({"q1": "a teapot", "q2": "two boats"})
    paths = pd.Series({"pot": Path("pot.jpg"), "sea": Path("sea.jpg"), "bay": Path("bay.jpg")})
    right = pd.Series({"q1": ["pot"], "q2": ["sea", "bay"]})
    given = "2 queries, one of them with two right pictures, and 3 pictures"
    got = answer(texts.copy(), paths.copy(), right.copy())
    if got is None:
        raise Wrong(f"For {given}, your function returned None: is a `return` missing?")
    if not isinstance(got, InformationRetrievalEvaluator):
        raise Wrong(f"For {given}, you gave a {type(got).__name__}; expected an InformationRetrievalEvaluator.")
    if not got.queries_ids:
        raise Wrong(
            f"For {given}, the evaluator knows no query. It goes through the keys of a dict; a Series gives its values: "
            "use dict(texts)."
        )
    found = dict(zip(got.queries_ids, got.queries))
    if found != dict(texts):
        raise Wrong(f"For {given}, the evaluator's queries are {found}; expected {dict(texts)}.")
    found = dict(zip(got.corpus_ids, got.corpus))
    if found != dict(paths):
        raise Wrong(f"For {given}, the evaluator's corpus is {found}; expected the three paths by picture id.")
    for query, ids in right.items():
        if (known := got.relevant_docs[query]) != set(ids):
            raise Wrong(
                f"For {given}, the right pictures of {query} are {known!r}; expected {set(ids)}: a set of all its picture ids."
            )
    expect(
        sorted(got.precision_recall_at_k),
        [1, 3],
        given=f"{given}, the cuts at which recall is measured",
        mistakes=[([1, 3, 5, 10], f"Those are the usual ones; say {RECALL}.")],
    )


WORDS = ["cat", "dog", "boat"]


def _label(answer) -> None:
    rng = np.random.default_rng(11)
    for template, wanted in (("a photo of a {}", [2, 0, 2, 1]), ("a drawing: {}", [1, 1, 0, 2, 2])):
        directions = unit_vectors(rng, 3, 6)
        filled = {template.format(word): row for word, row in zip(WORDS, directions)}
        bare = dict(zip(WORDS, np.roll(directions, 1, axis=0)))  # without its template a label points elsewhere
        paths = [Path(f"picture{n}.jpg") for n in range(len(wanted))]
        seen = {str(path): 0.9 * directions[n] + 0.1 * directions.mean(0) for path, n in zip(paths, wanted)}
        model = _Seeing({**bare, template: directions[0], **filled, **seen})
        cosines = np.array(list(seen.values())) @ directions.T
        right = [WORDS[n] for n in cosines.argmax(1)]
        got = answer(model, list(paths), list(WORDS), template)
        expect(
            got.tolist() if hasattr(got, "tolist") else got,
            right,
            given=f"{len(wanted)} pictures, the labels {WORDS} and the template {template!r}",
            mistakes=[
                (cosines.argmax(1).tolist(), "Those are the labels' positions; return the labels themselves."),
                ([template.format(word) for word in right], "Those are the whole texts; return the labels alone."),
                ([WORDS[(n + 1) % 3] for n in cosines.argmax(1)], "The labels were encoded without the template."),
                ([WORDS[n] for n in cosines.argmin(1)], "That is the label that fits least."),
                ([WORDS[n % 3] for n in cosines.argmax(0)], "That is one answer for each label; a row is a picture."),
                (cosines.argmax(0).tolist(), "That is one answer for each label; a row is a picture."),
                (WORDS[int(cosines.argmax(1)[0])], "That is the first picture's label only."),
                (cosines.tolist(), "Those are the cosines; for each picture, take the label with the highest."),
            ],
        )


def _clip_loss(answer) -> None:
    import torch
    from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
    from torch.nn.functional import cross_entropy, normalize

    rng, directions = np.random.default_rng(11), ("query_to_doc", "doc_to_query")
    for n, size, temperature in ((4, 6, 0.05), (7, 5, 0.2)):
        pictures, texts = (torch.tensor(unit_vectors(rng, n, size) * rng.uniform(1, 3, (n, 1))) for _ in range(2))
        products, own = pictures @ texts.T, torch.arange(n)
        cosines = normalize(pictures, dim=1) @ normalize(texts, dim=1).T

        def both(scores, own=own):
            return (cross_entropy(scores, own) + cross_entropy(scores.T, own)) / 2

        scores = cosines / temperature
        right, joint = (
            MultipleNegativesRankingLoss(
                None, 1 / temperature, directions=directions, partition_mode=mode
            ).compute_loss_from_embeddings([pictures, texts], None)
            for mode in ("per_direction", "joint")
        )
        expect(
            answer(pictures.clone(), texts.clone(), temperature),
            right,
            given=f"{n} pairs of random vectors of {size} numbers, temperature = {temperature}",
            mistakes=[
                (cross_entropy(scores, own), "That is the loss by rows; the columns are missing."),
                (cross_entropy(scores.T, own), "That is the loss by columns; the rows are missing."),
                (2 * right, "That is the sum of both losses; take their mean."),
                (both(products / temperature), "Those are products; for cosines the vectors need length 1 first."),
                (both(cosines), "The cosines were not divided by the temperature."),
                (both(cosines * temperature), "You multiplied by the temperature; divide by it."),
                (-right, "The sign is turned round: a large share of the partner must give a small loss."),
                (joint, "That is one softmax over rows and columns together; each of them needs its own."),
                (n * right, "You added up the pairs; take their mean."),
            ],
            atol=1e-5,
        )


def _duplicates(answer) -> None:
    def at(degrees: float) -> tuple[float, float]:
        return float(np.cos(np.radians(degrees))), float(np.sin(np.radians(degrees)))

    # Cosines of 0.98 (pictures 1 and 4), 0.94 (0 and 2); 3 stands alone.
    angles: Sequence[float] = (0, 100, 20, 200, 111.5)
    paths = [Path(f"picture{n}.jpg") for n in range(len(angles))]
    model = _Seeing({str(path): at(angle) for path, angle in zip(paths, angles)})
    for bound, right in ((0.9, [(1, 4), (0, 2)]), (0.96, [(1, 4)]), (0.99, [])):
        got = answer(model, list(paths), bound)
        if got is None:
            raise Wrong(f"For bound = {bound}, your function returned None: is a `return` missing?")
        pairs = [tuple(pair) if isinstance(pair, (list, tuple)) else pair for pair in got]
        triples = [pair for pair in pairs if isinstance(pair, tuple) and len(pair) == 3]
        if triples:
            raise Wrong(f"For bound = {bound}, a pair is {triples[0]}; return positions only, without the cosine.")
        if any(isinstance(pair, tuple) and pair[0] == pair[1] for pair in pairs):
            raise Wrong(f"For bound = {bound}, a picture is its own near-duplicate; leave that out.")
        expect(
            [tuple(map(int, pair)) for pair in pairs],
            right,
            given=f"five pictures, two pairs of which have the cosines 0.98 and 0.94, bound = {bound}",
            mistakes=[
                ([(1, 4), (0, 2)], "The bound was not used: the second pair lies below it."),
                ([(1, 4)], "The bound was not used: even the nearest pair lies below it."),
                ([(0, 2), (1, 4)], "Both pairs are right, but the most alike comes first."),
                ([(0, 2)], "That is what lies below the bound; give what lies at it or above."),
                ([(4, 1), (2, 0)], "In each pair, the smaller position comes first."),
            ],
        )


EXERCISES = {
    "11.1": Exercise(
        _evaluator,
        hints=(
            "The evaluator takes three dicts: queries, corpus, and the ids that are right for each query.",
            "dict(texts) makes a dict of a Series. The right ids have to be a set, not a list. precision_recall_at_k says "
            "where recall is cut.",
            "relevant = {query: set(ids) for query, ids in right.items()}; then "
            f"evaluation.InformationRetrievalEvaluator(dict(texts), dict(paths), relevant, {RECALL})",
        ),
        why="evaluator(model) now measures any model that takes pictures, and can watch it while it trains.",
    ),
    "11.2": Exercise(
        _label,
        hints=(
            "Fill each label into the template, encode texts and pictures, and look for the nearest text of each picture.",
            "template.format(label) fills it in. A product of [pictures, d] and [d, labels] has a row for each picture.",
            "texts = model.encode([template.format(label) for label in labels]); nearest = (model.encode(pictures) @ "
            "texts.T).argmax(axis=1); return [labels[n] for n in nearest]",
        ),
        why="This is zero-shot classification: the labels are words, so you can change them without any training.",
    ),
    "11.3": Exercise(
        _clip_loss,
        hints=(
            "Make a table of cosines divided by the temperature. Its diagonal holds the pairs, by rows and by columns.",
            "torch.nn.functional.cross_entropy(scores, torch.arange(n)) is the loss by rows; scores.T has the columns as rows.",
            "scores = normalize(pictures, dim=1) @ normalize(texts, dim=1).T / temperature; own = torch.arange(len(texts)); "
            "return (cross_entropy(scores, own) + cross_entropy(scores.T, own)) / 2, all from torch.nn.functional.",
        ),
        why="It equals the library's loss to five decimals. By rows a picture learns to find its text, by columns a text "
        "to find its picture.",
    ),
    "11.4": Exercise(
        _duplicates,
        hints=(
            "Encode the pictures, let the library list the pairs, and keep those at the bound or above it.",
            "util.paraphrase_mining_embeddings wants a tensor (convert_to_tensor=True), and returns [cosine, i, j], most alike "
            "first.",
            "found = util.paraphrase_mining_embeddings(model.encode(pictures, convert_to_tensor=True)); "
            "return [(i, j) for cosine, i, j in found if cosine >= bound]",
        ),
        why="The library's tools take vectors and do not ask what they were made of.",
    ),
}
