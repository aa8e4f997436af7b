"""Search: what finds passages (a bi-encoder's vectors, BM25's words), and what reads the first of them again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bxe.retrieval.kept import embed_kept, score
from bxe.retrieval.runs import Run, first, reorder
from bxe.retrieval.texts import expect_search

if TYPE_CHECKING:
    import pandas as pd
    from sentence_transformers import CrossEncoder, SentenceTransformer


def retrieve(
    model: SentenceTransformer,
    queries: pd.Series,
    passages: pd.Series,
    *,
    top_k: int = 10,
    embeddings: np.ndarray | None = None,
) -> Run:
    """The passages nearest to each query by cosine, with `util.semantic_search`.

    Args:
        model: a bi-encoder.
        queries, passages: texts, indexed by id.
        top_k: how many passages to return for a query; fewer come if there are fewer.
        embeddings: float array [n, d] of the passages, a row each, if they are at hand; else `embed` makes them.

    Raises:
        ValueError: if there are no queries or passages, a query is blank, a passage is no text, two have the same id, top_k
            is below 1, or embeddings has another number of rows.

    Example:
        >>> import pandas as pd
        >>> retrieve(None, pd.Series({"q1": " "}), pd.Series({"p1": "rain"}))
        Traceback (most recent call last):
        ValueError: query q1 is blank; a query needs at least one word
    """
    from sentence_transformers import util

    expect_search(queries, passages, top_k)
    if embeddings is None:
        embeddings = embed_kept(model, passages.tolist(), encode="encode_document")
    if len(embeddings) != len(passages):
        raise ValueError(f"embeddings has {len(embeddings)} rows for {len(passages)} passages; a row each is expected")
    asked = embed_kept(model, queries.tolist(), encode="encode_query")
    found = util.semantic_search(_tensor(asked), _tensor(embeddings), top_k=top_k)
    return {
        query: {passages.index[hit["corpus_id"]]: hit["score"] for hit in hits}
        for query, hits in zip(queries.index, found)
    }


def retrieve_bm25(queries: pd.Series, passages: pd.Series, *, top_k: int = 10) -> Run:
    """The passages that share the most telling words with each query, by BM25 (bm25s, English stop words left out).

    Args:
        queries, passages: texts, indexed by id.
        top_k: how many passages to return for a query at most; those that share no word are not returned. Of equal scores
            the earlier passage comes first.

    Raises:
        ValueError: as `retrieve` does.

    Example:
        >>> import pandas as pd
        >>> found = retrieve_bm25(pd.Series({"q1": "green tea"}), pd.Series({"p1": "Tea is poured.", "p2": "It rains."}))
        >>> list(found["q1"])
        ['p1']

    Source: Robertson & Zaragoza (2009), "The Probabilistic Relevance Framework: BM25 and Beyond"; Lù (2024), "BM25S",
    arXiv:2407.03618.
    """
    import bm25s

    expect_search(queries, passages, top_k)
    index, bags = bm25s.BM25(), bm25s.tokenize(passages.tolist(), stopwords="en", show_progress=False)
    if not bags.vocab:  # nothing but stop words and punctuation, which bm25s cannot index
        return {query: {} for query in queries.index}
    index.index(bags, show_progress=False)
    asked = bm25s.tokenize(queries.tolist(), stopwords="en", return_ids=False, show_progress=False)
    run: Run = {}
    for query, words in zip(queries.index, asked):
        scores = index.get_scores(words)
        # Not `index.retrieve`: which of several equal scores it cuts off at top_k depends on the CPU.
        best = np.argsort(-scores, kind="stable")[:top_k]
        run[query] = {passages.index[at]: float(scores[at]) for at in best if scores[at] > 0}
    return run


def rerank(model: CrossEncoder, run: Run, queries: pd.Series, passages: pd.Series, *, top_k: int = 30) -> Run:
    """Put the first `top_k` passages of each query in a cross-encoder's order; the rest stays behind them, as it was.

    Args:
        model: a cross-encoder with one output.
        run: what the first step returned.
        queries, passages: texts, indexed by the ids that the run uses.
        top_k: candidates to read for a query.

    Returns:
        A run of the same passages. The candidates have the model's logits, what is behind them goes on downwards from the
        lowest one in steps of 1 (see `reorder`).

    Raises:
        ValueError: if top_k is below 1.
        KeyError: if the run names a query or passage that has no text.

    Example:
        >>> rerank(None, {"q1": {}}, {}, {}, top_k=10)
        {'q1': {}}

    Source: Nogueira & Cho (2019), "Passage Re-ranking with BERT", arXiv:1901.04085.
    """
    return reorder(run, score(model, first(run, top_k), queries, passages), top_k=top_k)


def _tensor(vectors: np.ndarray):
    import torch

    return torch.as_tensor(np.asarray(vectors, dtype=np.float32))
