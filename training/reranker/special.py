"""Lists that are not mined: SNLI (graded), unanswerable questions (many queries, one passage), our contrast pairs."""

from __future__ import annotations

import random
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from training.data import read, rows
from training.reranker.lists import TrainingList, encode

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

HERE = Path(__file__).parent


def special_lists(
    folder: Path, recipe: dict, phase: dict, model: SentenceTransformer, rng: random.Random
) -> list[TrainingList]:
    """All of one phase, with the bi-encoder's cosines."""
    lists = [
        *snli_lists(folder, recipe, phase["snli"], rng),
        *unanswerable_lists(folder, recipe, phase["unanswerable"], rng),
        *contrast_lists(recipe, phase, rng),
    ]
    texts = sorted({text for entry in lists for text in (*entry.queries, *entry.texts)})
    vectors = dict(zip(texts, encode(model, texts)))
    for entry in lists:
        entry.cosines = [float(vectors[q] @ vectors[t]) for q, t in zip(entry.queries, entry.texts)]
        if entry.source == "contrast":
            # To the bi-encoder a trap looks like the answer; it belongs below that, and above what is off the matter.
            entry.cosines[1] = entry.cosines[0] - recipe["lists"]["trap_gap"]
    return lists


def snli_lists(folder: Path, recipe: dict, most: int, rng: random.Random) -> list[TrainingList]:
    """A premise under what follows from it, what may or may not (where there is one), and what it denies."""
    by_premise = defaultdict(dict)
    for row in rows(folder / f"{recipe['snli']}.jsonl.gz"):
        by_premise[row["text1"]].setdefault(row["label"], row["text2"])
    lists = []
    for premise, found in by_premise.items():
        if {"entailment", "contradiction"} <= set(found):
            # Hypotheses are what people ask about; the premise is the text: which query does the text bear out?
            queries = [found[label] for label in ("entailment", "neutral", "contradiction") if label in found]
            lists.append(TrainingList("snli", queries, [premise] * len(queries)))
    rng.shuffle(lists)
    return lists[:most]


def unanswerable_lists(folder: Path, recipe: dict, most: int, rng: random.Random) -> list[TrainingList]:
    """A passage under a question that it answers and some that it only seems to."""
    answered, data = defaultdict(list), read(folder, recipe["answered"])
    for example in data.examples:
        answered[data.passages[example.positives[0]]].append(example.query)
    unanswered = defaultdict(list)
    for row in rows(folder / f"{recipe['unanswerable']}.jsonl.gz"):
        unanswered[" ".join(row["passage"].split())].append(row["question"])
    pairs = [(p, q, us) for p, us in unanswered.items() for q in answered.get(p, [])]
    rng.shuffle(pairs)
    lists = []
    for passage, question, others in pairs[:most]:
        text = " ".join(passage.split()[: recipe["lists"]["words"]])
        queries = [question, *rng.sample(others, min(recipe["special"]["unanswerable"], len(others)))]
        lists.append(TrainingList("unanswerable", queries, [text] * len(queries)))
    return lists


def contrast_lists(recipe: dict, phase: dict, rng: random.Random) -> list[TrainingList]:
    """Our pairs, and more of them made from the table of verbs: the answer, its trap, and answers to other queries."""
    contrast = rows(HERE / recipe["contrast"])
    swaps = role_swaps(HERE / recipe["roles"], phase["role_swaps"], recipe["special"]["roles_as_keywords"], rng)
    lists = []
    for row in contrast * phase["contrast_times"] + swaps:
        others = [r["answer"] for r in rng.sample(contrast, recipe["special"]["contrast"])]
        texts = [row["answer"], row["trap"], *others]
        lists.append(TrainingList("contrast", [row["query"]] * len(texts), texts))
    return lists


def role_swaps(path: Path, how_many: int, as_keywords: float, rng: random.Random) -> list[dict]:
    """Query, answer and trap made from a table of verbs: who did it to whom, said from either side."""
    table = yaml.safe_load(path.read_text())
    asking = {"person": "Who", "company": "Which company", "place": "Which place", "animal": "Which animal"}
    made = []
    for _ in range(how_many):
        verb = rng.choice(table["verbs"])
        a, b = rng.sample(table["names"][verb["kind"]], 2)
        ask, word = rng.choice([("act", b), ("pas", a)]), asking.get(verb["kind"], "What")
        query = f"{word} {rng.choice(verb[ask[0]])} {ask[1]}?"
        if rng.random() < as_keywords:
            query = query.lower().rstrip("?").removeprefix(word.lower() + " ")
        side, phrase = rng.choice([(side, phrase) for side in ("act", "pas") for phrase in verb[side]])
        before, after = rng.choice([("", ""), ("", " {}"), ("{}, ", "")])
        setting = rng.choice(table["settings"])

        def say(first: str, second: str, frame=(before, phrase, after), setting=setting) -> str:
            text = f"{frame[0].format(setting)}{first} {frame[1]} {second}{frame[2].format(setting)}."
            return text[0].upper() + text[1:]

        pair = (a, b) if side == "act" else (b, a)
        made.append({"query": query, "answer": say(*pair), "trap": say(*pair[::-1])})
    return made
