"""What a model makes of pairs of texts: read together by a cross-encoder, or apart and compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bxe.retrieval.texts import AT_ONCE, shortened

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder, MultiVectorEncoder, SentenceTransformer


def read_together(model: CrossEncoder, pairs: list[tuple[str, str]], *, batch_size: int = AT_ONCE) -> np.ndarray:
    """The logits of n pairs of query and passage, float32 [n]; higher is more relevant.

    Example:
        >>> from bxe import load_cross_encoder
        >>> model = load_cross_encoder(device="cpu")
        cross-encoder: bxe-reranker-minilm (embedded)
        >>> best, worst = read_together(model, [("how hot?", "Pour at 80 degrees."), ("how hot?", "A bicycle.")])
        >>> bool(best > worst)
        True
    """
    pairs = [shortened(model, pair) for pair in pairs]
    return np.asarray(model.predict(pairs, batch_size=batch_size, show_progress_bar=False), dtype=np.float32)


def read_apart(
    model: MultiVectorEncoder | SentenceTransformer, pairs: list[tuple[str, str]], *, batch_size: int = AT_ONCE
) -> np.ndarray:
    """The model's own similarity (MaxSim, cosine) of n pairs of query and passage, float32 [n].

    A text that is in several pairs is encoded once.

    Example:
        >>> from bxe import load_bi_encoder
        >>> model = load_bi_encoder(device="cpu")
        bi-encoder: all-MiniLM-L6-v2 (embedded)
        >>> read_apart(model, [("green tea", "green tea"), ("green tea", "A bicycle.")]).round(2)[0].item()
        1.0
    """
    sides = []
    for texts, encode in zip(zip(*pairs), (model.encode_query, model.encode_document)):
        unique = list(dict.fromkeys(texts))
        vectors = dict(zip(unique, encode(unique, batch_size=batch_size, show_progress_bar=False)))
        sides.append([vectors[text] for text in texts])
    return np.asarray(model.similarity_pairwise(*sides).cpu(), dtype=np.float32)
