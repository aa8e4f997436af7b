# %% [markdown]
# # 03 · Semantic search
#
# **How do I find passages by meaning, and how good is it?**
#
# After this notebook you can
# - search a corpus with one matrix product, and with the library,
# - measure a search, and say how sure you are,
# - say for which queries a search by words may do better,
# - join both kinds of search, and test fairly whether this helps,
# - weigh an approximate index against the exact search,
# - search texts of your own.
#
# *40 minutes · needs: 02, or knowing what a cosine and a bootstrap interval are.*

# %%
import re
import tempfile
import timeit
from collections import Counter
from pathlib import Path

import faiss
import numpy as np
import pandas as pd
from bm25s.stopwords import STOPWORDS_EN
from faiss.contrib.evaluation import knn_intersection_measure
from sentence_transformers import util

from bxe import check, corpora, hint, load_bi_encoder, plots, quiz, retrieval

model = load_bi_encoder()

# %% [markdown]
# ## 1 · A search is one matrix product
#
# The **corpus** is a set of passages from an encyclopaedia that was written for this course. The **queries** are
# questions. The **qrels** (query relevance judgements) grade how well a passage serves a question. Grade 3 means a full
# answer, 2 a partial one, 1 the matter asked about but no answer, and 0 no help or no judgement.
#
# We work with the **learn questions** (column `split`). We keep the **test questions** until all choices are made.

# %%
corpus = corpora.load("passages").set_index("passage_id")
learn = corpora.load("questions", "learn").set_index("question_id")
passages, queries = corpus.text, learn.text
qrels = corpora.load("qrels")
judged = qrels[qrels.question_id.isin(queries.index)]
print(len(passages), "passages ·", len(queries), "learn questions")
print("passages on each subject:", *corpus.subject.value_counts().unique())

# %% [markdown]
# A **bi-encoder** reads the query and the passage separately. Some models expect an instruction, such as "query: ", in
# front of the text. `encode_query` and `encode_document` add it. This model needs none, but use both methods anyway, in
# case you change the model. (`retrieval.embed` calls `encode_document` and keeps the vectors on disk.)

# %%
passage_vectors = retrieval.embed(model, passages)
query_vectors = model.encode_query(queries.tolist())
print("passages", passage_vectors.shape, "· queries", query_vectors.shape)
print("instructions:", model.prompts)

# %% [markdown]
# The hardest case for a search by words is a question that shares no word with its answer, so we begin there. The
# function `words` leaves out **stop words** such as "the" and "of". `stemmed` also cuts off a few endings, so that
# "race", "races" and "racing" count as one word.


# %%
def words(text):
    return [w for w in re.findall(r"\b\w\w+\b", text.lower()) if w not in STOPWORDS_EN]


def stemmed(text):
    return " ".join(re.sub(r"(?<=\w{3})(ing|ed|es|s|e)$", "", w) for w in words(text))


# %% [markdown]
# How many words does each learn question share with the passages that answer it in full?

# %%
query_stems, passage_stems = queries.map(stemmed), passages.map(stemmed)
full = judged[judged.grade == 3]
of_query, of_answer = query_stems[full.question_id], passage_stems[full.passage_id]
shared = [len({*words(q)} & {*words(a)}) for q, a in zip(of_query, of_answer)]
most = full.assign(shared=shared).groupby("question_id").shared.max()
no_word = most.index[most == 0]
print(f"{len(no_word)} of {len(most)} questions share no word with a full answer")

# %% [markdown]
# We take the first of these 20. All vectors have length 1, so one matrix product gives the cosine of the question with
# every passage.
#
# > **Predict before you run.** There are 600 passages, ten on each subject. Which rank will the answer have?

# %%
at = queries.index.get_loc(no_word[0])
scores = passage_vectors @ query_vectors[at]
order = np.argsort(-scores)
of_question = judged[judged.question_id == no_word[0]].set_index("passage_id").grade
grades = of_question.reindex(passages.index, fill_value=0).to_numpy()
print(queries.iloc[at])
for row in order[:4]:
    print(f"{scores[row]:.3f}  grade {grades[row]}  {passages.iloc[row][:66]}...")
plots.show(
    plots.ranked(scores, grades, "The answer is fourth of 600, without a shared word"),
    alt="600 cosines, sorted from 0.43 to below 0; the one passage of grade 3 has rank 4.",
)

# %% [markdown]
# The answer, about measles, has rank 4, after three passages about rubella, a similar disease. A search gives only an
# *order*. It does not know which passages hold an answer, or where to stop.
#
# Now we search with all 20 questions. For each, `util.semantic_search` returns a list of hits, best first. A hit is a
# dictionary with a `score` and a `corpus_id`, the position of the passage. (`retrieval.retrieve` gives the passages'
# ids instead.)

# %%
found = util.semantic_search(query_vectors, passage_vectors, top_k=10)
by_library = [hit["score"] for hit in found[at]]
np.testing.assert_allclose(by_library, scores[order[:10]], atol=1e-5)

dense = retrieval.retrieve(model, queries, passages, embeddings=passage_vectors)
for k in [1, 5]:
    success = retrieval.per_query(f"Success@{k}", full, dense)[no_word]
    print(f"full answer in the top {k}: {success.sum():.0f} of {len(success)} such questions")

# %% [markdown]
# For all 20 questions, a full answer is among the first five of 600 passages. This is the strength of a **search by
# meaning**, also called **dense** search.
#
# ### Exercise 03.1
# Use the library to write `find(model, query, passages, top_k)`. `query` is a text and `passages` a list of texts.
# Return the positions of the `top_k` best passages, best first.


# %% tags=["exercise"]
def find(model, query, passages, top_k):
    """Positions in passages of the top_k nearest to the query, best first."""
    ...


check("03.1", find)


# %% tags=["solution"]
def find(model, query, passages, top_k):
    """Positions in passages of the top_k nearest to the query, best first."""
    query_vector, vectors = model.encode_query(query), model.encode_document(passages)
    hits = util.semantic_search(query_vector, vectors, top_k=top_k)[0]
    return [hit["corpus_id"] for hit in hits]


check("03.1", find)

# %% [markdown]
# ## 2 · What "good" means
#
# - **Recall@k** is the share of the relevant passages that are among the first k.
# - **Reciprocal rank (RR)** is 1 divided by the rank of the first relevant passage, or 0 if none is found.
# - **nDCG@10** (normalised discounted cumulative gain) uses the grades. The **DCG** adds up the grades of the first ten
#   passages, each divided by log2(rank + 1). The nDCG is this sum divided by the DCG of the *ideal* order: all judged
#   passages, highest grade first, also cut at ten.
#
# For recall and RR, a passage is **relevant** if its grade is 1 or more.

# %%
relevant = grades[order] >= 1
rr = 1 / (np.flatnonzero(relevant)[0] + 1)
print("relevant passages at rank", *np.flatnonzero(relevant) + 1)
for k in [3, 10]:
    print(f"recall@{k}: {relevant[:k].sum() / relevant.sum():.2f}")
print(f"RR: {rr:.2f}")

# %% [markdown]
# The same ranking gets 0, 0.25 or 1, depending on the measure.
#
# ### Exercise 03.2
# Write `ndcg(ranked, judged, k=10)`. `ranked` lists the grades of the passages that a search returned, in its order.
# `judged` lists the grades of all passages judged for the question, in any order. The lists may be shorter or longer
# than k. Return 0 if nothing is relevant.


# %% tags=["exercise"]
def ndcg(ranked, judged, k=10):
    """nDCG@k, from 0 to 1, with the grade itself as the gain."""
    ...


check("03.2", ndcg)


# %% tags=["solution"]
def ndcg(ranked, judged, k=10):
    """nDCG@k, from 0 to 1, with the grade itself as the gain."""

    def dcg(grades):
        return sum(g / np.log2(r + 1) for r, g in enumerate(grades[:k], start=1))

    ideal = dcg(sorted(judged, reverse=True))
    return dcg(ranked) / ideal if ideal else 0.0


check("03.2", ndcg)

# %% [markdown]
# `retrieval.per_query` measures each question, with the package `ir-measures`, and `retrieval.interval` gives the mean
# with the 95 % bootstrap interval of notebook 02. `R@10` is recall@10, and `R(rel=2)@10` does not count grade 1.
# `P(rel=3)@1` is 1 if the first passage has grade 3.

# %%
for name in ["RR@10", "R@10", "R(rel=2)@10", "nDCG@10", "P(rel=3)@1"]:
    per_question = retrieval.per_query(name, judged, dense)
    print(f"{name:<12} {retrieval.interval(per_question)}")
    if name == "RR@10":
        np.testing.assert_allclose(per_question[no_word[0]], rr)
print("questions without a full answer:", len(queries) - full.question_id.nunique())

# %% [markdown]
# Recall@10 is 0.926, and 0.928 without grade 1, so this grade hardly matters here. But a full answer comes first for
# only 52 % of the questions (19 have none). **Choose a measure that fits the use**: recall if a program reads all ten
# passages, such as the re-ranker of notebook 08, or `P(rel=3)@1` if a person reads only the first.
#
# ## 3 · How sure are we?
#
# With 162 questions, the mean nDCG@10 is 0.759, with an interval from 0.714 to 0.804.
#
# > **Predict before you run.** If we draw only 60 of these questions at random, how far may their mean be from 0.759?


# %%
def measure(run, judged=judged):
    return retrieval.per_query("nDCG@10", judged, run)


ndcg_dense = measure(dense)
of_all = retrieval.interval(ndcg_dense)
samples = {f"draw {n}": ndcg_dense.sample(60, random_state=n) for n in range(1, 16)}
draws = {name: retrieval.interval(sample) for name, sample in samples.items()}
means = [draw.mean for draw in draws.values()]
print(f"means of 60 questions: from {min(means):.2f} to {max(means):.2f}")
plots.show(
    plots.intervals(
        draws | {"all 162": of_all},
        "60 questions at a time: one search, fifteen results",
        "mean nDCG@10",
        line=of_all.mean,
        told="mean of all 162",
    ),
    alt="Fifteen intervals around the mean of all 162, whose own interval is shorter.",
)

# %% [markdown]
# The search is the same each time, and only the questions differ. So compare two systems on the *same* questions. This
# is a **paired** comparison: `retrieval.compare` gives the mean difference with its interval.
#
# > **The rule of this course.** A difference is **clear** if its 95 % interval lies wholly on one side of 0. If the
# > interval contains 0 or touches it, there is **no difference that we can see**. That does not mean that there is
# > none.
#
# <details><summary>How many questions are enough?</summary>
#
# The width of an interval falls with the square root of the number of questions. To halve it, you need four times as
# many.
#
# </details>
#
# ## 4 · Words against meaning
#
# **BM25** is the usual search by words. Each word of the query adds to a passage's score. It adds more if it is rare in
# the corpus (`idf`, inverse document frequency) or frequent in the passage (`tf`, term frequency), though each
# repetition counts for less. It adds less if the passage is long. By hand, with the customary `k1` (repetition) and `b`
# (length):

# %%
bags = [Counter(words(text)) for text in passage_stems]
length = np.array([bag.total() for bag in bags])


def bm25(query, k1=1.5, b=0.75):
    total = np.zeros(len(bags))
    for word in words(query):
        tf = np.array([bag[word] for bag in bags])
        having = (tf > 0).sum()
        idf = np.log(1 + (len(bags) - having + 0.5) / (having + 0.5))
        total += idf * tf / (tf + k1 * (1 - b + b * length / length.mean()))
    return total


# %% [markdown]
# `retrieval.retrieve_bm25` leaves out stop words but has no **stemmer** to cut words down to their stems, so it counts
# "burned" and "burn" as two words. To be fair, we give it our stemmed texts. (We have not measured what a better
# stemmer would gain.)


# %%
unstemmed = retrieval.retrieve_bm25(queries, passages, top_k=100)
lexical = retrieval.retrieve_bm25(query_stems, passage_stems, top_k=100)
by_hand = dict(zip(passages.index, bm25(query_stems[no_word[0]])))
for passage, score in lexical[no_word[0]].items():
    np.testing.assert_allclose(score, by_hand[passage], rtol=1e-4)
ndcg_bm25 = measure(lexical)
print(f"BM25 with stemming {ndcg_bm25.mean():.3f}")
print("gain by stemming", retrieval.compare(ndcg_bm25, measure(unstemmed)))

# %% [markdown]
# Even crude stemming brings a clear gain of 0.056, so we keep it.
#
# Before you compare, you must know **how the questions came about**. Their writer, a language model under an editor's
# eye, knew the passages and was asked to avoid their phrasing. That handicaps BM25. For people who use the passages'
# own words, BM25 would probably do better (not measured).
#
# The questions have three styles: full questions, keywords (names and codes among them), and misspelt ones.
#
# > **Predict before you run.** Which search is better for keywords?

# %%
measured = learn.assign(dense=ndcg_dense, bm25=ndcg_bm25)
groups = {"all": measured, **dict(list(measured.groupby("style")))}
print(f"{'style':<9}   n  dense  BM25  dense − BM25")
for style, group in groups.items():
    both = f"{group.dense.mean():.2f}   {group.bm25.mean():.2f}"
    difference = retrieval.compare(group.dense, group.bm25)
    print(f"{style:<9} {len(group):>3}   {both}  {difference}")

# %% [markdown]
# Dense search is clearly better on full questions and on misspelt ones. On **keywords there is no difference that we
# can see**. These are the five questions where BM25's lead is largest:

# %%
lead = measured.dense - measured.bm25
marks = learn["style"].where(learn["style"] == "keywords", "")
title = "Meaning wins on more questions than words do"
for question, value in lead.nsmallest(5).items():
    print(f"{value:.2f}  {queries[question]}")
plots.show(
    plots.differences(lead, marks, title, "bi-encoder better", "BM25 better"),
    alt="162 differences in nDCG@10, sorted: half above 0, a quarter at 0, the rest below. "
    "Questions typed as keywords are marked and lie on both sides.",
)

# %% [markdown]
# The first three are codes and names, such as "RA 27/3", a vaccine strain. A rare word counts most for BM25, but it may
# mean little to the bi-encoder.
#
# > **Sparse learned models** stand between the two. SPLADE (Formal et al. 2021, arXiv:2107.05720) gives a text a weight
# > for each word of the model's vocabulary. Nearly all weights are 0, but even a synonym that the text does not contain
# > may get a positive one. The library's class is `SparseEncoder`. (None is measured here.)
#
# ## 5 · A hybrid: both searches in one
#
# The two searches fail on different questions, so why not join them in a **hybrid**? **Reciprocal rank fusion** (RRF)
# looks only at ranks. A passage gets 1 / (k + rank) from each list, and its score is the sum. Ranks begin at 1, and k
# is usually 60.
#
# ### Exercise 03.3
# Write `rrf(rankings, k=60)`. `rankings` is a list of lists of passage ids, each best first. Return a dictionary with
# the score of every listed passage.


# %% tags=["exercise"]
def rrf(rankings, k=60):
    """Reciprocal rank fusion: passage id -> score."""
    ...


check("03.3", rrf)


# %% tags=["solution"]
def rrf(rankings, k=60):
    """Reciprocal rank fusion: passage id -> score."""
    scores = {}
    for ranking in rankings:
        for rank, passage in enumerate(ranking, start=1):
            scores[passage] = scores.get(passage, 0) + 1 / (k + rank)
    return scores


check("03.3", rrf)

# %% [markdown]
# `retrieval.fuse` does this for all questions. We try it with lists of 100 passages and of ten.
#
# > **Predict before you run.** "Hybrid search is better than either" is common wisdom. Is it true here?

# %%
everything = {"top_k": len(passages), "embeddings": passage_vectors}
cosines = retrieval.retrieve(model, queries, passages, **everything)
for depth in [100, 10]:
    lists = [retrieval.first(run, depth) for run in (cosines, lexical)]
    gain = retrieval.compare(measure(retrieval.fuse(*lists)), ndcg_dense)
    print(f"RRF of lists of {depth:>3} − dense: {gain}")

# %% [markdown]
# We see no sign of it. With lists of 100 the hybrid is clearly worse than dense search alone, and with lists of ten
# there is no difference that we can see. A likely reason is that RRF trusts both lists equally, although one is much
# worse.
#
# **Scores can be added, too**, once they are **normalised** to one scale. For each question, the lowest score becomes 0
# and the highest becomes 1. A **weight** then says how much BM25 counts, from 0 (not at all) to 1 (only BM25). We
# choose it on the learn questions.
#
# > **Predict before you run.** Which weight is best over all questions, and which for keywords?


# %%
def normalised(run):
    """A row per passage and a column per question, each from 0 to 1."""
    table = pd.DataFrame(run).reindex(passages.index).fillna(0)  # 0: not found
    return (table - table.min()) / (table.max() - table.min())


def weighted(cosine, bm25, weight):
    total = (1 - weight) * cosine + weight * bm25
    return {question: total[question].nlargest(10).to_dict() for question in total}


tables = normalised(cosines), normalised(lexical)
weights = pd.Index([0, 0.1, 0.2, 0.3, 0.5, 1], name="weight of BM25")
by_weight = pd.DataFrame({w: measure(weighted(*tables, w)) for w in weights})
by_style = {style: by_weight.loc[group.index].mean() for style, group in groups.items()}
pd.DataFrame(by_style).rename_axis(weights.name).round(3)

# %% [markdown]
# Over all questions, a weight of 0.1 is best, and 0.5 is worse than dense search alone. For keywords, 0.3 is best. We
# take 0.1. It was chosen on these very questions, so its nDCG@10 of 0.792 is optimistic. Now every choice is made, and
# we open the test questions once.

# %%
best = by_weight.mean().idxmax()
test = corpora.load("questions", "test").set_index("question_id").text
meaning = retrieval.retrieve(model, test, passages, **everything)
by_words = retrieval.retrieve_bm25(test.map(stemmed), passage_stems, top_k=100)
final = {"dense": meaning, "BM25": by_words}
final["RRF"] = retrieval.fuse(*(retrieval.first(run, 10) for run in final.values()))
final["sum"] = weighted(normalised(meaning), normalised(by_words), best)
judged_test = qrels[qrels.question_id.isin(test.index)]
values = {system: measure(run, judged_test) for system, run in final.items()}
print({system: round(float(of.mean()), 3) for system, of in values.items()})
for ours, theirs in [("dense", "BM25"), ("RRF", "dense"), ("sum", "dense"), ("sum", "RRF")]:
    print(f"{ours:>5} − {theirs:<6}{retrieval.compare(values[ours], values[theirs])}")

# %% [markdown]
# Again dense search is clearly better than BM25. The weighted sum is clearly better than RRF, which has no weight to
# tune. But we can see no difference between either hybrid and dense search alone. If your users type codes and names, a
# hybrid may help: **add normalised scores, and let some of their questions choose the weight**.
#
# ## 6 · Search your own Python environment
#
# The next corpus was not written for the course. It holds the docstrings of packages installed here, such as numpy.
# There are some 7,000 entries for functions, classes and modules, each as "name: first sentence". Embedding them takes
# a minute or two the first time.

# %% tags=["nbval-ignore-output"]
docs = corpora.load_docstrings().set_index("name")
entry_vectors = retrieval.embed(model, docs.entry)
pd.options.display.max_colwidth = 80  # characters that a table shows of a text
print("entries and dimensions:", entry_vectors.shape)

# %% [markdown]
# Some questions come with this corpus, each with a list of names that answer it. We search with the first question. Put
# one of your own into the last line.


# %%
asked = corpora.load("docstring_questions").set_index("question_id")
listed = asked.answers.explode().rename("passage_id").reset_index().assign(grade=1)
listed = listed[listed.passage_id.isin(docs.index)]
asked = asked.loc[listed.question_id.unique()]


def search(query, top_k=5):
    """The entries nearest to a query, as a table."""
    cosines = entry_vectors @ model.encode_query(query)
    best = np.argsort(-cosines)[:top_k]
    return docs.summary.iloc[best].to_frame().assign(cosine=cosines[best].round(2))


print(len(asked), "questions; the first:", asked.text.iloc[0])
print("listed answers:", *asked.answers.iloc[0])
search(asked.text.iloc[0])

# %% [markdown]
# No listed answer is among these five. Now we search with all 64 questions. Success@10 is 1 if a listed name is among
# the first ten.

# %% bxe={"tolerance": 0.03}
by_vectors = retrieval.retrieve(model, asked.text, docs.entry, embeddings=entry_vectors)
by_stems = retrieval.retrieve_bm25(asked.text.map(stemmed), docs.entry.map(stemmed))
runs = {"dense": by_vectors, "BM25": by_stems}
success = {name: retrieval.per_query("Success@10", listed, run) for name, run in runs.items()}
for name, values in success.items():
    print(f"{name:<12} {retrieval.interval(values)}")
print("dense − BM25", retrieval.compare(*success.values()))

# %% [markdown]
# The bi-encoder finds an answer for 64 % of the questions and BM25 for 20 %, a clear difference. But most of these
# questions avoid the function's name, which handicaps BM25. Names that are not listed may be right, too.
#
# ## 7 · Exact against approximate
#
# So far, each search compared the query with *every* vector. An **approximate** index skips most of them. **HNSW**
# (hierarchical navigable small world) links each vector to near ones. A search follows these links towards the query
# and keeps the `efSearch` nearest vectors that it has seen.
#
# We measure which share of the exact search's ten neighbours the index finds. This is also called recall@10, but it
# needs no judgements.
#
# ### Exercise 03.4
# Write `overlap(found, exact)`: the share of the exact neighbours that were found. Both are arrays of positions with
# one row per query, and the order within a row does not count. (The package FAISS puts −1 where it found nothing.)


# %% tags=["exercise"]
def overlap(found, exact):
    """Mean share, 0 to 1, of each row of exact that is in the same row of found."""
    ...


check("03.4", overlap)


# %% tags=["solution"]
def overlap(found, exact):
    """Mean share, 0 to 1, of each row of exact that is in the same row of found."""
    return np.mean([len(set(f) & set(e)) / len(e) for f, e in zip(found, exact)])


check("03.4", overlap)

# %% [markdown]
# FAISS has both kinds of index, and a function for this measure. `Flat` is the exact search, and the 32 for `HNSW` sets
# how many links a vector gets.

# %% bxe={"tolerance": 0.05}
faiss.omp_set_num_threads(1)
flat = faiss.IndexFlatIP(entry_vectors.shape[1])
graph = faiss.IndexHNSWFlat(entry_vectors.shape[1], 32, faiss.METRIC_INNER_PRODUCT)
flat.add(entry_vectors)
graph.add(entry_vectors)
vectors = model.encode_query(asked.text.tolist())
exact = flat.search(vectors, 10)[1]
settings = pd.Index([20, 40, 80, 160, 320], name="efSearch")
recalls = pd.DataFrame(index=settings, columns=["questions"], dtype=float)
for ef in settings:
    graph.hnsw.efSearch = ef
    recalls.loc[ef] = knn_intersection_measure(graph.search(vectors, 10)[1], exact)
recalls.round(2)

# %% [markdown]
# With an `efSearch` of 20 the index finds 92 % of the exact neighbours, and with 80 it finds 99 %. Does it save time?
# (Until you run the cell, you see another machine's times.)


# %% tags=["nbval-ignore-output"]
def milliseconds(action, inputs):
    rounds = timeit.repeat(lambda: [action(one) for one in inputs], number=1, repeat=3)
    return 1000 * min(rounds) / len(inputs)


exact_ms = milliseconds(lambda v: flat.search(v[None], 10), vectors)
times = recalls.copy()
for ef in settings:
    graph.hnsw.efSearch = ef
    times.loc[ef] = milliseconds(lambda v: graph.search(v[None], 10), vectors)
embed_ms = milliseconds(model.encode_query, asked.text.tolist()[:20])
print(f"to embed a query: {embed_ms:.1f} ms; to search exactly: {exact_ms:.1f} ms")
plots.show(
    plots.recall_against_time(recalls, times, exact_ms, "Less time, less recall"),
    alt="Recall and time grow with efSearch; a star marks the exact search.",
)

# %% [markdown]
# Embedding the query takes far longer than the exact search of 7,000 entries, so nobody would notice the time saved.
# But the time of an exact search grows in proportion to the corpus.
#
# ## 8 · Your own texts
#
# `corpora.from_folder` reads the `.txt` and `.md` files of a folder and cuts them at blank lines. Pass it the path of
# your folder in place of `notes`.

# %%
folder = tempfile.TemporaryDirectory()
notes = Path(folder.name)
tea = "Green tea: pour at 80 degrees.\n\nBlack tea: boiling water, four minutes."
(notes / "tea.txt").write_text(tea, encoding="utf-8")
(notes / "bikes.md").write_text("The chain wants oil after rain.", encoding="utf-8")
own = corpora.from_folder(notes).set_index("passage_id").text
mine = pd.Series({"first": "how hot for sencha?", "second": "bicycle care"})
for query, hits in retrieval.retrieve(model, mine, own, top_k=1).items():
    for passage, score in hits.items():
        print(f"{mine[query]} -> {passage} ({score:.2f}): {own[passage]}")
folder.cleanup()

# %% [markdown]
# Both queries find the right paragraph.
#
# > **Chunking.** A model reads only the start of a long text (notebook 01), so you cut it into **chunks**. A long chunk
# > blurs its subjects in one vector, and a short chunk may lose what "it" refers to. Begin with paragraphs.
# >
# > **Retrieval for language models.** In retrieval-augmented generation (RAG; Lewis et al. 2020, arXiv:2005.11401), the
# > first k chunks go into the prompt of a language model, which writes the answer. The model cannot use what was not
# > found, so look at recall@k.

# %% [markdown]
# ## Quiz
#
# Put a letter for each question into `answers` and run the cell.

# %%
quiz("03")

# %% tags=["exercise"]
answers = {
    1: ...,
    2: ...,
    3: ...,
    4: ...,
    5: ...,
    6: ...,
    7: ...,
}
quiz("03", answers)

# %% tags=["solution"]
answers = {
    1: "b",
    2: "a",
    3: "c",
    4: "b",
    5: "a",
    6: "b",
    7: "c",
}
quiz("03", answers)

# %% [markdown]
# ## Recap
#
# - A search is a matrix product and a sort, or `util.semantic_search`.
# - Recall@k, reciprocal rank and nDCG@10 answer different questions. A difference is clear if its interval lies on one
#   side of 0.
# - BM25 may beat the bi-encoder on codes and names.
# - A hybrid joins ranks or adds normalised scores. Choose its weight on some questions and test it on others.
# - An approximate index misses some of the exact result to save time.
# - `corpora.from_folder` reads texts of your own.
#
# **Further reading:** Robertson & Zaragoza (2009), *The Probabilistic Relevance Framework*, on BM25; Bruch, Gai &
# Ingber (2023), arXiv:2210.11934, on adding scores; Thakur et al. (2021), *BEIR*, arXiv:2104.08663; Malkov & Yashunin
# (2016), arXiv:1603.09320, on HNSW.
#
# **Next:** 04, clustering.
