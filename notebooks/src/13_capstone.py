# %% [markdown]
# # 13 · Capstone
#
# **Which one do I use, on my own data?**
#
# After this notebook you can
# - cut files into passages, and measure which length finds most,
# - collect questions, and grade, without favouring one, what several systems found,
# - compare six ways to search under one rule, with their costs beside them,
# - say how sure you are, and how many questions a surer answer takes,
# - hand passages to a language model within a token budget, and see how seldom a score notices that none answers.
#
# *45 minutes · needs: 03, or knowing nDCG@10 and a paired interval; 08, or knowing what re-ranking is.*
#
# Sections 1 and 2 work on a folder of your own; from section 3 on you also need grades of your own. A sample is ready.

# %%
import re
import tempfile
import timeit
from pathlib import Path

import numpy as np
import pandas as pd
from bm25s.stopwords import STOPWORDS_EN
from sklearn.metrics import cohen_kappa_score, precision_recall_curve

from bxe import (
    advisor,
    check,
    corpora,
    hint,
    judging,
    load_bi_encoder,
    load_cross_encoder,
    load_multi_vector_encoder,
    plots,
    quiz,
    retrieval,
)

model, cross = load_bi_encoder(), load_cross_encoder()
late, STOP = load_multi_vector_encoder(), set(STOPWORDS_EN)

# %% [markdown]
# ## 1 · From files to passages
#
# The sample is the handbook of an invented repair cooperative: eight files. None of our models has seen it. We
# write it into a folder. For your own files, set `folder` to your folder's path, and leave out `mkdir` and the loop.

# %%
workplace = tempfile.TemporaryDirectory()
folder = Path(workplace.name, "handbook")
folder.mkdir()
for name, text in corpora.load("handbook").set_index("document_id").text.items():
    (folder / name).write_text(text, encoding="utf-8")

documents = corpora.documents_in(folder)
print(len(documents), "documents,", documents.str.split().str.len().sum(), "words")

# %% [markdown]
# A search returns **passages**, not files, so each file is cut into chunks. A long one blurs its subjects in one
# vector. A short one may lose what "it" refers to, or hold only half an answer.
#
# ### Exercise 13.1
# Write `pack(sentences, words)`: join the sentences, in order, into passages of at most `words` words (as `split()`
# counts them). Each passage takes as many sentences as fit, with a space between two. A longer sentence is a passage of
# its own.


# %% tags=["exercise"]
def pack(sentences, words):
    """Passages of whole sentences, each of at most `words` words where possible."""
    ...


check("13.1", pack)


# %% tags=["solution"]
def pack(sentences, words):
    """Passages of whole sentences, each of at most `words` words where possible."""
    passages = []
    for sentence in sentences:
        both = f"{passages[-1]} {sentence}" if passages else ""
        if both and len(both.split()) <= words:
            passages[-1] = both
        else:
            passages.append(sentence)
    return passages


check("13.1", pack)

# %% [markdown]
# `corpora.chunks` does this for whole documents. It keeps paragraphs whole where they fit, and a heading with what
# follows. The id is the file and a number. With an `overlap`, a passage begins with the last sentences of the one
# before it.

# %%
cut = corpora.chunks(documents, words=80)
for row in cut[cut.document_id == "lending.md"][4:7].itertuples():
    print(f"{row.passage_id:<13} {len(row.text.split()):>2} words: {row.text[:60]}...")

# %% [markdown]
# ## 2 · Questions
#
# Which length is best? Ask questions, and see. Write about thirty, as somebody who has not read the files would
# type them. Put them into a CSV file with the columns `question` and `answer`. The answer is a piece of a file, word
# for word, or stays empty where no file answers. (For your own, leave out the `to_csv` line.)

# %%
sample = corpora.load("handbook_questions").rename(columns={"text": "question"})
sample[["question", "answer"]].to_csv(folder.parent / "questions.csv", index=False)

asked = corpora.questions_in(folder.parent / "questions.csv", documents)
asked = asked.set_index("question_id", drop=False)
answered, unanswered = asked[asked.answer != ""], asked[asked.answer == ""]
print(len(answered), "questions with an answer,", len(unanswered), "without")
print("the first:", answered.text.iloc[0], "->", answered.answer.iloc[0])

# %% [markdown]
# Ten long passages hold more text than ten short ones. So we fix the number of **words** instead: there is room for 160
# or for 640. We take passages in the order of the search until the next one would not fit, and count the questions for
# which one of them holds the whole answer (`corpora.quoted`).


# %%
def found_within(passages, held, run, budget):
    """For how many questions a whole answer is among the first passages within a budget."""
    lengths, found = passages.str.split().str.len(), 0
    for query, answers in held.groupby("question_id").passage_id:
        inside = lengths[retrieval.ranking(run, query)].cumsum() <= budget
        found += bool(set(answers) & set(inside.index[inside]))
    return found


# %% [markdown]
# > **Predict before you run.** Which length finds most answers within 160 words, and which within 640?

# %%
rows = {}
for words, overlap in [(20, 0), (40, 0), (80, 0), (160, 0), (160, 50)]:
    passages = corpora.chunks(documents, words=words, overlap=overlap)
    passages = passages.set_index("passage_id").text
    held = corpora.quoted(answered, passages)
    run = retrieval.retrieve(model, answered.text, passages, top_k=len(passages))
    counts = {f"found in {b} words": found_within(passages, held, run, b) for b in (160, 640)}
    whole = {"passages": len(passages), "whole answers": held.question_id.nunique()}
    rows[words, overlap] = whole | counts
lengths = pd.DataFrame(rows).T.rename_axis(["words", "overlap"])
lengths

# %% [markdown]
# Within 160 words, passages of 40 words find 17 of 22 answers, and those of 160 words find 11. Within 640 words,
# 40, 80 and 160 find 19 each. At 160, an overlap of 50 finds two more, with 61 passages, not 42. At 20 words, only
# half of the answers are whole in any passage, because the cuts go through them.
#
# So the best length depends on the room. We take 80. Within 160 words it finds two answers fewer than 40 does, too
# small a difference to decide on; it needs half as many vectors, and each passage can be read alone.

# %%
passages = corpora.chunks(documents, words=80).set_index("passage_id").text
held = corpora.quoted(answered, passages)
everything = {"top_k": len(passages)}

# %% [markdown]
# **No time for thirty questions?** Make **known-item queries** from the passages: draw a passage, take its four rarest
# words as the query, and look for that passage. They cost nothing, but each word stands in the answer. How much does
# this matter? (As in 03, BM25 gets texts whose word endings are cut off.)


# %%
def stemmed(texts):
    return texts.str.lower().str.replace(r"(?<=\w{3})(ing|ed|es|s|e)\b", "", regex=True)


def shared_words(texts, judged):
    """Mean share of a query's words, stop words left out, that stand in its answer."""
    sides = texts[judged.question_id], passages[judged.passage_id]
    bags = [[set(re.findall(r"\w+", t)) - STOP for t in stemmed(side)] for side in sides]
    return np.mean([len(query & answer) / len(query) for query, answer in zip(*bags)])


# %% [markdown]
# The reciprocal rank (RR) of both kinds of search, for 40 known items and for our own questions:

# %%
known = corpora.known_items(passages, 40)
print("one of them:", known.text[0])
kinds = {"known items": (known.set_index("question_id").text, known)}
kinds["own questions"] = (answered.text, held)
for name, (texts, judged) in kinds.items():
    words_first = retrieval.retrieve_bm25(stemmed(texts), stemmed(passages))
    meaning = retrieval.retrieve(model, texts, passages)
    rr = [retrieval.per_query("RR@10", judged, run).mean() for run in (words_first, meaning)]
    shared = f"{shared_words(texts, judged):.0%} of the words shared"
    print(f"{name:<14} {shared} · RR: BM25 {rr[0]:.2f}, dense {rr[1]:.2f}")

# %% [markdown]
# On known items every query word stands in the answer, and BM25 finds each at rank 1. On our own questions 36 % of
# the words do, and the order is reversed: dense 0.64, BM25 0.54. (The writer tried to avoid the handbook's words,
# which is a handicap for BM25.) **Whoever chooses by known items chooses BM25**, which section 4 finds clearly worse.
# Use known items only to see whether a search works at all.
#
# ## 3 · Judgements
#
# A quoted answer marks one passage. Others may help, too, in whole or in part, so somebody has to look. **Pooling**
# takes the first ten passages of several systems for each question; any other passage counts as not relevant. The pool
# is shuffled, and does not tell which system found what.
#
# Three systems search all passages: BM25, the bi-encoder ("dense") and **late interaction**, the MaxSim of 07. The
# last keeps a vector for each token, and its score is the mean, over the query's tokens, of the highest cosine in
# the passage.

# %%
by_words = retrieval.retrieve_bm25(stemmed(asked.text), stemmed(passages), **everything)
dense = retrieval.retrieve(model, asked.text, passages, **everything)
tokens = [late.encode_query(asked.text.tolist()), late.encode_document(passages.tolist())]
maxsim = pd.DataFrame(late.similarity(*tokens).numpy(), asked.index, passages.index)
maxsim = {query: row.to_dict() for query, row in maxsim.astype(float).iterrows()}

pool = judging.pool(by_words, dense, maxsim, top_k=10)
print(f"{len(pool)} pairs, {len(pool) * 10 / 3600:.1f} hours at ten seconds each")

# %% [markdown]
# `judging.Grading` keeps your grades in a file, each before the next pair comes, so you can stop at any time. If a
# passage's text changes, you are asked again. We give two grades, and reopen the file. To grade with buttons, take away
# the `#` in the last line.

# %%
mine = judging.Grading(pool, asked.text, passages, folder.parent / "mine.csv")
print(mine.now.question, "|", mine.now.passage[:60])
mine.grade(0)
mine.grade(0)
again = judging.Grading(pool, asked.text, passages, folder.parent / "mine.csv")
print("kept and found again:", len(again.table()), "grades;", again.left, "are left")
# judging.panel(mine)

# %% [markdown]
# For the sample the grades are ready, for pools of 12 passages in place of 10. The language model that wrote the texts
# gave them (`corpora.card("handbook_grades")` says how). As in 03, 3 answers, 2 answers in part, 1 is on the matter
# only, and 0 does not help.

# %%
grades = corpora.load("handbook_grades")
graded = set(zip(grades.question_id, grades.passage_id))
missing = [pair for pair in zip(pool.question_id, pool.passage_id) if pair not in graded]
print(len(missing), "pairs of the pool have no grade")
print(grades.grade.value_counts().sort_index().rename_axis("grade").to_dict())
qrels = grades[grades.question_id.isin(answered.index)]

# %% [markdown]
# **Would somebody else grade alike?** Cohen's **kappa** is the agreement beyond what chance would give: 1 is
# perfect, 0 is chance. With quadratic weights, 3 against 0 counts nine times as much as 3 against 2.
#
# ### Exercise 13.2
# Use scikit-learn's `cohen_kappa_score(a, b, weights="quadratic")` to write `agreement(ours, theirs)`. Both are tables
# with the columns question_id, passage_id and grade, in any order. Return the kappa over the pairs that both have
# graded.


# %% tags=["exercise"]
def agreement(ours, theirs):
    """Cohen's kappa with quadratic weights, over the pairs in both tables."""
    ...


check("13.2", agreement)


# %% tags=["solution"]
def agreement(ours, theirs):
    """Cohen's kappa with quadratic weights, over the pairs in both tables."""
    both = ours.merge(theirs, on=["question_id", "passage_id"])
    return cohen_kappa_score(both.grade_x, both.grade_y, weights="quadratic")


check("13.2", agreement)

# %% [markdown]
# The passages of ten questions were graded a second time. A rule can be a second grader, too: a passage that holds
# the whole quoted answer gets 3, and every other one gets 0. (`kappa` is one way to solve 13.2, with the number of
# pairs beside it.)


# %%
def kappa(ours, theirs):
    both = ours.merge(theirs, on=["question_id", "passage_id"])
    return cohen_kappa_score(both.grade_x, both.grade_y, weights="quadratic"), len(both)


second = grades.dropna(subset="again").drop(columns="grade").rename(columns={"again": "grade"})
second = second.astype({"grade": int})
whole = set(zip(held.question_id, held.passage_id))
by_rule = [3 * (pair in whole) for pair in zip(qrels.question_id, qrels.passage_id)]
for name, theirs in {"second reading": second, "rule": qrels.assign(grade=by_rule)}.items():
    value, n = kappa(grades, theirs)
    print(f"{name}: kappa {value:.2f} on {n} pairs")

# %% [markdown]
# The second reading agrees with a kappa of 0.98. But the same language model graded both times, within
# the hour, so this is optimistic, and two people agree less. The rule reaches 0.90. It misses passages that help in
# part, and answers that are split between two passages. **Ask somebody else to grade for ten questions**: at ten
# seconds a pair, 219 take 37 minutes. If the kappa is low, say more clearly what each grade means.
#
# ## 4 · Six systems under one rule
#
# The **hybrid** fuses the ranks of BM25 and dense search, as in 03. **Re-ranked** has the cross-encoder read the dense
# search's first ten, and orders them by its logit. **Scores added** orders the same ten by logit + 20 · MaxSim, the
# weight of 08. The six stand in the order of their cost: how many times a query sends texts through a model.

# %%
K = 10
queries = answered.text
by_words, dense, maxsim = (
    {q: run[q] for q in queries.index} for run in (by_words, dense, maxsim)
)
candidates = retrieval.first(dense, K)
logits = retrieval.score(cross, candidates, queries, passages)
near = {q: {p: maxsim[q][p] for p in candidates[q]} for q in candidates}
systems = {
    "BM25": retrieval.first(by_words, K),
    "dense": candidates,
    "hybrid": retrieval.fuse(retrieval.first(by_words, K), candidates),
    "late interaction": retrieval.first(maxsim, K),
    "re-ranked": retrieval.reorder(candidates, logits),
    "scores added": retrieval.reorder(candidates, retrieval.add(logits, near, weights=(1, 20))),
}

# %% [markdown]
# **The rule, before any nDCG@10 is seen.** Begin with the cheapest. Go through the others in order of cost, and
# change only to one that is **clearly better** in nDCG@10 than what you have: the 95 % interval of the paired
# difference lies above 0.
#
# ### Exercise 13.3
# Use `retrieval.per_query` and `retrieval.compare` to write `verdict(qrels, ours, theirs)` for two runs. Return
# `"better"` if `ours` has the clearly higher nDCG@10, `"worse"` if it has the clearly lower one, and `"cannot
# tell"` if the interval contains 0 or touches it. (What `compare` returns has the attributes `mean`, `low` and `high`.)


# %% tags=["exercise"]
def verdict(qrels, ours, theirs):
    """One of "better", "worse", "cannot tell"."""
    ...


check("13.3", verdict)


# %% tags=["solution"]
def verdict(qrels, ours, theirs):
    """One of "better", "worse", "cannot tell"."""
    runs = (retrieval.per_query("nDCG@10", qrels, run) for run in (ours, theirs))
    difference = retrieval.compare(*runs)
    return "better" if difference.low > 0 else "worse" if difference.high < 0 else "cannot tell"


check("13.3", verdict)

# %% [markdown]
# > **Predict before you run.** Where will the rule stop?

# %% bxe={"tolerance": 0.02}
ndcg = {name: retrieval.per_query("nDCG@10", qrels, run) for name, run in systems.items()}
now, steps = "BM25", {}
for name in list(systems)[1:]:
    steps[f"{name} − {now}"] = gain = retrieval.compare(ndcg[name], ndcg[now])
    print(f"{name:<16} − {now:<16} {gain:.3f}  spread {(ndcg[name] - ndcg[now]).std():.2f}")
    now = name if gain.low > 0 else now
print("the rule's choice:", now)
answers = qrels[qrels.grade == 3].groupby("question_id").passage_id.agg(set)
lost = sum(full.isdisjoint(candidates[q]) for q, full in answers.items())
print("dense has no full answer among its ten for", lost, "questions of", len(answers))
plots.show(
    plots.intervals(
        steps,
        "Two gains are clear: dense, then late interaction",
        "difference in nDCG@10, 22 questions",
    ),
    alt="Five paired differences with their intervals, in the order of the rule.",
)

# %% [markdown]
# The rule goes from BM25 to dense (0.157 better), then to late interaction (0.106 better). After that nothing is
# clearly better: re-ranking is behind late interaction by 0.060, adding scores by 0.037, and both intervals contain 0.
# The sum has a higher mean than the dense list that it reorders (0.78 beside 0.71, see below), as in 08. But late
# interaction looks at *all* passages, and can find what the dense list lacks: a full answer, for 2 of 21 questions.
#
# With five intervals, one is more likely to mislead. So be careful with one that ends near 0, such as the first.
#
# The table puts the cost beside the quality: passes through a model for each query, and what is stored for the
# corpus. (`P(rel=3)@1` of 03 counts the questions whose first passage answers in full.)

# %% bxe={"tolerance": 0.02}
vectors = {"BM25": 0, "dense": len(passages), "hybrid": len(passages)}
vectors |= dict.fromkeys(["late interaction", "scores added"], sum(map(len, tokens[1])))
vectors["re-ranked"] = len(passages)
passes = {"BM25": 0, "dense": 1, "hybrid": 1, "late interaction": 1}
first = {n: retrieval.per_query("P(rel=3)@1", qrels, run).sum() for n, run in systems.items()}
pd.DataFrame(
    {
        "nDCG@10": {name: f"{retrieval.interval(values):.2f}" for name, values in ndcg.items()},
        "answer first, of 22": {name: int(count) for name, count in first.items()},
        "passes a query": {name: passes.get(name, 1 + K) for name in systems},
        "stored, MB": {name: round(vectors[name] * 384 * 4 / 1e6, 2) for name in systems},
    }
)

# %% [markdown]
# How long do passes take here? (Until you run the cell, you see another machine's times.)


# %% tags=["nbval-ignore-output"]
def milliseconds(action, inputs):
    rounds = timeit.repeat(lambda: [action(one) for one in inputs], number=1, repeat=3)
    return 1000 * min(rounds) / len(inputs)


one_pass = milliseconds(model.encode_query, queries[:5].tolist())
pairs = [[(text, passage) for passage in passages[:K]] for text in queries[:2]]
ten = milliseconds(cross.predict, pairs)
print(f"one query: {one_pass:.0f} ms; reading ten pairs: {ten / one_pass:.0f} times as long")

# %% [markdown]
# ## 5 · The decision, on a page
#
# How many questions does it take to show a gain as clear, four times in five? By 08's rule, (2.8 · spread / gain)²,
# where the spread is the standard deviation of the differences. For the three gains whose intervals contain 0:

# %% bxe={"tolerance": 20}
for name in ["hybrid", "re-ranked", "scores added"]:
    other = "dense" if name == "hybrid" else "late interaction"
    spread = (ndcg[name] - ndcg[other]).std()
    needed = {g: int(np.ceil((2.8 * spread / g) ** 2)) for g in (0.10, 0.05, 0.03)}
    print(f"{name} against {other}: questions for a gain of", needed)

# %% [markdown]
# At a spread of 0.2, 22 questions show gains of about 0.12. A gain of 0.03 takes 200 to 330 questions. **"Too few
# questions to tell" is an answer**: use the cheaper system, and write down which figure would change your mind.
#
# `advisor.advise` puts such a decision on a page. It measures BM25, dense, hybrid and late interaction, and three ways
# to re-rank the dense search's first ten: by MaxSim, by the cross-encoder, and by their sum. It does so on this
# machine, at a load (queries a second) and within a limit for a query's time. It is stricter than our rule: it chooses
# only when no other system may still be better by 0.03.

# %% tags=["nbval-ignore-output"]
advice = advisor.advise(
    passages, queries, qrels, load=2, latency_ms=300, seconds=18, name="the handbook"
)
page, facts = advice.write(folder.parent / "advice")
print(page.name, "and", facts.name, "are written. The choice:", advice.choice)
print(*advice.why, sep="\n")

# %% [markdown]
# It may say that the questions are too few, where section 4 found a winner: it asks whether somebody else may be better
# still. If the time runs out, it asks fewer questions or leaves late interaction out, and says so; give `seconds=60`
# for a decision that counts.
#
# Our page for the handbook:
#
# - **Use** late interaction. It is clearly better than dense search on 22 questions, by 0.03 to 0.19.
# - **It costs** one pass a query, as dense search does, but 65 times the memory: 10 MB for 100 passages, so 10 GB
#   for 100,000.
# - **What would change the answer**: a corpus too large for that memory (then dense search), or 200 to 330 questions
#   that show a re-ranked search ahead.
# - **How sure**: one language model wrote the handbook and the questions, and gave the grades. BM25 was at a
#   disadvantage, because the questions avoid the handbook's words.
#
# ## 6 · Passages for a language model
#
# In **retrieval-augmented generation** (RAG, see 03) a language model writes the answer, from passages in its
# prompt. The prompt has room for a limited number of tokens, and whoever reads the answer wants to know its sources.
#
# ### Exercise 13.4
# Write `fill(order, tokens, budget)`. `order` lists passage ids, best first, and `tokens` maps each id to its
# length. Go through the order and take each passage that still fits into what is left of the budget; pass over one
# that does not. Return the list of those taken.


# %% tags=["exercise"]
def fill(order, tokens, budget):
    """The passages that go into the prompt, best first."""
    ...


check("13.4", fill)


# %% tags=["solution"]
def fill(order, tokens, budget):
    """The passages that go into the prompt, best first."""
    taken, used = [], 0
    for passage in order:
        if used + tokens[passage] <= budget:
            taken.append(passage)
            used += tokens[passage]
    return taken


check("13.4", fill)

# %% [markdown]
# No language model is called here; we show the prompt, filled as in the exercise. Each passage carries its id, so that
# the answer can name its source. (Section 2 stopped at the first passage that did not fit; this one looks further.)


# %%
def prompt(query, budget=200):
    """What a language model would be given."""
    sizes = {p: len(model.tokenizer(passages[p])["input_ids"]) for p in passages.index}
    sources, used = [], 0
    for passage in retrieval.ranking(maxsim, query):
        if used + sizes[passage] <= budget:
            sources.append(f"[{passage}] {passages[passage]}")
            used += sizes[passage]
    rule = "Answer from the sources only, and name them. If they do not answer, say so."
    return "\n\n".join([rule, *sources, f"Question: {queries[query]}"])


print(prompt(queries.index[8]))

# %% [markdown]
# The first passage answers. The last is on another matter, and is there only because it fits.
#
# "If they do not answer, say so" is a hope. A search always returns something, whether anything answers or not. Can
# its **highest score** tell? We need questions without an answer. There are only 8. But more can be made: **take the
# answers out**. For each of the 22 questions, leave out every passage of grade 2 or 3. What is left does not answer,
# although some is on the same matter.
#
# We refuse a question whose highest score is below a threshold, chosen so that 2 of the 22 with an answer are refused.
# We test it on the 8, and on the 22 without their answers. In the figure, **recall** is the share of those 22 that are
# refused, and **precision** is the share of the refused that deserve it.

# %%
useful = qrels[qrels.grade >= 2].groupby("question_id").passage_id.agg(set)
scores = {"dense": retrieval.retrieve(model, asked.text, passages, **everything)}
scores["late interaction"] = {
    q: dict(zip(passages.index, row))
    for q, row in zip(asked.index, late.similarity(*tokens).tolist())
}

# %% [markdown]
# > **Predict before you run.** Which are harder to refuse: the 8, or the 22 whose answers were taken out?

# %% bxe={"tolerance": 0.05}
curves, chosen = {}, {}
for name, run in scores.items():
    best = pd.Series({q: max(run[q].values()) for q in asked.index})
    without = [max(s for p, s in run[q].items() if p not in useful[q]) for q in queries.index]
    with_answer, never = best[queries.index], best[unanswered.index]
    threshold = np.sort(with_answer)[2]  # two lie below it
    some, taken, none = ((np.array(v) < threshold).sum() for v in (with_answer, without, never))
    low, high = retrieval.wilson(none / 8, 8)
    print(f"{name} refuses {some} of 22 with an answer, {taken} of 22 with it taken out,")
    print(f"   and {none} of the 8, a share of {none / 8:.2f} [{low:.2f}, {high:.2f}]")
    strange = -np.concatenate([with_answer, without])
    curves[name] = precision_recall_curve(np.repeat([False, True], 22), strange)[:2]
    chosen[name] = (taken / (some + taken), taken / 22)

# %%
marks = {"threshold, late interaction": chosen["late interaction"]}
plots.show(
    plots.refusals(
        curves,
        0.5,
        marks,
        "Most questions whose answer was taken out pass the threshold",
        what="questions whose answer was taken out",
    ),
    alt="Precision against recall of refusing, for the highest cosine and the highest MaxSim.",
)
workplace.cleanup()

# %% [markdown]
# With 2 of 22 answerable questions refused, MaxSim refuses 6 of the 8 without an answer, and the cosine 5; the
# intervals are wide. But of the 22 whose answers were taken out, they refuse only 6 and 5: a passage on the same matter
# looks like one that answers. (The star: a recall of 6 in 22, and a precision of 6 in 8, since 2 are refused that have
# an answer.) **A score says how near a text is, and not whether it answers.** So keep "If they do not answer, say so"
# in the prompt, and show the sources.
#
# ## 7 · The same in one line
#
# `bxe advise` needs no notebook. Give it the folder, the file of questions from section 2, the load and the time limit:
#
# ```
# bxe advise handbook --questions questions.csv --load 2/s --latency 300
# ```
#
# It cuts the files into passages of 80 words, as we did, and writes `advice.html` and `advice.json`. A passage counts
# as relevant if it holds the quoted answer; a question without an answer is left out. If you have graded a pool of
# passages of 80 words, give the columns question_id, question, passage_id and grade instead. Without questions it tells
# only the costs.

# %% [markdown]
# ## Quiz
#
# Put a letter for each question into `answers`.

# %%
quiz("13")

# %% tags=["exercise"]
answers = {1: ..., 2: ..., 3: ..., 4: ..., 5: ..., 6: ...}
quiz("13", answers)

# %% tags=["solution"]
answers = {1: "b", 2: "c", 3: "a", 4: "b", 5: "b", 6: "a"}
quiz("13", answers)

# %% [markdown]
# ## Recap
#
# - Compare lengths of passages at a fixed number of *words* in all. Here 40 to 80 words were best for little room.
# - Thirty questions in people's own words are worth more than known items, which favoured BM25, the weakest search
#   here.
# - A pool hides the systems, and a second grader shows what the grades are worth.
# - One rule, made before its figures: the cheapest system, unless a dearer one is clearly better. Here it chose
#   late interaction.
# - 22 questions show differences of about 0.12. One of 0.03 takes hundreds.
# - A language model gets the best passages within a budget, with their sources. A threshold refuses most questions
#   that are far from the texts, but few whose subject is in them.
#
# **Further reading:** Voorhees (2002), *The Philosophy of Information Retrieval Evaluation*, on pools and judges;
# Sakai (2016), *Topic set size design*, on how many questions; Azzopardi, de Rijke & Balog (2007), on known items;
# Lewis et al. (2020), arXiv:2005.11401, on RAG.
#
# **This was the last notebook.** `progress()` shows what you have solved.
