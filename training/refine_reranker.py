"""Train bxe-reranker-minilm on: from what train_reranker.py wrote, towards a better teacher and pairs seen in both directions.

    python training/refine_reranker.py --data ../shared/data       (or: make weights-reranker, which runs both)

The section `refine` of reranker.yaml has the numbers. Starts from the weights in --out, mines lists of its own, trains
with checkpoints (run it again to go on), averages the last ones, and writes --out anew.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import time
from pathlib import Path

import numpy as np
import torch
import yaml
from reranker_data import Dataset, development_sets, many_queries, mine, role_swaps, rows, shorten, training_data
from safetensors.torch import load_file
from train_reranker import HERE, Step, average, encoder_precision, export, train

from bxe.models import load_bi_encoder, pick_device


def token_vectors(model, texts: list[str]) -> dict[str, torch.Tensor]:
    """The vectors of each text's tokens, of length 1, in float16: (tokens, 384)."""
    vectors = {}
    for start in range(0, len(texts), 1000):
        part = texts[start : start + 1000]
        for text, tokens in zip(part, model.encode(part, output_value="token_embeddings", show_progress_bar=False)):
            vectors[text] = torch.nn.functional.normalize(tokens.float(), dim=-1).half().cpu()
    return vectors


def teach(lists: list[dict], model, settings: dict) -> None:
    """Give mined lists the teacher's logits: MaxSim and cosine of the bi-encoder's own vectors, and what the labels know.

    MaxSim (late interaction: Khattab & Zaharia 2020, arXiv:2004.12832) looks up the most similar token of the text for
    each token of the query. Of MiniLM's token vectors, which nobody trained for it, it ranks better than MiniLM's cosine.
    """
    vectors = token_vectors(model, sorted({t for e in lists for t in (e["query"], *e["texts"])}, key=len))
    for entry in lists:
        query, logits = vectors[entry["query"]].float(), []
        for text in entry["texts"]:
            tokens = vectors[text].float()
            cosine = torch.cosine_similarity(query.mean(0), tokens.mean(0), dim=0)
            maxsim = (query @ tokens.T).max(1).values.mean()
            logits.append(float(maxsim / settings["maxsim_unit"] + cosine / settings["cosine_unit"]))
        logits[0] += settings["answer"]
        if entry.pop("trap", False):  # the last text: it looks like the answer and is none
            logits[-1] = min(logits[-1], logits[0] - settings["answer"]) - settings["trap"]
        entry["teacher"] = [round(value, 3) for value in logits]


def both_directions(row: dict, settings: dict) -> dict:
    """Two texts under two queries, of which each is the other's trap: neither text nor query alone gives anything away."""
    asked = [row["query"], row["query"], row["counter_query"], row["counter_query"]]
    gap = settings["answer"] + settings["trap"]
    return {
        "queries": asked,
        "texts": [row["answer"], row["trap"], row["answer"], row["trap"]],
        "teacher": [gap, 0, 0, gap],
    }


def prepare(data: Path, config: dict, cache: Path) -> list[dict]:
    """All lists, each with the teacher's logits; the mined ones are kept in the cache."""
    from bxe.corpora import load_reference

    refine, rng = config["refine"], random.Random(config["seed"] + 2)
    mined = cache / "lists.jsonl.gz"
    if not mined.exists():
        encoder, lists = load_bi_encoder(precision=encoder_precision()), []
        passages = [p for s in development_sets(data, config).values() for p in s.passages]
        passages += load_reference().text.tolist()
        mining = config | {
            "train": {name: min(most, refine["questions"]) for name, most in config["train"].items()},
            "lists": config["lists"] | refine["lists"],
        }
        for part in training_data(data, mining, passages):
            started = time.monotonic()
            some = [shorten(e, mining["lists"], rng) for e in mine(thin(part, refine, rng), encoder, mining, rng)]
            teach(some, encoder, refine["teacher"])
            lists += [{key: entry[key] for key in ("query", "texts", "teacher")} for entry in some]
            print(f"{part.name:<50}{len(some):>7} lists {time.monotonic() - started:6.0f} s", flush=True)
        cache.mkdir(parents=True, exist_ok=True)
        with gzip.open(cache / "partial", "wt") as file:
            file.writelines(json.dumps(entry) + "\n" for entry in lists)
        (cache / "partial").rename(mined)
    with gzip.open(mined, "rt") as file:
        lists = [json.loads(line) for line in file]
    pairs = [row for row in rows(HERE / config["contrast"]) if "counter_query" in row]
    pairs += role_swaps(HERE / config["roles"], refine["role_swaps"], rng)
    lists += [both_directions(row, refine["teacher"]) for row in pairs]
    for entry in many_queries(data, config, refine, rng):
        best, *others = refine["teacher"][entry["set"]]
        lists.append(entry | {"teacher": [best, *others[1 - len(entry["texts"]) :]]})
    rng.shuffle(lists)
    return lists


def thin(data: Dataset, refine: dict, rng: random.Random) -> Dataset:
    """The same questions among fewer passages: their own, and others up to a number. Mining is the slow part."""
    needed = {at for example in data.examples for at in example.positives}
    others = [at for at in range(len(data.passages)) if at not in needed]
    kept = sorted(needed) + rng.sample(others, min(len(others), max(0, refine["passages"] - len(needed))))
    new = {old: now for now, old in enumerate(kept)}
    examples = [type(e)(e.query, [new[at] for at in e.positives], e.group) for e in data.examples]
    return Dataset(data.name, [data.passages[at] for at in kept], examples)


def steps_of(lists: list[dict], refine: dict) -> list[Step]:
    size = refine["lists_per_step"]
    cut = [lists[at : at + size] for at in range(0, len(lists), size)][: refine["steps"]]
    rates = [np.linspace(*refine[name], len(cut)).tolist() for name in ("adapter_rate", "head_rate")]
    return [Step(chosen, *both) for chosen, *both in zip(cut, *rates)]


def exported(folder: Path) -> dict[str, torch.Tensor]:
    """Adapter and head of a folder, under the names that they have in training: the inverse of `export`."""
    state = {name: value.float() for name, value in load_file(folder / "head.safetensors").items()}
    for name, value in load_file(folder / "adapter_model.safetensors").items():
        module, factor = name.removeprefix("base_model.model.").removesuffix(".weight").split(".lora_")
        state[f"0.model.{module}.parametrizations.weight.0.{factor}"] = value.float()
    return state


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=HERE.parent.parent / "shared" / "data")
    parser.add_argument("--cache", type=Path, default=HERE.parent / "build" / "reranker" / "refine")
    parser.add_argument("--out", type=Path, default=HERE.parent / "bxe" / "weights" / "bxe-reranker-minilm")
    args = parser.parse_args()
    config = yaml.safe_load((HERE / "reranker.yaml").read_text())
    config["train_run"] |= config["refine"]["train_run"]
    steps = steps_of(prepare(args.data, config, args.cache), config["refine"])
    pairs = sum(len(entry["texts"]) for step in steps for entry in step.lists)
    print(len(steps), "steps,", pairs, "pairs", flush=True)
    train(steps, config, args.cache, pick_device(), start=exported(args.out))
    export(average(args.cache, config["train_run"]["average_last"]), config, args.out)


if __name__ == "__main__":
    main()
