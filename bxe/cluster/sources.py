"""What is read: a table of texts with ids, as Parquet or CSV files or a DataFrame, checked before anything is computed."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bxe.files import expanded, first_line
from bxe.retrieval.texts import expect_texts

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    import pyarrow.dataset
    import ray.data


class Source(NamedTuple):
    """A table of texts that can be read a piece at a time, here and by workers.

    Attributes:
        name: how messages call it.
        here: to be scanned in this program.
        there: makes the Ray dataset of the same rows; a DataFrame's, in blocks of so many.
    """

    name: str
    here: pyarrow.dataset.Dataset
    there: Callable[[int], ray.data.Dataset]


def open_source(given: str | os.PathLike | pd.DataFrame, ids: Sequence[str], texts: Sequence[str]) -> Source:
    """A source whose columns are there and whose texts are texts.

    Args:
        given: a .parquet or .csv file, a folder of such files (of one of the two kinds), or a DataFrame.
        ids, texts: names of its columns. Others are not read.

    Raises:
        FileNotFoundError, TypeError, ValueError: if it is none of these, or lacks a column, a text, or rows.

    Example:
        >>> open_source("no-such-file.parquet", ["passage_id"], ["text"])
        Traceback (most recent call last):
        FileNotFoundError: no-such-file.parquet does not exist (the current folder is ...)
    """
    import pandas as pd

    source = _frame(given, ids, texts) if isinstance(given, pd.DataFrame) else _files(given, ids, texts)
    if source.here.count_rows() == 0:
        raise ValueError(f"{source.name} has no rows; give at least one")
    return source


def keys(table: pa.Table, ids: Sequence[str]) -> pa.ChunkedArray:
    """One string a row that stands for its ids; NUL keeps two ids apart.

    Example:
        >>> import pyarrow
        >>> keys(pyarrow.table({"query_id": ["q1"], "passage_id": [7]}), ["query_id", "passage_id"])[0].as_py().split("\\0")
        ['q1', '7']
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    columns = [table[name].cast(pa.large_string()) for name in ids]
    return (
        columns[0] if len(columns) == 1 else pc.binary_join_element_wise(*columns, pa.scalar("\0", pa.large_string()))
    )


def expect_ids(source: Source, ids: Sequence[str]) -> pa.ChunkedArray:
    """The keys of a source's rows, each there once.

    Raises:
        ValueError: if an id is missing or empty, comes twice, or holds a NUL character.
    """
    import pyarrow.compute as pc

    table = source.here.to_table(columns=list(ids))
    for name in ids:
        if without := pc.sum(pc.equal(keys(table, [name]).fill_null(""), "")).as_py():
            raise ValueError(f"{source.name}: {without} rows have no {name}; give each row one")
    found = keys(table, ids)
    if pc.any(pc.greater(pc.count_substring(found, "\0"), len(ids) - 1)).as_py():
        raise ValueError(f"{source.name}: an id holds a NUL character; leave it out")
    counts = found.value_counts() if pc.count_distinct(found).as_py() < len(found) else []
    twice = next((row["values"].as_py() for row in counts if row["counts"].as_py() > 1), None)
    if twice is not None:
        what = "passage" if len(ids) == 1 else "pair"
        raise ValueError(
            f"{source.name}: {what} {twice.replace(chr(0), ', ')} is there twice; give each an id of its own"
        )
    return found


def cause(error: Exception) -> str:
    """What Arrow says is wrong with a file, without the file's name.

    Example:
        >>> cause(OSError("Could not open Parquet input source 'a.parquet': Invalid: the file is cut off"))
        'the file is cut off'
    """
    return re.split("input source '.*?': |Invalid: ", first_line(error))[-1].strip()[:200]


def _frame(frame: pd.DataFrame, ids: Sequence[str], texts: Sequence[str]) -> Source:
    import pyarrow as pa
    import pyarrow.dataset

    _expect_columns("the DataFrame", [str(name) for name in frame.columns], [*ids, *texts])
    named = frame.set_index(list(ids) if len(ids) > 1 else ids[0])
    columns = {name: pa.array(_plain(frame[name])) for name in ids}
    columns |= {
        name: pa.array([text for _, text in expect_texts(named[name], name)] if len(frame) else [], pa.large_string())
        for name in texts
    }
    table = pa.table(columns)
    for name in ids:
        _expect_type("the DataFrame", table.schema.field(name), "id")

    def there(size: int) -> ray.data.Dataset:
        import ray.data

        return ray.data.from_arrow([table.slice(start, size) for start in range(0, len(table), size)])

    return Source("the DataFrame", pyarrow.dataset.dataset(table), there)


def _plain(column: pd.Series) -> list:
    """Ids as Arrow takes them: whole numbers, or text, and None where there is none."""
    import pandas as pd

    values = [None if pd.isna(value) is True else value for value in column.tolist()]
    whole = all(isinstance(value, int) and not isinstance(value, bool) for value in values if value is not None)
    return values if whole else [None if value is None else str(value) for value in values]


def _files(given: str | os.PathLike, ids: Sequence[str], texts: Sequence[str]) -> Source:
    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.dataset

    files, kind = _found(given)
    wanted = [*ids, *texts]
    several_lines = pyarrow.csv.ParseOptions(newlines_in_values=True)
    # Everything is text in CSV: an id 007 must not become 7, nor a passage "NA" a gap.
    as_text = {"column_types": {name: pa.string() for name in wanted}}
    csv = pyarrow.dataset.CsvFileFormat(several_lines, convert_options=pyarrow.csv.ConvertOptions(**as_text))
    try:
        here = pyarrow.dataset.dataset(files, format="parquet" if kind == ".parquet" else csv)
        _expect_columns(str(given), here.schema.names, wanted)
        for name in ids:
            _expect_type(str(given), here.schema.field(name), "id")
        for name in texts:
            _expect_type(str(given), here.schema.field(name), "text")
            gap = here.scanner(columns=list(ids), filter=pyarrow.dataset.field(name).is_null()).head(1).to_pylist()
            if gap:
                raise ValueError(f"{given}: {name} of {', '.join(map(str, gap[0].values()))} is missing; leave it out")
    except (pa.ArrowException, OSError) as error:
        raise ValueError(f"{given} cannot be read as {kind[1:]} ({cause(error)}); write it again") from None

    def there(size: int) -> ray.data.Dataset:
        import ray.data

        if kind == ".parquet":
            return ray.data.read_parquet(files).select_columns(wanted)
        these = pyarrow.csv.ConvertOptions(include_columns=wanted, **as_text)  # what is in the others may be anything
        return ray.data.read_csv(files, parse_options=several_lines, convert_options=these)

    return Source(str(given), here, there)


def _found(given: str | os.PathLike) -> tuple[list[str], str]:
    """The files that a path stands for, by their whole names, and their kind."""
    if not isinstance(given, (str, os.PathLike)):
        raise TypeError(
            f"a source is a path or a DataFrame; this is of the type {type(given).__name__}. A Series of texts becomes "
            "a DataFrame by .rename_axis('passage_id').rename('text').reset_index()"
        )
    path = expanded(given)
    if not os.path.exists(path):
        raise FileNotFoundError(f"{path} does not exist (the current folder is {Path.cwd()})")
    inside = sorted(path.iterdir()) if path.is_dir() else [path]
    for kind in (".parquet", ".csv"):
        files = [
            str(file.absolute()) for file in inside if file.suffix == kind and not file.name.startswith((".", "_"))
        ]
        if files:
            return files, kind
    raise ValueError(f"{path} holds no .parquet or .csv file; give one, a folder of them, or a DataFrame")


def _expect_columns(name: str, there: Sequence[str], wanted: Sequence[str]) -> None:
    if missing := [column for column in wanted if column not in there]:
        raise ValueError(
            f"{name} has the columns {', '.join(there) or 'none'}; missing: {', '.join(missing)}. Rename what is meant"
        )
    if twice := [column for column in wanted if list(there).count(column) > 1]:
        raise ValueError(f"{name} has two columns named {twice[0]}; rename the one that is not meant")


def _expect_type(name: str, field: pa.Field, what: str) -> None:
    import pyarrow.types as types

    text = types.is_string(field.type) or types.is_large_string(field.type)
    if not (text or what == "id" and (types.is_integer(field.type) or types.is_null(field.type))):
        expected = "text or whole numbers" if what == "id" else "text"
        raise ValueError(f"{name}: column {field.name} holds {field.type}; expected: {expected}")
