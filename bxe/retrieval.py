"""Find passages and put them in order: dense, BM25, fused, re-ranked; then measures, intervals, paired comparison.

Queries and passages are pandas Series of texts, indexed by their ids. A *run* is what a system returned: for each query id
a dict of passage id and score, higher is better.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bxe.cache import cache_folder, store

if TYPE_CHECKING:
    import pandas as pd
    from sentence_transformers import CrossEncoder, SentenceTransformer

Run = dict[str, dict[str, float]]
RESAMPLES = 10_000


# ---------------------------------------------------------------- find


def retrieve(
    model: SentenceTransformer,
    queries: pd.Series,
    passages: pd.Series,
    top_k: int = 10,
    embeddings: np.ndarray | None = None,
) -> Run:
    """The passages nearest to each query by cosine, with `util.semantic_search`.

    Args:
        model: a bi-encoder.
        queries, passages: texts, indexed by id.
        top_k: how many passages to return for a query; fewer come if there are fewer.
        embeddings: float array [n, d] of the passages, a row each, if they are at hand; else they are computed here.

    Raises:
        ValueError: if there are no queries or passages, a query is blank, a passage is no text, two have the same id, top_k
            is below 1, or embeddings has another number of rows.
    """
    from sentence_transformers import util

    _expect_search(queries, passages, top_k)
    if embeddings is None:
        embeddings = model.encode_document(passages.tolist(), show_progress_bar=False)
    if len(embeddings) != len(passages):
        raise ValueError(f"embeddings has {len(embeddings)} rows for {len(passages)} passages; a row each is expected")
    asked = model.encode_query(queries.tolist(), show_progress_bar=False)
    found = util.semantic_search(_tensor(asked), _tensor(embeddings), top_k=top_k)
    return {
        query: {passages.index[hit["corpus_id"]]: hit["score"] for hit in hits}
        for query, hits in zip(queries.index, found)
    }


def retrieve_bm25(queries: pd.Series, passages: pd.Series, top_k: int = 10) -> Run:
    """The passages that share the most telling words with each query, by BM25 (bm25s, English stop words left out).

    Args:
        queries, passages: texts, indexed by id.
        top_k: how many passages to return for a query at most; those that share no word are not returned. Of equal scores
            the earlier passage comes first.

    Raises:
        ValueError: as `retrieve` does.

    Source: Robertson & Zaragoza (2009), "The Probabilistic Relevance Framework: BM25 and Beyond"; Lù (2024), "BM25S",
    arXiv:2407.03618.
    """
    import bm25s

    _expect_search(queries, passages, top_k)
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


def fuse(*runs: Run, k: int = 60) -> Run:
    """Reciprocal rank fusion: each run gives a passage 1 / (k + its rank), and these add up.

    Args:
        runs: of the same queries.
        k: how fast a rank loses weight.

    Raises:
        ValueError: if there is no run, or the runs are of different queries.

    Source: Cormack, Clarke & Büttcher (2009), "Reciprocal Rank Fusion outperforms Condorcet".
    """
    if not runs:
        raise ValueError("there are no runs to fuse; give at least one")
    fused: Run = {}
    for query in runs[0]:
        fused[query] = {}
        for run in runs:
            if run.keys() != runs[0].keys():
                raise ValueError("the runs are of different queries; fuse runs of the same ones")
            for rank, passage in enumerate(ranking(run, query), start=1):
                fused[query][passage] = fused[query].get(passage, 0.0) + 1 / (k + rank)
    return fused


def rerank(
    model: CrossEncoder, run: Run, queries: pd.Series, passages: pd.Series, top_k: int = 30, batch_size: int = 32
) -> Run:
    """Score the first `top_k` passages of each query with a cross-encoder and return them with these scores.

    Args:
        model: a cross-encoder with one output.
        run: what the first step returned.
        queries, passages: texts, indexed by the ids that the run uses.
        top_k: candidates a query; what ranks below is dropped.
        batch_size: pairs at a time.

    Raises:
        ValueError: if top_k is below 1.
        KeyError: if the run names a query or passage that has no text.

    Source: Nogueira & Cho (2019), "Passage Re-ranking with BERT", arXiv:1901.04085.
    """
    if top_k < 1:
        raise ValueError(f"top_k is {top_k}; expected at least 1")
    candidates = [(query, passage) for query in run for passage in ranking(run, query)[:top_k]]
    pairs = [(queries[query], passages[passage]) for query, passage in candidates]
    scores = model.predict(pairs, batch_size=batch_size, show_progress_bar=False).tolist() if pairs else []
    reranked: Run = {query: {} for query in run}
    for (query, passage), score in zip(candidates, scores):
        reranked[query][passage] = score
    return reranked


def ranking(run: Run, query: str) -> list[str]:
    """The passage ids that a run has for a query, best first."""
    return sorted(run[query], key=run[query].__getitem__, reverse=True)


def embed(model: SentenceTransformer, texts: pd.Series) -> np.ndarray:
    """Embeddings of a large corpus, computed once and kept in the user's cache folder (or BXE_CACHE).

    The key is made of the texts, the model's weights and its settings, so that what was changed is computed anew. A
    damaged file is noticed by its checksum and rebuilt.

    Args:
        model: a bi-encoder.
        texts: n texts.

    Returns:
        A float32 array [n, d].

    Raises:
        ValueError: if there are no texts, or one is no text.
    """
    _expect_texts(texts, "text")
    path = cache_folder() / "embeddings" / f"{_key(model, texts)}.npz"
    try:
        with np.load(path) as kept:
            vectors, expected = kept["vectors"], kept["sha256"].item()
        if hashlib.sha256(vectors).hexdigest() == expected:
            return vectors
        print(f"embeddings: {path.name} is damaged and is built again")
    except FileNotFoundError:
        print(f"embeddings: {len(texts):,} texts are embedded once; this may take minutes, the next time a second")
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        print(f"embeddings: {path.name} is damaged ({type(error).__name__}) and is built again")
    vectors = model.encode_document(texts.tolist(), batch_size=64, show_progress_bar=False).astype(np.float32)
    buffer = io.BytesIO()
    np.savez(buffer, vectors=vectors, sha256=np.array(hashlib.sha256(vectors).hexdigest()))
    store(path, buffer.getvalue())
    return vectors


def _key(model: SentenceTransformer, texts: pd.Series) -> str:
    """A name for these texts' embeddings by this model; it changes with all that the numbers depend on."""
    import torch

    key = hashlib.sha256("\0".join(texts).encode())
    for value in model.state_dict().values():
        key.update(value.detach().cpu().contiguous().flatten().view(torch.uint8).numpy())
    modules = [(type(module).__name__, module.get_config_dict()) for module in model]
    key.update(repr((modules, model.max_seq_length, model.prompts, model.truncate_dim)).encode())
    return key.hexdigest()[:32]


def _expect_search(queries: pd.Series, passages: pd.Series, top_k: int) -> None:
    if top_k < 1:
        raise ValueError(f"top_k is {top_k}; expected at least 1")
    blank = [str(query) for query, text in queries.items() if not isinstance(text, str) or not text.strip()]
    if blank:
        raise ValueError(f"query {', '.join(blank[:3])} is blank; a query needs at least one word")
    for texts, word in ((passages, "passage"), (queries, "query")):
        _expect_texts(texts, word)
        if not texts.index.is_unique:
            twice = texts.index[texts.index.duplicated()][0]
            raise ValueError(f"{word} {twice} is there twice; each text needs an id of its own in the index")


def _expect_texts(texts: pd.Series, word: str) -> None:
    if not len(texts):
        raise ValueError(f"there is no {word}; give at least one")
    other = [f"{at} is {text!r}" for at, text in texts.items() if not isinstance(text, str)]
    if other:
        raise ValueError(f"{word} {', '.join(other[:3])}; a str is expected, so leave out what is missing")


def _tensor(vectors: np.ndarray):
    import torch

    return torch.as_tensor(np.asarray(vectors, dtype=np.float32))


# ---------------------------------------------------------------- measure


class Interval(NamedTuple):
    """A mean over queries with its 95 % bootstrap interval."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.3f} [{self.low:.3f}, {self.high:.3f}]"


def per_query(measure: str, qrels: pd.DataFrame, run: Mapping[str, Mapping[str, float]]) -> pd.Series:
    """A ranking measure for each query that has a judged passage.

    Args:
        measure: as ir-measures names it: "nDCG@10", "AP", "RR@10", "R@100". AP, RR and R know only relevant and not, and
            count every grade from 1 up; "AP(rel=2)" or "RR(rel=2)@10" count grades 2 and 3 only.
        qrels: columns question_id, passage_id, grade (0-3).
        run: for each question_id, the score of each passage_id that the system returned; higher is better.

    Returns:
        The measure by question_id, 0 to 1; 0 for a query that the system returned nothing for.

    Raises:
        ValueError: if ir-measures does not know the measure.

    Source: Järvelin & Kekäläinen (2002) for nDCG; MacAvaney et al. (2022), ir-measures, arXiv:2111.13466.
    """
    import ir_measures
    import pandas as pd

    judged: dict[str, dict[str, int]] = {}
    for row in qrels.itertuples():
        judged.setdefault(row.question_id, {})[row.passage_id] = int(row.grade)
    scores = {query: {passage: float(score) for passage, score in found.items()} for query, found in run.items()}
    try:
        results = list(ir_measures.iter_calc([ir_measures.parse_measure(measure)], judged, scores))
    except (NameError, ValueError, SyntaxError, AssertionError) as error:
        raise ValueError(f"measure is {measure!r}; expected one that ir-measures knows, as nDCG@10 or AP") from error
    values = {result.query_id: result.value for result in results}
    return pd.Series({query: values.get(query, 0.0) for query in judged}, name=measure).rename_axis("question_id")


def interval(values, *, seed: int = 0) -> Interval:
    """The mean of a value per query, with a 95 % bootstrap interval (percentile, queries drawn anew 10,000 times).

    Args:
        values: one number a query, at least two.
        seed: of the draws.

    Raises:
        ValueError: if there are fewer than two values.

    Source: Efron & Tibshirani (1993), "An Introduction to the Bootstrap", chapter 13.
    """
    values = np.asarray(values, dtype=float)
    if values.ndim != 1 or len(values) < 2:
        raise ValueError(
            f"values has the shape {values.shape}; an interval needs one number each of at least two queries"
        )
    draws = np.random.default_rng(seed).integers(0, len(values), size=(RESAMPLES, len(values)))
    low, high = np.percentile(values[draws].mean(axis=1), [2.5, 97.5])
    return Interval(float(values.mean()), float(low), float(high))


def compare(ours: pd.Series, theirs: pd.Series) -> Interval:
    """The mean difference of two systems, query by query; an interval without 0 is a difference that can be seen.

    Args:
        ours, theirs: a measure per query, as `per_query` gives it, for the same queries.

    Raises:
        ValueError: if the queries differ.

    Source: Smucker, Allan & Carterette (2007), on tests for paired comparisons in retrieval.
    """
    if set(ours.index) != set(theirs.index):
        only = sorted(set(ours.index) ^ set(theirs.index))[:3]
        raise ValueError(f"the two systems were measured on different queries, as {', '.join(map(str, only))}")
    return interval(ours - theirs.reindex(ours.index))
