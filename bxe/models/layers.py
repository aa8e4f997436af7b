"""A linear layer behind a frozen bi-encoder: it learns from vectors that are computed once, so a step takes milliseconds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch
    from sentence_transformers import SentenceTransformer


def linear_layer(size: int = 384) -> SentenceTransformer:
    """A model that is one linear layer, on the processor. It starts as the layer that changes nothing.

    The library's losses take it as any other model; in place of tokens it gets vectors. Behind a bi-encoder it gives a
    whole model again: `SentenceTransformer(modules=[*model, *layer])`.

    Example:
        >>> through(linear_layer(2), np.array([[3.0, 4.0]])).shape
        (1, 2)
    """
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Dense

    layer = Dense(size, size, bias=False, activation_function=torch.nn.Identity())
    torch.nn.init.eye_(layer.linear.weight)
    return SentenceTransformer(modules=[layer], device="cpu")


def learn(
    layer: SentenceTransformer,
    loss: torch.nn.Module,
    batches: Iterable[Sequence[np.ndarray]],
    *,
    learning_rate: float = 1e-3,
) -> None:
    """Change the layer in one step (AdamW) for each batch, as the trainer does with a whole model.

    Args:
        layer: what `linear_layer` gave.
        loss: one of the library's, made for this layer.
        batches: each a list of arrays [n, size]: first texts' vectors, those of their partners, and of hard negatives if
            there are some. Row i of each belongs to the same pair, whose label is 1.
        learning_rate: how far a step goes.

    Example:
        >>> from sentence_transformers.sentence_transformer.losses import CosineSimilarityLoss
        >>> layer = linear_layer(2)
        >>> learn(layer, CosineSimilarityLoss(layer), [[np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])]] * 50)
        >>> a, b = through(layer, np.eye(2))
        >>> bool(a @ b > 0)
        True
    """
    import torch

    optimizer = torch.optim.AdamW(layer.parameters(), lr=learning_rate, weight_decay=0)
    for columns in batches:
        given = [{"sentence_embedding": torch.tensor(column, dtype=torch.float32)} for column in columns]
        loss(given, torch.ones(len(columns[0]))).backward()
        optimizer.step()
        optimizer.zero_grad()


def through(layer: SentenceTransformer, vectors: np.ndarray) -> np.ndarray:
    """What the layer makes of vectors, made to length 1; a float32 array [n, size].

    Example:
        >>> through(linear_layer(3), np.zeros((5, 3)) + 1).shape
        (5, 3)
    """
    import torch

    with torch.inference_mode():
        out = layer({"sentence_embedding": torch.tensor(vectors, dtype=torch.float32)})["sentence_embedding"]
    return torch.nn.functional.normalize(out, dim=1).numpy()
