"""What is written: a folder of Parquet files, each whole or not there, that say which model they are of."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bxe.cluster.sources import cause, keys
from bxe.files import expanded, write

if TYPE_CHECKING:
    import pyarrow as pa

    from bxe.retrieval.runs import Run

_STAMP = b"bxe.model"  # in the file's own metadata, under which a `_Stamp` stands


class _Stamp(NamedTuple):
    """What a part is of."""

    kind: str  # of numbers, as messages call them
    model: str  # its name
    fingerprint: str  # of its weights, settings and library versions


class Parts:
    """A folder of parts of one table: ids, and what a model made of each row.

    Args:
        folder: where the parts lie; it need not be there yet. On a cluster one that each machine sees.
        ids: names of the columns that hold the ids.

    Example:
        >>> Parts("nowhere", ["passage_id"]).done()
        <pyarrow.lib.ChunkedArray object at ...>
        [
        <BLANKLINE>
        ]
    """

    def __init__(self, folder: str | os.PathLike, ids: Sequence[str]) -> None:
        self.folder, self.ids = expanded(folder).absolute(), list(ids)
        if self.folder.exists() and not self.folder.is_dir():
            raise ValueError(f"{folder} is a file; the parts need a folder of their own")

    def files(self) -> list[Path]:
        """The parts, whole ones all of them: a file gets its name only once it is written."""
        return sorted(self.folder.glob("part-*.parquet"))

    def table(self, columns: Sequence[str]) -> pa.Table:
        """Columns of all parts, read whole.

        Raises:
            ValueError: if a part is damaged or has no such columns.
        """
        import pyarrow as pa

        try:
            return _rows(self.files(), columns)
        except (pa.ArrowException, OSError) as error:
            said = cause(error)
        for file in self.files():
            try:
                _rows([file], columns)
            except (pa.ArrowException, OSError) as error:
                raise _damaged(file, error) from None
        raise ValueError(
            f"the parts in {self.folder} do not fit together ({said}); give each source a folder of its own"
        )

    def done(self) -> pa.ChunkedArray:
        """The keys of the rows that are there (see `sources.keys`)."""
        import pyarrow as pa

        if not self.files():
            return pa.chunked_array([], pa.large_string())
        return keys(self.table(self.ids), self.ids)

    def expect(self, kind: str, model: str, fingerprint: str | None = None) -> None:
        """Raise ValueError if the parts that are there are of something else; without a fingerprint names are compared."""
        for file in self.files()[:1]:
            there = _stamp(file)
            if there is None:
                raise ValueError(
                    f"{self.folder} holds parts that bxe did not write, such as {file.name}; give another folder"
                )
            if (there.kind, there.model) != (kind, model):
                raise ValueError(
                    f"{self.folder} holds {there.kind} by {there.model}, not {kind} by {model}; give another folder for these"
                )
            if fingerprint is not None and there.fingerprint != fingerprint:
                raise ValueError(
                    f"{self.folder} holds {kind} by {model} with other weights, settings or library versions; "
                    "give another folder"
                )

    def add(self, rows: pa.Table, kind: str, model: str, fingerprint: str) -> None:
        """Write one part, named by its ids: the same rows again replace it."""
        import pyarrow as pa
        import pyarrow.parquet

        stamped = rows.replace_schema_metadata({_STAMP: "\n".join((kind, model, fingerprint)).encode()})
        sink = pa.BufferOutputStream()
        # Neither dictionaries nor compression: no two vectors have much in common, and a checksum notices damage.
        pyarrow.parquet.write_table(stamped, sink, compression="none", use_dictionary=False, write_page_checksum=True)
        name = hashlib.sha256("\0\0".join(keys(rows, self.ids).to_pylist()).encode()).hexdigest()[:16]
        write(self.folder / f"part-{name}.parquet", sink.getvalue().to_pybytes())


def _rows(files: Sequence[Path], columns: Sequence[str]) -> pa.Table:
    import pyarrow.dataset

    checked = pyarrow.dataset.ParquetFragmentScanOptions(page_checksum_verification=True)
    form = pyarrow.dataset.ParquetFileFormat(default_fragment_scan_options=checked)
    return pyarrow.dataset.dataset([str(file) for file in files], format=form).to_table(columns=list(columns))


def _stamp(file: Path) -> _Stamp | None:
    """What a part is of; None if bxe did not write it."""
    import pyarrow as pa
    import pyarrow.parquet

    try:
        words = (pyarrow.parquet.read_schema(file).metadata or {}).get(_STAMP, b"").decode().split("\n")
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _damaged(file, error) from None
    return _Stamp(*words) if len(words) == len(_Stamp._fields) else None


def _damaged(file: Path, error: Exception) -> ValueError:
    return ValueError(f"{file} is damaged ({cause(error)}); delete it, and the next run makes it again")


def read_vectors(folder: str | os.PathLike, ids: Sequence[str]) -> np.ndarray:
    """The vectors that `embed_dataset` wrote, in the order of `ids`.

    Args:
        folder: that of the parts.
        ids: of n passages, as the source has them.

    Returns:
        A float32 array [n, d].

    Raises:
        FileNotFoundError: if there are no parts.
        KeyError: if a passage has no vector.
        ValueError: if a part is damaged, or the parts hold something else.

    Example:
        >>> read_vectors("nowhere", ["p1"])
        Traceback (most recent call last):
        FileNotFoundError: .../nowhere holds no parts; embed_dataset writes them
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    table = _read(folder, ["passage_id", "vector"], "vectors", "embed_dataset")
    wanted = pa.array([str(at) for at in ids], pa.large_string())
    rows = pc.index_in(wanted, value_set=keys(table, ["passage_id"]))
    if rows.null_count:
        missing = wanted.filter(rows.is_null())
        raise KeyError(f"{len(missing)} passages have no vector in {folder}, such as {missing[0]}; embed them first")
    vectors = table["vector"].combine_chunks()
    return vectors.flatten().to_numpy().reshape(len(vectors), -1)[rows.to_numpy()]


def read_run(folder: str | os.PathLike) -> Run:
    """The scores that `rerank_dataset` wrote, as a run: for each query id its passages, best first.

    Raises:
        FileNotFoundError: if there are no parts.
        ValueError: if a part is damaged, or the parts hold something else.

    Example:
        >>> read_run("nowhere")
        Traceback (most recent call last):
        FileNotFoundError: .../nowhere holds no parts; rerank_dataset writes them
    """
    table = _read(folder, ["query_id", "passage_id", "score"], "scores", "rerank_dataset")
    order = [("query_id", "ascending"), ("score", "descending"), ("passage_id", "ascending")]
    run: Run = {}
    for query, passage, score in zip(*(column.to_pylist() for column in table.sort_by(order).columns)):
        run.setdefault(query, {})[passage] = score
    return run


def _read(folder: str | os.PathLike, columns: Sequence[str], kind: str, by: str) -> pa.Table:
    """Columns of all parts in a folder, if they are of this kind of numbers, which the function named `by` writes."""
    parts = Parts(folder, columns[:1])
    if not parts.files():
        raise FileNotFoundError(f"{parts.folder} holds no parts; {by} writes them")
    there = _stamp(parts.files()[0])
    if there is None or there.kind != kind:
        held = there.kind if there else "parts that bxe did not write"
        raise ValueError(f"{parts.folder} holds {held}, not {kind}; give a folder that {by} wrote")
    return parts.table(columns)
