"""Where a name or a folder leads, how long the Hub is waited for, and which words of its libraries stay off the screen."""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bxe.models.embedded import BI_ENCODER, minilm_folder

HUB_PATIENCE = 4.0  # seconds to wait for the Hub before saying that it does not answer


def find(name: str, organization: str) -> tuple[str, str]:
    """What to load for a name or folder, and where it comes from: embedded, folder, Hub cache or downloaded.

    A bare name stands for one of the Hub's `organization`, as in the library, unless it is one of the first models there.

    Raises:
        FileNotFoundError, ValueError, ConnectionError: as `load_bi_encoder`.

    Example:
        >>> find("./my-model", "sentence-transformers")
        Traceback (most recent call last):
        FileNotFoundError: there is no folder my-model; give a folder with a saved model, or a name on the Hub
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
def quiet() -> Iterator[None]:
    """Keep "Loading weights", progress bars and deprecations between libraries off the screen, and restore them after.

    Example:
        >>> from transformers.utils import logging
        >>> with quiet():
        ...     logging.is_progress_bar_enabled()
        False
    """
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
