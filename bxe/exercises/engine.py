"""check, hint, quiz, progress: the engine behind the exercises. What is right is told in each notebook's room, nbNN."""

from __future__ import annotations

import re
import traceback
from collections import Counter
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bxe.exercises.oracle import Exercise, Question, Wrong, not_attempted, short
from bxe.exercises.record import remember, solved

if TYPE_CHECKING:
    import pandas as pd


# ---------------------------------------------------------------- what a learner calls


def check(exercise_id: str, answer: Any) -> None:
    """Print whether `answer` solves the exercise: not attempted, not right yet (and what went wrong) or right (and why).

    Args:
        exercise_id: as in the notebook's heading, for example "02.1".
        answer: the function or value that the exercise asks for.

    Raises:
        ValueError: if there is no such exercise.

    Example:
        >>> check("00.2", lambda n: 2)
        00.2 · not right yet. For n = 3, you gave 2; expected 3. Two passes are enough for one pair, but n texts need more.
    """
    exercise = _exercise(exercise_id)
    if not_attempted(answer):
        print(f'{exercise_id} · not attempted. Replace the dots and run the cell again; hint("{exercise_id}") helps.')
        return
    asked = _Asked(answer)
    try:
        exercise.oracle(asked)
    except Wrong as wrong:
        print(f"{exercise_id} · not right yet. {wrong}")
    except Exception as error:  # the learner's own code may raise anything, and give what no oracle can read
        told = f"Your code raised {type(error).__name__}: {error}{_where(error)}"
        if not asked.running:
            told = f"You gave {short(asked.gave)}, of type {type(asked.gave).__name__}; read again what is asked for."
        print(f"{exercise_id} · not right yet. {told}")
    else:
        remember(exercise_id)
        print(f"{exercise_id} · right. {exercise.why}")


def hint(exercise_id: str) -> None:
    """Print the next of the exercise's three hints; after the third, start over.

    Raises:
        ValueError: if there is no such exercise.

    Example:
        >>> hint("00.1")
        Hint 1 of 3 for 00.1: Every model of this course takes a list of texts.
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

    Example:
        >>> quiz("00", {1: "a"})
        1 · a is not right. A score needs two texts; a bi-encoder reads one at a time.
        2 · not answered.
        3 · not answered.
        4 · not answered.
    """
    questions = questions_of(notebook)
    if answers is None:
        print("\n\n".join(_show(number, q) for number, q in enumerate(questions, start=1)))
        return
    if not isinstance(answers, Mapping):
        raise ValueError(f'the answers are {short(answers)}; expected a letter for each question, as in {{1: "b"}}')
    for number in answers:
        if number not in list(range(1, len(questions) + 1)):
            raise ValueError(
                f"there is no question {short(number)} in quiz {notebook}; its questions are 1 to {len(questions)}"
            )
    for number, question in enumerate(questions, start=1):
        print(_mark(notebook, number, question, answers.get(number, ...)))


def progress() -> pd.DataFrame:
    """What has been solved so far on this computer: one row per notebook, with exercises and quiz questions solved.

    Example:
        >>> list(progress().columns)
        ['exercises right', 'of exercises', 'quiz answers right', 'of questions']
    """
    import pandas as pd

    done = solved()
    rows = []
    for notebook in notebooks():
        exercises, questions = exercises_of(notebook), questions_of(notebook)
        rows.append(
            {
                "notebook": notebook,
                "exercises right": sum(e in done for e in exercises),
                "of exercises": len(exercises),
                "quiz answers right": sum(f"{notebook}.q{n}" in done for n in range(1, len(questions) + 1)),
                "of questions": len(questions),
            }
        )
    return pd.DataFrame(rows).set_index("notebook")


# ---------------------------------------------------------------- each notebook's exercises and quiz


def notebooks() -> list[str]:
    """The numbers of the notebooks that have exercises."""
    return sorted(path.stem[2:] for path in Path(__file__).parent.glob("nb*.py"))


def exercises_of(notebook: str) -> dict[str, Exercise]:
    """A notebook's exercises; a ValueError if there is no such notebook."""
    return import_module(f"bxe.exercises.nb{_known(notebook)}").EXERCISES


def questions_of(notebook: str) -> tuple[Question, ...]:
    """A notebook's quiz; a ValueError if there is no such notebook."""
    return import_module(f"bxe.exercises.quizzes.nb{_known(notebook)}").QUIZ


def _known(notebook: str) -> str:
    if notebook not in notebooks():
        raise ValueError(f"there is no notebook {short(notebook)} with exercises; there are {', '.join(notebooks())}")
    return notebook


def _exercise(exercise_id: str) -> Exercise:
    if not isinstance(exercise_id, str) or not re.fullmatch(r"[0-9]{2}\.[0-9]+", exercise_id):
        raise ValueError(f'there is no exercise {short(exercise_id)}; give its name as in the heading, such as "02.1"')
    exercises = exercises_of(exercise_id[:2])
    if exercise_id not in exercises:
        raise ValueError(f"there is no exercise {exercise_id!r}; there are {', '.join(exercises)}")
    return exercises[exercise_id]


# ---------------------------------------------------------------- inside

_hints_given: Counter[str] = Counter()


class _Asked:
    """A learner's function that remembers what it gave, so that an error of its own is told from an odd result."""

    def __init__(self, function: Any) -> None:
        self.function, self.running, self.gave = function, False, None

    def __call__(self, *args: Any) -> Any:
        if not callable(self.function):
            raise Wrong(f"You gave {short(self.function)}; expected your function, by its name and without brackets.")
        self.running = True
        self.gave = self.function(*args)
        self.running = False
        return self.gave


def _show(number: int, question: Question) -> str:
    options = "\n".join(f"   {letter}  {option}" for letter, (option, _) in zip(question.letters(), question.options))
    return f"{number}. {question.text}\n{options}"


def _mark(notebook: str, number: int, question: Question, letter: Any) -> str:
    if letter is ...:
        return f"{number} · not answered."
    chosen = letter.strip().lower() if isinstance(letter, str) else letter
    if chosen not in list(question.letters()):
        raise ValueError(
            f"the answer to question {number} is {short(letter)}; expected one of {', '.join(question.letters())}"
        )
    explanation = question.options[question.letters().index(chosen)][1]
    if chosen != question.right:
        return f"{number} · {chosen} is not right. {explanation}"
    remember(f"{notebook}.q{number}")
    return f"{number} · {chosen} is right. {explanation}"


def _where(error: Exception) -> str:
    """The line of the learner's own cell that raised, if it can be told."""
    frames = [
        f for f in traceback.extract_tb(error.__traceback__) if "ipykernel" in f.filename or "<ipython" in f.filename
    ]
    return f" (in line {frames[-1].lineno} of your cell)" if frames else ""
