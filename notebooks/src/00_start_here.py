# %% [markdown]
# # 00 · Start here
#
# **Does it run on my machine, and how does this course work?**
#
# After this notebook you can
# - tell whether the course runs on your machine, and which model and device it uses,
# - say in one sentence each what a bi-encoder and a cross-encoder do,
# - use `check`, `hint`, `quiz` and `progress`.
#
# *20 minutes · needs: a little Python. You need no network, no key and no GPU.*

# %%
import math
import platform

import sentence_transformers
import torch

from bxe import check, corpora, hint, load_bi_encoder, plots, progress, quiz

# %% [markdown]
# ## 1 · Is this machine ready?
#
# The next cell prints the versions and the device: the course uses a graphics card if there is one, but a laptop
# without one is enough.

# %% tags=["nbval-ignore-output"]
print("Python              ", platform.python_version())
print("torch               ", torch.__version__)
print("sentence-transformers", sentence_transformers.__version__)
card = torch.cuda.get_device_name(0) if torch.cuda.is_available() else None
print("graphics card       ", card or "none, and none is needed")

# %% [markdown]
# Loading the model prints its name and "(embedded)", because it came with the installation. Its files are verified byte
# for byte before use. A **sentence embedding** is something else: a list of numbers, called a **vector**, that stands
# for a text. Three sentences go in. What comes out?

# %%
model = load_bi_encoder()
sentences = [
    "The weather is lovely today.",
    "It's so sunny outside!",
    "He drove to the stadium.",
]
vectors = model.encode(sentences)
print("texts in:", len(sentences))
print("vectors out:", vectors.shape[0], "· numbers in each:", vectors.shape[1])

# %% [markdown]
# Each sentence became 384 numbers. Texts with similar meanings get vectors that point in similar directions. The
# **cosine** compares two directions: it is 1 when they are the same, and about 0 for unrelated texts.
#
# > **Predict before you run.** Which two of the three sentences are most alike?

# %%
cosines = model.similarity(vectors, vectors)
for i, j in [(0, 1), (0, 2), (1, 2)]:
    print(f"{cosines[i, j]:.4f}   {sentences[i]}  |  {sentences[j]}")

# %% [markdown]
# The two sentences about the weather are most alike, although they have no word in common. The documentation of
# sentence-transformers gives 0.6660, 0.1046 and 0.1411 (published: sbert.net). If your numbers agree, **your machine is
# ready**.

# %% [markdown]
# ## 2 · A first search
#
# You can already search by meaning, here among 72 sentences. You need one vector for the **query** (what you look for)
# and one for each sentence. The sentences with the highest cosines are the results.

# %%
texts = corpora.load("sentences").text.tolist()
stored = model.encode(texts)


def search(query, top_k=3):
    scores = model.similarity(model.encode(query), stored)[0]
    for position in scores.argsort(descending=True)[:top_k].tolist():
        print(f"   {scores[position]:.2f}  {texts[position]}")


for query in [
    "Will I get wet today?",
    "income in retirement",
    "a victory on the pitch",
]:
    print(query)
    search(query)

# %% [markdown]
# The top results of the first two queries share no word with the query. The third query shows that words still count:
# it shares "pitch" with its top result, about a game that was called off, which is no victory. Now try a query that has
# *no* answer among these sentences, and then a statement and its denial.

# %%
for query in [
    "Who repairs bicycles?",
    "The club sold its best player.",
    "The club did not sell its best player.",
]:
    print(query)
    search(query, top_k=2)

# %% [markdown]
# A search always has a top result, even when no text answers the query. For the bicycles, the low score (0.23) is a
# warning. The denial still finds the very sentence that it denies: the "not" lowers the score only from 0.79 to 0.65,
# and no other sentence comes near. Notebook 02 measures how often a denial misleads the model.

# %% [markdown]
# ## 3 · The two families
#
# - A **bi-encoder** reads one text and gives one vector. Two texts are compared by comparing their vectors.
# - A **cross-encoder** reads two texts together and gives one score.
#
# The picture shows where the two texts meet: at the very end in a bi-encoder, and from the start in a cross-encoder.
# Each run of an encoder is called a **pass**. A **token** is a word or a piece of one.

# %%
plots.show(
    plots.architectures(),
    alt="Left, a bi-encoder: text A and text B each pass through the same encoder and become a vector; the two vectors "
    "meet in a cosine. Right, a cross-encoder: both texts, joined by a separator, pass through one encoder together, "
    "which gives a score.",
)

# %% [markdown]
# Everything else follows from this. A bi-encoder is **fast**: you can compute vectors ahead of time, store them and
# search them. A cross-encoder sees which word of one text answers which word of the other, so it can be **more
# accurate**, but it has to read every pair anew. The notebooks measure both differences.

# %% [markdown]
# ## 4 · How exercises work
#
# An exercise is a cell with three dots in it. Replace the dots with your code and run the cell. Its last line,
# `check`, tells you whether your answer is *not attempted*, *not right yet* (and for which input) or *right* (and why
# it matters).
#
# ### Exercise 00.1
# A model can take several texts at once, in a list called a **batch**. Write `batch(first, second)`, which puts two
# texts into one batch, in that order.


# %% tags=["exercise"]
def batch(first, second):
    """Both texts as one batch: a list."""
    ...


check("00.1", batch)


# %% tags=["solution"]
def batch(first, second):
    """Both texts as one batch: a list."""
    return [first, second]


check("00.1", batch)

# %% [markdown]
# Are you stuck? `hint` gives you three hints, one each time you call it. The first is a nudge, and the third is the
# answer. The course records only what you have solved, in a folder on your computer.

# %%
hint("00.1")

# %% [markdown]
# The folder `solutions` holds each notebook with the answers filled in. You learn more if you try first.
#
# ### Exercise 00.2
# A **bi-encoder** compares `n` texts, each with every other. Write `passes_bi(n)`, which returns how many texts the
# bi-encoder has to read. (Comparing two vectors costs next to nothing.)


# %% tags=["exercise"]
def passes_bi(n):
    """How many texts a bi-encoder reads to compare n texts, each with each."""
    ...


check("00.2", passes_bi)


# %% tags=["solution"]
def passes_bi(n):
    """How many texts a bi-encoder reads to compare n texts, each with each."""
    return n


check("00.2", passes_bi)

# %% [markdown]
# ### Exercise 00.3
# A **cross-encoder** makes the same comparison and reads each pair once. Write `passes_cross(n)`, which returns how
# many pairs `n` texts make.


# %% tags=["exercise"]
def passes_cross(n):
    """How many pairs a cross-encoder reads to compare n texts, each with each."""
    ...


check("00.3", passes_cross)


# %% tags=["solution"]
def passes_cross(n):
    """How many pairs a cross-encoder reads to compare n texts, each with each."""
    return n * (n - 1) // 2


check("00.3", passes_cross)

# %% [markdown]
# ## 5 · Numbers you can trust
#
# Every number in the text comes from a cell that you can run, with models and texts that came with the course. A
# number from elsewhere is marked "published". Times and versions differ between machines. All other outputs should
# match those in `solutions`, except perhaps in the last digit. Each set of texts has a card, which says how the set
# came about and where it is weak. Here is one:

# %%
for part in corpora.card("sentences").split("\n\n"):
    if part.startswith("**"):
        print(part)

# %% [markdown]
# ## 6 · What a comparison costs
#
# Exercises 00.2 and 00.3 counted the passes of the two families.
#
# > **Predict before you run.** To compare 10,000 texts, each with each, how many passes does each family need?

# %%
print(" texts   bi-encoder   cross-encoder   (passes)")
for n in [3, 10, 100, 1_000, 10_000]:
    print(f"{n:6,}{n:13,}{math.comb(n, 2):16,}")

# %% [markdown]
# The bi-encoder needs 10,000 passes, and the cross-encoder needs close to 50 million. In a search, too, a cross-encoder
# would read every text anew for each query. So a search usually combines the two: a bi-encoder finds a few candidates
# among many texts, and a cross-encoder puts those few in order. Notebook 08 builds such a search.

# %% [markdown]
# ## 7 · The map
#
# | | notebook | question it answers |
# |---|---|---|
# | 00 | Start here | Does it run on my machine, and how does this course work? |
# | 01 | Embeddings | How does a text become a vector? |
# | 02 | Similarity | What does a cosine of 0.67 mean, and when does it lie? |
# | 03 | Semantic search | How do I find passages by meaning, and how good is it? |
# | 04 | Clustering | What is in this pile of text? |
# | 05 | Classification | How far do 8 labelled examples a class go? |
# | 06 | Paraphrase mining | Which of these are the same question? |
# | 07 | Cross-encoders | What does reading both texts together buy? |
# | 08 | Retrieve and re-rank | How do I get both speed and quality? |
# | 09 | Train a bi-encoder | How do I adapt it to my domain? |
# | 10 | Train a cross-encoder | Where did our reranker come from? |
# | 11 | Images | Can pictures and words share a space? |
# | 12 | Production | How do I make it fast, small, persistent, and big? |
# | 13 | Capstone | Which one do I use, on my own data? |
#
# Each notebook runs by itself, so you may start anywhere. If you are new to embeddings, start with 01 and 02.

# %% [markdown]
# ## Quiz
#
# Run the next cell to see the questions. In the cell after it, replace each `...` with a letter such as `"a"`, and run
# that cell.

# %%
quiz("00")

# %% tags=["exercise"]
answers = {
    1: ...,
    2: ...,
    3: ...,
    4: ...,
}
quiz("00", answers)

# %% tags=["solution"]
answers = {
    1: "b",
    2: "a",
    3: "b",
    4: "b",
}
quiz("00", answers)

# %% [markdown]
# `progress` shows what you have solved so far in each notebook.

# %%
solved = progress()
print(
    "right so far:",
    int(solved["exercises right"].sum()),
    "exercises and",
    int(solved["quiz answers right"].sum()),
    "quiz answers",
)
solved

# %% [markdown]
# ## Recap
#
# - Your machine runs the course if its three cosines agree with the published ones.
# - A bi-encoder reads one text and gives a vector; a cross-encoder reads two texts and gives a score.
# - `check` tells you whether an exercise is right, `hint` helps in three steps, `quiz` asks questions, and `progress`
#   shows what you have solved.
#
# **Further reading:** Reimers & Gurevych (2019), *Sentence-BERT*, arXiv:1908.10084, on bi-encoders for sentences;
# Nogueira & Cho (2019), arXiv:1901.04085, for a cross-encoder that re-ranks passages.
#
# **Next:** 01, where a text becomes a vector, step by step.
