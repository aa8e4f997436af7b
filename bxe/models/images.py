"""Our image encoder: what it is made of, and its bridge from bxe/weights, verified."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bxe.files import verify_listed
from bxe.models.embedded import NETWORK, minilm_folder, network_file
from bxe.models.hub import quiet
from bxe.models.reranker import WHOLE_COPY

if TYPE_CHECKING:
    import torch
    from sentence_transformers import SentenceTransformer

IMAGE_ENCODER = "bxe-image-bridge"  # our bridge, in bxe/weights, from EfficientNet-Lite0 to the bi-encoder's space
BRIDGE_FILES = ("bridge.safetensors",)


def bridged_encoder(folder: Path, device: str) -> SentenceTransformer:
    """all-MiniLM-L6-v2 with a second tower for pictures: EfficientNet-Lite0 and the bridge of a folder.

    Args:
        folder: bridge.safetensors, as `training.image_bridge.train` writes it, and SHA256SUMS of it.
        device: where to put it.

    Raises:
        FileNotFoundError: if a file is missing.
        ValueError: if a file is not the one that SHA256SUMS lists, or the network's weights are not the official ones.

    Example:
        >>> bridged_encoder(Path("no-such-model"), "cpu")
        Traceback (most recent call last):
        FileNotFoundError: no-such-model with the weights of no-such-model is missing. Install bxe again, ...
    """
    from safetensors.torch import load_file

    if not folder.is_dir():
        raise FileNotFoundError(
            f"{folder} with the weights of {folder.name} is missing. {WHOLE_COPY}. Or fit them (see "
            'training/README.md), or name another model: load_image_encoder("clip-ViT-B-32")'
        )
    verify_listed(folder, BRIDGE_FILES, WHOLE_COPY)
    network = image_network()
    from sentence_transformers import SentenceTransformer

    from bxe.models.towers import Bridge, TwoTowers

    with quiet():
        kwargs = {"use_safetensors": True}
        texts = SentenceTransformer(str(minilm_folder()), device="cpu", local_files_only=True, model_kwargs=kwargs)
    *inner, normalized = texts
    towers = TwoTowers(inner, network, Bridge(load_file(folder / "bridge.safetensors")))
    return SentenceTransformer(modules=[towers, normalized], device=device).eval()


def image_network() -> torch.nn.Module:
    """EfficientNet-Lite0 with its official weights, on the processor: pictures [n, 3, 224, 224] to 1,000 logits.

    Raises:
        FileNotFoundError, ValueError: as in `network_file`.

    Example:
        >>> network = image_network()
        >>> network.input_image_size, network._fc
        (224, Linear(in_features=1280, out_features=1000, bias=True))
    """
    path = network_file()
    import torch

    try:
        from efficientnet_lite_pytorch import EfficientNet
    except ModuleNotFoundError:
        raise FileNotFoundError(
            f"the package efficientnet-lite-pytorch with the definition of {NETWORK} is not installed; "
            "run: python -m pip install efficientnet-lite-pytorch==0.1.0"
        ) from None
    with torch.device("meta"):  # no random weights are drawn, which takes time and would move the random numbers on
        network = EfficientNet.from_name("efficientnet-lite0")
    network.load_state_dict(torch.load(path, weights_only=True), assign=True)
    return network.eval()
