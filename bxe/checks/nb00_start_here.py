"""Oracles, hints and quiz of notebook 00, Start here."""

from bxe.exercises import Exercise, Question, Wrong, expect


def _two_texts(answer) -> None:
    for a, b in (("rain", "sun"), ("Rain fell.", "It rained all afternoon.")):
        expect(
            answer(a, b),
            [a, b],
            given=f"first = {a!r}, second = {b!r}",
            mistakes={
                "The order is swapped: the first text comes first.": [b, a],
                "You joined the texts into one; a batch is a list of two.": a + b,
                "You returned one text only; a batch holds both.": [a],
            },
        )
        if not isinstance(answer(a, b), list):
            raise Wrong("The texts are right; return them as a list, in square brackets.")


def _passes(answer) -> None:
    for n in (3, 10, 100):
        expect(
            answer(n),
            n,
            given=f"n = {n}",
            mistakes={
                "That is one pass for each pair, which is what a cross-encoder needs.": n * (n - 1) // 2,
                "That is one pass for each ordered pair; a bi-encoder reads each text by itself.": n * n,
                "Two passes are enough for one pair, but n texts need more.": 2,
                "Each text is read once, however many pairs it takes part in.": 2 * n,
            },
        )


def _pairs(answer) -> None:
    for n in (3, 10, 100):
        expect(
            answer(n),
            n * (n - 1) // 2,
            given=f"n = {n}",
            mistakes={
                "That counts each pair twice (A with B, B with A) and each text with itself.": n * n,
                "That counts each pair twice: A with B, and B with A.": n * (n - 1),
                "That counts each text with itself as a pair.": n * (n + 1) // 2,
                "That is the number of texts; a cross-encoder reads pairs.": n,
            },
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

QUIZ = (
    Question(
        "What does a bi-encoder give for one text?",
        (
            ("a score", "A score needs two texts; a bi-encoder reads one at a time."),
            ("a vector", "One text in, one vector out; vectors are compared afterwards."),
            ("a list of words", "The words go in; a vector comes out."),
        ),
        right="b",
    ),
    Question(
        "Which of the two can be computed before anybody asks a question?",
        (
            ("a passage's vector", "It depends on the passage alone, so it can be stored and used for every query."),
            ("a cross-encoder's score of a query and a passage", "It needs the query, which nobody has typed yet."),
            ("both", "A cross-encoder's score needs the query; only the vector can be stored."),
        ),
        right="a",
    ),
    Question(
        "check(...) says: not right yet. What is kept?",
        (
            ("a failed attempt", "Failures are not written down; try as often as you like."),
            ("nothing", "Only what was solved is kept, in a folder on your own computer."),
            ("your code", "Your code stays in your notebook; the course keeps no copy of it."),
        ),
        right="b",
    ),
    Question(
        "The room has no network. What still works with the embedded model?",
        (
            ("only looking at the outputs", "The outputs are there, and so are the weights: every cell runs."),
            ("everything in this course", "The weights came with the installation; no cell needs the network."),
            ("everything but loading the model", "The weights lie on your disk, and are verified there before use."),
        ),
        right="b",
    ),
)
