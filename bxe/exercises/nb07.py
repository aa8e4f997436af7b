"""Oracles and hints of notebook 07, Cross-encoders."""

import numpy as np

from bxe.exercises.oracle import Exercise, Wrong, expect, short, unit_vectors


def _join(answer) -> None:
    query = ["who", "wrote", "it", "?"]
    passage = ["the", "novel", "was", "written", "by", "a", "doctor", "of", "no", "fame", "at", "all"]
    for limit in (40, 12, 19, 18, 9, 8):
        kept, rest = _cut(query, passage, limit)
        first = ["[CLS]", *kept, "[SEP]"]
        tokens = [*first, *rest, "[SEP]"]
        given = f"query = {' '.join(query)!r}, passage = {' '.join(passage)!r} (as lists) and limit = {limit}"
        own_query, own_passage = list(query), list(passage)
        got = answer(own_query, own_passage, limit)
        if (own_query, own_passage) != (query, passage):
            raise Wrong(f"For {given}, a list that you were given has changed; build new lists instead.")
        lists = (list, tuple, np.ndarray)
        if got is not None and not (
            isinstance(got, lists) and len(got) == 2 and all(isinstance(x, lists) for x in got)
        ):
            raise Wrong(f"For {given}, you gave {short(got)}; expected two lists: the tokens, and their types.")
        expect(
            got if got is None else " ".join(map(str, got[0])),
            " ".join(tokens),
            given=given,
            mistakes=[(" ".join(tokens), told) for tokens, told in _wrongly_joined(query, passage, limit)],
        )
        zeros, ones = len(first), len(rest) + 1
        expect(
            list(got[1]),
            [0] * zeros + [1] * ones,
            given=f"the types of {given} (the tokens are right)",
            mistakes=[
                ([1] * zeros + [0] * ones, "They are swapped: 0 for the query's part, 1 for the passage's."),
                (
                    [0] * (zeros - 1) + [1] * (ones + 1),
                    "The [SEP] after the query belongs to the query's part; its type is 0.",
                ),
                ([0] * (zeros - 2) + [1] * (ones - 1), "Each token has a type, even a special one."),
                (
                    [0] * zeros + [1] * (ones - 1) + [0],
                    "The last [SEP] belongs to the passage's part; its type is 1.",
                ),
            ],
        )


def _cut(query: list[str], passage: list[str], limit: int) -> tuple[list[str], list[str]]:
    """What is left of both if the longer one is cut, as the library does; the passage is at least as long as the query."""
    query, passage = list(query), list(passage)
    while len(query) + len(passage) + 3 > limit:
        (passage if len(passage) > len(query) else query).pop()
    return query, passage


def _wrongly_joined(query: list[str], passage: list[str], limit: int) -> list[tuple[list[str], str]]:
    kept, rest = _cut(query, passage, limit)
    first, room = ["[CLS]", *query, "[SEP]"], max(0, limit - len(query) - 3)
    wrong = [
        (["[CLS]", *kept, "[SEP]", "[CLS]", *rest, "[SEP]"], "The passage has no [CLS] of its own."),
        ([*first, "[CLS]", *passage[: max(0, room - 1)], "[SEP]"], "The passage has no [CLS] of its own."),
        (["[CLS]", *query, *passage[: room + 1], "[SEP]"], "The [SEP] between query and passage is missing."),
        ([*query, "[SEP]", *passage[: room + 1], "[SEP]"], "The [CLS] at the beginning is missing."),
        ([*first, *passage[: room + 1]], "The last token is missing: the pair ends with [SEP]."),
    ]
    if len(kept) < len(query):
        wrong.append(
            ([*first, *passage[:room], "[SEP]"], "The query is cut as well, once the passage is no longer than it.")
        )
    if len(rest) < len(passage):
        wrong += [
            (
                [*first, *passage, "[SEP]"],
                "That is longer than the limit; drop tokens from the end of the longer text.",
            ),
            ([*first, *passage[: room + 1], "[SEP]"], "That is one token too long: leave room for the last [SEP]."),
            ([*first, *passage[-room:], "[SEP]"], "That cuts the beginning of the passage; cut its end."),
            ([*first, *passage[:limit], "[SEP]"], "That counts the passage only; the limit is for the whole pair."),
            (
                [*first, *passage[: max(0, room - 1)], "[SEP]"],
                "That is shorter than it has to be: the pair may have `limit` tokens.",
            ),
        ]
    return wrong


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
                (block.sum(axis=2).mean(axis=1), "That is a value per head; take their mean."),
                (block.sum(axis=2), "That is a value per token and head; take their mean."),
                (block[0].sum(axis=1).mean(), "That is the first head alone; take the mean over heads."),
                (
                    weights[:, :, passage].sum(axis=2).mean(),
                    "The query's rows were not picked: that is the mean over all tokens.",
                ),
            ],
        )


def _good_enough(answer) -> None:
    import torch

    query = "When does the museum open?"
    logits = {"It opens at nine.": 2.5, "It is in Berlin.": -1.0, "Tickets cost ten euros.": 0.0, "Open daily.": 0.55}
    logits |= {"Nothing was found.": -4.0}
    passages, values = list(logits), np.array(list(logits.values()))
    shares = 1 / (1 + np.exp(-values))

    def those(scores, least):
        return [int(at) for at in np.argsort(-scores) if scores[at] >= least]

    for activation, told in ((torch.nn.Identity(), "logits"), (torch.nn.Sigmoid(), "sigmoids")):
        model = _small_reader(query, logits, activation)
        for least in (0.6, 0.5):
            right = those(shares, least)
            mistakes = [
                (sorted(right), "Those are the right ones, in the passages' order; give them best first."),
                (right[::-1], "Those are the right ones, worst first; give them best first."),
                ([passages[at] for at in right], "Those are texts; give their positions."),
                ([at for at in right if shares[at] > least], "A sigmoid of exactly `least` is good enough, too."),
                (those(values, least), "That compares logits with `least`; pass an activation_fn that gives sigmoids."),
                (those(1 / (1 + np.exp(-shares)), least), "That takes the sigmoid of a sigmoid."),
                (list(np.argsort(-values)), "Those are all of them; leave out what is below `least`."),
            ]
            given = f"least = {least} and a model whose `predict` gives {told} by itself (logits {values.tolist()})"
            expect(answer(model, query, list(passages), least), right, given=given, mistakes=mistakes)


def _small_reader(query: str, logits: dict[str, float], activation):
    """A CrossEncoder that was told its logits; any other pair has -9."""
    import torch
    from sentence_transformers import CrossEncoder
    from sentence_transformers.base.modules import InputModule

    class Told(InputModule):
        def preprocess(self, inputs, prompt=None, **options):
            return {"scores": torch.tensor([[logits.get(b, -9.0) if a == query else -9.0] for a, b in inputs])}

        def forward(self, features, **options):
            return features

        def save(self, *args, **options):
            raise NotImplementedError("this model holds five scores and cannot be saved")

    return CrossEncoder(modules=[Told()], device="cpu", activation_fn=activation)


def _passes_in_all(answer) -> None:
    for n, m, k in ((600, 80, 30), (10, 3, 5), (30_000, 1, 100)):
        expect(
            answer(n, m, k),
            n + m + m * k,
            given=f"n = {n:,}, m = {m}, k = {k}",
            atol=0.1,
            mistakes=[
                (n * m, "That is the cross-encoder on everything; it reads only k passages per question."),
                (m * (n + 1 + k), "The passages were embedded anew for each question; once is enough."),
                (m + m * k, "The passages have to be embedded as well, once."),
                (n + m * k, "Each question is embedded, too, to find its candidates."),
                (n + m, "That is the bi-encoder's part alone."),
                (m * k, "That is the cross-encoder's part alone."),
                (n + m + k, "That counts k for one question only; there are m questions."),
                (n + m + m * k * (k - 1) // 2, "The candidates are compared with the question, not with each other."),
            ],
        )


def _maxsim(answer) -> None:
    rng = np.random.default_rng(7)
    for rows, lengths in ((4, (7, 3, 9)), (5, (2, 1))):
        question, longest = unit_vectors(rng, rows, 6), max(lengths)
        passages = unit_vectors(rng, len(lengths) * longest, 6).reshape(len(lengths), longest, 6)
        mask = np.arange(longest) < np.array(lengths)[:, None]
        table = np.einsum("nth,qh->nqt", passages, question)
        real = np.where(mask[:, None], table, -np.inf)
        best = real.max(axis=2)
        right = best.mean(axis=1)
        across = np.where(mask, real.max(axis=1), 0).sum(axis=1) / mask.sum(axis=1)
        expect(
            answer(question.copy(), passages.copy(), mask.astype(int)),
            right,
            given=f"a question of {rows} tokens and passages of {', '.join(map(str, lengths))}, filled up to {longest}",
            mistakes=[
                (table.max(axis=2).mean(axis=1), "The padding was not left out: its cosines must never be the best."),
                (
                    np.where(mask[:, None], table, 0).max(axis=2).mean(axis=1),
                    "Padding counts as a cosine of 0 there, which beats a negative one; let it count as -inf.",
                ),
                (across, "Each token of the question looks for its best in the passage, not the other way round."),
                (best.sum(axis=1), "That is the sum over the question's tokens; take their mean."),
                (best.max(axis=1), "That is the best cosine of all; each token of the question has a best of its own."),
                (
                    np.where(mask[:, None], table, 0).sum(axis=(1, 2)) / rows / mask.sum(axis=1),
                    "That is the mean of all cosines; take the best of each of the question's tokens first.",
                ),
                (best, "Those are the best of each token; return their mean for each passage."),
                (right[0], "That is the first passage alone; give a score for each."),
                (right.mean(), "That is the mean over passages; give a score for each."),
            ],
        )


EXERCISES = {
    "07.1": Exercise(
        _join,
        hints=(
            "Shorten copies of both lists first, until they fit with three special tokens; then put the pair together.",
            "While len(query) + len(passage) + 3 > limit: drop the last token of the passage if it is the longer one, "
            "else that of the query.",
            "query, passage = list(query), list(passage); while len(query) + len(passage) + 3 > limit: "
            "(passage if len(passage) > len(query) else query).pop(); then "
            'first = ["[CLS]", *query, "[SEP]"]; second = [*passage, "[SEP]"]; '
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
        _good_enough,
        hints=(
            "`predict` and `rank` take an activation_fn, which replaces the one that the model would apply by itself.",
            "model.rank(query, passages, activation_fn=torch.nn.Sigmoid()) gives hits, best first, each with a corpus_id "
            "and a score.",
            "return [hit['corpus_id'] for hit in model.rank(query, passages, activation_fn=torch.nn.Sigmoid()) "
            "if hit['score'] >= least]",
        ),
        why="A sigmoid never changes an order, but a threshold means nothing before you know what it is held against; "
        "and it belongs to this one model.",
    ),
    "07.4": Exercise(
        _passes_in_all,
        hints=(
            "Three kinds of things are read: the passages, the questions, and pairs.",
            "The bi-encoder reads n passages once and m questions; the cross-encoder k pairs for each question.",
            "return n + m + m * k",
        ),
        why="The n is paid once and ahead; a question costs 1 + k passes, however many passages there are.",
    ),
    "07.5": Exercise(
        _maxsim,
        hints=(
            "Make the cosines of all passages at once, an array [n, t, q]; then make sure that padding is never the best.",
            "passages @ question.T is that array; np.where(mask[..., None], it, -np.inf) leaves the padding out.",
            "cosines = np.where(mask[..., None], passages @ question.T, -np.inf); "
            "return cosines.max(axis=1).mean(axis=1)",
        ),
        why="The passage's token vectors do not depend on the question, so they can be kept; only this product waits for it.",
    ),
}
