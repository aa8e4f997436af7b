"""The quiz of notebook 05, Classification."""

from bxe.exercises.oracle import Question

QUIZ = (
    Question(
        "A classifier has an accuracy of 0.90 and a macro F1 of 0.55. What is likely?",
        (
            ("Its probabilities are not calibrated", "Neither measure looks at probabilities."),
            (
                "It does well on large classes and badly on small ones",
                "Accuracy follows the large classes; macro F1 counts all classes alike.",
            ),
            ("One of the two was computed wrongly", "Both can be right at once; they weigh the classes differently."),
        ),
        right="b",
    ),
    Question(
        "At 32 examples a class the five draws of regression hardly differ. What follows?",
        (
            (
                "On other messages the accuracy would be just the same",
                "All draws are measured on the same 316 messages, so they cannot tell.",
            ),
            (
                "The difference from TF-IDF is certain",
                "The messages to sort are a sample, too, so a difference needs an interval of its own.",
            ),
            (
                "It matters little which 32 examples you happened to label",
                "That, and no more, is what the spread over draws says.",
            ),
        ),
        right="c",
    ),
    Question(
        "You tried 30 settings of your method and one of the baseline, all on validation, where yours is ahead by 0.02. "
        "What now?",
        (
            (
                "Give the baseline its 30 settings, and compare the two winners on test messages, in pairs",
                "The best of many looks better than it is; messages that nobody chose on show how good it is.",
            ),
            ("Report 0.02, with an interval from validation", "The interval does not know of the 29 that you dropped."),
            (
                "Choose among the 30 on the test split",
                "Then the test split has become a validation split, and nothing is left to test on.",
            ),
        ),
        right="a",
    ),
    Question(
        "Zero-shot: you improve the description of one class, and find more of its messages. The accuracy...",
        (
            (
                "rises, because the other descriptions are as they were",
                "The new wording may also draw messages that belong to other classes.",
            ),
            ("may fall, because descriptions compete for messages", "What one description wins, it takes from others."),
            (
                "stays, as the model is frozen",
                "The model stays as it is, but another description may now be nearest to a message.",
            ),
        ),
        right="b",
    ),
    Question(
        "Of 200 answers with a confidence near 0.75, 196 are right. The classifier is...",
        (
            ("well calibrated: nearly all are right", "A calibrated classifier would be right about 150 times in 200."),
            ("overconfident", "An overconfident classifier is right less often than it says."),
            (
                "underconfident, and a temperature below 1 may correct it",
                "A temperature below 1 makes confidences bolder; no answer changes.",
            ),
        ),
        right="c",
    ),
    Question(
        "Why did 1 − confidence find so few of the messages that fit no intent?",
        (
            (
                "Softmax compares the intents with one another and does not ask whether any is near",
                "A message between two intents then looks as strange as one that is far from all.",
            ),
            (
                "The confidences were not calibrated",
                "A temperature is fitted on messages that belong; it knows of no others.",
            ),
            (
                "There were only 32 of them",
                "Few messages make an interval wide, but distance found most of the same 32.",
            ),
        ),
        right="a",
    ),
)
