"""Vectors of pictures: computed once, kept on disk, and those that cannot be read passed over."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bxe.retrieval.kept import kept

if TYPE_CHECKING:
    import pandas as pd
    from sentence_transformers import SentenceTransformer


def embed_pictures(
    model: SentenceTransformer, pictures: pd.Series | Mapping[str, Path]
) -> tuple[dict[str, Path], np.ndarray]:
    """Embeddings of picture files, as `model.encode` gives them, each computed once and then kept on disk.

    A vector is found again by the file's place, size and time of change, so that no picture has to be opened again.

    Args:
        model: an encoder that takes pictures.
        pictures: paths by id, as `corpora.pictures_in` gives them. One that cannot be read is named in a line, and left
            out.

    Returns:
        The pictures that were read, paths by id, and their vectors in the same order: a float32 array [n, d].

    Raises:
        ValueError: if none can be read.

    Example:
        >>> embed_pictures(None, {"p1": Path("no-such-picture.jpg")})
        Traceback (most recent call last):
        ValueError: none of the 1 pictures can be read; the first: there is no file no-such-picture.jpg
    """
    files, broken = {}, {}
    for name, path in pictures.items():
        try:
            files[name] = (path := Path(path).absolute(), path.stat())
        except OSError:
            broken[name] = f"there is no file {pictures[name]}"
    keys = {name: f"{path} {stat.st_size} {stat.st_mtime_ns}" for name, (path, stat) in files.items()}
    paths = {keys[name]: path for name, (path, _) in files.items()}

    def compute(some: list[str]) -> np.ndarray:
        return np.stack([_row(model, paths[key]) for key in some])

    vectors = {}
    if files:
        vectors = dict(zip(files, kept(model, "encode pictures", list(keys.values()), compute, "embedding pictures")))
    for name in [name for name, row in vectors.items() if np.isnan(row).any()]:
        try:
            vectors[name] = _vector(model, files[name][0])  # a newer Pillow may read it
        except (OSError, ValueError) as error:
            broken[name] = str(error).replace(str(files[name][0]), name)
            del vectors[name]
    if not vectors:
        why = f"; the first: {next(iter(broken.values()))}" if broken else ""
        raise ValueError(f"none of the {len(broken)} pictures can be read{why}")
    for name, why in broken.items():
        print(f"{name} is left out: {why}")
    return {name: files[name][0] for name in vectors}, np.stack(list(vectors.values()))


def _vector(model: SentenceTransformer, path: Path) -> np.ndarray:
    return model.encode([path], show_progress_bar=False)[0]


def _row(model: SentenceTransformer, path: Path) -> np.ndarray:
    """The picture's vector; numbers that are none (nan) if it cannot be read, so that it is not tried anew each time."""
    try:
        return _vector(model, path)
    except (OSError, ValueError):
        return np.full(model.get_embedding_dimension(), np.nan, np.float32)
