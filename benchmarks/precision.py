"""What bfloat16 buys and what it costs, against the library's default of float32: `make bench`.

Speed as a ratio taken in one run, and what becomes of the rankings: our learning questions, the bi-encoder's top 30
re-ranked in both precisions.
"""

import time

import numpy as np
from scipy.stats import spearmanr

from bxe import corpora, load_bi_encoder, load_cross_encoder
from bxe.retrieval import compare, per_query

CANDIDATES = 30


def rate(work, items: int) -> float:
    """Items a second, the best of three."""
    seconds = []
    for _ in range(3):
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    return items / min(seconds)


def main() -> None:
    passages, questions = corpora.load("passages"), corpora.load("questions", "learn")
    qrels = corpora.load("qrels").query("question_id in @questions.question_id")
    texts, ids = passages.text.tolist(), passages.passage_id.to_numpy()
    encoders = {p: load_bi_encoder(precision=p) for p in ("float32", "bfloat16")}
    rerankers = {p: load_cross_encoder(precision=p) for p in ("float32", "bfloat16")}

    vectors = {p: model.encode(texts, normalize_embeddings=True) for p, model in encoders.items()}
    speed = {p: rate(lambda model=model: model.encode(texts[:256]), 256) for p, model in encoders.items()}
    print(f"bi-encoder, passages: bfloat16 is {speed['bfloat16'] / speed['float32']:.1f} times as fast as float32")
    print(
        f"   lowest cosine between the two vectors of a passage: {(vectors['float32'] * vectors['bfloat16']).sum(1).min():.4f}"
    )

    pairs = [(questions.text[0], text) for text in texts[:128]]
    speed = {p: rate(lambda model=model: model.predict(pairs), 128) for p, model in rerankers.items()}
    print(f"cross-encoder, pairs: bfloat16 is {speed['bfloat16'] / speed['float32']:.1f} times as fast as float32")

    asked = encoders["float32"].encode(questions.text.tolist(), normalize_embeddings=True)
    tops = np.argsort(-asked @ vectors["float32"].T, axis=1)[:, :CANDIDATES]
    pairs = [(question, texts[p]) for question, top in zip(questions.text, tops) for p in top]
    values, scores = {}, {}
    for precision, model in rerankers.items():
        scores[precision] = model.predict(pairs, batch_size=64).reshape(tops.shape)
        run = {
            q: dict(zip(ids[top], row)) for q, top, row in zip(questions.question_id, tops, scores[precision].tolist())
        }
        values[precision] = per_query("nDCG@10", qrels, run)
    rho = [spearmanr(a, b).statistic for a, b in zip(scores["float32"], scores["bfloat16"])]
    first = (scores["float32"].argmax(1) == scores["bfloat16"].argmax(1)).mean()
    print(f"   largest difference of a score: {np.abs(scores['float32'] - scores['bfloat16']).max():.3f}")
    print(f"   rank correlation of the {CANDIDATES} candidates: mean {np.mean(rho):.4f}, lowest {min(rho):.3f}")
    print(f"   the same passage first for {first:.1%} of {len(questions)} questions")
    print(f"   nDCG@10, bfloat16 less float32: {compare(values['bfloat16'], values['float32'])}")


if __name__ == "__main__":
    main()
