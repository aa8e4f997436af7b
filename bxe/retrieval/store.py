"""A persistent store of passages and their vectors (LanceDB): added to, deleted from and searched, by any process."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bxe.files import expect_count
from bxe.retrieval.conditions import condition
from bxe.retrieval.filling import fill, fitted, pieces
from bxe.retrieval.rows import expect_ids, rows_of
from bxe.retrieval.runs import Run, first, fuse
from bxe.retrieval.tables import (
    PASSAGES,
    Reader,
    answer,
    clean,
    create_empty,
    has_word_index,
    index_words,
    open_table,
    plain,
    size,
    store_folder,
    tidy,
    told,
    with_ids,
    writing,
)
from bxe.retrieval.texts import expect_queries, unreadable

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from lancedb.table import Table
    from sentence_transformers import SentenceTransformer

DEPTH = 100  # of each list, where two are fused
WAYS = ("meaning", "words", "both")


def open_store(folder: str | os.PathLike, model: SentenceTransformer) -> Store:
    """Open a folder's store of passages and vectors, or make an empty one there.

    Args:
        folder: where the store is, or will be: a new or empty folder.
        model: the bi-encoder whose vectors it holds. `Kept(model)` uses vectors that the course has computed before.

    Raises:
        ModuleNotFoundError: if LanceDB is not installed: pip install "bxe[scale]".
        ValueError: if the store holds another model's vectors or is damaged, or the folder is a file or holds other files.
        PermissionError: if there is no store yet, and the folder cannot be written.

    Example:
        >>> open_store(__file__, None)
        Traceback (most recent call last):
        ValueError: ...store.py is a file; give a folder for the store

    Source: https://docs.lancedb.com; Pace et al. (2025), "Lance: Efficient Random Access in Columnar Storage through
    Adaptive Structural Encodings", arXiv:2504.15247.
    """
    folder = store_folder(folder)
    reader = Reader.of(model)
    table = open_table(folder, PASSAGES)
    if table is None or not has_word_index(table, folder):
        with writing(folder), told(folder):
            # Another process may have made it while this one waited.
            table = open_table(folder, PASSAGES)
            if table is None:  # an empty one counts as false
                table = create_empty(folder, reader)
            index_words(table)
    store = Store(folder, table, model, reader)
    store.expect_own_vectors()
    return store


class Store:
    """Passages, further columns and vectors in a folder, as `open_store` gives them.

    Every commit is whole: a killed program loses the batch of 256 passages that it was at. Any number of processes may
    read; those that write take turns, batch by batch, and of two texts for one id the later one stays.
    """

    def __init__(self, folder: Path, table: Table, model: SentenceTransformer, reader: Reader) -> None:
        self.folder, self.model = folder, model
        self._table, self._reader = table, reader

    def __repr__(self) -> str:
        return f"<Store {self.folder}: {len(self)} passages, {self._reader}>"

    def __len__(self) -> int:
        with told(self.folder):
            return self._table.count_rows()

    def passages(self, ids: Iterable[str] | None = None) -> pd.DataFrame:
        """Texts and further columns, indexed by passage_id: those of the ids in their order; all of them, sorted, by default.

        Raises:
            KeyError: if an id is not in the store.
        """
        import pandas as pd

        asked = None if ids is None else expect_ids(ids)
        conditions = ["true"] if asked is None else [with_ids(some) for some in pieces(asked)] or ["false"]
        with told(self.folder):
            columns = [name for name in self._table.schema.names if name != "vector"]
            found = [answer(self._table.search().where(some).select(columns)).to_pandas() for some in conditions]
        frame = pd.concat(found).set_index("passage_id")
        if asked is None:
            return frame.sort_index()
        if unknown := [at for at in asked if at not in frame.index]:
            raise KeyError(f"the store has no passage {', '.join(unknown[:3])}")
        return frame.loc[asked]

    def add(self, passages: pd.Series | pd.DataFrame) -> None:
        """Add passages, in commits of 256; a passage whose id is known replaces the one that is there.

        Only what is new is embedded: a passage that is there as it is given is passed over, so that after an interruption
        the same call does the rest. A text in which the model knows no word gets no vector; search by words finds it.

        Args:
            passages: a Series of texts indexed by passage_id; or a DataFrame with passage_id, text and columns to filter by,
                of str, int, float, bool or datetime without a zone. A column that is new to the store is missing in earlier
                rows; it is left out as long as it has no value.

        Raises:
            ValueError: if an id is missing, no str or there twice, a text is no str, a column cannot be kept or is lacking,
                or the model was trained, or the store re-embedded, since it was opened.
            TypeError: if passages is neither Series nor DataFrame.
            TimeoutError, OSError: if another process is writing for long, or the folder cannot be written.
        """
        rows = rows_of(passages)
        self._expect_same_model()
        named = list(zip(rows["passage_id"].to_pylist(), rows["text"].to_pylist()))
        unreadable(self.model, named, "passages", "search by words alone finds them")
        with self._turn():
            rows = fitted(self._table, rows)
        fill(self._table, self.model, rows, self.folder, self._turn)
        with self._turn():
            tidy(self._table)

    def delete(self, ids: Iterable[str]) -> int:
        """Delete passages by id, 256 in a commit; ids that are not there are passed over. Returns how many were deleted.

        Raises:
            TypeError: if ids is no list of ids, but passages, say.
        """
        deleted = 0
        for some in pieces(expect_ids(ids)):
            with self._turn():
                deleted += self._table.delete(with_ids(some)).num_deleted_rows
        return deleted

    def search(self, queries: pd.Series, *, top_k: int = 10, where: str | None = None, by: str = "meaning") -> Run:
        """The best passages for each query.

        Args:
            queries: texts, indexed by id. One that the model cannot read finds nothing by meaning; a line says so.
            top_k: how many passages to return for a query; fewer come if fewer fit.
            where: a condition in SQL that a passage must fulfil, such as "package = 'numpy' AND year > 2020".
            by: "meaning", the vectors' cosine, compared with every passage; "words", BM25 on stems; or "both", the two lists
                fused by rank (`fuse`).

        Raises:
            ValueError: if a query is blank, top_k no whole number of at least 1, `by` another word, `where` no condition on
                the store's columns or one that fails for a passage, or the store was re-embedded since it was opened.
        """
        expect_count(top_k, "top_k")
        asked = expect_queries(queries)
        if by not in WAYS:
            raise ValueError(f"by is {by!r}; give one of {', '.join(WAYS)}")
        self.expect_own_vectors()
        top_k = min(top_k, max(1, len(self)))
        try:
            if by == "both":
                found = [self._find(asked, way, max(top_k, DEPTH), where) for way in WAYS[:2]]
                return first(fuse(*found), top_k)
            return self._find(asked, by, top_k, where)
        finally:  # another process may have re-embedded it meanwhile
            self.expect_own_vectors()

    def compact(self) -> tuple[int, int]:
        """Put the store's parts together, and remove what was replaced and deleted from the disk.

        Returns:
            The bytes on the disk before and after.
        """
        with self._turn():
            before = size(self.folder)
            clean(self.folder, self._table)
            return before, size(self.folder)

    def expect_own_vectors(self) -> None:
        """Raise ValueError unless the store holds vectors of the model that it was opened with."""
        with told(self.folder):
            there = Reader.in_table(self._table)
        if there.sha256 != self._reader.sha256:
            raise ValueError(
                f"{self.folder} holds vectors of {there}, and the model given is {self._reader}; open it with the former, or "
                "make its vectors anew: retrieval.reembed(folder, model)"
            )

    def _expect_same_model(self) -> None:
        if (now := Reader.of(self.model)) != self._reader:
            raise ValueError(
                f"the model has changed since the store was opened: {self._reader} is now {now}; make all vectors anew: "
                "retrieval.reembed(folder, model)"
            )

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Alone in writing, with the store as it was opened."""
        with writing(self.folder), told(self.folder):
            self.expect_own_vectors()
            yield

    def _find(self, asked: dict, by: str, top_k: int, where: str | None) -> Run:
        from lancedb.query import MatchQuery

        if by == "meaning":
            deaf = unreadable(self.model, list(asked.items()), "queries", "they find nothing by meaning")
            vectors = np.asarray(self.model.encode_query(list(asked.values()), show_progress_bar=False), np.float32)
            with told(self.folder):
                searches = [self._table.search(vector).distance_type("cosine") for vector in vectors]
            column, sign, offset = "_distance", -1, 1  # a cosine is 1 - distance
        else:
            deaf = set()
            with told(self.folder):
                searches = [self._table.search(MatchQuery(text, "text"), query_type="fts") for text in asked.values()]
            column, sign, offset = "_score", 1, 0
        run: Run = {}
        for at, (query, search) in enumerate(zip(asked, searches)):
            if at in deaf:
                run[query] = {}
                continue
            hits = self._ask(search.select(["passage_id", column]).limit(top_k), where)
            scores = zip(hits["passage_id"].to_pylist(), (sign * score + offset for score in hits[column].to_pylist()))
            run[query] = dict(sorted(scores, key=lambda hit: (-hit[1], hit[0])))
        return run

    def _ask(self, search, where: str | None) -> pa.Table:
        """The rows that a search finds; whatever is wrong with a condition is said in one line."""
        try:
            with told(self.folder):
                return answer(search if where is None else search.where(condition(where), prefilter=True))
        except (ValueError, TypeError, RuntimeError) as error:
            if where is None or str(error).startswith(str(self.folder)):
                raise
            why = plain(error)
        columns = ", ".join(f"{field.name} ({field.type})" for field in self._table.schema if field.name != "vector")
        raise ValueError(
            f"where is {where!r:.80}, which is no condition ({why}); the columns are {columns}; write SQL, such as text "
            "LIKE 'The %'"
        )
