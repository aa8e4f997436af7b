"""What is trained: an adapter and a head that turn all-MiniLM-L6-v2 into a cross-encoder; and how both are written."""

from __future__ import annotations

import functools
import hashlib
import json
import timeit
from pathlib import Path

import torch
from safetensors.torch import load_file, save
from sentence_transformers import CrossEncoder
from torch.nn.utils import parametrize
from transformers import AttentionInterface
from transformers.masking_utils import AttentionMaskInterface, eager_mask

from bxe.files import write
from bxe.models import reranker_modules


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


def build(settings: dict, device: str) -> CrossEncoder:
    """The cross-encoder with its adapter as a parametrization of the frozen weights, above the layers left as they are."""
    model = reranker_modules(device)
    model[0].model.set_attn_implementation("short" if fast_in_bfloat16(device) else "sdpa")
    for parameter in model[0].parameters():
        parameter.requires_grad_(False)
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    for layer in model[0].model.encoder.layer[settings["frozen_layers"] :]:
        for name, module in list(layer.named_modules()):
            if isinstance(module, torch.nn.Linear) and name.rpartition(".")[2] in settings["adapted"]:
                low_rank = LowRank(module.weight, settings["rank"]).to(device)
                parametrize.register_parametrization(module, "weight", low_rank)
    return model


def trained(model: CrossEncoder) -> dict[str, torch.nn.Parameter]:
    """Adapter and head by name; those of the adapter begin with "0."."""
    return {name: p for name, p in model.named_parameters() if p.requires_grad}


def restore(model: CrossEncoder, folder: Path) -> None:
    """Put adapter and head, as `export` wrote them, into a model that `build` made."""
    kept = load_file(folder / "adapter_model.safetensors") | load_file(folder / "head.safetensors")
    with torch.no_grad():
        for name, parameter in trained(model).items():
            parameter.copy_(kept[_exported(name)])


def _exported(name: str) -> str:
    """The name that a trained parameter has in the files: peft's in the adapter, its own in the head."""
    if ".parametrizations.weight.0." not in name:
        return name
    module, factor = name.removeprefix("0.model.").split(".parametrizations.weight.0.")
    return f"base_model.model.{module}.lora_{factor}.weight"


def average(states: list[dict[str, torch.Tensor]]) -> dict[str, torch.Tensor]:
    """The mean of checkpoints, factor by factor: close to the mean of the products B A, at the same rank."""
    return {name: torch.stack([s[name] for s in states]).mean(0) for name in states[0]}


def export(state: dict[str, torch.Tensor], settings: dict, folder: Path) -> None:
    """Write adapter (peft's names and format) and head in float16."""
    adapter, head = {}, {}
    for name, value in state.items():
        half = head if _exported(name) == name else adapter
        half[_exported(name)] = value.half().contiguous()
    described = {
        "peft_type": "LORA",
        "task_type": "FEATURE_EXTRACTION",
        "base_model_name_or_path": "sentence-transformers/all-MiniLM-L6-v2",
        "r": settings["rank"],
        "lora_alpha": settings["rank"],
        "lora_dropout": 0.0,
        "bias": "none",
        "target_modules": rf"encoder\.layer\.[{settings['frozen_layers']}-9]\..*\.({'|'.join(settings['adapted'])})",
    }
    files = {
        "adapter_config.json": json.dumps(described, indent=1).encode() + b"\n",
        "adapter_model.safetensors": save(adapter),
        "head.safetensors": save(head),
    }
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items())
    for name, content in {**files, "SHA256SUMS": sums.encode()}.items():
        write(folder / name, content)
