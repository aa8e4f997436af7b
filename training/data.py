"""The public sets: where they are, reading them, and splitting them so that nothing held back is trained on."""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path


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


def data_folder(path: Path | None) -> Path:
    """The folder that --data names. If there is none, the program ends with one line that says what to do."""
    if path is None or not path.is_dir():
        given = "no folder was named" if path is None else f"there is no folder {path}"
        raise SystemExit(f"data: {given}; give that of the public sets as --data DIR (see training/README.md)")
    return path


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


def subset(data: Dataset, keep: Callable[[Example], bool]) -> Dataset:
    """The examples that `keep` is true for, with their passages only."""
    chosen = [example for example in data.examples if keep(example)]
    used = sorted({at for example in chosen for at in example.positives})
    new = {old: now for now, old in enumerate(used)}
    examples = [Example(e.query, [new[at] for at in e.positives], e.group) for e in chosen]
    return Dataset(data.name, [data.passages[at] for at in used], examples)


def shingles(text: str, n: int) -> set[int]:
    """Hashes of all runs of n words: two texts that share one were taken from the same place."""
    words = re.findall(r"\w+", text.lower())
    return {hash(tuple(words[i : i + n])) for i in range(max(1, len(words) - n + 1))}


def training_data(folder: Path, recipe: dict, dev_passages: list[str]) -> list[Dataset]:
    """The training part of each file: nothing held back, nothing that shares a run of words with development."""
    run = recipe["shared_words"]
    seen = set().union(*(shingles(passage, run) for passage in dev_passages))
    rng = random.Random(recipe["seed"])
    developed = set(recipe["develop"].values())
    parts = []
    for name, most in recipe["train"].items():
        data = read(folder, name)
        clean = {at for at, passage in enumerate(data.passages) if not shingles(passage, run) & seen}
        spare = {e.query for e in data.examples if name in developed and held_back(e.group, recipe["develop_share"])}
        part = subset(data, lambda e, clean=clean, spare=spare: set(e.positives) <= clean and e.query not in spare)
        rng.shuffle(part.examples)
        # A set with fewer questions than asked for is gone through again: with other negatives, typed otherwise.
        wanted = min(most, recipe["most_times"] * len(part.examples))
        again = part.examples * (1 + wanted // max(1, len(part.examples)))
        parts.append(Dataset(name, part.passages, again[:wanted]))
    return parts


def development_sets(folder: Path, recipe: dict) -> dict[str, Dataset]:
    """The held-back part of each development file, at most `develop_questions` questions with all held-back passages."""
    sets, rng = {}, random.Random(recipe["seed"])
    for kind, name in {**recipe["develop"], **recipe["left_out"]}.items():
        data = read(folder, name)
        if name in recipe["train"]:
            data = subset(data, lambda e: held_back(e.group, recipe["develop_share"]))
        examples = sorted(data.examples, key=lambda e: e.query)
        chosen = rng.sample(examples, min(recipe["develop_questions"], len(examples)))
        sets[kind] = Dataset(name, data.passages, chosen)
    return sets
