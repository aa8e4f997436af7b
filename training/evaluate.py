"""Measure a reranker on the development suite: what it makes of the first 30 that bi-encoder and BM25 find.

    python -m training.evaluate training/reranker/recipe.yaml --data DIR [--model FOLDER] [--split test] [--out FILE] [--log NAME]

Per set: nDCG@10 of what finds (BM25, bi-encoder), of late interaction (MaxSim), of the cross-encoder's logit alone, and of
logit and MaxSim added up (with `maxsim_weight`, the same for all sets); then paired differences with 95 % bootstrap
intervals, and the same on the mean of the sets. Then Berlin (rank correlation with the published scores), sts (how often
the text that answers beats the one that denies or confuses) and our questions. `--split` adds another split of them, which
the average leaves out, as it does the docstrings. `--out` keeps the differences as a table, the measured.csv of the model card.
`--log`, for ablations, adds the measure by question to the ablations.csv of the model card, and leaves out BM25 and the
docstrings.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import yaml
from scipy.stats import spearmanr

from bxe import corpora
from bxe.files import write
from bxe.models import (
    CROSS_ENCODER,
    WEIGHTS,
    adapted_reranker,
    load_bi_encoder,
    load_cross_encoder,
    load_multi_vector_encoder,
    pick_device,
)
from bxe.retrieval import Interval, add, compare, first, interval, per_query, reorder, retrieve, retrieve_bm25, score
from training.data import Dataset, data_folder, development_sets

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder, MultiVectorEncoder, SentenceTransformer

MEASURE = "nDCG@10"
COMPARED = [  # one system less another
    ("MaxSim", "bi-encoder"),
    ("logit", "bi-encoder"),
    ("logit + MaxSim", "bi-encoder"),
    ("logit + MaxSim", "MaxSim"),
    ("BM25, MaxSim", "BM25"),
    ("BM25, logit", "BM25"),
    ("BM25, logit + MaxSim", "BM25"),
]


@dataclass
class Judged:
    """What a ranking is measured on: texts by their ids, and which passage has which grade for which question."""

    queries: pd.Series
    passages: pd.Series
    qrels: pd.DataFrame


def judged(data: Dataset) -> Judged:
    """A set whose passages either belong to a question or not."""
    queries = pd.Series({str(at): example.query for at, example in enumerate(data.examples)})
    passages = pd.Series({str(at): passage for at, passage in enumerate(data.passages)})
    rows = [(str(q), str(p), 1) for q, example in enumerate(data.examples) for p in example.positives]
    return Judged(queries, passages, pd.DataFrame(rows, columns=["question_id", "passage_id", "grade"]))


def our_questions(split: str, most: int | None = None) -> Judged:
    """Our passages and one split of our questions, with the grades people gave."""
    passages = corpora.load("passages").set_index("passage_id").text
    questions = corpora.load("questions", split).set_index("question_id").text[:most]
    return Judged(questions, passages, corpora.load("qrels").query("question_id in @questions.index"))


def docstrings() -> Judged:
    """The docstrings of the installed packages, and the course's questions on them."""
    entries = corpora.load_docstrings().set_index("name").entry
    asked = corpora.load("docstring_questions").set_index("question_id")
    listed = asked.answers.explode().rename("passage_id").reset_index().assign(grade=1)
    listed = listed[listed.passage_id.isin(entries.index)]
    return Judged(asked.text[listed.question_id.unique()], entries, listed)


@dataclass
class Models:
    """What finds, what reads apart but keeps each token, and what reads together."""

    encoder: SentenceTransformer
    late: MultiVectorEncoder
    cross_encoder: CrossEncoder


def rank(data: Judged, models: Models, recipe: dict, bm25: bool) -> pd.DataFrame:
    """The measure per query of each system."""
    queries, passages, top_k = data.queries, data.passages, recipe["candidates"]
    runs = {"bi-encoder": retrieve(models.encoder, queries, passages, top_k=top_k)}
    if bm25:
        runs["BM25"] = retrieve_bm25(queries, passages, top_k=100)
    for step, found in list(runs.items()):
        some, mark = first(found, top_k), "BM25, " if step == "BM25" else ""
        logits = score(models.cross_encoder, some, queries, passages)
        maxsims = score(models.late, some, queries, passages)
        both = add(logits, maxsims, weights=(1, recipe["maxsim_weight"]))
        ways = {"MaxSim": maxsims, "logit": logits, "logit + MaxSim": both}
        runs |= {mark + name: reorder(found, scores, top_k=top_k) for name, scores in ways.items()}
    return pd.DataFrame({name: per_query(MEASURE, data.qrels, run) for name, run in runs.items()})


def berlin(reranker: CrossEncoder) -> tuple[float, bool]:
    """Spearman's rho with the published scores, and whether the first three are the same three."""
    reference = corpora.load_reference()
    ours = reranker.predict(list(zip(reference["query"], reference.text)))
    top = set(np.argsort(-ours)[:3]) == set(np.argsort(-reference.score.to_numpy())[:3])
    return float(spearmanr(ours, reference.score).statistic), top


def told_apart(encoder: SentenceTransformer, reranker: CrossEncoder) -> pd.DataFrame:
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


def report_sets(sets: dict[str, Judged], kept_out: set[str], models: Models, recipe: dict, bm25: bool) -> tuple:
    """Print each set's figures and the average of all but some; return these as a table, and the measure by question."""
    measured = {}
    differences, rows = {pair: [] for pair in COMPARED if bm25 or "BM25" not in pair[1]}, []

    def told(name: str, count: int, pair: tuple[str, str], found: Interval) -> None:
        print(f"    {pair[0]:<21} - {pair[1]:<11}{found}", flush=True)
        first_step, _, system = pair[0].rpartition(", ")
        rows.append((name, count, first_step or "bi-encoder", system, pair[1], *(round(part, 4) for part in found)))

    for name, data in sets.items():
        values = measured[name] = rank(data, models, recipe, bm25)
        print(f"{name} ({len(values)}): " + " · ".join(f"{c} {values[c].mean():.3f}" for c in values))
        for pair in differences:
            told(name, len(values), pair, compare(values[pair[0]], values[pair[1]]))
            if name not in kept_out:
                differences[pair].append((values[pair[0]] - values[pair[1]]).to_numpy())
    print("average:")
    for pair, found in differences.items():
        told("average", sum(map(len, found)), pair, average(found))
    columns = ["set", "queries", "first_step", "system", "minus", "difference", "low", "high"]
    return pd.DataFrame(rows, columns=columns), measured


def report_pairs(encoder: SentenceTransformer, reranker: CrossEncoder) -> None:
    """Print Berlin's figures, and by phenomenon of sts how often each model is right."""
    print("Berlin: Spearman {:.3f}, the same first three: {}".format(*berlin(reranker)))
    apart = told_apart(encoder, reranker)
    for kind, group in [*apart.groupby("phenomenon"), ("all", apart)]:
        ours, theirs = group["re-ranked"].astype(float), group["bi-encoder"].astype(float)
        gain = interval(ours - theirs)
        print(f"sts {kind:<12} bi-encoder {theirs.mean():.3f}  re-ranked {ours.mean():.3f}  gain {gain}")


def keep_values(path: Path, name: str, values: dict[str, pd.DataFrame]) -> None:
    """Add a training to a table of the measure by question: its logit, and its sum with MaxSim."""
    found = pd.concat(values).round(4).rename(columns={"logit": f"{name}: logit", "logit + MaxSim": f"{name}: sum"})
    found.index = pd.Index([f"{of} {question}" for of, question in found.index], name="question")
    if path.exists():
        kept = pd.read_csv(path, index_col="question")
        found = kept.assign(**found)  # by question; columns that are there already get their new values
    write(path, found.to_csv().encode())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("recipe", type=Path, help="the model's recipe, which says what was held back")
    parser.add_argument("--data", type=Path, help="the folder of the public sets (see training/README.md)")
    parser.add_argument("--model", type=Path, help="a folder that training wrote; default: the weights that ship")
    parser.add_argument("--precision", default="float32")
    parser.add_argument("--questions", type=int, help="per set; default: as in the recipe")
    parser.add_argument("--split", help="of our questions, beside learn; it is not in the average")
    parser.add_argument("--out", type=Path, help="a CSV file for the differences")
    parser.add_argument("--log", metavar="NAME", help="only after the bi-encoder; adds NAME to ablations.csv")
    args = parser.parse_args()
    data, recipe = data_folder(args.data), yaml.safe_load(args.recipe.read_text())
    recipe["develop_questions"] = args.questions or recipe["develop_questions"]
    given = {"precision": args.precision}
    reranker = adapted_reranker(args.model, pick_device()) if args.model else load_cross_encoder(**given)
    models = Models(load_bi_encoder(**given), load_multi_vector_encoder(**given), reranker)
    sets = {name: judged(found) for name, found in development_sets(data, recipe).items()}
    for split in filter(None, ("learn", args.split)):
        sets[f"our questions, {split}"] = our_questions(split, args.questions if args.log else None)
    if not args.log:
        sets["docstrings"] = docstrings()
    table, values = report_sets(sets, {"docstrings", f"our questions, {args.split}"}, models, recipe, not args.log)
    if args.out:
        write(args.out, table.to_csv(index=False).encode())
    if args.log:
        keep_values(WEIGHTS / CROSS_ENCODER / "ablations.csv", args.log, values)
    report_pairs(models.encoder, reranker)


if __name__ == "__main__":
    main()
