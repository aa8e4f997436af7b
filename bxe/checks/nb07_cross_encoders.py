"""Oracles, hints and quiz of notebook 07, Cross-encoders."""

import warnings

import numpy as np

from bxe.exercises import Exercise, Question, Wrong, expect


def _join(answer) -> None:
    query = ["who", "wrote", "it", "?"]
    passage = ["the", "novel", "was", "written", "by", "a", "doctor", "of", "no", "fame", "at", "all"]
    for limit in (40, 12, 19, 18, 8):
        first = ["[CLS]", *query, "[SEP]"]
        room = limit - len(first) - 1
        tokens, whole = [*first, *passage[:room], "[SEP]"], [*first, *passage, "[SEP]"]
        ones = len(tokens) - len(first)
        given = f"query = {' '.join(query)!r}, passage = {' '.join(passage)!r} (as lists) and limit = {limit}"
        own_query, own_passage = list(query), list(passage)
        got = answer(own_query, own_passage, limit)
        if (own_query, own_passage) != (query, passage):
            raise Wrong(f"For {given}, a list that you were given has changed; build new lists instead.")
        if got is not None and (not isinstance(got, (tuple, list)) or len(got) != 2 or isinstance(got[0], str)):
            raise Wrong(f"For {given}, you gave {got!r}; two lists were expected: the tokens, and their types.")
        wrong_tokens = {
            "The passage has no [CLS] of its own.": [*first, "[CLS]", *passage[: room - 1], "[SEP]"],
            "The [SEP] between query and passage is missing.": ["[CLS]", *query, *passage[: room + 1], "[SEP]"],
            "The [CLS] at the beginning is missing.": [*query, "[SEP]", *passage[: room + 1], "[SEP]"],
            "The last token is missing: the pair ends with [SEP].": [*first, *passage[: room + 1]],
        }
        if room < len(passage):
            wrong_tokens |= {
                "That is longer than the limit; drop tokens from the end of the passage.": whole,
                "That is one token too long: leave room for the last [SEP].": [*first, *passage[: room + 1], "[SEP]"],
                "That cuts the beginning of the passage; cut its end.": [*first, *passage[-room:], "[SEP]"],
                "That counts the passage only; the limit is for the whole pair.": [*first, *passage[:limit], "[SEP]"],
                "That is shorter than it has to be: the pair may have limit tokens.": [
                    *first,
                    *passage[: room - 1],
                    "[SEP]",
                ],
            }
        expect(
            got if got is None else " ".join(map(str, got[0])),
            " ".join(tokens),
            given=given,
            mistakes={sentence: " ".join(mistake) for sentence, mistake in wrong_tokens.items()},
        )
        expect(
            list(got[1]),
            [0] * len(first) + [1] * ones,
            given=f"{given}: the tokens are right, the types",
            mistakes={
                "They are swapped: 0 for the query's part, 1 for the passage's.": [1] * len(first) + [0] * ones,
                "The [SEP] after the query belongs to the query's part; its type is 0.": [0] * (len(first) - 1)
                + [1] * (ones + 1),
                "Each token has a type, the special ones, too.": [0] * len(query) + [1] * (ones - 1),
                "The last [SEP] belongs to the passage's part; its type is 1.": [0] * len(first)
                + [1] * (ones - 1)
                + [0],
            },
        )


def _share_across(answer) -> None:
    rng = np.random.default_rng(7)
    for heads, ones, zeros in ((3, 5, 4), (12, 9, 3)):
        types = np.array([0] * zeros + [1] * ones)
        weights = rng.random((heads, len(types), len(types))) ** 3
        weights /= weights.sum(axis=2, keepdims=True)
        query, passage = types == 0, types == 1
        block = weights[:, query][:, :, passage]
        right = block.sum(axis=2).mean()
        expect(
            answer(weights.copy(), types.copy()),
            right,
            given=f"{heads} random heads over {zeros} tokens of the query and {ones} of the passage",
            mistakes={
                "That is the passage's attention to the query; rows look, columns are looked at.": weights[:, passage][
                    :, :, query
                ]
                .sum(axis=2)
                .mean(),
                "That is what the query's tokens give to the query.": 1 - right,
                "That is the mean of the single shares; add them up over the passage's tokens first.": block.mean(),
                "That is the sum over the query's tokens; take their mean.": block.sum(axis=2).sum(axis=1).mean(),
                "That is the sum over everything; take the mean over heads and over the query's tokens.": block.sum(),
                "That is a value a head; take their mean.": block.sum(axis=2).mean(axis=1),
                "That is a value a token and head; take their mean.": block.sum(axis=2),
                "That is the first head alone; take the mean over heads.": block[0].sum(axis=1).mean(),
                "The query's rows were not picked: that is the mean over all tokens.": weights[:, :, passage]
                .sum(axis=2)
                .mean(),
            },
        )


def _sigmoid(answer) -> None:
    cases = (
        (np.array([-4.32, 0.0, 2.0, 8.92]), "logits = [-4.32, 0, 2, 8.92]"),
        (np.array([-1000.0, -30.0, 30.0, 1000.0]), "logits = [-1000, -30, 30, 1000]"),
        (np.array([-40.0, -35.0, 0.0]), "logits = [-40, -35, 0]"),
    )
    for logits, given in cases:
        small = np.exp(-np.abs(logits))
        right = np.where(logits >= 0, 1, small) / (1 + small)
        with warnings.catch_warnings(record=True) as seen, np.errstate(over="warn", invalid="warn", divide="warn"):
            warnings.simplefilter("always")
            got = answer(logits.copy())
        with np.errstate(all="ignore"):
            mistakes = {
                "exp(x) / (1 + exp(x)) is inf / inf for large x.": np.exp(logits) / (1 + np.exp(logits)),
                "The sign is off: exp(-x), so that a higher logit gives more.": 1 - right,
                "The 1 in the denominator is missing.": 1 / np.exp(-logits),
                "That is a softmax: it shares 1 among the logits; each logit is by itself.": np.exp(
                    logits - logits.max()
                )
                / np.exp(logits - logits.max()).sum(),
                "That is tanh, from -1 to 1.": np.tanh(logits),
                "That cuts at 0 and 1; the sigmoid bends.": np.clip(logits, 0, 1),
            }
        expect(got, right, given=given, mistakes=mistakes, atol=1e-6)
        if logits.min() == -40 and got[0] == got[1]:
            raise Wrong(
                f"For {given}, the first two come out equal: cutting logits off makes ties where there are none."
            )
        if any(issubclass(warning.category, RuntimeWarning) for warning in seen):
            raise Wrong(
                f"For {given}, the numbers are right, but numpy warned of an overflow: give np.exp no large positive number."
            )


def _passes_in_all(answer) -> None:
    for n, m, k in ((600, 80, 30), (10, 3, 5), (30_000, 1, 100)):
        expect(
            answer(n, m, k),
            n + m + m * k,
            given=f"n = {n:,}, m = {m}, k = {k}",
            atol=0.1,
            mistakes={
                "That is the cross-encoder on everything; it reads only k passages a question.": n * m,
                "The passages were embedded anew for each question; once is enough.": m * (n + 1 + k),
                "The passages have to be embedded, too, once.": m + m * k,
                "Each question is embedded, too, to find its candidates.": n + m * k,
                "That is the bi-encoder's part alone.": n + m,
                "That is the cross-encoder's part alone.": m * k,
                "That is one question's k; there are m questions.": n + m + k,
                "The candidates are compared with the question, not with each other.": n + m + m * k * (k - 1) // 2,
            },
        )


def _maxsim(answer) -> None:
    rng = np.random.default_rng(7)

    def unit(rows):
        vectors = rng.normal(size=(rows, 6))
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    for rows, lengths in ((4, (7, 3, 9)), (5, (2, 5))):
        question, passages = unit(rows), [unit(length) for length in lengths]
        tables = [question @ passage.T for passage in passages]
        right = np.array([table.max(axis=1).sum() for table in tables])
        expect(
            answer(question.copy(), [passage.copy() for passage in passages]),
            right,
            given=f"a question of {rows} tokens and passages of {', '.join(map(str, lengths))}",
            mistakes={
                "Each token of the question looks for its best in the passage, not the other way round.": np.array(
                    [table.max(axis=0).sum() for table in tables]
                ),
                "That is the mean over the question's tokens; here they are added up.": right / rows,
                "That is the best cosine of all; each token of the question has its own.": np.array(
                    [table.max() for table in tables]
                ),
                "That adds up all cosines; take the best of each row only.": np.array(
                    [table.sum() for table in tables]
                ),
                "That is the mean of each row; MaxSim takes its best.": np.array(
                    [table.mean(axis=1).sum() for table in tables]
                ),
                "That is the cosine of mean vectors, as a bi-encoder has it.": np.array(
                    [
                        question.mean(0)
                        @ passage.mean(0)
                        / np.linalg.norm(question.mean(0))
                        / np.linalg.norm(passage.mean(0))
                        for passage in passages
                    ]
                ),
                "That is the first passage alone; a score each.": right[0],
                "That is the sum over passages; a score each.": right.sum(),
            },
        )


EXERCISES = {
    "07.1": Exercise(
        _join,
        hints=(
            "Build the query's part first; what the limit leaves belongs to the passage and one last [SEP].",
            "The query's part is [CLS], query, [SEP]. Of the passage there is room for limit - its length - 1 tokens.",
            'first = ["[CLS]", *query, "[SEP]"]; second = [*passage[: limit - len(first) - 1], "[SEP]"]; '
            "return first + second, [0] * len(first) + [1] * len(second)",
        ),
        why="What stands beyond the limit is not read at all: put long texts in as passages that fit.",
    ),
    "07.2": Exercise(
        _share_across,
        hints=(
            "Rows look, columns are looked at: pick the query's rows and the passage's columns.",
            "heads[:, types == 0][:, :, types == 1] is that block; add up each row of it, then take the mean.",
            "return heads[:, types == 0][:, :, types == 1].sum(axis=2).mean()",
        ),
        why="In a bi-encoder this share is 0 by construction, whatever its weights.",
    ),
    "07.3": Exercise(
        _sigmoid,
        hints=(
            "Only large positive arguments overflow np.exp. Which form of the sigmoid has none for x > 0, and which for x < 0?",
            "With e = exp(-|x|), never above 1: for x >= 0 it is 1 / (1 + e), for x < 0 it is e / (1 + e).",
            "small = np.exp(-np.abs(logits)); return np.where(logits >= 0, 1, small) / (1 + small)",
        ),
        why="It never changes an order, so whatever ranks by logits ranks the same by sigmoids.",
    ),
    "07.4": Exercise(
        _passes_in_all,
        hints=(
            "Three things are read: the passages, the questions, and pairs.",
            "The bi-encoder reads n passages once and m questions; the cross-encoder k pairs for each question.",
            "return n + m + m * k",
        ),
        why="The n is paid once and ahead; a question costs 1 + k passes, however many passages there are.",
    ),
    "07.5": Exercise(
        _maxsim,
        hints=(
            "For one passage, question @ passage.T is the table of cosines, a row a token of the question.",
            "Take the maximum of each row and add these up; do so for each passage.",
            "return np.array([(question @ p.T).max(axis=1).sum() for p in passages])",
        ),
        why="The passage's token vectors do not depend on the question, so they can be kept; only this product waits for it.",
    ),
}

QUIZ = (
    Question(
        "Why can a cross-encoder's score not be computed before the question comes?",
        (
            ("its layers are slower", "They are the same layers; what differs is what they read."),
            (
                "each token's vector depends on both texts",
                "Without the question there is nothing to put beside the passage, and no vector of the passage alone to keep.",
            ),
            ("its scores have no fixed range", "True, but a score without a range could be kept all the same."),
        ),
        right="b",
    ),
    Question(
        "Cross-encoder A gives a pair 8.6, cross-encoder B gives it 2.1. So...",
        (
            ("A thinks it more relevant", "Each model's zero and unit are its own."),
            ("B is badly trained", "The size of its scores says nothing about its order."),
            (
                "nothing follows; compare how each ranks several passages",
                "Only orders can be held against each other.",
            ),
        ),
        right="c",
    ),
    Question(
        "The sigmoid of a score is 0.93. Is the passage relevant with a probability of 93 %?",
        (
            (
                "only if such scores were checked against what is right, on pairs like these",
                "That is calibration; two numbers often suffice, and they belong to one kind of pairs.",
            ),
            ("yes, the sigmoid makes probabilities", "It makes numbers between 0 and 1; that is not the same."),
            ("no, it can never be read so", "After calibration it can, on pairs like those it was learned on."),
        ),
        right="a",
    ),
    Question(
        "10 texts take a cross-encoder 1 second, each with each. About how long do 1,000 take?",
        (
            ("100 seconds", "That would be a cost that grows as n."),
            ("3 hours", "A hundred times the texts, about ten thousand times the pairs."),
            ("20 seconds", "That would be less than n; pairs grow as n squared."),
        ),
        right="b",
    ),
    Question(
        "Somebody wants to run k-means on a cross-encoder's scores. What is missing first of all?",
        (
            ("a graphics card", "With one it would be faster, and just as impossible."),
            ("a threshold", "k-means needs none."),
            (
                "a vector for each text, of which a mean could be taken",
                "A centre is a mean of vectors, and a cross-encoder gives none.",
            ),
        ),
        right="c",
    ),
    Question(
        "What does late interaction keep for each passage?",
        (
            (
                "a vector a token",
                "Read ahead, before any question; some dozens of times the memory of one vector.",
            ),
            ("a score for each question", "Questions are not known ahead."),
            ("one vector, the mean", "That is the bi-encoder."),
        ),
        right="a",
    ),
)
