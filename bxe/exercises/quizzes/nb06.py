"""The quiz of notebook 06, Paraphrase mining."""

from bxe.exercises.oracle import Question

QUIZ = (
    Question(
        "Mining 20,000 texts takes 4 seconds, embedding not counted. About how long do 200,000 take?",
        (
            ("40 seconds", "The time to embed grows like that; the time for all pairs grows as n²."),
            ("400 seconds", "Ten times the texts make a hundred times the pairs."),
            ("4,000 seconds", "That would be n³: a thousand times the work."),
        ),
        right="b",
    ),
    Question(
        "You halve query_chunk_size. What changes?",
        (
            ("the time: about half", "All pairs are compared as before."),
            ("the pairs: fewer are found", "Each text still meets all others, and keeps its top_k nearest."),
            (
                "the memory: a chunk's table of scores takes about half",
                "A chunk meets at most 100,000 texts at a time. The time and the result stay the same.",
            ),
        ),
        right="c",
    ),
    Question(
        "In a list of questions, precision falls when the threshold rises. Most likely...",
        (
            (
                "the most alike pairs are near misses: nearly the same words, another meaning",
                "As in faq with its traps, where none of the first 100 pairs asked the same.",
            ),
            ("there is a bug, because that cannot be", "Recall can only fall; precision can do either."),
            ("the threshold must be raised further", "In faq a higher threshold took precision down to 0."),
        ),
        right="a",
    ),
    Question(
        "On 1,000 questions you found a threshold with precision 0.8. A year later there are 8,000. At that threshold, expect...",
        (
            ("a precision of 0.8", "If texts of the same kind come in, wrong pairs grow faster than right ones."),
            ("a higher one, since there is more data", "Nothing is learned from the new texts here."),
            (
                "a lower one",
                "Right pairs grow about as n, chances for a wrong pair as n². Measure again.",
            ),
        ),
        right="c",
    ),
    Question(
        "Connected components give one group of 55 texts; the largest that a person would make has 5. First look for...",
        (
            (
                "a better model",
                "Perhaps later. But a few wrong pairs are enough to chain good groups together.",
            ),
            (
                "pairs that hold two halves together, and a way of grouping that needs more than a chain",
                "One pair glued thirteen questions. Average linkage and communities resist that.",
            ),
            ("a lower threshold", "Lower means more pairs and larger groups: at 0.4 most questions were in one."),
        ),
        right="b",
    ),
    Question(
        "You deduplicate 30,000 documents at 0.95. The success of the search, measured on 92 questions, stays the same. So...",
        (
            (
                "92 questions show no loss on average, but single documents may be lost",
                "As here with the upper triangle: so few questions seldom ask for the one entry that is gone.",
            ),
            ("nothing was lost", "So few questions test only few documents, and many documents were deleted."),
            (
                "all deleted documents were doubles",
                "Some were near misses here: the upper triangle for the lower one, compressed for uncompressed.",
            ),
        ),
        right="a",
    ),
)
