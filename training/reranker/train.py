"""Train bxe-reranker-minilm: a low-rank adapter and a head that turn all-MiniLM-L6-v2 into a cross-encoder.

    python -m training.reranker.train --data DIR        (or: make weights-reranker DATA=DIR)

The first of two stages, breadth. Mines the lists once, trains with checkpoints (run it again to go on), averages the last
ones, and writes build/reranker/breadth, from which graded.py goes on. Everything that can be chosen stands in recipe.yaml
beside this file.

A plain loop rather than CrossEncoderTrainer, for three reasons: lists are batched by length (half the padding), the
adapter is folded into the weights at each step (a third faster on a CPU than a LoRA layer beside each linear), and a
run can stop anywhere and go on.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import random
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
import yaml
from sentence_transformers import CrossEncoder
from torch.nn.utils import parametrize

from bxe.corpora import load_reference
from bxe.files import write
from bxe.models import load_bi_encoder, pick_device
from training.data import data_folder, development_sets, training_data
from training.reranker.adapter import average, build, export, fast_in_bfloat16, restore, trained
from training.reranker.lists import TrainingList, mine, shorten
from training.reranker.special import special_lists

HERE = Path(__file__).parent
CACHE = HERE.parent.parent / "build" / "reranker"
BREADTH = CACHE / "breadth"  # the weights that this stage writes


def prepare(data: Path, recipe: dict, cache: Path) -> list[list[TrainingList]]:
    """The training lists of each phase: mined once, then read from the cache. Our contrast pairs are read anew each time."""
    encoder = load_bi_encoder(precision="bfloat16" if fast_in_bfloat16(pick_device()) else "float32")
    mined = cache / "lists.jsonl.gz"
    if not mined.exists():
        passages = [p for s in development_sets(data, recipe).values() for p in s.passages]
        passages += load_reference().text.tolist()
        rng, lists = random.Random(recipe["seed"]), []
        for part in training_data(data, recipe, passages):
            started = time.monotonic()
            lists += mine(part, encoder, recipe, rng)
            print(f"{part.name:<50}{len(part.examples):>7} lists {time.monotonic() - started:6.0f} s", flush=True)
        write(mined, gzip.compress("".join(json.dumps(asdict(entry)) + "\n" for entry in lists).encode()))
    with gzip.open(mined, "rt", encoding="utf-8") as file:
        lists = [TrainingList(**json.loads(line)) for line in file]
    phases, unused = [], list(range(len(lists)))
    for number, phase in enumerate(recipe["phases"]):
        rng = random.Random(recipe["seed"] + number)
        special = special_lists(data, recipe, phase, encoder, rng)
        chosen = rng.sample(unused, min(len(unused), phase["mined"]))
        unused = sorted(set(unused) - set(chosen))
        phases.append([shorten(lists[i], recipe["lists"], rng) for i in chosen] + special)
    return phases


@dataclass
class Step:
    """What one step learns from, and at which rates."""

    lists: list[TrainingList]
    adapter_rate: float
    head_rate: float


def steps_of(phases: list[list[TrainingList]], recipe: dict) -> list[Step]:
    """Each phase's lists in random order, cut into steps: each step has something of every kind and length."""
    steps, size = [], recipe["train_run"]["lists_per_step"]
    for lists, phase in zip(phases, recipe["phases"]):
        order = list(range(len(lists)))
        random.Random(recipe["seed"]).shuffle(order)
        cut = [[lists[i] for i in order[at : at + size]] for at in range(0, len(order), size)][: phase["steps"]]
        rates = [np.linspace(*phase[name], len(cut)).tolist() for name in ("adapter_rate", "head_rate")]
        steps += [Step(chosen, *both) for chosen, *both in zip(cut, *rates)]
    return steps


def score(model: CrossEncoder, pairs: list[tuple[str, str]], run: dict, device: str) -> torch.Tensor:
    """The logits of pairs, computed in groups of like length, since padding costs as much as text."""
    model.max_seq_length = run["max_tokens"]
    order = sorted(range(len(pairs)), key=lambda i: len(pairs[i][0]) + len(pairs[i][1]))
    size, parts = run["pairs_per_group"], []
    # cached: the adapter is folded into the weights once a step, not once a group.
    kind, half = device.partition(":")[0], fast_in_bfloat16(device)
    with parametrize.cached(), torch.autocast(kind, dtype=torch.bfloat16, enabled=half):
        for start in range(0, len(order), size):
            features = model.preprocess([pairs[i] for i in order[start : start + size]])
            features = {k: v.to(device) for k, v in features.items() if isinstance(v, torch.Tensor)}
            parts.append(model(features)["scores"].float().view(-1))
    back = torch.tensor(order, device=device).argsort()
    return torch.cat(parts)[back]


def loss_of(model: CrossEncoder, chosen: list[TrainingList], run: dict, device: str) -> torch.Tensor:
    """The mean over lists of what each list says of its logits."""
    pairs = [pair for entry in chosen for pair in zip(entry.queries, entry.texts)]
    parts = score(model, pairs, run, device).split([len(entry.texts) for entry in chosen])
    return torch.stack([entry.loss(part, run) for entry, part in zip(chosen, parts)]).mean()


def train(steps: list[Step], recipe: dict, cache: Path, device: str, start: Path | None = None) -> None:
    """One pass over the steps, with a checkpoint every so many steps; goes on from the last one, or else from `start`."""
    run = recipe["train_run"]
    torch.manual_seed(recipe["seed"])
    model = build(recipe["model"], device)
    parameters = trained(model)
    head = [p for name, p in parameters.items() if not name.startswith("0.")]
    adapter = [p for name, p in parameters.items() if name.startswith("0.")]
    groups = [{"params": adapter}, {"params": head}]
    optimiser = torch.optim.AdamW(groups, weight_decay=run["weight_decay"], fused=True)
    done, spent = 0, 0.0
    if start:
        restore(model, start)
    if resumed := checkpoints(cache):
        state = torch.load(resumed[-1], weights_only=True)
        model.load_state_dict(state["model"], strict=False)
        optimiser.load_state_dict(state["optimiser"])
        done, spent = state["done"], state["spent"]
    started, losses = time.monotonic() - spent, []
    while done < len(steps):
        step, warm = steps[done], min(1, (done + 1) / run["warmup_steps"])
        for group, rate in zip(optimiser.param_groups, (step.adapter_rate, step.head_rate)):
            group["lr"] = rate * warm
        loss = loss_of(model, step.lists, run, device)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(list(parameters.values()), run["most_gradient"])
        optimiser.step()
        optimiser.zero_grad()
        losses.append(loss.item())
        done += 1
        if done % run["checkpoint_steps"] == 0 or done == len(steps):
            spent = time.monotonic() - started
            keep_checkpoint(model, optimiser, done, spent, cache)
            recent = np.mean(losses[-run["checkpoint_steps"] :])
            print(f"step {done} of {len(steps)}, {spent / 60:.1f} min, loss {recent:.4f}", flush=True)


def keep_checkpoint(
    model: CrossEncoder, optimiser: torch.optim.Optimizer, done: int, spent: float, cache: Path
) -> None:
    """Write what a run needs to go on from here: adapter, head, and the optimiser's state."""
    state = {name: p.detach().cpu().clone() for name, p in trained(model).items()}
    buffer = io.BytesIO()
    torch.save({"model": state, "optimiser": optimiser.state_dict(), "done": done, "spent": spent}, buffer)
    write(cache / f"checkpoint-{done:06}.pt", buffer.getvalue())


def checkpoints(cache: Path) -> list[Path]:
    """The files, oldest first."""
    return sorted(cache.glob("checkpoint-*.pt"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="the folder of the public sets (see training/README.md)")
    data = data_folder(parser.parse_args().data)
    recipe = yaml.safe_load((HERE / "recipe.yaml").read_text())
    steps = steps_of(prepare(data, recipe, CACHE), recipe)
    seen = [entry for step in steps for entry in step.lists]
    print(len(steps), "steps,", len(seen), "lists,", sum(len(e.texts) for e in seen), "pairs", flush=True)
    train(steps, recipe, CACHE, pick_device())
    last = checkpoints(CACHE)[-recipe["train_run"]["average_last"] :]
    states = [torch.load(path, weights_only=True)["model"] for path in last]
    export(average(states), recipe["model"], BREADTH)


if __name__ == "__main__":
    main()
