"""Pools of docstrings for readers to grade: our how-to questions, each with twelve entries that bring something.

    python -m training.reranker.howto --out DIR

The questions are ours (howto.jsonl) and others than the course's; what answers the course's is in no pool. A list is the
entry that the question was written for, then in turn what bi-encoder, BM25 and MaxSim put first. Writes DIR/howto.jsonl,
and DIR/batches as readers see them: without label, source or score.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
from pathlib import Path

import bm25s
import numpy as np

from bxe.corpora import load, load_docstrings
from bxe.files import write
from training.reranker.pools import SIZE, embedded
from training.reranker.readers import write_batches
from training.reranker.special import HERE

QUESTIONS, LATE = HERE / "howto.jsonl", 60  # of the bi-encoder's and BM25's first, MaxSim makes its own order


def lists(questions: list[dict], entries: dict[str, str], rng: random.Random) -> list[dict]:
    """A row for each question: the entry it was written for, then the first of each ranking in turn, shuffled."""
    names, asked = [*entries], [row["text"] for row in questions]
    vectors = embedded([*asked, *entries.values()])
    matrix, index = np.stack([vectors[text][0] for text in entries.values()]), bm25s.BM25()
    index.index(bm25s.tokenize([*entries.values()], show_progress=False), show_progress=False)
    bags, made = bm25s.tokenize(asked, return_ids=False, show_progress=False), []
    for row, bag in zip(questions, bags):
        vector, words = vectors[row["text"]]
        firsts = [np.argsort(-scores, kind="stable")[:LATE] for scores in (matrix @ vector, index.get_scores(bag))]
        both = np.unique(firsts)
        late = [-(words @ vectors[entries[names[at]]][1].T).max(1).mean() for at in both]
        turns = [names[at] for turn in zip(*firsts, both[np.argsort(late, kind="stable")]) for at in turn]
        chosen = list(dict.fromkeys([row["name"], *turns]))[:SIZE]
        rng.shuffle(chosen)
        name = f"howto-{hashlib.sha256(row['text'].encode()).hexdigest()[:8]}"
        made.append(
            {"id": name, "kind": "howto", "set": "docstrings", "query": row["text"]}
            | {"passages": [entries[at] for at in chosen], "sources": [{"name": at} for at in chosen]}
            | {"labelled": chosen.index(row["name"])}
        )
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="where the pools go")
    args, docs = parser.parse_args(), load_docstrings()
    closed = {name for answers in load("docstring_questions").answers for name in answers}
    entries = {name: entry for name, entry in zip(docs.name, docs.entry) if name not in closed}
    questions = [row for row in map(json.loads, QUESTIONS.read_text().splitlines()) if row["name"] in entries]
    made = lists(questions, entries, random.Random(0))
    write(args.out / "howto.jsonl", "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in made).encode())
    write_batches(made, args.out / "batches", "howto")
    print(len(made), "lists")


if __name__ == "__main__":
    main()
