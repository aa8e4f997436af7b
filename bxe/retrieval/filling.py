"""Rows brought into a store's table, batch by batch: only what is new is embedded, and each commit is whole."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bxe.retrieval.tables import answer, told, with_ids
from bxe.retrieval.texts import AT_ONCE, unread

if TYPE_CHECKING:
    import pyarrow as pa
    from lancedb.table import Table
    from sentence_transformers import SentenceTransformer

BATCH = 256  # passages in one commit: what a killed program has to embed again, at most
_EMPTY = {"string": "string", "int64": "bigint", "double": "double", "bool": "boolean", "timestamp[us]": "timestamp"}


def fill(
    table: Table,
    model: SentenceTransformer,
    rows: pa.Table,
    folder: Path,
    turn: Callable[[], AbstractContextManager] = nullcontext,
) -> None:
    """Bring rows into a table; those that are there as they are given are passed over.

    Args:
        rows: the table's columns but for the vector.
        folder: named by an error.
        turn: entered for each commit.
    """
    from tqdm.auto import tqdm

    starts = range(0, rows.num_rows, BATCH)
    for start in tqdm(starts, desc=f"filling the store, {BATCH} at a time", leave=False) if len(starts) > 1 else starts:
        some = rows.slice(start, BATCH).to_pylist()
        with told(folder):
            there = answer(table.search().where(with_ids([row["passage_id"] for row in some]))).to_pylist()
        vectors = {(row["passage_id"], row["text"]): row.pop("vector") for row in there}
        known = {row["passage_id"]: row for row in there}
        changed = [row for row in some if known.get(row["passage_id"]) != row]
        if changed:
            batch = _with_vectors(table.schema, model, changed, vectors)
            with turn(), told(folder):
                upsert = table.merge_insert("passage_id").when_matched_update_all().when_not_matched_insert_all()
                upsert.execute(batch, on_bad_vectors="null")  # a text that the model cannot read has none


def _with_vectors(schema: pa.Schema, model: SentenceTransformer, rows: list[dict], vectors: dict) -> pa.Table:
    """Rows with their vectors: those that are known by id and text, and the model's for the rest."""
    import pyarrow as pa

    new = [row for row in rows if (row["passage_id"], row["text"]) not in vectors]
    if new:
        texts = [row["text"] for row in new]
        computed = np.asarray(model.encode_document(texts, batch_size=AT_ONCE, show_progress_bar=False), np.float32)
        deaf = unread(model, texts)
        made = [None if at in deaf else vector for at, vector in enumerate(computed)]
        vectors = vectors | {(row["passage_id"], row["text"]): vector for row, vector in zip(new, made)}
    return pa.Table.from_pylist(
        [row | {"vector": vectors[row["passage_id"], row["text"]]} for row in rows], schema=schema
    )


def fitted(table: Table, rows: pa.Table) -> pa.Table:
    """Rows with the table's columns, of its types; columns that are new are added to the table.

    Raises:
        ValueError: if a column of the table is lacking, or a value is of another type; the table is then as it was.
    """
    import pyarrow as pa

    kinds = {field.name: field.type for field in table.schema if field.name != "vector"}
    if lacking := [name for name in kinds if name not in rows.column_names]:
        raise ValueError(
            f"the store has the column {', '.join(lacking)}, which these passages lack; give a DataFrame with it, and None where "
            "it is not known"
        )
    columns = {name: _as_kept(name, rows[name], kind) for name, kind in kinds.items()}
    # A column without any value is of no type yet.
    new = {
        name: rows[name] for name in rows.column_names if name not in kinds and not pa.types.is_null(rows[name].type)
    }
    if new:
        table.add_columns({name: f"cast(null as {_EMPTY[str(values.type)]})" for name, values in new.items()})
    return pa.table(columns | new)


def _as_kept(name: str, values: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    """Values as the type that their column has in the store; only numbers may be of the other type, if they stay exact."""
    import pyarrow as pa

    given, why = values.type, ""
    if given == kind or pa.types.is_null(given) or {given, kind} == {pa.int64(), pa.float64()}:
        try:
            return values.cast(kind)
        except pa.ArrowException as error:
            why = f" ({error!s:.80})"
    raise ValueError(f"column {name} is {kind} in the store and {given} here{why}; convert it")


def pieces(ids: list[str]) -> list[list[str]]:
    """Ids, as many at a time as there are in a commit.

    Example:
        >>> [len(some) for some in pieces(["p"] * 300)]
        [256, 44]
    """
    return [ids[start : start + BATCH] for start in range(0, len(ids), BATCH)]
