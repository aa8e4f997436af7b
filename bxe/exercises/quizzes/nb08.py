"""The quiz of notebook 08, Retrieve and re-rank."""

from bxe.exercises.oracle import Question

QUIZ = (
    Question(
        "The first step returns 20 candidates, and the answer is not among them. A better cross-encoder will...",
        (
            ("bring it in, since it reads more closely", "It reads the candidates only; the answer is none of them."),
            (
                "bring it in if it reads the 20 in another order",
                "The order in which pairs are read does not matter, and the answer is not among them.",
            ),
            ("not bring it in", "What the first step loses is lost. More candidates or a better first step may help."),
        ),
        right="c",
    ),
    Question(
        "For one question a cross-encoder gives a passage 3.2; for another question its best score is 1.1. So...",
        (
            (
                "nothing follows: compare scores within one question",
                "This model was trained to order passages of one question; between questions the scale may shift.",
            ),
            (
                "the first question is answered better",
                "Nothing in the training of this model makes scores of two questions comparable.",
            ),
            (
                "the second question has no answer",
                "A low best score may be a hint, but only a threshold that was measured tells.",
            ),
        ),
        right="a",
    ),
    Question(
        "You re-rank 200 candidates in place of 20, and nDCG@10 goes down, though recall rises. How can that be?",
        (
            (
                "recall is measured on other questions",
                "They are the same questions. Recall can only rise with k, and the order may still get worse.",
            ),
            (
                "more candidates give a wrong one more chances to score high, and unjudged ones count as wrong",
                "Both happen. Count the unjudged passages before you blame the model.",
            ),
            (
                "the cross-encoder scores each pair lower if there are more",
                "A pair's score does not know of the other pairs.",
            ),
        ),
        right="b",
    ),
    Question(
        "Which of these does a cross-encoder make practical that a bi-encoder does not?",
        (
            ("grouping 100,000 questions by meaning", "That is five billion pairs, with a forward pass for each."),
            (
                "searching ten million passages at each keystroke",
                "A vector index does that; the cross-encoder would read them all.",
            ),
            (
                "reading each of 50 candidates word by word beside the question",
                "50 pairs take 50 passes: that is what a cross-encoder is for. A bi-encoder reads each text alone.",
            ),
        ),
        right="c",
    ),
    Question(
        "You try six values of k on the test questions and report the best one with its interval. What is wrong?",
        (
            (
                "The test questions were used to choose, so the result is too optimistic",
                "Choose on one split, measure once on another. The interval knows nothing of the six tries.",
            ),
            ("six is too few", "More tries would make it worse: the best of many tries owes more to luck."),
            ("nothing: the interval covers it", "It covers how the questions were drawn, not the choice among six."),
        ),
        right="a",
    ),
    Question(
        "Of 100 questions, re-ranking won 25, lost 15, and left 60 as they were. What do you do first?",
        (
            ("switch it off: 15 are worse", "25 are better; look at the paired interval before you decide."),
            (
                "read the 15, and look at the paired interval",
                "The interval says whether 25 against 15 is more than luck; reading says what to fix.",
            ),
            (
                "ship it: 25 is more than 15",
                "25 against 15 may be luck, and the 15 may have a cause that can be fixed.",
            ),
        ),
        right="b",
    ),
    Question(
        "On 25 questions re-ranking gains 0.05 in nDCG@10, and the interval goes from -0.04 to 0.14. What follows?",
        (
            ("re-ranking does not help", "A gain of 0.05 is too small for 25 questions to show; it may well be there."),
            (
                "no difference that 25 questions can show",
                "With a spread of 0.25 they show gains of 0.14 or more. Four times as many show half of that.",
            ),
            ("re-ranking gains 0.05", "The interval reaches below 0, so the gain may be luck of the draw."),
        ),
        right="b",
    ),
)
