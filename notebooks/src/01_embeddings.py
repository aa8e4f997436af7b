# %% [markdown]
# # 01 · Embeddings
#
# **How does a text become a vector?**
#
# After this notebook you can
# - follow a sentence through tokens, token vectors, pooling and normalisation, each step by hand,
# - say what a model does with a text that is too long, and test for it,
# - explain why padding changes a batch but not its vectors,
# - read a map of sentences, and say what its axes do not mean.
#
# *35 minutes · needs: numpy at the level of `x.mean(axis=0)`, and from notebook 00 `check`, `hint` and what a cosine
# is. Torch tensors appear; they work much like numpy arrays.*

# %%
import time

import numpy as np
import torch
from sentence_transformers.util import batch_to_device
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE

from bxe import check, corpora, hint, load_bi_encoder, plots, quiz

# %% [markdown]
# `model` is a plain `SentenceTransformer`: a chain of three steps, which this notebook takes one by one.

# %%
model = load_bi_encoder()
for number, step in enumerate(model):
    print(number, type(step).__name__)

# %% [markdown]
# ## 1 · From text to tokens
#
# A model does not read letters or words. It reads **tokens**: pieces of text out of a fixed list, the **vocabulary**.
# A common word is one token; a rare one is cut into pieces, and `##` marks a piece that continues a word.

# %%
vocabulary = model.tokenizer.get_vocab()
print("pieces in the vocabulary:", len(vocabulary))
for word in ["weather", "embeddings", "Heidelberg", "paraphrasing"]:
    print(f"{word:<14}", model.tokenizer.tokenize(word))

# %% [markdown]
# "weather" is one piece and "embeddings" four. Capitals are gone: this model lower-cases everything.
#
# The rule is greedy: take the longest beginning that is in the vocabulary, cut it off, go on with the rest.
#
# ### Exercise 01.1
# Write `first_piece(word, vocabulary)`: the longest beginning of `word` that is in `vocabulary`. (Assume that there
# is one: each single letter is in it.)


# %% tags=["exercise"]
def first_piece(word, vocabulary):
    """The longest beginning of word that is in vocabulary."""
    ...


check("01.1", first_piece)


# %% tags=["solution"]
def first_piece(word, vocabulary):
    """The longest beginning of word that is in vocabulary."""
    for end in range(len(word), 0, -1):
        if word[:end] in vocabulary:
            return word[:end]


check("01.1", first_piece)

# %% [markdown]
# Applied again and again, with `##` before every piece but the first, this rule cuts one lower-case word (WordPiece).
# Before it, the tokenizer lower-cases the text and splits it at spaces and punctuation. Written out, and compared with
# the library on a few words:


# %%
def pieces(word):
    found, start = [], 0
    while start < len(word):
        prefix, end = "##" if start else "", len(word)
        while prefix + word[start:end] not in vocabulary:
            end -= 1
        found.append(prefix + word[start:end])
        start = end
    return found


for word in ["embeddings", "paraphrasing", "unforgettable", "tokenizers"]:
    assert pieces(word) == model.tokenizer.tokenize(word)
    print(f"{word:<14}", pieces(word))

# %% [markdown]
# They agree. `preprocess` does this and more: it adds the **special tokens** `[CLS]` in front and `[SEP]` behind, it
# replaces each piece by its number in the vocabulary (its **id**), and it makes a rectangle of a **batch** of texts.
#
# > **Predict before you run.** A text of 3 tokens and one of 9 go in together. How wide is the rectangle?

# %%
texts = ["Rain fell.", "It rained all afternoon over the old harbour."]
tokens = model.preprocess(texts)
for ids, mask in zip(tokens["input_ids"].tolist(), tokens["attention_mask"].tolist()):
    print(model.tokenizer.convert_ids_to_tokens(ids))
    print("mask:", mask)

# %% [markdown]
# As wide as its longest text with the two special tokens: 11. The short one is filled up with **padding**; the **attention mask** holds 1 for a real
# token and 0 for padding, so that later steps can leave the padding out.

# %% [markdown]
# ## 2 · From tokens to token vectors
#
# The first step of the chain is the **transformer**: a network of layers in which every token looks at every other one
# (**attention**). It gives one vector of 384 numbers for *each* token. (`inference_mode` tells torch not to prepare for
# training; `.cpu()` fetches the result, should it be on a graphics card.)


# %%
def token_vectors(texts):
    """Token vectors (texts, tokens, numbers) and attention mask (texts, tokens)."""
    tokens = batch_to_device(model.preprocess(texts), model.device)
    with torch.inference_mode():
        hidden = model[0](tokens)["token_embeddings"]
    return hidden.cpu(), tokens["attention_mask"].cpu()


hidden, mask = token_vectors(texts)
print("texts, tokens, numbers:", tuple(hidden.shape))
print("real tokens:", mask.sum(1).tolist())

# %% [markdown]
# A token's vector depends on the whole text around it. That is what the transformer is for. Take the one token
# "bank" in three sentences; `vector_of` picks its vector out.


# %%
def vector_of(word, text):
    position = model.tokenizer(text)["input_ids"].index(vocabulary[word])
    return token_vectors([text])[0][0, position]


river = vector_of("bank", "They sat on the bank of the river and fished.")
money = vector_of("bank", "The bank raised its interest rates on loans.")
loans = vector_of("bank", "Her bank refused to lend her any more money.")
cosine = torch.nn.functional.cosine_similarity
print(f"money and loans: {cosine(money, loans, dim=0):.2f}")
print(f"money and river: {cosine(money, river, dim=0):.2f}")
print(f"loans and river: {cosine(loans, river, dim=0):.2f}")

# %% [markdown]
# The same token, and different vectors: the two banks that lend money are closer to each other than to the bank of
# the river. A table that held one vector per word could not do this.

# %% [markdown]
# ## 3 · From token vectors to one vector
#
# A sentence needs *one* vector, whatever its length, so the token vectors are **pooled**. This model takes their
# mean. By hand, for one text and in a loop: add the real tokens' vectors up, divide by how many there are.


# %%
def mean_of_one(vectors, mask):
    total, count = torch.zeros(vectors.shape[1]), 0
    for vector, real in zip(vectors, mask):
        if real:
            total, count = total + vector, count + 1
    return total / count


first = mean_of_one(hidden[0], mask[0])
print(
    "one vector of",
    len(first),
    "numbers; the first three:",
    [round(x, 3) for x in first[:3].tolist()],
)

# %% [markdown]
# The picture has a row for each token of the second text, and their mean below. A stripe that runs through many
# tokens survives in the mean; what only one token has is thinned out.

# %%
names = model.tokenizer.convert_ids_to_tokens(model.tokenizer(texts[1])["input_ids"])
second = mean_of_one(hidden[1], mask[1])
plots.show(
    plots.pooling(names, hidden[1].numpy(), second.numpy()),
    alt="Eleven rows of coloured cells, one for each token of a sentence, and below them a single paler row: their mean.",
)

# %% [markdown]
# ### Exercise 01.2
# A loop over tokens is slow. Write `mean_pool(hidden, mask)` for a whole batch, without a loop, so that padding never
# changes a sentence's vector. `hidden` has the shape (texts, tokens, numbers), `mask` (texts, tokens), and the result
# (texts, numbers).


# %% tags=["exercise"]
def mean_pool(hidden, mask):
    """Mean of the real tokens' vectors: (texts, tokens, numbers) -> (texts, numbers)."""
    ...


check("01.2", mean_pool)


# %% tags=["solution"]
def mean_pool(hidden, mask):
    """Mean of the real tokens' vectors: (texts, tokens, numbers) -> (texts, numbers)."""
    weights = mask[..., None].to(hidden.dtype)
    return (hidden * weights).sum(1) / weights.sum(1)


check("01.2", mean_pool)

# %% [markdown]
# The library's own pooling is step 1 of the chain. It should give what the loop gave.

# %%
by_library = model[1]({"token_embeddings": hidden, "attention_mask": mask})[
    "sentence_embedding"
]
by_hand = torch.stack([mean_of_one(h, m) for h, m in zip(hidden, mask)])
torch.testing.assert_close(by_hand, by_library, atol=1e-5, rtol=0)
print(
    "loop and library agree to five decimals:",
    torch.allclose(by_hand, by_library, atol=1e-5),
)

# %% [markdown]
# The mean is a choice. Another is to take the vector of `[CLS]` and leave the rest. Some models are trained for
# that; this one is not. How far apart are the two?

# %%
for text, cls, mean in zip(texts, hidden[:, 0], by_library):
    alike = cosine(cls, mean, dim=0)
    print(f"cosine of [CLS] and mean: {alike:.2f}   {text}")

# %% [markdown]
# They are different vectors. **Use the pooling that the model was trained with**: it is part of the model, and the
# library reads it from the model's folder.

# %% [markdown]
# ## 4 · To length 1
#
# The last step divides each vector by its length (the root of the sum of its squares), so that only its direction
# counts. Afterwards the dot product of two vectors is their cosine.

# %%
lengths = by_library.norm(dim=1)
print("lengths before:", [round(x, 2) for x in lengths.tolist()])
print(
    "lengths after: ",
    [round(x, 2) for x in (by_library / lengths[:, None]).norm(dim=1).tolist()],
)

# %% [markdown]
# ### Exercise 01.3
# Write `normalise(vectors)`: every row of a numpy array (n, d) divided by its own length.


# %% tags=["exercise"]
def normalise(vectors):
    """Rows brought to length 1: (n, d) -> (n, d)."""
    ...


check("01.3", normalise)


# %% tags=["solution"]
def normalise(vectors):
    """Rows brought to length 1: (n, d) -> (n, d)."""
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


check("01.3", normalise)

# %% [markdown]
# That is the whole way. `encode` does all of it in one call: tokens, transformer, pooling, length 1. By hand and by
# library must agree, and the next cell stops with an error if they do not.

# %%
by_steps = (by_hand / by_hand.norm(dim=1, keepdim=True)).numpy()
np.testing.assert_allclose(by_steps, model.encode(texts), atol=1e-5)
print("by hand and by encode: the same to five decimals, shape", by_steps.shape)

# %% [markdown]
# ## 5 · One size for every text, and where it ends
#
# A word, a sentence, a page: each becomes 384 numbers. That cannot go well for ever. This model reads at most 256
# tokens of a text; what follows is **cut off, and `encode` does not say so**. Put a fact at the end of a long text and
# see whether it leaves a trace.
#
# > **Predict before you run.** Two long texts differ only in their last sentence. How alike are their vectors?

# %%
page = "The museum opens at nine and closes at five. " * 20
for text in ["Rain", "Rain fell over the harbour.", page]:
    print(f"{len(text.split()):>4} words -> {model.encode(text).shape}")
with_fact = model.encode(page * 2 + "The vault holds a stolen Vermeer.")
without_fact = model.encode(page * 2 + "Bring an umbrella, it may rain.")
in_all = len(model.tokenizer(page * 2, verbose=False)["input_ids"])
print(f"tokens before the last sentence: {in_all} · read: {model.max_seq_length}")
print(f"cosine of the two vectors: {with_fact @ without_fact:.4f}")

# %% [markdown]
# They are the same vector. The stolen Vermeer was never read. The same fact at the *beginning* is read:

# %%
at_the_start = model.encode("The vault holds a stolen Vermeer. " + page * 2)
question = model.encode("Where is the stolen painting?")
fact = model.encode("The vault holds a stolen Vermeer.")
print(f"question and the fact by itself:              {question @ fact:.2f}")
print(f"question and text with the fact at the start: {question @ at_the_start:.2f}")
print(f"question and text with the fact at the end:   {question @ with_fact:.2f}")

# %% [markdown]
# Even at the start the fact is diluted: it is one sentence among many in the mean. Long documents are therefore cut into
# passages first, each embedded by itself.
#
# ### Exercise 01.4
# Write `read_whole(model, text)`: `True` if the model reads all of `text`, `False` if something is cut off. The
# special tokens count. `model.tokenizer(text, verbose=False)["input_ids"]` has them in. (`verbose=False` silences the
# tokenizer's own warning about long texts; `encode` cuts them first.)


# %% tags=["exercise"]
def read_whole(model, text):
    """Whether the model reads all of the text."""
    ...


check("01.4", read_whole)


# %% tags=["solution"]
def read_whole(model, text):
    """Whether the model reads all of the text."""
    tokens = model.tokenizer(text, verbose=False)["input_ids"]
    return len(tokens) <= model.max_seq_length


check("01.4", read_whole)

# %% [markdown]
# ## 6 · Batches
#
# In a batch, a short text is padded to the length of the longest. Does the company that a text keeps change its
# vector?

# %%
alone = model.encode("Rain fell.")
in_company = model.encode(["Rain fell.", page])[0]
np.testing.assert_allclose(alone, in_company, atol=1e-5)
largest = np.abs(alone - in_company).max()
print(
    "beside a text of",
    len(page.split()),
    "words, the largest change is below 1e-5:",
    largest < 1e-5,
)

# %% [markdown]
# It does not: the mask keeps padding out, and what is left is rounding. But padding costs time, so the library sorts
# texts by length before it makes batches. And it costs *less* time to encode many texts together than one by one:


# %% tags=["nbval-ignore-output"]
def rate(batch_size, texts):
    """Texts encoded per second, the better of two tries."""
    seconds = []
    for _ in range(2):
        started = time.perf_counter()
        model.encode(texts, batch_size=batch_size)
        seconds.append(time.perf_counter() - started)
    return len(texts) / min(seconds)


some = corpora.load("sentences").text.tolist()[:32]
sizes = [1, 2, 4, 8, 16, 32]
rate(8, some)  # the first batches are slow: everything is still being set up
plots.show(
    plots.speed(sizes, [rate(size, some) for size in sizes]),
    alt="Texts encoded per second on this machine, against the batch size from 1 to 32.",
)

# %% [markdown]
# Look where your curve stops rising; a larger batch gains nothing there. It depends on your machine, and a zigzag means
# that another program was using the processor. If you do not say otherwise, `encode` takes 32 texts at a time.

# %% [markdown]
# ## 7 · A first map
#
# 72 sentences, twelve on each of six topics. Their vectors have 384 dimensions; a screen has two. **PCA** keeps the two
# directions in which the points spread most. **t-SNE** tries to keep neighbours together instead.

# %%
sentences = corpora.load("sentences")
vectors = model.encode(sentences.text.tolist())
pca = PCA(n_components=2, random_state=0).fit_transform(vectors)
tsne = TSNE(perplexity=10, metric="cosine", random_state=0).fit_transform(vectors)
plots.show(
    plots.maps(
        {"PCA": pca, "t-SNE": tsne},
        sentences.topic.tolist(),
        "Nobody told the model the topics",
    ),
    alt="Two scatter plots of 72 sentences in six colours. In both, sentences of one topic lie together; the groups "
    "overlap more in PCA and stand apart in t-SNE.",
)

# %% [markdown]
# The model was told no topics, and yet they show. Two warnings. The axes mean nothing by themselves, and in t-SNE the
# *distances between* groups mean little. And two dimensions hide most of what 384 know.
#
# So never measure on a map. Measure on the vectors: for each sentence, is its nearest other sentence on its topic?

# %%
share = PCA(n_components=2).fit(vectors).explained_variance_ratio_.sum()
print(f"share of the spread that the two PCA axes hold: {share:.0%}")
similarity = vectors @ vectors.T
np.fill_diagonal(similarity, -1)
nearest = similarity.argmax(axis=1)
topics = sentences.topic.to_numpy()
print(
    f"nearest sentence on the same topic: {(topics == topics[nearest]).sum()} of {len(topics)}"
)

# %% [markdown]
# Six of those that are astray, each with its nearest sentence:

# %%
astray = np.flatnonzero(topics != topics[nearest])
for i in astray[:6]:
    print(f"{topics[i]:>10}: {sentences.text[i]}")
    print(f"{topics[nearest[i]]:>10}: {sentences.text[nearest[i]]}\n")

# %% [markdown]
# Read them. Some belong to two topics: a label is one opinion. (Six of the 72 stand at the border of two topics on
# purpose; the card says which.) Others are errors, drawn together by a word or a shape of sentence that they share.

# %% [markdown]
# ## 8 · Why "bi"?
#
# A **bi-encoder** is *one* encoder used on *both* sides of a comparison: once for the query, once for the passage. The
# two never meet inside the model, only their vectors do. So a passage's vector can be made today and compared with a
# query that is typed tomorrow.

# %%
passages = [
    "Fry the onions slowly.",
    "Saturn's rings are ice and rock.",
    "Tune the guitar.",
]
stored = model.encode_document(passages)
query = model.encode_query("Which planet has rings?")
for passage, score in zip(passages, stored @ query):
    print(f"{score:.2f}  {passage}")
plain = model.encode([*passages, "Which planet has rings?"])
same = np.allclose(np.vstack([stored, query]), plain, atol=1e-5)
print("encode_query, encode_document and encode give the same vectors:", same)

# %% [markdown]
# Some models want a few fixed words, a **prompt**, in front of each query or passage; `encode_query` and
# `encode_document` put them there. This model wants none, so all three give the same vector. Code that uses them works
# for models that do want prompts, too.

# %% [markdown]
# ## Quiz

# %%
quiz("01")

# %% tags=["exercise"]
answers = {
    1: ...,
    2: ...,
    3: ...,
    4: ...,
}
quiz("01", answers)

# %% tags=["solution"]
answers = {
    1: "c",
    2: "a",
    3: "b",
    4: "b",
}
quiz("01", answers)

# %% [markdown]
# ## Recap
#
# - A text becomes tokens, each token a vector that depends on its neighbours; the mean of the real tokens' vectors,
#   brought to length 1, is the sentence's vector. By hand and by `encode` agree to five decimals.
# - What comes after 256 tokens is not read. Test for it, and cut long texts into passages.
# - Padding costs time and changes nothing; batches save time up to a point.
# - A map shows neighbourhoods. Its axes mean nothing; measure on the vectors.
#
# **Further reading:** Wu et al. (2016), arXiv:1609.08144, for WordPiece; Reimers & Gurevych (2019), *Sentence-BERT*,
# arXiv:1908.10084, section 3, for pooling; van der Maaten & Hinton (2008), *Visualizing Data using
# t-SNE*, JMLR 9, 2579–2605.
#
# **Next:** 02, what a cosine means, and when it lies.
