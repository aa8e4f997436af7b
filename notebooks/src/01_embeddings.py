# %% [markdown]
# # 01 · Embeddings
#
# **How does a text become a vector?**
#
# After this notebook you can
# - follow a sentence through tokens, token vectors, pooling and normalisation, step by step,
# - say what a model does with a text that is too long, and test whether a text is,
# - explain why padding changes a batch but not its vectors,
# - read a map of sentences without reading meaning into its axes, and say why similar texts lie near each other,
# - write search code that works for any bi-encoder, and say what to look at when you choose one.
#
# *40 minutes · needs: numpy at the level of `x.mean(axis=0)`, and from notebook 00 `check`, `hint` and what a cosine
# is. Torch tensors appear; they work much like numpy arrays.*
#
# In notebook 00, one call turned a sentence into 384 numbers. Now you look inside. `model` is a plain
# `SentenceTransformer`: a chain of three steps, numbered from 0.

# %%
import numpy as np
import torch
from sentence_transformers.util import batch_to_device
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE

from bxe import check, corpora, hint, load_bi_encoder, plots, quiz

model = load_bi_encoder()
for number, step in enumerate(model):
    print(number, type(step).__name__)

# %% [markdown]
# ## 1 · From text to tokens
#
# A model does not read letters or words. It reads **tokens**: pieces of text from a fixed list, the **vocabulary**. A
# common word is one token. A rare word is cut into several, and `##` marks a piece that continues a word.

# %%
vocabulary = model.tokenizer.get_vocab()
print("pieces in the vocabulary:", len(vocabulary))
for word in ["weather", "embeddings", "Heidelberg", "paraphrasing"]:
    print(f"{word:<14}", model.tokenizer.tokenize(word))

# %% [markdown]
# "weather" is one piece, and "embeddings" is cut into four. Capitals are gone, because this model turns everything into
# lower case. A word is cut greedily: from its start, cut off the longest piece that is in the vocabulary, and go on
# with the rest.
#
# ### Exercise 01.1
# Write `first_piece(word, vocabulary)`: it returns the longest prefix of `word` that is in `vocabulary`. (The
# vocabulary holds every letter.)


# %% tags=["exercise"]
def first_piece(word, vocabulary):
    """The longest prefix of word that is in vocabulary."""
    ...


check("01.1", first_piece)


# %% tags=["solution"]
def first_piece(word, vocabulary):
    """The longest prefix of word that is in vocabulary."""
    for end in range(len(word), 0, -1):
        if word[:end] in vocabulary:
            return word[:end]


check("01.1", first_piece)

# %% [markdown]
# The tokenizer splits the text at spaces and punctuation. Then it applies this rule repeatedly to each word, with `##`
# before every piece but the first. The method is called **WordPiece**. Here it is, compared with the library:


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
# The two agree. `model.preprocess` cuts a whole **batch** of texts into tokens. It also adds the **special tokens**
# `[CLS]` at the start and `[SEP]` at the end of each text, and replaces each piece by its number in the vocabulary, its
# **id**. The batch becomes one table, with a row for each text.
#
# > **Predict before you run.** A text of 3 tokens and one of 9 go in together. How many columns does the table have?

# %%
texts = ["Rain fell.", "It rained all afternoon over the old harbour."]
tokens = model.preprocess(texts)
for ids, mask in zip(tokens["input_ids"].tolist(), tokens["attention_mask"].tolist()):
    print(model.tokenizer.convert_ids_to_tokens(ids))
    print("mask:", mask)

# %% [markdown]
# The table has 11 columns: 9 for the longest text, and 2 for the special tokens. The short text is filled up with
# **padding** (`[PAD]`). The **attention mask** holds 1 for a real token and 0 for padding, so that later steps can skip
# it.
#
# ## 2 · From tokens to token vectors
#
# Step 0 of the chain is the **transformer**: a network of layers in which every token looks at every other token
# (**attention**). It gives one vector of 384 numbers for *each* token. (`inference_mode` tells torch not to prepare for
# training, and `.cpu()` fetches the result from a graphics card.)


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
# A token's vector depends on the whole text around it. Take the token "bank" in three sentences; `vector_of` picks out
# its vector.
#
# > **Predict before you run.** Which two of the three banks are most alike?


# %%
def vector_of(word, text):
    position = model.tokenizer(text)["input_ids"].index(vocabulary[word])
    return token_vectors([text])[0][0, position]


river = vector_of("bank", "They sat on the bank of the river and fished.")
loans = vector_of("bank", "The bank raised its interest rates on loans.")
money = vector_of("bank", "Her bank refused to lend her any more money.")
cosine = torch.nn.functional.cosine_similarity
print(f"loans and money: {cosine(loans, money, dim=0):.2f}")
print(f"loans and river: {cosine(loans, river, dim=0):.2f}")
print(f"money and river: {cosine(money, river, dim=0):.2f}")

# %% [markdown]
# The token is the same, but its vectors differ: the two banks that lend money are closer to each other (0.86) than to
# the bank of the river. A table with one fixed vector for each word could not do this.
#
# ## 3 · From token vectors to one vector
#
# A sentence needs *one* vector, whatever its length, so its token vectors are combined (**pooled**) into one. This
# model takes their mean. Here it is by hand, for one text: add up the vectors of the real tokens, and divide by their
# number.


# %%
def mean_of_one(vectors, mask):
    total, count = torch.zeros(vectors.shape[1]), 0
    for vector, real in zip(vectors, mask):
        if real:
            total, count = total + vector, count + 1
    return total / count


first = mean_of_one(hidden[0], mask[0])
print(f"one vector of {len(first)} numbers; the first three:", first[:3].numpy().round(3))

# %% [markdown]
# The picture shows a row for each token of the second text, and below them the mean. A colour that runs down through
# many rows survives in the mean. A colour in only one row fades.

# %%
names = model.tokenizer.convert_ids_to_tokens(model.tokenizer(texts[1])["input_ids"])
second = mean_of_one(hidden[1], mask[1])
plots.show(
    plots.pooling(names, hidden[1].numpy(), second.numpy()),
    alt="Eleven rows of coloured cells, one for each token of a sentence, and below them a single paler row: their mean.",
)

# %% [markdown]
# ### Exercise 01.2
# A loop over tokens is slow. Write `mean_pool(hidden, mask)`, which pools a whole batch without a loop. Padding must
# never change a sentence's vector. The shapes are (texts, tokens, numbers) for `hidden`, (texts, tokens) for `mask`,
# and (texts, numbers) for the result.


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
# The library's own pooling is step 1 of the chain. It should give the same vectors as the loop.

# %%
together = {"token_embeddings": hidden, "attention_mask": mask}
by_library = model[1](together)["sentence_embedding"]
by_hand = torch.stack([mean_of_one(h, m) for h, m in zip(hidden, mask)])
agree = torch.allclose(by_hand, by_library, atol=1e-5)
print("loop and library agree to five decimals:", agree)

# %% [markdown]
# The mean is only one choice. Some models take the vector of `[CLS]` instead, because they were trained that way. **Use
# the pooling that the model was trained with**: it is part of the model, and the library reads it from the model's
# folder.
#
# ## 4 · To length 1
#
# A vector's **length** is the root of the sum of its squared numbers: (3, 4) has the length 5. The chain's last step,
# normalisation, brings every vector to length 1, so that only its direction counts. After that, the cosine of two
# vectors is their dot product (`a @ b`).

# %%
unit = model[2]({"sentence_embedding": by_library})["sentence_embedding"]
print("lengths before step 2:", by_library.norm(dim=1).numpy().round(2))
print("lengths after step 2: ", unit.norm(dim=1).numpy().round(2))

# %% [markdown]
# ### Exercise 01.3
# Write `normalise(vectors)`, which does the same for a numpy array of shape (n, d): each of its rows comes out with
# length 1. `np.linalg.norm` computes lengths.


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
# These are all the steps, and `encode` does them in one call. The next cell stops with an error if the two ways
# disagree.

# %%
by_steps = torch.nn.functional.normalize(by_hand, dim=1).numpy()
np.testing.assert_allclose(by_steps, model.encode(texts), atol=1e-5)
print("by hand and by encode: the same to five decimals, shape", by_steps.shape)

# %% [markdown]
# ## 5 · One size for every text, up to a limit
#
# A word, a sentence and a page all become 384 numbers. But this model reads at most 256 tokens of a text. Whatever
# follows is **cut off, and `encode` does not say so**. To see this, put a fact at the end of a long text.
#
# > **Predict before you run.** Two long texts differ only in their last sentence. How alike are their vectors?

# %%
page = "The museum opens at nine and closes at five. " * 20
for text in ["Rain", "Rain fell over the harbour.", page]:
    print(f"{len(text.split()):>4} words -> {model.encode(text).shape}")
long = page * 2
in_all = len(model.tokenizer(long, verbose=False)["input_ids"])
print(f"tokens before the last sentence: {in_all} · read: {model.max_seq_length}")
fact, other = "The vault holds a stolen Vermeer.", "Bring an umbrella, it may rain."
with_fact, with_other = model.encode([long + fact, long + other])
print(f"cosine of the two vectors: {with_fact @ with_other:.4f}")

# %% [markdown]
# The two vectors are the same, because the model read neither last sentence. It does read a fact at the *beginning*:

# %%
question = model.encode("Where is the stolen painting?")
alone, at_start = model.encode([fact, fact + " " + long])
print(f"question and the fact by itself:              {question @ alone:.2f}")
print(f"question and text with the fact at the start: {question @ at_start:.2f}")
print(f"question and text with the fact at the end:   {question @ with_fact:.2f}")

# %% [markdown]
# Even at the start, the fact is diluted: it is one sentence among many in the mean. So cut long documents into passages
# first, and encode each passage by itself.
#
# The limit of 256 is only a setting in this model's folder. You can raise it as far as the transformer has positions,
# since each token needs one:

# %%
print("positions:", model[0].model.config.max_position_embeddings)
model.max_seq_length = 512
with_fact, with_other = model.encode([long + fact, long + other])
model.max_seq_length = 256
print(f"cosine of the two vectors at a limit of 512: {with_fact @ with_other:.4f}")

# %% [markdown]
# Now the last sentence leaves a trace, but only a small one. And the setting does not tell you how far the model reads
# *well*: in its training, every text was cut at 128 tokens (published: its model card, the page that describes it).
#
# ### Exercise 01.4
# Write `read_whole(model, text)`: it returns `True` if the model reads all of `text`, and `False` if something is cut
# off. `model.tokenizer(text, verbose=False)["input_ids"]` holds a text's tokens, uncut. They include the special
# tokens, which count too. (`verbose=False` silences a warning about long texts.)


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
# In a batch, a short text is padded to the length of the longest. Does a text's vector depend on the other texts in its
# batch?

# %%
alone = model.encode("Rain fell.")
in_company = model.encode(["Rain fell.", page])[0]
largest = np.abs(alone - in_company).max()
print("words in the other text:", len(page.split()))
print("the largest change is below 1e-5:", largest < 1e-5)

# %% [markdown]
# It does not: the mask keeps padding out, and only rounding is left. But padding costs time, so the library sorts texts
# by length before it makes batches. By default, `encode` takes 32 texts at a time.
#
# ## 7 · A first map
#
# The set `sentences` holds 72 sentences, twelve on each of six topics. Their vectors have 384 dimensions, and a screen
# has two. **PCA** keeps the two directions in which the vectors spread most. **t-SNE** tries to keep neighbours
# together instead.

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
# Nobody told the model the topics, and yet they show. But a map's axes mean nothing by themselves, the *distances
# between* groups mean little in t-SNE, and two dimensions cannot show all that 384 hold.
#
# So measure on the vectors, never on a map: for each sentence, is its nearest neighbour on the same topic?

# %%
share = PCA(n_components=2).fit(vectors).explained_variance_ratio_.sum()
print(f"share of the spread that the two PCA axes hold: {share:.0%}")
similarity = vectors @ vectors.T
np.fill_diagonal(similarity, -1)
nearest = similarity.argmax(axis=1)
topics = sentences.topic.to_numpy()
same = (topics == topics[nearest]).sum()
print(f"nearest sentence on the same topic: {same} of {len(topics)}")

# %% [markdown]
# For most sentences (61 of 72), it is. Here are six of the others, each with its nearest sentence:

# %%
astray = np.flatnonzero(topics != topics[nearest])
for i in astray[:6]:
    print(f"{topics[i]:>10}: {sentences.text[i]}")
    print(f"{topics[nearest[i]]:>10}: {sentences.text[nearest[i]]}\n")

# %% [markdown]
# Some of these belong to two topics: a label is one opinion. Others are errors: the two sentences share a detail or a
# way of putting things, and little else.
#
# ## 8 · How it learned
#
# Why do similar texts get similar vectors at all? Because the model was trained on more than a billion pairs of texts
# that belong together, such as a question and its answer (published: its model card). In each batch of pairs, it had to
# tell from the vectors which texts belong together. Here is such a batch, small enough to look at:

# %%
asking = [
    "Who tunes a piano?",
    "Why do cats purr?",
    "What feeds the Nile?",
    "When do bees swarm?",
]
answering = {
    "pins": "A tuner turns its pins.",
    "calm": "A purr may calm the animal.",
    "rain": "Rain in Ethiopia swells the river.",
    "May": "Colonies divide in May.",
}
cosines = model.encode(asking) @ model.encode(list(answering.values())).T
title = "Each question finds its answer"
plots.show(
    plots.token_table(cosines, asking, list(answering), title, "cosine", mark=True),
    alt="A table of cosines of four questions with four answers, each named by one of its words. "
    "In each row, the highest is framed; it is the question's own answer.",
)

# %% [markdown]
# The training goal, the **contrastive loss**, raises the cosines on the diagonal and lowers all others. So "similar"
# means related as the texts of those pairs are. Notebook 09 trains a model like this.

# %% [markdown]
# ## 9 · Why "bi"?
#
# A **bi-encoder** encodes the two sides of a comparison separately: the query on one side, the passage on the other.
# The two texts never meet inside the model; their vectors meet afterwards. So you can compute a passage's vector today
# and compare it with tomorrow's query. The library has a call for each side:

# %%
passages = [
    "Fry the onions slowly.",
    "Saturn's rings are ice and rock.",
    "Tune the guitar.",
]
asked = "Which planet has rings?"
stored = model.encode_document(passages)
query = model.encode_query(asked)
for passage, score in zip(passages, stored @ query):
    print(f"{score:.2f}  {passage}")

# %% [markdown]
# The passage about Saturn wins. Here both sides pass through the same encoder. In other models the sides may differ:
#
# - **In their weights** (the learned numbers). DPR (Karpukhin et al., 2020) trains one encoder for questions and
#   another for passages. The library's `Router` makes such a model: it sends queries one way and documents another.
# - **In their prompts.** A **prompt** is a few fixed words in front of a text, such as "query: ". `encode_query` and
#   `encode_document` add the prompts that the model's folder stores, and no others.

# %%
print("this model's prompts:", model.prompts)
prompted = model.encode_query(asked, prompt="query: ")
print(f"cosine of the query with and without a prompt: {prompted @ query:.2f}")
plain = np.allclose(model.encode([asked, *passages]), [query, *stored], atol=1e-5)
print("without one, encode gives the same vectors:", plain)

# %% [markdown]
# Both prompts of this model are empty, so both calls give the same vectors as `encode`. A model that was trained with
# prompts needs them, and the library knows them only from the folder. If the model's card asks for prompts and
# `model.prompts` holds none, pass `prompt=` yourself.
#
# ### Exercise 01.5
# Use the library to write `scores(model, query, passages)`: it returns the similarity of the query with each passage,
# in the shape (passages,). It must also be right for a model that stores prompts, and for one that compares vectors by
# a measure other than the cosine. `model.similarity(a, b)` knows the measure; it returns a table with a row for each
# vector of `a` and a column for each vector of `b`.


# %% tags=["exercise"]
def scores(model, query, passages):
    """The model's similarity of the query with each passage: shape (passages,)."""
    ...


check("01.5", scores)


# %% tags=["solution"]
def scores(model, query, passages):
    """The model's similarity of the query with each passage: shape (passages,)."""
    return model.similarity(model.encode_query(query), model.encode_document(passages))[0]


check("01.5", scores)

# %% [markdown]
# ## 10 · Another model
#
# When you are online, `load_bi_encoder` takes the name of any bi-encoder on the Hugging Face Hub. The rest of your code
# stays as it is.
#
# > **Choosing a model** (pointers, not measured here)
# >
# > - **Task and size.** MTEB (Muennighoff et al., 2023) compares models on many tasks. Look at models of a size that you
# >   can run, and at *your* task, such as retrieval (search) or clustering, rather than the average. Then measure the
# >   best few on your own texts; notebook 03 shows how.
# > - **Language.** Does the card name yours?
# > - **Length.** How many tokens does it read, and how long were the texts it was trained on?
# > - **Prompts.** Does the card ask for some, and does the folder store them?
# > - **Licence.** Does it allow what you plan?
#
# This model's card names English only. Try two sentences in English and in German.
#
# > **Predict before you run.** Which is nearer to a German sentence: its translation, or the other German sentence?

# %%
english = model.encode(["It will rain all day today.", "The bank is closed today."])
german = model.encode(["Heute regnet es den ganzen Tag.", "Die Bank ist heute geschlossen."])
for name, cosine_of_pair in zip(["rain", "bank"], (english * german).sum(axis=1)):
    print(f"{name}, English and German: {cosine_of_pair:.2f}")
print(f"rain and bank, both German: {german[0] @ german[1]:.2f}")

# %% [markdown]
# The two German sentences are nearer to each other than either is to its own translation.
#
# > **Multilingual models** (pointers, not measured here) give a text and its translation similar vectors, so that a
# > query in one language finds passages in another. Such a model can learn to copy an English model: a translation gets
# > the vector of its English original (Reimers & Gurevych, 2020). Examples are `paraphrase-multilingual-MiniLM-L12-v2`
# > and `intfloat/multilingual-e5-small`; the card of the second asks for prompts.

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
    5: ...,
}
quiz("01", answers)

# %% tags=["solution"]
answers = {
    1: "c",
    2: "a",
    3: "b",
    4: "b",
    5: "c",
}
quiz("01", answers)

# %% [markdown]
# ## Recap
#
# - A text becomes tokens, and each token becomes a vector that depends on its neighbours. The mean of the real tokens'
#   vectors, brought to length 1, is the sentence's vector. The steps by hand and `encode` agree to five decimals.
# - This model does not read what comes after 256 tokens. Test each text, and cut long ones into passages.
# - Padding costs time and does not change a vector. Batches save time up to a point.
# - A map shows neighbourhoods. Its axes mean nothing, so measure on the vectors. Similar texts get similar vectors
#   because the model was trained on pairs that belong together.
# - `encode_query`, `encode_document` and `similarity` work for any bi-encoder, as long as its folder stores its
#   prompts. When you choose a model, look at its task, size, language, length, prompts and licence.
#
# **Further reading:** Wu et al. (2016), arXiv:1609.08144, for WordPiece; Reimers & Gurevych (2019), *Sentence-BERT*,
# arXiv:1908.10084, section 3, for pooling; Karpukhin et al. (2020), arXiv:2004.04906, for DPR; Muennighoff et al.
# (2023), arXiv:2210.07316, for MTEB; Reimers & Gurevych (2020), arXiv:2004.09813, for multilingual models; van der
# Maaten & Hinton (2008), *Visualizing Data using t-SNE*, JMLR 9, 2579–2605.
#
# **Next:** 02, what a cosine means, and when it lies.
