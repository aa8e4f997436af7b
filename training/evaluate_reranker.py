"""Measure a reranker on the development suite: what it makes of the bi-encoder's top candidates, beside bi-encoder and BM25.

    python training/evaluate_reranker.py --data ../shared/data [--model FOLDER] [--test]

Per set and on their mean: nDCG@10 of BM25, the bi-encoder, its candidates re-ranked, and ordered by both scores added up
(logit + 20 x cosine); for the last two the paired difference to the bi-encoder with a 95 % bootstrap interval. Then
Berlin (rank correlation with the published scores), sts (how often the text that answers beats the one that denies or
confuses) and our questions. `--test` looks at the test split: once, at the end.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from reranker_data import Dataset, Example, development_sets
from scipy.stats import spearmanr

from bxe import corpora
from bxe.models import load_bi_encoder, load_cross_encoder
from bxe.retrieval import Interval, compare, interval, per_query, rerank, retrieve, retrieve_bm25

HERE = Path(__file__).parent
MEASURE = "nDCG@10"
COSINE_WEIGHT = 20.0  # in the added score; chosen on the learning split of our questions, and on nothing else
WAYS = ("re-ranked", "added")


def our_questions(split: str) -> tuple[Dataset, pd.DataFrame]:
    """Our passages and one split of our questions, with the grades people gave."""
    passages, questions = corpora.load("passages"), corpora.load("questions", split)
    position = {passage: str(at) for at, passage in enumerate(passages.passage_id)}
    graded = corpora.load("qrels").query("question_id in @questions.question_id")
    row = {question: str(at) for at, question in enumerate(questions.question_id)}
    qrels = pd.DataFrame(
        {
            "question_id": graded.question_id.map(row),
            "passage_id": graded.passage_id.map(position),
            "grade": graded.grade,
        }
    )
    return Dataset("questions", passages.text.tolist(), [Example(q, [], "") for q in questions.text]), qrels


def labels(data: Dataset) -> pd.DataFrame:
    """qrels of a set whose passages either belong to a question or not."""
    rows = [(str(q), str(p), 1) for q, example in enumerate(data.examples) for p in example.positives]
    return pd.DataFrame(rows, columns=["question_id", "passage_id", "grade"])


def rank(data: Dataset, qrels: pd.DataFrame, encoder, cross_encoder, candidates: int) -> pd.DataFrame:
    """The measure per query of the four systems."""
    queries = pd.Series({str(at): example.query for at, example in enumerate(data.examples)})
    passages = pd.Series({str(at): passage for at, passage in enumerate(data.passages)})
    lexical = retrieve_bm25(queries, passages, 100)
    dense = retrieve(encoder, queries, passages, candidates)
    reranked = rerank(cross_encoder, dense, queries, passages, candidates, batch_size=64)
    added = {
        q: {p: logit + COSINE_WEIGHT * dense[q][p] for p, logit in scores.items()} for q, scores in reranked.items()
    }
    runs = {"BM25": lexical, "bi-encoder": dense, "re-ranked": reranked, "added": added}
    return pd.DataFrame({name: per_query(MEASURE, qrels, run) for name, run in runs.items()})


def berlin(reranker) -> tuple[float, bool]:
    """Spearman's rho with the published scores, and whether the first three are the same three."""
    reference = corpora.load_reference()
    ours = reranker.predict(list(zip(reference["query"], reference.text)))
    top = set(np.argsort(-ours)[:3]) == set(np.argsort(-reference.score.to_numpy())[:3])
    return float(spearmanr(ours, reference.score).statistic), top


def told_apart(encoder, reranker) -> pd.DataFrame:
    """By phenomenon of sts: how often the text that answers the question scores higher than the other."""
    asked = corpora.load("sts").dropna(subset="question")
    q, a, b = (encoder.encode(asked[c].tolist(), normalize_embeddings=True) for c in ("question", "text1", "text2"))
    asked["bi-encoder"] = (q * a).sum(1) > (q * b).sum(1)
    right = reranker.predict(list(zip(asked.question, asked.text1)), show_progress_bar=False)
    asked["re-ranked"] = right > reranker.predict(list(zip(asked.question, asked.text2)), show_progress_bar=False)
    return asked


def average(differences: list[np.ndarray]) -> Interval:
    """The mean over sets, with its interval: each set counts alike, and queries are drawn anew within each."""
    rng = np.random.default_rng(0)
    draws = np.mean([d[rng.integers(0, len(d), (10_000, len(d)))].mean(1) for d in differences], axis=0)
    return Interval(
        float(np.mean([d.mean() for d in differences])), *(float(x) for x in np.percentile(draws, [2.5, 97.5]))
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=HERE.parent.parent / "shared" / "data")
    parser.add_argument("--model", help="default: the one that ships")
    parser.add_argument("--precision", default="float32")
    parser.add_argument("--questions", type=int, help="per set; default: as in reranker.yaml")
    parser.add_argument("--test", action="store_true", help="the test split of our questions, too")
    parser.add_argument("--out", type=Path, help="write the figures here, as JSON")
    args = parser.parse_args()
    config = yaml.safe_load((HERE / "reranker.yaml").read_text())
    config["develop_questions"] = args.questions or config["develop_questions"]
    encoder = load_bi_encoder(precision=args.precision)
    reranker = load_cross_encoder(args.model, precision=args.precision)
    figures, differences = {}, {way: [] for way in WAYS}
    sets = {name: (data, labels(data)) for name, data in development_sets(args.data, config).items()}
    for split in ("learn", "test") if args.test else ("learn",):
        sets[f"our questions, {split}"] = our_questions(split)
    for name, (data, qrels) in sets.items():
        values = rank(data, qrels, encoder, reranker, config["candidates"])
        figures[name] = {c: round(float(values[c].mean()), 4) for c in values} | {"n": len(values)}
        print(f"{name:<24}{len(values):>5}  " + "  ".join(f"{c} {values[c].mean():.3f}" for c in values))
        for way in WAYS:
            figures[name][f"{way} less bi-encoder"] = compare(values[way], values["bi-encoder"])
            print(f"{'':<31}{way:<10} less bi-encoder {figures[name][f'{way} less bi-encoder']}", flush=True)
            if not name.endswith("test"):
                differences[way].append((values[way] - values["bi-encoder"]).to_numpy())
    for way in WAYS:
        figures[f"average, {way}"] = average(differences[way])
        print(f"average of {len(differences[way])} sets, {way}: {figures[f'average, {way}']}")
    figures["berlin"] = berlin(reranker)
    print("Berlin: Spearman {:.3f}, the same first three: {}".format(*figures["berlin"]))
    apart = told_apart(encoder, reranker)
    for kind, group in [*apart.groupby("phenomenon"), ("all", apart)]:
        gain = interval(group["re-ranked"].astype(float) - group["bi-encoder"].astype(float))
        figures[f"sts {kind}"] = (float(group["bi-encoder"].mean()), float(group["re-ranked"].mean()), gain)
        print(
            f"sts {kind:<12} bi-encoder {group['bi-encoder'].mean():.3f}  re-ranked {group['re-ranked'].mean():.3f}  gain {gain}"
        )
    if args.out:
        args.out.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
