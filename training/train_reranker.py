"""Train bxe-reranker-minilm: a low-rank adapter and a head that turn all-MiniLM-L6-v2 into a cross-encoder.

    python training/train_reranker.py --data ../shared/data        (or: make weights-reranker)

Mines the lists once, trains with checkpoints (run it again to go on), averages the last ones, and writes
bxe/weights/bxe-reranker-minilm. Everything that can be chosen stands in reranker.yaml beside this file.

A plain loop rather than CrossEncoderTrainer, for three reasons: lists are batched by length (half the padding), the
adapter is folded into the weights at each step (a third faster on a CPU than a LoRA layer beside each linear), and a
run can stop anywhere and go on.
"""

from __future__ import annotations

import argparse
import functools
import gzip
import hashlib
import json
import random
import time
import timeit
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import yaml
from reranker_data import development_sets, mine, shorten, special_lists, training_data
from safetensors.torch import save
from torch.nn.utils import parametrize
from transformers import AttentionInterface
from transformers.masking_utils import AttentionMaskInterface, eager_mask

from bxe.course import write_atomically
from bxe.models import load_bi_encoder, pick_device, reranker_modules

HERE = Path(__file__).parent
ADAPTED = ("query", "key", "value", "dense")


class LowRank(torch.nn.Module):
    """weight -> weight + B A, as LoRA (Hu et al. 2021, arXiv:2106.09685), with alpha equal to the rank."""

    def __init__(self, weight: torch.Tensor, rank: int):
        super().__init__()
        self.A = torch.nn.Parameter(torch.randn(rank, weight.shape[1]) / weight.shape[1] ** 0.5)
        self.B = torch.nn.Parameter(torch.zeros(weight.shape[0], rank))

    def forward(self, weight: torch.Tensor) -> torch.Tensor:
        return weight + self.B @ self.A


def short_attention(module, query, key, value, attention_mask, scaling=None, dropout=0.0, **_):
    """Attention as two products and a softmax, all in the queries' own type.

    On a CPU the backward pass of torch's fused attention takes half of a step for texts as short as these; written out, and
    kept out of autocast's float32 softmax, attention takes a quarter.
    """
    with torch.autocast(query.device.type, enabled=False):
        weights = (query * scaling) @ key.transpose(2, 3)
        if attention_mask is not None:
            weights = weights + attention_mask.to(weights.dtype)
        return (weights.softmax(-1) @ value).transpose(1, 2).contiguous(), None


@functools.cache
def fast_in_bfloat16(device: str) -> bool:
    """Whether a matrix product takes less time in bfloat16. A CPU without instructions for it takes a hundred times longer."""
    if device != "cpu":
        return True
    full, half = (torch.ones(256, 256, dtype=dtype) for dtype in (torch.float32, torch.bfloat16))
    # The best of five: the first product is slower, and others may be disturbed.
    return min(timeit.repeat(lambda: half @ half, number=1)) < min(timeit.repeat(lambda: full @ full, number=1))


AttentionInterface.register("short", short_attention)
AttentionMaskInterface.register("short", eager_mask)


def build(config: dict, device: str):
    """The cross-encoder with its adapter as a parametrization of the frozen weights, above the layers left as they are."""
    model = reranker_modules(device)
    model[0].model.set_attn_implementation("short" if fast_in_bfloat16(device) else "sdpa")
    for parameter in model[0].parameters():
        parameter.requires_grad_(False)
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    for layer in model[0].model.encoder.layer[config["model"]["frozen_layers"] :]:
        for name, module in list(layer.named_modules()):
            if isinstance(module, torch.nn.Linear) and name.rpartition(".")[2] in ADAPTED:
                low_rank = LowRank(module.weight, config["model"]["rank"]).to(device)
                parametrize.register_parametrization(module, "weight", low_rank)
    return model


def trained(model) -> dict[str, torch.nn.Parameter]:
    return {name: p for name, p in model.named_parameters() if p.requires_grad}


def prepare(data: Path, config: dict, cache: Path) -> list[list[dict]]:
    """The training lists of each phase: mined once, then read from the cache. Our contrast pairs are read anew each time."""
    from bxe.corpora import load_reference

    encoder = load_bi_encoder(precision="bfloat16" if fast_in_bfloat16(pick_device()) else "float32")
    mined = cache / "lists.jsonl.gz"
    if not mined.exists():
        passages = [p for s in development_sets(data, config).values() for p in s.passages]
        passages += load_reference().text.tolist()
        rng, lists = random.Random(config["seed"]), []
        for part in training_data(data, config, passages):
            started = time.monotonic()
            lists += mine(part, encoder, config, rng)
            print(f"{part.name:<50}{len(part.examples):>7} lists {time.monotonic() - started:6.0f} s", flush=True)
        cache.mkdir(parents=True, exist_ok=True)
        with gzip.open(cache / "partial", "wt") as file:
            file.writelines(json.dumps(entry) + "\n" for entry in lists)
        (cache / "partial").rename(mined)
    with gzip.open(mined, "rt") as file:
        lists = [json.loads(line) for line in file]
    phases, unused = [], list(range(len(lists)))
    for number, phase in enumerate(config["phases"]):
        rng = random.Random(config["seed"] + number)
        special = special_lists(data, config, phase, encoder, HERE, rng)
        chosen = rng.sample(unused, min(len(unused), phase["mined"]))
        unused = sorted(set(unused) - set(chosen))
        phases.append([shorten(lists[i], config["lists"], rng) for i in chosen] + special)
    return phases


@dataclass
class Step:
    """What one step learns from, and at which rates."""

    lists: list[dict]
    adapter_rate: float
    head_rate: float


def steps_of(phases: list[list[dict]], config: dict) -> list[Step]:
    """Each phase's lists in random order, cut into steps: each step has something of every kind and length."""
    steps, size = [], config["train_run"]["lists_per_step"]
    for lists, phase in zip(phases, config["phases"]):
        order = list(range(len(lists)))
        random.Random(config["seed"]).shuffle(order)
        cut = [[lists[i] for i in order[at : at + size]] for at in range(0, len(order), size)][: phase["steps"]]
        rates = [np.linspace(*phase[name], len(cut)).tolist() for name in ("adapter_rate", "head_rate")]
        steps += [Step(chosen, *both) for chosen, *both in zip(cut, *rates)]
    return steps


def score(model, pairs: list[tuple[str, str]], config: dict, device: str) -> torch.Tensor:
    """The logits of pairs, computed in groups of like length, since padding costs as much as text."""
    model.max_seq_length = config["train_run"]["max_tokens"]
    order = sorted(range(len(pairs)), key=lambda i: len(pairs[i][0]) + len(pairs[i][1]))
    size, parts = config["train_run"]["pairs_per_group"], []
    # cached: the adapter is folded into the weights once a step, not once a group.
    kind, half = device.partition(":")[0], fast_in_bfloat16(device)
    with parametrize.cached(), torch.autocast(kind, dtype=torch.bfloat16, enabled=half):
        for start in range(0, len(order), size):
            features = model.preprocess([pairs[i] for i in order[start : start + size]])
            features = {k: v.to(device) for k, v in features.items() if isinstance(v, torch.Tensor)}
            parts.append(model(features)["scores"].float().view(-1))
    back = torch.tensor(order, device=device).argsort()
    return torch.cat(parts)[back]


def loss_of(model, chosen: list[dict], config: dict, device: str) -> torch.Tensor:
    """Per list: cross-entropy between target and scores, and how far the scores are from the target's own logits.

    The first is led by which text is best; the second also by the order of the others: a passage on the matter above
    one that is off it, by as much as the bi-encoder sees between them (MarginMSE: Hofstätter et al. 2020,
    arXiv:2010.02666).
    """
    pairs = [(q, t) for e in chosen for q, t in zip(e.get("queries") or [e["query"]] * len(e["texts"]), e["texts"])]
    run, total = config["train_run"], torch.zeros((), device=device)
    for entry, part in zip(chosen, score(model, pairs, config, device).split([len(e["texts"]) for e in chosen])):
        wanted = target(entry, run).to(device)
        logits = wanted.log().clamp(min=wanted.log().max() - run["margin_most"])
        gap = (part - part.mean()) - (logits - logits.mean())
        total = total - (wanted * part.log_softmax(0)).sum() + run["margin_weight"] * gap.square().mean()
    return total / len(chosen)


def target(entry: dict, run: dict) -> torch.Tensor:
    """The label (the first text), softened by the bi-encoder's opinion: a distribution over the list."""
    label = torch.zeros(len(entry["texts"]))
    label[0] = 1.0
    # Where one text stands under several queries, the bi-encoder's opinion says little of what is asked.
    weight = run["soft_weight"] * (0.4 if entry["set"] in ("snli", "unanswerable") else 1.0)
    soft = (torch.tensor(entry["cosines"]) / run["soft_temperature"]).softmax(0)
    return (1 - weight) * label + weight * soft


def train(steps: list[Step], config: dict, cache: Path, device: str) -> None:
    """One pass over the steps, with a checkpoint every so many steps; goes on from the last one."""
    run = config["train_run"]
    torch.manual_seed(config["seed"])
    model = build(config, device)
    parameters = trained(model)
    head = [p for name, p in parameters.items() if not name.startswith("0.")]
    adapter = [p for name, p in parameters.items() if name.startswith("0.")]
    optimiser = torch.optim.AdamW([{"params": adapter}, {"params": head}], weight_decay=0.01, fused=True)
    done, spent = 0, 0.0
    if resumed := sorted(cache.glob("checkpoint-*.pt")):
        state = torch.load(resumed[-1], weights_only=True)
        model.load_state_dict(state["model"], strict=False)
        optimiser.load_state_dict(state["optimiser"])
        done, spent = state["done"], state["spent"]
    started, losses = time.monotonic() - spent, []
    while done < len(steps):
        step, warm = steps[done], min(1, (done + 1) / run["warmup_steps"])
        for group, rate in zip(optimiser.param_groups, (step.adapter_rate, step.head_rate)):
            group["lr"] = rate * warm
        loss = loss_of(model, step.lists, config, device)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(list(parameters.values()), 1.0)
        optimiser.step()
        optimiser.zero_grad()
        losses.append(loss.item())
        done += 1
        if done % run["checkpoint_steps"] == 0 or done == len(steps):
            spent = time.monotonic() - started
            checkpoint(model, optimiser, done, spent, cache)
            recent = np.mean(losses[-run["checkpoint_steps"] :])
            print(f"step {done} of {len(steps)}, {spent / 60:.1f} min, loss {recent:.4f}", flush=True)


def checkpoint(model, optimiser, done: int, spent: float, cache: Path) -> None:
    state = {name: p.detach().cpu().clone() for name, p in trained(model).items()}
    torch.save(
        {"model": state, "optimiser": optimiser.state_dict(), "done": done, "spent": spent}, cache / "partial.pt"
    )
    (cache / "partial.pt").rename(cache / f"checkpoint-{done:06}.pt")


def average(cache: Path, last: int) -> dict[str, torch.Tensor]:
    """The mean of the last checkpoints, factor by factor: close to the mean of the products B A, at the same rank."""
    states = [torch.load(path, weights_only=True)["model"] for path in sorted(cache.glob("checkpoint-*.pt"))[-last:]]
    return {name: torch.stack([s[name] for s in states]).mean(0) for name in states[0]}


def export(state: dict[str, torch.Tensor], config: dict, folder: Path) -> None:
    """Write adapter (peft's names and format) and head in float16."""
    adapter, head = {}, {}
    for name, value in state.items():
        value = value.half().contiguous()
        if ".parametrizations.weight.0." in name:
            module, factor = name.removeprefix("0.model.").split(".parametrizations.weight.0.")
            adapter[f"base_model.model.{module}.lora_{factor}.weight"] = value
        else:
            head[name] = value
    settings = {
        "peft_type": "LORA",
        "task_type": "FEATURE_EXTRACTION",
        "base_model_name_or_path": "sentence-transformers/all-MiniLM-L6-v2",
        "r": config["model"]["rank"],
        "lora_alpha": config["model"]["rank"],
        "lora_dropout": 0.0,
        "bias": "none",
        "target_modules": rf"encoder\.layer\.[{config['model']['frozen_layers']}-9]\..*\.(query|key|value|dense)",
    }
    files = {
        "adapter_config.json": json.dumps(settings, indent=1).encode() + b"\n",
        "adapter_model.safetensors": save(adapter),
        "head.safetensors": save(head),
    }
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items())
    for name, content in {**files, "SHA256SUMS": sums.encode()}.items():
        write_atomically(folder / name, content)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=HERE.parent.parent / "shared" / "data")
    parser.add_argument("--cache", type=Path, default=HERE.parent / "build" / "reranker")
    parser.add_argument("--out", type=Path, default=HERE.parent / "bxe" / "weights" / "bxe-reranker-minilm")
    parser.add_argument("--only", choices=("mine", "train", "export"), help="one stage; by default all three")
    args = parser.parse_args()
    config = yaml.safe_load((HERE / "reranker.yaml").read_text())
    if args.only != "export":
        steps = steps_of(prepare(args.data, config, args.cache), config)
        seen = [entry for step in steps for entry in step.lists]
        print(len(steps), "steps,", len(seen), "lists,", sum(len(e["texts"]) for e in seen), "pairs", flush=True)
    if args.only in (None, "train"):
        train(steps, config, args.cache, pick_device())
    if args.only in (None, "export"):
        export(average(args.cache, config["train_run"]["average_last"]), config, args.out)


if __name__ == "__main__":
    main()
