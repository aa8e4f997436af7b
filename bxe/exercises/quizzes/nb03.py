"""The quiz of notebook 03, Semantic search."""

from bxe.exercises.oracle import Question

QUIZ = (
    Question(
        "A search returns ten passages. The only relevant one is the fourth. Its reciprocal rank is...",
        (
            ("0.4", "It is one divided by the rank: 1 / 4. Nothing is divided by ten."),
            ("0.25", "One divided by the rank of the first relevant passage."),
            ("4", "That is the rank; its reciprocal is 1 / 4."),
        ),
        right="b",
    ),
    Question(
        "Two systems were measured on the same questions, and their intervals overlap. To compare them, you...",
        (
            (
                "take an interval of their difference, question by question",
                "Hard questions are hard for both; the paired difference takes that out.",
            ),
            (
                "conclude that they are equally good",
                "Overlap is no test: the paired difference may be clear of 0. Even a difference not seen may exist.",
            ),
            ("take the one with the higher mean", "Its lead may be luck; look at the interval of the difference."),
        ),
        right="a",
    ),
    Question(
        "80 questions give an interval about 0.12 wide. About how many questions make it a third as wide?",
        (
            ("240", "Three times the questions divide the width by the root of 3 only, to about 0.07."),
            ("480", "Six times the questions divide the width by the root of 6, to about 0.05."),
            ("720", "Nine times the questions: the root of 9 is 3."),
        ),
        right="c",
    ),
    Question(
        "People search your manual for order codes such as 'KX-4471b'. What do you try first?",
        (
            ("a larger bi-encoder", "A code that a model has rarely seen means little to it, and size helps little."),
            ("BM25", "A rare, exact word is what BM25 is best at."),
            (
                "HNSW with a higher efSearch",
                "It comes closer to the exact search by cosine, but here the cosine itself is at fault.",
            ),
        ),
        right="b",
    ),
    Question(
        "RRF with k = 60. Passage X is first in one list and not in the other; Y is 80th in both. Which is ahead?",
        (
            ("X", "1/61 = 0.016 is more than 2/140 = 0.014. Up to rank 61 in both, Y would be ahead."),
            ("neither: they tie", "They would if Y were 62nd in both: 2/122 is 1/61. Work it out for rank 80."),
            (
                "Y, because it is in both lists",
                "Y has 2/140 = 0.014, X has 1/61 = 0.016: at rank 80, being in both is not enough.",
            ),
        ),
        right="a",
    ),
    Question(
        "You tried ten weights for a hybrid on your questions, and the best one gains 0.034 there. What do you report?",
        (
            ("0.034", "The best of ten is partly lucky on the questions that chose it. Measure it on others."),
            (
                "the gain of that weight, measured once on other questions",
                "They had no part in the choice, so they are fair.",
            ),
            (
                "the best gain over all ten weights on other questions",
                "Then those questions have chosen, too, and nothing is left to test on.",
            ),
        ),
        right="b",
    ),
    Question(
        "An index is said to have a recall@10 of 0.98. As a rule that means...",
        (
            (
                "98 % of the relevant passages are among the first ten",
                "That would be the search's recall, which needs judgements. Ask which one is meant.",
            ),
            ("98 % of the answers are right", "Recall does not say that; it is the share that was found."),
            (
                "of the ten nearest by exact search, it finds 9.8 on average",
                "It is close to the exact search, and as good or bad as that.",
            ),
        ),
        right="c",
    ),
)
