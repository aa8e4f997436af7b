"""What the reranker learns from: lists, mined from the public sets with bi-encoder and BM25."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import torch

from training.data import Dataset
from training.reranker.corrupt import as_typed, corrupt

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer


@dataclass
class TrainingList:
    """Pairs of query and text, of which the first belongs together: one query with several texts, or one text under several."""

    source: str  # the file it was mined from; or snli, unanswerable, contrast
    queries: list[str]
    texts: list[str]
    cosines: list[float] = field(default_factory=list)  # of a query and its text, as the bi-encoder sees them

    def loss(self, logits: torch.Tensor, run: dict) -> torch.Tensor:
        """Cross-entropy between target and logits, and how far the logits are from the target's own.

        The first is led by which text is best; the second also by the order of the others: a passage on the matter above
        one that is off it, by as much as the bi-encoder sees between them (MarginMSE: Hofstätter et al. 2020,
        arXiv:2010.02666).
        """
        wanted = self.target(run).to(logits.device)
        theirs = wanted.log().clamp(min=wanted.log().max() - run["margin_most"])
        gap = (logits - logits.mean()) - (theirs - theirs.mean())
        return run["margin_weight"] * gap.square().mean() - (wanted * logits.log_softmax(0)).sum()

    def target(self, run: dict) -> torch.Tensor:
        """The label (the first pair), softened by the bi-encoder's opinion: a distribution over the list."""
        label = torch.zeros(len(self.texts))
        label[0] = 1.0
        # Where one text stands under several queries, the bi-encoder's opinion says little of what is asked.
        weight = run["soft_weight"] * (run["soft_one_text"] if self.source in ("snli", "unanswerable") else 1.0)
        soft = (torch.tensor(self.cosines) / run["soft_temperature"]).softmax(0)
        return (1 - weight) * label + weight * soft


def encode(model: SentenceTransformer, texts: list[str]) -> np.ndarray:
    """Vectors of length 1, a row a text."""
    return model.encode(texts, batch_size=64, normalize_embeddings=True, show_progress_bar=False)


def mine(data: Dataset, model: SentenceTransformer, recipe: dict, rng: random.Random) -> list[TrainingList]:
    """A list for each example: a positive, hard negatives of the bi-encoder and of BM25, random or corrupted ones."""
    import bm25s

    settings = recipe["lists"]
    whole = [" ".join(p.split()[: settings["long_words"]]) for p in data.passages]
    queries = [as_typed(example.query, recipe["typed"], rng) for example in data.examples]
    vectors, asked = encode(model, whole), encode(model, queries)
    index = bm25s.BM25()
    index.index(bm25s.tokenize(whole, show_progress=False), show_progress=False)
    depth = min(settings["lexical_of"], len(whole))
    lexical, _ = index.retrieve(bm25s.tokenize(queries, show_progress=False), k=depth, show_progress=False, n_threads=1)
    lists = []
    for number, example in enumerate(data.examples):
        query, scores = queries[number], vectors @ asked[number]
        positive = rng.choice(example.positives)
        # Above the ceiling a passage may well answer, too: such false negatives teach the wrong thing.
        ceiling = settings["margin"] * max(scores[positive], settings["least_cosine"])
        ranked = [int(i) for i in np.argsort(-scores)[: settings["far_of"]]]
        usable = [i for i in ranked if i not in example.positives and scores[i] < ceiling]
        words = [int(i) for i in lexical[number] if i not in example.positives and scores[i] < ceiling]
        first = ranked[: settings["hard_of"]]
        near, far = [i for i in usable if i in first], [i for i in usable if i not in first]
        chosen = rng.sample(near, min(settings["hard"], len(near)))
        chosen += [i for i in words if i not in chosen][: settings["lexical"]]
        chosen += [i for i in rng.sample(far, min(settings["far"], len(far))) if i not in chosen]
        while len(chosen) < settings["negatives"] and len(whole) > settings["negatives"] + len(example.positives):
            other = rng.randrange(len(whole))
            if other not in example.positives and other not in chosen:
                chosen.append(other)
        texts = [whole[i] for i in (positive, *chosen)]
        cosines = [float(scores[i]) for i in (positive, *chosen)]
        statement = data.name in recipe["statements"]
        if trap := corrupt(query, texts[0], recipe["traps"], rng, statement):
            texts[-1], cosines[-1] = trap, cosines[0] - settings["trap_gap"]
        lists.append(TrainingList(data.name, [query] * len(texts), texts, cosines))
    return lists


def shorten(entry: TrainingList, settings: dict, rng: random.Random) -> TrainingList:
    """A list with its texts cut to what training reads; a trap that differs only further on is dropped."""
    share = settings["long_share"].get(entry.source, settings["long_share"]["others"])
    limit = settings["long_words"] if rng.random() < share else settings["words"]
    texts = [" ".join(text.split()[:limit]) for text in entry.texts]
    kept = [i for i, text in enumerate(texts) if i == 0 or text != texts[0]]
    queries, cosines = ([values[i] for i in kept] for values in (entry.queries, entry.cosines))
    return replace(entry, queries=queries, texts=[texts[i] for i in kept], cosines=cosines)
