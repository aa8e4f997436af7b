"""All vectors of a store made anew with another model: beside the old ones, resumable, and switched in one commit."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from bxe.retrieval.filling import fill, pieces
from bxe.retrieval.store import Store, open_store
from bxe.retrieval.tables import (
    NEXT,
    PASSAGES,
    Reader,
    clean,
    create,
    half_built,
    open_table,
    store_folder,
    told,
    with_ids,
    writing,
)

if TYPE_CHECKING:
    from lancedb.table import Table
    from sentence_transformers import SentenceTransformer


def reembed(folder: str | os.PathLike, model: SentenceTransformer) -> Store:
    """Make all vectors of a store anew, with another model, and open it.

    They are built beside the old ones, which answer searches until a single commit puts the new ones in their place. A run
    that was killed goes on where it was. Meanwhile nobody else can write. The old vectors are then removed from the disk.

    Args:
        folder: where a store is.
        model: a bi-encoder. If the vectors are its own already, nothing is computed.

    Raises:
        ValueError: if there is no store, or it is damaged.
        TimeoutError, PermissionError: if another process is writing, or the folder cannot be written.

    Example:
        >>> reembed("no-such-folder", None)
        Traceback (most recent call last):
        ValueError: there is no store in ...no-such-folder; make one with open_store(folder, model)
    """
    folder = store_folder(folder)
    if open_table(folder, PASSAGES) is None:
        raise ValueError(f"there is no store in {folder}; make one with open_store(folder, model)")
    reader = Reader.of(model)
    with writing(folder):
        table = open_table(folder, PASSAGES)
        if Reader.in_table(table).sha256 != reader.sha256:
            table = _taken_over(folder, table, model, reader)
        with told(folder):
            clean(folder, table)
    return open_store(folder, model)


def _taken_over(folder: Path, table: Table, model: SentenceTransformer, reader: Reader) -> Table:
    """The table with another model's vectors, which were built beside it, in one commit."""
    with told(folder):
        rows = table.search().select([name for name in table.schema.names if name != "vector"]).to_arrow()
        new = half_built(folder)
        if (
            new is None
            or Reader.in_table(new).sha256 != reader.sha256
            or set(new.schema.names) != set(table.schema.names)
        ):
            new = create(folder, NEXT, rows.schema, reader)
    fill(new, model, rows, folder)
    with told(folder):
        ids = new.search().select(["passage_id"]).to_arrow()["passage_id"].to_pylist()
        for some in pieces(sorted(set(ids) - set(rows["passage_id"].to_pylist()))):  # deleted since it was killed
            new.delete(with_ids(some))
        return create(folder, PASSAGES, rows.schema, reader, new.search().select(new.schema.names).to_batches())
