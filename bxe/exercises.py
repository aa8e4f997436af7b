"""check, hint, quiz, progress: the engine behind the exercises. What is right is told in bxe/checks."""

from __future__ import annotations

import dis
import os
import pkgutil
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd


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


# ---------------------------------------------------------------- what a learner calls


def check(exercise_id: str, answer: Any) -> None:
    """Print whether `answer` solves the exercise: not attempted, not right yet (and what went wrong) or right (and why).

    Args:
        exercise_id: as in the notebook's heading, for example "02.1".
        answer: the function or value that the exercise asks for.

    Raises:
        ValueError: if there is no such exercise.
    """
    exercise = _exercise(exercise_id)
    if not_attempted(answer):
        print(f'{exercise_id} · not attempted. Replace the dots and run the cell again; hint("{exercise_id}") helps.')
        return
    try:
        exercise.oracle(answer)
    except Wrong as wrong:
        print(f"{exercise_id} · not right yet. {wrong}")
    except Exception as error:  # the learner's own code may raise anything
        print(f"{exercise_id} · not right yet. Your code raised {type(error).__name__}: {error}{_where(error)}")
    else:
        _remember(exercise_id)
        print(f"{exercise_id} · right. {exercise.why}")


def hint(exercise_id: str) -> None:
    """Print the next of the exercise's three hints; after the third, start over.

    Raises:
        ValueError: if there is no such exercise.
    """
    hints = _exercise(exercise_id).hints
    step = _hints_given[exercise_id] % len(hints)
    _hints_given[exercise_id] += 1
    print(f"Hint {step + 1} of {len(hints)} for {exercise_id}: {hints[step]}")


def quiz(notebook: str, answers: Mapping[int, str] | None = None) -> None:
    """Print a notebook's quiz, or, with answers, what is right or wrong about each and why.

    Args:
        notebook: the notebook's number, for example "02".
        answers: the letter chosen for each question, as in {1: "b", 2: "a"}; questions left at ... are passed over.

    Raises:
        ValueError: if there is no such notebook, question or letter.
    """
    questions = _checks(notebook).QUIZ
    if answers is None:
        print("\n\n".join(_show(number, q) for number, q in enumerate(questions, start=1)))
        return
    for number in answers:
        if number not in range(1, len(questions) + 1):
            raise ValueError(f"there is no question {number!r} in quiz {notebook}; there are 1 to {len(questions)}")
    for number, question in enumerate(questions, start=1):
        print(_mark(notebook, number, question, answers.get(number, ...)))


def progress() -> pd.DataFrame:
    """What has been solved so far on this computer: a row a notebook, with exercises and quiz questions right."""
    import pandas as pd

    done = {path.name for path in progress_folder().glob("*.*")}
    rows = []
    for module in _modules():
        number = module[2:4]
        checks = _checks(number)
        rows.append(
            {
                "notebook": number,
                "exercises right": sum(e in done for e in checks.EXERCISES),
                "of exercises": len(checks.EXERCISES),
                "quiz answers right": sum(f"{number}.q{n}" in done for n in range(1, len(checks.QUIZ) + 1)),
                "of questions": len(checks.QUIZ),
            }
        )
    return pd.DataFrame(rows).set_index("notebook")


# ---------------------------------------------------------------- what an oracle calls


def expect(got: Any, expected: Any, given: str, mistakes: Mapping[str, Any] | None = None, atol: float = 1e-4) -> None:
    """Compare a learner's result with the right one.

    Args:
        got: what the learner's code returned: a number, array, tensor, list, or anything that has ==.
        expected: the right result.
        given: the input, in words, for the message: "a = [1 2], b = [3 4]".
        mistakes: results of plausible wrong solutions, by a sentence that names the mistake.
        atol: how far numbers may be apart.

    Raises:
        Wrong: with the input, what came out, what was expected, and the mistake if it is a known one.
    """
    if got is None:
        raise Wrong(f"For {given}, your function returned None: is a `return` missing?")
    if _same(got, expected, atol):
        return
    named = next((sentence for sentence, result in (mistakes or {}).items() if _same(got, result, atol)), None)
    shapes = ""
    if _shape(got) != _shape(expected):
        shapes = f" (shape {_shape(got) or 'ragged'}, expected shape {_shape(expected)})"
    raise Wrong(
        f"For {given}, you gave {_short(got)}; expected {_short(expected)}{shapes}." + (f" {named}" if named else "")
    )


def not_attempted(answer: Any) -> bool:
    """Whether an answer is still the stub: the value `...`, or a function whose body does nothing."""
    if isinstance(answer, FunctionType):
        return _steps(answer) == _steps(_stub)
    if isinstance(answer, Mapping):
        return bool(answer) and all(value is ... for value in answer.values())
    return answer is ...


def progress_folder() -> Path:
    """Where progress is kept: BXE_PROGRESS, else the user's data folder. One empty file for each thing solved."""
    import platformdirs

    return Path(os.environ.get("BXE_PROGRESS") or Path(platformdirs.user_data_dir("bxe")) / "progress")


# ---------------------------------------------------------------- inside

_hints_given: Counter[str] = Counter()


def _stub(): ...


def _steps(function: FunctionType) -> list[tuple[str, Any]]:
    """What a function does, instruction by instruction; `pass` and a docstring are nothing."""
    return [(i.opname, i.argval) for i in dis.get_instructions(function) if i.opname != "NOP"]


def _modules() -> list[str]:
    from bxe import checks

    return sorted(m.name for m in pkgutil.iter_modules(checks.__path__) if m.name.startswith("nb"))


def _checks(notebook: str) -> ModuleType:
    """The module of oracles, hints and quiz of a notebook, by its number."""
    for name in _modules():
        if name.startswith(f"nb{notebook}_"):
            return import_module(f"bxe.checks.{name}")
    known = ", ".join(name[2:4] for name in _modules())
    raise ValueError(f"there is no notebook {notebook!r} with exercises; there are {known}")


def _exercise(exercise_id: str) -> Exercise:
    exercises = _checks(str(exercise_id).partition(".")[0]).EXERCISES
    if exercise_id not in exercises:
        raise ValueError(f"there is no exercise {exercise_id!r}; there are {', '.join(exercises)}")
    return exercises[exercise_id]


def _show(number: int, question: Question) -> str:
    options = "\n".join(f"   {letter}  {option}" for letter, (option, _) in zip(question.letters(), question.options))
    return f"{number}. {question.text}\n{options}"


def _mark(notebook: str, number: int, question: Question, letter: Any) -> str:
    if letter is ...:
        return f"{number} · not answered."
    chosen = letter.strip().lower() if isinstance(letter, str) else letter
    if chosen not in list(question.letters()):
        raise ValueError(
            f"the answer to question {number} is {letter!r}; expected one of {', '.join(question.letters())}"
        )
    explanation = question.options[question.letters().index(chosen)][1]
    if chosen != question.right:
        return f"{number} · {chosen} is not right. {explanation}"
    _remember(f"{notebook}.q{number}")
    return f"{number} · {chosen} is right. {explanation}"


def _remember(what: str) -> None:
    """Note that something was solved: an empty file each, so that two notebooks never disturb each other."""
    try:
        progress_folder().mkdir(parents=True, exist_ok=True)
        (progress_folder() / what).touch()
    except OSError as error:
        print(f"(progress was not kept: {error})")


def _plain(value: Any) -> Any:
    """A tensor as an array; anything else as it is."""
    if hasattr(value, "detach"):
        value = value.detach().cpu().float().numpy() if value.is_floating_point() else value.detach().cpu().numpy()
    return value


def _same(got: Any, expected: Any, atol: float) -> bool:
    got, expected = _plain(got), _plain(expected)
    try:
        a, b = np.asarray(got), np.asarray(expected)
        if a.dtype.kind in "fiub" and b.dtype.kind in "fiub":
            return a.shape == b.shape and bool(np.allclose(a, b, atol=atol, rtol=1e-4, equal_nan=True))
        return a.shape == b.shape and bool((a == b).all())
    except (TypeError, ValueError):
        pass  # a ragged list, say: no array can be made of it
    try:
        return bool(got == expected)
    except (TypeError, ValueError, RuntimeError):
        return False


def _shape(value: Any) -> tuple[int, ...] | None:
    try:
        return np.shape(_plain(value))
    except ValueError:
        return None


def _short(value: Any) -> str:
    """A value as a learner can read it: four decimals, at most a line or two."""
    value = _plain(value)
    if isinstance(value, (float, np.floating)):
        return f"{value:.4f}"
    if isinstance(value, np.ndarray):
        text = np.array2string(value, precision=4, threshold=8, edgeitems=3, separator=", ").replace("\n", "")
    else:
        text = repr(value)
    return text if len(text) <= 160 else text[:157] + "..."


def _where(error: Exception) -> str:
    """The line of the learner's own cell that raised, if it can be told."""
    frames = [
        f for f in traceback.extract_tb(error.__traceback__) if "ipykernel" in f.filename or "<ipython" in f.filename
    ]
    return f" (in line {frames[-1].lineno} of your cell)" if frames else ""
