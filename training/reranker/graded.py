"""The second stage: lists that readers graded, at a low rate.

    python -m training.reranker.graded --data DIR --pools DIR [--start FOLDER] [--lists N] [--set NAME=VALUE] [--out FOLDER]

Goes on from the weights in --start (those of train.py, by default), writes bxe/weights/bxe-reranker-minilm, and keeps
checkpoints in build/reranker/graded-all. Run it again to go on after a stop. `--lists` takes the first N only, for a learning
curve, `--set` changes a number of the recipe, for an ablation, and `--seed` draws another order: such runs write
build/reranker/NAME/weights, which training.evaluate measures, with `--log NAME` into ablations.csv.
The lists are those of DIR/graded and those of graded.jsonl.gz, whose texts `pools.py` and `howto.py` make again; our
contrast pairs come with the grades that they were made for.

The logit learns two things at once: to rank by itself, and to add what separate reading (MaxSim) misses. The
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
from training.reranker.lists import TrainingList
from training.reranker.pools import embedded
from training.reranker.special import HERE, contrast_lists
from training.reranker.train import BREADTH, CACHE, Step, checkpoints, train

POOLS = ("pools.jsonl", "howto.jsonl")
OF_LISTS = ("contrast_times", "role_swaps", "contrast_drawn", "held_back", "lists_per_step")
BY_HAND = [3, 1, 0, 0]  # the grades of a contrast list: the answer, its trap, answers to other queries


@dataclass
class GradedList:
    """A query, its passages, what readers think of each (0 to 3), and the MaxSim of both texts' token vectors."""

    id: str
    query: str
    texts: list[str]
    grades: list[int]
    maxsims: list[float]

    @property
    def queries(self) -> list[str]:
        return [self.query] * len(self.texts)

    def loss(self, logits: torch.Tensor, run: dict) -> torch.Tensor:
        """Cross-entropy of the logits, and of their sum with MaxSim, to the grades."""
        by_grade = run["grade_weight"] * torch.tensor(self.grades, dtype=torch.float32, device=logits.device)
        maxsims = torch.tensor(self.maxsims, dtype=torch.float32, device=logits.device)
        # Among texts of one grade the logit keeps the order that MaxSim sees.
        alone = (by_grade + maxsims / run["soft_temperature"]).softmax(0)
        summed = logits + run["maxsim_weight"] * maxsims
        lone_loss = -(alone * logits.log_softmax(0)).sum()
        return lone_loss - run["sum_share"] * (by_grade.softmax(0) * summed.log_softmax(0)).sum()


def graded_lists(data: Path, pools: Path, contrast: list[TrainingList]) -> list[GradedList]:
    """All graded lists in which two grades differ, and contrast pairs, with MaxSim."""
    found = [
        (row["id"], row["query"], row["passages"], row["grades"]) for row in rows(data / "graded/graded_lists.jsonl.gz")
    ]
    graded = {row["id"]: row["grades"] for row in rows(HERE / "graded.jsonl.gz")}
    made = {row["id"]: row for name in POOLS for row in _lines(pools / name)}
    if lost := graded.keys() - made.keys():
        raise SystemExit(
            f"{pools}: {len(lost)} graded lists are not there, as {min(lost)}; run training.reranker.pools and "
            "training.reranker.howto again"
        )
    found += [(at, made[at]["query"], made[at]["passages"], grades) for at, grades in graded.items()]
    found = [entry for entry in found if len(set(entry[3])) > 1]
    found += [(f"contrast-{n}", each.queries[0], each.texts, BY_HAND) for n, each in enumerate(contrast)]
    vectors = embedded([text for _, query, passages, _ in found for text in (query, *passages)])
    lists = []
    for name, query, passages, grades in found:
        maxsims = [float((vectors[query][1] @ vectors[text][1].T).max(1).mean()) for text in passages]
        lists.append(GradedList(name, query, passages, grades, maxsims))
    return lists


def _lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def steps_of(lists: list[GradedList], settings: dict, seed: int, most: int | None = None) -> list[Step]:
    """Each list once, in random order, at most so many of them, at rates that fall to 0."""
    order = random.Random(seed).sample(lists, len(lists))[:most]
    cut = [order[at : at + settings["lists_per_step"]] for at in range(0, len(order), settings["lists_per_step"])]
    rates = [np.linspace(*settings[name], len(cut)).tolist() for name in ("adapter_rate", "head_rate")]
    return [Step(chosen, *both) for chosen, *both in zip(cut, *rates)]


def prepare(data: Path | None, pools: Path, recipe: dict) -> list[GradedList]:
    """All lists: made once, then read from the cache."""
    kept, settings = CACHE / "graded-lists.jsonl", recipe["graded"]
    if not kept.exists():
        rng = random.Random(recipe["seed"])
        contrast = rng.sample(contrast_lists(recipe, settings, rng), settings["contrast_drawn"])
        lists = graded_lists(data_folder(data), pools, contrast)
        write(kept, "".join(json.dumps(asdict(entry)) + "\n" for entry in lists).encode())
    return [GradedList(**row) for row in _lines(kept)]


def changes(given: list[str], settings: dict) -> dict:
    """NAME=VALUE, for those numbers of the recipe that do not change the lists, which are kept."""
    may = [name for name, value in settings.items() if isinstance(value, (int, float)) and name not in OF_LISTS]
    changed = {name: yaml.safe_load(value) for name, _, value in (entry.partition("=") for entry in given)}
    for name, value in changed.items():
        if name not in may or not isinstance(value, (int, float)):
            raise SystemExit(f"--set {name}={value}: expected a number (2.0e-4, .inf) for one of {', '.join(may)}")
    return changed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="the folder of the public sets (see training/README.md)")
    parser.add_argument("--pools", type=Path, required=True, help="what training.reranker.pools wrote")
    parser.add_argument("--start", type=Path, default=BREADTH, help="the weights to go on from; default: train.py's")
    parser.add_argument("--lists", type=int, help="the first N only; default: all")
    parser.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE", help="numbers of the recipe's `graded`")
    parser.add_argument("--seed", type=int, help="of the lists' order; default: the recipe's")
    parser.add_argument("--out", type=Path, help="a folder for the weights; default: bxe/weights for a full run")
    args, recipe = parser.parse_args(), yaml.safe_load((HERE / "recipe.yaml").read_text())
    settings = recipe["graded"]
    settings |= changes(args.set, settings)
    lists = prepare(args.data, args.pools, recipe)
    recipe["seed"] = args.seed or recipe["seed"]
    lists = [entry for entry in lists if not held_back(entry.id, settings["held_back"])]
    lists = random.Random(recipe["seed"]).sample(lists, len(lists))
    steps = steps_of(lists, settings, recipe["seed"], args.lists)
    seen = [entry for step in steps for entry in step.lists]
    print(len(steps), "steps,", len(seen), "lists,", sum(len(entry.texts) for entry in seen), "pairs", flush=True)
    changed = [*args.set, *([f"seed={args.seed}"] if args.seed else [])]
    full = args.lists is None and not changed
    cache = CACHE / "-".join(["graded", "all" if args.lists is None else str(args.lists), *changed])
    out = args.out or (WEIGHTS / CROSS_ENCODER if full else cache / "weights")
    recipe["train_run"] |= settings | {"maxsim_weight": recipe["maxsim_weight"]}
    train(steps, recipe, cache, pick_device(), args.start)
    last = checkpoints(cache)[-recipe["train_run"]["average_last"] :]
    states = [torch.load(path, weights_only=True)["model"] for path in last]
    export(average(states), recipe["model"], out)


if __name__ == "__main__":
    main()
