"""Oracles and hints of notebook 03, Semantic search."""

import zlib
from collections.abc import Mapping

import numpy as np

from bxe.exercises.oracle import Exercise, Wrong, dcg, expect, unit_vectors


class _Sides:
    """A bi-encoder without weights, whose two sides differ as under instructions: each text has a vector for each side."""

    def encode(self, inputs, *, convert_to_tensor: bool = False, prompt_name: str = "neither", **_):
        """A vector of length 1 for a text, or a row for each of several, as `SentenceTransformer.encode` gives them."""
        if isinstance(inputs, str):
            seed = zlib.crc32(f"{prompt_name}: {inputs}".encode())
            vectors = unit_vectors(np.random.default_rng(seed), 1, 8)[0].astype(np.float32)
        else:
            vectors = np.array([self.encode(text, prompt_name=prompt_name) for text in inputs])
        if convert_to_tensor:
            import torch

            vectors = torch.tensor(vectors)
        return vectors

    def encode_query(self, inputs, **options):
        return self.encode(inputs, **options | {"prompt_name": "query"})

    def encode_document(self, inputs, **options):
        return self.encode(inputs, **options | {"prompt_name": "document"})

    def similarity(self, ones, others):
        from sentence_transformers import util

        return util.cos_sim(ones, others)


def _find(answer) -> None:
    model = _Sides()
    for n, top_k, query in ((40, 5, "rain in May"), (6, 3, "who won?"), (4, 10, "why so late?"), (30, 12, "green tea")):
        passages = [f"passage {number} of {n}" for number in range(n)]

        def order(asked, read, query=query, passages=passages):
            return np.argsort(-(model.encode(passages, prompt_name=read) @ model.encode(query, prompt_name=asked)))

        right = order("query", "document")
        best = right[:top_k]
        scores = model.encode_document(passages) @ model.encode_query(query)
        mistakes = [
            (order("neither", "neither")[:top_k], "`encode` adds no instruction; each side has a method of its own."),
            (order("query", "query")[:top_k], "You encoded the passages as queries; use encode_document for them."),
            (order("document", "document")[:top_k], "You encoded the query as a passage; use encode_query for it."),
            (
                order("document", "query")[:top_k],
                "The sides are swapped: encode_query is for the query, encode_document for the passages.",
            ),
            (right[:10], "util.semantic_search returns ten hits unless you tell it top_k."),
            (right, "Those are all passages; keep the first top_k."),
            (right[::-1][:top_k], "That has the worst first; put the best first."),
            (best[::-1], "The best comes last; turn the order round."),
            (
                best[None],
                "That is a list in a list, because semantic_search returns one list per query; take the first.",
            ),
            (best[0], "That is the best one only."),
            (scores[best], "Those are the scores; return the positions of the passages."),
            ([passages[at] for at in best], "Those are the passages themselves; return their positions."),
        ]
        got = answer(model, query, list(passages), top_k)
        if _hits(got):
            mistakes.append((got, 'Those are the hits of util.semantic_search; return the "corpus_id" of each.'))
        elif _permuted(got, best):
            mistakes.append((got, "Those are the right ones, but in another order; sort them by score."))
        expect(got, best, given=f"query = {query!r}, {n} passages and top_k = {top_k}", mistakes=mistakes)


def _hits(got) -> bool:
    """Whether this is what util.semantic_search returns: a list of dicts, or such a list in a list."""
    while isinstance(got, list) and got:
        got = got[0]
    return isinstance(got, Mapping)


def _permuted(got, best) -> bool:
    """Whether these are the right positions in any order."""
    try:
        return np.shape(got) == best.shape and sorted(np.asarray(got).tolist()) == sorted(best.tolist())
    except (TypeError, ValueError):
        return False


def _ndcg(answer) -> None:
    cases = (
        ([0, 3, 1, 0], [1, 1, 3, 1], 10),
        ([2, 0, 3, 1, 0, 2], [2, 1, 3, 2, 3, 2], 3),
        ([0, 0, 0], [3], 10),
        ([0, 0, 0], [0, 0], 10),
    )
    for ranked, judged, k in cases:
        ideal = dcg(sorted(judged, reverse=True), k)
        right = dcg(ranked, k) / ideal if ideal else 0.0
        mistakes = []
        if ideal:
            gains, best = 2.0 ** np.array(ranked) - 1, 2.0 ** np.array(sorted(judged, reverse=True)) - 1
            own = dcg(sorted(ranked, reverse=True), k)
            by_rank = [np.array(g[:k]) / np.arange(1, len(g[:k]) + 1) for g in (ranked, sorted(judged, reverse=True))]
            relevant = dcg(sorted((g > 0 for g in judged), reverse=True), k)
            mistakes = [
                (dcg(ranked, k), "That is the DCG; divide it by the ideal one."),
                (ideal, "That is the ideal DCG."),
                (
                    dcg(ranked, k) / own if own else 0.0,
                    "The ideal order is that of all judged passages, not only of those that were found.",
                ),
                (dcg(ranked, k) / dcg(judged, k), "Sort `judged` in descending order first; it comes in no order."),
                (
                    dcg(ranked, k) / dcg(sorted(judged), k),
                    "The ideal has the highest grade first; yours has the lowest first.",
                ),
                (
                    dcg(ranked, k) / dcg(sorted(judged[:k], reverse=True)),
                    "Sort `judged` first, and cut it at k after that.",
                ),
                (
                    dcg(ranked) / dcg(sorted(judged, reverse=True)),
                    "Use the first k only, in the ranking and in the ideal order.",
                ),
                (dcg(ranked, k) / dcg(sorted(judged, reverse=True)), "Cut the ideal at k, too."),
                (dcg(ranked) / ideal, "Cut the ranking at k, too."),
                (by_rank[0].sum() / by_rank[1].sum(), "You divided by the rank; divide by log2(rank + 1)."),
                (
                    dcg(gains, k) / dcg(best, k),
                    "The gain here is the grade itself; 2^grade - 1 is another definition of nDCG.",
                ),
                (dcg([g > 0 for g in ranked], k) / relevant, "Grades count: a 3 is worth three times a 1."),
                (
                    dcg([0, *ranked], k) / dcg([0, *sorted(judged, reverse=True)], k),
                    "Check the discount: rank 1 is divided by log2(2), rank 2 by log2(3), and so on.",
                ),
            ]
            if right == 0.0:
                mistakes = []
        with np.errstate(divide="ignore", invalid="ignore"):
            got = answer(list(ranked), list(judged), k)
        if not ideal and not isinstance(got, str) and got is not None and np.ndim(got) == 0 and np.isnan(got):
            raise Wrong(
                f"For judged = {judged}, where nothing is relevant, you gave nan; expected 0. The ideal DCG is 0 there, "
                "and nothing can be divided by it."
            )
        expect(got, right, given=f"ranked = {ranked}, judged = {judged}, k = {k}", mistakes=mistakes)


def _fused(rankings, k, first=1, combine=lambda a, b: a + b) -> dict[str, float]:
    scores: dict[str, float] = {}
    for ranking in rankings:
        for rank, passage in enumerate(ranking, start=first):
            score = 1 / (k + rank) if k + rank else 1.0
            scores[passage] = combine(scores[passage], score) if passage in scores else score
    return _rounded(scores)


def _rounded(scores):
    """A dict's numbers with six decimals, so that the order of a sum makes no difference; anything else as it is."""
    if isinstance(scores, Mapping):
        return {key: round(float(value), 6) if np.ndim(value) == 0 else value for key, value in scores.items()}
    return scores


TWO_LISTS = "There need not be two lists; loop over `rankings`, however many it holds."


def _rrf(answer) -> None:
    cases = (
        ([["a", "b", "c"], ["c", "d"]], 60),
        ([["x", "y"], ["y", "x"], ["y", "z"]], 10),
        ([["p"], []], 60),
    )
    for rankings, k in cases:
        right = _fused(rankings, k)
        mistakes = [
            (_fused(rankings, k, first=0), "Ranks begin at 1, not at 0."),
            (_fused(rankings, 0), "The constant k is missing from the denominator."),
            (_fused(rankings, 60), "The constant is the argument k, not always 60."),
            (
                _fused(rankings, k, combine=lambda a, b: b),
                "A later list has replaced what an earlier one gave; add the two.",
            ),
            (
                _fused(rankings, k, combine=lambda a, b: a),
                "A passage got a score from its first list only; add up all lists.",
            ),
            ({p: round(s / len(rankings), 6) for p, s in right.items()}, "Take the sum over the lists, not the mean."),
            (
                {p: s for p, s in right.items() if all(p in ranking for ranking in rankings)},
                "A passage that is in only some of the lists counts, too.",
            ),
            (_fused(rankings[:2], k), TWO_LISTS),
        ]
        given = f"rankings = {rankings}, k = {k}"
        try:
            got = answer([list(ranking) for ranking in rankings], k)
        except ValueError as error:
            if "to unpack" in str(error) and len(rankings) != 2:
                raise Wrong(f"For {given}, your code raised ValueError: {error}. {TWO_LISTS}") from error
            raise
        if not isinstance(got, Mapping):
            mistakes.append((got, "Return a dict with the score of each passage, nothing else."))
        expect(_rounded(got), right, given=given, mistakes=mistakes)


def _overlap(answer) -> None:
    exact = np.array([[1, 2, 3, 4], [5, 6, 7, 8], [9, 1, 2, 3]])
    for found in (
        np.array([[2, 1, 3, 9], [5, 6, 7, 8], [9, 1, 4, -1]]),
        np.array([[1, 3, 2, 5], [6, 5, 1, 2], [9, 2, 3, 8]]),
    ):
        common = np.array([len(set(a) & set(b)) for a, b in zip(found, exact)])
        together = np.array([len(set(a) | set(b)) for a, b in zip(found, exact)])
        expect(
            answer(found, exact),
            common.sum() / exact.size,
            given=f"found = {found.tolist()}, exact = {exact.tolist()}",
            mistakes=[
                (
                    (found == exact).mean(),
                    "You compared place by place; a neighbour found at another place counts, too.",
                ),
                (np.isin(found, exact).mean(), "Compare row by row: a neighbour of one query is not another's."),
                (
                    np.isin(exact, found).mean(),
                    "Look for each exact neighbour in the same row of found, not in all of found.",
                ),
                (common.mean(), "That is how many per query; divide by the number of exact neighbours in a row."),
                (common.sum(), "That is a count; divide it by the number of all exact neighbours."),
                (common / exact.shape[1], "That is one share for each query; take their mean."),
                ((common / together).mean(), "Divide by the exact neighbours alone, not by both lists together."),
                ((common == exact.shape[1]).mean(), "That is the share of queries whose neighbours were all found."),
                ((found[:, 0] == exact[:, 0]).mean(), "That is the first neighbour only."),
                (1 - common.sum() / exact.size, "That is the share that was missed."),
            ],
        )


EXERCISES = {
    "03.1": Exercise(
        _find,
        hints=(
            "Turn both sides into vectors, each with its own method, and let util.semantic_search compare them.",
            "semantic_search(query_vector, passage_vectors, top_k=top_k) returns one list of hits per query; you have one query.",
            "hits = util.semantic_search(model.encode_query(query), model.encode_document(passages), top_k=top_k)[0]; "
            'return [hit["corpus_id"] for hit in hits]',
        ),
        why="This is a whole search engine; all the rest is speed, and knowing how good it is.",
    ),
    "03.2": Exercise(
        _ndcg,
        hints=(
            "Write the DCG first, as a function of a list of grades. You need it twice.",
            "Sort `judged` in descending order, cut both lists at k, divide one DCG by the other; the ideal may be 0.",
            "With dcg(grades) = sum(g / np.log2(r + 1) for r, g in enumerate(grades[:k], start=1)): "
            "ideal = dcg(sorted(judged, reverse=True)); return dcg(ranked) / ideal if ideal else 0.0",
        ),
        why="An answer that was never found lowers it, since the ideal order knows all judged passages.",
    ),
    "03.3": Exercise(
        _rrf,
        hints=(
            "Walk through each list with its ranks, and add to what a passage has so far.",
            "enumerate(ranking, start=1) gives ranks; scores.get(passage, 0) is what a passage has so far.",
            "scores[passage] = scores.get(passage, 0) + 1 / (k + rank)",
        ),
        why="It needs ranks only, so it can join systems whose scores have nothing in common.",
    ),
    "03.4": Exercise(
        _overlap,
        hints=(
            "Row by row: how many of the exact neighbours are among those found? The order does not matter.",
            "set(row_a) & set(row_b) is what two rows share. Sum up, and divide by the number of exact neighbours.",
            "return np.mean([len(set(f) & set(e)) / len(e) for f, e in zip(found, exact)])",
        ),
        why="It holds the fast index against the slow one and needs no judgements; it says nothing of relevance.",
    ),
}
