"""The oracle kit: what exercises and quizzes are made of, and what an oracle calls to compare and to explain."""

from __future__ import annotations

import dis
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from numbers import Number
from types import FunctionType
from typing import TYPE_CHECKING, Any

import numpy as np

from bxe.models import minilm_folder
from bxe.models.hub import quiet

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer


class Wrong(Exception):
    """An answer that is not right; the message says for which input, what came out and what was expected."""


@dataclass(frozen=True)
class Exercise:
    """One exercise: an oracle that raises Wrong, three hints from vague to plain, and why the answer matters."""

    oracle: Callable[[Any], None]
    hints: tuple[str, str, str]
    why: str


@dataclass(frozen=True)
class Question:
    """One quiz question: each option with its explanation, and the letter of the right one."""

    text: str
    options: tuple[tuple[str, str], ...]
    right: str

    def letters(self) -> str:
        return "abcdefgh"[: len(self.options)]


def expect(
    got: Any, expected: Any, *, given: str, mistakes: Iterable[tuple[Any, str]] = (), atol: float = 1e-4
) -> None:
    """Compare a learner's result with the right one.

    Args:
        got: what the learner's code returned: a number, array, tensor, list, or anything that has ==.
        expected: the right result.
        given: the input, in words, for the message: "a = [1 2], b = [3 4]".
        mistakes: results of plausible wrong solutions, each with a sentence on the mistake; the first match counts. They
            are looked at only if the result is wrong, so a generator computes none for a right one.
        atol: how far apart numbers may be.

    Raises:
        Wrong: with the input, what came out, what was expected, and the mistake if it is a known one.

    Example:
        >>> expect(6, 5, given="n = 3", mistakes=[(9, "That is the square."), (6, "That is twice n.")])
        Traceback (most recent call last):
        bxe.exercises.oracle.Wrong: For n = 3, you gave 6; expected 5. That is twice n.
    """
    if got is None:
        raise Wrong(f"For {given}, your function returned None: is a `return` missing?")
    if _same(got, expected, atol):
        return
    named = next((sentence for result, sentence in mistakes if _same(got, result, atol)), None)
    shapes = ""
    if _shape(got) != _shape(expected):
        shapes = f" ({_shape(got)}, expected {_shape(expected)})"
    raise Wrong(
        f"For {given}, you gave {short(got)}; expected {short(expected)}{shapes}." + (f" {named}" if named else "")
    )


@cache
def minilm() -> SentenceTransformer:
    """The bi-encoder that answers are tried on, on the processor. A check that changes it puts it back."""
    from sentence_transformers import SentenceTransformer

    with quiet():
        return SentenceTransformer(str(minilm_folder()), device="cpu", local_files_only=True)


class KnownEncoder:
    """A bi-encoder without weights: it knows the vector of each text, and gives it as `SentenceTransformer.encode` does."""

    def __init__(self, vectors: Mapping[str, Sequence[float]]) -> None:
        self.vectors = vectors

    def encode(self, inputs: str | Sequence[str], *, convert_to_tensor: bool = False, **_: Any) -> Any:
        """The vectors of texts, one per row, or of a single text."""
        alone = isinstance(inputs, str)
        texts = [inputs] if alone else list(inputs)
        for text in texts:
            if not isinstance(text, str) or text not in self.vectors:
                raise Wrong(f"The encoder was given {text!r}; expected one of the texts.")
        vectors = np.array([self.vectors[text] for text in texts], dtype=np.float32)
        if convert_to_tensor:
            import torch

            vectors = torch.tensor(vectors)
        return vectors[0] if alone else vectors

    encode_document = encode_query = encode


def not_attempted(answer: Any) -> bool:
    """Whether an answer is still the stub: the value `...`, or a function whose body does nothing.

    Example:
        >>> not_attempted(...), not_attempted({1: ..., 2: ...}), not_attempted(lambda n: n)
        (True, True, False)
    """
    if isinstance(answer, FunctionType):
        return _steps(answer) == _steps(_stub)
    if isinstance(answer, Mapping):
        return bool(answer) and all(value is ... for value in answer.values())
    return answer is ...


def short(value: Any) -> str:
    """A value as a learner can read it: four decimals, at most a line or two.

    Example:
        >>> short(2 / 3)
        '0.6667'
    """
    value = _plain(value)
    if isinstance(value, (float, np.floating)):
        return f"{value:.4f}"
    if isinstance(value, np.ndarray):
        text = np.array2string(value, precision=4, threshold=8, edgeitems=3, separator=", ").replace("\n", "")
    else:
        text = repr(value)
    return text if len(text) <= 160 else text[:157] + "..."


# ---------------------------------------------------------------- what several oracles compute


def dcg(grades: Sequence[float], k: int | None = None) -> float:
    """The discounted cumulative gain of the first k grades, of all by default: each divided by log2(rank + 1).

    Example:
        >>> dcg([3, 0, 2])
        4.0
    """
    grades = np.asarray(grades, dtype=float)[:k]
    return float((grades / np.log2(np.arange(2, len(grades) + 2))).sum())


def first_come(labels: Iterable[Any]) -> list[int]:
    """The same groups, numbered in the order in which they appear, so that any numbering is as good as another.

    Example:
        >>> first_come([7, 7, -1, 7, 0])
        [0, 0, 1, 0, 2]
    """
    numbers: dict = {}
    return [numbers.setdefault(label, len(numbers)) for label in np.asarray(labels).tolist()]


def unit_vectors(rng: np.random.Generator, n: int, size: int) -> np.ndarray:
    """n random vectors of length 1, one per row.

    Example:
        >>> unit_vectors(np.random.default_rng(0), 30, 4).shape
        (30, 4)
    """
    vectors = rng.normal(size=(n, size))
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


# ---------------------------------------------------------------- inside


def _stub(): ...


def _steps(function: FunctionType) -> list[tuple[str, Any]]:
    """What a function does, instruction by instruction; `pass` and a docstring are nothing."""
    return [(i.opname, i.argval) for i in dis.get_instructions(function) if i.opname != "NOP"]


def _plain(value: Any) -> Any:
    """A tensor as an array; anything else as it is."""
    if hasattr(value, "detach"):
        value = value.detach().cpu().float().numpy() if value.is_floating_point() else value.detach().cpu().numpy()
    return value


def _same(got: Any, expected: Any, atol: float) -> bool:
    got, expected = _plain(got), _plain(expected)
    try:
        a, b = _numbers(got), np.asarray(expected)
        if a.dtype.kind in "fiub" and b.dtype.kind in "fiub":
            return a.shape == b.shape and bool(np.allclose(a, b, atol=atol, rtol=1e-4, equal_nan=True))
        return a.shape == b.shape and bool((a == b).all())
    except (TypeError, ValueError):
        pass  # a ragged list, say: no array can be made of it
    try:
        return bool(got == expected)
    except (TypeError, ValueError, RuntimeError):
        return False


def _numbers(value: Any) -> np.ndarray:
    """An array; Fractions and Decimals are numbers, too."""
    array = np.asarray(value)
    if array.dtype == object and array.size and all(isinstance(one, Number) for one in array.flat):
        return array.astype(float)
    return array


def _shape(value: Any) -> str:
    try:
        shape = np.shape(_plain(value))
    except ValueError:
        return "rows of unequal length"
    return f"shape {shape}" if shape else "a single value"
