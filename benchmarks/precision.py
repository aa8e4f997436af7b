"""What bfloat16 buys and what it costs, against the library's default of float32: `make bench`.

Speed as a ratio taken in one run, and what becomes of the rankings: our learning questions on our passages.
"""

import time

from bxe import corpora, load_bi_encoder
from bxe.retrieval import compare, per_query

PRECISIONS = ("float32", "bfloat16")


def rate(model, texts: list[str]) -> float:
    """Texts encoded per second, the best of three tries."""
    seconds = []
    for _ in range(3):
        started = time.perf_counter()
        model.encode(texts)
        seconds.append(time.perf_counter() - started)
    return len(texts) / min(seconds)


def main() -> None:
    passages, questions = corpora.load("passages"), corpora.load("questions", "learn")
    qrels = corpora.load("qrels").query("question_id in @questions.question_id")
    texts, speed, vectors, values = passages.text.tolist(), {}, {}, {}
    for precision in PRECISIONS:
        model = load_bi_encoder(precision=precision)
        vectors[precision] = model.encode(texts, normalize_embeddings=True)
        speed[precision] = rate(model, texts[:256])
        scores = model.encode(questions.text.tolist(), normalize_embeddings=True) @ vectors[precision].T
        run = {q: dict(zip(passages.passage_id, row)) for q, row in zip(questions.question_id, scores.tolist())}
        values[precision] = per_query("nDCG@10", qrels, run)
    print(f"bfloat16 encodes passages {speed['bfloat16'] / speed['float32']:.1f} times as fast as float32")
    print(f"lowest cosine of a passage's two vectors: {(vectors['float32'] * vectors['bfloat16']).sum(1).min():.4f}")
    print(f"nDCG@10, bfloat16 less float32: {compare(values['bfloat16'], values['float32'])}")


if __name__ == "__main__":
    main()
