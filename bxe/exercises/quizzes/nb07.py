"""The quiz of notebook 07, Cross-encoders."""

from bxe.exercises.oracle import Question

QUIZ = (
    Question(
        "Why can a cross-encoder's score not be computed before the question comes?",
        (
            ("its layers are slower", "They are the same layers; what differs is what they read."),
            (
                "each token's vector depends on both texts",
                "Without the question there is nothing to put beside the passage, and no vector of the passage alone to keep.",
            ),
            ("its scores have no fixed range", "That is true, but a score without a range could be kept all the same."),
        ),
        right="b",
    ),
    Question(
        "Cross-encoder A gives a pair 8.6, cross-encoder B gives it 2.1. So...",
        (
            ("A thinks the pair more relevant than B does", "Each model's zero and unit are its own."),
            ("B is badly trained", "The size of its scores says nothing about how well it ranks."),
            (
                "nothing follows; compare how each ranks several passages",
                "Only the rankings of two models can be compared.",
            ),
        ),
        right="c",
    ),
    Question(
        "The sigmoid of a score is 0.93. Is the passage relevant with a probability of 93 %?",
        (
            (
                "only if such scores were checked against what is right, on pairs like these",
                "That is calibration. It often learns only two numbers, which hold for one kind of pairs.",
            ),
            ("yes, the sigmoid makes probabilities", "It makes numbers between 0 and 1; that is not the same."),
            ("no, it can never be read that way", "After calibration it can, on pairs like those used for it."),
        ),
        right="a",
    ),
    Question(
        "A cross-encoder compares each of 10 texts with every other in 1 second. How long, roughly, for 1,000?",
        (
            ("100 seconds", "That would be a cost that grows as n."),
            ("3 hours", "A hundred times the texts, about ten thousand times the pairs."),
            ("20 seconds", "That would grow more slowly than n; the pairs grow as n squared."),
        ),
        right="b",
    ),
    Question(
        "Somebody wants to run k-means with a cross-encoder. What does k-means need that this model does not give?",
        (
            ("a graphics card", "With one it would be faster, and just as impossible."),
            ("a threshold", "k-means needs none."),
            (
                "a vector for each text, of which a mean could be taken",
                "A centre is a mean of vectors, and a cross-encoder gives none. A method that works on a table of all "
                "distances would do, at two passes for each pair, one for each order.",
            ),
        ),
        right="c",
    ),
    Question(
        "What does late interaction keep for each passage?",
        (
            (
                "a vector for each token",
                "The passage is read before any question; its vectors take some dozens of times the memory of one.",
            ),
            ("a score for each question", "The questions are not known in advance."),
            ("one vector, the mean", "That is the bi-encoder."),
        ),
        right="a",
    ),
    Question(
        "Re-ranking gains 0.03 in nDCG@10 on 40 questions, with an interval from -0.04 to 0.10. What do you report?",
        (
            ("re-ranking does not help", "A gain of 0.10 would fit these figures as well as none."),
            (
                "no difference that 40 questions can show; a gain of up to 0.10 may be there",
                "The interval says how little so few questions can tell; more of them would narrow it.",
            ),
            ("re-ranking helps, by 0.03", "The interval contains 0, so a loss fits these figures, too."),
        ),
        right="b",
    ),
)
