"""Oracles and hints of notebook 02, Similarity."""

import numpy as np
from scipy.stats import pearsonr, rankdata, spearmanr

from bxe.exercises.oracle import Exercise, expect, minilm


def _cosine(answer) -> None:
    rng = np.random.default_rng(2)
    for d in (2, 5, 384):
        a, b = rng.normal(size=d) * 3, rng.normal(size=d) + 0.5
        dot, length_a, length_b = a @ b, np.linalg.norm(a), np.linalg.norm(b)
        expect(
            answer(a, b),
            dot / (length_a * length_b),
            given=f"two random vectors of {d} numbers and lengths {length_a:.2f} and {length_b:.2f}",
            mistakes=[
                (dot, "That is the dot product; these vectors are not of length 1, so divide by both lengths."),
                (dot / length_a, "You divided by one length only; divide by both."),
                (dot / length_b, "You divided by one length only, that of b; divide by both lengths."),
                (dot / (length_a * length_b) ** 2, "You divided by the squared lengths; take their roots."),
                (dot / (length_a + length_b), "You divided by the sum of the lengths; divide by their product."),
                (
                    1 - dot / (length_a * length_b),
                    "That is the cosine distance, 1 - cosine; similar vectors should get a high number.",
                ),
            ],
        )


def _distance(answer) -> None:
    for cosine in (0.6660, 0.0, -0.5, 1.0):
        expect(
            answer(cosine),
            np.sqrt(2 - 2 * cosine),
            given=f"cosine = {cosine}",
            mistakes=[
                (2 - 2 * cosine, "That is the squared distance; take the root."),
                (1 - cosine, "That is the cosine distance, not the Euclidean one."),
                (np.sqrt(2 + 2 * cosine), "The sign is wrong: a higher cosine means a smaller distance."),
                (np.sqrt(1 - cosine**2), "That is the sine of the angle, the root of 1 - cosine²."),
                (np.sqrt(1 - cosine), "The factor 2 is missing under the root."),
            ],
        )


def _spearman(answer) -> None:
    rng = np.random.default_rng(2)
    for n, ties in ((30, False), (40, True)):
        x = rng.normal(size=n)
        y = np.exp(2 * x + rng.normal(size=n))
        if ties:
            x = np.round(x)
        ranks = rankdata(x), rankdata(y)
        expect(
            answer(x, y),
            spearmanr(x, y).statistic,
            given=f"{n} random pairs" + (", x rounded so that many are tied" if ties else ", without ties"),
            mistakes=[
                (pearsonr(x, y).statistic, "That is Pearson's correlation of the values; correlate their ranks."),
                (
                    np.corrcoef(np.argsort(x), np.argsort(y))[0, 1],
                    "np.argsort gives positions, not ranks; rankdata gives ranks.",
                ),
                (
                    np.corrcoef(x.argsort().argsort(), y.argsort().argsort())[0, 1],
                    "Ties must share their rank; argsort of argsort does not do that.",
                ),
                (np.corrcoef(*ranks), "np.corrcoef gives a 2 x 2 matrix; the correlation is its entry [0, 1]."),
                (1.0, "Entry [0, 0] correlates x with itself and is always 1; take [0, 1]."),
            ],
        )


# A question, a text that answers it, and one that does not; in the last triple the two are exchanged, so one is lost.
TRIPLES = (
    ("Who is a strict vegetarian?", "Ibrahim never eats meat.", "Ibrahim always eats meat."),
    ("What should I wear in the rain?", "A coat keeps you dry in wet weather.", "The museum is closed on Mondays."),
    ("When does the museum open?", "The museum opens at nine.", "The bakery next to the station sells rye bread."),
    ("How do I bake bread?", "Knead the dough and bake the bread for an hour.", "The bank has raised its fees."),
    ("Who wrote the song?", "The price of wheat has doubled.", "A young singer wrote the song."),
)


def _right_first(answer) -> None:
    from sentence_transformers.sentence_transformer.evaluation import TripletEvaluator

    model = minilm()
    for n in (4, 5):
        questions, right, trap = (list(texts) for texts in zip(*TRIPLES[-n:]))
        results = TripletEvaluator(questions, right, trap)(model)
        (share,) = results.values()
        (swapped,) = TripletEvaluator(right, questions, trap)(model).values()
        mistakes = [
            (results, "That is the evaluator's whole dictionary; return the number in it."),
            (list(results.values()), "That is a list; return the one number in it."),
            (1 - share, "That is the share of questions whose trap comes first. The right texts are the positives."),
            (share * n, "That is a count; divide it by the number of questions."),
            (swapped, "The question is the anchor, so it comes first; the right text comes second."),
        ]
        expect(answer(model, questions, right, trap), share, given=f"{n} questions", mistakes=mistakes)


EXERCISES = {
    "02.1": Exercise(
        _cosine,
        hints=(
            "The dot product grows with the lengths; a cosine must not.",
            "Divide the dot product by the product of both lengths, np.linalg.norm(a) and np.linalg.norm(b).",
            "return a @ b / (np.linalg.norm(a) * np.linalg.norm(b))",
        ),
        why="It works for vectors of any length, so also for models that do not normalise.",
    ),
    "02.2": Exercise(
        _distance,
        hints=(
            "Multiply out (a - b) @ (a - b). Three dot products appear: a @ a, b @ b and a @ b.",
            "With length 1, a @ a and b @ b are 1, and a @ b is the cosine. Take the root of the sum.",
            "return np.sqrt(2 - 2 * cosine)",
        ),
        why="The squared distance is 2 - 2 · cosine, so it falls as the cosine rises: with length 1, both rank alike.",
    ),
    "02.3": Exercise(
        _spearman,
        hints=(
            "Spearman's rho is Pearson's correlation, computed on ranks.",
            "Rank x and y with scipy.stats.rankdata, then correlate the ranks with np.corrcoef.",
            "return np.corrcoef(rankdata(x), rankdata(y))[0, 1]",
        ),
        why="Only the order counts, so it does not matter on which scale a model's cosines lie.",
    ),
    "02.4": Exercise(
        _right_first,
        hints=(
            "Make a TripletEvaluator out of the three lists, then call it with the model.",
            "TripletEvaluator(questions, right, trap)(model) is a dictionary with one entry; return that entry's value.",
            'return TripletEvaluator(questions, right, trap)(model)["cosine_accuracy"]',
        ),
        why="A share of one half is what a coin would reach; a useful search is far above.",
    ),
}
