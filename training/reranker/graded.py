"""The second stage: lists that readers graded, at a low rate.

    python -m training.reranker.graded --data DIR --pools DIR [--start FOLDER] [--lists N]

Goes on from the weights in --start (those that ship, by default) and writes checkpoints to build/reranker/graded; run it
again to go on. `--lists` takes the first N only, for a learning curve. The lists are those of DIR/graded and those of
graded.jsonl.gz, whose texts `pools.py` makes again.

The logit learns two things at once: to rank by itself, and to add what separate reading (cosine and MaxSim) misses. The
second is a residual: it starts from no worse than what the vectors know (Sun et al. 2023, arXiv:2304.09542, for training
on lists that a strong reader has ordered).
"""

from __future__ import annotations

import argparse
import json
import random
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
import yaml

from bxe.files import write
from bxe.models import CROSS_ENCODER, WEIGHTS, pick_device
from training.data import data_folder, held_back, rows
from training.reranker.adapter import average, export
from training.reranker.pools import embedded
from training.reranker.train import CACHE, Step, checkpoints, train

HERE = Path(__file__).parent


@dataclass
class GradedList:
    """A query, its passages, what readers think of each (0 to 3), and how near the vectors of both are."""

    id: str
    query: str
    texts: list[str]
    grades: list[int]
    cosines: list[float]
    maxsims: list[float]

    @property
    def queries(self) -> list[str]:
        return [self.query] * len(self.texts)

    def loss(self, logits: torch.Tensor, run: dict) -> torch.Tensor:
        """Cross-entropy of the logits, and of their sum with cosine and MaxSim, to the grades."""
        grades, cosines, maxsims = (
            torch.tensor(values, dtype=torch.float32, device=logits.device)
            for values in (self.grades, self.cosines, self.maxsims)
        )
        by_grade = run["grade_weight"] * grades
        # Among texts of one grade the logit keeps the order that the vectors see.
        alone = (by_grade + (cosines + maxsims) / 2 / run["soft_temperature"]).softmax(0)
        summed = logits + run["cosine_weight"] * cosines + run["maxsim_weight"] * maxsims
        lone_loss = -(alone * logits.log_softmax(0)).sum()
        return lone_loss - run["sum_share"] * (by_grade.softmax(0) * summed.log_softmax(0)).sum()


def graded_lists(data: Path, pools: Path) -> list[GradedList]:
    """All graded lists in which two grades differ, with cosines and MaxSim."""
    found = [
        (row["id"], row["query"], row["passages"], row["grades"]) for row in rows(data / "graded/graded_lists.jsonl.gz")
    ]
    graded = {row["id"]: row["grades"] for row in rows(HERE / "graded.jsonl.gz")}
    made = {row["id"]: row for row in _lines(pools / "pools.jsonl")}
    if lost := graded.keys() - made.keys():
        raise SystemExit(
            f"{pools}: {len(lost)} graded lists are not there, as {min(lost)}; run training.reranker.pools again"
        )
    found += [(at, made[at]["query"], made[at]["passages"], grades) for at, grades in graded.items()]
    found = [entry for entry in found if len(set(entry[3])) > 1]
    vectors = embedded([text for _, query, passages, _ in found for text in (query, *passages)])
    lists = []
    for name, query, passages, grades in found:
        vector, words = vectors[query]
        cosines = [float(vector @ vectors[text][0]) for text in passages]
        maxsims = [float((words @ vectors[text][1].T).max(1).mean()) for text in passages]
        lists.append(GradedList(name, query, passages, grades, cosines, maxsims))
    return lists


def _lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def steps_of(lists: list[GradedList], settings: dict, seed: int) -> list[Step]:
    """Each list once, in random order, at rates that fall to 0."""
    order = random.Random(seed).sample(lists, len(lists))
    cut = [order[at : at + settings["lists_per_step"]] for at in range(0, len(order), settings["lists_per_step"])]
    rates = [np.linspace(*settings[name], len(cut)).tolist() for name in ("adapter_rate", "head_rate")]
    return [Step(chosen, *both) for chosen, *both in zip(cut, *rates)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="the folder of the public sets (see training/README.md)")
    parser.add_argument("--pools", type=Path, required=True, help="what training.reranker.pools wrote")
    parser.add_argument("--start", type=Path, default=WEIGHTS / CROSS_ENCODER, help="the weights to go on from")
    parser.add_argument("--lists", type=int, help="the first N only; default: all")
    parser.add_argument("--out", type=Path, required=True, help="a folder for the weights")
    args, recipe = parser.parse_args(), yaml.safe_load((HERE / "recipe.yaml").read_text())
    settings, cache = recipe["graded"], CACHE / f"graded-{args.lists or 'all'}"
    kept = cache / "lists.jsonl"
    if not kept.exists():
        lists = graded_lists(data_folder(args.data), args.pools)
        write(kept, "".join(json.dumps(asdict(entry)) + "\n" for entry in lists).encode())
    lists = [GradedList(**row) for row in _lines(kept)]
    lists = [entry for entry in lists if not held_back(entry.id, settings["held_back"])]
    lists = random.Random(recipe["seed"]).sample(lists, args.lists or len(lists))
    steps = steps_of(lists, settings, recipe["seed"])
    print(len(steps), "steps,", len(lists), "lists,", sum(len(entry.texts) for entry in lists), "pairs", flush=True)
    recipe["train_run"] |= settings
    train(steps, recipe, cache, pick_device(), args.start)
    last = checkpoints(cache)[-recipe["train_run"]["average_last"] :]
    states = [torch.load(path, weights_only=True)["model"] for path in last]
    export(average(states), recipe["model"], args.out)


if __name__ == "__main__":
    main()
