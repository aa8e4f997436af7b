"""Oracles and hints of notebook 07, Cross-encoders."""

import warnings

import numpy as np

from bxe.exercises.oracle import Exercise, Wrong, expect, short, unit_vectors


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
        lists = (list, tuple, np.ndarray)
        if got is not None and not (
            isinstance(got, lists) and len(got) == 2 and all(isinstance(x, lists) for x in got)
        ):
            raise Wrong(f"For {given}, you gave {short(got)}; two lists were expected: the tokens, and their types.")
        wrong_tokens = [
            ([*first, "[CLS]", *passage[: room - 1], "[SEP]"], "The passage has no [CLS] of its own."),
            (["[CLS]", *query, *passage[: room + 1], "[SEP]"], "The [SEP] between query and passage is missing."),
            ([*query, "[SEP]", *passage[: room + 1], "[SEP]"], "The [CLS] at the beginning is missing."),
            ([*first, *passage[: room + 1]], "The last token is missing: the pair ends with [SEP]."),
        ]
        if room < len(passage):
            wrong_tokens += [
                (whole, "That is longer than the limit; drop tokens from the end of the passage."),
                ([*first, *passage[: room + 1], "[SEP]"], "That is one token too long: leave room for the last [SEP]."),
                ([*first, *passage[-room:], "[SEP]"], "That cuts the beginning of the passage; cut its end."),
                ([*first, *passage[:limit], "[SEP]"], "That counts the passage only; the limit is for the whole pair."),
                (
                    [*first, *passage[: room - 1], "[SEP]"],
                    "That is shorter than it has to be: the pair may have limit tokens.",
                ),
            ]
        expect(
            got if got is None else " ".join(map(str, got[0])),
            " ".join(tokens),
            given=given,
            mistakes=[(" ".join(mistake), sentence) for mistake, sentence in wrong_tokens],
        )
        expect(
            list(got[1]),
            [0] * len(first) + [1] * ones,
            given=f"{given}: the tokens are right, the types",
            mistakes=[
                ([1] * len(first) + [0] * ones, "They are swapped: 0 for the query's part, 1 for the passage's."),
                (
                    [0] * (len(first) - 1) + [1] * (ones + 1),
                    "The [SEP] after the query belongs to the query's part; its type is 0.",
                ),
                ([0] * len(query) + [1] * (ones - 1), "Each token has a type, the special ones, too."),
                (
                    [0] * len(first) + [1] * (ones - 1) + [0],
                    "The last [SEP] belongs to the passage's part; its type is 1.",
                ),
            ],
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
            mistakes=[
                (
                    weights[:, passage][:, :, query].sum(axis=2).mean(),
                    "That is the passage's attention to the query; rows look, columns are looked at.",
                ),
                (1 - right, "That is what the query's tokens give to the query."),
                (block.mean(), "That is the mean of the single shares; add them up over the passage's tokens first."),
                (block.sum(axis=2).sum(axis=1).mean(), "That is the sum over the query's tokens; take their mean."),
                (block.sum(), "That is the sum over everything; take the mean over heads and over the query's tokens."),
                (block.sum(axis=2).mean(axis=1), "That is a value a head; take their mean."),
                (block.sum(axis=2), "That is a value a token and head; take their mean."),
                (block[0].sum(axis=1).mean(), "That is the first head alone; take the mean over heads."),
                (
                    weights[:, :, passage].sum(axis=2).mean(),
                    "The query's rows were not picked: that is the mean over all tokens.",
                ),
            ],
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
            mistakes = [
                (np.exp(logits) / (1 + np.exp(logits)), "exp(x) / (1 + exp(x)) is inf / inf for large x."),
                (1 - right, "The sign is off: exp(-x), so that a higher logit gives more."),
                (1 / np.exp(-logits), "The 1 in the denominator is missing."),
                (
                    np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum(),
                    "That is a softmax: it shares 1 among the logits; each logit is by itself.",
                ),
                (np.tanh(logits), "That is tanh, from -1 to 1."),
                (np.clip(logits, 0, 1), "That cuts at 0 and 1; the sigmoid bends."),
            ]
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
            mistakes=[
                (n * m, "That is the cross-encoder on everything; it reads only k passages a question."),
                (m * (n + 1 + k), "The passages were embedded anew for each question; once is enough."),
                (m + m * k, "The passages have to be embedded, too, once."),
                (n + m * k, "Each question is embedded, too, to find its candidates."),
                (n + m, "That is the bi-encoder's part alone."),
                (m * k, "That is the cross-encoder's part alone."),
                (n + m + k, "That is one question's k; there are m questions."),
                (n + m + m * k * (k - 1) // 2, "The candidates are compared with the question, not with each other."),
            ],
        )


def _maxsim(answer) -> None:
    rng = np.random.default_rng(7)
    for rows, lengths in ((4, (7, 3, 9)), (5, (2, 5))):
        question, passages = unit_vectors(rng, rows, 6), [unit_vectors(rng, length, 6) for length in lengths]
        tables = [question @ passage.T for passage in passages]
        right = np.array([table.max(axis=1).sum() for table in tables])
        expect(
            answer(question.copy(), [passage.copy() for passage in passages]),
            right,
            given=f"a question of {rows} tokens and passages of {', '.join(map(str, lengths))}",
            mistakes=[
                (
                    np.array([table.max(axis=0).sum() for table in tables]),
                    "Each token of the question looks for its best in the passage, not the other way round.",
                ),
                (right / rows, "That is the mean over the question's tokens; here they are added up."),
                (
                    np.array([table.max() for table in tables]),
                    "That is the best cosine of all; each token of the question has its own.",
                ),
                (
                    np.array([table.sum() for table in tables]),
                    "That adds up all cosines; take the best of each row only.",
                ),
                (
                    np.array([table.mean(axis=1).sum() for table in tables]),
                    "That is the mean of each row; MaxSim takes its best.",
                ),
                (
                    np.array(
                        [
                            question.mean(0)
                            @ passage.mean(0)
                            / np.linalg.norm(question.mean(0))
                            / np.linalg.norm(passage.mean(0))
                            for passage in passages
                        ]
                    ),
                    "That is the cosine of mean vectors, as a bi-encoder has it.",
                ),
                (right[0], "That is the first passage alone; a score each."),
                (right.sum(), "That is the sum over passages; a score each."),
            ],
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
