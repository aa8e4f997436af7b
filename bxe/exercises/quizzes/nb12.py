"""The quiz of notebook 12, Production."""

from bxe.exercises.oracle import Question

QUIZ = (
    Question(
        "You embed a million texts of very different lengths with a loop that takes them 64 at a time, as they come. "
        "What is the cheapest gain?",
        (
            (
                "hand all of them to `encode`, which sorts by length",
                "It changes no vector, and leaves hardly any padding.",
            ),
            ("a batch size of 1", "That has no padding at all, but each call then does little work for its overhead."),
            (
                "cut every text after 32 tokens",
                "That is fast, but it changes the vectors: what is cut off is not read.",
            ),
        ),
        right="a",
    ),
    Question(
        "The same script, with bfloat16, runs three times as fast on a colleague's machine and slower on yours. Why?",
        (
            ("your model is damaged", "The vectors would be wrong then; this is about time."),
            (
                "your CPU does not multiply in bfloat16",
                "It converts each number first, so ask for bfloat16 only where it was measured.",
            ),
            ("bfloat16 needs larger batches", "Both machines had the same batches."),
        ),
        right="b",
    ),
    Question(
        "How many bytes do 10 million vectors of 384 numbers take as bits, and as float32?",
        (
            ("0.48 GB and 15.4 GB", "384 bits are 48 bytes, and 384 numbers of 4 bytes are 1,536: 32 times as much."),
            ("3.84 GB and 15.4 GB", "A bit is an eighth of a byte; that would be one byte a number, int8."),
            ("0.48 GB and 3.84 GB", "A number in float32 takes 4 bytes, not one."),
        ),
        right="a",
    ),
    Question(
        "Rescoring: the bits find 40 candidates, and other vectors put them in order. What can it not repair?",
        (
            ("two candidates in the wrong order", "Putting them in order is what it does."),
            ("a right text that is at rank 60 by the bits", "It is no candidate; only more candidates help, as in 08."),
            ("a cosine that the bits give as 0.5 in place of 0.6", "Rescoring computes the cosine anew."),
        ),
        right="b",
    ),
    Question(
        "Users search within one of 500 customers' texts. You ask the index for ten hits and drop those of other "
        "customers. What happens?",
        (
            (
                "nothing is lost, because the order stays the same",
                "The order stays, but most of the ten hits are gone.",
            ),
            (
                "it is slow, but right",
                "It is fast and wrong: often not one of the ten nearest belongs to the customer.",
            ),
            ("most users get no hit, or few", "The ten nearest come from all customers. Filter inside the search."),
        ),
        right="c",
    ),
    Question(
        "You load a better model for the queries and keep the stored vectors. Both have 384 numbers. The search then...",
        (
            (
                "gets better, because the queries' vectors are better",
                "The two models' numbers have nothing to do with each other.",
            ),
            (
                "returns nonsense, without an error",
                "The numbers do not show it; so store the model's name and hash with them.",
            ),
            ("raises an error", "Only if somebody stored which model made the vectors; the shapes agree."),
        ),
        right="b",
    ),
    Question(
        "More requests arrive than the service can compute. What should it do?",
        (
            (
                "say at once that it is busy",
                "The callers can go elsewhere or wait, and those in the queue still get their answers.",
            ),
            (
                "keep all of them in the queue",
                "The queue grows without end, and soon every answer comes too late to be of use.",
            ),
            (
                "start a further model for each request",
                "They share the same cores, so all of them get slower, until memory is full.",
            ),
        ),
        right="a",
    ),
)
