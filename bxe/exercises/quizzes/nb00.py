"""The quiz of notebook 00, Start here."""

from bxe.exercises.oracle import Question

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
        "Which of these can be computed before anybody asks a question?",
        (
            ("a passage's vector", "It depends on the passage alone, so it can be stored and used for every query."),
            ("a cross-encoder's score of a query and a passage", "It needs the query, which nobody has typed yet."),
            ("both", "A cross-encoder's score needs the query; only the vector can be stored."),
        ),
        right="a",
    ),
    Question(
        "check(...) says: not right yet. What does the course write down?",
        (
            ("a failed attempt", "Failed attempts are not written down; try as often as you like."),
            ("nothing", "It keeps only what you have solved, in a folder on your own computer."),
            ("your code", "Your code stays in your notebook; the course keeps no copy of it."),
        ),
        right="b",
    ),
    Question(
        "You have no network. What still works with the embedded model?",
        (
            ("only looking at the outputs", "The model is on your disk, and so is every text: every cell runs."),
            ("everything in this course", "The model came with the installation; no cell needs the network."),
            (
                "everything but loading the model",
                "The model is on your disk, and its files are verified there before use.",
            ),
        ),
        right="b",
    ),
)
