"""The quiz of notebook 02, Similarity."""

from bxe.exercises.oracle import Question

QUIZ = (
    Question(
        "Two vectors of length 1 have a cosine of 0.5. Their dot product is...",
        (
            (
                "unknown without the vectors",
                "With length 1 there is nothing to divide by, so the dot product and the cosine are the same number.",
            ),
            ("0.5", "The cosine is the dot product divided by both lengths, and these are 1."),
            ("1", "That is their Euclidean distance, the root of 2 - 2 · 0.5."),
        ),
        right="b",
    ),
    Question(
        "With your old model you used a threshold of 0.7 for duplicates. You change to another model. The threshold...",
        (
            (
                "has to be chosen again, on pairs of your own",
                "Each model has a scale of its own, so measure where your pairs lie.",
            ),
            (
                "stays, since a cosine is a cosine",
                "The formula stays the same, but paraphrases lie elsewhere on another model's scale.",
            ),
            (
                "must be lower if the new model is better",
                "A better model may have higher or lower cosines. What makes it better is the order it puts pairs in.",
            ),
        ),
        right="a",
    ),
    Question(
        "Rho is high on plain pairs, and far lower when negations, numbers and swapped roles are added. So...",
        (
            ("one of the two figures must be wrong", "Both are right, each for its own set of pairs."),
            (
                "the traps should be left out, to be fair",
                "That is fair to the model, but not to users whose texts contain negations.",
            ),
            (
                "such a figure means little unless you know the pairs and how they were graded",
                "The pairs and the rubric decide what a score measures.",
            ),
        ),
        right="c",
    ),
    Question(
        "'The dog bit the man' and 'The man bit the dog' get almost the same vector, mainly because...",
        (
            ("the model has never seen dogs", "The model knows these words well. What gets lost is their order."),
            (
                "the cosine is the wrong measure",
                "On vectors of length 1, the Euclidean distance gives the same ranking.",
            ),
            (
                "both have the same words, and their order leaves little trace in the vector",
                "Pairs with swapped roles have the highest mean cosine of all nine kinds.",
            ),
        ),
        right="c",
    ),
)
