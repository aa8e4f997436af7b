"""Whether a model's folder is whole: every file that its configuration names is there, complete, and no pickle."""

from __future__ import annotations

import json
from pathlib import Path

# Modules of sentence-transformers that have weights, and those that need no configuration of their own.
_WEIGHTED = {"Transformer", "Dense", "StaticEmbedding", "CLIPModel", "MLMTransformer"}
_BARE = {"Normalize", "StaticEmbedding"}
_ROUTERS = {"Router", "Asym"}  # modules made of others, in folders of their own
_TOKENIZERS = (
    ("tokenizer.json",),
    ("vocab.txt",),
    ("vocab.json", "merges.txt"),
    ("*.model",),
    ("*.tiktoken",),
    ("*.spm",),
)
_BYTES = ("ByT5", "Canine", "Perceiver")  # their tokenizers have no vocabulary, and so no file


def expect_whole(folder: Path) -> None:
    """Raise an error for a folder with half a model, which the libraries would load all the same, or with none.

    Raises:
        FileNotFoundError: if a file is missing; a download may go on there.
        ValueError: if a file is damaged, or there is no model.

    Example:
        >>> expect_whole(Path(__file__).parent)
        Traceback (most recent call last):
        ValueError: ...models holds no model: it has neither modules.json nor config.json; give the folder that ...
    """
    for path in folder.rglob("*"):
        if path.is_symlink() and not path.exists():
            raise FileNotFoundError(f"{path} is a link to a file that is not there; save or download the model again")
    if not any((folder / name).exists() for name in ("modules.json", "config.json", "adapter_config.json")):
        raise ValueError(
            f"{folder} holds no model: it has neither modules.json nor config.json; "
            "give the folder that model.save_pretrained(...) wrote"
        )
    listed, modules = folder / "modules.json", [{"type": "Transformer", "path": ""}]
    if listed.is_file():
        modules = _json(listed)
    try:
        places = [(folder / module["path"], module["type"].rpartition(".")[2]) for module in modules]
    except (TypeError, KeyError, AttributeError):
        raise ValueError(f"{listed} is damaged: it must list modules, each with path and type") from None
    for place, kind in places:
        try:
            _expect_module(place, kind)
        except (TypeError, KeyError, AttributeError):
            raise ValueError(f"a JSON file in {place} is damaged: save or download the model again") from None


def _expect_module(place: Path, kind: str) -> None:
    configs = {path.name: _json(path) for path in sorted(place.glob("*.json"))}
    known = ("config.json", "adapter_config.json") if kind == "Transformer" else tuple(configs)
    if kind not in _BARE and not any(name in known and name.endswith("config.json") for name in configs):
        raise FileNotFoundError(f"{place / 'config.json'} is missing; the model's {kind} needs it")
    pickled = any(place.glob("*.bin")) or any(place.glob("*.pt"))
    if kind in _WEIGHTED or pickled:
        _expect_weights(place, configs, pickled)
    config = configs.get("config.json", {})
    if kind in _ROUTERS:
        for inner, its_kind in configs.get("router_config.json", config)["types"].items():
            _expect_module(place / inner, its_kind.rpartition(".")[2])
    reads = "vocab_size" in config or "vocab_size" in config.get("text_config", {})
    by_bytes = str(configs.get("tokenizer_config.json", {}).get("tokenizer_class")).startswith(_BYTES)
    whole = any(all(any(place.glob(name)) for name in names) for names in _TOKENIZERS)
    if (kind == "StaticEmbedding" or (kind in _WEIGHTED and reads)) and not (by_bytes or whole):
        raise FileNotFoundError(f"{place / 'tokenizer.json'} is missing: without it every word would be unknown")


def _expect_weights(place: Path, configs: dict, pickled: bool) -> None:
    names = ["adapter_model.safetensors" if "adapter_config.json" in configs else "model.safetensors"]
    if not (place / names[0]).is_file():
        names = sorted(set(configs.get("model.safetensors.index.json", {}).get("weight_map", {}).values())) or names
    for path in (place / name for name in names):
        if not path.is_file():
            if pickled:
                raise ValueError(
                    f"{place} has no weights in the safetensors format, and bxe reads no other (a pickle can run code); "
                    "save the model again with safe_serialization=True"
                )
            raise FileNotFoundError(f"{path} is missing, so there are no weights to load")
        with path.open("rb") as file:
            size = int.from_bytes(file.read(8), "little")
            try:
                header = json.loads(file.read(size)) if size < path.stat().st_size else {}
                end = 8 + size + max(entry["data_offsets"][1] for key, entry in header.items() if key != "__metadata__")
            except (ValueError, TypeError, KeyError, AttributeError):
                end = None
        if end != path.stat().st_size:
            raise ValueError(_broken(path, "not a whole safetensors file"))


def _json(path: Path) -> dict | list:
    try:
        content = json.loads(path.read_bytes())
    except ValueError:
        content = None
    if not isinstance(content, list if path.name == "modules.json" else (dict, list)):
        raise ValueError(_broken(path, "not a whole JSON file"))
    return content


def _broken(path: Path, what: str) -> str:
    with path.open("rb") as file:
        pointer = file.read(20) == b"version https://git-"
    way_out = (
        "a git-lfs pointer, not the file itself: run git lfs pull" if pointer else f"{what}: save or download it again"
    )
    return f"{path} is {way_out}"
