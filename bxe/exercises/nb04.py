"""Oracles and hints of notebook 04, Clustering."""

import numpy as np
from sklearn.metrics import adjusted_rand_score, rand_score

from bxe.exercises.oracle import Exercise, KnownEncoder, expect, unit_vectors


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
                ((distances**2).sum(), "You added up all centres; only the one nearest to each point counts."),
                ((distances.max(axis=1) ** 2).sum(), "That takes the farthest centre of each point; take the nearest."),
                (nearest**2, "That is one value per point; add them up."),
                (nearest.sum() ** 2, "You squared the sum; square each distance, then add them up."),
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
                    "`both` counts pairs that are the same *and* together; pairs that are neither do not count.",
                ),
                (
                    (truth == clusters).mean(),
                    "A cluster's number is only a name: compare pairs of texts, not the numbers.",
                ),
                (
                    (both - chance) / (n - chance),
                    "The denominator is the mean of `same` and `together`, minus chance, not all pairs minus chance.",
                ),
                ((both - chance) / (s / 2 + t - chance), "Halve the sum of `same` and `together`, not one alone."),
                (
                    max(0, adjusted_rand_score(truth, clusters)),
                    "Do not cut off at 0: a partition worse than chance has an index below 0.",
                ),
                ((both - chance) / ((s + t) / 2), "Subtract chance in the denominator, too."),
                (
                    (both - chance) / (s + t - chance),
                    "The denominator has the mean of `same` and `together`, not their sum.",
                ),
                (
                    _with_itself(same, together, 0),
                    "A text makes no pair with itself; count each pair of two different texts once.",
                ),
                (
                    _with_itself(same, together, None),
                    "A text makes no pair with itself; count each pair of two different texts once.",
                ),
            ],
        )


def _with_itself(same, together, first_diagonal) -> float:
    """The adjusted Rand index by someone who counts pairs (i, i), too: of a triangle, or of the whole square."""
    pairs = np.ones_like(same) if first_diagonal is None else np.triu(np.ones_like(same), k=first_diagonal)
    pairs = pairs.astype(bool)
    s, t, both = same[pairs].sum(), together[pairs].sum(), (same & together)[pairs].sum()
    return (both - s * t / pairs.sum()) / ((s + t) / 2 - s * t / pairs.sum())


def _communities(answer) -> None:
    from sentence_transformers import util

    angles = {"rain": 0, "a wet day": 15, "showers": -20, "snow": 90, "hail": 80, "judo": 180, "sumo": 205, "fog": 270}
    encoder = KnownEncoder({text: [np.cos(np.radians(at)), np.sin(np.radians(at))] for text, at in angles.items()})
    texts = list(angles)
    for n, threshold in ((8, 0.93), (8, 0.98), (6, 0.8)):
        listed = texts[:n]
        vectors = encoder.encode(listed)
        found, default = (
            util.community_detection(vectors, threshold=at, min_community_size=2) for at in (threshold, 0.75)
        )
        right = [[listed[row] for row in rows] for rows in found]
        at_default = _as_groups([[listed[row] for row in rows] for rows in default])
        singles = [[text] for text in listed if all(text not in group for group in right)]
        got = answer(encoder, list(listed), threshold)
        expect(
            got if got is None else _as_groups(got),
            _as_groups(right),
            given=f"texts = {listed}, threshold = {threshold}",
            mistakes=[
                (_as_groups(found), "These are row numbers; return the texts."),
                ([], "Nothing was found: the smallest community has 10 texts unless you set min_community_size to 2."),
                (at_default, "That is what the default threshold of 0.75 finds; pass `threshold` on."),
                (_as_groups(right + singles), "A text that is in no community is left out; it is not one by itself."),
                (_as_groups(right[:1]), "That is the first community only; return all of them."),
                (_as_groups(sum(right, [])), "That is one flat list; each community is a list of its own."),
            ],
        )


def _as_groups(groups):
    """The same groups in one order of groups and members, so that any order is as good as another."""
    if isinstance(groups, str):
        return groups
    try:
        return sorted(group if isinstance(group, str) else sorted(group) for group in groups)
    except TypeError:
        return groups


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
                (inside.argmax(), "That is the text's place inside the cluster; return its row among all vectors."),
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
            "The function `nearest` above has all distances and asks which is smallest. You need how small.",
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
        _communities,
        hints=(
            "Three steps: texts to vectors, vectors to communities of row numbers, row numbers back to texts.",
            "util.community_detection(model.encode(texts), threshold=..., min_community_size=...) returns a list of lists of "
            "row numbers.",
            "found = util.community_detection(model.encode(texts), threshold=threshold, min_community_size=2); "
            "return [[texts[row] for row in rows] for rows in found]",
        ),
        why="Nobody told it how many groups there are; the threshold decides that, so try several and read what you get.",
    ),
    "04.4": Exercise(
        _typical,
        hints=(
            "First the rows of the cluster, then their mean, then which of these rows is nearest to the mean.",
            "np.flatnonzero(labels == cluster) gives the rows. argmax among them gives a place in that list, not yet a row.",
            "rows = np.flatnonzero(labels == cluster); return rows[(vectors[rows] @ vectors[rows].mean(axis=0)).argmax()]",
        ),
        why="A real text in its own words: the quickest check of whether the keywords mean what you think they mean.",
    ),
}
