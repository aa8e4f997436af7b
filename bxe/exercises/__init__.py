"""The exercises: what a learner calls, and what says whether an answer is right.

Rooms, from the top down:
    engine: check, hint, quiz and progress, which look a notebook's room up by its number.
    nb00 … nb08: one per notebook, each with EXERCISES (oracle, hints, why).
    quizzes: one per notebook, each with QUIZ.
    oracle: the kit that these are made of (Exercise, Question, expect, Wrong ...).
    record: what has been solved, kept on this computer.
"""

from bxe.exercises.engine import check, hint, progress, quiz
from bxe.exercises.oracle import Exercise, Question, Wrong, expect, not_attempted
from bxe.exercises.record import progress_folder

__all__ = [
    "Exercise",
    "Question",
    "Wrong",
    "check",
    "expect",
    "hint",
    "not_attempted",
    "progress",
    "progress_folder",
    "quiz",
]
