# %% [markdown]
# # 04 · Clustering
#
# **What is in this pile of text?**
#
# After this notebook you can
# - run k-means by hand, and say why its start matters,
# - score clusters against labels by a measure that chance cannot raise, over five seeds and with an interval,
# - say what a silhouette, a noise label and a map do *not* tell,
# - give a cluster a name and a typical text,
# - describe 948 support messages that nobody has labelled, and say how far to trust the description.
#
# *45 minutes · needs: 02, or knowing what a cosine and a bootstrap interval are.*

# %%
from collections import Counter
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import fcluster, linkage
from sentence_transformers import util
from sklearn.cluster import HDBSCAN, AgglomerativeClustering, KMeans
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.metrics import (
    adjusted_rand_score,
    completeness_score,
    homogeneity_score,
    normalized_mutual_info_score,
    silhouette_samples,
    silhouette_score,
    v_measure_score,
)
from sklearn.metrics.cluster import pair_confusion_matrix
from umap import UMAP

from bxe import check, corpora, hint, load_bi_encoder, plots, quiz, retrieval
from bxe.retrieval import compare

model = load_bi_encoder()

# %% [markdown]
# ## 1 · k-means, by hand
#
# A **cluster** is a group of texts that are more like one another than like the rest. **k-means** looks for k of
# them. It starts with k centres and repeats two steps:
#
# 1. **assign**: each point goes to its nearest centre;
# 2. **move**: each centre goes to the mean of its points.
#
# Sixty points in the plane, in three groups. All three centres start in the same group, on purpose.

# %%
rng = np.random.default_rng(0)
middles = [(0, 0), (3, 0.5), (1, 3)]
points = np.vstack([rng.normal(middle, 0.6, (20, 2)) for middle in middles])


def nearest(points, centres):
    """For each point the number of the centre that is nearest to it."""
    return np.linalg.norm(points[:, None] - centres, axis=2).argmin(axis=1)


centres = points[:3]
steps = [(centres, nearest(points, centres))]
for _ in range(3):
    assigned = steps[-1][1]
    centres = np.array([points[assigned == c].mean(axis=0) for c in range(3)])
    steps.append((centres, nearest(points, centres)))

# %% [markdown]
# The library should do the same from the same start. The next cell stops with an error if it does not.

# %%
by_library = KMeans(3, init=points[:3], n_init=1, max_iter=3, tol=0).fit(points)
np.testing.assert_allclose(by_library.cluster_centers_, centres)
np.testing.assert_array_equal(by_library.labels_, steps[-1][1])
plots.show(
    plots.kmeans_steps(points, steps, "Three moves find the three groups"),
    alt="Four panels of sixty points. At the start all three centres lie in the lower left group. With each move "
    "they drift apart; after the third, one centre stands in the middle of each group.",
)

# %% [markdown]
# Every panel is one assignment; between two panels the centres move. What k-means makes small is the **inertia**: the
# squared distance of each point to its nearest centre, added up over all points.
#
# ### Exercise 04.1
# Write `inertia(points, centres)`.


# %% tags=["exercise"]
def inertia(points, centres):
    """Sum over the points of the squared distance to the nearest centre."""
    ...


check("04.1", inertia)


# %% tags=["solution"]
def inertia(points, centres):
    """Sum over the points of the squared distance to the nearest centre."""
    distances = np.linalg.norm(points[:, None] - centres, axis=2)
    return (distances.min(axis=1) ** 2).sum()


check("04.1", inertia)

# %% [markdown]
# Neither step can raise the inertia, so k-means always comes to rest. But where?
#
# > **Predict before you run.** Ten runs on these very points, from ten random starts. Do they all end with the same
# > inertia?

# %%
ends = [KMeans(3, init="random", n_init=1, random_state=seed).fit(points) for seed in range(10)]
print("inertia at the end:", " ".join(f"{end.inertia_:.1f}" for end in ends))
worst = max(ends, key=lambda end: end.inertia_)
print("the worst run, points by cluster:", sorted(np.bincount(worst.labels_).tolist()))

# %% [markdown]
# Nine end at 37.3. One is stuck at 150.2: one centre has about two groups, two centres share the third, and no single
# step makes that better. So one runs k-means several times and keeps the run with the lowest inertia. scikit-learn
# does it if you say `n_init=10`; left alone, it runs once, from a start that it draws with some care.

# %% [markdown]
# ## 2 · A pile of 600 passages, and how right the clusters are
#
# `passages` holds 600 encyclopaedic passages: ten on each of 60 subjects, six subjects in each of ten categories. The
# clustering sees the texts only; subjects are for marking it afterwards.
#
# Nothing changes for texts but the number of dimensions, 384 instead of two. (On vectors of length 1 the squared
# distance is 2 − 2 · cosine, as in 02, so k-means and the cosine get along.) Where do the ten passages of a subject
# go?

# %%
passages = corpora.load("passages")
vectors = retrieval.embed(model, passages.text)
runs = {
    k: [KMeans(k, n_init=5, random_state=seed).fit_predict(vectors) for seed in range(5)]
    for k in (10, 30, 60)
}
found = runs[60][0]
for subject in ["emperor penguin", "tea", "coffee", "Berlin"]:
    sizes = pd.Series(found[passages.subject == subject]).value_counts()
    print(f"{subject:<16} its ten passages, by cluster: {sizes.tolist()}")

# %% [markdown]
# The penguins stay together, Berlin is scattered. To put a number on it, ask of every *pair* of texts two questions:
# same subject? same cluster? On six texts, by hand:

# %%
truth = np.array([0, 0, 0, 1, 1, 1])
clusters = np.array([0, 0, 1, 1, 1, 1])
counted = Counter(
    (bool(truth[i] == truth[j]), bool(clusters[i] == clusters[j]))
    for i, j in combinations(range(6), 2)
)
for (same, together), pairs in sorted(counted.items()):
    print(f"same subject {same!s:<5} · same cluster {together!s:<5} · {pairs} pairs")
no, yes = False, True
by_hand = [[counted[no, no], counted[no, yes]], [counted[yes, no], counted[yes, yes]]]
# The library counts (i, j) and (j, i), so everything twice.
by_library = pair_confusion_matrix(truth, clusters) / 2
np.testing.assert_array_equal(by_hand, by_library)

# %% [markdown]
# On ten of the fifteen pairs the two answers agree (4 × yes, 6 × no). That share, 10/15, is the **Rand index**.
# Its flaw: random clusters get a good share too, because most pairs are apart in any case. The **adjusted Rand
# index** (ARI) subtracts what chance would give:
#
# $$\text{ARI} = \frac{\text{both} - \text{chance}}{\frac12(\text{same} + \text{together}) - \text{chance}},
# \qquad \text{chance} = \frac{\text{same} \cdot \text{together}}{\text{all pairs}}$$
#
# All are numbers of pairs. *same*: with the same subject, above 6; *together*: in the same cluster, 7; *both*: with
# the same subject *and* in the same cluster, 4. Two equal partitions get 1; random ones get 0 on average, so at times
# less than 0.
#
# ### Exercise 04.2
# Write `adjusted_rand(truth, clusters)` for two arrays of whole numbers. `np.triu_indices(n, k=1)` gives all pairs i
# < j as two arrays.


# %% tags=["exercise"]
def adjusted_rand(truth, clusters):
    """The adjusted Rand index of two partitions, arrays of n whole numbers."""
    ...


check("04.2", adjusted_rand)


# %% tags=["solution"]
def adjusted_rand(truth, clusters):
    """The adjusted Rand index of two partitions, arrays of n whole numbers."""
    i, j = np.triu_indices(len(truth), k=1)
    same, together = truth[i] == truth[j], clusters[i] == clusters[j]
    both = (same & together).sum()
    chance = same.sum() * together.sum() / len(same)
    return (both - chance) / ((same.sum() + together.sum()) / 2 - chance)


check("04.2", adjusted_rand)

# %% [markdown]
# Two more measures are common. The **V-measure** is the harmonic mean of *homogeneity* (does each cluster hold one
# subject?) and *completeness* (does each subject lie in one cluster?), both from entropies. **Normalised mutual
# information** (NMI) is the other. Each over five seeds, mean ± standard deviation:

# %% bxe={"tolerance": 0.03}
measures = {
    "ARI": adjusted_rand_score,
    "NMI": normalized_mutual_info_score,
    "V": v_measure_score,
}
for k, level in [(60, "subject"), (10, "category")]:
    for name, measure in measures.items():
        values = [measure(passages[level], run) for run in runs[k]]
        spread = f"{np.mean(values):.2f} ± {np.std(values, ddof=1):.2f}"
        print(f"k = {k}, against {level:<8} · {name:<3} {spread}")

# %% [markdown]
# NMI and V are not two opinions: with the usual (arithmetic) averaging they are one number by two names. The ± tells
# how much the *start* matters, and nothing else: little for the subjects, more for the categories.
#
# Is a V of 0.83 better than an ARI of 0.54? They are different scales. Try clusterings that know nothing.
#
# > **Predict before you run.** Put each of the 600 passages into a cluster of its own. Which V-measure does that get?

# %%
know_nothing = {
    "60 clusters at random": np.random.default_rng(0).integers(0, 60, 600),
    "every text alone": np.arange(600),
    "all in one cluster": np.zeros(600, dtype=int),
}
for name, labels in know_nothing.items():
    ari, nmi, v = (measure(passages.subject, labels) for measure in measures.values())
    np.testing.assert_allclose(nmi, v, atol=1e-9)
    print(f"{name:<22} ARI {abs(ari):.2f} · V {v:.2f}")

# %% [markdown]
# Doing nothing at all gets a V-measure of 0.78; random clusters get 0.45. V and NMI rise with the number of clusters,
# so **do not compare them across different numbers of clusters**. The ARI is 0.00 for all three (but for its sign),
# and the rest of this notebook uses it.

# %% [markdown]
# ## 3 · How many clusters?
#
# Real piles come without labels, so k is usually chosen by the **silhouette**, which needs distances only. For one
# text:
#
# - *a*: its mean distance to the *other* texts of its cluster;
# - *b*: its mean distance to the texts of the nearest other cluster: the smallest mean of all the other clusters;
# - its silhouette: (b − a) / max(a, b), from −1 (in the wrong cluster) to 1.
#
# ### Exercise 04.3
# Write `silhouette(distances, labels, i)` for text number i, from all distances [n, n] and the cluster of each text.


# %% tags=["exercise"]
def silhouette(distances, labels, i):
    """The silhouette of text i, a number from -1 to 1."""
    ...


check("04.3", silhouette)


# %% tags=["solution"]
def silhouette(distances, labels, i):
    """The silhouette of text i, a number from -1 to 1."""
    own = labels == labels[i]
    a = distances[i, own].sum() / (own.sum() - 1)
    others = np.unique(labels[~own])
    b = min(distances[i, labels == other].mean() for other in others)
    return (b - a) / max(a, b)


check("04.3", silhouette)

# %% [markdown]
# The mean over all texts is the silhouette of a clustering. Sweep k, with three levels of labels beside it. The third
# comes from the data card: the writers put the subjects in *pairs* that are easy to confuse (two port cities, two
# elephants), one after the other, so there are 30 pairs.
#
# > **Predict before you run.** There are 10 categories, 30 pairs and 60 subjects. Where is the silhouette highest?

# %%
distances = (1 - vectors @ vectors.T).clip(0)
np.fill_diagonal(distances, 0)
passages["pair"] = pd.factorize(passages.subject)[0] // 2
levels = {"category": 10, "pair": 30, "subject": 60}
sweep = []
for k in [5, 10, 15, 20, 25, 30, 35, 40, 50, 60, 80, 100]:
    for seed in range(3):
        run = KMeans(k, n_init=2, random_state=seed).fit_predict(vectors)
        row = {x: adjusted_rand_score(passages[x], run) for x in levels}
        row["silhouette"] = silhouette_score(distances, run, metric="precomputed")
        sweep.append({"k": k} | row)
sweep = pd.DataFrame(sweep)
plots.show(
    plots.choosing_k(sweep, levels, "The silhouette is highest at 25 to 30 clusters"),
    alt="Two panels over k from 5 to 100. Above, the silhouette rises to 0.15 at 25 to 30 and falls slowly to 0.10. "
    "Below, the adjusted Rand index is highest near 10 for categories, near 30 for pairs and near 60 for subjects.",
)

# %% [markdown]
# Each level is found best near its own number of groups (lower panel; the bands show ± one standard deviation). The
# silhouette (upper panel) sees none of the labels, and peaks where the pairs are: neither at the 10 nor at the 60
# that you might have wanted. What does it say of the *true* groups?


# %% bxe={"tolerance": 0.01}
def by_subject(labels):
    values = pd.Series(silhouette_samples(distances, labels, metric="precomputed"))
    return values.groupby(passages.subject).mean()


for level, k in levels.items():
    true, by_kmeans = by_subject(passages[level]).mean(), by_subject(runs[k][0]).mean()
    print(f"{level:<8} silhouette of the truth {true:.2f}, of k-means {by_kmeans:.2f}")
difference = compare(by_subject(runs[30][0]), by_subject(passages.subject))
print("k-means with 30 clusters minus the true subjects:", difference)

# %% [markdown]
# The correct answer, 60 subjects, has a *lower* silhouette than 30 clusters of k-means, by 0.04, and the interval
# (subjects drawn anew) keeps away from 0. So the silhouette misleads in two ways. It does not know what the groups
# are for: 10 and 60 are both right here. And it rewards clusters that stand apart, not clusters that are true.
#
# **Choose k by what you need it for** (how many groups can somebody read?), and take the silhouette as one hint.

# %% [markdown]
# ## 4 · Merging upwards, and a family tree
#
# **Agglomerative** clustering goes the other way. Every text starts alone, and the two nearest groups are merged
# until k are left. "Nearest" by *average linkage* is the mean distance between the texts of two groups. By hand, on
# six passages:

# %%
trio = ["Rhine", "Danube", "miso"]
six = np.concatenate([np.flatnonzero(passages.subject == x)[:2] for x in trio])
among = distances[np.ix_(six, six)]
groups = [(i,) for i in range(6)]
while len(groups) > 2:
    near, one, other = min(
        (among[np.ix_(one, other)].mean(), one, other) for one, other in combinations(groups, 2)
    )
    groups = [g for g in groups if g not in (one, other)] + [one + other]
    print(f"merged at {near:.2f}:", passages.subject[six[[*one, *other]]].tolist())
average = AgglomerativeClustering(2, metric="cosine", linkage="average")
of_six = average.fit_predict(vectors[six])
by_library = {frozenset(np.flatnonzero(of_six == c).tolist()) for c in (0, 1)}
assert by_library == set(map(frozenset, groups)), "hand and library disagree"

# %% [markdown]
# First the texts of one subject, then the two rivers; miso stays apart, and the library finds the same two groups.
# The order of merges is a tree, and it has *all* levels at once. A tree of 600 leaves is unreadable, so take the mean
# vector of each subject: 60 leaves. The rule is **Ward's** this time: merge the two groups that raise the inertia
# least.

# %%
subjects = passages.drop_duplicates("subject")
means = np.array([vectors[passages.subject == s].mean(0) for s in subjects.subject])
means = means / np.linalg.norm(means, axis=1, keepdims=True)
tree = linkage(means, "ward")
plots.show(
    plots.dendrogram(
        tree,
        subjects.subject.tolist(),
        subjects.category.tolist(),
        cut=tree[-10:-8, 2].mean(),
        title="Two levels in one tree: most pairs merge first, categories later",
    ),
    alt="A tree of 60 subjects. Pairs such as Titan and Europa or oboe and clarinet merge first. A cut into ten "
    "groups gives the ten categories, but Rhine and Danube are among the cities.",
)

# %% [markdown]
# (Ward's distance grows with the size of the groups; it is not one minus a cosine.) Cut the tree in ten, and hold it
# against the labels. And do the two subjects of a pair, rows 2p and 2p + 1, find each other first?

# %%
ten = fcluster(tree, 10, "maxclust")
home = subjects.category.groupby(ten).transform(lambda group: group.mode()[0])
print("not with their category:", subjects.subject[home != subjects.category].tolist())
print(f"ARI of ten, category: {adjusted_rand_score(subjects.category, ten):.2f}")
leaves = tree[(tree[:, :2] < 60).all(axis=1), :2].astype(int)
first = sum(one // 2 == other // 2 for one, other in leaves)
print("pairs whose two subjects merge first:", first, "of 30")

# %% [markdown]
# Only the Rhine and the Danube leave their category, and one can see why they are among cities. Three pairs do not
# find each other first: Berlin goes to Hamburg, not to Vienna, and Kilimanjaro to higher mountains. But this tree was
# *given* the subjects, by way of their means. Single passages are harder, as section 6 shows.

# %% [markdown]
# ## 5 · Methods that may leave texts out
#
# k-means gives every text a cluster, fitting or not. **HDBSCAN** looks for dense regions instead. It takes no k, only
# the smallest size of a cluster. `min_samples` says how many neighbours make a place dense; left alone, it is
# `min_cluster_size`. What lies in no dense region gets the label −1, **noise**.
#
# Noise has to be scored with care, because to every measure −1 is a cluster like another.
#
# ### Exercise 04.4
# Write `alone(labels)`: a new array, with the same clusters, but every noise text (−1) in a cluster of its own.


# %% tags=["exercise"]
def alone(labels):
    """An array of n labels in which no -1 is left and no noise text has company."""
    ...


check("04.4", alone)


# %% tags=["solution"]
def alone(labels):
    """An array of n labels in which no -1 is left and no noise text has company."""
    new = labels.copy()
    noise = labels < 0
    new[noise] = labels.max() + 1 + np.arange(noise.sum())
    return new


check("04.4", alone)

# %%
default = HDBSCAN(min_cluster_size=5, copy=True).fit_predict(vectors)
dense = HDBSCAN(min_cluster_size=5, min_samples=2, copy=True).fit_predict(vectors)
for name, labels in [("default", default), ("min_samples=2", dense)]:
    apart = np.where(labels < 0, 1000 + np.arange(600), labels)
    print(f"{name}: {labels.max() + 1} clusters, share of noise {(labels < 0).mean():.2f}")
    for scored, y in [("as one cluster", labels), ("each text alone", apart)]:
        ari = adjusted_rand_score(passages.subject, y)
        print(f"   noise {scored:<16} ARI against subject {ari:.2f}")

# %% [markdown]
# By default, 41 in 100 passages are called noise, although every one of them has nine others on its subject; with
# `min_samples=2` it is 22 in 100. Less noise is a reason that needs no labels, so section 6 uses that one. And one and
# the same result scores 0.20 or 0.39: say how you counted when you report noise.
#
# sentence-transformers has a fast method of its own, `util.community_detection`. It, too, takes no k, but a
# **threshold**. A text and all texts whose cosine with it reaches the threshold are a candidate; the largest
# candidate wins, its texts are taken out, and so on. By hand, and checked against the library at five thresholds:


# %%
def communities(cosines, threshold, smallest=5):
    """Labels from 0, in the order in which communities are found; -1 if in none."""
    near, labels, number = cosines >= threshold, np.full(len(cosines), -1), 0
    for centre in np.argsort(-near.sum(axis=1), kind="stable"):
        members = near[centre] & (labels < 0)
        if labels[centre] < 0 and members.sum() >= smallest:
            labels[members], number = number, number + 1
    return labels


for threshold in [0.3, 0.4, 0.5, 0.6, 0.75]:
    labels = communities(vectors @ vectors.T, threshold)
    found_by_library = util.community_detection(vectors, threshold, 5)
    of_hand = {frozenset(np.flatnonzero(labels == c)) for c in set(labels) - {-1}}
    assert of_hand == set(map(frozenset, found_by_library))
    print(f"threshold {threshold:.2f}: share left out {(labels < 0).mean():.2f}")

# %% [markdown]
# The threshold decides everything. At 0.75, the library's default, every passage is left out. That value fits
# *paraphrases* (02: most of theirs lie around it), and ten passages on one subject are no paraphrases of each other.
# You need no labels to see that. 0.40 leaves out about as much as HDBSCAN did, and is used below for that reason.

# %% [markdown]
# ## 6 · Side by side
#
# ARI of five methods at three levels, noise scored as texts alone. k-means and the two kinds of merging are *told*
# the right k of each level, which nobody tells you in real life; HDBSCAN and the communities are not, and have one
# result for all levels.

# %% bxe={"tolerance": 0.03}
by_community = communities(vectors @ vectors.T, 0.4)
ward = AgglomerativeClustering(linkage="ward")
results = {}
for level, k in levels.items():
    results["k-means", level] = runs[k]
    for name, method in [("Ward", ward), ("average", average)]:
        results[name, level] = [method.set_params(n_clusters=k).fit_predict(vectors)]
    for name, labels in [("HDBSCAN", dense), ("communities", by_community)]:
        results[name, level] = [np.where(labels < 0, 1000 + np.arange(600), labels)]


def mean_ari(name, level, rows=slice(None)):
    truth = passages[level][rows]
    return np.mean([adjusted_rand_score(truth, x[rows]) for x in results[name, level]])


side_by_side = pd.Series({key: mean_ari(*key) for key in results})
side_by_side.unstack(sort=False).round(2)

# %% [markdown]
# (k-means: the mean of its five seeds.) Which of these differences would hold for other subjects? The seeds cannot
# tell, since the passages are the same in all five. So draw half of the 30 pairs of subjects, mark all methods on
# their passages only, and take the difference from k-means; 100 times. Half of a sample, drawn *without* replacement,
# varies about as much as the whole does. (The bootstrap would draw some passages twice, and a passage and its double
# are always together.)

# %% bxe={"tolerance": 0.03}
rng = np.random.default_rng(0)
halves = [passages.pair.isin(rng.permutation(30)[:15]) for _ in range(100)]
estimates = {}
for level in ["subject", "category"]:
    base = np.array([mean_ari("k-means", level, half) for half in halves])
    for name in ["Ward", "average", "HDBSCAN", "communities"]:
        gain = np.array([mean_ari(name, level, half) for half in halves]) - base
        low, high = np.percentile(gain, [2.5, 97.5])
        estimates[f"{name}, {level}"] = (gain.mean(), low, high)
        print(f"{level:<8} {name:<11} {gain.mean():+.2f} [{low:+.2f}, {high:+.2f}]")
title = "Merging beats k-means on categories, not on subjects"
plots.show(
    plots.intervals(estimates, title, "difference in ARI", line=0, told="k-means"),
    alt="Differences from k-means with intervals. Subjects: Ward and average linkage include 0, HDBSCAN and "
    "communities lie below. Categories: Ward and average linkage lie above 0, the other two far below.",
)

# %% [markdown]
# For the 60 subjects there is **no difference that we can see** between k-means, Ward and average linkage. For the
# ten categories both ways of merging are better than k-means, Ward only just. The two methods that leave texts out
# score lower at both levels; but they refuse to guess, and nobody told them k.

# %% [markdown]
# ## 7 · Maps, and what they do not say
#
# UMAP, like t-SNE in 01, draws the vectors in two dimensions and tries to keep neighbours together. How many
# neighbours it looks at, `n_neighbors`, is your choice. The same 600 vectors three times: with 5 neighbours and two
# seeds, then with 100.
#
# > **Predict before you run.** What will be the same in the first two maps, and what will not?

# %%
settings = {
    "n_neighbors=5, seed 0": (5, 0),
    "n_neighbors=5, seed 1": (5, 1),
    "n_neighbors=100, seed 0": (100, 0),
}
projections = {}
for name, (n, seed) in settings.items():
    umap = UMAP(n, n_epochs=200, random_state=seed, n_jobs=1, metric="cosine")
    projections[name] = umap.fit_transform(vectors)
title = "One set of vectors, three stories"
plots.show(
    plots.maps(projections, passages.category.tolist(), title),
    alt="Three maps of 600 passages, with the names of ten categories. With 5 neighbours there are many small islands, "
    "in other places for another seed; with 100 neighbours there are fewer and looser clouds, some of which touch.",
)

# %% [markdown]
# Left and middle differ in nothing but the seed. The islands are much the same, and where they lie is not. So the
# axes mean nothing, and the gap between two islands means little. The map on the right looks farther: fewer and
# looser clouds, where the others break a category into islands. All three are fair, and none is *the* map. **Take
# ideas from a map and check them on the vectors.** For that reason this course prints no number taken from a UMAP
# map.

# %% [markdown]
# ## 8 · Names for clusters
#
# "Cluster 17" helps nobody. **Class-based TF-IDF** takes all texts of a cluster as one long document and weighs each
# word: how large is its share of the cluster's words, and how rare is it elsewhere?
#
# $$w(\text{word}, c) = \frac{n_{\text{word}, c}}{n_c} \cdot
# \log\left(1 + \frac{A}{n_{\text{word}}}\right)$$
#
# $n_{\text{word}, c}$: how often the word stands in cluster c; $n_c$: all words of c; $n_{\text{word}}$: how often
# the word stands in all clusters; $A$: the mean of $n_c$ over the clusters. Stop words ("the", "of") are left out
# first.

# %%
counter = CountVectorizer(stop_words="english")


def word_weights(texts, labels):
    """Class-based TF-IDF: a row a cluster, a column a word."""
    counts = counter.fit_transform(texts).toarray()
    words = counter.get_feature_names_out()
    counts = pd.DataFrame(counts, columns=words).groupby(labels).sum()
    in_cluster = counts.sum(axis=1)
    rarity = np.log(1 + in_cluster.mean() / counts.sum())
    return counts.div(in_cluster, axis=0) * rarity


def names(weights, n=4):
    return weights.apply(lambda row: ", ".join(row.nlargest(n).index), axis=1)


weights = word_weights(passages.text, found)

# %% [markdown]
# Words may deceive, so put a text beside them: the one nearest to the centre of its cluster.
#
# ### Exercise 04.5
# Write `typical(vectors, labels, cluster)`: the *row* of the text in this cluster that is nearest to the mean of the
# cluster's vectors. The vectors have length 1, so the nearest is the one with the highest dot product with the mean.


# %% tags=["exercise"]
def typical(vectors, labels, cluster):
    """The row, 0 to n - 1, of the cluster's text that is nearest to its centre."""
    ...


check("04.5", typical)


# %% tags=["solution"]
def typical(vectors, labels, cluster):
    """The row, 0 to n - 1, of the cluster's text that is nearest to its centre."""
    rows = np.flatnonzero(labels == cluster)
    return rows[(vectors[rows] @ vectors[rows].mean(axis=0)).argmax()]


check("04.5", typical)

# %% [markdown]
# Six of the 60 clusters: the name, the typical text, and which subjects are really in it.


# %%
def nearest_to_centre(vectors, labels):
    """For each cluster the row of its text that is nearest to its centre."""
    centres = pd.DataFrame(vectors).groupby(labels).transform("mean")
    return (centres * vectors).sum(axis=1).groupby(labels).idxmax()


middle, name_of = nearest_to_centre(vectors, found), names(weights)
for subject in ["rubella", "miso", "African elephant", "K2", "cello", "Berlin"]:
    cluster = pd.Series(found[passages.subject == subject]).mode()[0]
    inside = passages.subject[found == cluster].value_counts()
    print(f"{name_of[cluster]}\n   {passages.text[middle[cluster]][:80]} ...")
    print("   subjects:", ", ".join(f"{n} {s}" for s, n in inside.items()))

# %% [markdown]
# The first two names are good. "elephants, african" hides five passages on Asian elephants; here the typical text gives
# them away. And where the words do not fit together, as with Stradivari and a club, the texts do not either. **A name
# that you cannot read as one thing is a warning.**

# %% [markdown]
# ## 9 · Tickets, without labels
#
# Now a real case: 948 messages to the support of a shop and bank, the training part of `tickets`. They have labels,
# and we do not look at them yet. Two questions can be asked without labels. What does the silhouette say of k? And do
# two runs of k-means, from two seeds, agree?

# %% bxe={"tolerance": 0.05}
tickets = corpora.load("tickets", "train")
mail = retrieval.embed(model, tickets.text)
for k in [2, 5, 10, 15, 20, 25, 30]:
    run = KMeans(k, n_init=5, random_state=0).fit_predict(mail)
    print(f"k {k:>2}, silhouette {silhouette_score(mail, run, metric='cosine'):.2f}")
five = [KMeans(20, n_init=10, random_state=seed).fit(mail) for seed in range(5)]
agreement = [
    adjusted_rand_score(one.labels_, other.labels_) for one, other in combinations(five, 2)
]
print(f"k 20, ARI between two runs: mean {np.mean(agreement):.2f}")

# %% [markdown]
# The silhouette is flat: 2 clusters are as good as 15. So the purpose decides. A person will read the result, and
# twenty short lists can be read; rather a few too many, since two clusters on one thing are merged in a second, while
# one cluster with two things has to be read closely.
#
# Two runs agree with each other by an ARI of 0.68 only, so a part of what you will see is the choice of a seed. Keep
# the run with the lowest inertia, name its clusters, and read.
#
# > **Predict before you run.** Will each cluster be something that a customer wants?

# %%
best = min(five, key=lambda run: run.inertia_).labels_
called = names(word_weights(tickets.text, best))
for cluster, row in nearest_to_centre(mail, best).items():
    text = tickets.text[row]
    print(f"{called[cluster]}\n   {text if len(text) <= 85 else text[:82] + '...'}")

# %% [markdown]
# Most can be read as one wish: a refund that is missing, a card that was declined, an identity check. Note your own
# doubts before you read on. Here are ours:
#
# - "faulty, missing, thing, arrived" and "payment, account, app, didn" are loose: the name is no wish, and the
#   typical text is a story.
# - "il, la, ist, llega" is no wish either. It looks like a *language*: small words of Italian, Spanish and German,
#   which the English list of stop words does not know.
#
# The last is easy to check, since the data say which messages mix languages.

# %% bxe={"tolerance": 0.03}
mixed = tickets.language != "en"
by_cluster = mixed.groupby(best).mean()
odd = by_cluster.idxmax()
print(f"messages that mix languages, of all: {mixed.mean():.2f}")
print(f"of the cluster '{called[odd]}': {by_cluster[odd]:.2f}")
print(f"and of all that mix languages, {(best[mixed] == odd).mean():.2f} are in it")

# %% [markdown]
# It is a cluster of a way of writing, whatever the people want. **A clustering answers its own question, not yours.**
# Only now the labels, 15 intents: how well do the five runs agree with them, and what is in each cluster of the best
# one?

# %% bxe={"tolerance": 0.03}
for name, score in [
    ("ARI", adjusted_rand_score),
    ("homogeneity", homogeneity_score),
    ("completeness", completeness_score),
]:
    values = [score(tickets.intent, run.labels_) for run in five]
    print(f"{name:<13} {np.mean(values):.2f} ± {np.std(values, ddof=1):.2f}")
table = pd.crosstab(called[best].to_numpy(), tickets.intent)
plots.show(
    plots.crosstab(
        table,
        "Most clusters are one intent; some are two, or none",
        rows="cluster, by its name",
        columns="label",
    ),
    alt="A table of 20 clusters by 15 intents. Most rows have one dark cell. The cluster of account changes holds "
    "change_details and close_account; the cluster of mixed languages holds all intents.",
)

# %% [markdown]
# An ARI of 0.50, far from 0 and far from 1. In the picture:
#
# - Plainly worded intents, such as lost cards or login problems, lie mostly in one cluster.
# - `change_details` and `close_account` share a cluster. They share topic and words; what is *wanted* differs.
#   `close_account`, the smallest intent, has no cluster to itself: who reads only the names does not learn that it
#   exists.
# - `order_status` has two clusters nearly to itself, which a person merges in a minute. But "delivery, date, day,
#   thursday" mixes 14 of it with 15 of `change_delivery`, and only reading splits those.
#
# This is what clustering is good for: it turns 948 messages into a *draft* of labels. Read, merge, split, name. Then
# label some examples and let a classifier learn from them: that is 05.

# %% [markdown]
# ## Quiz
#
# Put a letter for each question into `answers` and run the cell.

# %%
quiz("04")

# %% tags=["exercise"]
answers = {
    1: ...,
    2: ...,
    3: ...,
    4: ...,
    5: ...,
    6: ...,
}
quiz("04", answers)

# %% tags=["solution"]
answers = {
    1: "b",
    2: "c",
    3: "a",
    4: "c",
    5: "b",
    6: "a",
}
quiz("04", answers)

# %% [markdown]
# ## Recap
#
# - k-means assigns and moves until nothing changes. Where it ends depends on the start: run it several times and keep
#   the lowest inertia.
# - ARI is 0 for clusters that know nothing; the V-measure, which is NMI, gives 0.78 to 600 texts in 600 clusters. A ±
#   over seeds is about the start; for "would it hold on other subjects", draw subjects.
# - The silhouette peaked at 25 to 30 clusters, between the 10 categories and the 60 subjects, and scored the true
#   subjects lower. Noise is not a cluster. The axes and gaps of a map mean nothing that you may report.
# - A cluster's name is its words by class-based TF-IDF *and* its typical text. A name that does not read as one thing
#   is a warning.
# - On 948 tickets, most of 20 clusters were one intent; one was a way of writing, and the smallest intent had none.
#   Two runs agreed by 0.68 only.
#
# **Further reading:** Lloyd (1982), *Least squares quantization in PCM*, for k-means; Hubert & Arabie (1985),
# *Comparing partitions*, for ARI; Rosenberg & Hirschberg (2007), *V-Measure*; Vinh, Epps & Bailey (2010),
# *Information theoretic measures for clusterings comparison*, on chance; Rousseeuw (1987), *Silhouettes*; Campello,
# Moulavi & Sander (2013), *Density-based clustering based on hierarchical density estimates*, for HDBSCAN; McInnes,
# Healy & Melville (2018), *UMAP*, arXiv:1802.03426; Grootendorst (2022), *BERTopic*, arXiv:2203.05794, which puts
# UMAP, HDBSCAN and class-based TF-IDF in one pipeline.
#
# **Next:** 05, how far a few labelled examples go.
