# %% [markdown]
# # 12 · Production
#
# **How do I make it fast, small, persistent, and big?**
#
# After this notebook you can
# - make a bi-encoder faster, and say what each step costs in quality,
# - store a text in 48 bytes, and get back what that loses,
# - choose an index by recall, time and memory, and say what happens when the corpus grows,
# - keep vectors in a store that survives a crash, and embed on many machines,
# - put a search behind an address that other programs can call.
#
# *45 minutes · needs: 03 (nDCG@10, exact and approximate search), 09 (PCA, Matryoshka).*

# %%
import time

import faiss
import numpy as np
import pandas as pd
import torch
from sentence_transformers.util.quantization import quantize_embeddings, semantic_search_faiss
from sklearn.decomposition import PCA
from sklearn.preprocessing import normalize

from bxe import check, corpora, hint, load_bi_encoder, models, plots, quiz, retrieval

faiss.omp_set_num_threads(1)
model = load_bi_encoder(device="cpu")

# %% [markdown]
# ## 1 · One corpus, one measure, one table
#
# The corpus is the docstrings of 03. The questions are the 300 of `howto` (10): each comes with twelve docstrings,
# graded from 0 to 3. All other docstrings count as 0. Our cross-encoder learned from these questions, but the bi-encoder
# did not.

# %%
docs = corpora.load_docstrings().set_index("name").entry
howto = corpora.load("howto").set_index("question_id")
qrels = howto[["names", "grades"]].explode(["names", "grades"]).reset_index()
qrels.columns = ["question_id", "passage_id", "grade"]
qrels = qrels[qrels.passage_id.isin(docs.index)].astype({"grade": int})
questions = howto.text.loc[qrels[qrels.grade == 3].question_id.unique()]
vectors = retrieval.embed(model, docs)
asked = model.encode_query(questions.tolist())
print(f"{len(docs)} docstrings, {len(questions)} questions, {vectors.nbytes / 1e6:.1f} MB")

# %% [markdown]
# Each step of this notebook adds a row to **one table**: nDCG@10, how much that is below or above the plain search, and
# what a text costs in bytes. The plain search is exact, by FAISS, on vectors in float32.


# %% bxe={"tolerance": 0.01}
def ndcg(found):
    """nDCG@10 of each question; found holds a row of positions for each, best first."""
    run = {
        question: {docs.index[at]: -rank for rank, at in enumerate(row) if at >= 0}
        for question, row in zip(questions.index, found)
    }
    return retrieval.per_query("nDCG@10", qrels, run)


def note(step, found, size):
    """Add a row to the table, and print it."""
    values = ndcg(found)
    change = retrieval.compare(values, plain)
    table[step] = {"nDCG@10": values.mean(), "change": change.mean, "bytes a text": size}
    print(f"{step:<27} {values.mean():.3f}  {change:+.3f}  {size:>6.0f} bytes")


flat = faiss.IndexFlatIP(vectors.shape[1])
flat.add(vectors)
exact, table = flat.search(asked, 10)[1], {}
plain = ndcg(exact)
print("plain search:", retrieval.interval(plain))
note("float32", exact, vectors[0].nbytes)

# %% [markdown]
# ## 2 · Faster
#
# **Batches and sorting.** A model reads a batch as one table, so shorter texts are filled up with **padding** to the
# length of the longest. What does `encode` do about that? A hook notes the shape of each batch that the model reads.

# %%
sample = docs.sample(128, random_state=0).tolist()
shapes = []
hook = model[0].register_forward_pre_hook(
    lambda module, given: shapes.append(tuple(given[0]["input_ids"].shape))
)
model.encode(sample, batch_size=32)
hook.remove()
print("texts and tokens of each batch:", *shapes)

# %% [markdown]
# The library sorts: it reads the longest texts first, and each batch is filled up only to its own longest. How much
# does that save?
#
# ### Exercise 12.1
# Write `padding(lengths, batch_size)`: the share of all tokens read that is padding, if the texts are sorted by length
# and cut into batches. `lengths` holds the tokens of each text, in any order; the last batch may be smaller.


# %% tags=["exercise"]
def padding(lengths, batch_size):
    """The share of padding, 0 to 1, with texts of similar length side by side, longest first."""
    ...


check("12.1", padding)


# %% tags=["solution"]
def padding(lengths, batch_size):
    """The share of padding, 0 to 1, with texts of similar length side by side, longest first."""
    lengths = sorted(lengths, reverse=True)
    starts = range(0, len(lengths), batch_size)
    batches = [lengths[start : start + batch_size] for start in starts]
    read = sum(len(batch) * max(batch) for batch in batches)
    return 1 - sum(lengths) / read


check("12.1", padding)

# %%
lengths = [len(ids) for ids in model.tokenizer(docs.tolist())["input_ids"]]
for size in (1, 32, 256):
    batches = [lengths[start : start + size] for start in range(0, len(lengths), size)]
    read = sum(len(batch) * max(batch) for batch in batches)
    ordered = np.sort(lengths)[::-1]
    tidy = sum(len(b) * b[0] for b in np.split(ordered, range(size, len(ordered), size)))
    print(f"batches of {size:>3}: padding {1 - sum(lengths) / read:.0%}, sorted {1 - sum(lengths) / tidy:.0%}")

# %% [markdown]
# **bfloat16** keeps a number in two bytes in place of four, with two to three decimals. CPUs and GPUs that multiply in
# it are about three times as fast; others have to convert each number and are slower. So ask for it, and measure:
# `load_bi_encoder(precision="bfloat16")` never guesses.
#
# **int8** goes further. `models.int8_encoder` exports the network with `torch.onnx`, rounds the weights of the linear
# layers to one byte, and has **ONNX Runtime** compute with whole numbers. Everything else stays the library's.

# %% bxe={"tolerance": 0.02}
half = load_bi_encoder(device="cpu", precision="bfloat16")
small = models.int8_encoder(model)
some = sample[:16]
full = model.encode(some)
for name, other in {"bfloat16": half, "int8": small}.items():
    cosines = (normalize(other.encode(some).astype(np.float32)) * full).sum(axis=1)
    print(f"{name:<9} lowest cosine with float32: {cosines.min():.4f}")


# %%
def seconds(action):
    """The shorter of two runs."""
    taken = []
    for _ in range(2):
        start = time.perf_counter()
        action()
        taken.append(time.perf_counter() - start)
    return min(taken)


speed = {"float32": len(sample[:64]) / seconds(lambda: model.encode(sample[:64]))}
speed["float32, one by one"] = 16 / seconds(lambda: model.encode(some, batch_size=1))
speed["int8"] = 64 / seconds(lambda: small.encode(sample[:64]))
speed["bfloat16"] = 16 / seconds(lambda: half.encode(some))
print(speed)

# %% [markdown]
# Does the ranking change?

# %% bxe={"tolerance": 0.02}
few = questions.index[:40]
lists = qrels[qrels.question_id.isin(few)]
texts = docs[lists.passage_id.unique()]


def ranks(encoder):
    """nDCG@10 of the graded lists, and the first of each, with queries and texts by one encoder."""
    new = pd.DataFrame(encoder.encode(texts.tolist()), texts.index)
    queries = pd.DataFrame(encoder.encode(questions[few].tolist()), few)
    run = {
        question: dict(zip(part.passage_id, new.loc[part.passage_id] @ queries.loc[question]))
        for question, part in lists.groupby("question_id")
    }
    return retrieval.per_query("nDCG@10", lists, run), [max(found, key=found.get) for found in run.values()]


(before, first), (after, second) = ranks(model), ranks(small)
print(len(texts), "texts", "int8 - float32", retrieval.compare(after, before), np.mean([a == b for a, b in zip(first, second)]))
asked_small = small.encode_query(questions.tolist())
note("int8 queries", flat.search(asked_small, 10)[1], vectors[0].nbytes)

# %% [markdown]
# ## 3 · Smaller

# %% bxe={"tolerance": 0.01}
pca = PCA(svd_solver="full").fit(vectors)
turned, turned_asked = (normalize(v @ pca.components_.T) for v in (vectors, asked))
for size in (192, 128, 64, 32):
    for name, (a, b) in {"PCA": (turned, turned_asked), "first": (vectors, asked)}.items():
        index = faiss.IndexFlatIP(size)
        index.add(normalize(a[:, :size]))
        note(f"{name} {size} numbers", index.search(normalize(b[:, :size]), 10)[1], 4 * size)

# %% bxe={"tolerance": 0.01}
def positions(hits):
    return [[hit["corpus_id"] for hit in row] for row in hits]

codes = quantize_embeddings(vectors, "uint8")
for rescore in (False, True):
    hits, _ = semantic_search_faiss(asked, codes, corpus_precision="uint8", calibration_embeddings=vectors, rescore=rescore)
    note(f"library uint8 rescore {rescore}", positions(hits), codes[0].nbytes)
scalar = faiss.IndexScalarQuantizer(384, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT)
scalar.train(vectors)
scalar.add(vectors)
note("FAISS 8 bit", scalar.search(asked, 10)[1], 384)
bits = quantize_embeddings(vectors, "ubinary")
note("ubinary no rescore", positions(semantic_search_faiss(asked, bits, corpus_precision="ubinary", rescore=False)[0]), bits[0].nbytes)
for factor in (2, 4, 10):
    hits, _ = semantic_search_faiss(asked, bits, corpus_precision="ubinary", rescore_multiplier=factor)
    note(f"ubinary rescore by bits {factor}", positions(hits), bits[0].nbytes)
for factor in (2, 4, 10):
    index = faiss.IndexBinaryFlat(384)
    index.add(bits)
    cand = index.search(quantize_embeddings(asked, "ubinary"), 10 * factor)[1]
    rec = scalar.reconstruct_n(0, len(vectors))
    found = [row[np.argsort(-(rec[row] @ q), kind="stable")[:10]] for row, q in zip(cand, asked)]
    note(f"binary then 8 bit {factor}", found, 48)

# %% [markdown]
# ## 4 · Sooner found

# %%
t = time.perf_counter()
graph = faiss.IndexHNSWFlat(384, 16, faiss.METRIC_INNER_PRODUCT)
graph.add(vectors)
print("hnsw build", time.perf_counter() - t); t = time.perf_counter()
for ef in (16, 32, 64, 128):
    graph.hnsw.efSearch = ef
    note(f"HNSW {ef}", graph.search(asked, 10)[1], len(faiss.serialize_index(graph)) / len(vectors))
pq = faiss.index_factory(384, "IVF64,PQ48", faiss.METRIC_INNER_PRODUCT)
inner = faiss.extract_index_ivf(pq)
inner.cp.min_points_per_centroid = inner.pq.cp.min_points_per_centroid = 1
inner.pq.cp.niter = 10
t = time.perf_counter()
pq.train(vectors); pq.add(vectors)
print("pq build", time.perf_counter() - t)
for probe in (4, 8, 16, 64):
    inner.nprobe = probe
    note(f"IVFPQ {probe}", pq.search(asked, 10)[1], len(faiss.serialize_index(pq)) / len(vectors))
    cand = pq.search(asked, 40)[1]
    found = [row[row >= 0][np.argsort(-(rec[row[row >= 0]] @ q), kind="stable")[:10]] for row, q in zip(cand, asked)]
    note(f"IVFPQ {probe} + 8 bit rescoring", found, len(faiss.serialize_index(pq)) / len(vectors))

# %%
methods = corpora.load_docstrings(kinds=corpora.EVERY_KIND).set_index("name").entry.drop(docs.index)
every = pd.concat([docs, methods.sample(10_000 - len(docs), random_state=0)]).sample(frac=1, random_state=0)
from bxe.retrieval import kept as K
have = K._Shelf(model).find({K._key("encode_document", e) for e in every})
every = every[[K._key("encode_document", e) in have for e in every]]
t = time.perf_counter()
large = retrieval.embed(model, every)
print(len(large), "loaded", time.perf_counter() - t)
graph = faiss.IndexHNSWFlat(384, 16, faiss.METRIC_INNER_PRODUCT)
done = 0
for n in (1000, 3000, len(large)):
    t = time.perf_counter()
    graph.add(large[done:n]); built = time.perf_counter() - t; done = n
    fl = faiss.IndexFlatIP(384); fl.add(large[:n]); t = time.perf_counter(); ex = fl.search(asked, 10)[1]; te = time.perf_counter() - t
    p = faiss.index_factory(384, f"IVF{int(4*np.sqrt(n))},PQ48", faiss.METRIC_INNER_PRODUCT)
    i2 = faiss.extract_index_ivf(p); i2.cp.min_points_per_centroid = i2.pq.cp.min_points_per_centroid = 1; i2.pq.cp.niter = 10; i2.nprobe = 16; i2.cp.niter=10
    t = time.perf_counter(); p.train(large[:n]); p.add(large[:n]); tp = time.perf_counter() - t
    row = [n, f"exact {1000*te/len(asked):.2f} ms", f"build hnsw {built:.1f} pq {tp:.1f}"]
    for ef in (10, 16, 32, 64):
        graph.hnsw.efSearch = ef
        t = time.perf_counter(); g = graph.search(asked, 10)[1]; th = time.perf_counter() - t
        row.append(f"ef{ef} {np.mean([len(set(a)&set(b))/10 for a,b in zip(g,ex)]):.3f} {1000*th/len(asked):.2f}ms")
    t = time.perf_counter(); g = p.search(asked, 40)[1]; tt = time.perf_counter() - t
    row.append(f"pq {np.mean([len(set(a[:10])&set(b))/10 for a,b in zip(g,ex)]):.3f} of40 {np.mean([len(set(a)&set(b))/10 for a,b in zip(g,ex)]):.3f} {1000*tt/len(asked):.2f}ms")
    print(*row, sep=" | ")
