# %% [markdown]
# # 06 · Paraphrase mining
#
# **Which of these are the same question?**
#
# After this notebook you can
# - find the most similar pairs of texts, by hand and with `util.paraphrase_mining`,
# - say what it costs to compare all pairs, in time and in memory,
# - measure precision and recall at a threshold, and say how look-alikes change them,
# - choose a threshold for a purpose, or refuse to choose one,
# - turn pairs into groups, and show how one wrong pair glues two groups together,
# - find near-duplicates in texts that nobody prepared, and deal with them safely.
#
# *40 minutes · needs: 02, or knowing what a cosine is.*

# %%
import time

import numpy as np
import pandas as pd
import torch
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from sentence_transformers import util
from sklearn.cluster import AgglomerativeClustering

from bxe import check, corpora, hint, load_bi_encoder, plots, quiz, retrieval

model = load_bi_encoder()

# %% [markdown]
# ## 1 · Compare each text with every other
#
# A help page collects questions, and many people ask the same thing in different words. Two questions of the corpus
# `faq` with the same `group_id` are **paraphrases**: the writer judged that one answer serves both. The column
# `near_miss_of` marks questions that were written as traps for the model. We set them aside until section 4.

# %%
faq = corpora.load("faq")
group, planted = faq.group_id.to_numpy(), faq.near_miss_of.notna().to_numpy()
print(f"{len(faq)} questions on {faq.topic.nunique()} topics, {planted.sum()} of them traps")

# %% [markdown]
# We begin by hand, with the first fifty questions on cooking. We take the first that has a paraphrase: which are
# nearest to it? The vectors have length 1, so a dot product is a cosine.

# %%
fifty = faq[~planted & (faq.topic == "cooking")][:50].reset_index(drop=True)
texts = fifty.text.tolist()
few = model.encode(texts)
start = fifty.group_id.duplicated(keep=False).argmax()
for at in np.argsort(-(few @ few[start]))[:4]:
    print(f"{few[at] @ few[start]:.2f} {fifty.group_id[at]}  {texts[at]}")

# %% [markdown]
# After the question itself comes one of the same group, although it uses different words. To **mine** paraphrases is to
# do this for every text, and list the pairs with the highest cosines.
#
# ### Exercise 06.1
# Write `mine(vectors, how_many)`. Return the `how_many` most similar pairs as a list of `[score, i, j]` with i < j,
# best first. Each pair comes once.


# %% tags=["exercise"]
def mine(vectors, how_many):
    """The most alike pairs of n vectors as [score, i, j], i < j, best first."""
    ...


check("06.1", mine)


# %% tags=["solution"]
def mine(vectors, how_many):
    """The most alike pairs of n vectors as [score, i, j], i < j, best first."""
    i, j = np.triu_indices(len(vectors), k=1)
    scores = (vectors @ vectors.T)[i, j]
    best = np.argsort(-scores)[:how_many]
    return [[scores[b], i[b], j[b]] for b in best]


check("06.1", mine)

# %% [markdown]
# The library embeds the texts and compares them in one call.
#
# > **Predict before you run.** How many pairs do fifty texts make? How many of the first five ask the same thing?

# %%
pairs = util.paraphrase_mining(model, texts)
assert all(abs(score - few[i] @ few[j]) < 1e-5 for score, i, j in pairs)
print(len(pairs), "pairs")
for score, i, j in pairs[:5]:
    same = "same" if fifty.group_id[i] == fifty.group_id[j] else "not the same"
    print(f"{score:.2f} {same}\n   {texts[i]}\n   {texts[j]}")

# %% [markdown]
# All five are right, although the two questions of a pair share few words. (The `assert` stops if a score is not the
# dot product of its two vectors.) Was cooking a lucky choice? We take all questions except the traps, and count the
# right pairs among the first hundred.

# %%
vectors = retrieval.embed(model, faq.text)
found = util.paraphrase_mining_embeddings(torch.from_numpy(vectors))
mined = pd.DataFrame(found, columns=["score", "i", "j"])
mined["same"] = group[mined.i] == group[mined.j]
mined["trap"] = planted[mined.i] | planted[mined.j]
plain = mined[~mined.trap].reset_index(drop=True)
print("right among the first 100 pairs:", plain.same[:100].sum())

# %% [markdown]
# Cooking was no lucky choice: 95 are right. (`retrieval.embed` keeps vectors on disk, and
# `paraphrase_mining_embeddings` mines vectors that you already have.)
#
# ## 2 · The time grows as n²
#
# n texts make n(n − 1) / 2 pairs, about **n² / 2**. A table of all their cosines has n² numbers of four bytes. The
# library never holds that table. It takes a **chunk** of 5,000 texts at a time (`query_chunk_size`), compares it with
# 100,000 others (`corpus_chunk_size`), and keeps only the best.

# %%
n = np.array([50, 1221, 7_000, 100_000, 1_000_000])
what = ["cooking", "faq", "docstrings (section 7)", "a forum", "a large forum"]
table = pd.DataFrame({"texts": n, "pairs": n * (n - 1) // 2}, index=what)
table["whole table, GB"] = n**2 * 4 / 1e9
table["one chunk, GB"] = np.minimum(n, 5000) * np.minimum(n, 100_000) * 4 / 1e9
print(table.to_string(float_format="{:,.2f}".format, formatters={"pairs": "{:,}".format}))

# %% [markdown]
# For a million texts the whole table would take 4,000 GB, and one chunk takes 2. **Chunks bound the memory.** They do
# not save time, because all pairs are still compared. We measure the time on random vectors, which take as long as any
# others.
#
# > **Predict before you run.** How much longer does it take for twice as many texts?

# %% tags=["nbval-ignore-output"]
counts, seconds = [500, 1000, 2000, 4000], []
random = torch.nn.functional.normalize(torch.randn(counts[-1], 384))
for n in counts:
    start = time.perf_counter()
    util.paraphrase_mining_embeddings(random[:n], query_chunk_size=1000, top_k=10)
    seconds.append(time.perf_counter() - start)
    print(f"{n:,} texts: {seconds[-1]:.2f} s")

# %% [markdown]
# On log axes, n² is a straight line:

# %% tags=["nbval-ignore-output"]
plots.show(
    plots.pair_times(
        counts,
        {"all pairs": seconds},
        "The time nearly follows the line of n²",
        powers=[2],
        horizon=1_000_000,
    ),
    alt="Seconds against number of texts on log axes, measured from 500 to 4,000 texts; "
    "the line of n squared goes on to a million texts, where it reaches hours.",
)

# %% [markdown]
# The end of the line estimates the time for a million texts. For so many, an approximate index (03) finds the
# neighbours of each text without looking at all others.
#
# ## 3 · Precision and recall
#
# If we set a **threshold**, all pairs with at least that score count as found.
#
# - **Precision** is the share of the found pairs that are right.
# - **Recall** is the share of the right pairs that are found.
#
# The mined list may lack right pairs, because the library keeps only the 100 nearest neighbours of each text (`top_k`)
# and the best 500,000 pairs (`max_pairs`). So count all right pairs from the groups: a group of k texts makes k(k − 1)
# / 2 right pairs.
#
# ### Exercise 06.2
# Write `precision_recall(pairs, group, threshold)`. `pairs` is a list of `[score, i, j]` that may lack some pairs;
# `group` is an array with the group of each text. Return precision and recall, in this order.


# %% tags=["exercise"]
def precision_recall(pairs, group, threshold):
    """Precision and recall of the pairs with at least this score."""
    ...


check("06.2", precision_recall)


# %% tags=["solution"]
def precision_recall(pairs, group, threshold):
    """Precision and recall of the pairs with at least this score."""
    found = [(i, j) for score, i, j in pairs if score >= threshold]
    right = sum(group[i] == group[j] for i, j in found)
    sizes = pd.Series(group).value_counts()
    return right / len(found), right / (sizes * (sizes - 1) / 2).sum()


check("06.2", precision_recall)

# %% [markdown]
# We measure the list without traps. (The library's `ParaphraseMiningEvaluator` does this for a model. It reports the
# threshold with the best **F1**, the harmonic mean of precision and recall.)
#
# <details><summary>Where the intervals come from (you can skip this)</summary>
#
# Many pairs share a question, so pairs are not independent. Topics nearly are. So we draw 14 *topics* with replacement,
# 2,000 times, and add up their pairs. A pair counts for the topic of its first question. The interval holds the middle
# 95 % of the draws.
#
# </details>

# %%
topics, topic_of = np.unique(faq.topic, return_inverse=True)
drawn = np.random.default_rng(0).integers(0, 14, size=(2000, 14))


def add_up(values, first):
    """The sum over pairs: in all, and for each of the 2,000 sets of topics."""
    by_topic = np.bincount(topic_of[first], weights=values, minlength=14)
    return np.append(by_topic.sum(), by_topic[drawn].sum(axis=1))


def estimate(values):
    """The first value, with the interval that the others give."""
    return retrieval.Interval(values[0], *np.percentile(values[1:], [2.5, 97.5]))


# %% [markdown]
# > **Predict before you run.** As the threshold rises, what happens to precision, and what to recall?

# %%
one_of, other_of = np.triu_indices(len(faq), k=1)
same_group = group[one_of] == group[other_of]


def curve(pairs, right_pairs):
    """Precision with its interval, and recall, wherever 20 pairs are found."""
    rows = []
    for threshold in np.arange(12, 39) / 40:
        above = pairs[pairs.score >= threshold]
        if len(above) >= 20:
            precision = add_up(above.same, above.i) / add_up(above.same >= 0, above.i)
            rows.append((threshold, *estimate(precision), above.same.sum() / right_pairs))
    return pd.DataFrame(rows, columns=["threshold", "precision", "low", "high", "recall"])


no_trap = ~planted[one_of] & ~planted[other_of]
without = curve(plain, (same_group & no_trap).sum())
without[4::4].round(2)

# %% [markdown]
# As the threshold rises, precision rises and recall falls. At 0.6, nine in ten of the found pairs are right, but only
# 15 % of all right pairs are found. (`low` and `high` are the ends of a 95 % interval.)
#
# ## 4 · Near misses turn precision upside down
#
# A **near miss** has nearly the same words as another question, but another meaning. The 210 traps are near misses:
# each imitates a question of `faq`. We put them back.
#
# > **Predict before you run.** Of the first 100 pairs, how many are right now?

# %%
print("right among the first 100:", mined.same[:100].sum())
for pair in mined[:100:20].itertuples():
    print(f"{pair.score:.3f}\n   {faq.text[pair.i]}\n   {faq.text[pair.j]}")

# %% [markdown]
# None is right. You see every twentieth pair: either two parts of the question have changed places, or one word says
# the opposite. What does that do to precision?

# %%
curves = {"without near misses": without, "with them": curve(mined, same_group.sum())}
plots.show(
    plots.over_thresholds(curves, "With near misses, stricter is not cleaner"),
    alt="Two panels, precision and recall against the threshold. Without near misses "
    "precision rises to 1. With them it rises to 0.38 at a threshold of 0.5 and then "
    "sinks to 0. Recall falls in both.",
)

# %% [markdown]
# In the right panel, precision falls above a threshold of 0.5. "Be stricter and you get cleaner pairs" is false here.
#
# How much of that is our own doing? For each band of cosines, we count the wrong pairs that contain a planted near
# miss.

# %%
names = ["right", "near miss", "other wrong"]
kind = np.select([mined.same, mined.trap], names[:2], names[2])
bands = pd.cut(mined.score, [0.45, 0.55, 0.65, 0.75, 0.85, 1.01], right=False)
table = pd.crosstab(bands, kind)[names].rename_axis(index="cosine", columns=None)
table["share near miss"] = (table["near miss"] / table.sum(axis=1)).round(2)
table

# %% [markdown]
# Of the pairs with a cosine between 0.45 and 0.55, 35 % are wrong and contain a planted near miss. From 0.85 up, this
# holds for all. A real forum has far fewer near misses, as the data card of `faq` says. We have not measured how many.
#
# So on your own texts precision should be higher than in the right panel, but perhaps lower than in the left. Read a
# hundred of your own pairs to find out.
#
# Why does the model fall for near misses? We compare three kinds of pairs: a near miss with its original, two questions
# of the same group, and two of different groups.

# %%
miss = faq.index[planted].to_numpy()
original = pd.Series(faq.index, faq.faq_id)[faq.near_miss_of[miss]].to_numpy()
every = (vectors @ vectors.T)[one_of, other_of]
kinds = {"near miss": (vectors[miss] * vectors[original]).sum(axis=1)}
kinds |= {"same": every[same_group], "different": every[~same_group]}
for name, values in kinds.items():
    print(f"{name:<10} {len(values):>7,} pairs, median {np.median(values):.2f}")
plots.show(
    plots.distributions(kinds, "Near misses look more alike than paraphrases"),
    alt="Three histograms of cosines. Pairs of different groups lie around 0.04, those of "
    "one group around 0.46, near misses around 0.87, above most paraphrases.",
)

# %% [markdown]
# The median cosine is 0.87 for near misses, but 0.46 for paraphrases. No threshold can undo that order. A vector says
# what a text is about, but little about word order or opposites.
#
# ## 5 · A threshold for a purpose
#
# Which threshold is best depends on what a wrong pair costs. The strictest purpose is to **merge unseen**: two
# questions become one without anybody looking, and a wrong pair means a wrong answer. Suppose that nine of ten pairs
# must be right.
#
# ### Exercise 06.3
# Write `lowest_threshold(scores, same, precision)`. `scores` are sorted, best first, and no two are equal. `same` says
# which pairs are right. Return the lowest score that, used as a threshold, reaches this `precision`, or `None` if no
# score does. Precision can rise again after it has fallen.


# %% tags=["exercise"]
def lowest_threshold(scores, same, precision):
    """The lowest score from which on up the pairs are right often enough, or None."""
    ...


check("06.3", lowest_threshold)


# %% tags=["solution"]
def lowest_threshold(scores, same, precision):
    """The lowest score from which on up the pairs are right often enough, or None."""
    precisions = np.cumsum(same) / np.arange(1, len(same) + 1)
    enough = np.flatnonzero(precisions >= precision)
    return scores[enough[-1]] if len(enough) else None


check("06.3", lowest_threshold)

# %% [markdown]
# Without near misses you could merge all pairs from about 0.6 up. With them (the right panel of section 4), precision
# never comes near 0.9, so nobody should merge by a threshold alone.
#
# Another purpose is to **suggest**: "Did you mean one of these?" A wrong suggestion does no harm beside a right one, so
# you can show the k nearest without a threshold. If a question has a paraphrase, how often is one among these k?

# %%
cosines = vectors @ vectors.T
np.fill_diagonal(cosines, -1)
right = group[np.argsort(-cosines, axis=1)[:, :5]] == group[:, None]
double = np.flatnonzero(faq.group_id.duplicated(keep=False))
for k in [1, 3, 5]:
    hit = right[double, :k].any(axis=1)
    print(f"among the nearest {k}: {estimate(add_up(hit, double) / add_up(hit >= 0, double))}")

# %% [markdown]
# For 85 % of these questions, a paraphrase is among the nearest three. The same vectors are no good for merging but
# very good for suggesting, because a paraphrase must beat only the other neighbours of its question.
#
# Does a threshold hold for **more texts** of the same kind? We draw an eighth, a quarter and half of the groups, 20
# times each.
#
# > **Predict before you run.** The threshold stays at 0.5. Is precision the same with eight times as many texts?

# %%
rng, ids, rows = np.random.default_rng(0), np.unique(group), []
above = mined[mined.score >= 0.5]
for part in [1 / 8, 1 / 4, 1 / 2, 1]:
    for _ in range(20):
        kept = np.isin(group, rng.permutation(ids)[: round(part * len(ids))])
        same = above.same[kept[above.i] & kept[above.j]]
        rows.append((part, kept.sum(), same.sum(), (~same).sum()))
growth = pd.DataFrame(rows, columns=["part", "texts", "right", "wrong"]).groupby("part").mean()
growth["precision"] = growth.right / (growth.right + growth.wrong)
growth.round({"texts": 0, "right": 0, "wrong": 0, "precision": 2})

# %% [markdown]
# Precision falls from 0.83 to 0.38. Eight times as many texts bring nearly nine times as many right pairs, but more
# than sixty times as many wrong ones. Right pairs come from within a group, so they grow as n. Any two texts can make a
# wrong pair, so wrong pairs grow as n². **A threshold belongs to a model, a kind of text, and a size.**
#
# ## 6 · From pairs to groups
#
# A help page needs groups, not pairs. The usual way is to make each found pair a link. All texts joined by a chain of
# links form one group, a **connected component**.
#
# > **Predict before you run.** No true group has more than 5 questions. How large is the largest group at 0.4?


# %%
def linked(pairs):
    """The number of the connected component of each question."""
    links = (np.ones(len(pairs)), (pairs.i, pairs.j))
    return connected_components(coo_array(links, shape=(len(faq), len(faq))), directed=False)[1]


thresholds = np.arange(16, 33) / 40
largest = [np.bincount(linked(mined[mined.score >= at])).max() for at in thresholds]
for at, size in zip(thresholds[:7:2], largest[::2]):
    print(f"at {at:.2f} the largest group has {size} questions")
plots.show(
    plots.largest_groups(thresholds, largest, 5, "A little lower, most texts are one group"),
    alt="Size of the largest group against the threshold: below 20 down to 0.55, then "
    "55 at 0.5, 429 at 0.45 and 952 at 0.4. The largest true group has 5.",
)

# %% [markdown]
# At 0.55 the largest group has 13 questions, and at 0.4 it holds most of the corpus. Which pair holds the 13 together?
# We leave out each pair in turn, and see when the group falls apart most.

# %%
above = mined[mined.score >= 0.55]
members = np.flatnonzero(linked(above) == np.bincount(linked(above)).argmax())
inside = above[np.isin(above.i, members)].reset_index(drop=True)
glue = np.argmin([np.bincount(linked(inside.drop(pair))).max() for pair in inside.index])
links = [(np.searchsorted(members, [p.i, p.j]), p.same) for p in inside.itertuples()]
plots.show(
    plots.glued(
        faq.text[members].tolist(),
        links,
        tuple(links[glue][0]),
        "One wrong pair glues pets at home to pests",
    ),
    alt="Thirteen numbered questions as points, joined by 16 lines. One thick line "
    "joins five questions, most on fleas and ants, to eight on cats, dogs and babies.",
)

# %% [markdown]
# One wrong pair, of two questions on kittens, joins pets to pests. In a group, all questions count as the same. So "Two
# nights with nobody home" is now the same as "How do I get rid of ants naturally?"
#
# Two ways of grouping ask for more than a chain. `util.community_detection` joins a central text with only those texts
# that reach the threshold *with it*. **Average linkage** (04) merges two groups only if the *mean* cosine between them
# reaches the threshold.


# %%
def communities(threshold):
    labels = np.arange(len(faq))
    for community in util.community_detection(vectors, threshold, min_community_size=2):
        labels[community] = community[0]  # the central text
    return labels


def average_linkage(threshold):
    tree = AgglomerativeClustering(
        None, metric="cosine", linkage="average", distance_threshold=1 - threshold
    )
    return tree.fit_predict(vectors)


true_pairs = add_up(same_group, one_of)


def f1(labels):
    claimed = labels[one_of] == labels[other_of]
    return 2 * add_up(claimed & same_group, one_of) / (add_up(claimed, one_of) + true_pairs)


# %% [markdown]
# Any two questions of one group count as found. For each way, we take the best F1 over six thresholds.

# %%
ways = {"chains": lambda threshold: linked(mined[mined.score >= threshold])}
ways |= {"communities": communities, "average linkage": average_linkage}
tried, best = np.arange(7, 13) / 20, {}
for way, grouping in ways.items():
    values = np.array([f1(grouping(threshold)) for threshold in tried])
    at = values[:, 0].argmax()
    best[way] = values[at]
    print(f"{way:<15} at {tried[at]:.2f}: F1 {values[at, 0]:.2f}")
for way in ["communities", "average linkage"]:
    print(f"{way:<15} − chains: {estimate(best[way] - best['chains'])}")

# %% [markdown]
# Both beat chains, and neither interval reaches 0. (The thresholds were chosen on the same questions, so each F1 is
# optimistic.)
#
# ## 7 · Texts that nobody prepared
#
# Your own texts have no `group_id`, so you read the pairs that you mine.
#
# ### Exercise 06.4
# Use `util.paraphrase_mining` to write `doubles(model, texts, threshold)`. Return all pairs with a cosine of at least
# `threshold` as `(text, other)`, most similar first. Within a pair, the text that is earlier in `texts` comes first.
# Leave out pairs of equal texts, because you can find those without a model.


# %% tags=["exercise"]
def doubles(model, texts, threshold):
    """The pairs of different texts with at least this cosine, as (text, other)."""
    ...


check("06.4", doubles)


# %% tags=["solution"]
def doubles(model, texts, threshold):
    """The pairs of different texts with at least this cosine, as (text, other)."""
    pairs = util.paraphrase_mining(model, texts)
    found = [(texts[i], texts[j]) for score, i, j in pairs if score >= threshold]
    return [(text, other) for text, other in found if text != other]


check("06.4", doubles)

# %% [markdown]
# `tickets` (05) holds messages to a support desk, each with an **intent**, which is what its writer wants. If a pair
# has a high cosine but *different* intents, is one of the labels wrong?

# %%
tickets = corpora.load("tickets")
mail = torch.from_numpy(retrieval.embed(model, tickets.text))
alike = pd.DataFrame(util.paraphrase_mining_embeddings(mail), columns=["score", "i", "j"])
agree = tickets.intent.to_numpy()[alike.i] == tickets.intent.to_numpy()[alike.j]
print(f"tickets, same intent from 0.7 up: {agree[alike.score >= 0.7].mean():.2f}")
print(f"faq, same question from 0.7 up: {mined.same[mined.score >= 0.7].mean():.2f}")
apart, two_wishes = np.unique(alike[~agree][["i", "j"]][:30]), tickets.second_intent.notna()
print("two wishes, all messages:", retrieval.interval(two_wishes))
print("two wishes, first 30 pairs that disagree:", retrieval.interval(two_wishes[apart]))

# %% [markdown]
# From 0.7 up, 98 % of the pairs in `tickets` have the same intent, but only 15 % of those in `faq` are the same
# question (97 % without traps). The model is the same; the texts and the meaning of "same" are not. **Before you tune a
# threshold, say what "same" means.**
#
# Often neither label is wrong. Of the messages in the first 30 pairs that disagree, 36 % hold two wishes (the column
# `second_intent`), against 6 % of all. So mining finds what to *read again*: messages that need more than one label.
#
# The last texts were not written for this course: they are the **docstrings** of your Python packages (03). Embedding
# them takes a minute or two the first time. We look for functions with *opposite names* but the same first sentence.

# %% bxe={"tolerance": 0.03}
docs = corpora.load_docstrings()
names, summaries = docs.name.tolist(), docs.summary.tolist()
doc_vectors = torch.from_numpy(retrieval.embed(model, docs.entry))
doc_pairs = util.paraphrase_mining_embeddings(doc_vectors, top_k=10)
for score, i, j in doc_pairs:
    if summaries[i] == summaries[j]:
        one, other = sorted((names[i], names[j]))
        if one == other.replace("_right", "_left") or one == other.replace("min", "max"):
            print(f"{score:.2f}  {one}, {other}\n      {summaries[i][:80]}")

# %% [markdown]
# The sentences of `bisect` leave out the only difference, left or right. (The "sentence" of `nanargmax` is a list of
# parameters: *we* read its docstring badly.)
#
# To **deduplicate**, we link all pairs from 0.95 up, and keep only the first entry of each group.

# %% bxe={"tolerance": 0.03}
score, i, j = np.array([pair for pair in doc_pairs if pair[0] >= 0.95]).T
links = coo_array((score, (i.astype(int), j.astype(int))), shape=(len(docs), len(docs)))
number = pd.Series(connected_components(links, directed=False)[1])
gone = number.duplicated()
print(f"gone: {gone.mean():.2f} of the entries")
for lost in ["numpy.savez_compressed", "numpy.triu_indices"]:
    for at in docs.index[number == number[docs.name == lost].item()]:
        print("gone " if gone[at] else "kept ", docs.entry[at][:80])

# %% [markdown]
# `savez_compressed` is gone because it resembles `savez`, and `triu_indices` because it resembles `tril_indices`.
# Nobody planted these near misses. A near miss among suggestions is an annoyance, but a deleted one is a loss that
# nobody sees. **Delete what is equal, link what is similar, and let a person see the link.**
#
# A **cross-encoder** reads both texts of a pair at once. Whether that helps is a question for notebook 07.
#
# ## Quiz
#
# Put a letter for each question into `answers` and run the cell.

# %%
quiz("06")

# %% tags=["exercise"]
answers = {
    1: ...,
    2: ...,
    3: ...,
    4: ...,
    5: ...,
    6: ...,
}
quiz("06", answers)

# %% tags=["solution"]
answers = {
    1: "b",
    2: "c",
    3: "a",
    4: "c",
    5: "b",
    6: "a",
}
quiz("06", answers)

# %% [markdown]
# ## Recap
#
# - `util.paraphrase_mining` lists the most similar pairs, up to `top_k` neighbours of each text and `max_pairs` in all.
# - n texts make about n² / 2 pairs. Chunks bound the memory, but the time still grows as n².
# - Precision rises with the threshold, unless near misses score above paraphrases. Here the median cosine is 0.87 for
#   near misses and 0.46 for paraphrases.
# - Choose by purpose. Nothing may be merged unseen here, but three suggestions hold a paraphrase for 85 % of the
#   questions that have one. A threshold belongs to a model, a kind of text, a meaning of "same", and a size.
# - A chain of pairs makes a weak group: one wrong pair glued thirteen questions together.
# - Mining finds what to read again. Deleting what it finds can lose texts that somebody needs.
#
# **Further reading:** Iyer, Dandekar & Csernai (2017), *First Quora Dataset Release: Question Pairs*; Zhang, Baldridge
# & He (2019), *PAWS: Paraphrase Adversaries from Word Scrambling*, arXiv:1904.01130; Lee et al. (2022), *Deduplicating
# Training Data Makes Language Models Better*, arXiv:2107.06499.
#
# **Next:** 07, cross-encoders.
