"""One query as a service would answer it: each step by itself, timed, and what the systems make of the steps.

The steps give what `bxe.retrieval` gives for many queries at once (a test compares the two); here each query comes alone,
nothing is looked up on disk, and the time of a system is the sum of its steps' times.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from bxe.retrieval import Run, add, first, fuse, reorder
from bxe.retrieval.pairs import read_together

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder, MultiVectorEncoder, SentenceTransformer

FOUND = 100  # passages that a first step returns
WEIGHT = 20  # of MaxSim beside the cross-encoder's logit, as notebook 08 has it
NEIGHBOURS, LINK = 32, 8.0  # links of a vector in HNSW, and bytes of one, which both of its ends keep
KEPT = 200 << 20  # bytes of token vectors that are kept between queries

BM25, DENSE, HNSW, HYBRID, LATE = "BM25", "dense", "dense, HNSW", "hybrid", "late interaction"


def systems(depths: Sequence[int], *, hnsw: bool, late: bool) -> dict[str, tuple[str, ...]]:
    """The candidate systems, and the steps that a query takes in each.

    Args:
        depths: how many candidates to re-rank, each a variant of its own.
        hnsw: whether the corpus is large enough for an index that does not look at every vector.
        late: whether it is small enough for late interaction with every text.

    Example:
        >>> list(systems([10], hnsw=False, late=False))
        ['BM25', 'dense', 'hybrid', 'dense + MaxSim (10)', 'dense + cross-encoder (10)', 'dense + sum (10)']
    """
    dense = ("encode", "search")
    steps = {BM25: ("bm25",), DENSE: dense}
    if hnsw:
        steps[HNSW] = ("encode", "hnsw")
    steps[HYBRID] = (*dense, "bm25")
    if late:
        steps[LATE] = ("late",)
    for depth in depths:
        steps[f"dense + MaxSim ({depth})"] = (*dense, f"late {depth}")
        steps[f"dense + cross-encoder ({depth})"] = (*dense, f"cross {depth}")
        steps[f"dense + sum ({depth})"] = (*dense, f"late {depth}", f"cross {depth}")
    return steps


class Words:
    """BM25 over some texts: indexed once, then asked one query at a time."""

    def __init__(self, texts: Sequence[str]) -> None:
        import bm25s

        bags = bm25s.tokenize(list(texts), stopwords="en", show_progress=False)
        self.size, self.index, self.bytes = len(texts), bm25s.BM25(), 0
        if bags.vocab:  # bm25s cannot index nothing but stop words
            self.index.index(bags, show_progress=False)
            stored = [value for value in self.index.scores.values() if isinstance(value, np.ndarray)]
            self.bytes = sum(value.nbytes for value in stored) + sum(map(len, bags.vocab))

    def find(self, query: str, top_k: int) -> dict[int, float]:
        """The positions of the best texts with their scores; of equal ones the earlier first."""
        import bm25s

        (words,) = bm25s.tokenize([query], stopwords="en", return_ids=False, show_progress=False)
        if not words or not self.bytes:
            return {}
        scores = self.index.get_scores(words)
        top_k = min(top_k, len(scores))
        near = np.flatnonzero(scores >= max(np.partition(scores, -top_k)[-top_k], np.finfo(np.float32).tiny))
        best = near[np.argsort(-scores[near], kind="stable")][:top_k]
        return {int(at): float(scores[at]) for at in best}


@dataclass
class Clock:
    """Milliseconds of wall and of CPU time (all threads) by step, for one query."""

    wall: dict[str, float] = field(default_factory=dict)
    cpu: dict[str, float] = field(default_factory=dict)

    def time(self, step: str, call: Callable, *given):
        """What the call returns; its time is added to that of the step."""
        wall, cpu = time.perf_counter(), time.process_time()
        result = call(*given)
        self.wall[step] = self.wall.get(step, 0.0) + 1000 * (time.perf_counter() - wall)
        self.cpu[step] = self.cpu.get(step, 0.0) + 1000 * (time.process_time() - cpu)
        return result


@dataclass
class Server:
    """The indexes of a sample, the models, and the indexes at (or nearer to) the size of the corpus, for their time.

    ids, texts: of the n texts of the sample. vectors: a float32 tensor [n, d] of length 1. large: the same, repeated to
    the size at which search is timed. words_large: BM25 at the size at which it is timed. all_tokens: whether late
    interaction compares a query with every text (see `keep_all_tokens`), and not only with the candidates.
    """

    ids: list
    texts: list[str]
    vectors: object
    large: object
    words: Words
    words_large: Words
    bi: SentenceTransformer
    late: MultiVectorEncoder
    cross: CrossEncoder
    hnsw: object = None
    all_tokens: bool = False
    tokens: list[int] = field(default_factory=list)  # of the texts that late interaction has read
    late_seconds: float = 0.0  # that it took
    _kept: dict[int, object] = field(default_factory=dict)
    _bytes: int = 0

    def keep_all_tokens(self) -> None:
        """Read all texts for late interaction, unless their token vectors turn out to be more than KEPT."""
        self._store(range(len(self.texts)))
        self.all_tokens = self._bytes <= KEPT

    def answer(
        self, query: str, depths: Sequence[int], clock: Clock, *, cross: bool = True
    ) -> dict[str, dict[int, float]]:
        """By system, the scores by position of the text that it returns for a query, each step timed.

        Args:
            depths: how many candidates to re-rank, rising.
            cross: whether the cross-encoder reads them, too; without it, its systems have no answer.
        """
        near = clock.time("encode", self._encode, query)
        clock.time("search", self._search, near, self.large)
        clock.time("bm25", self.words_large.find, query, FOUND)
        dense, lexical = self._search(near, self.vectors), self.words.find(query, FOUND)
        runs: dict[str, Run] = {BM25: {"": lexical}, DENSE: {"": dense}}
        runs[HYBRID] = clock.time("fuse", fuse, runs[DENSE], runs[BM25])
        if self.hnsw is not None:
            runs[HNSW] = {"": clock.time("hnsw", self._approximately, near)}
        if self.all_tokens:
            scores = clock.time("late", self._maxsim, query, range(len(self.texts)))
            runs[LATE] = first({"": scores}, FOUND)
        order, logits, sims, before = list(dense), {}, {}, 0
        for depth in depths:
            self._store(order[:depth])
            for step, known, score in (("late", sims, self._maxsim), ("cross", logits, self._read))[: 1 + cross]:
                # What a smaller depth has read is not read again, and its time counts here, too.
                for spent in (clock.wall, clock.cpu):
                    spent[f"{step} {depth}"] = spent.get(f"{step} {before}", 0.0)
                if unread := order[before:depth]:
                    known |= clock.time(f"{step} {depth}", score, query, unread)
            before = depth
            scored = {"MaxSim": {"": dict(sims)}}
            if cross:
                scored["cross-encoder"] = {"": dict(logits)}
                scored["sum"] = add(scored["cross-encoder"], scored["MaxSim"], weights=(1, WEIGHT))
            for name, scores in scored.items():
                runs[f"dense + {name} ({depth})"] = reorder(runs[DENSE], scores, top_k=depth)
        return {name: run[""] for name, run in runs.items()}

    def _encode(self, query: str):
        import torch

        return torch.nn.functional.normalize(torch.as_tensor(self.bi.encode_query([query], show_progress_bar=False)))

    def _search(self, near, vectors) -> dict[int, float]:
        from sentence_transformers import util

        hits = util.semantic_search(near, vectors, top_k=min(FOUND, len(vectors)), score_function=util.dot_score)[0]
        return {
            hit["corpus_id"]: hit["score"] for hit in sorted(hits, key=lambda hit: (-hit["score"], hit["corpus_id"]))
        }

    def _approximately(self, near) -> dict[int, float]:
        scores, found = self.hnsw.search(near.numpy(), min(FOUND, len(self.texts)))
        return {int(at): float(score) for at, score in zip(found[0], scores[0]) if at >= 0}

    def _store(self, positions: Sequence[int]) -> None:
        """Token vectors, which a service would have stored: their time is the index's, not the query's."""
        missing = [at for at in positions if at not in self._kept]
        if self._bytes > KEPT:
            self._kept, self._bytes, missing = {}, 0, list(positions)
        if missing:
            start = time.perf_counter()
            stored = self.late.encode_document([self.texts[at] for at in missing], show_progress_bar=False)
            self.late_seconds += time.perf_counter() - start
            self._kept |= dict(zip(missing, stored))
            self.tokens += [len(tokens) for tokens in stored]
            self._bytes += sum(4 * np.prod(tokens.shape) for tokens in stored)

    def _maxsim(self, query: str, positions: Sequence[int]) -> dict[int, float]:
        asked = self.late.encode_query([query], show_progress_bar=False)
        scores = self.late.similarity_pairwise(asked * len(positions), [self._kept[at] for at in positions])
        return dict(zip(positions, scores.tolist()))

    def _read(self, query: str, positions: Sequence[int]) -> dict[int, float]:
        pairs = [(query, self.texts[at]) for at in positions]
        return dict(zip(positions, read_together(self.cross, pairs).tolist()))
