"""What bfloat16 buys and what it costs, against the library's default of float32: `make bench`.

Speed as a ratio taken in one run, and what becomes of the rankings: our learning questions on our passages, found by the
bi-encoder, and its first 30 put in order by the cross-encoder.
"""

import time
from collections.abc import Callable

import pandas as pd
from scipy.stats import spearmanr

from bxe import corpora, load_bi_encoder, load_cross_encoder
from bxe.models import pick_device
from bxe.retrieval import compare, per_query, ranking, rerank, retrieve

PRECISIONS = ("float32", "bfloat16")
CANDIDATES = 30


def seconds(work: Callable[[], object]) -> float:
    """The best of three tries, after one that warms up."""
    taken = []
    for _ in range(4):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return min(taken[1:])


def report(name: str, times: dict, values: dict[str, pd.Series]) -> None:
    full, half = PRECISIONS
    print(f"{name}: bfloat16 is {times[full] / times[half]:.1f} times as fast as float32")
    print(f"{name}: nDCG@10, bfloat16 less float32: {compare(values[half], values[full])}")


def main() -> None:
    passages = corpora.load("passages").set_index("passage_id").text
    questions = corpora.load("questions", "learn").set_index("question_id").text
    qrels = corpora.load("qrels").query("question_id in @questions.index")

    texts, times, vectors, values, runs = passages.tolist(), {}, {}, {}, {}
    for precision in PRECISIONS:
        model = load_bi_encoder(precision=precision)
        times[precision] = seconds(lambda model=model: model.encode(texts[:256]))
        vectors[precision] = model.encode(texts, normalize_embeddings=True)
        runs[precision] = retrieve(model, questions, passages, top_k=CANDIDATES, embeddings=vectors[precision])
        values[precision] = per_query("nDCG@10", qrels, runs[precision])
    report("bi-encoder", times, values)
    print(f"lowest cosine of a passage's two vectors: {(vectors['float32'] * vectors['bfloat16']).sum(1).min():.4f}")

    found, scores = runs["float32"], {}
    pairs = [(questions.iloc[0], text) for text in texts[:256]]
    for precision in PRECISIONS:
        model = load_cross_encoder(precision=precision)
        times[precision] = seconds(lambda model=model: model.predict(pairs))
        scores[precision] = rerank(model, found, questions, passages, top_k=CANDIDATES)
        values[precision] = per_query("nDCG@10", qrels, scores[precision])
    report("cross-encoder", times, values)
    same = [ranking(scores["float32"], q)[0] == ranking(scores["bfloat16"], q)[0] for q in questions.index]
    orders = [
        spearmanr([scores["float32"][q][p] for p in found[q]], [scores["bfloat16"][q][p] for p in found[q]]).statistic
        for q in questions.index
    ]
    print(
        f"rank correlation of a question's {CANDIDATES} scores: lowest {min(orders):.3f}, mean {sum(orders) / len(orders):.4f}"
    )
    print(f"the same passage first: {sum(same)} of {len(same)} questions")


if __name__ == "__main__":
    try:
        pick_device()
    except ValueError as error:
        raise SystemExit(f"bench: {error}")
    main()
