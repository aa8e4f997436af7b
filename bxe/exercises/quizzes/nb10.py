"""The quiz of notebook 10, Train a cross-encoder."""

from bxe.exercises.oracle import Question

QUIZ = (
    Question(
        "You want to keep only passages whose sigmoid is above 0.5. Which loss prepares the model for that?",
        (
            ("RankNet", "It sees differences only, so no score means anything by itself."),
            ("Binary cross-entropy", "It asks each logit for a height of its own, so that 0.5 has a meaning."),
            ("Listwise cross-entropy", "Adding the same number to all logits of a list changes nothing in it."),
        ),
        right="b",
    ),
    Question(
        "Your wrong examples were drawn at random. Which mistakes will the model make most?",
        (
            (
                "It takes near misses for answers",
                "It never had to tell near misses from answers: random texts share few words with the query.",
            ),
            ("It takes texts on other topics for answers", "Those it saw all the time, and learned to refuse."),
            ("It refuses good answers", "Those were its right examples."),
        ),
        right="a",
    ),
    Question(
        "A search finds the nearest texts that nobody marked, and you train with them as wrong examples. What is the risk?",
        (
            ("They are too easy", "They are the hardest there are: the search took them for answers."),
            ("The model learns the search's order by heart", "It is told that all of them are equally wrong."),
            (
                "Some of them do answer, and the model is punished for seeing it",
                "They are false negatives. Grading finds them, and a margin (09) drops most of them.",
            ),
        ),
        right="c",
    ),
    Question(
        "A model with three labels gives 0.8, 0.1 and 0.1 after the softmax. How sure may you be of the first label?",
        (
            ("It is right in eight of ten such cases", "Only if the model is calibrated, which nobody has checked."),
            (
                "That is to be measured on pairs with known labels",
                "A softmax adds up to 1 whatever the model knows (05).",
            ),
            (
                "Ten times as sure as for a pair where it gets 0.08",
                "A softmax compares the labels of one pair; it does not measure certainty.",
            ),
        ),
        right="b",
    ),
    Question(
        "A student learned from the grades of a language model. Which sentence is true?",
        (
            (
                "Where the teacher errs in the same way each time, the student learns the error",
                "A student sees only the teacher's opinion, errors included.",
            ),
            ("The student can never be better than the teacher", "It can be, where errors of the teacher cancel out."),
            (
                "The student needs the teacher when it is used",
                "It needs the teacher for training only; that is the gain.",
            ),
        ),
        right="a",
    ),
    Question(
        "On the questions you trained on, the model gains 0.2; on questions that it never saw, 0.01 [-0.02, 0.04]. You...",
        (
            ("report 0.2: that is what it learned", "It learned these questions by heart; nobody will ask them again."),
            ("train longer, until both gain", "More of the same makes the first figure larger, not the second."),
            (
                "keep the model you had, or look for more and other training questions",
                "The second figure is the one that users will meet.",
            ),
        ),
        right="c",
    ),
)
