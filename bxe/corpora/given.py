"""Texts that are handed over: a Series (or dict) of str, each with an id of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def by_id(given: pd.Series, word: str) -> dict[Hashable, str]:
    """The texts as a dict of id and text.

    Args:
        given: a Series of texts, indexed by id, or a dict.
        word: what a text is called, such as "passage".

    Raises:
        TypeError: if it is neither.
        ValueError: if a text is not a str, or two have the same id (7 and "7" are the same).

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
    return dict(texts)
