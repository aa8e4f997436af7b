"""Our cross-encoder: what it is made of, and its adapter and head from bxe/weights, verified and merged."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bxe.files import verify_listed
from bxe.models.embedded import minilm_folder
from bxe.models.hub import quiet

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

CROSS_ENCODER = "bxe-reranker-minilm"  # our adapter and head, in bxe/weights, on the bi-encoder's weights
WEIGHTS = Path(__file__).parent.parent / "weights"
ADAPTER_FILES = ("adapter_config.json", "adapter_model.safetensors", "head.safetensors")
WHOLE_COPY = "Install bxe again, or run: git checkout -- bxe/weights"


def adapted_reranker(folder: Path, device: str) -> CrossEncoder:
    """all-MiniLM-L6-v2 with the adapter and head of a folder; the adapter is merged into the weights, so it costs nothing.

    Args:
        folder: adapter_config.json and adapter_model.safetensors as peft writes them, head.safetensors, and SHA256SUMS
            of the three.
        device: where to put it.

    Raises:
        FileNotFoundError: if a file is missing.
        ValueError: if a file is not the one that SHA256SUMS lists.

    Example:
        >>> adapted_reranker(WEIGHTS / "no-such-model", "cpu")
        Traceback (most recent call last):
        FileNotFoundError: ...no-such-model with the weights of no-such-model is missing. Install bxe again, ...
    """
    from peft import PeftModel
    from safetensors.torch import load_file

    if not folder.is_dir():
        raise FileNotFoundError(
            f"{folder} with the weights of {folder.name} is missing. {WHOLE_COPY}. Or train them (see "
            'training/README.md), or name another model: load_cross_encoder("cross-encoder/ms-marco-MiniLM-L6-v2")'
        )
    verify_listed(folder, ADAPTER_FILES, WHOLE_COPY)
    model = reranker_modules("cpu")
    with quiet():
        adapted = PeftModel.from_pretrained(model[0].model, folder, torch_device="cpu", local_files_only=True)
        model[0].model = adapted.merge_and_unload()
    head = {name: value.float() for name, value in load_file(folder / "head.safetensors").items()}
    if set(head) != {name for name in model.state_dict() if not name.startswith("0.")}:
        raise ValueError(
            f"{folder / 'head.safetensors'} has {', '.join(head)}; this version of sentence-transformers expects others"
        )
    model.load_state_dict(head, strict=False)  # strict=False: the transformer's weights are in place already
    return model.to(device).eval()


def reranker_modules(device: str) -> CrossEncoder:
    """all-MiniLM-L6-v2 as a cross-encoder with a new head: transformer, mean pooling, 384 -> GELU -> 1 logit.

    The mean of the token vectors is pooled, not [CLS], because this model's [CLS] was never trained.

    Args:
        device: where to put it.

    Example:
        >>> [type(module).__name__ for module in reranker_modules("cpu")]
        ['Transformer', 'Pooling', 'Dense', 'Dense']
    """
    import torch
    from sentence_transformers import CrossEncoder
    from sentence_transformers.sentence_transformer.modules import Dense, Pooling, Transformer

    kwargs = {"use_safetensors": True, "dtype": torch.float32}
    with quiet():
        transformer = Transformer(str(minilm_folder()), model_kwargs=kwargs, max_seq_length=256)
    head = [
        Dense(384, 384, activation_function=torch.nn.GELU()),
        Dense(384, 1, activation_function=torch.nn.Identity(), module_output_name="scores"),
    ]
    modules = [transformer, Pooling(384, "mean"), *head]
    return CrossEncoder(modules=modules, device=device, activation_fn=torch.nn.Identity())
