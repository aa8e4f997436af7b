"""Vectors and pair scores: computed once, kept on disk, shared by all notebooks.

One SQLite file per model, in the user's cache folder (or BXE_CACHE). Where time is measured, call the model itself
(`model.encode`, `cross.predict`): what is kept here answers at once.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bxe.files import cache_folder
from bxe.retrieval.fingerprints import fingerprint
from bxe.retrieval.pairs import read_apart, read_together
from bxe.retrieval.runs import Run, expect_runs
from bxe.retrieval.texts import AT_ONCE, by_id, expect_texts, unreadable

if TYPE_CHECKING:
    import pandas as pd
    import torch
    from sentence_transformers import CrossEncoder, MultiVectorEncoder, SentenceTransformer

PIECE = 64  # texts or pairs between two writes to the disk, and two steps of the bar: what an interruption can cost
SAME = ("batch_size", "chunk_size", "convert_to_numpy", "device", "pool", "show_progress_bar")  # change no vector


def embed(model: SentenceTransformer, texts: pd.Series) -> np.ndarray:
    """Embeddings of passages, as `model.encode_document` gives them, each computed once and then kept on disk.

    A vector is found again by the text, the model's weights and its settings, so that what has changed is computed
    again. An interruption loses seconds of work. A damaged entry is noticed by its checksum and computed again.

    Args:
        model: a bi-encoder.
        texts: n texts. Those in which the model knows no word are reported in one line: their vectors mean nothing.

    Returns:
        A float32 array [n, d].

    Raises:
        ValueError: if there are no texts, or one is not a text.
        TypeError: if they are not a Series (or dict, or list) of texts.

    Example:
        >>> import pandas as pd
        >>> embed(None, pd.Series({"p1": None}))
        Traceback (most recent call last):
        ValueError: text p1 is None; a str is expected, so leave out what is missing
    """
    named = expect_texts(texts, "text")
    unreadable(model, named, "texts", "their vectors mean nothing")
    return embed_kept(model, [text for _, text in named], encode="encode_document")


def embed_kept(model: SentenceTransformer, texts: Sequence[str], *, encode: str) -> np.ndarray:
    """As `embed`, for texts that are known to be whole; `encode` names the model's method for this side of a search."""
    model = unwrapped(model)

    def compute(some: list[str]) -> np.ndarray:
        return getattr(model, encode)(some, batch_size=AT_ONCE, show_progress_bar=False)

    return kept(model, encode, list(texts), compute, "embedding texts")


class Kept:
    """A bi-encoder that looks up on disk what it has read before, for functions of the library that take a model.

    `encode_query` and `encode_document` answer as `embed` does; everything else is the model's own.

    Args:
        model: a bi-encoder.

    Raises:
        TypeError: if one of the two is given what makes other vectors: truncate_dim, prompt, ...

    Example:
        >>> from bxe import load_bi_encoder
        >>> model = Kept(load_bi_encoder(device="cpu"))
        bi-encoder: all-MiniLM-L6-v2 (embedded)
        >>> model.encode_query(["green tea"]).shape
        (1, 384)
    """

    def __init__(self, model: SentenceTransformer) -> None:
        self.model = unwrapped(model)

    def encode_query(self, texts: str | Sequence[str], **options) -> np.ndarray | torch.Tensor:
        """The texts' embeddings as a float32 array [n, d], or one text's as [d]."""
        return self._look_up("encode_query", texts, **options)

    def encode_document(self, texts: str | Sequence[str], **options) -> np.ndarray | torch.Tensor:
        """The texts' embeddings as a float32 array [n, d], or one text's as [d]."""
        return self._look_up("encode_document", texts, **options)

    def _look_up(
        self,
        encode: str,
        texts: str | Sequence[str],
        *,
        normalize_embeddings: bool = False,
        convert_to_tensor: bool = False,
        **options,
    ) -> np.ndarray | torch.Tensor:
        import torch

        if changing := [name for name, value in options.items() if name not in SAME and value is not None]:
            what = f"vectors that {', '.join(changing)} changes are not kept"
            raise TypeError(f"{what}; leave it out, or call the model itself: kept.model.{encode}(...)")
        listed = [texts] if isinstance(texts, str) else list(texts)
        if listed:
            vectors = embed_kept(self.model, listed, encode=encode)
        else:
            vectors = np.zeros((0, self.model.get_embedding_dimension()), np.float32)
        if normalize_embeddings:
            vectors = torch.nn.functional.normalize(torch.as_tensor(vectors), dim=1).numpy()
        if convert_to_tensor:
            vectors = torch.as_tensor(vectors, device=self.model.device)
        return vectors[0] if isinstance(texts, str) else vectors

    def __getattr__(self, name: str):
        if name == "model":  # which a copy lacks while it is made
            raise AttributeError(name)
        return getattr(self.model, name)


def unwrapped(model):
    """The model itself, of a `Kept` one, too."""
    return model.model if isinstance(model, Kept) else model


def score(
    model: CrossEncoder | MultiVectorEncoder | SentenceTransformer, run: Run, queries: pd.Series, passages: pd.Series
) -> Run:
    """What a model makes of each (query, passage) pair of a run, each pair read once and its score then kept.

    Args:
        model: a cross-encoder with one output, which reads both texts at once; or one that reads each by itself and has a
            `similarity` of its own: MaxSim, cosine.
        run: whose pairs to read.
        queries, passages: texts, indexed by the ids that the run uses.

    Returns:
        A run of the same passages with the model's logits, or its similarities, as their scores.

    Raises:
        KeyError: if the run names a query or passage that has no text.

    Example:
        >>> score(None, {"q1": {}}, {}, {})
        {'q1': {}}

    Source: Nogueira & Cho (2019), "Passage Re-ranking with BERT", arXiv:1901.04085; Khattab & Zaharia (2020), "ColBERT",
    arXiv:2004.12832.
    """
    expect_runs(run)
    scores: Run = {query: {} for query in run}
    named = [(query, passage) for query in run for passage in run[query]]
    if not named:
        return scores
    asked, read = by_id(queries, "query"), by_id(passages, "passage")
    unknown = [f"query {at}" for at, _ in named if at not in asked]
    unknown += [f"passage {at}" for _, at in named if at not in read]
    if unknown:
        raise KeyError(f"the run names {unknown[0]}, which has no text; give the texts of all that it names")

    model = unwrapped(model)
    apart = not hasattr(model, "predict")
    role = f"similarity {model.similarity_fn_name}" if apart else "predict"

    def compute(some: list[tuple[str, str]]) -> np.ndarray:
        return (read_apart if apart else read_together)(model, some)[:, None]

    unreadable(model, [(at, read[at]) for at in {at: None for _, at in named}], "passages", "their scores mean nothing")
    values = kept(model, role, [(asked[query], read[passage]) for query, passage in named], compute, "reading pairs")
    for (query, passage), value in zip(named, values[:, 0].tolist()):
        scores[query][passage] = value
    return scores


# ---------------------------------------------------------------- what is on the disk


def kept(model, role: str, inputs: list, compute: Callable[[list], np.ndarray], what: str) -> np.ndarray:
    """A row for each input: from the disk where it is there, else computed and put there."""
    from tqdm.auto import tqdm

    keys = [_key(role, given) for given in inputs]
    shelf = _Shelf(model)
    rows = shelf.find(set(keys))
    missing = {key: given for key, given in zip(keys, inputs) if key not in rows}
    # By length, so that what is padded to the same length is about as long, and the pairs of one passage together.
    order = sorted(missing, key=lambda key: _longest_first(missing[key]))
    pieces = [order[start : start + PIECE] for start in range(0, len(order), PIECE)]
    bar = tqdm(pieces, desc=f"{what}, {PIECE} at a time, once", leave=False) if len(pieces) > 1 else pieces
    for some in bar:
        computed = dict(zip(some, compute([missing[key] for key in some]).astype(np.float32)))
        shelf.add(computed)
        rows |= computed
    return np.stack([rows[key] for key in keys])


def _longest_first(given: str | tuple[str, str]) -> tuple[int, str]:
    text = given if isinstance(given, str) else given[-1]
    return -len(text), text


def _key(role: str, given: str | tuple[str, str]) -> bytes:
    """A name for one text or pair; JSON keeps the boundaries between texts apart from what is in them."""
    return hashlib.sha256(json.dumps([role, given]).encode()).digest()[:16]


class _Shelf:
    """The rows kept for one model: key, float32 numbers, checksum. What cannot be read or written is told, not fatal."""

    def __init__(self, model) -> None:
        # An object that only scores, without weights to know it by, is asked each time.
        self.path: Path | None = None
        if hasattr(model, "state_dict"):
            self.path = cache_folder() / "kept" / f"{fingerprint(model)}.sqlite"

    def find(self, keys: set[bytes]) -> dict[bytes, np.ndarray]:
        """The rows that are there and whole."""
        if self.path is None:
            return {}
        try:
            if not self.path.exists():
                return {}
            with closing(self._open()) as shelf:
                stored = [
                    row for some in _batches(sorted(keys)) for row in shelf.execute(_SELECT.format(_marks(some)), some)
                ]
        except (OSError, sqlite3.DatabaseError) as error:
            self._give_up(error)
            return {}
        whole = {key: np.frombuffer(row, np.float32) for key, row, checksum in stored if checksum == _sum(key, row)}
        if len(whole) < len(stored):
            print(f"{self.path.name}: {len(stored) - len(whole)} kept rows are damaged and are computed again")
        return whole

    def add(self, rows: dict[bytes, np.ndarray]) -> None:
        """Put rows on the disk, all of them or none."""
        if self.path is None:
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if not self.path.exists():
                self.path.touch()  # with the rights that the umask gives, which SQLite narrows
            with closing(self._open()) as shelf, shelf:
                shelf.execute("CREATE TABLE IF NOT EXISTS kept (key BLOB PRIMARY KEY, row BLOB, sum BLOB)")
                entries = [(key, row.tobytes(), _sum(key, row.tobytes())) for key, row in rows.items()]
                shelf.executemany("INSERT OR REPLACE INTO kept VALUES (?, ?, ?)", entries)
        except (OSError, sqlite3.DatabaseError) as error:
            self._give_up(error)

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self.path, timeout=60)

    def _give_up(self, error: Exception) -> None:
        """A damaged file is deleted and filled anew; one that cannot be written is done without."""
        if isinstance(error, (OSError, sqlite3.OperationalError)) and "no such table" not in str(error):
            readable = os.access(self.path, os.R_OK) or not os.path.exists(self.path)
            print(f"{self.path} cannot be used ({error if readable else 'not readable'}); results are not kept")
            self.path = None
            return
        print(f"{self.path.name} is damaged ({error}) and is built again")
        self.path.unlink(missing_ok=True)


_SELECT = "SELECT key, row, sum FROM kept WHERE key IN ({})"


def _marks(keys: list[bytes]) -> str:
    return ", ".join("?" * len(keys))


def _batches(keys: list[bytes], size: int = 500) -> list[list[bytes]]:
    """SQLite takes a limited number of values in one question."""
    return [keys[start : start + size] for start in range(0, len(keys), size)]


def _sum(key: bytes, row: bytes) -> bytes:
    return hashlib.sha256(key + row).digest()[:8]
