"""Oracles and hints of notebook 00, Start here."""

from bxe.exercises.oracle import Exercise, Wrong, expect


def _two_texts(answer) -> None:
    for a, b in (("rain", "sun"), ("Rain fell.", "It rained all afternoon.")):
        expect(
            answer(a, b),
            [a, b],
            given=f"first = {a!r}, second = {b!r}",
            mistakes=[
                ([b, a], "The order is swapped: the first text comes first."),
                (a + b, "You joined the texts into one; a batch is a list of two."),
                ([a], "You returned one text only; a batch holds both."),
            ],
        )
        if not isinstance(answer(a, b), list):
            raise Wrong("The texts are right; return them as a list, in square brackets.")


def _passes(answer) -> None:
    for n in (3, 10, 100):
        expect(
            answer(n),
            n,
            given=f"n = {n}",
            mistakes=[
                (n * (n - 1) // 2, "That is one pass for each pair, which is what a cross-encoder needs."),
                (n * n, "That is one pass for each ordered pair; a bi-encoder reads each text by itself."),
                (2, "Two passes are enough for one pair, but n texts need more."),
                (2 * n, "Each text is read once, however many pairs it takes part in."),
            ],
        )


def _pairs(answer) -> None:
    for n in (3, 10, 100):
        expect(
            answer(n),
            n * (n - 1) // 2,
            given=f"n = {n}",
            mistakes=[
                (n * n, "That counts each pair twice (A with B, B with A) and each text with itself."),
                (n * (n - 1), "That counts each pair twice: A with B, and B with A."),
                (n * (n + 1) // 2, "That counts each text with itself as a pair."),
                (n, "That is the number of texts; a cross-encoder reads pairs."),
            ],
        )


EXERCISES = {
    "00.1": Exercise(
        _two_texts,
        hints=(
            "Every model of this course takes a list of texts.",
            "A list is written with square brackets and commas.",
            "return [first, second]",
        ),
        why="A list of texts is what every model here takes: a batch.",
    ),
    "00.2": Exercise(
        _passes,
        hints=(
            "Count how often the encoder runs, not how many scores come out.",
            "A text's vector is computed once and used in every comparison.",
            "One pass for each text: return n",
        ),
        why="The cost grows with the number of texts: a hundred times as many texts, a hundred times the work.",
    ),
    "00.3": Exercise(
        _pairs,
        hints=(
            "Write the pairs of three texts down: AB, AC, BC.",
            "Each of n texts meets n - 1 others, and that counts every pair twice.",
            "return n * (n - 1) // 2",
        ),
        why="The cost grows with the square: a hundred times as many texts, ten thousand times the work.",
    ),
}
