"""A name for a model as it is: what is kept of its numbers is found again by it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib.metadata import version

LIBRARIES = ("torch", "transformers", "sentence-transformers")  # whose versions the numbers may depend on


def fingerprint(model, *, libraries: Sequence[str] = LIBRARIES) -> str:
    """A name for all that a model's numbers depend on: weights and their type, settings, tokenizer, library versions.

    Args:
        model: a SentenceTransformer or CrossEncoder. Its weights are read each time, since training changes them in place.
        libraries: whose versions count.
    """
    import torch

    digest = hashlib.sha256()
    for name, value in model.state_dict().items():
        digest.update(f"{name} {value.dtype} {tuple(value.shape)}".encode())
        digest.update(value.detach().cpu().contiguous().flatten().view(torch.uint8).numpy())
    modules = [(type(module).__name__, module.get_config_dict()) for module in model]
    settings = [
        getattr(model, name, None) for name in ("max_seq_length", "prompts", "default_prompt_name", "truncate_dim")
    ]
    activation = type(getattr(model, "activation_fn", None)).__name__
    told = (modules, settings, activation, _tokenizer(model), [version(name) for name in libraries])
    digest.update(repr(told).encode())
    return digest.hexdigest()[:32]


def _tokenizer(model) -> str:
    """What a tokenizer does; without padding and truncation, which each call sets anew (max_seq_length says the latter)."""
    fast = getattr(model.tokenizer, "backend_tokenizer", None)
    if fast is None:
        return repr(model.tokenizer)
    told = fast.to_str()
    return told[told.index('"added_tokens"') :]  # before it stand the format's version, truncation and padding
