"""Texts that are handed over: a Series (or dict) of str, each with an id of its own."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

_HALF = re.compile("[\ud800-\udfff]")  # a lone surrogate: half a character, which neither a table nor a model takes


def by_id(given: pd.Series, word: str) -> dict[Hashable, str]:
    """The texts as a dict of id and text; half a character (a lone surrogate) is replaced, so that each has its place.

    Args:
        given: a Series of texts, indexed by id, or a dict.
        word: what a text is called, such as "passage".

    Raises:
        TypeError: if it is neither.
        ValueError: if a text is not a str, two have the same id (7 and "7" are the same), or an id holds half a character.

    Example:
        >>> by_id({"p1": None}, "passage")
        Traceback (most recent call last):
        ValueError: passage p1 is None; a str is expected, so leave out what is missing
    """
    if not hasattr(given, "items") or getattr(given, "ndim", 1) != 1:
        raise TypeError(f"{word}s is a {type(given).__name__}; give a Series of texts, indexed by {word}_id")
    texts = list(given.items())
    if odd := next((f"{at} is {text!r:.60}" for at, text in texts if not isinstance(text, str)), None):
        raise ValueError(f"{word} {odd}; a str is expected, so leave out what is missing")
    counts = Counter(str(at) for at, _ in texts)
    if again := [at for at, count in counts.items() if count > 1]:
        raise ValueError(f"{word} {again[0]} is there twice; each needs an id of its own in the index")
    if half := [at for at, _ in texts if _HALF.search(str(at))]:
        raise ValueError(f"{word} id {half[0]!r:.60} holds half a character (a surrogate); give one that is text")
    return {at: _HALF.sub("\N{REPLACEMENT CHARACTER}", text) for at, text in texts}
