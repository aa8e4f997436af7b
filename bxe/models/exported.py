"""A bi-encoder that multiplies whole numbers: exported by torch, its linear layers in int8, run by ONNX Runtime."""

from __future__ import annotations

import copy
import hashlib
import inspect
import logging
import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from bxe.files import cache_folder, keep

if TYPE_CHECKING:
    import torch
    from sentence_transformers import SentenceTransformer

INPUTS = ("input_ids", "attention_mask", "token_type_ids")
LIBRARIES = ("torch", "onnx", "onnxscript", "onnxruntime")  # on whose versions the exported file depends


def int8_encoder(model: SentenceTransformer) -> SentenceTransformer:
    """A copy of a bi-encoder whose linear layers multiply in int8, on the CPU.

    Weights are rounded to 8 bits once, with a scale for each output number; what goes into a layer is rounded at each
    call ("dynamic quantization"). Tokenizer, pooling, prompts and settings are the model's own, so all else in the
    library works as before. The copy can encode, but neither learn nor be saved. A model that is such a copy is given back
    as it is.

    The first export takes some twenty seconds; the file (60 MB for MiniLM) is then kept in the user's cache folder (or
    BXE_CACHE), by weights and library versions. It is for text models with the inputs of BERT.

    Raises:
        ModuleNotFoundError: if ONNX Runtime or the exporter is not installed.
        TypeError: if `model` is no SentenceTransformer.
        ValueError: if its first module is no such text model.

    Source: ONNX Runtime documentation, "Quantize ONNX models"; PyTorch documentation, `torch.onnx`.

    Example:
        >>> int8_encoder("all-MiniLM-L6-v2")
        Traceback (most recent call last):
        TypeError: the model is a str; give a bi-encoder, as load_bi_encoder returns it
    """
    _expect_installed()
    network = _network(model)
    if hasattr(network, "made_of"):
        return model
    # The copy gets ONNX Runtime's network in place of torch's, whose weights are not copied.
    small = copy.deepcopy(model, {id(network): _by_onnx_runtime(network)}).to("cpu").eval()
    small.save = _refuse_to_save  # the library would leave half a folder before it comes to the network
    return small


def _refuse_to_save(*_: object, **__: object) -> None:
    raise ValueError("an int8 copy cannot be saved; save the model that it was made of")


def _expect_installed() -> None:
    for name in LIBRARIES:
        try:
            version(name)
        except ModuleNotFoundError:  # PackageNotFoundError is one
            raise ModuleNotFoundError(f'int8 needs the package {name}; run: pip install "bxe[scale]"') from None


def _network(model: SentenceTransformer) -> torch.nn.Module:
    from sentence_transformers import SentenceTransformer

    if not isinstance(model, SentenceTransformer):
        raise TypeError(f"the model is a {type(model).__name__}; give a bi-encoder, as load_bi_encoder returns it")
    network = getattr(model[0], "model", None)
    reads = inspect.signature(getattr(network, "forward", print)).parameters
    if not hasattr(network, "config") or not set(INPUTS) <= set(reads):
        raise ValueError(
            f"the model begins with {type(network or model[0]).__name__}; give one that begins with a BERT"
        )
    return network


def _by_onnx_runtime(network: torch.nn.Module) -> torch.nn.Module:
    """A network with the same inputs and the same output, in int8."""
    import torch

    onnxruntime, name = _runtime(), _name(network)
    content = _exported(network, name)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()  # it would not look at OMP_NUM_THREADS
    with tempfile.TemporaryDirectory(prefix="bxe-") as folder:  # of bytes, a session would hold a second copy
        whole = Path(folder, f"{name}.onnx")
        whole.write_bytes(content)
        session = onnxruntime.InferenceSession(whole, options, providers=["CPUExecutionProvider"])

    class Int8(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.config = network.config
            # No weights for torch; but vectors that are kept must be known by these, and a model has a device and a type.
            self.register_buffer("made_of", torch.tensor(list(bytes.fromhex(name)), dtype=torch.uint8))
            self.empty = torch.nn.Parameter(torch.zeros(0), requires_grad=False)

        def forward(self, input_ids, attention_mask, token_type_ids=None, **_):
            kinds = torch.zeros_like(input_ids) if token_type_ids is None else token_type_ids
            given = {word: of.cpu().numpy() for word, of in zip(INPUTS, (input_ids, attention_mask, kinds))}
            return {"last_hidden_state": torch.from_numpy(session.run(None, given)[0]).to(input_ids.device)}

    return Int8()


def _runtime():
    """ONNX Runtime, which would else note down each session and send it to its makers (seen in 1.32)."""
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # read when it is imported
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    return onnxruntime


def _exported(network: torch.nn.Module, name: str) -> bytes:
    """The ONNX file of a network in int8: from the cache if it is there and whole, else made and put there under its name."""
    path = cache_folder() / "int8" / f"{name}.onnx"
    try:
        digest, _, content = path.read_bytes().partition(b"\n")
        if digest == hashlib.sha256(content).hexdigest().encode():
            return content
        print(f"{path.name} in the cache is damaged; it is made anew")
    except FileNotFoundError:
        pass  # not there yet
    except OSError as error:
        print(f"{path.name} in the cache is not readable ({error.strerror}); it is made anew")
    with tempfile.TemporaryDirectory(prefix="bxe-") as folder, _quiet():
        _export(network, Path(folder, "float32.onnx"))
        _round(Path(folder, "float32.onnx"), Path(folder, "int8.onnx"))
        content = Path(folder, "int8.onnx").read_bytes()
    keep(path, hashlib.sha256(content).hexdigest().encode() + b"\n" + content)
    return content


def _name(network: torch.nn.Module) -> str:
    """A name for all that the exported file depends on: the network's make-up, its weights, the libraries' versions."""
    digest = hashlib.sha256(repr([version(name) for name in LIBRARIES]).encode())
    digest.update(network.config.to_json_string().encode())
    for name, value in network.state_dict().items():
        digest.update(name.encode() + value.detach().float().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:32]


@contextmanager
def _quiet() -> Iterator[None]:
    """Without what the exporter and the quantizer say about themselves: warnings, and log lines on stderr."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def _export(network: torch.nn.Module, path: Path) -> None:
    import torch

    class Hidden(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = copy.deepcopy(network).float().cpu().eval()

        def forward(self, input_ids, attention_mask, token_type_ids):
            given = dict(zip(INPUTS, (input_ids, attention_mask, token_type_ids)))
            return self.network(**given).last_hidden_state

    longest = network.config.max_position_embeddings
    free = {0: torch.export.Dim("texts", min=1, max=65_536), 1: torch.export.Dim("tokens", min=2, max=longest)}
    # Two texts of seven tokens, since a size of 1 would be taken for a constant.
    example = tuple(torch.full((2, 7), number, dtype=torch.long) for number in (7, 1, 0))
    names = {"input_names": list(INPUTS), "output_names": ["hidden"]}
    options = {"dynamic_shapes": (free,) * 3, "dynamo": True, "verbose": False}
    program = torch.onnx.export(Hidden().eval(), example, path, **names, **options)
    for weight in program.model.graph.initializers.values():
        weight.const_value = None  # the exporter's rewrite rules keep the last graph alive, and its 47 MB with it


def _round(exported: Path, rounded: Path) -> None:
    _runtime()
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(
        exported,
        rounded,
        op_types_to_quantize=["MatMul"],
        weight_type=QuantType.QInt8,
        per_channel=True,  # one scale for a whole layer costs this model much: a lowest cosine of 0.92 in place of 0.99
        reduce_range=True,  # 7 bits, so that sums never overflow on CPUs without VNNI, and vectors agree between CPUs
    )
