"""Where a name or a folder leads, how long the Hub is waited for, and which words of its libraries stay off the screen."""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bxe.files import expanded
from bxe.models.embedded import BI_ENCODER, minilm_folder
from bxe.models.whole import expect_whole

_LOADED = (".json", ".txt", ".safetensors", ".model", ".tiktoken", ".spm")  # what a model is loaded from
_APART = ("onnx/", "openvino/", "checkpoint", "runs/", ".")  # what other programs are for
_LAST = ("modules.json", "config.json")
HUB_PATIENCE = 4.0  # seconds to wait for the Hub before saying that it does not answer


def find(name: str, organization: str) -> tuple[str, str]:
    """What to load for a name or folder, and where it comes from: embedded, folder, Hub cache or downloaded.

    A bare name stands for a model of `organization`, as in the library, unless one of the Hub's first models has it.

    Raises:
        FileNotFoundError, ValueError, ConnectionError: as in `load_bi_encoder`.

    Example:
        >>> find("./my-model", "sentence-transformers")
        Traceback (most recent call last):
        FileNotFoundError: there is no folder my-model; give a folder with a saved model, or a name on the Hub
    """
    from sentence_transformers.util import ORIGINAL_TRANSFORMER_MODELS

    if name == BI_ENCODER:
        return str(minilm_folder()), "embedded"
    folder = expanded(name) if name.startswith("~") else Path(name)
    if os.path.isdir(folder):
        expect_whole(folder)
        return str(folder), "folder"
    if name.startswith((".", "~", os.sep)) or name.count("/") > 1 or "\\" in name:
        raise FileNotFoundError(f"there is no folder {folder}; give a folder with a saved model, or a name on the Hub")
    repo = name if "/" in name or name.lower() in ORIGINAL_TRANSFORMER_MODELS else f"{organization}/{name}"
    cached, state, damaged = _cached(repo), "not in the Hub's cache", False
    if cached:
        try:
            expect_whole(cached)
            return str(cached), "Hub cache"
        except (FileNotFoundError, ValueError) as error:  # a download was interrupted, or a file there was damaged
            state = f"in the Hub's cache only in part ({error})"
            damaged = isinstance(error, ValueError) and any((cached / name).exists() for name in _LAST)
    advice = f"Use the embedded model (leave the name out), or load {repo!r} once where there is a network."
    return _download(repo, _listed(repo, state, advice), again=damaged), "downloaded"


def _cached(repo: str) -> Path | None:
    """The folder of a model in the Hub's cache, whole or not."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(repo, local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError):
        return None


def _listed(repo: str, state: str, advice: str) -> list[str]:
    """The files of a model on the Hub, or at once the reason why not: the libraries would retry for a minute."""
    from huggingface_hub import HfApi, constants
    from huggingface_hub.errors import GatedRepoError, HFValidationError, RepositoryNotFoundError

    if constants.HF_HUB_OFFLINE:
        raise ConnectionError(f"{repo} is {state}, and HF_HUB_OFFLINE is set. {advice}")
    outcome: list = []

    def ask() -> None:
        try:
            outcome.append(HfApi().model_info(repo, timeout=HUB_PATIENCE))
        except Exception as error:  # any failure is told below, in the caller's thread
            outcome.append(error)

    # In a thread, because looking a host name up can hang for longer than any time-out of the client.
    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(HUB_PATIENCE)
    answer = outcome[0] if outcome else TimeoutError()
    unknown = isinstance(answer, (RepositoryNotFoundError, HFValidationError)) and not isinstance(
        answer, GatedRepoError
    )
    if unknown:
        raise ValueError(f"{repo!r} is neither a folder here nor a model on the Hugging Face Hub. {advice}") from None
    if isinstance(answer, Exception):
        raise ConnectionError(f"{repo} is {state}, and {_reason(repo, answer)}. {advice}") from None
    files = [file.rfilename for file in answer.siblings or ()]
    if not any(name.endswith(".safetensors") for name in files):
        raise ValueError(
            f"{repo} has no weights in the safetensors format, and bxe reads no other (a pickle can run code)"
        )
    return files


def _reason(repo: str, error: Exception) -> str:
    from huggingface_hub.errors import GatedRepoError

    status = getattr(getattr(error, "response", None), "status_code", None)
    if isinstance(error, GatedRepoError):
        return f"it is gated: accept its conditions at https://huggingface.co/{repo}, then log in (hf auth login)"
    if status in (401, 403):
        return f"the Hugging Face Hub rejects your token ({status}): log in again (hf auth login), or unset HF_TOKEN"
    if status == 429:
        return "the Hugging Face Hub got too many requests from here (429): wait a few minutes"
    if status:
        return f"the Hugging Face Hub has trouble of its own ({status}): try again later"
    if isinstance(error, ImportError):
        return f"the Hugging Face Hub cannot be asked ({error})"
    if isinstance(error, ValueError):
        return "something else answered in place of the Hugging Face Hub, perhaps a log-in page of your network"
    return f"the Hugging Face Hub does not answer ({type(error).__name__})"


def _download(repo: str, files: list[str], *, again: bool) -> str:
    """Fetch what a model is loaded from into the Hub's cache, and give its folder there."""
    from huggingface_hub import hf_hub_download

    wanted = [name for name in files if name.endswith(_LOADED) and not name.startswith(_APART)]
    # The two files by which a model is known come last: a download that is cut short leaves no model, not half a one.
    wanted.sort(key=lambda name: _LAST.index(name) if name in _LAST else -1)
    try:
        with quiet():
            for name in wanted:
                hf_hub_download(repo, name, force_download=again)
    except Exception as error:
        raise ConnectionError(
            f"the download of {repo} broke off: {_reason(repo, error)}. Load it again, and it goes on from there"
        ) from error
    folder = _cached(repo)
    if folder is None:
        raise ConnectionError(f"{repo} was downloaded, but is not in the Hub's cache; is its disk full?")
    expect_whole(folder)
    return str(folder)


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
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        warnings.filterwarnings("ignore", "Cannot .* progress bars")  # whoever set HF_HUB_DISABLE_PROGRESS_BARS=0 knows
        logging.set_verbosity_error()
        logging.disable_progress_bar()
        disable_progress_bars()
        try:
            yield
        finally:
            logging.set_verbosity(verbosity)
            if bars:
                logging.enable_progress_bar()  # which turns the Hub's on, too
            (enable_progress_bars if hub_bars else disable_progress_bars)()
