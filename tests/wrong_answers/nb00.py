"""Wrong answers to the exercises of notebook 00, Start here."""

WRONG = {
    "00.1": [
        (lambda a, b: [b, a], "order is swapped"),
        (lambda a, b: a + b, "joined the texts"),
        (lambda a, b: (a, b), "return them as a list"),
        (lambda a, b: [a], "one text only"),
    ],
    "00.2": [
        (lambda n: n * (n - 1) // 2, "what a cross-encoder needs"),
        (lambda n: 2, "n texts need more"),
        (lambda n: n * n, "ordered pair"),
    ],
    "00.3": [
        (lambda n: n * n, "counts each pair twice"),
        (lambda n: n * (n - 1), "A with B, and B with A"),
        (lambda n: n, "reads pairs"),
    ],
}
