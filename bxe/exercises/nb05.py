"""Oracles and hints of notebook 05, Classification."""

from collections.abc import Set

import numpy as np
from sklearn.metrics import f1_score, precision_score, recall_score

from bxe.exercises.oracle import Exercise, Wrong, expect, minilm


def _macro_f1(answer) -> None:
    rng = np.random.default_rng(5)
    names = np.array(["late", "broken", "lost"])
    true = rng.choice(names, size=60, p=[0.6, 0.3, 0.1])
    predicted = np.where(rng.random(60) < 0.6, true, rng.choice(names, size=60))
    never = np.where(predicted == "lost", "late", predicted)
    foreign = np.where(np.arange(60) % 7 == 0, "stolen", predicted)
    for given, guess in (
        ("60 random labels, most of them predicted correctly", predicted),
        ("60 random labels where 'lost' is never predicted", never),
        ("60 random labels where 'stolen' is predicted but never true", foreign),
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
                    "That is the mean precision: you divided by `given` alone.",
                ),
                (
                    recall_score(true, guess, average="macro", **options),
                    "That is the mean recall: you divided by `deserving` alone.",
                ),
                (right / 2, "The 2 is missing: 2 · both."),
                (
                    f1_score(true, guess, average=None, labels=np.unique(true), zero_division=0),
                    "Those are the F1 scores of the classes; take their mean.",
                ),
                (
                    f1_score(true, guess, average="macro", zero_division=0),
                    "Take the classes from `true`: you counted a class that is only predicted.",
                ),
                (
                    f1_score(true, guess, average="macro", labels=np.unique(guess), zero_division=0),
                    "Take the classes from `true`: you left out a class that is never predicted.",
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
            raise Wrong(f"For {given}, you gave labels, {rows[:3].tolist()}...; expected the numbers of the rows.")
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
                ([3, 3, 3], "You cut every label to the size of the smallest; each gives n rows if it has them."),
            ]
            + ([(counts, "You drew n rows in all; draw n of each label.")] if sum(counts) == n else []),
        )
        if len(set(rows.tolist())) < len(rows):
            raise Wrong(f"For {given}, a row comes twice; draw without replacement.")
    draws = [set(map(int, answer(labels.copy(), 2, np.random.default_rng(seed)))) for seed in range(8)]
    if all(rows == draws[0] for rows in draws):
        raise Wrong("Eight different generators gave the very same rows; shuffle with `rng` before you take n.")
    again = set(map(int, answer(labels.copy(), 2, np.random.default_rng(0))))
    if again != draws[0]:
        raise Wrong("Two generators with the same seed gave different rows; draw with `rng` and nothing else.")


# Each way to get it wrong names another answer for one of the messages.
MESSAGES = [
    "My package still hasn't come.",
    "You took 40 euros and I don't know what for.",
    "I found the box soaked by rain.",
    "I have married and use a new name.",
    "Send my money back, please.",
]
DESCRIPTIONS = {
    "delivery": [
        "You came too late.",
        "Where is my parcel?",
        "The driver left my box in the rain.",
        "I waited at home all day.",
        "When will it arrive?",
    ],
    "money": [
        "There is a charge that I don't know.",
        "I want my money back.",
        "Cats sleep all day.",
        "Bach wrote fugues.",
    ],
    "account": ["My name and address have changed."],
}


def _zero_shot(answer) -> None:
    model = minilm()
    for messages, descriptions in (
        (MESSAGES, DESCRIPTIONS),
        (MESSAGES[3:1:-1], dict(list(DESCRIPTIONS.items())[::-1])),
    ):
        owners = [name for name, some in descriptions.items() for _ in some]
        flat = [text for some in descriptions.values() for text in some]
        cosines = model.similarity(model.encode(messages), model.encode(flat)).numpy()
        best, names = cosines.argmax(axis=1), list(descriptions)

        def by(columns, cosines=cosines, names=names, owners=owners):
            """The names if each has one score only, made of the columns of its descriptions."""
            own = [[at for at, owner in enumerate(owners) if owner == name] for name in names]
            return [names[at] for at in np.stack([columns(cosines[:, some]) for some in own], axis=1).argmax(axis=1)]

        expect(
            answer(model, list(messages), {name: list(some) for name, some in descriptions.items()}),
            [owners[at] for at in best],
            given=f"the {len(messages)} messages {messages[0]!r}, ... and {len(flat)} descriptions of {len(names)} names",
            mistakes=[
                (best, "Those are the numbers of the descriptions; return the names that own them."),
                ([flat[at] for at in best], "Those are the descriptions; return the names that own them."),
                ([owners[at] for at in cosines.argmin(axis=1)], "You took the least similar description."),
                (by(lambda c: c.mean(axis=1)), "You averaged over a name's descriptions; one that is near is enough."),
                (
                    by(lambda c: c.sum(axis=1)),
                    "You added up a name's scores, so names with many descriptions win; take the nearest description.",
                ),
                (by(lambda c: c[:, 0]), "You compared with the first description of each name only."),
                (by(lambda c: c[:, -1]), "You compared with the last description of each name only."),
                (owners[best[0]], "That is the name of the first message alone; return one for each."),
                (
                    [owners[at] for at in cosines.argmax(axis=0) if at < len(owners)],
                    "You took the best message for each description; take the best description for each message.",
                ),
            ],
        )


def _refuse(answer) -> None:
    rng = np.random.default_rng(5)
    for threshold in (0.4, 0.55):
        outside = rng.random(30) < 0.3
        score = np.round(np.clip(0.35 + 0.3 * outside + 0.15 * rng.normal(size=30), 0, 1), 2)
        score[:3], outside[:3] = threshold, [True, False, False]  # exactly at the threshold
        above, at_least = score > threshold, score >= threshold

        def both(refused, wanted):
            found = (refused & wanted).sum()
            return found / refused.sum(), found / wanted.sum()

        precision, recall = both(above, outside)
        expect(
            answer(score.copy(), outside.copy(), threshold),
            (precision, recall),
            given=f"30 random messages, {outside.sum()} out of scope, threshold = {threshold}",
            mistakes=[
                ((recall, precision), "The order is swapped: first precision, then recall."),
                (both(at_least, outside), "A score exactly at the threshold is not above it: use > instead of >=."),
                (
                    both(~at_least, outside),
                    "You refused what lies below the threshold; messages out of scope lie above.",
                ),
                (
                    both(~above, outside),
                    "You refused what does not lie above the threshold; messages out of scope lie above.",
                ),
                (
                    both(above, ~outside),
                    "You counted the messages in scope among the refused; count those out of scope.",
                ),
                (
                    ((above == outside).mean(), recall),
                    "The first is the accuracy; precision is a share of the refused messages only.",
                ),
                (
                    (
                        (above & outside).sum(),
                        (above & outside).sum(),
                    ),
                    "Those are counts; divide one by the number refused, the other by the number out of scope.",
                ),
                (((above & outside).mean(), (above & outside).mean()), "You divided both by all messages."),
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
            "np.flatnonzero(labels == name) gives a label's rows; shuffle them with rng.permutation and cut with [:n].",
            "rows += rng.permutation(np.flatnonzero(labels == name))[:n].tolist() for each name in np.unique(labels).",
        ),
        why="A slice takes what is there and no more, so a small class needs no special case.",
    ),
    "05.3": Exercise(
        _zero_shot,
        hints=(
            "Put all descriptions into one flat list, and keep beside it a list with the owner of each.",
            "model.similarity(model.encode(messages), model.encode(flat)) has a row for each message and a column for each "
            "description. The largest number of a row, argmax(dim=1), says which description is nearest.",
            "owners = [name for name, some in descriptions.items() for _ in some]; flat likewise with the texts; then "
            "[owners[at] for at in similarity.argmax(dim=1)]",
        ),
        why="A name may now be described in as many ways as people ask for it. Try it with two wordings of your own.",
    ),
    "05.4": Exercise(
        _refuse,
        hints=(
            "You need two sets, the refused messages and those out of scope, and what they share.",
            "refused = score > threshold; found = (refused & outside).sum(). Precision and recall divide it by "
            "different numbers.",
            "return found / refused.sum(), found / outside.sum()",
        ),
        why="Raising the threshold can only lower recall, or leave it; precision may go either way.",
    ),
}
