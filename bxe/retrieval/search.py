"""Search: what finds passages (a bi-encoder's vectors, BM25's words), and what reads the first of them again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bxe.retrieval.kept import embed_kept, score
from bxe.retrieval.runs import Run, first, reorder
from bxe.retrieval.texts import expect_search, unreadable

if TYPE_CHECKING:
    import pandas as pd
    from sentence_transformers import CrossEncoder, MultiVectorEncoder, SentenceTransformer


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
        queries, passages: texts, indexed by id. What the model cannot read (empty texts, a script it does not know) is
            left out and reported in one line, since its vectors mean nothing.
        top_k: how many passages to return for a query; fewer come if there are fewer. Where scores are equal, the
            earlier passage comes first.
        embeddings: float array [n, d] of the passages, one row each, if you have them; else `embed` makes them.

    Raises:
        ValueError: if there are no queries or passages, a query is blank, a passage is no text, two have the same id,
            top_k is not a whole number of at least 1, or embeddings do not fit passages and model.
        TypeError: if queries or passages are not a Series (or dict, or list) of texts.

    Example:
        >>> import pandas as pd
        >>> retrieve(None, pd.Series({"q1": " "}), pd.Series({"p1": "rain"}))
        Traceback (most recent call last):
        ValueError: query q1 is blank; a query needs at least one word
    """
    from sentence_transformers import util

    asked, read = (list(texts.items()) for texts in expect_search(queries, passages, top_k))
    if embeddings is None:
        embeddings = embed_kept(model, [text for _, text in read], encode="encode_document")
    vectors, rows = _vectors(embeddings), range(len(read))
    if len(vectors) != len(read):
        raise ValueError(f"embeddings has {len(vectors)} rows for {len(read)} passages; give one row for each")
    questions = _vectors(embed_kept(model, [text for _, text in asked], encode="encode_query"))
    if vectors.shape[1] != questions.shape[1]:
        widths = f"{vectors.shape[1]} numbers for a passage, and the model makes {questions.shape[1]} for a query"
        raise ValueError(f"embeddings has {widths}; give embeddings that this model made")
    deaf = unreadable(model, asked, "queries", "they find nothing")
    if dull := unreadable(model, read, "passages", "they are left out"):
        rows = [at for at in rows if at not in dull]
        vectors = vectors[rows]
    found = util.semantic_search(questions, vectors, top_k=min(top_k, len(rows))) if rows else [[]] * len(asked)
    run: Run = {}
    for at, (query, _) in enumerate(asked):
        hits = [] if at in deaf else sorted(found[at], key=lambda hit: (-hit["score"], hit["corpus_id"]))
        run[query] = {read[rows[hit["corpus_id"]]][0]: hit["score"] for hit in hits}
    return run


def retrieve_bm25(queries: pd.Series, passages: pd.Series, *, top_k: int = 10) -> Run:
    """The passages that share the most telling words with each query, by BM25 (bm25s, English stop words left out).

    Args:
        queries, passages: texts, indexed by id.
        top_k: the most passages to return for a query; those that share no word are left out. Where scores are equal,
            the earlier passage comes first.

    Raises:
        ValueError: as in `retrieve`.

    Example:
        >>> import pandas as pd
        >>> found = retrieve_bm25(pd.Series({"q1": "green tea"}), pd.Series({"p1": "Tea is poured.", "p2": "It rains."}))
        >>> list(found["q1"])
        ['p1']

    Source: Robertson & Zaragoza (2009), "The Probabilistic Relevance Framework: BM25 and Beyond"; Lù (2024), "BM25S",
    arXiv:2407.03618.
    """
    import bm25s

    texts, read = expect_search(queries, passages, top_k)
    named, run = list(read), {query: {} for query in texts}
    index, bags = bm25s.BM25(), bm25s.tokenize(list(read.values()), stopwords="en", show_progress=False)
    if not bags.vocab:  # nothing but stop words and punctuation, which bm25s cannot index
        return run
    index.index(bags, show_progress=False)
    asked = bm25s.tokenize(list(texts.values()), stopwords="en", return_ids=False, show_progress=False)
    for query, words in zip(texts, asked):
        if not words:  # as in "is it?"; bm25s cannot look up nothing
            continue
        scores = index.get_scores(words)
        # Not `index.retrieve`: which of several equal scores it cuts off at top_k depends on the CPU.
        best = np.argsort(-scores, kind="stable")[:top_k]
        run[query] = {named[at]: float(scores[at]) for at in best if scores[at] > 0}
    return run


def rerank(
    model: CrossEncoder | MultiVectorEncoder, run: Run, queries: pd.Series, passages: pd.Series, *, top_k: int = 30
) -> Run:
    """Put the first `top_k` passages of each query in another model's order; the rest stays behind them, as it was.

    Args:
        model: what reads them again, as in `score`: a cross-encoder with one output, or late interaction.
        run: what the first step returned.
        queries, passages: texts, indexed by the ids that the run uses.
        top_k: candidates to read for a query.

    Returns:
        A run of the same passages. The candidates have the model's scores; those of the rest go down from the lowest
        of these in steps of 1 (see `reorder`).

    Raises:
        ValueError: if top_k is not a whole number of at least 1, or two texts have the same id.
        KeyError: if the run names a query or passage that has no text.

    Example:
        >>> rerank(None, {"q1": {}}, {}, {}, top_k=10)
        {'q1': {}}

    Source: Nogueira & Cho (2019), "Passage Re-ranking with BERT", arXiv:1901.04085.
    """
    return reorder(run, score(model, first(run, top_k), queries, passages), top_k=top_k)


def _vectors(given: np.ndarray):
    """Embeddings as a float tensor [n, d]."""
    import torch

    try:
        vectors = np.asarray(given, dtype=np.float32)
    except (TypeError, ValueError):
        vectors = np.zeros(0)
    if vectors.ndim != 2 or not np.isfinite(vectors).all():
        raise ValueError("embeddings is not an array [n, d] of finite numbers; give what `embed` returns for passages")
    return torch.as_tensor(vectors)
