"""Oracles and hints of notebook 02, Similarity."""

import numpy as np
from scipy.stats import pearsonr, rankdata, spearmanr

from bxe.exercises.oracle import Exercise, expect


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
                (dot / length_b, "You divided by one length only, that of b; divide by both."),
                (dot / (length_a * length_b) ** 2, "You divided by the squared lengths; take their roots."),
                (dot / (length_a + length_b), "You divided by the sum of the lengths; divide by their product."),
                (
                    1 - dot / (length_a * length_b),
                    "That is the cosine distance, 1 - cosine; more alike should be more.",
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
                (np.sqrt(2 + 2 * cosine), "The sign is off: a higher cosine is a smaller distance."),
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
                (pearsonr(x, y).statistic, "That is Pearson's correlation of the values; take it of their ranks."),
                (
                    np.corrcoef(np.argsort(x), np.argsort(y))[0, 1],
                    "argsort gives positions, not ranks; rankdata gives ranks.",
                ),
                (
                    np.corrcoef(x.argsort().argsort(), y.argsort().argsort())[0, 1],
                    "Ties must share their rank; argsort of argsort does not do that.",
                ),
                (np.corrcoef(*ranks), "np.corrcoef gives a 2 x 2 matrix; the correlation is its entry [0, 1]."),
                (1.0, "Entry [0, 0] is x with itself, always 1; take [0, 1]."),
            ],
        )


def _fooled(answer) -> None:
    right = np.array([0.9, 0.5, 0.3, 0.8, 0.6])
    for trap in (np.array([0.1, 0.7, 0.2, 0.3, 0.4]), np.array([0.1, 0.7, 0.3, 0.9, 0.2])):
        count = (trap >= right).sum()
        mistakes = [
            ((trap < right).mean(), "That is the share of questions answered rightly; asked is the share fooled."),
            (count, "That is a count; divide it by the number of questions."),
            (trap >= right, "That is an answer for each question; take the mean."),
        ]
        if (trap == right).any():
            mistakes.insert(0, ((trap > right).mean(), "A tie counts as fooled: >= instead of >."))
        expect(answer(right, trap), count / len(right), given=f"right = {right}, trap = {trap}", mistakes=mistakes)


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
            "The text above the exercise gives the square of what is asked.",
            "distance² = 2 - 2 · cosine; take the root.",
            "return np.sqrt(2 - 2 * cosine)",
        ),
        why="Distance falls as cosine rises, always: that is why both rank alike on vectors of length 1.",
    ),
    "02.3": Exercise(
        _spearman,
        hints=(
            "Spearman is Pearson, taken of ranks.",
            "Rank x and y with scipy.stats.rankdata, then correlate the ranks with np.corrcoef.",
            "return np.corrcoef(rankdata(x), rankdata(y))[0, 1]",
        ),
        why="Only the order counts, so a model's scale, whatever it is, neither helps nor harms.",
    ),
    "02.4": Exercise(
        _fooled,
        hints=(
            "Compare the two arrays entry by entry; the result is an array of True and False.",
            "The mean of True and False is the share of True. Mind the tie.",
            "return (trap >= right).mean()",
        ),
        why="A share of one half is what a coin would do; a useful ranker stays far below.",
    ),
}
