"""The quiz of notebook 01, Embeddings."""

from bxe.exercises.oracle import Question

QUIZ = (
    Question(
        "A batch holds a text of 5 tokens and one of 200. What happens to the vector of the short one?",
        (
            (
                "it is pulled towards zero by 195 rows of padding",
                "It would be if padding were counted; the mask keeps it out.",
            ),
            (
                "it takes on some of the long text's meaning",
                "Texts of a batch never see each other; each attends to itself alone.",
            ),
            ("nothing but rounding", "The mask keeps padding out of attention and out of the mean."),
        ),
        right="c",
    ),
    Question(
        "A contract of 3,000 words is encoded with this model, and its last clause is the one you search for. You find it...",
        (
            (
                "hardly ever: the clause was not read",
                "After 256 tokens the text is cut off, silently. Cut it into passages first.",
            ),
            ("always: a vector stands for the whole text", "It stands for the 256 tokens that were read."),
            (
                "a little less well than a clause at the start",
                "A clause near the start is diluted; one at the end is not read at all.",
            ),
        ),
        right="a",
    ),
    Question(
        "Why does the token 'bank' have different vectors in two sentences?",
        (
            ("the vocabulary holds two entries for it", "There is one entry; the transformer makes the difference."),
            ("each token's vector depends on the tokens around it", "Attention mixes in the context, layer by layer."),
            (
                "the model draws them at random",
                "Nothing is random here: the same sentence gives the same vector each time.",
            ),
        ),
        right="b",
    ),
    Question(
        "On a t-SNE picture, topic A lies twice as far from B as from C. You conclude...",
        (
            (
                "A is half as similar to B as to C",
                "t-SNE keeps neighbours, not distances between groups; measure on the vectors.",
            ),
            (
                "nothing yet; you compare the vectors themselves",
                "Distances between groups on a map change with a setting or a seed.",
            ),
            (
                "A and B share no neighbours",
                "They may: two dimensions cannot show every neighbourhood. Look at the vectors.",
            ),
        ),
        right="b",
    ),
)
