"""The quiz of notebook 01, Embeddings."""

from bxe.exercises.oracle import Question

QUIZ = (
    Question(
        "A batch holds a text of 5 tokens and one of 200. What happens to the vector of the short one?",
        (
            (
                "it is pulled towards zero by 195 rows of padding",
                "The vector would change if padding were counted; the mask keeps padding out.",
            ),
            (
                "it takes on some of the long text's meaning",
                "The texts of a batch never see each other; each attends to itself alone.",
            ),
            ("nothing but rounding", "The mask keeps padding out of attention and out of the mean."),
        ),
        right="c",
    ),
    Question(
        "You encode a contract of 3,000 words with this model and search for its last clause. How often will you find it?",
        (
            (
                "hardly ever: the model did not read the clause",
                "After 256 tokens the text is cut off, silently. Cut it into passages first.",
            ),
            ("always: a vector stands for the whole text", "It stands for the 256 tokens that were read."),
            (
                "a little less often than a clause at the start",
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
        "On a t-SNE map, topic A lies twice as far from B as from C. What do you conclude?",
        (
            (
                "A is half as similar to B as to C",
                "t-SNE keeps neighbours, not distances between groups; measure on the vectors.",
            ),
            (
                "nothing yet; compare the vectors themselves",
                "Distances between groups on a map change with a setting or a seed.",
            ),
            (
                "A and B share no neighbours",
                "They may: two dimensions cannot show every neighbourhood. Look at the vectors.",
            ),
        ),
        right="b",
    ),
    Question(
        "A model's card asks for the prompt 'query: ', but model.prompts is empty. What does encode_query add?",
        (
            (
                "'query: ', because it encodes a query",
                "The library adds the prompts of the model's folder and no others.",
            ),
            ("whatever the card asks for", "The card is for people; the library reads the model's settings."),
            ("nothing", 'The folder stores no prompt, so you pass it yourself: encode_query(text, prompt="query: ").'),
        ),
        right="c",
    ),
)
