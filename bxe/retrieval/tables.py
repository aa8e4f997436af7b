"""LanceDB's side of a store: the folder, its tables, whose turn it is to write, and an error in one line."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bxe.files import expanded, first_line
from bxe.models import BI_ENCODER
from bxe.models.embedded import minilm_place
from bxe.retrieval.fingerprints import fingerprint
from bxe.retrieval.kept import unwrapped

if TYPE_CHECKING:
    import pyarrow as pa
    from lancedb.db import DBConnection
    from lancedb.table import Table
    from sentence_transformers import SentenceTransformer

PASSAGES = "passages"  # the table that is searched
NEXT = "passages_next"  # vectors of another model, while they are built
PIECES = 20  # parts that additions leave before they are put together; LanceDB's own rule of thumb
WAIT = 60  # seconds for another process to finish its writing
LOCK = ".lock"
_EVALUATED = "applying filter expression to batch: "  # what LanceDB says of a condition that fails for a passage
_UNSUPPORTED = "Not supported: "  # ... and of one that it cannot evaluate for a passage by itself
_FULL = "No space left|Permission denied|Read-only file system|File too large|[Qq]uota exceeded"
_LOST = "Lance file|Not found|Invalid range|size is too small|whole buffer|correct footer|invalid seek"


class Reader(NamedTuple):
    """By what the vectors of a model are known."""

    name: str
    sha256: str  # of weights, settings and tokenizer
    width: int

    def __str__(self) -> str:
        return f"{self.name} ({self.width} numbers, SHA-256 {self.sha256[:8]}…)"

    @classmethod
    def of(cls, model: SentenceTransformer) -> Reader:
        """What a model is now. Library versions do not count: they change rounding, and a store outlives them."""
        from sentence_transformers import SentenceTransformer

        model = unwrapped(model)
        if not isinstance(model, SentenceTransformer):
            raise TypeError(f"model is a {type(model).__name__}; give a bi-encoder, such as load_bi_encoder()")
        path = str(getattr(model.tokenizer, "name_or_path", "") or type(model).__name__)
        name = BI_ENCODER if path == str(minilm_place()) else path
        return cls(name, fingerprint(model, libraries=()), model.get_embedding_dimension())

    @classmethod
    def in_table(cls, table: Table) -> Reader:
        """The model whose vectors a table holds."""
        told = {key.decode(): value.decode() for key, value in (table.schema.metadata or {}).items()}
        return cls(told["model"], told["sha256"], int(told["width"]))


def store_folder(folder: str | os.PathLike) -> Path:
    """Where a store is, or will be, as an absolute path.

    Raises:
        ModuleNotFoundError: if LanceDB is not installed.
        ValueError: if it is a file, or holds other files and no store.

    Example:
        >>> store_folder(__file__)
        Traceback (most recent call last):
        ValueError: ...tables.py is a file; give a folder for the store
    """
    try:
        import lancedb  # noqa: F401
    except ModuleNotFoundError:
        raise ModuleNotFoundError('a store needs LanceDB, which is not installed: pip install "bxe[scale]"') from None
    folder = expanded(folder).absolute()
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"{folder} is a file; give a folder for the store")
    there = sorted(path.name for path in folder.iterdir()) if folder.exists() else []
    if f"{PASSAGES}.lance" not in there and (others := [name for name in there if name != LOCK]):
        raise ValueError(
            f"{folder} holds other files and no store ({', '.join(others[:3])}); give a new or empty folder"
        )
    return folder


def _database(folder: Path) -> DBConnection:
    """The folder as LanceDB sees it, which makes it if it is missing; every read is of the latest commit."""
    import lancedb

    return lancedb.connect(str(folder), read_consistency_interval=timedelta(0))


def create_empty(folder: Path, reader: Reader) -> Table:
    """The table of a new store."""
    import pyarrow as pa

    columns = [pa.field("passage_id", pa.string(), nullable=False), pa.field("text", pa.string())]
    return create(folder, PASSAGES, pa.schema(columns), reader)


def create(
    folder: Path, name: str, columns: pa.Schema, reader: Reader, rows: pa.RecordBatchReader | None = None
) -> Table:
    """A table, in one commit: empty, or with rows; one of this name is replaced.

    Args:
        columns: of the rows but for the vector.
    """
    import pyarrow as pa

    columns = columns.append(pa.field("vector", pa.list_(pa.float32(), reader.width)))
    metadata = {"model": reader.name, "sha256": reader.sha256, "width": str(reader.width)}
    # LanceDB warns, past Python, where nothing is there to be replaced.
    mode = "overwrite" if _committed(folder / f"{name}.lance") else "create"
    # A passage that the model cannot read has no vector.
    schema = columns.with_metadata(metadata)
    return _database(folder).create_table(name, rows, schema=schema, mode=mode, on_bad_vectors="null")


def open_table(folder: Path, name: str) -> Table | None:
    """A table that is there; None if it is not, or was killed before its first commit.

    Raises:
        ValueError: if it is damaged, or another program's.
    """
    place = folder / f"{name}.lance"
    if not _committed(place):
        if any(place.rglob("*.lance")):
            raise _damaged(folder, "the list of its commits is lost")
        return None
    with told(folder):
        table = _database(folder).open_table(name)
        columns, metadata = table.schema.names, table.schema.metadata or {}
    if not {"passage_id", "text", "vector"} <= set(columns) or not {b"model", b"sha256", b"width"} <= set(metadata):
        raise ValueError(f"{place} is damaged, or a table of another program; put back a copy, or give another folder")
    return table


def half_built(folder: Path) -> Table | None:
    """Vectors of another model that are being built. What a kill has left of their removal is removed."""
    try:
        return open_table(folder, NEXT)
    except ValueError:
        shutil.rmtree(folder / f"{NEXT}.lance")
        return None


def _committed(place: Path) -> bool:
    return any(place.glob("_versions/*.manifest"))


def has_word_index(table: Table, folder: Path) -> bool:
    """Whether the passages can be searched by words; not so if a program was killed just before it."""
    with told(folder):
        return any(index.columns == ["text"] for index in table.list_indices())


def index_words(table: Table) -> None:
    """Make the passages' words searchable: lower case, English stems, no stop words, accents folded."""
    from lancedb.index import FTS

    if not any(index.columns == ["text"] for index in table.list_indices()):
        table.create_index("text", config=FTS())


def tidy(table: Table) -> None:
    """Put the parts that many additions left together, once there are enough of them; old versions stay an hour."""
    if table.stats()["fragment_stats"]["num_small_fragments"] > PIECES:
        table.optimize(cleanup_older_than=timedelta(hours=1))


def answer(query) -> pa.Table:
    """The rows that a query finds. If another process's clean-up takes files away under it, a second try sees the new ones."""
    try:
        return query.to_arrow()
    except RuntimeError as error:
        if "Not found" not in str(error):
            raise
        return query.to_arrow()


def clean(folder: Path, table: Table) -> None:
    """Put a table in order and remove from the disk what it no longer needs; the one writer may do that."""
    beside = half_built(folder)
    if beside is not None and Reader.in_table(beside).sha256 == Reader.in_table(table).sha256:
        shutil.rmtree(folder / f"{NEXT}.lance")  # it has taken its place
    index_words(table)
    table.optimize(cleanup_older_than=timedelta(milliseconds=1), delete_unverified=True)  # at 0 LanceDB warns


def with_ids(ids: list[str]) -> str:
    """The condition that picks passages by id; in SQL a quote is doubled, and nothing else is special.

    Example:
        >>> with_ids(["p1", "it's"])
        "passage_id IN ('p1', 'it''s')"
    """
    quoted = ", ".join("'{}'".format(at.replace("'", "''")) for at in ids)
    return f"passage_id IN ({quoted})"


def size(folder: Path) -> int:
    """Bytes of all files in a folder and below."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """One writer at a time, whatever thread or process; a killed one lets go.

    Raises:
        TimeoutError: if another one writes for more than a minute.
        PermissionError: if the folder cannot be written.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(folder / LOCK, timeout=WAIT)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        raise TimeoutError(
            f"{folder} is being written by another process, and was for {WAIT} seconds; try again when it has finished"
        ) from None
    except OSError as error:
        raise PermissionError(
            f"{folder} cannot be written ({error.strerror or error}); to change the store, allow it or copy the folder"
        ) from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def told(folder: Path) -> Iterator[None]:
    """What LanceDB says of files that it cannot read or write, as one error that names the folder; nothing else belongs here."""
    try:
        yield
    except (TimeoutError, PermissionError):
        raise
    except (RuntimeError, OSError, ValueError) as error:
        if not of_files(error):
            raise
        said = plain(error)
        if re.search(_FULL, str(error)):
            raise OSError(f"{folder} cannot be written ({said}); what was committed before is there") from None
        if not (folder / f"{PASSAGES}.lance").exists():
            raise ValueError(f"there is no store in {folder} any more ({said}); was it moved?") from None
        if re.search(_LOST, str(error)):
            raise _damaged(folder, said) from None
        raise OSError(f"{folder} cannot be read or written ({said}); try again, or put back a copy of it") from None


def _damaged(folder: Path, said: str) -> ValueError:
    return ValueError(f"{folder} is damaged ({said}); put back a copy of it, or delete it and add the passages again")


def of_files(error: Exception) -> bool:
    """Whether an error of LanceDB's is about its files, and not about what it was asked."""
    if isinstance(error, ValueError):
        return "Lance file" in str(error)
    return _EVALUATED not in str(error) and _UNSUPPORTED not in str(error)


def plain(error: Exception) -> str:
    """The first sentence of a library's message, without the places in its source."""
    line = first_line(error).removeprefix("Invalid input, ").split(_EVALUATED)[-1]
    return re.sub(r",? ?/\S+\.rs:\d+(:\d+)?.*|\(\w+ \{.*", "", line)[:200].rstrip(". ")
