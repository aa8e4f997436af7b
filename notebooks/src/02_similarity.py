# %% [markdown]
# # 02 · Similarity
#
# **What does a cosine of 0.67 mean, and when does it lie?**
#
# After this notebook you can
# - compare two vectors with four measures, and say when they give the same ranking,
# - say what a cosine means for *this* model, from pairs that you measured,
# - report a rank correlation with an interval, and say which pairs and grading rules it rests on,
# - name three kinds of text that fool this model, show it with numbers, and say what to do about them.
#
# *35 minutes · needs: 01, or knowing that a text becomes a vector of length 1.*

# %%
import numpy as np
import pandas as pd
from scipy.stats import bootstrap, spearmanr
from sentence_transformers import util
from sentence_transformers.sentence_transformer.evaluation import (
    EmbeddingSimilarityEvaluator,
    TripletEvaluator,
)

from bxe import check, corpora, hint, load_bi_encoder, plots, quiz, retrieval

model = load_bi_encoder()

# %% [markdown]
# ## 1 · Three sentences
#
# Texts that mean similar things should get similar vectors. The **cosine** of the angle between two vectors says how
# similar they are. It is 1 if they point the same way, 0 if they are at right angles, and −1 if they point opposite
# ways. We begin with the three sentences that open the documentation of sentence-transformers.
#
# > **Predict before you run.** Which pair gets the highest cosine, and is the lowest one negative?

# %%
weather = ["The weather is lovely today.", "It's so sunny outside!"]
sentences = [*weather, "He drove to the stadium."]
vectors = model.encode(sentences)
cosines = model.similarity(vectors, vectors).numpy()
for i, j in [(0, 1), (0, 2), (1, 2)]:
    print(f"{cosines[i, j]:.4f}  {sentences[i]}  |  {sentences[j]}")

# %% [markdown]
# The model puts the two sentences about the weather together: their cosine is 0.6660. The other two cosines, 0.1046 and
# 0.1411, are low but not negative. The documentation prints the same three numbers. Here they are as a picture:

# %%
plots.show(
    plots.heatmap(
        cosines, ["lovely weather", "sunny", "stadium"], "Two of three belong together"
    ),
    alt="A table of three by three cosines: 0.67 between the two sentences about the weather, "
    "0.10 and 0.14 between these and the stadium, 1 on the diagonal.",
)

# %% [markdown]
# So far you can only say that 0.67 is high compared with 0.10. The rest of this notebook finds out what such a number
# is worth.
#
# ## 2 · Four measures
#
# The cosine is only one way to compare two vectors. We compute three others by hand for the two sentences about the
# weather.

# %%
a, b = vectors[0], vectors[1]
by_hand = {
    "dot product": sum(x * y for x, y in zip(a, b)),
    "Euclidean distance": np.sqrt(((a - b) ** 2).sum()),
    "Manhattan distance": np.abs(a - b).sum(),
}
for name, value in by_hand.items():
    print(f"{name:<20}{value:8.4f}")

# %% [markdown]
# The **dot product** multiplies the two vectors number by number and adds up the results. It grows with their lengths.
# The cosine does not, because it is the dot product divided by both lengths. The **Euclidean distance** is the straight
# line between the two end points, and the **Manhattan distance** adds up the absolute differences, number by number.
#
# ### Exercise 02.1
# Write `cosine(a, b)` for two numpy vectors whose lengths need not be 1.


# %% tags=["exercise"]
def cosine(a, b):
    """The cosine of the angle between two vectors, a number from -1 to 1."""
    ...


check("02.1", cosine)


# %% tags=["solution"]
def cosine(a, b):
    """The cosine of the angle between two vectors, a number from -1 to 1."""
    return a @ b / (np.linalg.norm(a) * np.linalg.norm(b))


check("02.1", cosine)

# %% [markdown]
# The library has all four measures. For a distance it returns *minus* the distance, so that a higher number always
# means "more similar". The next cell stops with an error if the library disagrees with us.

# %%
by_library = {
    "dot product": util.dot_score(a, b),
    "Euclidean distance": -util.euclidean_sim(a, b),
    "Manhattan distance": -util.manhattan_sim(a, b),
}
for name, value in by_library.items():
    np.testing.assert_allclose(by_hand[name], value.item(), rtol=1e-4)
print("hand and library agree on", len(by_library), "measures")
print(f"the library's cosine: {util.cos_sim(a, b).item():.4f}")

# %% [markdown]
# The cosine equals the dot product here, because this model's vectors have length 1. Other models' vectors may have
# other lengths.
#
# ## 3 · Which measure to use
#
# Does the choice matter? We rank 72 sentences by their similarity to one query, under each of the four measures, and
# compare the rankings. A **rank correlation** of 1 means that two rankings have the same order, and 0 means that they
# have nothing in common.

# %%
texts = corpora.load("sentences").text.tolist()
query, passages = model.encode("Will it rain tomorrow?"), model.encode(texts)
measures = {
    "dot": util.dot_score,
    "cosine": util.cos_sim,
    "Euclidean": util.euclidean_sim,
    "Manhattan": util.manhattan_sim,
}


def score(passages):
    found = {name: f(passages, query)[:, 0].numpy() for name, f in measures.items()}
    return pd.DataFrame(found)


before = score(passages)
before.corr(method="spearman").round(2)

# %% [markdown]
# The first three measures give the same order, and Manhattan gives a slightly different one. This is geometry, not
# luck: for two vectors of length 1, the cosine determines the Euclidean distance.
#
# ### Exercise 02.2
# Write `distance(cosine)`, which gives the Euclidean distance of two vectors of length 1 from their cosine. (The
# squared distance is the dot product of a − b with itself. Begin by multiplying this out.)


# %% tags=["exercise"]
def distance(cosine):
    """Euclidean distance of two unit vectors with this cosine."""
    ...


check("02.2", distance)


# %% tags=["solution"]
def distance(cosine):
    """Euclidean distance of two unit vectors with this cosine."""
    return np.sqrt(2 - 2 * cosine)


check("02.2", distance)

# %% [markdown]
# The agreement ends when the vectors have different lengths. We imitate this by multiplying each sentence's vector by a
# random number.
#
# > **Predict before you run.** Which of the four measures will keep its old ranking?

# %%
lengths = np.random.default_rng(0).uniform(0.5, 2, (len(passages), 1))
after = score(passages * lengths.astype("float32"))
after.corrwith(before["cosine"], method="spearman").round(2).to_frame("like the old ranking")

# %% [markdown]
# Each number is the rank correlation with the cosine's ranking from before. Only the cosine keeps that ranking (1.00),
# because it divides by the lengths. The dot product stays close to it here (0.97), but the two distances do not (0.31).
#
# **Use the measure that the model's card recommends.** `model.similarity` uses the measure named in the model's folder,
# or the cosine if none is named.

# %%
print("this model's measure:", model.similarity_fn_name)

# %% [markdown]
# ## 4 · What a cosine means
#
# To learn what 0.67 is worth, you need pairs that somebody has judged. The corpus `sts` holds 430 pairs of sentences.
# Each pair was written to probe one **phenomenon**. In a `hypernym` pair, for example, one sentence has a general word
# and the other a specific one. The writer was a language model under an editor's eye. It graded how similar the two
# meanings are, from 0 (unrelated) to 5 (same), before any cosine was known. Each grade is one opinion.

# %%
pairs = corpora.load("sts")
first = model.encode(pairs.text1.tolist())
second = model.encode(pairs.text2.tolist())
pairs["cosine"] = util.pairwise_cos_sim(first, second).numpy()
pairs.groupby("phenomenon").agg(
    pairs=("score", "size"),
    mean_grade=("score", "mean"),
).round(1)

# %% [markdown]
# We begin with three plain kinds: unrelated sentences, sentences on the same topic, and paraphrases.
#
# > **Predict before you run.** At which cosine would you divide "related" from "the same"?

# %%
kinds = {
    "unrelated": "unrelated",
    "same_topic": "same topic",
    "paraphrase": "paraphrase",
}
by_kind = {
    label: pairs.cosine[pairs.phenomenon == kind].to_numpy() for kind, label in kinds.items()
}
plots.show(
    plots.distributions(by_kind, "Three kinds of pairs overlap, so no line separates them"),
    alt="Three histograms of cosines. Unrelated pairs lie around 0, pairs on the same topic around 0.35, "
    "paraphrases around 0.75, with overlapping tails.",
)

# %%
for label, values in by_kind.items():
    low, middle, high = np.percentile(values, [5, 50, 95])
    print(f"{label:<11} median {middle:.2f} · nine in ten between {low:.2f} and {high:.2f}")

# %% [markdown]
# So for this model a cosine of 0.67 is common among paraphrases, and rare for two sentences that share only their
# topic. This scale belongs to the model: **you cannot carry over a threshold** (the cosine where "the same" begins) to
# another model, or to another kind of text.
#
# ## 5 · Agreement with grades
#
# If cosines follow the grades, a pair with a higher grade should have a higher cosine. **Spearman's rho**, the rank
# correlation of section 3, measures this. It replaces the numbers in both lists by their ranks, and takes the ordinary
# (Pearson) correlation of the ranks.
#
# ### Exercise 02.3
# Write `spearman(x, y)` from these two steps. `scipy.stats.rankdata` gives ranks (equal numbers share theirs), and
# `np.corrcoef` gives a matrix of correlations.


# %% tags=["exercise"]
def spearman(x, y):
    """Spearman's rank correlation of two arrays of n numbers, from -1 to 1."""
    ...


check("02.3", spearman)


# %% tags=["solution"]
def spearman(x, y):
    """Spearman's rank correlation of two arrays of n numbers, from -1 to 1."""
    from scipy.stats import rankdata

    return np.corrcoef(rankdata(x), rankdata(y))[0, 1]


check("02.3", spearman)

# %% [markdown]
# The library has an **evaluator** for this, an object that holds the test pairs. You call it with a model. It encodes
# the texts and returns a dictionary of results. We leave out three kinds of pairs for now.

# %%
traps = pairs.phenomenon.isin(["negation", "number", "role_swap"])
plain = pairs[~traps]
columns = (plain[column].tolist() for column in ["text1", "text2", "score"])
evaluator = EmbeddingSimilarityEvaluator(*columns)
{name: round(float(value), 2) for name, value in evaluator(model).items()}

# %% [markdown]
# Rho is 0.70, so the cosines follow the grades well. But other pairs would have given another number. The **bootstrap**
# estimates how much rho varies. From our 250 pairs it draws 250, with replacement (a pair may come twice), and computes
# rho. It does this 1,000 times. The range that holds 95 % of the results is the **interval**.
#
# <details><summary>More about this interval (you may skip this)</summary>
#
# Whole pairs are drawn, so that a grade stays with its cosine (`paired=True`). The interval leaves out 2.5 % of the
# results on either side, which is called the percentile method. It covers one kind of chance only: which pairs happened
# to be written. It does not cover a grader who is wrong, nor texts of another kind.
#
# </details>


# %%
def rho(grades, cosines):
    return spearmanr(grades, cosines).statistic


def rho_with_interval(chosen):
    data = chosen.score.to_numpy(), chosen.cosine.to_numpy()
    how = {"paired": True, "vectorized": False, "method": "percentile"}
    draws = bootstrap(data, rho, n_resamples=1000, rng=np.random.default_rng(0), **how)
    low, high = draws.confidence_interval
    return f"rho {rho(*data):.2f}, interval {low:.2f} to {high:.2f} ({len(chosen)} pairs)"


print("without three kinds:", rho_with_interval(plain))

# %% [markdown]
# Rho may be as low as 0.61 or as high as 0.79, so even its first decimal is uncertain.
#
# > **Predict before you run.** Now all pairs count, including the three kinds that we left out. Does rho rise, stay, or
# > fall?

# %%
print("all pairs:", rho_with_interval(pairs))

# %% [markdown]
# Rho falls to 0.16. The model is the same, but 180 of the 430 pairs now belong to these three kinds.
#
# How far rho falls also depends on the **rubric**, the rules by which pairs are graded. Ours asks whether two sentences
# say the same thing. So a pair such as "Dogs are welcome" and "Dogs are not welcome" gets a 2, and a high cosine counts
# against the model. Another rubric might ask whether both sentences are about the same thing. Suppose that it gives
# each pair of the three kinds 2 points more:

# %%
kinder = pairs.assign(score=pairs.score + 2 * traps)
print("all pairs, kinder grades:", rho_with_interval(kinder))

# %% [markdown]
# With these grades rho is 0.44, although no cosine has changed. A single number for "how good a model is" hides **which
# pairs** were used, and **which rubric** graded them. Say both when you report it.
#
# ## 6 · Where the cosine misleads
#
# We left out three kinds of pairs. In a *negation*, one sentence denies the other. In a *number* pair, a number, a date
# or a unit differs. In a *role swap*, two parts change places: who did what to whom, from and to, or before and after.
# We call such pairs **traps**. We sort each kind, and the paraphrases, by cosine and look at the pair in the middle.

# %%
for kind in ["negation", "number", "role_swap", "paraphrase"]:
    ranked = pairs[pairs.phenomenon == kind].sort_values("cosine")
    row = ranked.iloc[len(ranked) // 2]
    print(f"{kind}: grade {row.score}, cosine {row.cosine:.2f}")
    print(f"   {row.text1}\n   {row.text2}")

# %% [markdown]
# The first three pairs have grades of 2 or less, and the paraphrase has a 5. But the paraphrase has the lowest cosine.
# Here is every pair:

# %%
plots.show(
    plots.strips(pairs, "Swapped roles look more alike than paraphrases"),
    alt="Cosines of all pairs as dots, a row for each phenomenon, sorted by mean. Unrelated and same topic lie low; typos "
    "and paraphrases in the middle; negation, numbers and swapped roles highest, although their mean grades are low.",
)

# %% [markdown]
# The three rows at the top have the highest cosines and low grades. (Further down you can see another weakness: pairs
# with typing errors have the highest grades, but lower cosines than paraphrases.) How often does a trap get a higher
# cosine than a typical paraphrase?

# %%
typical = pairs.cosine[pairs.phenomenon == "paraphrase"].median()
for kind in ["negation", "number", "role_swap"]:
    values = pairs.cosine[pairs.phenomenon == kind]
    print(
        f"{kind:<10} above the median paraphrase: {(values > typical).mean():4.0%} of {len(values)}"
    )

# %% [markdown]
# So this is the rule, not the exception. The two sentences of a trap have nearly the same words, and words seem to
# matter far more to this model's vector than their order or a "not".
#
# ## 7 · What it costs a search
#
# Does this matter in practice? Each trap comes with a question that its first sentence answers and its second does not.
# A search engine has to rank the right sentence first. Here is the first question of each kind.

# %%
asked = pairs[traps].reset_index(drop=True)
questions = model.encode(asked.question.tolist())
for column, texts in [("right", asked.text1), ("trap", asked.text2)]:
    asked[column] = util.pairwise_cos_sim(questions, model.encode(texts.tolist())).numpy()
for row in asked.groupby("phenomenon").head(1).itertuples():
    print(f"{row.phenomenon}: {row.question}")
    print(f"   right {row.right:.3f}  {row.text1}\n   trap  {row.trap:.3f}  {row.text2}")

# %% [markdown]
# The model gets the first of these three right, and the other two wrong. What about all 180? The library has an
# evaluator for this, too. `TripletEvaluator` takes three lists of texts: anchors, positives (which belong to their
# anchors) and negatives (which do not). It returns a dictionary with one entry: the share of anchors that are more
# similar to their positive than to their negative.
#
# ### Exercise 02.4
# Use it to write `right_first(model, questions, right, trap)`. Return the share of the questions for which the right
# text scores higher than the trap. The three lists hold texts, not vectors.


# %% tags=["exercise"]
def right_first(model, questions, right, trap):
    """The share, 0 to 1, of questions whose right text scores higher than the trap."""
    ...


check("02.4", right_first)


# %% tags=["solution"]
def right_first(model, questions, right, trap):
    """The share, 0 to 1, of questions whose right text scores higher than the trap."""
    results = TripletEvaluator(questions, right, trap)(model)
    return results["cosine_accuracy"]


check("02.4", right_first)

# %% [markdown]
# The evaluator gives no interval, so we count the wins ourselves. `retrieval.interval` gives a mean with its bootstrap
# interval (section 5).
#
# > **Predict before you run.** Tossing a coin would be right half of the time. Which kind comes nearest to that?

# %%
asked["win"] = asked.right > asked.trap
for kind, group in asked.groupby("phenomenon"):
    print(f"{kind:<10} right first: {retrieval.interval(group.win)}")
print(f"{'all':<10} right first: {retrieval.interval(asked.win)}")

# %% [markdown]
# The model ranks the right sentence first for 67 % of all 180 questions. The share is highest for numbers (73 %) and
# lowest for swapped roles (57 %). The interval for swapped roles includes the coin's 50 %, so these 60 questions cannot
# tell the model from a coin.
#
# ## 8 · What to do about it
#
# This model is a **bi-encoder**: it turns each sentence into a vector *before* it knows the question. You cannot change
# that, but you can work with it:
#
# - **Choose a threshold on pairs of your own**, and do so again for each model.
# - **Put traps into your test set**, if denials, numbers or roles matter in your texts. Plain pairs will not show the
#   problem.
# - **Let a cross-encoder check the best hits.** A cross-encoder reads question and sentence together, so it can look
#   for the "not". Notebook 07 measures on these very pairs whether that helps.
# - **Train on such pairs.** That is the subject of notebooks 09 and 10.

# %% [markdown]
# ## Quiz
#
# Put a letter for each question into `answers` and run the cell.

# %%
quiz("02")

# %% tags=["exercise"]
answers = {
    1: ...,
    2: ...,
    3: ...,
    4: ...,
}
quiz("02", answers)

# %% tags=["solution"]
answers = {
    1: "b",
    2: "a",
    3: "c",
    4: "c",
}
quiz("02", answers)

# %% [markdown]
# ## Recap
#
# - On vectors of length 1, dot product, cosine and Euclidean distance give the same ranking. On vectors of other
#   lengths they may not, so use the measure that the model's card recommends.
# - For this model, nine in ten unrelated pairs lie between −0.07 and 0.32, and nine in ten paraphrases between 0.50 and
#   0.91. Other models have other scales.
# - Spearman's rho is 0.70 on plain pairs and 0.16 when the traps are added. If the rubric grades traps 2 points higher,
#   it is 0.44. Report the interval, the pairs and the rubric.
# - 78 % of negations, 97 % of changed numbers and all swapped roles look more alike to this model than the median
#   paraphrase. In a search, the model ranks the right sentence before the trap for 67 % of the questions. Test with
#   traps of your own, and let a cross-encoder check the best hits.
#
# **Further reading:** Agirre et al. (2012), *SemEval-2012 Task 6*, for graded pairs; Reimers & Gurevych (2019),
# arXiv:1908.10084, for cosine and Spearman; Efron & Tibshirani (1993), *An Introduction to the Bootstrap*.
#
# **Next:** 03, semantic search.
