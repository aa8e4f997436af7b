"""Where a model runs, and in which precision."""

from __future__ import annotations

import os


def pick_device(wanted: str | None = None) -> str:
    """Name the device to run on: `wanted`, else BXE_DEVICE, else CUDA, then MPS, then the CPU.

    Raises:
        ValueError: if what was asked for is not a device, or this machine does not have it.

    Example:
        >>> pick_device("cpu")
        'cpu'
    """
    import torch

    wanted = wanted or os.environ.get("BXE_DEVICE") or None
    there = {"cpu"}
    if torch.cuda.is_available():
        there |= {"cuda", *(f"cuda:{i}" for i in range(torch.cuda.device_count()))}
    if torch.backends.mps.is_available():
        there.add("mps")
    if wanted is None:
        return next(d for d in ("cuda", "mps", "cpu") if d in there)
    if wanted not in tuple(there):  # a tuple may be asked for what cannot be hashed, too
        raise ValueError(
            f"device is {wanted!r}; this machine has {', '.join(sorted(there))}. "
            "Pass one of these as device=, or set BXE_DEVICE to it, or leave both out."
        )
    return wanted


def model_kwargs(precision: str) -> dict:
    """What transformers needs to be told: safetensors only, and the numbers' type.

    Raises:
        ValueError: if `precision` is neither "float32" nor "bfloat16".

    Example:
        >>> model_kwargs("float32")
        {'use_safetensors': True, 'dtype': torch.float32}
    """
    import torch

    known = {"float32": torch.float32, "bfloat16": torch.bfloat16}
    if precision not in tuple(known):
        raise ValueError(f"precision is {precision!r}; expected one of {', '.join(known)}")
    return {"use_safetensors": True, "dtype": known[precision]}
