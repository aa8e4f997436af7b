"""Training lists and development sets for the reranker: read, split without leaks, mine negatives, corrupt."""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import re
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import yaml
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS


@dataclass
class Example:
    """A query with the passages that belong to it (positions in a list of passages)."""

    query: str
    positives: list[int]
    group: str  # the title, or the passage: what is split by


@dataclass
class Dataset:
    """One file: unique passages, and examples that point to them."""

    name: str
    passages: list[str] = field(default_factory=list)
    examples: list[Example] = field(default_factory=list)


def rows(path: Path) -> list[dict]:
    """The records of a gzipped JSON-lines file."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def read(folder: Path, name: str) -> Dataset:
    """Read question/passage (or text1/text2) pairs; a question that occurs twice has several positives."""
    data, position, by_query = Dataset(name), {}, {}
    for row in rows(folder / f"{name}.jsonl.gz"):
        query = (row.get("question") or row.get("text1") or "").strip()
        passage = " ".join((row.get("passage") or row.get("text2") or "").split())
        if not query or not passage or str(row.get("label")) == "0":
            continue
        at = position.setdefault(passage, len(position))
        example = by_query.get(query)
        if example is None:
            group = row.get("title") or passage
            by_query[query] = example = Example(query, [], group)
            data.examples.append(example)
        if at not in example.positives:
            example.positives.append(at)
    data.passages = list(position)
    return data


def held_back(group: str, share: float) -> bool:
    """Whether a title or passage belongs to the development part: a fixed share, by its hash."""
    return int(hashlib.sha256(group.encode()).hexdigest()[:8], 16) / 16**8 < share


def subset(data: Dataset, keep) -> Dataset:
    """The examples that `keep` is true for, with their passages only."""
    chosen = [example for example in data.examples if keep(example)]
    used = sorted({at for example in chosen for at in example.positives})
    new = {old: now for now, old in enumerate(used)}
    examples = [Example(e.query, [new[at] for at in e.positives], e.group) for e in chosen]
    return Dataset(data.name, [data.passages[at] for at in used], examples)


def shingles(text: str, n: int = 12) -> set[int]:
    """Hashes of all runs of n words: two texts that share one were taken from the same place."""
    words = re.findall(r"\w+", text.lower())
    return {hash(tuple(words[i : i + n])) for i in range(max(1, len(words) - n + 1))}


# ---------------------------------------------------------------- corrupting


def change_number(text: str, rng: random.Random, only: set[str] | None = None) -> str | None:
    """The text with one number replaced by another of like size; None if there is no (fitting) number."""
    found = [m for m in re.finditer(r"\b\d[\d,]*(?:\.\d+)?\b", text) if only is None or m.group() in only]
    if not found:
        return None
    match = rng.choice(found)
    old = match.group().replace(",", "")
    whole = int(float(old))
    if len(old) == 4 and 1000 <= whole <= 2100:
        new = str(whole + rng.choice([-1, 1]) * rng.randint(1, 60))
    else:
        new = str(max(0, whole + rng.choice([-1, 1]) * rng.randint(1, max(2, whole // 2))))
    return None if new == old else text[: match.start()] + new + text[match.end() :]


def proper_names(text: str) -> list[str]:
    """Runs of capitalised words inside sentences, without those that are part of another."""
    names = list(dict.fromkeys(re.findall(r"(?<=[a-z,] )(?:[A-Z][\w'-]+(?: [A-Z][\w'-]+)*)", text)))
    return [n for n in names if not any(n != o and (n in o or o in n) for o in names)]


def exchange(text: str, a: str, b: str) -> str:
    return text.replace(a, "\0").replace(b, a).replace("\0", b)


def swap_names(text: str, rng: random.Random) -> str | None:
    """The text with two of its names swapped; None if it has not got two."""
    names = proper_names(text)
    return exchange(text, *rng.sample(names, 2)) if len(names) >= 2 else None


def negate(text: str, rng: random.Random) -> str | None:
    """The text with a verb denied, or with a denial taken out; None if no place for it is found."""
    if re.search(r"\b(not|never|no longer) ", text):
        return re.sub(r"\b(not|never|no longer) ", "", text, count=1)
    found = list(
        re.finditer(r"\b(is|was|are|were|can|could|will|would|did|does|has|have|had|may|must) (?!n[o']t)", text)
    )
    if not found:
        return None
    match = rng.choice(found)
    word = rng.choice(["not ", "never ", "no longer "]) if match.group(1) not in ("did", "does") else "not "
    return text[: match.end()] + word + text[match.end() :]


def misname(query: str, text: str, rng: random.Random) -> str | None:
    """The text with a name that the query speaks of swapped for another of its names; None if there is no such pair."""
    names = [name for name in proper_names(text) if name.split()[0] != text.split()[0]]
    asked = [name for name in names if name.lower() in query.lower()]
    others = [name for name in names if name not in asked]
    return exchange(text, rng.choice(asked), rng.choice(others)) if asked and others else None


def corrupt(query: str, passage: str, rng: random.Random, statement: bool) -> str | None:
    """A passage that no longer answers: a number or name of the query changed; for statements also any names or a denial."""
    shared = set(re.findall(r"\d[\d,]*(?:\.\d+)?", query)) & set(re.findall(r"\d[\d,]*(?:\.\d+)?", passage))
    ways = [lambda: change_number(passage, rng, shared)] if shared else []
    if statement:
        ways += [lambda: swap_names(passage, rng), lambda: negate(passage, rng)]
    elif len(passage.split()) < 40:
        ways.append(lambda: misname(query, passage, rng))
    rng.shuffle(ways)
    return next((new for way in ways if (new := way()) and new != passage), None)


def as_typed(query: str, rng: random.Random) -> str:
    """The query as people type it: most as it is, some lower-cased, as keywords, or with a slip of the finger."""
    draw = rng.random()
    if draw < 0.55:
        return query
    query = query.lower().rstrip("?. ")
    if 0.75 <= draw < 0.93:
        keywords = [word for word in re.findall(r"[\w'.,-]+", query) if word not in ENGLISH_STOP_WORDS]
        return " ".join(keywords) if len(keywords) >= 2 else query
    if draw >= 0.93 and len(query) > 8:
        at = rng.randrange(1, len(query) - 2)
        return query[:at] + rng.choice([query[at + 1] + query[at], query[at] * 2, ""]) + query[at + 2 :]
    return query


# ---------------------------------------------------------------- mining


def encode(model, texts: list[str]) -> np.ndarray:
    return model.encode(texts, batch_size=64, normalize_embeddings=True, show_progress_bar=False)


def mine(data: Dataset, model, config: dict, rng: random.Random) -> list[dict]:
    """A list for each example: a positive, hard negatives of the bi-encoder and of BM25, random or corrupted ones.

    Returns:
        Dicts with `query`, `texts` (the first is the positive) and `cosines` (of the bi-encoder, one a text).
    """
    import bm25s

    settings = config["lists"]
    whole = [" ".join(p.split()[: settings["long_words"]]) for p in data.passages]
    queries = [as_typed(example.query, rng) for example in data.examples]
    vectors, asked = encode(model, whole), encode(model, queries)
    index = bm25s.BM25()
    index.index(bm25s.tokenize(whole, show_progress=False), show_progress=False)
    depth = min(12, len(whole))
    lexical, _ = index.retrieve(bm25s.tokenize(queries, show_progress=False), k=depth, show_progress=False, n_threads=1)
    lists = []
    for number, example in enumerate(data.examples):
        query, scores = queries[number], vectors @ asked[number]
        positive = rng.choice(example.positives)
        # Above the ceiling a passage may well answer, too: such false negatives teach the wrong thing.
        ceiling = settings["margin"] * max(scores[positive], 0.2)
        ranked = [int(i) for i in np.argsort(-scores)[:200]]
        usable = [i for i in ranked if i not in example.positives and scores[i] < ceiling]
        words = [int(i) for i in lexical[number] if i not in example.positives and scores[i] < ceiling]
        near, far = [i for i in usable if i in ranked[:20]], [i for i in usable if i not in ranked[:20]]
        chosen = rng.sample(near, min(settings["hard"], len(near)))
        chosen += [i for i in words if i not in chosen][:1]
        chosen += [i for i in rng.sample(far, min(1, len(far))) if i not in chosen]
        while len(chosen) < settings["negatives"] and len(whole) > settings["negatives"] + len(example.positives):
            other = rng.randrange(len(whole))
            if other not in example.positives and other not in chosen:
                chosen.append(other)
        texts = [whole[i] for i in (positive, *chosen)]
        cosines = [float(scores[i]) for i in (positive, *chosen)]
        if trap := corrupt(query, texts[0], rng, statement="pairs" in data.name):
            texts[-1], cosines[-1] = trap, cosines[0] - settings["trap_gap"]
        lists.append({"query": query, "texts": texts, "cosines": cosines, "set": data.name})
    return lists


def shorten(entry: dict, settings: dict, rng: random.Random) -> dict:
    """A list with its texts cut to what training reads; a trap that differs only further on is dropped."""
    share = settings["long_share"].get(entry["set"], settings["long_share"]["others"])
    limit = settings["long_words"] if rng.random() < share else settings["words"]
    texts = [" ".join(text.split()[:limit]) for text in entry["texts"]]
    kept = [i for i, text in enumerate(texts) if i == 0 or text != texts[0]]
    return entry | {"texts": [texts[i] for i in kept], "cosines": [entry["cosines"][i] for i in kept]}


def training_data(folder: Path, config: dict, dev_passages: list[str]) -> list[Dataset]:
    """The training part of each file: nothing held back, nothing that shares twelve words in a row with development."""
    seen = set().union(*(shingles(passage) for passage in dev_passages))
    rng = random.Random(config["seed"])
    developed = set(config["develop"].values())
    parts = []
    for name, most in config["train"].items():
        data = read(folder, name)
        clean = {at for at, passage in enumerate(data.passages) if not shingles(passage) & seen}
        spare = {e.query for e in data.examples if name in developed and held_back(e.group, config["develop_share"])}
        part = subset(data, lambda e, clean=clean, spare=spare: set(e.positives) <= clean and e.query not in spare)
        rng.shuffle(part.examples)
        # A set with fewer questions than asked for is gone through again: with other negatives, typed otherwise.
        again = part.examples * (1 + min(most, 2 * len(part.examples)) // max(1, len(part.examples)))
        parts.append(Dataset(name, part.passages, again[: min(most, 2 * len(part.examples))]))
    return parts


def special_lists(folder: Path, config: dict, phase: dict, model, here: Path, rng: random.Random) -> list[dict]:
    """Lists that are not mined: SNLI (graded), unanswerable questions (many queries, one passage), our contrast pairs."""
    lists = []
    by_premise = defaultdict(dict)
    for row in rows(folder / f"{config['snli']}.jsonl.gz"):
        by_premise[row["text1"]].setdefault(row["label"], row["text2"])
    for premise, found in by_premise.items():
        if {"entailment", "contradiction"} <= set(found):
            texts = [found["entailment"], *([found["neutral"]] if "neutral" in found else []), found["contradiction"]]
            # Hypotheses are what people ask about; the premise is the text: which query does the text bear out?
            lists.append({"queries": texts, "texts": [premise] * len(texts), "set": "snli"})
    rng.shuffle(lists)
    lists = lists[: phase["snli"]]
    answered = defaultdict(list)
    for name in ("squad/squad_v1_dev_part",):
        data = read(folder, name)
        for example in data.examples:
            answered[data.passages[example.positives[0]]].append(example.query)
    unanswered = defaultdict(list)
    for row in rows(folder / f"{config['unanswerable']}.jsonl.gz"):
        unanswered[" ".join(row["passage"].split())].append(row["question"])
    pairs = [(p, q, us) for p, us in unanswered.items() for q in answered.get(p, [])]
    rng.shuffle(pairs)
    for passage, question, others in pairs[: phase["unanswerable"]]:
        text = " ".join(passage.split()[: config["lists"]["words"]])
        queries = [question, *rng.sample(others, min(3, len(others)))]
        lists.append({"queries": queries, "texts": [text] * len(queries), "set": "unanswerable"})
    contrast = rows(here / config["contrast"])
    pairs = contrast * phase["contrast_times"] + role_swaps(here / config["roles"], phase["role_swaps"], rng)
    for row in pairs:
        others = [r["answer"] for r in rng.sample(contrast, 2)]
        texts = [row["answer"], row["trap"], *others]
        lists.append({"queries": [row["query"]] * len(texts), "texts": texts, "set": "contrast"})
    for entry in lists:
        entry.setdefault("query", None)
    texts = sorted({text for entry in lists for text in (*entry["queries"], *entry["texts"])})
    vectors = dict(zip(texts, encode(model, texts)))
    for entry in lists:
        entry["cosines"] = [float(vectors[q] @ vectors[t]) for q, t in zip(entry["queries"], entry["texts"])]
        if entry["set"] == "contrast":
            # To the bi-encoder a trap looks like the answer; it belongs below that, and above what is off the matter.
            entry["cosines"][1] = entry["cosines"][0] - config["lists"]["trap_gap"]
    return lists


def role_swaps(path: Path, how_many: int, rng: random.Random) -> list[dict]:
    """Query, answer and trap made from a table of verbs: who did it to whom, said from either side."""
    table = yaml.safe_load(path.read_text())
    asking = {"person": "Who", "company": "Which company", "place": "Which place", "animal": "Which animal"}
    made = []
    for _ in range(how_many):
        verb = rng.choice(table["verbs"])
        a, b = rng.sample(table["names"][verb["kind"]], 2)
        ask, word = rng.choice([("act", b), ("pas", a)]), asking.get(verb["kind"], "What")
        query = f"{word} {rng.choice(verb[ask[0]])} {ask[1]}?"
        if rng.random() < 0.25:
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


def development_sets(folder: Path, config: dict) -> dict[str, Dataset]:
    """The held-back part of each development file, at most `develop_questions` questions with all held-back passages."""
    sets, rng = {}, random.Random(config["seed"])
    for kind, name in {**config["develop"], **config["left_out"]}.items():
        data = read(folder, name)
        if name in config["train"]:
            data = subset(data, lambda e: held_back(e.group, config["develop_share"]))
        examples = sorted(data.examples, key=lambda e: e.query)
        chosen = rng.sample(examples, min(config["develop_questions"], len(examples)))
        sets[kind] = Dataset(name, data.passages, chosen)
    return sets
