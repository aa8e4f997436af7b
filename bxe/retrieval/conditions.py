"""A filter's condition, as the whole of what LanceDB reads: it would stop after the first expression and drop the rest."""

from __future__ import annotations

import re
from itertools import accumulate

_QUOTED = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|`[^`]*`")
# A comment, an end, a place for a value, a quote without its other one.
_STRAY = re.compile(r"--|/\*|[;?$'\"`]|(?<!:):(?!:)")


def condition(where: str) -> str:
    """A condition in parentheses, which nothing can follow or leave.

    Raises:
        TypeError: if it is no str.
        ValueError: if its parentheses or quotes are not in pairs, or it holds a comment, ";" or a place for a value.

    Example:
        >>> condition("package = 'sea' OR text LIKE '%(%'")
        "(package = 'sea' OR text LIKE '%(%')"
        >>> condition("package = 'sea') OR (true")
        Traceback (most recent call last):
        ValueError: its parentheses are not in pairs
    """
    if not isinstance(where, str):
        raise TypeError("it is no str")
    bare = _QUOTED.sub(" ", where)
    if stray := _STRAY.search(bare):
        raise ValueError(f"it holds {stray[0]} outside of quotes, or a quote without its other one")
    depths = list(accumulate((sign == "(") - (sign == ")") for sign in bare))
    if depths and (min(depths) < 0 or depths[-1] != 0):
        raise ValueError("its parentheses are not in pairs")
    return f"({where})"
