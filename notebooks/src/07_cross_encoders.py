# %% [markdown]
# # 07 · Cross-encoders
#
# **What does reading both texts together buy?**
#
# After this notebook you can
# - say what a cross-encoder is good for, and how sure we are of it,
# - show what goes into one, and where a token of the query sees a token of the passage,
# - score with `predict` and `rank`, and say why a score belongs to its model,
# - count what it costs, and say when you would not use one,
# - score by late interaction, and add that score to the cross-encoder's.
#
# *40 minutes · needs: 02 (cosine, bootstrap interval) and 03 (BM25, nDCG)*

# %%
import copy
import time

import numpy as np
import pandas as pd
import torch
from sentence_transformers import util

from bxe import (
    check,
    corpora,
    hint,
    load_bi_encoder,
    load_cross_encoder,
    load_multi_vector_encoder,
    models,
    plots,
    quiz,
    retrieval,
)

bi, late, cross = load_bi_encoder(), load_multi_vector_encoder(), load_cross_encoder()

# %% [markdown]
# ## 1 · One question, read again
#
# Our models have the same body, the six layers of all-MiniLM-L6-v2. The **bi-encoder** reads each text by itself and
# makes one vector of it; the dot product of two vectors is the score. The **cross-encoder** reads both texts as one and
# gives the score directly.

# %%
plots.show(
    plots.architectures(),
    alt="Left, a bi-encoder: two texts pass through the same encoder one by one, their "
    "vectors meet in a cosine. Right, a cross-encoder: both texts pass through one "
    "encoder together, which gives a score.",
)

# %% [markdown]
# A cross-encoder's usual work is **re-ranking**: a fast search finds a few candidates, and the cross-encoder reads each
# together with the question and puts them in order.
#
# Passages, questions and grades are those of 03. For the first 32 test questions we take the first ten passages of BM25
# and of the bi-encoder. `retrieval.score` reads each pair once and keeps its score.

# %%
passages = corpora.load("passages").set_index("passage_id").text
questions = corpora.load("questions", "test").set_index("question_id").text[:32]
qrels = corpora.load("qrels")
judged = qrels[qrels.question_id.isin(questions.index)]
found = {
    "BM25": retrieval.retrieve_bm25(questions, passages, top_k=10),
    "bi-encoder": retrieval.retrieve(bi, questions, passages, top_k=10),
}
pool = {q: {p: 0.0 for run in found.values() for p in run[q]} for q in questions.index}
logits = retrieval.score(cross, pool, questions, passages)
print(sum(map(len, pool.values())), "different pairs")

# %% [markdown]
# > **Predict before you run.** BM25 counts shared words. For how many of the 32 questions does re-ranking put a higher
# > grade on top, and for how many a lower one?

# %%
grade = judged.set_index(["question_id", "passage_id"]).grade.to_dict()
reread = retrieval.reorder(found["BM25"], logits)


def top(run, question):
    """The grade of the first passage, and its text."""
    passage = retrieval.ranking(run, question)[0]
    return grade.get((question, passage), 0), passages[passage]


change = pd.Series({q: top(reread, q)[0] - top(found["BM25"], q)[0] for q in questions.index})
for kind, some in {"higher": change[change > 0], "lower": change[change < 0]}.items():
    print(f"a {kind} grade on top: {len(some)} of {len(change)} questions. The first of them:")
    for question in some.index[:1]:
        print("  ", questions[question])
        for system, run in {"BM25": found["BM25"], "re-ranked": reread}.items():
            print("      {:<10} grade {}  {:.66}".format(system, *top(run, question)))

# %% [markdown]
# Each example is the first of its kind. 8 questions get a higher grade on top, 1 gets a lower one, and 23 keep theirs.
# In the success, BM25's passage on "the Austrian capital" is about trains. In the failure, the cross-encoder prefers a
# passage that has "milk", "Switzerland" and "wheel", but no litres.
#
# ## 2 · What it buys
#
# Now we measure nDCG@10 on all 32 questions, after BM25 and after the bi-encoder. The cross-encoder's score is a **logit**.
# Two other scores take part:
#
# - **Late interaction** (`late`) reads each text by itself, but keeps a vector for every *token*. Each token of the
#   question takes its highest cosine with the passage's tokens; the mean of these cosines is the score, **MaxSim**.
# - **The sum**, logit + 20 × MaxSim. The 20 brings both to one scale; our cross-encoder was trained with it.
#
# First: **how small a gain could we see?** If the questions' gains have a standard deviation s, then n questions show a
# true gain of 2.8 · s / √n as clear (03) four times out of five.

# %%
maxsims = retrieval.score(late, pool, questions, passages)
both = retrieval.add(logits, maxsims, weights=(1, 20))
ways = {"MaxSim": maxsims, "logit": logits, "logit + MaxSim": both}
ndcg = {step: retrieval.per_query("nDCG@10", judged, run) for step, run in found.items()}
for step, run in found.items():
    for way, scores in ways.items():
        again = retrieval.reorder(run, scores)
        ndcg[f"{way} after {step}"] = retrieval.per_query("nDCG@10", judged, again)
for step in found:
    spread = (ndcg[f"logit after {step}"] - ndcg[step]).std()
    told = [f"{n}: {2.8 * spread / np.sqrt(n):.2f}" for n in (32, 80, 162)]
    print(f"{step} alone {ndcg[step].mean():.3f} · questions and the gain they show:", *told)

# %% [markdown]
# So here "no difference" leaves room for a gain of up to 0.12 after BM25, and 0.13 after the bi-encoder.
#
# > **Predict before you run.** Which gains more, BM25 or the bi-encoder?

# %%
gains = {}
for step in found:
    again = {way: ndcg[f"{way} after {step}"] for way in ways}
    for way, values in again.items():
        gains[f"{way} after {step}"] = gain = retrieval.compare(values, ndcg[step])
        print(f"{way:<15}after {step}: {values.mean():.3f}   gain {gain}")
    print("the sum minus MaxSim:", retrieval.compare(again["logit + MaxSim"], again["MaxSim"]))

# %%
plots.show(
    plots.intervals(gains, "Reading again helps most after BM25", "gain in nDCG@10"),
    alt="Six intervals: three ways of reading again, after BM25 and after the bi-encoder.",
)

# %% [markdown]
# **After BM25** the cross-encoder gains a clear 0.10. BM25 sees words only, so whatever reads meaning has much to add;
# MaxSim and the sum gain as much. **After the bi-encoder** there is no difference that 32 questions can show: the
# bi-encoder is at 0.850 already, so less is left to gain.
#
# **Traps.** In 02 the bi-encoder had to choose between the answer to a question and a trap. The trap has nearly the
# same words, but denies the answer, changes a number, or swaps the roles. For what share of the 180 questions does the
# answer score higher?

# %%
traps = corpora.load("sts").dropna(subset="question").reset_index(drop=True)
texts = pd.concat([traps.text1.add_prefix("answer "), traps.text2.add_prefix("trap ")])
pairs = {i: {f"answer {i}": 0.0, f"trap {i}": 0.0} for i in traps.index}
readers = {"bi-encoder": bi, "MaxSim": late, "logit": cross}
read = {way: retrieval.score(m, pairs, traps.question, texts) for way, m in readers.items()}
read["logit + MaxSim"] = retrieval.add(read["logit"], read["MaxSim"], weights=(1, 20))
print(*traps.loc[0, ["question", "text1", "text2"]], sep="\n   ")
for way, scores in read.items():
    traps[way] = [of[f"answer {i}"] > of[f"trap {i}"] for i, of in scores.items()]
    gain = "" if way == "bi-encoder" else retrieval.compare(traps[way], traps["bi-encoder"])
    print(f"{way:<15}{traps[way].mean():.2f}   {gain}")
print(traps.groupby("phenomenon")[["bi-encoder", "MaxSim", "logit"]].mean().round(2))

# %% [markdown]
# The cross-encoder gets 75 % of them right and the bi-encoder 67 %. This gain of 0.08 is not quite clear; the sum's
# 0.09 is clear. Most of the 0.08 comes from swapped roles, where the bi-encoder is right for 57 % and the cross-encoder
# for 73 %. MaxSim gains nothing in all. Our model was *taught* such pairs, and still gets a quarter wrong.
#
# ## 3 · How far this goes
#
# 32 questions are few. The next picture comes from the **model card** instead. Its average covers 14 sets: 13 of 40
# questions, and our 162 learn questions. The docstrings are not in it. Here the first 30 candidates are re-ranked.

# %%
card = pd.read_csv(models.WEIGHTS / models.CROSS_ENCODER / "measured.csv")
gained = card[card.minus == card.first_step].sort_values("first_step", kind="stable")
plots.show(
    plots.gains_by_set(gained, "From the model card: gains on most sets", "gain in nDCG@10"),
    alt="Two panels, after BM25 and after the bi-encoder. For each set and for the average of "
    "14, the gains of MaxSim, logit and their sum, with intervals.",
)
told = (card["set"] == "average") | (card["set"] == "forum") & (card.first_step == "bi-encoder")
for row in card[told].itertuples():
    what = f"{row.system} minus {row.minus}" + " (after BM25)" * (row.first_step == "BM25")
    print(f"{row.set:<8}{what:<41}{row.difference:.3f} [{row.low:.3f}, {row.high:.3f}]")

# %% [markdown]
# The logit gains 0.054 after BM25 and 0.033 after the bi-encoder, MaxSim 0.062 and 0.042, and the sum 0.071 and 0.057.
# So the logit alone is no better than MaxSim. After the bi-encoder the sum is **better than MaxSim alone**, by 0.015:
# reading together adds something that MaxSim does not see. **Use the sum: it keeps both opinions.**
#
# No loss is clear. But the logit points down on four sets after the bi-encoder, such as `docstrings` and `forum` (where
# an answer seldom repeats the question); the sum on none. After BM25 all three point down on `claims` and
# `answer_sections`. We tuned on these sets, so the figures are optimistic.
#
# > **Published, not measured here.** `cross-encoder/ms-marco-MiniLM-L6-v2` was trained on MS MARCO: nDCG@10 74.30 % on
# > TREC DL 2019, MRR@10 39.01 % on MS MARCO's development set (its model card). On BEIR's 18 search sets, a MiniLM
# > cross-encoder that re-ranks BM25 beats BM25 on 16. It loses on Touché (0.367 → 0.271) and ArguAna (0.315 → 0.311).
# > CQADupStack goes from 0.299 to 0.370, and Quora from 0.789 to 0.825, where a dense model alone has 0.852 (Thakur et
# > al., 2021, table 2).
#
# **The gain depends on the first step, on the kind of texts, and on what the re-ranker was trained on.** So measure it
# on your texts: put a model's name into the next cell.

# %%
name = None  # with the Hub: "cross-encoder/ms-marco-MiniLM-L6-v2"
other = retrieval.rerank(load_cross_encoder(name), found["BM25"], questions, passages, top_k=10)
value = retrieval.per_query("nDCG@10", judged, other)
print("gain of the logit after BM25:", retrieval.compare(value, ndcg["BM25"]))

# %% [markdown]
# ## 4 · How it learned
#
# First our model learned from 191,395 pairs of public sets; their labels and the bi-encoder's scores were its teachers. Then came 5,600 lists of some 12 passages, most of them graded from 0 to 3 by language models. In
# such a list, the grades become shares that add up to 1 (the **softmax** of 1.6 × grade), and so do the logits.
# Training moves the model's shares towards the graders'. Here are both for a list that it never saw:

# %%
question = change.index[change > 0][0]
listed = retrieval.ranking(found["BM25"], question)[:8]
grades = [grade.get((question, passage), 0) for passage in listed]
exps = np.exp([1.6 * np.array(grades), [logits[question][passage] for passage in listed]])
shares = exps / exps.sum(axis=1, keepdims=True)
plots.show(
    plots.token_table(
        shares,
        ["graders", "our model"],
        [f"grade {g}" for g in grades],
        "The model finds the answer",
        "share",
        mark=True,
    ),
    alt="Two rows of shares over eight passages: of the graders, and of our model. In both, the passage of grade 3 "
    "has the highest share.",
)
print(f"cross-entropy, which training lowers: {-(shares[0] * np.log(shares[1])).sum():.2f}")

# %% [markdown]
# Both give most to the passage that answers. Training was on the sum as well, so that the logit adds what MaxSim
# misses. Notebook 10 trains a cross-encoder.

# %% [markdown]
# ## 5 · How it reads
#
# > **Predict before you run.** The query has 9 tokens and the passage 26, counting a `[CLS]` and a `[SEP]` each. How
# > many does the cross-encoder read? If only 14 fit, what is cut?

# %%
berlin = corpora.load_reference()
query, passage = berlin["query"][0], berlin.text[0]
features = cross.preprocess([(query, passage)])
ids, types = features["input_ids"][0].tolist(), features["token_type_ids"][0].numpy()
tokens = np.array(cross.tokenizer.convert_ids_to_tokens(ids))
print(len(tokens), "tokens")
for kind in (0, 1):
    print(f"type {kind}:", *tokens[types == kind])
short = cross.tokenizer(query, passage, truncation=True, max_length=14)["input_ids"]
print("at most 14:", *cross.tokenizer.convert_ids_to_tokens(short))

# %% [markdown]
# 34: the passage has no `[CLS]` of its own. The model reads `[CLS] query [SEP] passage [SEP]`; the **token type** tells
# the parts apart. A pair of more than 256 tokens is cut token by token, each time at the end of the longer text.
#
# ### Exercise 07.1
# Write `join(query, passage, limit)` for two lists of tokens without special ones; the passage is at least as long. Do
# not change either list. Return two lists: the tokens as a cross-encoder reads them, at most `limit`, and their types.
# To cut, drop one token at a time from the end of the longer list, or of the query if both are equally long.


# %% tags=["exercise"]
def join(query, passage, limit):
    """Two lists: the tokens of the pair with the special ones, and their types."""
    ...


check("07.1", join)


# %% tags=["solution"]
def join(query, passage, limit):
    """Two lists: the tokens of the pair with the special ones, and their types."""
    query, passage = list(query), list(passage)
    while len(query) + len(passage) + 3 > limit:
        (passage if len(passage) > len(query) else query).pop()
    first, second = ["[CLS]", *query, "[SEP]"], [*passage, "[SEP]"]
    return first + second, [0] * len(first) + [1] * len(second)


check("07.1", join)

# %% [markdown]
# One pass, module by module, to the score that `predict` gives:

# %%
state = util.batch_to_device(features, cross.device)
with torch.inference_mode():
    for module in cross:
        state = module(state)
        key = list(state)[-1]
        print(f"{type(module).__name__:<12} {key:<19} {tuple(state[key].shape)}")
print(f"{state['scores'].item():.3f}, by predict {cross.predict([(query, passage)])[0]:.3f}")

# %% [markdown]
# The **head** is what follows the layers. The usual one takes only the last layer's vector of `[CLS]` (Nogueira & Cho,
# 2019). Ours takes the mean of all token vectors, because that mean is what MiniLM was trained for.
#
# **Attention** says how much each token takes from every token that it can see, in shares.


# %%
def attention(model, inputs):
    """Shares of attention [layers, tokens, tokens], averaged over heads."""
    body = copy.deepcopy(model[0].model)
    body.set_attn_implementation("eager")  # the fast one does not keep the shares
    ids = util.batch_to_device(model.preprocess([inputs]), model.device)
    names = ["input_ids", "attention_mask", "token_type_ids"]
    with torch.inference_mode():
        layers = body(**{n: ids[n] for n in names}, output_attentions=True).attentions
    return torch.cat(layers).mean(dim=1).cpu().numpy()


together = attention(cross, (query, passage)).mean(axis=0)
alone = [attention(bi, text).mean(axis=0) for text in (query, passage)]
print("together", together.shape, "· alone", *[shares.shape for shares in alone])

# %% [markdown]
# > **Predict before you run.** In the next tables a row's token looks at a column's token. What stands in the
# > bi-encoder's table where the query's rows meet the passage's columns?

# %%
apart = np.zeros((35, 35))
apart[:9, :9], apart[9:, 9:] = alone
plots.show(
    plots.who_sees_whom(
        {"Bi-encoder": (apart, 9), "Cross-encoder": (together, 9)},
        "Only in the cross-encoder does each text see the other",
    ),
    alt="Two square tables of attention. The bi-encoder's has two blocks on the diagonal "
    "and nothing beside them; the cross-encoder's is filled everywhere.",
)
special = together[:, [0, 8, 33]].mean(axis=0)
print("mean share of [CLS], [SEP], [SEP]:", special.round(2), "· if all were equal: 0.03")

# %% [markdown]
# Nothing: its texts never meet before the product. In the cross-encoder every vector depends on both. **That is the
# strength and the price**: nothing of a pair can be computed before both texts are there, nor kept for another pair.
#
# The dark column is `[CLS]`, which takes 28 % of all attention. The usual reading is that an attention head
# (not the head above) looks there when it finds nothing else to look at (published for BERT's `[SEP]`: Clark et al.,
# 2019). So a share does not explain a score.
#
# ### Exercise 07.2
# Write `share_across(heads, types)`. `heads` is an array [heads, tokens, tokens] whose rows add up to 1; `types` holds
# the token types, 0 for the query's part and 1 for the passage's. Return the share of its attention that a token of the
# **query** gives to the **passage**: the mean over the query's tokens and over heads.


# %% tags=["exercise"]
def share_across(heads, types):
    """The mean share, 0 to 1, of a query token's attention that the passage gets."""
    ...


check("07.2", share_across)


# %% tags=["solution"]
def share_across(heads, types):
    """The mean share, 0 to 1, of a query token's attention that the passage gets."""
    types = np.asarray(types)
    return heads[:, types == 0][:, :, types == 1].sum(axis=2).mean()


check("07.2", share_across)

# %% [markdown]
# ## 6 · A score belongs to its model
#
# `predict` takes pairs, `rank` a query and a list. The ten Berlin passages are from the library's documentation. Their
# scores by `ms-marco-MiniLM-L6-v2` are **published** there; ours are measured.

# %%
listed = berlin.text.tolist()
squeezed = cross.predict([(query, p) for p in listed], activation_fn=torch.nn.Sigmoid())
print("logit  sigmoid  published")
for hit in cross.rank(query, listed):
    at = hit["corpus_id"]
    numbers = f"{hit['score']:5.2f}   {squeezed[at]:5.2f}     {berlin.score[at]:5.2f}"
    print(numbers, listed[at][:58], sep="  ")

# %% [markdown]
# The two *scales* have nothing in common: the highest score is 0.79 here and 8.92 there. A re-ranker learns an order,
# and an order needs no zero. (Ours also puts a wrong passage first.) **Scores of two models cannot be compared, nor cut
# at one threshold.**
#
# `predict` ends with an **activation**. Unless the model's files say otherwise, with one label the library takes the
# **sigmoid**, 1 / (1 + e⁻ˣ), which squeezes any number to between 0 and 1. With several labels, such as "entails" and
# "contradicts", you get a number for each. Our loader turns the sigmoid off, so we get logits: the sum needs their
# differences, which a sigmoid squeezes.
#
# ### Exercise 07.3
# Use the library to write `good_enough(model, query, passages, least)`. Return the positions of the passages whose
# *sigmoid* is at least `least`, best first. `model` is any CrossEncoder with one label; its activation may differ from
# ours.


# %% tags=["exercise"]
def good_enough(model, query, passages, least):
    """Positions in `passages`, best first, of those with a sigmoid of at least `least`."""
    ...


check("07.3", good_enough)


# %% tags=["solution"]
def good_enough(model, query, passages, least):
    """Positions in `passages`, best first, of those with a sigmoid of at least `least`."""
    hits = model.rank(query, passages, activation_fn=torch.nn.Sigmoid())
    return [hit["corpus_id"] for hit in hits if hit["score"] >= least]


check("07.3", good_enough)

# %% [markdown]
# Is a sigmoid a probability? Then its mean over the pairs of section 1 would be near the share of right pairs (grade
# 3).

# %%
pairs = [(q, p) for q in logits for p in logits[q]]
right = np.mean([grade.get(pair, 0) == 3 for pair in pairs])
sigmoids = 1 / (1 + np.exp(-np.array([logits[q][p] for q, p in pairs])))
print(f"mean sigmoid {sigmoids.mean():.2f} · share of pairs that are right {right:.2f}")

# %% [markdown]
# It is not: the mean is 0.01, and that share is 0.06. To become a probability, it must be **calibrated** on pairs with
# known answers (05).
#
# ## 7 · What it costs
#
# To compare each of n texts with every other, the bi-encoder reads n texts and the cross-encoder n(n − 1) / 2 pairs. We
# time both on short questions, and scale the cross-encoder's time up from 32 random pairs.

# %% tags=["nbval-ignore-output"]
faq = corpora.load("faq").text
short = faq[faq.str.len().argsort()][:300].tolist()
counts, seconds = [10, 30, 100, 300], {"bi-encoder": [], "cross-encoder": []}


def clock(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


for n in counts:
    seconds["bi-encoder"].append(clock(lambda: bi.similarity(*[bi.encode(short[:n])] * 2)))
    every = np.random.default_rng(0).permutation([(i, j) for i in range(n) for j in range(i)])
    some = [(short[i], short[j]) for i, j in every[:32]]
    took = clock(lambda: cross.predict(some))
    seconds["cross-encoder"].append(took * len(every) / len(some))
took = clock(lambda: cross.predict([(query, p) for p in passages[:30]]))
print(f"one question, re-ranked: {took:.1f} s for 30 passages")

# %% tags=["nbval-ignore-output"]
title = "All pairs: seconds with one model, hours with the other"
plots.show(
    plots.pair_times(counts, seconds, title, powers=[1, 2], horizon=10_000),
    alt="Seconds against number of texts on log axes, measured up to 300 and drawn on to "
    "10,000: the bi-encoder's line rises as n, the cross-encoder's as n squared.",
)

# %% [markdown]
# ### Exercise 07.4
# A *pass* is one reading: of one text by the bi-encoder, or of one pair by the cross-encoder. `n` passages are embedded
# once. Then come `m` questions: each is embedded, `k` passages are found for it, and the cross-encoder reads it with
# each of these. Write `passes_in_all(n, m, k)`: the passes of both models in all.


# %% tags=["exercise"]
def passes_in_all(n, m, k):
    """Passes of both models for m questions on n passages, k candidates each."""
    ...


check("07.4", passes_in_all)


# %% tags=["solution"]
def passes_in_all(n, m, k):
    """Passes of both models for m questions on n passages, k candidates each."""
    return n + m + m * k


check("07.4", passes_in_all)

# %% [markdown]
# Can a cross-encoder fill an index, or cluster? An index and k-means need a vector for each text, and a cross-encoder
# gives none. Other methods need only a table of distances, in which (A, B) and (B, A) must be equal.

# %%
here, there = traps.text1[:20].tolist(), traps.text2[:20].tolist()
one_way = cross.predict(list(zip(here, there)))
other_way = cross.predict(list(zip(there, here)))
print("encode:", {type(model).__name__: hasattr(model, "encode") for model in (bi, cross)})
print(f"turned round, a score moves by {np.abs(one_way - other_way).mean():.2f} on average")
print(f"standard deviation of the scores: {one_way.std():.2f}")

# %% [markdown]
# (A, B) and (B, A) have different scores. Their mean is the same both ways, and a few hundred texts can be clustered by
# a table of such means. The obstacle is the cost: n(n − 1) passes, and 2n more for each new text.
#
# ## 8 · Between the two: late interaction
#
# Now MaxSim, by hand and by the library. Our token vectors are MiniLM's own, scaled to length 1; nothing was trained
# for MaxSim.

# %%
one, two = late.encode_query(query), late.encode_document(listed[3])
table, by_library = (one @ two.T).cpu().numpy(), late.similarity([one], [two]).item()
print(f"by hand {table.max(axis=1).mean():.3f} · by the library {by_library:.3f}")
read = [late.tokenizer(text)["input_ids"] for text in (query, listed[3])]
named = [late.tokenizer.convert_ids_to_tokens(ids) for ids in read]
plots.show(
    plots.token_table(table, *named, "Each row looks for its best cosine", "cosine", mark=True),
    alt="The question's tokens against the passage's; each row's highest cosine is marked.",
)

# %% [markdown]
# ### Exercise 07.5
# Many passages are compared at once, padded to t tokens. Write `maxsim(question, passages, mask)`. Return an array with
# the score of each passage. `question` is an array [q, d] and `passages` [n, t, d], with token vectors of length 1;
# `mask` [n, t] has a 1 for a token and a 0 for padding, which must not count, whatever its vector is.


# %% tags=["exercise"]
def maxsim(question, passages, mask):
    """The late-interaction score of each of n passages: the mean over the question's tokens."""
    ...


check("07.5", maxsim)


# %% tags=["solution"]
def maxsim(question, passages, mask):
    """The late-interaction score of each of n passages: the mean over the question's tokens."""
    cosines = np.where(mask[..., None], passages @ question.T, -np.inf)
    return cosines.max(axis=1).mean(axis=1)


check("07.5", maxsim)

# %% [markdown]
# MaxSim costs no more passes than the bi-encoder. It costs memory. ColBERT, trained for MaxSim, has vectors of 128
# numbers, and its second version compresses each vector to 36 bytes (published: Santhanam et al., 2022); the third row
# uses this.

# %%
kept = np.mean([len(ids) for ids in late.tokenizer(passages.tolist())["input_ids"]])
table = {"one vector": (1, 384 * 4), "MaxSim, as here": (kept, 384 * 4)}
table |= {"MaxSim, ColBERTv2": (kept, 36), "cross-encoder": (0, 0)}
storage = pd.DataFrame(table, index=["vectors a passage", "bytes a vector"]).T
storage.assign(kilobytes=storage.prod(axis=1) / 1000).round(1)

# %% [markdown]
# Ours takes 67 times the memory of one vector; compressed, it would take less than twice.

# %% [markdown]
# ## Quiz
#
# Put a letter for each question into `answers` and run the cell.

# %%
quiz("07")

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
quiz("07", answers)

# %% tags=["solution"]
answers = {
    1: "b",
    2: "c",
    3: "a",
    4: "b",
    5: "c",
    6: "a",
    7: "b",
}
quiz("07", answers)

# %% [markdown]
# ## Recap
#
# - A cross-encoder puts a few candidates in order. On our 32 questions it gained 0.10 after BM25. After the bi-encoder
#   these questions show no difference, but the 14 sets of the model card show 0.03 on average.
# - It reads `[CLS] query [SEP] passage [SEP]` in one pass; each token sees both texts.
# - `predict` scores pairs, `rank` a list. A score belongs to its model: know the activation, compare models by their
#   rankings only, and calibrate before you speak of probabilities.
# - It costs one pass for each pair. Do not use one to search a whole corpus, to fill an index, to compare many texts
#   with one another, or where you measured no gain.
# - Late interaction keeps a vector for each token. Over the 14 sets, logit + 20 × MaxSim was best.
#
# **Further reading:** Nogueira & Cho (2019), arXiv:1901.04085 (re-ranking); Reimers & Gurevych (2019), arXiv:1908.10084
# (cost); Clark et al. (2019), arXiv:1906.04341 (attention); Khattab & Zaharia (2020), arXiv:2004.12832, and Santhanam
# et al. (2022), arXiv:2112.01488 (ColBERT); Thakur et al. (2021), arXiv:2104.08663 (BEIR).
#
# **Next:** 08, where one model finds and the other puts in order.
