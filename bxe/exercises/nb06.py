"""Oracles and hints of notebook 06, Paraphrase mining."""

import numpy as np

from bxe.exercises.oracle import Exercise, Wrong, expect, first_come, short, unit_vectors


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
                (above[::-1][:how_many], "That is worst first."),
                (right[::-1], "Those are the right pairs, but with the best at the end."),
                (above, "Those are all pairs; keep the first how_many."),
                ([[s, j, i] for s, i, j in right], "The two numbers of a pair are swapped; i < j is asked for."),
                ([[i, j, s] for s, i, j in right], "The pairs are right, but the score comes first: [score, i, j]."),
                ([[i, j] for _, i, j in right], "The scores are missing: [score, i, j]."),
            ],
        )


def _chunk_size(answer) -> None:
    for n, gigabytes in ((30_000, 1), (7_000, 0.05), (30_000, 0.25), (100, 1), (2_000_000_000, 1), (30_000, 3.6)):
        right = min(n, max(1, int(gigabytes * 1e9 / (4 * n))))
        exact, got = gigabytes * 1e9 / (4 * n), answer(n, gigabytes)
        given = f"n = {n:,}, gigabytes = {gigabytes}"
        if got is not None and not isinstance(got, (int, np.integer)):
            raise Wrong(f"For {given}, you gave {got!r}; a whole number (an int) is asked for.")
        expect(
            got,
            right,
            given=given,
            atol=1e-9,
            mistakes=[
                (0 if right == 1 else -1, "0 texts at a time get nowhere; at least 1."),
                (min(n, int(-(-exact // 1))), "Round down: one text more would not fit."),
                (int(exact / 2), "A number of the table has 4 bytes, not 8."),
                (min(n, int(exact * 4)), "A number of the table has 4 bytes, not 1."),
                (int(exact), "No more than n texts can be taken at a time."),
                (int((gigabytes * 1e9 / 4) ** 0.5), "The table has chunk × n numbers, not chunk × chunk."),
                (int(gigabytes * 2**30 / (4 * n)), "A gigabyte is 10⁹ bytes here, not 2³⁰."),
                (4 * n * n, "That is the number of bytes of the whole table."),
                (-(-n // right), "That is how many chunks there are; asked is how many texts one has."),
                (int(n / exact), "That is how many chunks there are; asked is how many texts one has."),
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
                    "Recall counts the right pairs of the list only; count all that the groups make.",
                ),
                ((p, r / 2), "Each right pair was counted twice for recall; a group of k makes k(k − 1) / 2."),
                (
                    (p, right / (k * (k + 1) / 2).sum()),
                    "For recall you counted k² / 2 or a text with itself; a group of k makes k(k − 1) / 2.",
                ),
                (
                    (p, right / k[k > 1].sum()),
                    "For recall you counted the texts of the groups; a group of k texts makes k(k − 1) / 2 pairs.",
                ),
                ((p, right / n), "Recall was divided by the number of texts; divide by the number of right pairs."),
                (p, "That is precision alone; return both."),
                ((right, right), "Those are counts, not shares."),
                ((same[~found].mean(), (~found & same).sum() / in_all), "The pairs below the threshold were taken."),
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
                raise Wrong(f"For {given}, you gave {got}; no threshold reaches it, so None was expected.")
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
                    "You stopped where precision first fell below; it rose again further down.",
                ),
                (scores[enough[0]], "That is the highest such threshold; the lowest is asked for."),
                (enough[-1], "That is the place in the list; return the score there."),
                (precisions[enough[-1]], "That is the precision; return the score there."),
                (scores[min(enough[-1] + 1, len(scores) - 1)], "That is one pair too far: there precision is below."),
                (
                    scores[np.flatnonzero(precisions > wanted)[-1]] if (precisions > wanted).any() else -1.0,
                    "Precision must reach the value, not exceed it.",
                ),
                (scores[np.argmax(recalls >= wanted)], "That is where recall reaches it; precision is asked for."),
                (
                    scores[later[-1]] if len(later) else -1.0,
                    "That is the last right pair; the share among all above it is what counts.",
                ),
            ],
        )


def _once_over(n, pairs):
    """What one pass gives that hands a number on from text to text without renaming the group."""
    number = list(range(n))
    for i, j in pairs:
        number[j] = number[i]
    return number


def _smaller(n, pairs):
    number = list(range(n))
    for i, j in pairs:
        number[i] = number[j] = min(number[i], number[j])
    return number


def _first_set(n, pairs):
    """What comes of adding each pair to the first set that has one of its ends: sets are never joined."""
    sets: list = []
    for pair in map(set, pairs):
        touched = next((group for group in sets if group & pair), None)
        if touched is None:
            sets.append(pair)
        else:
            touched |= pair
    number = {i: n + k for k, group in enumerate(sets) for i in group}
    return [number.get(i, i) for i in range(n)]


def _renamed_halfway(n, pairs):
    """What comes of comparing with number[j] while it is being changed."""
    number = list(range(n))
    for i, j in pairs:
        for k in range(n):
            if number[k] == number[j]:
                number[k] = number[i]
    return number


def _components(answer) -> None:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    rng = np.random.default_rng(6)
    cases = [
        (6, [(0, 1), (2, 3), (1, 3)]),
        (5, [(3, 4), (1, 2), (0, 4), (2, 4)]),
        (4, []),
        (30, [tuple(sorted(map(int, rng.permutation(30)[:2]))) for _ in range(22)]),
    ]
    for n, pairs in cases:
        ends = np.array(pairs, dtype=int).reshape(-1, 2).T
        right = connected_components(coo_array((np.ones(len(pairs)), ends), shape=(n, n)), directed=False)[1]
        got = answer(n, list(pairs))
        shown = pairs if len(pairs) < 10 else f"{len(pairs)} random pairs"
        given = f"n = {n}, pairs = {shown} (groups renumbered as they appear)"
        if got is not None and (not hasattr(got, "__len__") or isinstance(got, dict) or any(map(np.iterable, got))):
            raise Wrong(f"For {given}, you gave {short(got)}; expected a flat list of {n} numbers, one a text.")
        if got is not None and len(got) != n:
            raise Wrong(f"For {given}, you gave {len(got)} numbers; expected {n}, one a text, also for those alone.")
        linked = np.isin(np.arange(n), ends)
        all_of_one = "When a pair joins two groups, all texts of one must get the number of the other."
        groupings = [
            (_once_over(n, pairs), all_of_one),
            (_smaller(n, pairs), "When a pair joins two groups, all texts of both must get one number."),
            (_once_over(n, [(j, i) for i, j in pairs]), all_of_one),
            (_first_set(n, pairs), "A pair may touch two sets; then both must become one."),
            (_renamed_halfway(n, pairs), "number[j] changes while you compare with it; note the old number first."),
            (
                np.where(linked, right, -1),
                "Texts without a pair are each a group of their own, not one group together.",
            ),
            (range(n), "Nothing is joined: every text has a number of its own."),
        ]
        expect(
            got if got is None else first_come(got),
            first_come(right),
            given=given,
            mistakes=[(first_come(numbers), sentence) for numbers, sentence in groupings],
        )


EXERCISES = {
    "06.1": Exercise(
        _mine,
        hints=(
            "The loop above has all you need; what is new is to stop after how_many. Two loops will do.",
            "for i in range(n), for j in range(i + 1, n): collect [vectors[i] @ vectors[j], i, j]. Then sort in reverse and cut.",
            "pairs = [[vectors[i] @ vectors[j], i, j] for i in range(len(vectors)) for j in range(i + 1, len(vectors))]; "
            "return sorted(pairs, reverse=True)[:how_many]",
        ),
        why="That is all of paraphrase mining. The rest is doing it in chunks, and asking what the pairs are worth.",
    ),
    "06.2": Exercise(
        _chunk_size,
        hints=(
            "How many bytes does one row of the table take? How many such rows fit?",
            "One row has n numbers of 4 bytes. Divide the bytes you have, gigabytes * 1e9, by that, round down, and keep the "
            "result between 1 and n.",
            "return min(n, max(1, int(gigabytes * 1e9 / (4 * n))))",
        ),
        why="Memory grows as chunk × n: for twice the texts, take half the chunk. The time is another matter.",
    ),
    "06.3": Exercise(
        _precision_recall,
        hints=(
            "Three counts are needed: pairs found, right pairs among them, and right pairs that exist at all.",
            "Found: those with score >= threshold. Right: group[i] == group[j]. In all: for each group of k texts, k(k − 1) / 2; "
            "pd.Series(group).value_counts() gives the k.",
            "found = [(i, j) for score, i, j in pairs if score >= threshold]; right = sum(group[i] == group[j] for i, j in "
            "found); k = pd.Series(group).value_counts(); return right / len(found), right / (k * (k - 1) / 2).sum()",
        ),
        why="What a list lacks it cannot tell you. Recall needs a count that comes from elsewhere.",
    ),
    "06.4": Exercise(
        _lowest_threshold,
        hints=(
            "Work out the precision of the first pair, the first two, the first three... Where is it high enough last?",
            "np.cumsum(same) / np.arange(1, len(same) + 1) are all these precisions; np.flatnonzero(... >= precision) the places "
            "that reach it. You want the last, if there is one.",
            "enough = np.flatnonzero(np.cumsum(same) / np.arange(1, len(same) + 1) >= precision); return scores[enough[-1]] "
            "if len(enough) else None",
        ),
        why="The lowest, because it finds most. And None is an answer that a program must be able to give.",
    ),
    "06.5": Exercise(
        _components,
        hints=(
            "Start with a number of its own for each text. What has to happen when a pair joins two groups that have several "
            "texts already?",
            "For each pair (i, j): every text that has the number of i gets the number of j.",
            "number = list(range(n)); then for i, j in pairs: old, new = number[i], number[j]; number = [new if x == old else x "
            "for x in number]; at the end return number",
        ),
        why="Two large groups become one by a single pair. That is the strength of chains, and their danger.",
    ),
}
