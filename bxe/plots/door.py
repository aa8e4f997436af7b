"""The door of every figure: what it is given is drawn whole, labels as text, or refused in one line."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from numbers import Real
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.collections import PathCollection

MAY_BE_EMPTY = {"chosen", "grades", "levels"}
LONGEST, HUGE = 1000, 1e30  # characters of a label; a number that no axis can show


def drawing(**shapes: str | tuple[str, ...]) -> Callable:
    """Let a function draw only what it can draw whole: finite numbers, labels that are text, in equal numbers.

    Args:
        shapes: for an argument, or for each value of one that is a Mapping, a letter or a number for each dimension: the
            same letter is the same size wherever it stands, a number is that size. For a table of which only
            some columns are drawn, their names.

    Raises:
        ValueError: in one line, whatever was wrong; no figure is left open then.
    """

    def with_door(function: Callable) -> Callable:
        @wraps(function)
        def drawn(*args, **options):
            given = inspect.signature(function).bind(*args, **options)
            before = set(plt.get_fignums())
            try:
                for name, value in given.arguments.items():
                    if isinstance(columns := shapes.get(name), tuple):
                        value = value[list(columns)]
                    if value is not None or name not in ("horizon", "grades"):
                        _whole(name, value)
                _in_step(given.arguments, shapes)
                with plt.rc_context({"text.parse_math": False}):
                    ax = function(*given.args, **given.kwargs)
                _all_inside(ax.figure.axes)
            except Exception as error:
                for number in set(plt.get_fignums()) - before:
                    plt.close(number)
                told = " ".join(str(error).split())
                if isinstance(error, KeyError):
                    told = f"there is no {told} in what was given"
                elif type(error) is not ValueError:
                    told = f"this cannot be drawn ({type(error).__name__}: {told})"
                raise ValueError(f"plots.{function.__name__}: {told}") from error
            return ax

        return drawn

    return with_door


def told_apart(things: Iterable, *looks: tuple, most: int | None = None) -> zip:
    """Give each thing its colour, its marker, its dashes; more things than there are of these are refused."""
    things = list(things)
    most = most or min(map(len, looks))
    if len(things) > most:
        raise ValueError(f"{len(things)} things are given, and at most {most} can be told apart; leave some out")
    return zip(things, *looks)


def _whole(name: str, value: Any) -> None:
    """Refuse what matplotlib would leave out without a word, or stop at: nothing, nan, None, half a character."""
    if hasattr(value, "columns"):  # a table
        again = value.columns[value.columns.duplicated()]
        if len(again):
            raise ValueError(f"{name} has the column {again[0]!r} twice; give each a name of its own")
        _whole(name, list(value.index))
        value = {column: value[column].to_numpy() for column in value}
    if isinstance(value, str):
        if len(value) > LONGEST:
            raise ValueError(f"{name} has a label of {len(value):,} characters; give at most {LONGEST:,}")
        if any("\ud800" <= letter <= "\udfff" for letter in value):
            raise ValueError(f"{name} has half a character, {ascii(value)}; read the text in its right encoding")
    elif value is None or type(value).__name__ in ("NAType", "NaTType"):
        raise ValueError(f"{name} holds {value}; give a value for each, or leave it out")
    elif isinstance(value, Real):
        if not abs(value) < HUGE:
            raise ValueError(f"{name} holds {value}; give finite numbers, or leave it out")
    elif isinstance(value, Iterable):
        array = np.asarray(value) if hasattr(value, "dtype") else None
        if not (len(value) if array is None else array.size) and name not in MAY_BE_EMPTY:
            raise ValueError(f"{name} is empty; give at least one")
        if isinstance(value, Mapping):
            for key, inner in value.items():
                _whole(name, key)
                _whole(f"{name}[{key!r}]", inner)
        elif array is None or array.dtype.kind not in "fiub":
            for inner in value if array is None else array.ravel().tolist():
                _whole(name, inner)
        elif not (np.abs(array.astype(float)) < HUGE).all():
            bad = array.ravel()[~(np.abs(array.astype(float).ravel()) < HUGE)][0]
            raise ValueError(f"{name} holds {bad}; give finite numbers, or leave it out")


def _in_step(given: Mapping[str, Any], shapes: Mapping[str, str | tuple[str, ...]]) -> None:
    """Refuse arguments that do not go together: other sizes than the shapes say, or than each other."""
    sizes: dict[str, tuple[str, int]] = {}
    for name, letters in shapes.items():
        if isinstance(letters, tuple):
            continue
        value = given[name]
        every = {f"{name}[{key!r}]": inner for key, inner in value.items()} if type(value) is dict else {name: value}
        for told, inner in every.items():
            shape = np.shape(list(inner) if isinstance(inner, str) else inner)
            if len(shape) != len(letters.split()):
                raise ValueError(f"{told} has {len(shape)} dimensions; expected {len(letters.split())} ({letters})")
            for letter, size in zip(letters.split(), shape):
                like, right = sizes.setdefault(letter, (told, int(letter) if letter.isdigit() else size))
                if size != right:
                    raise ValueError(
                        f"{told} has {size} entries, expected {right}" + f", as in {like}" * (told != like)
                    )


def _all_inside(axes: Iterable) -> None:
    """Refuse a figure in which a point lies outside its axes, where nobody sees it."""
    for ax in axes:
        drawn = [line.get_xydata() for line in ax.lines if line.get_transform() == ax.transData]
        drawn += [np.asarray(dots.get_offsets()) for dots in ax.collections if isinstance(dots, PathCollection)]
        for points in drawn:
            for column, axis in zip(points.T, (ax.xaxis, ax.yaxis)):
                low, high = sorted(axis.get_view_interval())
                low = max(low, np.nextafter(0, 1)) if axis.get_scale() == "log" else low
                beyond = column[~((column >= low) & (column <= high))]
                if len(beyond):
                    raise ValueError(f"{beyond[0]:g} lies outside the axis, which shows {low:g} to {high:g}")
