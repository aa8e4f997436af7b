# %% [markdown]
# # 04 · Clustering
#
# **What is in this pile of text?**
#
# After this notebook you can
# - sort texts with k-means, and say why its start matters,
# - score clusters against labels by a measure that chance cannot raise,
# - say what a silhouette, a noise label and a map do *not* tell you,
# - use methods that need no number of clusters,
# - give a cluster a name and a typical text,
# - describe a pile of unlabelled messages, and say how far to trust the description.
#
# *40 minutes · needs: 02, or knowing what a cosine is.*

# %%
import warnings
from itertools import combinations

import numpy as np
import pandas as pd
from sentence_transformers import util
from sklearn.cluster import HDBSCAN, AgglomerativeClustering, KMeans
from sklearn.decomposition import PCA
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.metrics import (
    adjusted_rand_score,
    pairwise_distances_argmin,
    silhouette_samples,
    silhouette_score,
    v_measure_score,
)
from sklearn.metrics.cluster import pair_confusion_matrix
from sklearn.metrics.pairwise import cosine_distances, euclidean_distances
from sklearn.neighbors import NearestNeighbors
from umap import UMAP

from bxe import check, corpora, hint, load_bi_encoder, plots, quiz, retrieval

model = load_bi_encoder()

# %% [markdown]
# ## 1 · Six hundred texts, sorted
#
# A **cluster** is a group of texts that are more like one another than like the rest. `passages` holds 600 short texts
# like those of an encyclopaedia. We embed them and ask **k-means**, the best-known method, for ten clusters. It sees
# only the vectors. The texts come from ten categories, which we use afterwards to judge the result.
#
# > **Predict before you run.** Will the clusters be the categories?

# %% bxe={"tolerance": 0.03}
passages = corpora.load("passages")
vectors = retrieval.embed(model, passages.text)
ten = KMeans(10, n_init=5, random_state=0).fit_predict(vectors)
table = pd.crosstab(ten, passages.category)
title = "Nine of the ten categories have a cluster of their own"
plots.show(
    plots.crosstab(table, title, rows="cluster", columns="category"),
    alt="A table of ten clusters by ten categories. Each cluster has one cell that is darkest. Every category has such "
    "a cell except sports, whose texts lie in clusters of other categories.",
)
right = table.max(axis=1).sum() / len(passages)
print(f"share of passages that belong to the main category of their cluster: {right:.2f}")

# %% [markdown]
# Nearly. Each cluster has a main category, and 78 % of the passages belong to it. Only sports has no cluster of its
# own.
#
# How does k-means find such groups? And what if nobody tells you their number?

# %% [markdown]
# ## 2 · k-means, by hand
#
# k-means begins with k **centres** and repeats two steps:
#
# 1. **assign**: each point goes to its nearest centre;
# 2. **move**: each centre goes to the mean of its points.
#
# Here are sixty points in three groups. All three centres start in the same group.


# %%
def nearest(points, centres):
    """For each point the number of the centre that is nearest to it."""
    return np.linalg.norm(points[:, None] - centres, axis=2).argmin(axis=1)


rng = np.random.default_rng(0)
points = np.vstack([rng.normal(middle, 0.6, (20, 2)) for middle in [(0, 0), (3, 0.5), (1, 3)]])
steps = [(points[:3], nearest(points, points[:3]))]
for _ in range(3):
    assigned = steps[-1][1]
    centres = np.array([points[assigned == c].mean(axis=0) for c in range(3)])
    steps.append((centres, nearest(points, centres)))

# %% [markdown]
# The library must come to the same centres from the same start; otherwise the next cell stops with an error.

# %%
by_library = KMeans(3, init=points[:3], n_init=1, max_iter=3, tol=0).fit(points)
np.testing.assert_allclose(by_library.cluster_centers_, centres)
plots.show(
    plots.kmeans_steps(points, steps, "Three moves find the three groups"),
    alt="Four panels of sixty points. At the start all three centres lie in the lower left group. With each move "
    "they drift apart; after the third, one centre stands in the middle of each group.",
)

# %% [markdown]
# Neither step raises the **inertia**: the squared distance of each point to its nearest centre, added up over all
# points.
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
# Since the inertia never rises, k-means always comes to rest. But where?
#
# > **Predict before you run.** Ten runs begin at ten random starts. Do they all end with the same inertia?

# %%
ends = [KMeans(3, init="random", n_init=1, random_state=seed).fit(points) for seed in range(10)]
print("inertia at the end:", " ".join(f"{end.inertia_:.1f}" for end in ends))
worst = max(ends, key=lambda end: end.inertia_)
print("the worst run, points by cluster:", sorted(np.bincount(worst.labels_).tolist()))

# %% [markdown]
# Nine runs end at 37.3. One is stuck at 150.2: one centre holds two groups, and two centres share the third. So run
# k-means several times and keep the run with the lowest inertia. scikit-learn does this if you set `n_init=5`.
#
# Texts are points too, in 384 dimensions. Their vectors have length 1, so a small distance is a high cosine.

# %% [markdown]
# ## 3 · A measure that chance cannot raise
#
# How good is a clustering? Ask two questions of every *pair* of texts: do they share a subject, and do they share a
# cluster? Six texts make fifteen pairs:

# %%
truth, clusters = [0, 0, 0, 1, 1, 1], [0, 0, 1, 1, 1, 1]
pairs = pair_confusion_matrix(truth, clusters) // 2  # the library counts each pair twice
columns = ["different clusters", "same cluster"]
pd.DataFrame(pairs, ["different subjects", "same subject"], columns)

# %% [markdown]
# The two answers agree for ten of the fifteen pairs (4 yes, 6 no). But random clusters also agree with the subjects on
# many pairs, because most share neither subject nor cluster. The **adjusted Rand index** (ARI) subtracts what chance
# would give:
#
# $$\text{ARI} = \frac{\text{both} - \text{chance}}{\frac12(\text{same} + \text{together}) - \text{chance}},
# \qquad \text{chance} = \frac{\text{same} \cdot \text{together}}{\text{all pairs}}$$
#
# Here *same* counts the pairs with the same subject (6 above), *together* the pairs in the same cluster (7), and *both*
# the pairs for which both hold (4). Two equal clusterings get 1, and random ones 0 on average.
#
# ### Exercise 04.2
# Write `adjusted_rand(truth, clusters)` for two arrays of whole numbers. `np.triu_indices(n, k=1)` gives all pairs as
# two arrays.


# %% tags=["exercise"]
def adjusted_rand(truth, clusters):
    """The adjusted Rand index of two clusterings, arrays of n whole numbers."""
    ...


check("04.2", adjusted_rand)


# %% tags=["solution"]
def adjusted_rand(truth, clusters):
    """The adjusted Rand index of two clusterings, arrays of n whole numbers."""
    i, j = np.triu_indices(len(truth), k=1)
    same, together = truth[i] == truth[j], clusters[i] == clusters[j]
    both = (same & together).sum()
    chance = same.sum() * together.sum() / len(same)
    return (both - chance) / ((same.sum() + together.sum()) / 2 - chance)


check("04.2", adjusted_rand)

# %% [markdown]
# Many papers report the **V-measure**, also called normalised mutual information. It asks whether each cluster holds
# one subject, and each subject lies in one cluster. Try both measures on 60 clusters of k-means (the passages have 60
# subjects) and on clusterings that ignore the texts.
#
# > **Predict before you run.** Put each of the 600 passages into a cluster of its own. What V-measure does that get?

# %% bxe={"tolerance": 0.03}
found = KMeans(60, n_init=5, random_state=0).fit_predict(vectors)
clusterings = {
    "k-means, 60 clusters": found,
    "60 clusters at random": np.random.default_rng(0).integers(0, 60, 600),
    "every text alone": np.arange(600),
    "all in one cluster": np.zeros(600, dtype=int),
}
for name, labels in clusterings.items():
    ari = adjusted_rand_score(passages.subject, labels)
    v = v_measure_score(passages.subject, labels)
    print(f"{name:<22} ARI {abs(ari):.2f} · V-measure {v:.2f}")

# %% [markdown]
# One cluster per text gets a V-measure of 0.78, close to the 0.82 of k-means. The V-measure rises with the number of
# clusters, so **never compare it across different numbers of clusters**. The ARI is 0.00 for all three clusterings that
# ignore the texts, and 0.53 for k-means. From here on we use the ARI.

# %% [markdown]
# ## 4 · How many clusters?
#
# A real pile comes without labels, so nobody tells you k. People often choose it by the **silhouette**, which needs
# only distances. For a text, *a* is the mean distance to the other texts of its cluster, and *b* the mean distance to
# those of the nearest other cluster. Its silhouette is (b − a) / max(a, b), from −1 (it sits in the wrong cluster) to
# 1. The silhouette of a clustering is the mean over all texts.
#
# The passages have three levels of labels: 10 categories, 60 subjects, and 30 pairs of subjects that are easy to
# confuse, such as two elephant species. We try several k, with three runs each.
#
# > **Predict before you run.** Where will the silhouette be highest: at 10, at 30 or at 60 clusters?

# %%
passages["pair"] = pd.factorize(passages.subject)[0] // 2
levels = {"category": 10, "pair": 30, "subject": 60}
sweep = []
for k in [5, 10, 20, 25, 30, 40, 60, 80]:
    for seed in range(3):
        labels = KMeans(k, random_state=seed).fit_predict(vectors)
        row = {level: adjusted_rand_score(passages[level], labels) for level in levels}
        row["silhouette"] = silhouette_score(vectors, labels, metric="cosine")
        sweep.append({"k": k} | row)
sweep = pd.DataFrame(sweep)
plots.show(
    plots.choosing_k(sweep, levels, "The silhouette is highest at 25 to 30 clusters"),
    alt="Two panels over k from 5 to 80. Above, the silhouette rises to 0.15 at 25 to 30 and falls slowly to 0.10. "
    "Below, the adjusted Rand index is highest at 10 for categories, at 30 for pairs and at 60 for subjects.",
)

# %% [markdown]
# Each level of labels is found best at its own number of clusters (lower panel; the bands show ± one standard deviation
# over the runs). The silhouette (upper panel) sees no labels. It peaks near the 30 pairs, not at the 10 categories or
# the 60 subjects. All three levels are right, so **choose k by what you need it for** (how many groups can somebody
# read?), and take the silhouette as one hint.

# %% [markdown]
# ## 5 · Methods that may leave texts out
#
# k-means puts every text into a cluster, whether it fits or not. **HDBSCAN** looks for regions where texts lie densely.
# You do not give it k, only the size of the smallest cluster (here 5), and how many neighbours make a place dense (here
# 2). A text outside all dense regions gets the label −1, which means **noise**.
#
# Few regions are dense in 384 dimensions. So people often reduce the vectors to 5 dimensions first with **UMAP**, which
# tries to keep each text's nearest neighbours near. We try both.
#
# > **Predict before you run.** Every passage has nine others on its subject. What share of the passages will HDBSCAN
# > call noise, with and without UMAP?

# %%
# UMAP can find the neighbours itself; scikit-learn is faster here, because it compiles nothing.
nearby = NearestNeighbors(n_neighbors=15, metric="cosine").fit(vectors)
apart, rows = nearby.kneighbors(vectors)
options = {"metric": "cosine", "random_state": 0, "n_jobs": 1, "precomputed_knn": (rows, apart)}
warnings.filterwarnings("ignore", "precomputed_knn")  # UMAP warns that it cannot add new texts
five = UMAP(15, n_components=5, min_dist=0, **options).fit_transform(vectors)

# %% bxe={"tolerance": 0.06}
spaces = {"raw vectors": vectors, "after UMAP": five}
alone = 1000 + np.arange(600)  # for each text the label of a cluster of its own
results = {}
for name, space in spaces.items():
    labels = HDBSCAN(5, min_samples=2, copy=True).fit_predict(space)
    apart = results[f"HDBSCAN, {name}"] = np.where(labels < 0, alone, labels)
    one, many = (adjusted_rand_score(passages.subject, y) for y in (labels, apart))
    print(f"{name}: share of noise {(labels < 0).mean():.2f}")
    print(f"   ARI {one:.2f} with noise as one cluster, {many:.2f} with each noise text alone")

# %% [markdown]
# HDBSCAN calls 22 % of the passages noise on the raw vectors, and 4 % after UMAP.
#
# The score depends on how you count noise, because every measure treats −1 as one more cluster. It is fairer to count
# each noise text as a cluster of its own, as we do from here on. Then the ARI rises from 0.39 to 0.58 with UMAP.
#
# sentence-transformers has a fast method of its own, `util.community_detection`. It needs no k, only a **threshold**:
# texts with a higher cosine are neighbours. The text with the most neighbours forms a **community** with them. These
# texts are taken out, and the search goes on.
#
# > **Predict before you run.** The default threshold is 0.75. What share of the passages will it leave out?

# %%
for threshold in [0.3, 0.4, 0.5, 0.6, 0.75]:
    groups = util.community_detection(vectors, threshold, min_community_size=5)
    left_out = 1 - sum(map(len, groups)) / len(vectors)
    print(f"threshold {threshold:.2f}: share left out {left_out:.2f}")

# %% [markdown]
# The threshold decides everything. The default leaves every passage out: it fits *paraphrases*, and passages on one
# subject do not paraphrase each other. Below we take 0.40, which leaves out 23 %, like HDBSCAN on raw vectors.
#
# One more family: **agglomerative** clustering starts with every text alone and merges the two nearest groups until k
# are left. In *average linkage*, the distance between two groups is the mean distance between their texts. *Ward's
# method* merges the two groups whose union raises the inertia least.
#
# Compare all methods with k-means. Only k-means, average linkage and Ward's method are *told* that there are 60
# subjects.
#
# <details><summary>How the intervals are made</summary>
#
# Would the differences hold for other subjects? Draw half of the 30 pairs of subjects, and compare the ARI on their
# passages only. The picture shows the mean and the middle 95 % of 100 draws. Scores on halves drawn without replacement
# vary about as much as on whole new samples.
#
# </details>

# %%
results["communities"] = alone.copy()
for rows in util.community_detection(vectors, 0.4, min_community_size=5):
    results["communities"][rows] = rows[0]
results["Ward's method"] = AgglomerativeClustering(60, linkage="ward").fit_predict(vectors)
average = AgglomerativeClustering(60, linkage="average", metric="cosine")
results["average linkage"] = average.fit_predict(vectors)

# %% bxe={"tolerance": 0.06}
rng = np.random.default_rng(0)
halves = [passages.pair.isin(rng.permutation(30)[:15]) for _ in range(100)]
base, *others = (
    np.array([adjusted_rand_score(passages.subject[half], labels[half]) for half in halves])
    for labels in [found, *results.values()]
)
estimates = {}
for name, scores in zip(results, others):
    low, high = np.percentile(scores - base, [2.5, 97.5])
    mean = (scores - base).mean()
    estimates[name] = (mean, low, high)
    print(f"{name:<20} {mean:+.2f} [{low:+.2f}, {high:+.2f}]")

# %%
title = "HDBSCAN keeps up with k-means only after UMAP"
plots.show(
    plots.intervals(estimates, title, "difference in ARI", line=0, told="k-means"),
    alt="Five differences from k-means with intervals. Those of HDBSCAN on the raw vectors and of the communities lie below "
    "0. Those of HDBSCAN after UMAP, of Ward's method and of average linkage include 0.",
)

# %% [markdown]
# HDBSCAN after UMAP does about as well as k-means, although nobody told it the number 60. We see no difference for
# average linkage and Ward's method either. HDBSCAN on the raw vectors and the communities score clearly lower.
#
# ### Exercise 04.3
# Write `communities(model, texts, threshold)` with the library: encode the list `texts`, let `util.community_detection`
# find communities of at least two texts, and return them as a list of lists of *texts*. (The library gives row
# numbers.)


# %% tags=["exercise"]
def communities(model, texts, threshold):
    """The communities of at least two texts, each a list of its texts."""
    ...


check("04.3", communities)


# %% tags=["solution"]
def communities(model, texts, threshold):
    """The communities of at least two texts, each a list of its texts."""
    vectors = model.encode(texts)
    found = util.community_detection(vectors, threshold=threshold, min_community_size=2)
    return [[texts[row] for row in rows] for rows in found]


check("04.3", communities)

# %% [markdown]
# ## 6 · A map, and what it does not say
#
# UMAP can draw a map in two dimensions. Beside it stands PCA, which you know from 01.
#
# > **Predict before you run.** On which of the two maps will the categories form islands?

# %%
flat = UMAP(15, **options).fit_transform(vectors)
projections = {"PCA": PCA(2).fit_transform(vectors), "UMAP": flat}
plots.show(
    plots.maps(projections, passages.category.tolist(), "UMAP makes islands, PCA a cloud"),
    alt="Two maps of 600 passages in ten colours. By PCA the categories overlap in one cloud. By UMAP they form some twenty "
    "islands, nearly all of one colour; several categories have two or three islands far apart.",
)

# %% [markdown]
# What may you believe? Check the maps against the vectors. Take the mean of each subject's ten passages. Is the nearest
# other mean on the map also nearest by cosine? And the farthest?

# %% bxe={"tolerance": 5}
subject = pd.factorize(passages.subject)[0]
truly = cosine_distances(pd.DataFrame(vectors).groupby(subject).mean())
for name, places in projections.items():  # the nearest of all is the subject itself
    drawn = euclidean_distances(pd.DataFrame(places).groupby(subject).mean())
    farthest = (drawn.argmax(1) == truly.argmax(1)).sum()
    near = (drawn.argsort(1)[:, 1] == truly.argsort(1)[:, 1]).sum()
    print(f"{name:<4} nearest subject right: {near} of 60, farthest right: {farthest} of 60")

# %% [markdown]
# UMAP's map gets the nearest subject right for 54 of 60 subjects, but the farthest for only 4. So trust who lies next
# to whom, but not how far apart two islands are. **Take ideas from a map and check them on the vectors.**

# %% [markdown]
# ## 7 · Names for clusters
#
# "Cluster 17" helps nobody. **Class-based TF-IDF** takes all texts of a cluster as one long document. A word's weight
# grows with its share of the cluster's words, and shrinks if it is frequent overall. Stop words ("the", "of") are left
# out. The four heaviest words make the name.


# %%
def names_of(texts, labels):
    """For each cluster its four heaviest words by class-based TF-IDF."""
    counter = CountVectorizer(stop_words="english")
    counts = pd.DataFrame(counter.fit_transform(texts).toarray())
    counts.columns = counter.get_feature_names_out()
    counts = counts.groupby(labels).sum()
    in_cluster = counts.sum(axis=1)
    weights = counts.div(in_cluster, axis=0) * np.log(1 + in_cluster.mean() / counts.sum())
    return weights.apply(lambda row: ", ".join(row.nlargest(4).index), axis=1)


# %% [markdown]
# Here are the three clusters with the highest mean silhouette and the three with the lowest, each with its name and the
# subjects inside.
#
# > **Predict before you run.** How will you recognise the name of a bad cluster?

# %%
name_of = names_of(passages.text, found)
silhouettes = pd.Series(silhouette_samples(vectors, found, metric="cosine"))
tightness = silhouettes.groupby(found).mean()
for cluster in [*tightness.nlargest(3).index, *tightness.nsmallest(3).index]:
    inside = passages.subject[found == cluster].value_counts()
    print(f"silhouette {round(tightness[cluster], 2) + 0:.2f} · {name_of[cluster]}")
    print("   subjects:", ", ".join(f"{n} {s}" for s, n in inside.items()))

# %% [markdown]
# The three tight clusters hold one subject each, and their names say which. Two of the loose ones are mixtures, though
# one could take them for a port and for a city's earthquake. The third is nearly pure: the Giro d'Italia is hard to
# tell from the Tour de France. **A mixture may have a name that sounds right**, so put a text beside it.
#
# ### Exercise 04.4
# Write `typical(vectors, labels, cluster)`: the *row* of the text in this cluster that is nearest to the mean of the
# cluster's vectors. The vectors have length 1, so this is the one with the highest dot product with the mean.


# %% tags=["exercise"]
def typical(vectors, labels, cluster):
    """The row, 0 to n - 1, of the cluster's text that is nearest to its centre."""
    ...


check("04.4", typical)


# %% tags=["solution"]
def typical(vectors, labels, cluster):
    """The row, 0 to n - 1, of the cluster's text that is nearest to its centre."""
    rows = np.flatnonzero(labels == cluster)
    return rows[(vectors[rows] @ vectors[rows].mean(axis=0)).argmax()]


check("04.4", typical)

# %% [markdown]
# ## 8 · A real pile: 948 messages without labels
#
# This pile holds 948 messages to the support desk of a shop that is also a bank. They have labels, but we do not look
# at them yet. What does the silhouette say about k? Do runs from different seeds agree?

# %% bxe={"tolerance": 0.05}
tickets = corpora.load("tickets", "train")
mail = retrieval.embed(model, tickets.text)
for k in [2, 10, 15, 20]:
    labels = KMeans(k, n_init=2, random_state=0).fit_predict(mail)
    print(f"k {k:>2}, silhouette {silhouette_score(mail, labels, metric='cosine'):.2f}")
three = [KMeans(20, n_init=3, random_state=seed).fit(mail) for seed in range(3)]
agreement = [adjusted_rand_score(a.labels_, b.labels_) for a, b in combinations(three, 2)]
print(f"k 20, ARI between two runs: mean {np.mean(agreement):.2f}")

# %% [markdown]
# The silhouette is flat: 2 clusters are as good as 15. So the purpose decides: we take 20, because a person can read
# twenty short lists. Two runs have a mean ARI of only 0.62, so part of what you will see depends on the seed.
#
# Keep the run with the lowest inertia, and read each cluster's name with its most typical text.
#
# > **Predict before you run.** Will each cluster be something that a customer wants?

# %%
best = min(three, key=lambda run: run.inertia_)
called = names_of(tickets.text, best.labels_)
for cluster, row in enumerate(pairwise_distances_argmin(best.cluster_centers_, mail)):
    text = tickets.text[row]
    print(f"{called[cluster]}\n   {text if len(text) <= 85 else text[:82] + '...'}")

# %% [markdown]
# Most names read as one wish: a lost card, a failed transfer, an identity check. Others do not, such as "driver, code,
# instructions, standing". Another, "la, ist, llega, mi", looks like a *language*: it has Spanish and German words,
# which the English list of stop words does not know. The data say which messages mix languages, so we can check.

# %% bxe={"tolerance": 0.03}
mixed = tickets.language != "en"
by_cluster = mixed.groupby(best.labels_).mean()
odd = by_cluster.idxmax()
print(f"share of messages that mix languages, of all: {mixed.mean():.2f}")
print(f"in the cluster '{called[odd]}': {by_cluster[odd]:.2f}")

# %% [markdown]
# This cluster shares a way of writing, not a wish. **A clustering answers its own question, not yours.**
#
# Only now do we look at the labels: 15 **intents** (what customers want).

# %% bxe={"tolerance": 0.03}
table = pd.crosstab(called[best.labels_].to_numpy(), tickets.intent)
title = "Most clusters are one intent; two mix nearly all intents"
plots.show(
    plots.crosstab(table, title, rows="cluster", columns="label"),
    alt="A table of 20 clusters by 15 intents. Most rows have one dark cell. The cluster of account changes holds "
    "change_details and close_account; the cluster of mixed languages holds all intents.",
)
print(f"ARI with the 15 intents: {adjusted_rand_score(tickets.intent, best.labels_):.2f}")

# %% [markdown]
# The ARI of 0.50 is far from 0 and far from 1:
#
# - Plainly worded intents, such as login problems, lie mostly in one cluster.
# - `close_account`, the smallest intent, has no cluster of its own. It shares one with `change_details`, which is about
#   accounts, too.
# - `order_status` has two clusters nearly to itself, which a person can merge in a minute.
#
# So clustering turns 948 messages into a *draft* of labels. Read, merge, split and name. Then let a classifier learn
# from some examples, as in 05.

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
# - k-means assigns and moves until nothing changes. Its result depends on the start, so keep the best of several runs.
# - The ARI is 0 for clusters that ignore the texts. The V-measure is 0.78 for 600 texts in 600 clusters.
# - The silhouette peaked near 30 clusters, although 10 and 60 are right as well. On a UMAP map, trust close neighbours,
#   not gaps.
# - HDBSCAN needs no k, and its noise is not a cluster. After UMAP it did about as well as k-means.
# - A cluster's name is its heaviest words *and* its typical text.
# - Of 20 clusters of tickets, most were one intent, one was a way of writing, and none was the smallest intent.
#
# **Further reading:** Hubert & Arabie (1985), *Comparing partitions*, for ARI; Rousseeuw (1987), *Silhouettes*;
# Campello, Moulavi & Sander (2013), for HDBSCAN; McInnes, Healy & Melville (2018), *UMAP*, arXiv:1802.03426;
# Grootendorst (2022), *BERTopic*, arXiv:2203.05794, which combines UMAP, HDBSCAN and class-based TF-IDF.
#
# **Next:** 05, how far a few labelled examples go.
