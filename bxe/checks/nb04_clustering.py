"""Oracles, hints and quiz of notebook 04, Clustering."""

import numpy as np
from sklearn.metrics import adjusted_rand_score, rand_score, silhouette_samples

from bxe.exercises import Exercise, Question, Wrong, expect


def _inertia(answer) -> None:
    rng = np.random.default_rng(4)
    for n, k in ((12, 3), (40, 2)):
        points, centres = rng.normal(size=(n, 2)) * 2, rng.normal(size=(k, 2)) * 2
        distances = np.linalg.norm(points[:, None] - centres, axis=2)
        nearest = distances.min(axis=1)
        expect(
            answer(points, centres),
            (nearest**2).sum(),
            given=f"{n} random points and {k} centres",
            mistakes={
                "That is the sum of the distances; square each one first.": nearest.sum(),
                "That is the mean; inertia is the sum.": (nearest**2).mean(),
                "You added up all centres; only the nearest one of each point counts.": (distances**2).sum(),
                "That takes the farthest centre of each point; take the nearest.": (distances.max(axis=1) ** 2).sum(),
                "That is one value a point; add them up.": nearest**2,
                "You squared the sum; square each distance, then add up.": nearest.sum() ** 2,
            },
        )


def _adjusted_rand(answer) -> None:
    rng = np.random.default_rng(4)
    by_hand = np.array([0, 0, 0, 1, 1, 1])
    cases = [(by_hand, np.array([0, 0, 1, 1, 1, 1])), (by_hand, np.array([0, 1, 1, 0, 0, 1]))]  # the second is below 0
    truth = rng.integers(0, 4, 30)
    cases.append((truth, np.where(rng.random(30) < 0.6, truth, rng.integers(0, 5, 30))))
    for truth, clusters in cases:
        same, together = truth[:, None] == truth, clusters[:, None] == clusters
        pairs = np.triu(np.ones_like(same), k=1).astype(bool)
        s, t, both, n = same[pairs].sum(), together[pairs].sum(), (same & together)[pairs].sum(), pairs.sum()
        chance = s * t / n
        expect(
            answer(truth, clusters),
            adjusted_rand_score(truth, clusters),
            given=f"truth = {truth.tolist()}, clusters = {clusters.tolist()}",
            mistakes={
                "That is the Rand index, which is not adjusted for chance.": rand_score(truth, clusters),
                "Chance was not subtracted.": both / ((s + t) / 2),
                "`both` are pairs that are the same *and* together; those that are neither do not count.": (
                    (same == together)[pairs].sum() - chance
                )
                / ((s + t) / 2 - chance),
                "Numbers of clusters are only names: compare pairs of texts, not the numbers.": (
                    truth == clusters
                ).mean(),
                "Below the line stands the mean of `same` and `together`, less chance; not all pairs.": (both - chance)
                / (n - chance),
                "The half belongs to the sum of `same` and `together`.": (both - chance) / (s / 2 + t - chance),
                "Do not cut off at 0: a partition worse than chance has an index below 0.": max(
                    0, adjusted_rand_score(truth, clusters)
                ),
                "Chance has to be subtracted below the line, too.": (both - chance) / ((s + t) / 2),
                "Below the line stands the mean of `same` and `together`, not their sum.": (both - chance)
                / (s + t - chance),
                "A text is no pair with itself; count each pair of two different texts once.": _with_itself(
                    same, together, 0
                ),
                "A text is no pair with itself; count each pair of two different texts once. ": _with_itself(
                    same, together, None
                ),
            },
        )


def _with_itself(same, together, first_diagonal) -> float:
    """The adjusted Rand index by someone who counts pairs (i, i), too: of a triangle, or of the whole square."""
    pairs = np.ones_like(same) if first_diagonal is None else np.triu(np.ones_like(same), k=first_diagonal)
    pairs = pairs.astype(bool)
    s, t, both = same[pairs].sum(), together[pairs].sum(), (same & together)[pairs].sum()
    return (both - s * t / pairs.sum()) / ((s + t) / 2 - s * t / pairs.sum())


def _silhouette(answer) -> None:
    rng = np.random.default_rng(4)
    points = rng.normal(size=(14, 2)) + np.repeat([[0, 0], [3, 0], [0, 4]], [5, 5, 4], axis=0)
    points[1] = points[0]  # a text that occurs twice
    labels = np.repeat([0, 1, 2], [5, 5, 4])
    distances = np.linalg.norm(points[:, None] - points, axis=2)
    right = silhouette_samples(distances, labels, metric="precomputed")
    for i in (0, 7, 12):
        own, others = labels == labels[i], [labels == c for c in range(3) if c != labels[i]]
        a = distances[i, own].sum() / (own.sum() - 1)
        b = min(distances[i, other].mean() for other in others)
        no_twin = distances[i, own & (distances[i] > 0)].mean()
        with_itself, rest = distances[i, own].mean(), distances[i, ~own].mean()
        nearest = distances[i, ~own].min()
        farthest = max(distances[i, other].mean() for other in others)
        expect(
            answer(distances, labels, i),
            right[i],
            given=f"14 points in 3 clusters and i = {i}",
            mistakes={
                "The text itself was counted in its own cluster; divide by one fewer.": (b - with_itself)
                / max(with_itself, b),
                "Leave out the text itself, not every distance of 0: a text may occur twice.": (b - no_twin)
                / max(no_twin, b),
                "For b, take the nearest other cluster, not the mean of all other texts.": (rest - a) / max(a, rest),
                "For b, take the mean distance to a cluster's texts, not the distance to its nearest text.": (
                    nearest - a
                )
                / max(a, nearest),
                "For b, take the nearest other cluster, not the farthest.": (farthest - a) / max(a, farthest),
                "The sign is off: b - a, so that a text that sits well gets a positive value.": -right[i],
                "Divide by the larger of a and b.": b - a,
            },
        )


def _first_come(labels):
    """The same groups, numbered in the order in which they appear, so that any numbering is as good as another."""
    numbers: dict = {}
    return [numbers.setdefault(label, len(numbers)) for label in np.asarray(labels).tolist()]


def _alone(answer) -> None:
    for labels in ([0, 0, -1, 1, -1, 1], [-1, 2, 2, 0, -1, 1, -1, 0, 1, -1]):
        labels = np.array(labels)
        noise = labels < 0
        apart = np.where(noise, labels.max() + 1 + np.arange(len(labels)), labels)
        given = f"labels = {labels.tolist()} (groups renumbered as they appear)"
        own = labels.copy()
        got = answer(own)
        expect(
            got if got is None else _first_come(got),
            _first_come(apart),
            given=given,
            mistakes={
                "All noise is still in one group; give each noise text a number of its own.": _first_come(labels),
                "The noise texts are gone; every text needs a number.": _first_come(labels[~noise]),
                "Some new numbers are taken already by clusters; start above the highest label.": _first_come(
                    np.where(noise, np.cumsum(noise) - 1, labels)
                ),
                "Some new numbers are taken already by clusters; start above the highest label. ": _first_come(
                    np.where(noise, np.arange(len(labels)), labels)
                ),
                "Only the noise texts may change; the clusters stay together.": list(range(len(labels))),
            },
        )
        if not np.array_equal(own, labels):
            raise Wrong(f"For labels = {labels.tolist()}, the array that you were given has changed; work on a copy.")


def _typical(answer) -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(30, 4))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    labels = rng.integers(0, 3, 30)
    for cluster in (0, 1, 2):
        members = np.flatnonzero(labels == cluster)
        towards = vectors @ vectors[members].mean(axis=0)
        inside = towards[members]
        got = answer(vectors, labels, cluster)
        expect(
            int(got) if isinstance(got, np.integer) else got,
            int(members[inside.argmax()]),
            given=f"30 random vectors of length 1 in 3 clusters, and cluster = {cluster}",
            mistakes={
                "That is its place inside the cluster; return its row among all vectors.": inside.argmax(),
                "That text is nearest to the centre but belongs to another cluster.": towards.argmax(),
                "That is the text farthest from the centre.": members[inside.argmin()],
                "That is the centre; return the row of the text that is nearest to it.": vectors[members].mean(axis=0),
                "That is the vector; return the number of its row.": vectors[members[inside.argmax()]],
                "That is the first text of the cluster.": members[0],
            },
        )


EXERCISES = {
    "04.1": Exercise(
        _inertia,
        hints=(
            "The function `nearest` above has all distances in it; it then asks which is smallest. Here you need how small.",
            "For each point take the smallest distance (min over the centres), square it, and add up all points.",
            "return (np.linalg.norm(points[:, None] - centres, axis=2).min(axis=1) ** 2).sum()",
        ),
        why="Neither of the two steps of k-means can raise it, so k-means must stop; where it stops depends on the start.",
    ),
    "04.2": Exercise(
        _adjusted_rand,
        hints=(
            "Count three things over all pairs i < j: same subject, same cluster, and both at once.",
            "np.triu_indices(len(truth), k=1) gives all pairs i < j; compare truth[i] with truth[j], and the same for "
            "clusters. Chance is same * together / number of pairs.",
            "both = (same & together).sum(); chance = same.sum() * together.sum() / len(same); return (both - chance) / "
            "((same.sum() + together.sum()) / 2 - chance), with same and together as arrays over the pairs",
        ),
        why="Random clusters score 0 on average, however many there are. That makes numbers of clusters comparable.",
    ),
    "04.3": Exercise(
        _silhouette,
        hints=(
            "Two means are needed: a, to the other texts of the same cluster; b, to the texts of the nearest other cluster.",
            "The distance of a text to itself is 0, so for a: sum over the cluster, divided by its size minus 1. For b: the "
            "smallest of the means over each other cluster.",
            "a = distances[i, labels == labels[i]].sum() / ((labels == labels[i]).sum() - 1); b = min(distances[i, labels "
            "== c].mean() for c in set(labels) - {labels[i]}); return (b - a) / max(a, b)",
        ),
        why="It uses distances and nothing else: no label, and no idea of what the clusters are for.",
    ),
    "04.4": Exercise(
        _alone,
        hints=(
            "Every -1 has to become a number that nobody else has.",
            "Count on from labels.max() + 1, one number a noise text; leave the others as they are.",
            "noise = labels < 0; new = labels.copy(); new[noise] = labels.max() + 1 + np.arange(noise.sum()); return new",
        ),
        why="Noise is the absence of a cluster. Scored as one big cluster, it would claim that all these texts belong together.",
    ),
    "04.5": Exercise(
        _typical,
        hints=(
            "First the rows of the cluster, then their mean, then which of these rows is nearest to the mean.",
            "np.flatnonzero(labels == cluster) gives the rows. argmax among them gives a place in that list, not yet a row.",
            "rows = np.flatnonzero(labels == cluster); return rows[(vectors[rows] @ vectors[rows].mean(axis=0)).argmax()]",
        ),
        why="A real text in its own words: the quickest check of whether the keywords mean what you think they mean.",
    ),
}

QUIZ = (
    Question(
        "Tool A makes 500 clusters of 600 texts and reports a V-measure of 0.79. Tool B makes 60 and reports 0.76. So...",
        (
            ("A is better", "600 texts in 600 clusters have a V-measure of 0.78 here, and tell nothing."),
            (
                "nothing yet: compare a measure that is adjusted for chance",
                "The V-measure rises with the number of clusters; the adjusted Rand index does not.",
            ),
            (
                "B is better, because 60 is the number of subjects",
                "The right number of clusters can still be wrong clusters: random ones, for example.",
            ),
        ),
        right="b",
    ),
    Question(
        "You run k-means with five seeds and report mean ± std of the adjusted Rand index. The ± says...",
        (
            (
                "how much the score would differ on other texts",
                "The texts were the same in all five runs; for that, draw texts or subjects anew.",
            ),
            (
                "how likely it is that the clusters are right",
                "A method can give the same wrong clusters with every seed.",
            ),
            (
                "how much the score depends on the random start",
                "And on nothing else. Whether a difference holds for other texts needs an interval over texts.",
            ),
        ),
        right="c",
    ),
    Question(
        "On 600 passages the silhouette is highest at 25 to 30 clusters. From this you know...",
        (
            (
                "that about so many clusters stand apart best, by distance",
                "That is all it measures. Whether you need 10 or 60 depends on what you need them for.",
            ),
            ("that the texts have 25 to 30 subjects", "They have 60 subjects, and these score lower than 30 clusters."),
            (
                "that every k far from these is wrong",
                "10 categories and 60 subjects are both in this data, and people find both useful.",
            ),
        ),
        right="a",
    ),
    Question(
        "community_detection with its default threshold of 0.75 returns no community for your texts. Likely...",
        (
            (
                "your texts have nothing in common",
                "The 600 passages have ten on each subject, and it returned none for them.",
            ),
            (
                "the function needs the number of clusters",
                "It does not take one; a threshold and a smallest size is all.",
            ),
            (
                "two texts on one subject have lower cosines than that",
                "0.75 fits paraphrases. Choose a threshold for your model and your kind of text.",
            ),
        ),
        right="c",
    ),
    Question(
        "On a UMAP map two islands lie far apart at opposite edges. You may say...",
        (
            (
                "their texts are the least alike of all",
                "Distances between islands are not kept; a new seed moves them.",
            ),
            (
                "nothing about how alike they are, before you look at the cosines",
                "A map gives ideas. The vectors, or a reader, must bear them out.",
            ),
            ("the x axis tells these two topics apart", "The axes have no meaning of their own."),
        ),
        right="b",
    ),
    Question(
        "A cluster of support tickets is named 'il, la, ist, llega'. Best you...",
        (
            (
                "read some of its texts: it may be held together by something that you did not ask for",
                "By language, as here. Others are held together by tone, length or a signature.",
            ),
            ("add these words to the stop words, and keep the cluster", "That hides the name; the cluster stays."),
            (
                "delete its tickets as noise",
                "They are ordinary requests, in two languages. Sorted by what they want, they belong to other clusters.",
            ),
        ),
        right="a",
    ),
)
