"""Oracles and hints of notebook 05, Classification."""

from collections.abc import Set

import numpy as np
from sklearn.metrics import f1_score, precision_score, recall_score

from bxe.exercises.oracle import Exercise, Wrong, expect


def _macro_f1(answer) -> None:
    rng = np.random.default_rng(5)
    names = np.array(["late", "broken", "lost"])
    true = rng.choice(names, size=60, p=[0.6, 0.3, 0.1])
    predicted = np.where(rng.random(60) < 0.6, true, rng.choice(names, size=60))
    never = np.where(predicted == "lost", "late", predicted)
    foreign = np.where(np.arange(60) % 7 == 0, "stolen", predicted)
    for given, guess in (
        ("60 random labels, predicted rightly in most cases", predicted),
        ("60 random labels where 'lost' is never predicted", never),
        ("60 random labels where 'stolen' is predicted and never true", foreign),
    ):
        options = {"labels": names, "zero_division": 0}
        right = f1_score(true, guess, average="macro", **options)
        expect(
            answer(true, guess),
            right,
            given=given,
            mistakes=[
                ((true == guess).mean(), "That is the accuracy; F1 is computed for each class first."),
                (
                    f1_score(true, guess, average="weighted", **options),
                    "You weighted the classes by their size; a plain mean counts them alike.",
                ),
                (
                    precision_score(true, guess, average="macro", **options),
                    "That is the mean precision: you divided by what was given only.",
                ),
                (
                    recall_score(true, guess, average="macro", **options),
                    "That is the mean recall: you divided by what deserves the label only.",
                ),
                (right / 2, "The 2 is missing: 2 · both."),
                (
                    f1_score(true, guess, average=None, labels=np.unique(true), zero_division=0),
                    "Those are the F1 of each class; take their mean.",
                ),
                (
                    f1_score(true, guess, average="macro", zero_division=0),
                    "Take the classes from `true`: you counted one that is only predicted.",
                ),
                (
                    f1_score(true, guess, average="macro", labels=np.unique(guess), zero_division=0),
                    "Take the classes from `true`: you left out one that is never predicted.",
                ),
                (np.nan, "nan comes from 0 / 0; the formula with 2 · both / (given + deserving) has no such case."),
            ],
        )


def _draw(answer) -> None:
    rng = np.random.default_rng(5)
    labels = rng.permutation(np.repeat(["late", "broken", "lost"], (20, 12, 3)))
    names = ["late", "broken", "lost"]
    for n, expected in ((2, [2, 2, 2]), (5, [5, 5, 3])):
        given = f"20 rows of 'late', 12 of 'broken', 3 of 'lost', n = {n}"
        got = answer(labels.copy(), n, np.random.default_rng(0))
        if got is None:
            expect(got, expected, given=given)
        rows = np.asarray(sorted(got) if isinstance(got, Set) else got)
        if rows.dtype.kind in "UO":
            raise Wrong(f"For {given}, you gave {rows[:3].tolist()}...: labels. Asked are the numbers of the rows.")
        if rows.dtype.kind == "b":
            raise Wrong(f"For {given}, you gave True and False; np.flatnonzero turns them into row numbers.")
        if rows.ndim != 1 or rows.dtype.kind not in "iu":
            raise Wrong(
                f"For {given}, you gave something of shape {rows.shape}, type {rows.dtype}; expected a flat list of "
                "whole numbers: join the rows of all labels."
            )
        if len(rows) and not (rows.min() >= 0 and rows.max() < len(labels)):
            raise Wrong(f"For {given}, you gave row {rows.max()}; rows run from 0 to {len(labels) - 1}.")
        counts = [int((labels[rows] == name).sum()) for name in names]
        expect(
            counts,
            expected,
            given=f"{given}, counting {', '.join(names)} in your rows",
            mistakes=[
                ([n, n, n], "A label with fewer than n rows gives all it has, once: do not draw with replacement."),
                ([n, n, 0], "A label with fewer than n rows was left out; it gives all it has."),
                ([3, 3, 3], "You cut all labels to the smallest; each gives n if it has them."),
            ]
            + ([(counts, "You drew n rows in all; asked are n of each label.")] if sum(counts) == n else []),
        )
        if len(set(rows.tolist())) < len(rows):
            raise Wrong(f"For {given}, a row comes twice; draw without replacement.")
    draws = [set(map(int, answer(labels.copy(), 2, np.random.default_rng(seed)))) for seed in range(8)]
    if all(rows == draws[0] for rows in draws):
        raise Wrong("Eight different generators gave the very same rows; shuffle with `rng` before you take n.")
    again = set(map(int, answer(labels.copy(), 2, np.random.default_rng(0))))
    if again != draws[0]:
        raise Wrong("Two generators with the same seed gave different rows; draw with `rng` and nothing else.")


def _ece_parts(confidence, right, bins):
    bin_of = np.minimum((confidence * bins).astype(int), bins - 1)
    found = np.unique(bin_of)
    gaps = np.array([confidence[bin_of == b].mean() - right[bin_of == b].mean() for b in found])
    return gaps, np.array([(bin_of == b).mean() for b in found])


def _without_ones(confidence, right, bins):
    inside = confidence < 1
    gaps, shares = _ece_parts(confidence[inside], right[inside], bins)
    return (np.abs(gaps) * shares).sum() * inside.mean()


def _ece(answer) -> None:
    rng = np.random.default_rng(5)
    for size, bins in ((50, 5), (200, 10)):
        confidence = np.round(rng.beta(4, 2, size), 3) + 0.0004
        right = rng.random(size) < confidence**2 + 0.35
        confidence[:4], right[:4] = 1, False  # the upper edge, and a gap of the other sign than its bin's
        gaps, shares = _ece_parts(confidence, right, bins)
        mistakes = [
            (np.abs(gaps).mean(), "That is the plain mean of the gaps; a bin with more answers must weigh more."),
            (np.abs(gaps).sum(), "That is the sum of the gaps; weight each by its share of the answers."),
            ((gaps * shares).sum(), "Gaps of opposite sign cancelled; drop each bin's sign first."),
            (abs((gaps * shares).sum()), "Gaps of opposite sign cancelled in one bin for all: take them bin by bin."),
            (np.abs(gaps).max(), "That is the largest gap; asked is the weighted mean."),
            ((gaps**2 * shares).sum(), "You squared the gaps; take them without their sign."),
            (
                (np.abs(gaps) * shares).sum() / bins,
                "You divided by the number of bins, too; the weights already add up to 1.",
            ),
            (np.abs(confidence - right).mean(), "You took the gap answer by answer; average inside each bin first."),
            ((np.abs(gaps) * shares).sum() * size, "The weights are counts; divide by the number of answers."),
            (
                _without_ones(confidence, right, bins),
                "A confidence of exactly 1 was left out; it belongs to the last bin.",
            ),
            (
                _without_ones(confidence, right, bins) + (confidence == 1).mean(),
                "A confidence of exactly 1 got a bin of its own; it belongs to the last one.",
            ),
            (np.nan, "nan comes from an empty bin: the mean of nothing. Pass such bins over."),
        ]
        if bins != 10:
            tenths, weights = _ece_parts(confidence, right, 10)
            mistakes.append(((np.abs(tenths) * weights).sum(), "You always take 10 bins; here there are others."))
        expect(
            answer(confidence.copy(), right.copy(), bins),
            (np.abs(gaps) * shares).sum(),
            given=f"{size} random confidences, {right.sum()} answers right, {bins} bins",
            mistakes=mistakes,
        )


def _refuse(answer) -> None:
    rng = np.random.default_rng(5)
    for threshold in (0.4, 0.55):
        stranger = rng.random(30) < 0.3
        strangeness = np.round(np.clip(0.35 + 0.3 * stranger + 0.15 * rng.normal(size=30), 0, 1), 2)
        strangeness[:3], stranger[:3] = threshold, [True, False, False]  # exactly at the threshold
        above, at_least = strangeness > threshold, strangeness >= threshold

        def both(refused, wanted):
            found = (refused & wanted).sum()
            return found / refused.sum(), found / wanted.sum()

        precision, recall = both(above, stranger)
        expect(
            answer(strangeness.copy(), stranger.copy(), threshold),
            (precision, recall),
            given=f"30 random messages, {stranger.sum()} strangers, threshold = {threshold}",
            mistakes=[
                ((recall, precision), "The order is swapped: first precision, then recall."),
                (both(at_least, stranger), "Exactly at the threshold is not above it: > instead of >=."),
                (both(~at_least, stranger), "You refused what lies below the threshold; strangers lie above."),
                (both(~above, stranger), "You refused what does not lie above the threshold; strangers lie above."),
                (both(above, ~stranger), "You looked for ordinary messages among the refused; look for strangers."),
                (
                    ((above == stranger).mean(), recall),
                    "The first is the accuracy; precision looks at the refused only.",
                ),
                (
                    (
                        (above & stranger).sum(),
                        (above & stranger).sum(),
                    ),
                    "Those are counts; divide by the refused, and by the strangers.",
                ),
                (((above & stranger).mean(), (above & stranger).mean()), "You divided both by all messages."),
                (precision, "That is precision alone; return recall, too."),
                (recall, "That is recall alone; return precision, too."),
            ],
        )


EXERCISES = {
    "05.1": Exercise(
        _macro_f1,
        hints=(
            "Go through the classes one at a time; for each you need three counts.",
            "`predicted == name` is what was given, `true == name` what deserves it, `&` of the two is both. "
            "Collect the F1 of each class of np.unique(true), then take np.mean.",
            "2 * (given & deserving).sum() / (given.sum() + deserving.sum()) for each name, then np.mean of these.",
        ),
        why="A class of 7 messages now counts as much as one of 36, so neglecting it shows.",
    ),
    "05.2": Exercise(
        _draw,
        hints=(
            "Treat each label by itself, and join the rows at the end.",
            "np.flatnonzero(labels == name) are the rows of a label; shuffle them with rng.permutation and cut with [:n].",
            "rows += rng.permutation(np.flatnonzero(labels == name))[:n].tolist() for each name in np.unique(labels).",
        ),
        why="A slice takes what is there and no more, so a small class needs no special case.",
    ),
    "05.3": Exercise(
        _ece,
        hints=(
            "Find the bin of each answer; then one gap a bin, and one weight a bin.",
            "np.minimum((confidence * bins).astype(int), bins - 1) gives the bin of each. In a bin the gap is "
            "abs(confidence mean - right mean), the weight its share of all answers.",
            "For each b of np.unique(bin_of), with inside = bin_of == b: total += "
            "abs(confidence[inside].mean() - right[inside].mean()) * inside.mean()",
        ),
        why="Each bin counts by its messages, so that bins with few hardly move the error.",
    ),
    "05.4": Exercise(
        _refuse,
        hints=(
            "You need two sets, the refused and the strangers, and what they share.",
            "refused = strangeness > threshold; found = (refused & stranger).sum(). Precision and recall divide it by "
            "different numbers.",
            "return found / refused.sum(), found / stranger.sum()",
        ),
        why="Raising the threshold can only lower recall, or leave it; precision may go either way.",
    ),
}
