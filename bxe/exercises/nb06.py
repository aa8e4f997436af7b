"""Oracles and hints of notebook 06, Paraphrase mining."""

import numpy as np

from bxe.exercises.oracle import Exercise, KnownEncoder, Wrong, expect, short, unit_vectors


def _mine(answer) -> None:
    rng = np.random.default_rng(6)
    for n, how_many in ((6, 4), (9, 5)):
        vectors = unit_vectors(rng, n, 4)
        table = vectors @ vectors.T

        def ranked(pairs, table=table):
            return sorted(([float(table[i, j]), i, j] for i, j in pairs), reverse=True)

        above = ranked((i, j) for i in range(n) for j in range(i + 1, n))
        with_itself = ranked((i, j) for i in range(n) for j in range(i, n))
        right = above[:how_many]
        got = answer(vectors.copy(), how_many)
        given = f"{n} random vectors of length 1 and how_many = {how_many}"
        rows = got if got is None else [list(row) if np.ndim(row) else row for row in got]
        pairs = [frozenset(row[1:]) for row in rows or () if np.size(row) == 3]
        if len(set(pairs)) < len(pairs):
            raise Wrong(f"For {given}, a pair comes twice, once as (i, j) and once as (j, i); keep those with i < j.")
        expect(
            rows,
            right,
            given=given,
            mistakes=[
                (with_itself[:how_many], "A text is paired with itself: begin at j = i + 1."),
                (above[::-1][:how_many], "That has the worst first; put the best first."),
                (right[::-1], "Those are the right pairs, but with the best at the end."),
                (above, "Those are all pairs; keep the first how_many."),
                ([[s, j, i] for s, i, j in right], "The two numbers of a pair are swapped; i < j is asked for."),
                ([[i, j, s] for s, i, j in right], "The pairs are right, but the score comes first: [score, i, j]."),
                ([[i, j] for _, i, j in right], "The scores are missing: [score, i, j]."),
            ],
        )


def _precision_recall(answer) -> None:
    rng = np.random.default_rng(6)
    for n, groups, threshold in ((15, 6, 0.5), (20, 6, 0.4)):
        group = rng.integers(0, groups, n)
        every = [(i, j) for i in range(n) for j in range(i + 1, n)]
        kept = rng.permutation(len(every))[: len(every) // 2]
        scores = np.sort(np.append(rng.random(len(kept) - 1).round(3), threshold))[::-1]
        pairs = [[float(s), *every[k]] for s, k in zip(scores, kept)]
        same = np.array([group[i] == group[j] for _, i, j in pairs])
        in_all = sum(group[i] == group[j] for i, j in every)
        found, above = scores >= threshold, scores > threshold
        right = (found & same).sum()
        p, r = float(right / found.sum()), float(right / in_all)
        k = np.bincount(group)
        got = answer([list(pair) for pair in pairs], group.copy(), threshold)
        expect(
            tuple(map(float, got)) if isinstance(got, tuple) and all(map(np.isscalar, got)) else got,
            (p, r),
            given=f"{len(pairs)} random pairs of {n} texts in {groups} groups, threshold = {threshold}",
            mistakes=[
                (
                    ((above & same).sum() / above.sum(), (above & same).sum() / in_all),
                    "Exactly at the threshold counts as found.",
                ),
                ((r, p), "The order is swapped: precision first."),
                (
                    (p, right / same.sum()),
                    "For recall you counted the right pairs of the list only; count all pairs that the groups make.",
                ),
                ((p, r / 2), "Each right pair was counted twice for recall; a group of k makes k(k − 1) / 2 pairs."),
                (
                    (p, right / (k * (k + 1) / 2).sum()),
                    "For recall you paired each text with itself, too; a group of k makes k(k − 1) / 2 pairs.",
                ),
                (
                    (p, right / k[k > 1].sum()),
                    "For recall you counted the texts of the groups; a group of k texts makes k(k − 1) / 2 pairs.",
                ),
                ((p, right / n), "Recall was divided by the number of texts; divide by the number of right pairs."),
                (p, "That is precision alone; return both."),
                ((right, right), "Those are counts; return shares."),
                ((same[~found].mean(), (~found & same).sum() / in_all), "You took the pairs below the threshold."),
            ],
        )


def _lowest_threshold(answer) -> None:
    rng = np.random.default_rng(6)
    falls_and_rises = (np.arange(9, 3, -1) / 10, np.array([1, 1, 0, 1, 1, 0], dtype=bool))
    # 6 of the first 8 are right, exactly 0.75, after a stretch above: here all the mistakes differ.
    exactly = (np.arange(95, 30, -5) / 100, np.array([1, 1, 0, 1, 1, 1, 1, 0, 0, 0, 1, 1, 1], dtype=bool))
    cases = [(*exactly, 0.75), (*falls_and_rises, 0.8), (*falls_and_rises, 1.0), (*falls_and_rises, 0.6)]
    scores = np.sort(rng.random(40))[::-1].round(4)
    cases += [(scores, rng.random(40) < 0.5, 0.6), (scores, np.arange(40) >= 20, 0.9)]
    for scores, same, wanted in cases:
        precisions = np.cumsum(same) / np.arange(1, len(same) + 1)
        enough = np.flatnonzero(precisions >= wanted)
        right = scores[enough[-1]] if len(enough) else None
        got = answer(scores.copy(), same.copy(), wanted)
        shown = f"scores = {scores.tolist()}, same = {same.tolist()}" if len(scores) < 20 else "40 random pairs"
        given = f"{shown}, precision = {wanted}"
        if right is None:
            if got is not None:
                raise Wrong(f"For {given}, you gave {got}; no threshold reaches that precision, so None was expected.")
            continue
        falls = np.flatnonzero(precisions < wanted)
        first_run = enough[enough < falls[0]] if len(falls) else enough
        later = np.flatnonzero(same)
        recalls = np.cumsum(same) / max(same.sum(), 1)
        expect(
            got,
            right,
            given=given,
            mistakes=[
                (
                    scores[first_run[-1]] if len(first_run) else -1.0,
                    "You stopped where precision first fell too low; it rose again further down.",
                ),
                (scores[enough[0]], "That is the highest such threshold; the lowest is asked for."),
                (enough[-1], "That is the place in the list; return the score there."),
                (precisions[enough[-1]], "That is the precision; return the score there."),
                (scores[min(enough[-1] + 1, len(scores) - 1)], "That is one pair too far: precision is too low there."),
                (
                    scores[np.flatnonzero(precisions > wanted)[-1]] if (precisions > wanted).any() else -1.0,
                    "Precision must reach the value, not exceed it.",
                ),
                (scores[np.argmax(recalls >= wanted)], "That is where recall reaches it; precision has to reach it."),
                (
                    scores[later[-1]] if len(later) else -1.0,
                    "That is the last right pair; what counts is the share of right pairs from the top to there.",
                ),
            ],
        )


def _doubles(answer) -> None:
    rng, threshold = np.random.default_rng(6), 0.2
    for names in (["plum", "fig", "kiwi", "pear", "lime"], ["oak", "elm", "ash", "fir", "yew"]):
        # "twice" stands there twice, and at right angles to all others, so that no two scores from 0.2 up are equal.
        vectors = {name: np.append(vector, 0) for name, vector in zip(names, unit_vectors(rng, 5, 3))}
        vectors["twice"] = np.array([0, 0, 0, 1.0])
        texts = ["twice", *names, "twice"]
        cosines = np.array([[vectors[text] @ vectors[other] for other in texts] for text in texts])
        above = [(i, j) for i in range(7) for j in range(i + 1, 7) if cosines[i, j] >= threshold]
        above.sort(key=lambda pair: -cosines[pair])
        equal, *right = [(texts[i], texts[j]) for i, j in above]
        got = answer(KnownEncoder(vectors), list(texts), threshold)
        given = f"texts = {texts} with random vectors, threshold = {threshold}"
        got = got if got is None else list(got)
        if got is not None and any(np.ndim(row) != 1 or len(row) != 2 for row in got):
            raise Wrong(f"For {given}, you gave {short(got)}; expected a list of pairs of texts, without their scores.")
        rows = [tuple(row) for row in got or ()]
        expect(
            got if got is None else rows,
            right,
            given=given,
            mistakes=[
                ([equal, *right], "A pair of equal texts is among them; leave it out."),
                (
                    [*right, *rows[len(right) :]],
                    "That goes on below the threshold; keep the pairs from the threshold up.",
                ),
                (
                    [(other, text) for text, other in right],
                    "The text that is earlier in the list comes first in its pair.",
                ),
                (right[::-1], "That has the least alike pair first; put the most alike first."),
                (sorted(right), "That is in alphabetical order; the most alike pair comes first."),
                (above[1:], "Those are positions; give the texts that stand there."),
            ],
        )


EXERCISES = {
    "06.1": Exercise(
        _mine,
        hints=(
            "Which pairs (i, j) have i < j? Two loops will do, and a list that you sort at the end.",
            "for i in range(n), for j in range(i + 1, n): collect [vectors[i] @ vectors[j], i, j]. Then sort in reverse and cut.",
            "pairs = [[vectors[i] @ vectors[j], i, j] for i in range(len(vectors)) for j in range(i + 1, len(vectors))]; "
            "return sorted(pairs, reverse=True)[:how_many]",
        ),
        why="That is all of paraphrase mining. The rest is doing it in chunks, and asking what the pairs are worth.",
    ),
    "06.2": Exercise(
        _precision_recall,
        hints=(
            "Three counts are needed: pairs found, right pairs among them, and right pairs that exist at all.",
            "Found: those with score >= threshold. Right: group[i] == group[j]. In all: for each group of k texts, k(k − 1) / 2; "
            "pd.Series(group).value_counts() gives each k.",
            "found = [(i, j) for score, i, j in pairs if score >= threshold]; right = sum(group[i] == group[j] for i, j in "
            "found); k = pd.Series(group).value_counts(); return right / len(found), right / (k * (k - 1) / 2).sum()",
        ),
        why="What a list lacks it cannot tell you. Recall needs a count that comes from elsewhere.",
    ),
    "06.3": Exercise(
        _lowest_threshold,
        hints=(
            "Work out the precision of the first pair, the first two, the first three... Where is it high enough last?",
            "np.cumsum(same) / np.arange(1, len(same) + 1) gives these precisions; np.flatnonzero(... >= precision) "
            "gives the places that reach the wanted one. Take the last of them, if there is one.",
            "enough = np.flatnonzero(np.cumsum(same) / np.arange(1, len(same) + 1) >= precision); return scores[enough[-1]] "
            "if len(enough) else None",
        ),
        why="The lowest, because it finds most. And None is an answer that a program must be able to give.",
    ),
    "06.4": Exercise(
        _doubles,
        hints=(
            "Section 1 calls the function that you need. What does each of its rows hold, and in which order do they come?",
            "util.paraphrase_mining(model, texts) gives rows [score, i, j], best first, with i < j. Keep those with score >= "
            "threshold and texts[i] != texts[j].",
            "return [(texts[i], texts[j]) for score, i, j in util.paraphrase_mining(model, texts) if score >= threshold and "
            "texts[i] != texts[j]]",
        ),
        why="Four lines, and they work on any pile of texts that you have. Read the first hundred pairs before you choose.",
    ),
}
