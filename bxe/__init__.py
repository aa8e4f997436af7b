"""bxe: sentence embeddings from both sides, bi-encoders and cross-encoders, hands on.

The names below are imported on first use, so `import bxe` itself stays light.
"""

from importlib import import_module

__version__ = "0.1.0"

_HOME = {
    "load_bi_encoder": "models",
    "load_cross_encoder": "models",
    "load_image_encoder": "models",
    "load_multi_vector_encoder": "models",
    "check": "exercises",
    "hint": "exercises",
    "quiz": "exercises",
    "progress": "exercises",
}
_MODULES = ("advisor", "cluster", "corpora", "course", "exercises", "judging", "models", "plots", "retrieval")

__all__ = [*_HOME, *_MODULES, "__version__"]


def __getattr__(name: str):
    if name in _HOME:
        return getattr(import_module(f"bxe.{_HOME[name]}"), name)
    if name in _MODULES:
        return import_module(f"bxe.{name}")
    raise AttributeError(f"bxe has no {name!r}; it has {', '.join(__all__)}")


def __dir__() -> list[str]:
    return sorted(__all__)
