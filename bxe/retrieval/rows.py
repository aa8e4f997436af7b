"""What a store can be given, passages with further columns, checked and turned into rows of text, number and time."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from bxe.files import first_line
from bxe.retrieval.texts import by_id

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

RESERVED = ("passage_id", "text", "vector")
_NAME = re.compile("[a-z][a-z0-9_]*")  # what SQL takes without quotes
_KEYWORD = re.compile(  # what LanceDB's SQL does not take for a column
    "all|any|current_date|current_time|current_timestamp|distinct|exists|false|interval|not|null|select|some|trim|true|with"
)


def rows_of(passages: pd.Series | pd.DataFrame) -> pa.Table:
    """Passages as an Arrow table: passage_id and text (string), then the further columns, by name.

    Args:
        passages: a Series of texts indexed by passage_id, or a DataFrame with passage_id (a column, or its index), text, and
            columns of str, int, float, bool or datetime without a zone. A column without any value has the type null.

    Raises:
        TypeError: if it is neither.
        ValueError: if an id is missing, no str or there twice, a text is no str, or a column cannot be kept.

    Example:
        >>> import pandas as pd
        >>> rows_of(pd.Series({"p1": "rain"})).column_names
        ['passage_id', 'text']
        >>> rows_of(pd.Series(["rain"]))
        Traceback (most recent call last):
        ValueError: passage id 0 is an int; the store keeps ids as str, so convert them: ids.astype(str)
    """
    import pyarrow as pa

    further: dict[str, pa.Array] = {}
    if hasattr(passages, "columns"):
        passages, further = _apart(passages)
    texts = by_id(passages, "passage")
    expect_ids(texts)
    return pa.table({"passage_id": list(texts), "text": list(texts.values())} | further)


def expect_ids(ids: Iterable[str]) -> list[str]:
    """The ids as a list, each once, if each is a str that can be written.

    Raises:
        TypeError: if it is no collection of ids, but one str or a Series, say.
        ValueError: if one is no str, or holds half a character.

    Example:
        >>> expect_ids(["p1", "p2", "p1"])
        ['p1', 'p2']
    """
    if hasattr(ids, "iloc"):
        way = "series.index, or list(series) if its values are the ids" if ids.ndim == 1 else "list(frame.passage_id)"
        raise TypeError(f"ids is a {type(ids).__name__}; give its ids: {way}")
    if isinstance(ids, str | bytes) or not isinstance(ids, Iterable):
        raise TypeError(f"ids is {ids!r:.80} ({type(ids).__name__}); give a list of passage ids")
    kept = list(ids)
    for at in kept:
        if not isinstance(at, str):
            kind = type(at).__name__
            article = "an" if kind[0] in "aeio" else "a"
            raise ValueError(
                f"passage id {at!r:.60} is {article} {kind}; the store keeps ids as str, so convert them: ids.astype(str)"
            )
        try:
            at.encode()
        except UnicodeEncodeError:
            raise ValueError(
                f"passage id {at!r:.60} holds half a character (a surrogate); give one that is text"
            ) from None
    return list(dict.fromkeys(kept))


def _apart(frame: pd.DataFrame) -> tuple[pd.Series, dict[str, pa.Array]]:
    """The texts by id, and the further columns."""
    if "passage_id" not in frame.columns and frame.index.name == "passage_id":
        frame = frame.reset_index()
    names = list(frame.columns)
    if missing := [name for name in RESERVED[:2] if name not in names]:
        given = ", ".join(map(str, names)) or "none"
        raise ValueError(f"passages has the columns {given}; {' and '.join(missing)} must be among them")
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"passages has two columns named {name}; rename the one that is not meant")
        if not (isinstance(name, str) and _NAME.fullmatch(name)) or name == "vector":
            raise ValueError(
                f"passages has a column named {name!r:.60}; give a name of lower-case letters, digits and _ that begins "
                "with a letter (but not vector), so that a filter can name it"
            )
        if _KEYWORD.fullmatch(name):
            raise ValueError(
                f"passages has a column named {name!r}, a word of SQL; rename it, so that a filter can name it"
            )
    further = {name: _column(name, frame[name]) for name in sorted(set(names) - set(RESERVED))}
    return frame.set_index("passage_id").text, further


def _column(name: str, values: pd.Series) -> pa.Array:
    """Values of one of five kinds; what is missing is null."""
    import pyarrow as pa

    kinds = {
        pa.types.is_boolean: pa.bool_(),
        pa.types.is_integer: pa.int64(),
        pa.types.is_floating: pa.float64(),
        pa.types.is_timestamp: pa.timestamp("us"),
        pa.types.is_null: pa.null(),
        pa.types.is_string: pa.string(),
        pa.types.is_large_string: pa.string(),
    }
    try:
        array = pa.array(values, from_pandas=True)
        kind = next(kind for fits, kind in kinds.items() if fits(array.type))
        if kind != pa.timestamp("us") or not _zoned(array, values):
            return array.cast(kind)
        why = "its times have a zone, which would be lost: convert them with .dt.tz_convert(None)"
    except StopIteration:
        why = f"its values are {array.type}"
    except (pa.ArrowException, UnicodeError, OverflowError, TypeError, ValueError) as error:
        why = first_line(error)
    raise ValueError(
        f"column {name} cannot be kept: {why:.120}; give str, int, float, bool or datetime, one kind a column"
    )


def _zoned(times: pa.Array, values: pd.Series) -> bool:
    """Whether one of the times has a zone; Arrow takes those that come after one without for UTC."""
    return times.type.tz is not None or any(getattr(value, "tzinfo", None) is not None for value in values)
