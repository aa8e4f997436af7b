"""Passages to vectors, pairs to logits: `map_batches` over workers that each load the model once."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bxe.cluster.parts import Parts
from bxe.cluster.session import installed, session
from bxe.cluster.sources import Source, expect_ids, keys, open_source
from bxe.files import expanded, expect_count
from bxe.models import BI_ENCODER, CROSS_ENCODER, load_bi_encoder, load_cross_encoder
from bxe.retrieval.fingerprints import fingerprint
from bxe.retrieval.pairs import read_together
from bxe.retrieval.texts import AT_ONCE

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

SHORT = 60.0  # seconds: a run that takes no longer shows no bar


class Outcome(NamedTuple):
    """What a run did: new rows, which a model read; those there before, which none read again; files in the folder now."""

    new: int
    before: int
    parts: int


class _Job(NamedTuple):
    """All that a worker needs to know: what to load, which columns to read, what to call the result and where to put it."""

    kind: str  # as messages call the numbers
    column: str  # as the parts call them
    model: str
    load: Callable
    compute: Callable[[object, list], np.ndarray]
    ids: tuple[str, ...]
    texts: tuple[str, ...]
    out: str


def embed_dataset(
    source: str | os.PathLike | pd.DataFrame,
    out: str | os.PathLike,
    *,
    workers: int = 2,
    batch_size: int = 1024,
    model: str | os.PathLike | None = None,
    address: str | None = None,
) -> Outcome:
    """Embed passages with several workers, here or on a cluster, and write ids and vectors as Parquet files.

    Each worker loads the model once, takes one batch after the other, and writes each as one file, whole or not at all.
    A worker that dies is replaced, and its batch done again. After an interruption run the same again: passages
    whose vectors are there are skipped, and so they are when passages were added to the source. A text that was changed
    under its old id isn't noticed: give it a new one, or another folder. Ids are held in memory, texts are not.

    Args:
        source: a .parquet or .csv file, a folder of them, or a DataFrame, with the columns passage_id and text.
        out: the folder for the parts, with the columns passage_id and vector (float32 [d]). On a cluster source and out lie
            where each machine sees them.
        workers: processes with a model each, on one CPU core each and one thread; an even share of the GPUs, if any.
        batch_size: passages a batch: what is lost with a worker, and what a file holds.
        model: a bi-encoder's name or folder, as in `load_bi_encoder`.
        address: of a Ray cluster that this machine belongs to, such as "host:6379"; by default Ray runs here for as long
            as this takes, unless it runs already (see `session`).

    Raises:
        FileNotFoundError, TypeError: if there is no source, or it is neither a path nor a DataFrame.
        ValueError: if a column, an id or a text is missing, an id comes twice, a number is no whole number of at least 1,
            or the folder holds vectors of another model.
        ModuleNotFoundError, ConnectionError: if Ray is not installed, or no cluster answers.
        RuntimeError: on Windows; if Ray does not start, has too few cores, or a worker failed.

    Example:
        >>> embed_dataset("no-such-file.parquet", "vectors")
        Traceback (most recent call last):
        FileNotFoundError: no-such-file.parquet does not exist (the current folder is ...)

    Source: docs.ray.io, "End-to-end: Offline Batch Inference" (map_batches with a class and a pool of actors).
    """
    name = _name(model or os.environ.get("BXE_BI_ENCODER") or BI_ENCODER)
    ids, texts = ("passage_id",), ("text",)
    job = _Job("vectors", "vector", name, load_bi_encoder, _vectors, ids, texts, str(expanded(out).absolute()))
    return _run(job, source, workers, batch_size, address)


def rerank_dataset(
    source: str | os.PathLike | pd.DataFrame,
    out: str | os.PathLike,
    *,
    workers: int = 2,
    batch_size: int = 1024,
    model: str | os.PathLike | None = None,
    address: str | None = None,
) -> Outcome:
    """Read pairs with a cross-encoder and several workers, here or on a cluster, and write their logits as Parquet files.

    Everything else is as in `embed_dataset`.

    Args:
        source: as there, with the columns query_id, passage_id, query and passage (both texts), one row a pair.
        out: the folder for the parts, with the columns query_id, passage_id and score (float32, a logit).
        workers, batch_size, address: as there.
        model: a cross-encoder's name or folder, as in `load_cross_encoder`.

    Raises:
        As in `embed_dataset`.

    Example:
        >>> rerank_dataset("no-such-file.parquet", "scores", batch_size=0)
        Traceback (most recent call last):
        ValueError: batch_size is 0; give a whole number of at least 1

    Source: Nogueira & Cho (2019), "Passage Re-ranking with BERT", arXiv:1901.04085.
    """
    name = _name(model or os.environ.get("BXE_CROSS_ENCODER") or CROSS_ENCODER)
    ids, texts = ("query_id", "passage_id"), ("query", "passage")
    job = _Job("scores", "score", name, load_cross_encoder, read_together, ids, texts, str(expanded(out).absolute()))
    return _run(job, source, workers, batch_size, address)


def _name(model: object) -> str:
    """A model's name, or its folder as each worker finds it."""
    if not isinstance(model, (str, os.PathLike)):
        raise TypeError(
            f"a model's name or folder is expected, since each worker loads its own; this is of the type "
            f"{type(model).__name__}"
        )
    name = os.fsdecode(model)
    return os.path.abspath(name) if os.path.isdir(name) else name


def _vectors(model, rows: list[tuple[str]]) -> np.ndarray:
    return model.encode_document([text for (text,) in rows], batch_size=AT_ONCE, show_progress_bar=False)


def _run(job: _Job, given, workers: int, batch_size: int, address: str | None) -> Outcome:
    import pyarrow.compute as pc

    workers, batch_size = expect_count(workers, "workers"), expect_count(batch_size, "batch_size")
    source, parts = open_source(given, job.ids, job.texts), Parts(job.out, job.ids)
    parts.expect(job.kind, job.model)
    wanted = expect_ids(source, job.ids)
    before = pc.sum(pc.is_in(wanted, value_set=parts.done())).as_py()
    missing = len(wanted) - before
    if missing:
        with session(workers=workers, address=address):
            _deal_out(job, source, workers, batch_size, missing)
        there = pc.sum(pc.is_in(wanted, value_set=parts.done())).as_py()
        if there < len(wanted):
            raise RuntimeError(
                f"{len(wanted) - there} of {len(wanted)} rows have no {job.column} in {job.out}; run the same again. "
                "On a cluster each machine must see this folder"
            )
    return Outcome(missing, before, len(parts.files()))


def _deal_out(job: _Job, source: Source, workers: int, batch_size: int, missing: int) -> None:
    """Let workers take blocks of rows as they are read, so that few are in memory at a time."""
    from tqdm.auto import tqdm

    ray = installed()
    there = ray.cluster_resources()
    if there.get("CPU", 0) < workers + 1:
        raise RuntimeError(
            f"Ray has {there.get('CPU', 0):.0f} CPU cores here; {workers} workers and a reader need {workers + 1}. "
            "Ask for fewer workers, or start it with more: session(workers=...)"
        )
    made = source.there(batch_size).map_batches(
        _Worker,
        fn_constructor_args=(job,),
        batch_size=batch_size,
        batch_format="pyarrow",
        compute=ray.data.ActorPoolStrategy(size=workers, max_tasks_in_flight_per_actor=2),  # one at work, one ready
        num_cpus=1,
        num_gpus=min(1.0, there.get("GPU", 0) / workers),
    )
    bar = tqdm(total=missing, desc=f"{job.kind}, {workers} workers", leave=False, delay=SHORT)
    try:
        for batch in made.iter_batches(batch_size=None, batch_format="numpy"):
            if failed := next(filter(None, batch["failed"].tolist()), None):
                raise RuntimeError(f"a worker failed: {failed}. What is written stays, and is not done again")
            bar.update(int(batch["rows"].sum()))
    except ray.exceptions.RayError as error:
        raise RuntimeError(f"Ray broke off: {_line(error)}. What is written stays; run the same again") from None
    finally:
        bar.close()


class _Worker:
    """What an actor does: load a model once, then turn each block of rows into a part.

    What goes wrong is handed back as a line, since Ray would start the actor again and again, and tell it in a page.
    """

    def __init__(self, job: _Job) -> None:
        self.job, self.parts, self.failed = job, Parts(job.out, job.ids), ""
        try:
            self.model, self.done = job.load(job.model), self.parts.done()
            self.fingerprint = fingerprint(self.model)
        except Exception as error:
            self.failed = _line(error)

    def __call__(self, block: pa.Table) -> dict[str, np.ndarray]:
        try:
            rows = 0 if self.failed else self._add(block)
        except Exception as error:
            rows, self.failed = 0, _line(error)
        return {"rows": np.array([rows]), "failed": np.array([self.failed])}

    def _add(self, block: pa.Table) -> int:
        """Write a part of those rows of a block that are not there yet, and count them."""
        import pyarrow as pa
        import pyarrow.compute as pc

        job = self.job
        self.parts.expect(job.kind, job.model, self.fingerprint)
        rows = block.filter(pc.invert(pc.is_in(keys(block, job.ids), value_set=self.done)))
        if len(rows):
            texts = list(zip(*(rows[name].to_pylist() for name in job.texts)))
            values = np.asarray(job.compute(self.model, texts), dtype=np.float32)
            column = pa.array(values.ravel())
            if values.ndim == 2:
                column = pa.FixedSizeListArray.from_arrays(column, values.shape[1])
            self.parts.add(
                rows.select(job.ids).append_column(job.column, column), job.kind, job.model, self.fingerprint
            )
        return len(rows)


def _line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[-1][:400]
