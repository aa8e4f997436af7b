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
import torch
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


def token_vectors(model, texts: list[str]) -> dict[str, torch.Tensor]:
    """The vectors of each text's tokens, of length 1, in float16: (tokens, 384)."""
    vectors = {}
    for start in range(0, len(texts), 1000):
        part = texts[start : start + 1000]
        for text, tokens in zip(part, model.encode(part, output_value="token_embeddings", show_progress_bar=False)):
            vectors[text] = torch.nn.functional.normalize(tokens.float(), dim=-1).half().cpu()
    return vectors


def teach(lists: list[dict], model, settings: dict) -> None:
    """Add the teacher's logits to lists: MaxSim and cosine of the bi-encoder's own vectors, and what the labels know.

    MaxSim (late interaction: Khattab & Zaharia 2020, arXiv:2004.12832) looks up the most similar token of the text for each
    token of the query. Of MiniLM's token vectors, which nobody trained for it, it ranks better than MiniLM's cosine.
    """
    pairs = [(entry["query"], text) for entry in lists for text in entry["texts"]]
    vectors = token_vectors(model, sorted({text for pair in pairs for text in pair}, key=len))
    for entry in lists:
        query = vectors[entry["query"]].float()
        logits = []
        for text in entry["texts"]:
            tokens = vectors[text].float()
            cosine = torch.cosine_similarity(query.mean(0), tokens.mean(0), dim=0)
            maxsim = (query @ tokens.T).max(1).values.mean()
            logits.append(float(maxsim / settings["maxsim_unit"] + cosine / settings["cosine_unit"]))
        logits[0] += settings["answer"]
        for at in entry.pop("traps", ()):
            logits[at] = min(logits[at], logits[0] - settings["answer"]) - settings["trap"]
        entry["teacher"] = [round(value, 3) for value in logits]


def cut(text: str, words: int) -> str:
    return " ".join(text.split()[:words])


def mine(data: Dataset, model, config: dict, rng: random.Random) -> list[dict]:
    """A list for each example: a positive, hard negatives of the bi-encoder and of BM25, another, or the positive corrupted.

    Returns:
        Dicts with `query`, `texts` (the first is the positive), `teacher` (a logit for each text) and `set`.
    """
    import bm25s

    settings = config["lists"]
    long_share = settings["long_share"].get(data.name, settings["long_share"]["others"])
    whole = [cut(passage, settings["long_words"]) for passage in data.passages]
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
        ranked = np.argsort(-scores)[:200].tolist()
        usable = [i for i in ranked if i not in example.positives and scores[i] < ceiling]
        near = [i for i in usable if i in ranked[:30]]
        chosen = rng.sample(near, min(settings["hard"], len(near)))
        words = [int(i) for i in lexical[number] if i not in example.positives and scores[i] < ceiling]
        words = [i for i in words if i not in chosen]
        chosen += rng.sample(words, min(settings["lexical"], len(words)))
        others = [i for i in usable if i not in chosen] if rng.random() < 0.5 else []
        while len(chosen) < settings["negatives"] and len(whole) > settings["negatives"] + len(example.positives):
            other = others.pop(rng.randrange(len(others))) if others else rng.randrange(len(whole))
            if other not in example.positives and other not in chosen:
                chosen.append(other)
        limit = settings["long_words"] if rng.random() < long_share else settings["words"]
        texts = [cut(whole[i], limit) for i in (positive, *chosen)]
        entry = {"query": query, "texts": texts, "set": data.name}
        trap = corrupt(query, texts[0], rng, statement="pairs" in data.name)
        if trap and len(texts) > 1:
            texts[-1], entry["traps"] = trap, [len(texts) - 1]
        lists.append(entry)
    teach(lists, model, config["teacher"])
    return lists


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
    """Lists that are not mined: SNLI and unanswerable questions (many queries, one text), our contrast pairs."""
    teacher = config["teacher"]
    by_premise = defaultdict(dict)
    for row in rows(folder / f"{config['snli']}.jsonl.gz"):
        by_premise[row["text1"]].setdefault(row["label"], row["text2"])
    premises = [(text, found) for text, found in by_premise.items() if {"entailment", "contradiction"} <= set(found)]
    lists = []
    for premise, found in rng.sample(premises, min(phase["snli"], len(premises))):
        # Hypotheses are what people ask about; the premise is the text: which query does the text bear out?
        graded = [(label, teacher["snli"][label]) for label in teacher["snli"] if label in found]
        queries = [found[label] for label, _ in graded]
        lists.append({"queries": queries, "texts": [premise] * len(queries), "teacher": [t for _, t in graded]})
    answered, unanswered = defaultdict(list), defaultdict(list)
    data = read(folder, config["answerable"])
    for example in data.examples:
        answered[data.passages[example.positives[0]]].append(example.query)
    for row in rows(folder / f"{config['unanswerable']}.jsonl.gz"):
        unanswered[cut(row["passage"], 1000)].append(row["question"])
    asked = [(p, q, others) for p, others in unanswered.items() for q in answered.get(p, [])]
    for passage, question, others in rng.sample(asked, min(phase["unanswerable"], len(asked))):
        queries = [question, *rng.sample(others, min(3, len(others)))]
        texts = [cut(passage, config["lists"]["words"])] * len(queries)
        lists.append({"queries": queries, "texts": texts, "teacher": [teacher["answer"], *[0.0] * (len(queries) - 1)]})
    triples = rows(here / config["contrast"]) * phase["contrast_times"]
    triples += role_swaps(here / config["roles"], phase["role_swaps"], rng)
    pairs = [{"query": t["query"], "texts": [t["answer"], t["trap"]], "traps": [1], "set": "contrast"} for t in triples]
    teach(pairs, model, teacher)
    return lists + pairs


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
