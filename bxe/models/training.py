"""Training with the library's trainers in a notebook: nothing printed, nothing left on the disk, and which layers learn."""

from __future__ import annotations

import gc
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder, SentenceTransformer


@contextmanager
def quiet_training(model: SentenceTransformer | CrossEncoder) -> Iterator[dict[str, object]]:
    """Arguments for a bi-encoder's or a cross-encoder's trainer that make it silent and save nothing.

    The folder that a trainer asks for is a temporary one, which is gone afterwards. Without a progress bar the trainer
    prints a last line of numbers; `trainer.remove_callback(PrinterCallback)` (of transformers) takes that away, too. A
    bi-encoder's trainer draws examples for the model card and shows a bar; `model.model_card_data.widget = [...]`, set
    beforehand, spares that.

    Args:
        model: the one to train; it stays on the processor if it is there.

    Example:
        >>> from bxe import load_bi_encoder
        >>> model = load_bi_encoder(device="cpu")
        bi-encoder: all-MiniLM-L6-v2 (embedded)
        >>> with quiet_training(model) as quiet:
        ...     quiet["save_strategy"], quiet["use_cpu"]
        ('no', True)
    """
    silent = dict.fromkeys(("save_strategy", "logging_strategy"), "no") | {"report_to": "none", "disable_tqdm": True}
    on_cpu = model.device.type == "cpu"
    gc.collect()  # an earlier trainer and its optimizer hold each other, three times the memory of what was trained
    with tempfile.TemporaryDirectory(prefix="bxe-") as folder:
        yield {"output_dir": folder, "use_cpu": on_cpu, "dataloader_pin_memory": not on_cpu, **silent}


def upper_layers_learn(model: SentenceTransformer | CrossEncoder, layers: int) -> None:
    """Let the upper layers of a model's transformer learn, and all that is behind it; freeze the rest.

    Args:
        model: a bi-encoder or a cross-encoder whose first module is a transformer with layers, such as MiniLM.
        layers: how many; the transformer's embeddings and its lower layers stay as they are.

    Raises:
        ValueError: if the transformer has fewer layers.

    Example:
        >>> from bxe import load_bi_encoder
        >>> model = load_bi_encoder(device="cpu")
        bi-encoder: all-MiniLM-L6-v2 (embedded)
        >>> upper_layers_learn(model, 1)
        >>> sum(weights.numel() for weights in model.parameters() if weights.requires_grad)
        1774464
    """
    body = model[0].model.encoder.layer
    if not 0 <= layers <= len(body):
        raise ValueError(f"layers is {layers}; the model has {len(body)} of them")
    model.requires_grad_(False)
    for part in (*body[len(body) - layers :], *list(model)[1:]):
        part.requires_grad_(True)
