"""The quiz of notebook 13, Capstone."""

from bxe.exercises.oracle import Question

QUIZ = (
    Question(
        "You compare passages of 40 words with passages of 160. What has to be the same for both?",
        (
            ("the number of passages that are handed on", "Then the long ones hand on four times as much text."),
            ("the number of words that are handed on", "The reader, or language model, has room for a certain number."),
            ("the number of passages in the corpus", "The same texts always make fewer long passages than short ones."),
        ),
        right="b",
    ),
    Question(
        "On queries made of a passage's own words BM25 is far ahead. What follows?",
        (
            ("use BM25", "Every word of such a query stands in the answer, and that is what BM25 looks for."),
            ("the bi-encoder is broken", "It reads meaning; rare words taken out of a text have little."),
            ("little: such queries flatter a search by words", "People do not know the passage when they ask."),
        ),
        right="c",
    ),
    Question(
        "Why does the grader not see which system found a passage?",
        (
            ("a favourite would get better grades", "And nobody would notice, the grader included."),
            ("it would take too much room", "It would take one word, and would spoil the judgement."),
            ("the systems found the same passages", "Some, but each also found others."),
        ),
        right="a",
    ),
    Question(
        "You add a seventh system a month later. What do you grade?",
        (
            ("nothing: the old grades serve", "What only the new system found would count as not relevant."),
            ("its first passages that nobody has graded", "Otherwise the new system is punished for what it finds."),
            ("the whole pool again", "The old grades still hold, as long as the texts are the same."),
        ),
        right="b",
    ),
    Question(
        "The re-ranked search is ahead by 0.05, and the interval goes from -0.03 to 0.13. What do you use?",
        (
            ("the re-ranked search", "The gain may be luck, and each query costs ten passes more."),
            ("the cheaper search, until more questions tell", "The rule was made before the figures were known."),
            ("both, and let the user choose", "The user knows even less about it than you do."),
        ),
        right="b",
    ),
    Question(
        "A threshold refuses 9 of 10 questions without an answer. What else must you know?",
        (
            ("how many answerable questions it refuses", "A threshold that refuses everything gets 10 of 10."),
            ("the cosine of the best passage", "The threshold is set on it; it does not tell what is refused wrongly."),
            ("the size of the language model", "It plays no part in the search."),
        ),
        right="a",
    ),
)
