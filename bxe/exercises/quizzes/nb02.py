"""The quiz of notebook 02, Similarity."""

from bxe.exercises.oracle import Question

QUIZ = (
    Question(
        "Two vectors of length 1 have a cosine of 0.5. Their dot product is...",
        (
            (
                "unknown without the vectors",
                "With length 1 there is nothing to divide by: dot product and cosine are one number.",
            ),
            ("0.5", "Cosine is the dot product divided by the lengths, and these are 1."),
            ("1", "That would be their Euclidean distance: the root of 2 - 2 · 0.5."),
        ),
        right="b",
    ),
    Question(
        "Your old model used a threshold of 0.7 for duplicates. You change to another model. The threshold...",
        (
            (
                "has to be chosen anew, on pairs of yours",
                "Each model has a scale of its own; measure where your pairs fall.",
            ),
            ("stays, since a cosine is a cosine", "The formula stays; where paraphrases fall does not."),
            (
                "must be lower if the new model is better",
                "Better models may have higher or lower cosines; only their order matters.",
            ),
        ),
        right="a",
    ),
    Question(
        "Rho is high on ordinary pairs, and far lower once negation, numbers and swapped roles are in. So...",
        (
            ("one of the two figures must be wrong", "Both are right, each for its own pairs."),
            (
                "the traps should be left out, to be fair",
                "Fair to the model, not to its users, if their texts hold negations.",
            ),
            ("a figure means little unless one knows the pairs", "The test set decides what a score measures."),
        ),
        right="c",
    ),
    Question(
        "'The dog bit the man' and 'The man bit the dog' get almost the same vector, mainly because...",
        (
            ("the model has never seen dogs", "The words are well known to it; the order is what gets lost."),
            ("the cosine is the wrong measure", "On vectors of length 1, Euclidean distance says the same."),
            (
                "the two have the same words, and order leaves little trace in the vector",
                "Swapped roles have the highest cosines of all nine kinds of pairs.",
            ),
        ),
        right="c",
    ),
)
