"""Loading a bi-encoder, a cross-encoder, what stands between, or an image encoder: which one it is, and from where."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from bxe.files import first_line
from bxe.models.device import model_kwargs, pick_device
from bxe.models.embedded import BI_ENCODER, minilm_folder
from bxe.models.hub import find, quiet
from bxe.models.images import IMAGE_ENCODER, bridged_encoder
from bxe.models.reranker import CROSS_ENCODER, WEIGHTS, adapted_reranker

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder, MultiVectorEncoder, SentenceTransformer

_IMPORTING = threading.RLock()  # a file of the learner that shadows one of the library may come here again
_OURS = {
    BI_ENCODER: "a bi-encoder; use load_bi_encoder",
    CROSS_ENCODER: "a cross-encoder; use load_cross_encoder",
    IMAGE_ENCODER: "an image encoder; use load_image_encoder",
}


def load_bi_encoder(
    name_or_folder: str | os.PathLike | None = None, *, device: str | None = None, precision: str = "float32"
) -> SentenceTransformer:
    """Load a bi-encoder, by default the embedded all-MiniLM-L6-v2, and print in one line which one it is.

    Args:
        name_or_folder: a folder with a saved SentenceTransformer, or a name on the Hugging Face Hub.
            By default BXE_BI_ENCODER from the environment, else "all-MiniLM-L6-v2", which needs no network.
        device: "cpu", "cuda", "cuda:1", "mps"; by default BXE_DEVICE, else the fastest one available.
        precision: "float32", or "bfloat16": about three times as fast on hardware that computes in it, several times
            slower on CPUs that do not.

    Returns:
        A plain SentenceTransformer. The embedded one gives vectors of 384 dimensions and length 1,
        and reads at most 256 tokens of a text.

    Raises:
        FileNotFoundError: the embedded files, the folder, or a file in it are missing.
        ValueError: a file differs from the official one; the folder holds no model; the device is unknown or absent.
        ConnectionError: the model is not whole in the Hub's cache and cannot be fetched from the Hub; the message
            says why.

    Source: Reimers & Gurevych (2019), "Sentence-BERT", arXiv:1908.10084.

    Example:
        >>> load_bi_encoder("./my-model")
        Traceback (most recent call last):
        FileNotFoundError: there is no folder my-model; give a folder with a saved model, or a name on the Hub
    """
    name = _asked(name_or_folder, "BXE_BI_ENCODER", BI_ENCODER)
    _import_library()
    device, kwargs = pick_device(device), model_kwargs(precision)
    source, origin = find(name, "sentence-transformers")
    import sentence_transformers

    with _one_error(name):
        model = sentence_transformers.SentenceTransformer(
            source, device=device, local_files_only=True, model_kwargs=kwargs
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
        device: "cpu", "cuda", "cuda:1", "mps"; by default BXE_DEVICE, else the fastest one available.
        precision: "float32", or "bfloat16": about three times as fast on hardware that computes in it, several times
            slower on CPUs that do not.

    Returns:
        A plain CrossEncoder with one output, a logit without fixed range: higher is more relevant. The embedded one
        reads at most 256 tokens of a pair.

    Raises:
        FileNotFoundError, ValueError, ConnectionError: as in `load_bi_encoder`.

    Source: Nogueira & Cho (2019), "Passage Re-ranking with BERT", arXiv:1901.04085; Hu et al. (2021), "LoRA",
    arXiv:2106.09685.

    Example:
        >>> load_cross_encoder(precision="int3")
        Traceback (most recent call last):
        ValueError: precision is 'int3'; expected one of float32, bfloat16
    """
    name = _asked(name_or_folder, "BXE_CROSS_ENCODER", CROSS_ENCODER)
    _import_library()
    device, kwargs = pick_device(device), model_kwargs(precision)
    if name == CROSS_ENCODER:
        model, origin = adapted_reranker(WEIGHTS / CROSS_ENCODER, device), "embedded"
        model.to(kwargs["dtype"])
    else:
        source, origin = find(name, "cross-encoder")
        import sentence_transformers
        import torch

        with _one_error(name):
            model = sentence_transformers.CrossEncoder(
                source,
                device=device,
                local_files_only=True,
                model_kwargs=kwargs,
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


def load_multi_vector_encoder(
    name_or_folder: str | os.PathLike | None = None, *, device: str | None = None, precision: str = "float32"
) -> MultiVectorEncoder:
    """Load a model for late interaction, by default all-MiniLM-L6-v2's own token vectors, and print which one it is.

    Args:
        name_or_folder: a folder with a saved MultiVectorEncoder, or a name on the Hugging Face Hub such as
            "lightonai/LateOn". By default BXE_MULTI_VECTOR_ENCODER from the environment, else the embedded
            all-MiniLM-L6-v2 without its pooling: no projection is added, and nothing was trained for it.
        device: "cpu", "cuda", "cuda:1", "mps"; by default BXE_DEVICE, else the fastest one available.
        precision: "float32", or "bfloat16".

    Returns:
        A plain MultiVectorEncoder. The embedded one gives a text n vectors of 384 dimensions and length 1, one per
        token. Its `similarity` is MaxSim divided by the query's number of tokens, from -1 to 1.

    Raises:
        FileNotFoundError, ValueError, ConnectionError: as in `load_bi_encoder`.

    Source: Khattab & Zaharia (2020), "ColBERT", arXiv:2004.12832.

    Example:
        >>> late = load_multi_vector_encoder(device="cpu")
        multi-vector encoder: all-MiniLM-L6-v2 (embedded)
        >>> late.encode_query("green tea").shape
        torch.Size([4, 384])
    """
    name = _asked(name_or_folder, "BXE_MULTI_VECTOR_ENCODER", BI_ENCODER)
    _import_library()
    device, kwargs = pick_device(device), model_kwargs(precision)
    if name == BI_ENCODER:
        model, origin = _token_vectors(device, kwargs), "embedded"
    else:
        source, origin = find(name, "lightonai")
        import sentence_transformers

        with _one_error(name):
            model = sentence_transformers.MultiVectorEncoder(
                source, device=device, local_files_only=True, model_kwargs=kwargs
            )
        # Without a projection of its own a model would get a random one, and every load would score differently.
        projected = any(type(module).__name__ == "Dense" for module in model)
        trained = any("ColBERT" in a for a in model.config.architectures or ()) or list(Path(source).glob("*_Dense"))
        if projected and not trained:
            raise ValueError(f"{name} was not trained for late interaction; give a MultiVectorEncoder")
    print(f"multi-vector encoder: {name} ({origin})")
    return model


def load_image_encoder(
    name_or_folder: str | os.PathLike | None = None, *, device: str | None = None, precision: str = "float32"
) -> SentenceTransformer:
    """Load an encoder of pictures and texts, by default our bridge from EfficientNet to MiniLM, and print which one it is.

    Args:
        name_or_folder: a folder with a saved SentenceTransformer that takes pictures, or a name on the Hugging Face Hub
            such as "clip-ViT-B-32". By default BXE_IMAGE_ENCODER from the environment, else "bxe-image-bridge", which
            needs no network.
        device: "cpu", "cuda", "cuda:1", "mps"; by default BXE_DEVICE, else the fastest one available.
        precision: "float32", or "bfloat16".

    Returns:
        A plain SentenceTransformer, with 384 numbers of length 1 for each input if it is the embedded one. That one
        encodes texts as all-MiniLM-L6-v2 does, and PIL pictures, arrays [height, width, 3] and paths; `bxe.models.inputs`
        says how a `str` that is a path is told from one that is a text.

    Raises:
        FileNotFoundError, ValueError, ConnectionError: as in `load_bi_encoder`.

    Source: Frome et al. (2013), "DeViSE"; Norouzi et al. (2014), "Zero-Shot Learning by Convex Combination of Semantic
    Embeddings", arXiv:1312.5650.

    Example:
        >>> from PIL import Image
        >>> encoder = load_image_encoder(device="cpu")
        image encoder: bxe-image-bridge (embedded)
        >>> encoder.encode([Image.new("RGB", (90, 60), "green"), "a green field"]).shape
        (2, 384)
    """
    name = _asked(name_or_folder, "BXE_IMAGE_ENCODER", IMAGE_ENCODER)
    _import_library()
    device, kwargs = pick_device(device), model_kwargs(precision)
    if name == IMAGE_ENCODER:
        model, origin = bridged_encoder(WEIGHTS / IMAGE_ENCODER, device).to(kwargs["dtype"]), "embedded"
    else:
        source, origin = find(name, "sentence-transformers")
        import sentence_transformers

        with _one_error(name):
            model = sentence_transformers.SentenceTransformer(
                source, device=device, local_files_only=True, model_kwargs=kwargs
            )
        if not model.supports("image"):
            raise ValueError(f"{name} takes no pictures; use load_bi_encoder, or give a model such as clip-ViT-B-32")
    print(f"image encoder: {name} ({origin})")
    return model


def _token_vectors(device: str, kwargs: dict) -> MultiVectorEncoder:
    """all-MiniLM-L6-v2 with its token vectors made to length 1 in place of their mean."""
    from sentence_transformers import MultiVectorEncoder
    from sentence_transformers.base.modules import Normalize
    from sentence_transformers.multi_vector_encoder.modules import MultiVectorMask
    from sentence_transformers.sentence_transformer.modules import Transformer

    with quiet():
        transformer = Transformer(str(minilm_folder()), model_kwargs=kwargs, max_seq_length=256)
    modules = [transformer, Normalize(module_input_name="token_embeddings"), MultiVectorMask()]
    return MultiVectorEncoder(modules=modules, device=device, similarity_fn_name="meanmaxsim")


@cache
def _import_library() -> None:
    """Import sentence-transformers, and let Python's garbage collector leave alone what that made.

    It is half a million objects, hardly any of them garbage. Looking through them would take a second of the import, a
    third of one later on, time and again, and two as the program ends.
    """
    with _IMPORTING:  # two threads at once would each take the other's pause for what was set
        gc.collect()  # what is garbage already is to be freed, not frozen
        collecting = gc.isenabled()
        gc.disable()
        try:
            import sentence_transformers  # noqa: F401
        finally:
            gc.freeze()
            if collecting:
                gc.enable()


def _asked(given: str | os.PathLike | None, variable: str, default: str) -> str:
    if given is not None and not isinstance(given, (str, os.PathLike)):
        raise TypeError(f"a model's name or folder is expected; this is {given!r:.80} ({type(given).__name__})")
    name = os.fsdecode(given or os.environ.get(variable) or default)
    if name in _OURS and name != default:
        raise ValueError(f"{name} is {_OURS[name]}")
    return name


@contextmanager
def _one_error(name: str) -> Iterator[None]:
    """Load without a word, and give whatever a library raises about a model's files as one error that names the model."""
    import torch

    try:
        with quiet():
            yield
    except (MemoryError, torch.OutOfMemoryError):
        raise  # nothing is wrong with the files
    except Exception as error:
        said = f"{type(error).__name__}: {first_line(error):.200}"
        raise ValueError(f"{name} does not load ({said}); save or download it again") from error
