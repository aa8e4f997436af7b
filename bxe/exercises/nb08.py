"""Oracles and hints of notebook 08, Retrieve and re-rank."""

import numpy as np

from bxe.exercises.oracle import Exercise, Wrong, dcg, expect


class _Reader:
    """A cross-encoder without weights: it knows each passage's logit, and remembers what it was given to read.

    Args:
        query: what every pair must begin with.
        logits: by passage.
        given: the input, in words, for the message.
    """

    num_labels = 1

    def __init__(self, query: str, logits: dict[str, float], given: str) -> None:
        self.query, self.logits, self.given = query, logits, given
        self.read: list[str] = []

    def predict(self, inputs, *, convert_to_tensor: bool = False, **_):
        """The logits of pairs, or of a single pair, as `CrossEncoder.predict` gives them."""
        pairs = list(inputs)
        alone = [type(text) for text in pairs] == [str, str]
        scores = np.array([self._logit(pair) for pair in ([pairs] if alone else pairs)], dtype=np.float32)
        if convert_to_tensor:
            import torch

            scores = torch.tensor(scores)
        return scores[0] if alone else scores

    def rank(self, *args, **options) -> list[dict]:
        """What the library makes of these logits."""
        from sentence_transformers import CrossEncoder

        return CrossEncoder.rank(self, *args, **options)

    def _logit(self, pair) -> float:
        if len(pair) == 2 and pair[1] == self.query:
            raise Wrong(f"For {self.given}, a pair was ({pair[0]!r}, {pair[1]!r}); put the query first.")
        if len(pair) != 2 or pair[0] != self.query or pair[1] not in self.logits:
            raise Wrong(
                f"For {self.given}, the cross-encoder was given {tuple(pair)!r}; expected the query and a passage."
            )
        self.read.append(pair[1])
        return self.logits[pair[1]]


def _rerank(answer) -> None:
    passages = ["rain", "a wet day", "snow", "storms at sea", "hail", "fog in May"]
    logits = dict(zip(passages, (-1.5, 2.25, 0.5, 4.0, -3.0, 1.0)))
    query = "will it be wet?"
    for n, k in ((6, 4), (5, 2), (3, 10)):
        listed = passages[:n]
        given = f"passages = {listed}, k = {k}"
        reader, handed = _Reader(query, logits, given), list(listed)
        got = answer(reader, query, handed, k)
        first, rest = listed[:k], listed[k:]
        best, all_best = (sorted(some, key=logits.__getitem__, reverse=True) for some in (first, listed))
        if isinstance(got, np.ndarray):
            got = got.tolist()
        expect(
            got,
            best + rest,
            given=given,
            mistakes=[
                (best[::-1] + rest, "That has the worst first; a higher score means more relevant."),
                (best, "The passages after the first k are missing; add them in their old order."),
                (all_best, "All passages were put in order; only the first k are to be read."),
                (
                    all_best[:k] + rest,
                    "`top_k` shortens what `rank` returns after it has read all; cut the list that you give to it.",
                ),
                (
                    all_best[:k],
                    "`top_k` shortens what `rank` returns; cut the list that you give to it, and add the rest.",
                ),
                (listed, "Nothing has moved; put the first k in the order of their scores."),
                ([logits[p] for p in best], "Those are the scores; return the passages."),
                ([listed.index(p) for p in best + rest], "Those are positions; return the passages."),
                (
                    [listed.index(p) for p in best] + rest,
                    "`corpus_id` is a position; return the passage that is there.",
                ),
                (rest + best, "The rest comes first; it belongs after the first k."),
            ],
        )
        if handed != listed:
            raise Wrong(f"For {given}, the order is right, but the list you were given has changed; make a new one.")
        if len(reader.read) > len(first):
            raise Wrong(
                f"For {given}, the order is right, but {len(reader.read)} pairs were read. Each costs a forward pass, "
                f"and only the first k need one, {len(first)} passes in all."
            )


def _ceiling(answer) -> None:
    cases = (
        ([0, 1, 0, 3, 0], [3, 2, 1, 0]),
        ([0, 0, 2, 0], [2, 3, 1]),
        ([1, 1, 1, 0, 1, 1, 0, 1, 1, 1, 3, 2, 1, 1], [3, 3, 2] + [1] * 12),
        ([], [3, 1]),
    )
    for found, judged in cases:
        best, ideal = sorted(found, reverse=True), sorted(judged, reverse=True)
        mistakes = []
        if found:
            mistakes = [
                (
                    dcg(found, 10) / dcg(ideal, 10),
                    "That is the nDCG of the order as it came; a perfect second step may change it.",
                ),
                (1.0, "Divide by the ideal of all judged passages: what was not found is lost."),
                (dcg(best) / dcg(ideal), "Count ten places only, in both sums."),
                (
                    dcg(best) / dcg(ideal, 10),
                    "Cut the candidates at ten as well: only ten places count, however many were found.",
                ),
                (dcg(best, 10) / dcg(ideal), "Cut the ideal at ten as well."),
                (
                    dcg(sorted(found[:10], reverse=True)) / dcg(ideal, 10),
                    "First sort, then cut: a good candidate at rank 11 can be brought to the front.",
                ),
                (
                    np.count_nonzero(found) / np.count_nonzero(judged),
                    "That is the recall; nDCG counts grades and places.",
                ),
                (dcg(best, 10), "That is a DCG; divide it by the ideal one."),
                (dcg(sorted(found), 10) / dcg(ideal, 10), "Sort in descending order: the best grade comes first."),
                (dcg(best, 10) / dcg(judged, 10), "Sort `judged` in descending order, too."),
                (
                    dcg(2.0 ** np.array(best) - 1, 10) / dcg(2.0 ** np.array(ideal) - 1, 10),
                    "The gain is the grade itself, not 2 ** grade - 1.",
                ),
            ]
        right = dcg(best, 10) / dcg(ideal, 10)
        expect(answer(found, judged), right, given=f"found = {found}, judged = {judged}", mistakes=mistakes)


def _first(order, answers):
    return next((rank for rank, passage in enumerate(order, start=1) if passage in answers), None)


def _verdict(before, after) -> str:
    return "level" if before == after else "won" if after < before else "lost"


def _fate(answer) -> None:
    cases = (
        (["a", "b", "c", "d"], ["c", "a", "b", "d"], {"c"}),
        (["a", "b", "c", "d"], ["b", "a", "d", "c"], {"c"}),
        (["a", "b", "c", "d"], ["d", "b", "c", "a"], {"b"}),
        (["a", "b", "c", "d"], ["d", "c", "b", "a"], {"x"}),
        (["a", "b", "c", "d"], ["b", "d", "a", "c"], {"a", "d"}),
        (["a", "b", "c", "d"], ["c", "a", "b", "d"], {"a", "c"}),
        (["a", "b", "c", "d"], ["b", "a", "c", "d"], {"a", "z"}),
    )
    for before, after, answers in cases:
        old, new = _first(before, answers), _first(after, answers)
        right = "never retrieved" if old is None else _verdict(old, new)
        swapped = {"won": "lost", "lost": "won"}
        chosen = [p for p in before if p in answers]
        mistakes = []
        if old is None:
            mistakes.append(("level", "An answer that is no candidate can be neither won nor lost by re-ranking."))
        else:
            followed = _verdict(old, after.index(chosen[0]) + 1)
            last = _verdict(before.index(chosen[-1]) + 1, after.index(chosen[-1]) + 1)
            if followed != right:
                mistakes.append((followed, "Any answer counts: look for the first one in each order separately."))
            if last not in (right, followed):
                mistakes.append((last, "The first answer in each order counts, not the last."))
            if right in swapped:
                mistakes.append((swapped[right], "Rank 1 is the best: a smaller rank after re-ranking is a gain."))
            if right == "level" and len(answers) == 1:
                mistakes.append(("won", "Other passages have moved, but the answer stands where it stood."))
                mistakes.append(("lost", "Other passages have moved, but the answer stands where it stood: level."))
            mistakes.append(("never retrieved", "One of the answers is among the candidates; one is enough."))
        given = f"before = {before}, after = {after}, answers = {sorted(answers)}"
        expect(answer(before, after, answers), right, given=given, mistakes=mistakes)


def _choose(quality, budget, first, pair, *, fits=lambda cost, budget: cost <= budget):
    affordable = [k for k in quality if fits(first + k * pair, budget)]
    return min(affordable, key=lambda k: (-quality[k], k)) if affordable else 0


def _choose_k(answer) -> None:
    quality = {200: 0.74, 50: 0.79, 100: 0.78, 20: 0.79, 5: 0.71, 10: 0.76}  # in no order, so that a tie shows
    for budget, first, pair in ((1000, 10, 3), (40, 5, 3), (70, 15, 3), (60, 20, 2), (20, 15, 4), (12, 15, 1)):
        right = _choose(quality, budget, first, pair)
        affordable = [k for k in quality if first + k * pair <= budget]
        if affordable:
            mistakes = [
                (
                    max(affordable),
                    "That is the most that can be paid for; more candidates may be worse. Take the best quality.",
                ),
                (max(affordable, key=lambda k: (quality[k], k)), "Two are equally good: the smaller one costs less."),
                (_choose(quality, budget, 0, pair), "The first step takes time, too: add first_ms."),
                (
                    _choose(quality, budget, first, pair, fits=lambda cost, budget: cost < budget),
                    "A cost that equals the budget still fits.",
                ),
                (_choose(quality, 1e9, first, pair), "That one takes longer than the budget."),
                (quality[right], "That is the quality; return the k."),
                (0, "First see what fits, then take the best of that: the best of all may take too long."),
            ]
        else:
            mistakes = [
                (min(quality), "No k fits the budget here; return 0, which means no re-ranking."),
                (_choose(quality, 1e9, first, pair), "No k fits the budget here, so the best one is of no use."),
                (_choose(quality, budget, 0, pair), "The first step takes time, too, and leaves none for pairs."),
            ]
        given = f"quality = {quality}, budget_ms = {budget}, first_ms = {first}, pair_ms = {pair}"
        got = answer(dict(quality), budget, first, pair)
        if got is None and not affordable:
            raise Wrong(f"For {given}, you gave None; expected 0. If no k fits, return 0 (or is a `return` missing?)")
        expect(got, right, given=given, mistakes=mistakes)


EXERCISES = {
    "08.1": Exercise(
        _rerank,
        hints=(
            "Cut the list in two at k. Only the first part is read; the second is put behind it unchanged.",
            'cross.rank(query, passages[:k]) gives a dictionary for each, best first; hit["corpus_id"] is its position.',
            "hits = cross.rank(query, passages[:k]); "
            'return [passages[hit["corpus_id"]] for hit in hits] + passages[k:]',
        ),
        why="That is the second step. It can only reorder what it is given, and it pays for each candidate.",
    ),
    "08.2": Exercise(
        _ceiling,
        hints=(
            "The best order of what was found has the highest grade first. What was not found stays lost.",
            "Both sums have ten places: sort both lists, best first, cut them at ten, and divide one DCG by the other.",
            "With dcg(grades) = sum(g / np.log2(r + 1) for r, g in enumerate(sorted(grades, reverse=True)[:10], start=1)): "
            "return dcg(found) / dcg(judged)",
        ),
        why="Measured before any cross-encoder is bought, it tells what one could gain at most.",
    ),
    "08.3": Exercise(
        _choose_k,
        hints=(
            "Which k can be paid for? Of these, which has the highest quality?",
            "A k costs first_ms + k * pair_ms, and fits if that is not above the budget. Mind ties, and mind that none may fit.",
            "fitting = [k for k in sorted(quality) if first_ms + k * pair_ms <= budget_ms]; "
            "return max(fitting, key=quality.get, default=0)",
        ),
        why="The largest k that the budget allows need not be the best one.",
    ),
    "08.4": Exercise(
        _fate,
        hints=(
            "Find the rank of the first answer in each of the two orders, and compare the two ranks.",
            "Begin with the case that no answer is among the candidates. Then next(r for r, p in enumerate(order) if p in "
            "answers) is the first answer's place.",
            'if not answers & set(before): return "never retrieved". Then old and new as in hint 2; '
            'return "level" if old == new else "won" if new < old else "lost"',
        ),
        why="Each of the four needs another remedy, so count them before you fix anything.",
    ),
}
