"""The quiz of notebook 09, Train a bi-encoder."""

from bxe.exercises.oracle import Question

QUIZ = (
    Question(
        "A batch holds 30 pairs. Where do the negatives of the in-batch loss come from?",
        (
            ("From a list of wrong texts that somebody wrote", "Such a list may be added; the loss works without one."),
            (
                "The partners of the other 29 pairs serve as negatives",
                "Each row of the matrix has one partner and 29 others; nobody has to write them.",
            ),
            ("There are none; it pulls partners together", "Without negatives all vectors become alike."),
        ),
        right="b",
    ),
    Question(
        "During a training the cosine of your pairs rises from 0.5 to 0.95. What do you check first?",
        (
            (
                "The cosine of unrelated texts",
                "If it rises as well, the vectors are collapsing and nothing is learned.",
            ),
            ("Whether it can reach 1", "Any model reaches 1 by giving all texts one vector."),
            ("The temperature", "It matters, but does not tell whether this is a success."),
        ),
        right="a",
    ),
    Question(
        "You have 120 labelled messages and want a classifier. Why does a linear layer on frozen vectors gain nothing?",
        (
            ("It has too few weights", "It has 147,456 of them for 120 messages."),
            ("Its training is too short", "It is short, but a longer one still ends in one linear map."),
            (
                "Logistic regression is a linear layer already",
                "Two linear maps one after the other are one; only the layers below can offer something new.",
            ),
        ),
        right="c",
    ),
    Question(
        "After a training the accuracy on your messages is 0.05 higher. What may have become worse?",
        (
            ("Nothing, as the loss fell", "The loss looks at your messages only."),
            (
                "Anything that you did not measure, such as search or similarity of other texts",
                "The weights are shared; so measure what else the model is used for.",
            ),
            ("The speed of encoding", "The model has the same layers; a merged adapter costs nothing either."),
        ),
        right="b",
    ),
    Question(
        "Hard negatives are mined from a log of questions. Many nearest neighbours turn out to ask the same. You...",
        (
            (
                "keep a margin below the partner's cosine, and read a sample of what is left",
                "The margin removes most false negatives and many true ones; reading tells how many are left.",
            ),
            ("train longer, so that the loss sorts them out", "The loss believes them, and pushes paraphrases apart."),
            ("take the 100 nearest instead of 3", "Farther ones are safer, but the nearest are still among them."),
        ),
        right="a",
    ),
    Question(
        "Pairs were split at random: 80 % to learn, 20 % to test. What is wrong if paraphrase groups have several members?",
        (
            ("20 % is too little for a test", "It may be enough; an interval tells."),
            (
                "Questions of one group stand on both sides, so the test asks what was learned",
                "Split by group, and keep near misses on the side of the question that they imitate.",
            ),
            ("The order of the pairs must be kept", "A random order is fine; what must stay together is the group."),
        ),
        right="b",
    ),
)
