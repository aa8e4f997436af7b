"""What the worker thread owns: the models, the passages' vectors, and what is computed with them.

Each function takes the inputs of a whole batch, which may be of several requests, and returns an answer for each.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from bxe import corpora, load_bi_encoder, load_cross_encoder, load_multi_vector_encoder, retrieval
from bxe.retrieval.pairs import read_apart, read_together
from bxe.retrieval.texts import unreadable


def read_passages(source: str) -> pd.Series:
    """The texts to search, by passage_id: "course", or a folder as `corpora.from_folder` reads it."""
    table = corpora.load("passages") if source == "course" else corpora.from_folder(source)
    return table.set_index("passage_id").text


class Engine:
    """Models and vectors, loaded once; to be used by one thread.

    Args:
        passages: texts, indexed by id.
        maxsim_weight: a pair's score is logit + this weight · MaxSim, as in notebook 08; 0 leaves the logit alone.
    """

    def __init__(self, passages: pd.Series, maxsim_weight: float) -> None:
        self.weight = maxsim_weight
        self.bi, self.cross = load_bi_encoder(), load_cross_encoder()
        self.late = load_multi_vector_encoder() if maxsim_weight else None
        known = list(passages.items())
        left_out = unreadable(self.bi, known, "passages", "they are left out")
        passages = passages.iloc[[at for at in range(len(known)) if at not in left_out]]
        self.ids = passages.index.tolist()
        # Kept on disk: the next start reads what this one has computed. Length 1, so that a product is a cosine.
        vectors = retrieval.embed(self.bi, passages)
        self.vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def work(self) -> dict:
        """The kinds of work, for the queue."""
        return {"query": self.queries, "passage": self.passages, "search": self.search, "pair": self.score}

    def queries(self, texts: list[str]) -> np.ndarray:
        """Embeddings of n queries, float32 [n, d]."""
        return self.bi.encode_query(texts, batch_size=len(texts), show_progress_bar=False)

    def passages(self, texts: list[str]) -> np.ndarray:
        """Embeddings of n passages, float32 [n, d]."""
        return self.bi.encode_document(texts, batch_size=len(texts), show_progress_bar=False)

    def search(self, asked: list[tuple[str, int]]) -> list[dict[str, float]]:
        """For n queries, each with its top_k: the nearest passages and their cosines, best first.

        `retrieval.retrieve` would keep each query's vector on disk. What people ask a service is not kept.
        """
        texts = [text for text, _ in asked]
        vectors = self.queries(texts)
        vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        found = self.nearest(vectors, max(top_k for _, top_k in asked))
        deaf = unreadable(self.bi, list(enumerate(texts)), "queries", "they find nothing")
        return [{} if at in deaf else dict(found[at][:top_k]) for at, (_, top_k) in enumerate(asked)]

    def nearest(self, vectors: np.ndarray, top_k: int) -> list[list[tuple[str, float]]]:
        """For each query's vector (rows of length 1) the nearest passages and their cosines, best first.

        The one place to change for another store: FAISS, LanceDB.
        """
        from sentence_transformers import util

        hits = util.semantic_search(vectors, self.vectors, top_k=top_k, score_function=util.dot_score)
        return [[(self.ids[hit["corpus_id"]], hit["score"]) for hit in best] for best in hits]

    def score(self, pairs: list[tuple[str, str]]) -> list[float]:
        """For n pairs of query and passage: logit + weight · MaxSim, higher is more relevant."""
        scores = read_together(self.cross, pairs, batch_size=len(pairs))
        if self.late is not None:
            scores = scores + self.weight * read_apart(self.late, pairs, batch_size=len(pairs))
        return scores.tolist()
