"""Oracles, hints and quiz of notebook 03, Semantic search."""

from collections.abc import Mapping

import numpy as np

from bxe.exercises import Exercise, Question, Wrong, expect


def _nearest(answer) -> None:
    rng = np.random.default_rng(3)
    for n, top_k in ((6, 3), (40, 5), (4, 10), (2000, 300)):
        vectors = rng.normal(size=(n, 8))
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        query = vectors[1] + rng.normal(size=8) / 10
        query /= np.linalg.norm(query)
        scores = vectors @ query
        best = np.argsort(-scores)[:top_k]
        mistakes = {
            "Those are the scores; asked are the positions of the passages.": scores[best],
            "That is the worst first; sort the scores downwards.": np.argsort(scores)[:top_k],
            "The best comes last; turn the order round.": np.argsort(scores)[-top_k:],
            "Those are all passages; keep the first top_k.": np.argsort(-scores),
            "That is the best one only.": best[0],
            "Those are the scores of all passages, unsorted.": scores,
            "Those are the passages themselves, their rows; asked are their positions.": vectors[best],
            "The best one is missing: does your slice begin at 1?": np.argsort(-scores)[1 : top_k + 1],
        }
        got = answer(query, vectors, top_k)
        if _hits(got):
            mistakes['Those are the hits of util.semantic_search; asked is the "corpus_id" of each.'] = got
        elif _permuted(got, best):
            mistakes["The right ones, but in no order, as np.argpartition leaves them; sort them by score."] = got
        expect(got, best, given=f"{n} random passages and top_k = {top_k}", mistakes=mistakes)


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


def _dcg(grades, k=None) -> float:
    grades = np.asarray(grades, dtype=float)[:k]
    return float((grades / np.log2(np.arange(2, len(grades) + 2))).sum())


def _ndcg(answer) -> None:
    cases = (
        ([0, 3, 1, 0], [1, 1, 3, 1], 10),
        ([2, 0, 3, 1, 0, 2], [2, 1, 3, 2, 3, 2], 3),
        ([0, 0, 0], [3], 10),
        ([0, 0, 0], [0, 0], 10),
    )
    for ranked, judged, k in cases:
        ideal = _dcg(sorted(judged, reverse=True), k)
        right = _dcg(ranked, k) / ideal if ideal else 0.0
        mistakes = {}
        if ideal:
            gains, best = 2.0 ** np.array(ranked) - 1, 2.0 ** np.array(sorted(judged, reverse=True)) - 1
            own = _dcg(sorted(ranked, reverse=True), k)
            by_rank = [np.array(g[:k]) / np.arange(1, len(g[:k]) + 1) for g in (ranked, sorted(judged, reverse=True))]
            relevant = _dcg(sorted((g > 0 for g in judged), reverse=True), k)
            mistakes = {
                "That is the DCG; divide it by the ideal one.": _dcg(ranked, k),
                "That is the ideal DCG.": ideal,
                "The ideal order is that of all judged passages, not only of those that were found.": (
                    _dcg(ranked, k) / own if own else 0.0
                ),
                "Sort `judged` downwards first; it comes in no order.": _dcg(ranked, k) / _dcg(judged, k),
                "The ideal has the highest grade first; yours has the lowest first.": _dcg(ranked, k)
                / _dcg(sorted(judged), k),
                "Sort `judged` first, and cut it at k after that.": _dcg(ranked, k)
                / _dcg(sorted(judged[:k], reverse=True)),
                "The first k only, please, in the ranking and in the ideal.": _dcg(ranked)
                / _dcg(sorted(judged, reverse=True)),
                "Cut the ideal at k, too.": _dcg(ranked, k) / _dcg(sorted(judged, reverse=True)),
                "Cut the ranking at k, too.": _dcg(ranked) / ideal,
                "You divided by the rank; divide by log2(rank + 1).": by_rank[0].sum() / by_rank[1].sum(),
                "The gain here is the grade itself; 2^grade - 1 is another definition of nDCG.": _dcg(gains, k)
                / _dcg(best, k),
                "Grades count: a 3 is worth three times a 1.": _dcg([g > 0 for g in ranked], k) / relevant,
                "Check the discount: rank 1 is divided by log2(2), rank 2 by log2(3), and so on.": _dcg([0, *ranked], k)
                / _dcg([0, *sorted(judged, reverse=True)], k),
            }
            if right == 0.0:
                mistakes = {}
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
        mistakes = {
            "Ranks begin at 1, not at 0.": _fused(rankings, k, first=0),
            "The constant k is missing below the fraction line.": _fused(rankings, 0),
            "The constant is the argument k, not always 60.": _fused(rankings, 60),
            "A later list has replaced what an earlier one gave; add it up.": _fused(
                rankings, k, combine=lambda a, b: b
            ),
            "A passage got something from its first list only; add up all lists.": _fused(
                rankings, k, combine=lambda a, b: a
            ),
            "Take the sum over the lists, not the mean.": {p: round(s / len(rankings), 6) for p, s in right.items()},
            "A passage that is in some of the lists only counts, too.": {
                p: s for p, s in right.items() if all(p in ranking for ranking in rankings)
            },
            TWO_LISTS: _fused(rankings[:2], k),
        }
        given = f"rankings = {rankings}, k = {k}"
        try:
            got = answer([list(ranking) for ranking in rankings], k)
        except ValueError as error:
            if "to unpack" in str(error) and len(rankings) != 2:
                raise Wrong(f"For {given}, your code raised ValueError: {error}. {TWO_LISTS}") from error
            raise
        if not isinstance(got, Mapping):
            mistakes["Return a dict with the score of each passage, nothing else."] = got
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
            mistakes={
                "You compared place by place; a neighbour found at another place counts, too.": (found == exact).mean(),
                "Compare row by row: a neighbour of one query is none of another.": np.isin(found, exact).mean(),
                "Look for each exact neighbour in the same row of found, not in all of found.": np.isin(
                    exact, found
                ).mean(),
                "That is how many a query; divide by the number of neighbours.": common.mean(),
                "That is a count; divide it by the number of all exact neighbours.": common.sum(),
                "That is one share for each query; take their mean.": common / exact.shape[1],
                "Divide by the exact neighbours alone, not by both lists together.": (common / together).mean(),
                "That is the share of queries whose neighbours were all found.": (common == exact.shape[1]).mean(),
                "That is the first neighbour only.": (found[:, 0] == exact[:, 0]).mean(),
                "That is the share that was missed.": 1 - common.sum() / exact.size,
            },
        )


EXERCISES = {
    "03.1": Exercise(
        _nearest,
        hints=(
            "One matrix product gives the score of every passage; then sort.",
            "np.argsort(-scores) gives positions, highest score first. Keep top_k of them.",
            "return np.argsort(-(passages @ query))[:top_k]",
        ),
        why="This is a whole search engine; all the rest is speed, and knowing how good it is.",
    ),
    "03.2": Exercise(
        _ndcg,
        hints=(
            "Write the DCG first, as a function of a list of grades. You need it twice.",
            "Sort `judged` downwards, cut both lists at k, divide one DCG by the other, and look out for an ideal of 0.",
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

QUIZ = (
    Question(
        "A search returns ten passages. The only relevant one is the fourth. Its reciprocal rank is...",
        (
            ("0.4", "It is one divided by the rank: 1 / 4. Nothing is divided by ten."),
            ("0.25", "One divided by the rank of the first relevant passage."),
            ("4", "That is the rank; its reciprocal is 1 / 4."),
        ),
        right="b",
    ),
    Question(
        "Two systems were measured on the same questions, and their intervals overlap. To compare them, you...",
        (
            (
                "take an interval of their difference, question by question",
                "Hard questions are hard for both; the paired difference takes that out.",
            ),
            (
                "conclude that they are equally good",
                "Overlap is no test: the paired difference may well be clear of 0. And not seen is not the same as not there.",
            ),
            ("take the one with the higher mean", "That may be the luck of these questions; the interval tells."),
        ),
        right="a",
    ),
    Question(
        "80 questions give an interval about 0.12 wide. About how many questions does a third of that width take?",
        (
            ("240", "Three times the questions make it narrower by the root of 3 only, to about 0.07."),
            ("480", "Six times the questions make it narrower by the root of 6, to about 0.05."),
            ("720", "Nine times the questions: the root of 9 is 3."),
        ),
        right="c",
    ),
    Question(
        "People search your manual for order codes such as 'KX-4471b'. What do you try first?",
        (
            ("a larger bi-encoder", "A code it has rarely seen has no meaning for it; size helps little."),
            ("BM25", "A rare, exact word is what BM25 is best at."),
            (
                "HNSW with a higher efSearch",
                "It comes closer to the exact search by cosine, and the cosine itself is at fault.",
            ),
        ),
        right="b",
    ),
    Question(
        "Reciprocal rank fusion, k = 60. Passage X is first in one list and not in the other; Y is 80th in both. Ahead is...",
        (
            ("X", "1/61 = 0.016 is more than 2/140 = 0.014. Up to rank 61 in both, Y would be ahead."),
            ("neither: they tie", "They would if Y were 62nd in both: 2/122 is 1/61. Work it out for rank 80."),
            (
                "Y, because it is in both lists",
                "Y has 2/140 = 0.014, X has 1/61 = 0.016: at rank 80, both is not enough.",
            ),
        ),
        right="a",
    ),
    Question(
        "An index is said to have a recall@10 of 0.98. As a rule that means...",
        (
            (
                "98 % of the relevant passages are among the first ten",
                "That would be the search's recall, which needs judgements. Ask which one is meant.",
            ),
            ("98 % of the answers are right", "No recall says that; it counts what was found."),
            (
                "of the ten nearest by exact search, it finds 9.8 on average",
                "It is close to the exact search, and as good or bad as that.",
            ),
        ),
        right="c",
    ),
)
