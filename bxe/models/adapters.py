"""An adapter that was trained on a bi-encoder: written whole or not at all, and put on no other model than its own."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from bxe.files import expanded, write
from bxe.models.embedded import BI_ENCODER, minilm_place
from bxe.models.hub import quiet

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BASE = "base.json"  # which weights the adapter was trained on
FILES = ("adapter_config.json", "adapter_model.safetensors", BASE)


def save_adapter(model: SentenceTransformer, folder: str | os.PathLike) -> Path:
    """Write a model's adapter, the library's model card, and which weights it was trained on.

    Everything is written into a temporary folder beside `folder`, which is then renamed: an interruption leaves nothing
    half-written behind under that name.

    Args:
        model: a SentenceTransformer with an adapter, as `model.add_adapter` puts it there.
        folder: a new one, or one that this function wrote, which is then replaced.

    Returns:
        The folder.

    Raises:
        ValueError: if the model has no adapter, or the folder holds something else.

    Source: Hu et al. (2021), "LoRA", arXiv:2106.09685.

    Example:
        >>> from bxe import load_bi_encoder
        >>> save_adapter(load_bi_encoder(device="cpu"), "tickets")
        Traceback (most recent call last):
        ValueError: the model has no adapter; put one on it with model.add_adapter(LoraConfig(...)), and train it
    """
    body, folder = model[0].model, expanded(folder)
    if not getattr(body, "peft_config", None):
        raise ValueError(
            "the model has no adapter; put one on it with model.add_adapter(LoraConfig(...)), and train it"
        )
    if folder.exists() and not (folder / BASE).is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise ValueError(f"{folder} holds something else than an adapter; give a new folder")
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        with quiet():
            model.save_pretrained(str(temporary))
        config = json.loads((temporary / "adapter_config.json").read_text(encoding="utf-8"))
        name = config["base_model_name_or_path"]
        if name == str(minilm_place()):  # a folder of this machine only
            name = f"sentence-transformers/{BI_ENCODER}"
            config["base_model_name_or_path"] = name
            write(temporary / "adapter_config.json", json.dumps(config, indent=1).encode())
        write(temporary / BASE, json.dumps({"name": name, "sha256": _weights(body)}, indent=1).encode())
        temporary.chmod(0o755)
        if folder.exists():
            shutil.rmtree(folder)
        temporary.replace(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return folder


def load_adapter(model: SentenceTransformer, folder: str | os.PathLike) -> None:
    """Put an adapter that `save_adapter` wrote on the model that it was trained on; `model.load_adapter` does the work.

    Args:
        model: with the same weights as the one that was trained, and no adapter yet.
        folder: where the adapter is.

    Raises:
        FileNotFoundError: if the folder, or a file of it, is not there.
        ValueError: if the adapter was trained on other weights, or the model has an adapter already.

    Example:
        >>> load_adapter(None, "no-such-folder")
        Traceback (most recent call last):
        FileNotFoundError: there is no no-such-folder/adapter_config.json; give a folder that save_adapter wrote
    """
    folder = expanded(folder)
    for name in FILES:
        if not (folder / name).is_file():
            raise FileNotFoundError(f"there is no {folder / name}; give a folder that save_adapter wrote")
    body = model[0].model
    if getattr(body, "peft_config", None):
        raise ValueError("the model has an adapter already; load the base model anew")
    base = json.loads((folder / BASE).read_text(encoding="utf-8"))
    if (found := _weights(body)) != base["sha256"]:
        raise ValueError(
            f"the adapter in {folder} was trained on {base['name']} (weights {base['sha256'][:8]}), but this model has "
            f"the weights {found[:8]}; load {base['name']} first"
        )
    with quiet():
        model.load_adapter(str(folder))


def _weights(body) -> str:
    """A name for the weights under an adapter, whether it is on or not."""
    import torch

    digest = hashlib.sha256()
    named = {name.replace(".base_layer", ""): value for name, value in body.state_dict().items() if "lora_" not in name}
    for name in sorted(named):
        digest.update(name.encode())
        digest.update(named[name].detach().cpu().contiguous().flatten().view(torch.uint8).numpy())
    return digest.hexdigest()
