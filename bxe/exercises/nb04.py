"""Oracles and hints of notebook 04, Clustering."""

import numpy as np
from sklearn.metrics import adjusted_rand_score, rand_score, silhouette_samples

from bxe.exercises.oracle import Exercise, Wrong, expect, first_come, unit_vectors


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
            mistakes=[
                (nearest.sum(), "That is the sum of the distances; square each one first."),
                ((nearest**2).mean(), "That is the mean; inertia is the sum."),
                ((distances**2).sum(), "You added up all centres; only the nearest one of each point counts."),
                ((distances.max(axis=1) ** 2).sum(), "That takes the farthest centre of each point; take the nearest."),
                (nearest**2, "That is one value a point; add them up."),
                (nearest.sum() ** 2, "You squared the sum; square each distance, then add up."),
            ],
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
            mistakes=[
                (rand_score(truth, clusters), "That is the Rand index, which is not adjusted for chance."),
                (both / ((s + t) / 2), "Chance was not subtracted."),
                (
                    ((same == together)[pairs].sum() - chance) / ((s + t) / 2 - chance),
                    "`both` are pairs that are the same *and* together; those that are neither do not count.",
                ),
                (
                    (truth == clusters).mean(),
                    "Numbers of clusters are only names: compare pairs of texts, not the numbers.",
                ),
                (
                    (both - chance) / (n - chance),
                    "Below the line stands the mean of `same` and `together`, less chance; not all pairs.",
                ),
                ((both - chance) / (s / 2 + t - chance), "The half belongs to the sum of `same` and `together`."),
                (
                    max(0, adjusted_rand_score(truth, clusters)),
                    "Do not cut off at 0: a partition worse than chance has an index below 0.",
                ),
                ((both - chance) / ((s + t) / 2), "Chance has to be subtracted below the line, too."),
                (
                    (both - chance) / (s + t - chance),
                    "Below the line stands the mean of `same` and `together`, not their sum.",
                ),
                (
                    _with_itself(same, together, 0),
                    "A text is no pair with itself; count each pair of two different texts once.",
                ),
                (
                    _with_itself(same, together, None),
                    "A text is no pair with itself; count each pair of two different texts once.",
                ),
            ],
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
            mistakes=[
                (
                    (b - with_itself) / max(with_itself, b),
                    "The text itself was counted in its own cluster; divide by one fewer.",
                ),
                (
                    (b - no_twin) / max(no_twin, b),
                    "Leave out the text itself, not every distance of 0: a text may occur twice.",
                ),
                ((rest - a) / max(a, rest), "For b, take the nearest other cluster, not the mean of all other texts."),
                (
                    (nearest - a) / max(a, nearest),
                    "For b, take the mean distance to a cluster's texts, not the distance to its nearest text.",
                ),
                ((farthest - a) / max(a, farthest), "For b, take the nearest other cluster, not the farthest."),
                (-right[i], "The sign is off: b - a, so that a text that sits well gets a positive value."),
                (b - a, "Divide by the larger of a and b."),
            ],
        )


def _alone(answer) -> None:
    for labels in ([0, 0, -1, 1, -1, 1], [-1, 2, 2, 0, -1, 1, -1, 0, 1, -1]):
        labels = np.array(labels)
        noise = labels < 0
        apart = np.where(noise, labels.max() + 1 + np.arange(len(labels)), labels)
        given = f"labels = {labels.tolist()} (groups renumbered as they appear)"
        own = labels.copy()
        got = answer(own)
        expect(
            got if got is None else first_come(got),
            first_come(apart),
            given=given,
            mistakes=[
                (first_come(labels), "All noise is still in one group; give each noise text a number of its own."),
                (first_come(labels[~noise]), "The noise texts are gone; every text needs a number."),
                (
                    first_come(np.where(noise, np.cumsum(noise) - 1, labels)),
                    "Some new numbers are taken already by clusters; start above the highest label.",
                ),
                (
                    first_come(np.where(noise, np.arange(len(labels)), labels)),
                    "Some new numbers are taken already by clusters; start above the highest label.",
                ),
                (list(range(len(labels))), "Only the noise texts may change; the clusters stay together."),
            ],
        )
        if not np.array_equal(own, labels):
            raise Wrong(f"For labels = {labels.tolist()}, the array that you were given has changed; work on a copy.")


def _typical(answer) -> None:
    rng = np.random.default_rng(0)
    vectors = unit_vectors(rng, 30, 4)
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
            mistakes=[
                (inside.argmax(), "That is its place inside the cluster; return its row among all vectors."),
                (towards.argmax(), "That text is nearest to the centre but belongs to another cluster."),
                (members[inside.argmin()], "That is the text farthest from the centre."),
                (
                    vectors[members].mean(axis=0),
                    "That is the centre; return the row of the text that is nearest to it.",
                ),
                (vectors[members[inside.argmax()]], "That is the vector; return the number of its row."),
                (members[0], "That is the first text of the cluster."),
            ],
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
