"""Loading a bi-encoder or a cross-encoder: which one, on which device, in which precision."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from bxe.models.embedded import BI_ENCODER
from bxe.models.hub import find, quiet
from bxe.models.reranker import CROSS_ENCODER, WEIGHTS, adapted_reranker

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder, SentenceTransformer


def load_bi_encoder(
    name_or_folder: str | os.PathLike | None = None, *, device: str | None = None, precision: str = "float32"
) -> SentenceTransformer:
    """Load a bi-encoder, by default the embedded all-MiniLM-L6-v2, and print in one line which one it is.

    Args:
        name_or_folder: a folder with a saved SentenceTransformer, or a name on the Hugging Face Hub.
            By default BXE_BI_ENCODER from the environment, else "all-MiniLM-L6-v2", which needs no network.
        device: "cpu", "cuda", "cuda:1", "mps"; by default BXE_DEVICE, else the fastest one that is there.
        precision: "float32", or "bfloat16": about three times as fast on hardware that computes in it, several times
            slower on CPUs that do not.

    Returns:
        A plain SentenceTransformer. The embedded one gives vectors of 384 dimensions and length 1,
        and reads at most 256 tokens of a text.

    Raises:
        FileNotFoundError: the embedded files or the folder are not there.
        ValueError: a file differs from the official one; the folder is no model; the device is unknown or absent.
        ConnectionError: the model is on the Hub only, not in its cache, and the Hub does not answer.

    Source: Reimers & Gurevych (2019), "Sentence-BERT", arXiv:1908.10084.

    Example:
        >>> load_bi_encoder("./my-model")
        Traceback (most recent call last):
        FileNotFoundError: there is no folder my-model; give a folder with a saved model, or a name on the Hub
    """
    name = str(name_or_folder or os.environ.get("BXE_BI_ENCODER") or BI_ENCODER)
    device, model_kwargs = pick_device(device), _model_kwargs(precision)
    source, origin = find(name, "sentence-transformers")
    from sentence_transformers import SentenceTransformer

    with quiet():
        model = SentenceTransformer(
            source, device=device, local_files_only=origin != "downloaded", model_kwargs=model_kwargs
        )
    print(f"bi-encoder: {name} ({origin})")
    return model


def load_cross_encoder(
    name_or_folder: str | os.PathLike | None = None, *, device: str | None = None, precision: str = "float32"
) -> CrossEncoder:
    """Load a cross-encoder, by default the embedded bxe-reranker-minilm, and print in one line which one it is.

    Args:
        name_or_folder: a folder with a saved CrossEncoder, or a name on the Hugging Face Hub such as
            "cross-encoder/ms-marco-MiniLM-L6-v2". By default BXE_CROSS_ENCODER from the environment, else
            "bxe-reranker-minilm", which needs no network.
        device: "cpu", "cuda", "cuda:1", "mps"; by default BXE_DEVICE, else the fastest one that is there.
        precision: "float32", or "bfloat16": about three times as fast on hardware that computes in it, several times
            slower on CPUs that do not.

    Returns:
        A plain CrossEncoder with one output, a logit without fixed range: higher is more relevant. It reads at most 256
        tokens of a pair (the embedded one).

    Raises:
        FileNotFoundError, ValueError, ConnectionError: as `load_bi_encoder`.

    Source: Nogueira & Cho (2019), "Passage Re-ranking with BERT", arXiv:1901.04085; Hu et al. (2021), "LoRA",
    arXiv:2106.09685.

    Example:
        >>> load_cross_encoder(precision="int3")
        Traceback (most recent call last):
        ValueError: precision is 'int3'; expected one of float32, bfloat16
    """
    name = str(name_or_folder or os.environ.get("BXE_CROSS_ENCODER") or CROSS_ENCODER)
    device, model_kwargs = pick_device(device), _model_kwargs(precision)
    if name == CROSS_ENCODER:
        model, origin = adapted_reranker(WEIGHTS / CROSS_ENCODER, device), "embedded"
        model.to(model_kwargs["dtype"])
    else:
        source, origin = find(name, "cross-encoder")
        import torch
        from sentence_transformers import CrossEncoder

        with quiet():
            model = CrossEncoder(
                source,
                device=device,
                local_files_only=origin != "downloaded",
                model_kwargs=model_kwargs,
                activation_fn=torch.nn.Identity(),
            )
        # Without a head of its own a model would get a random one, and every load would score differently.
        trained = any(a.endswith("ForSequenceClassification") for a in model.config.architectures or ())
        if len(model) == 1 and not trained:
            raise ValueError(
                f"{name} has no trained head to score pairs with; give a CrossEncoder, or use load_bi_encoder"
            )
    print(f"cross-encoder: {name} ({origin})")
    return model


def pick_device(wanted: str | None = None) -> str:
    """Name the device to run on: `wanted`, else BXE_DEVICE, else CUDA, then MPS, then the CPU.

    Raises:
        ValueError: if what was asked for is no device, or this machine does not have it.

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
    if wanted not in there:
        raise ValueError(
            f"device is {wanted!r}; this machine has {', '.join(sorted(there))}. "
            "Pass one of these as device=, or set BXE_DEVICE to it, or leave both out."
        )
    return wanted


def _model_kwargs(precision: str) -> dict:
    """What transformers needs to be told: safetensors only, and the numbers' type."""
    import torch

    known = {"float32": torch.float32, "bfloat16": torch.bfloat16}
    if precision not in known:
        raise ValueError(f"precision is {precision!r}; expected one of {', '.join(known)}")
    return {"use_safetensors": True, "dtype": known[precision]}
