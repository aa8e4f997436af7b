"""The sheet of all quizzes with their answers, for teachers: `python -m tools.teaching` writes build/teaching/quizzes.md."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bxe import course, files
from bxe.exercises.engine import questions_of

OUT = Path("build/teaching/quizzes.md")


def quiz_sheet() -> str:
    """All questions of all notebooks as Markdown; the right option is bold, and each option is explained.

    Example:
        >>> print("\\n".join(quiz_sheet().splitlines()[6:12]))
        ## 00 · Start here
        <BLANKLINE>
        Answers: 1 b · 2 a · 3 b · 4 b
        <BLANKLINE>
        1. What does a bi-encoder give for one text?
            - a. a score. *A score needs two texts; a bi-encoder reads one at a time.*
    """
    lines = [
        "# The quizzes, with answers",
        "",
        "For the teacher. Made by `python -m tools.teaching` from bxe/exercises/quizzes; do not edit. The right option",
        "is bold. After each option stands what `quiz` tells the learner who chooses it.",
    ]
    for lesson in course.LESSONS:
        questions = questions_of(lesson.number)
        lines += ["", "", f"## {lesson.number} · {lesson.title}", ""]
        lines += [
            "Answers: " + " · ".join(f"{number} {one.right}" for number, one in enumerate(questions, start=1)),
            "",
        ]
        for number, question in enumerate(questions, start=1):
            lines.append(f"{number}. {question.text}")
            for letter, (option, why) in zip(question.letters(), question.options):
                shown = f"**{letter}. {option}.**" if letter == question.right else f"{letter}. {option}."
                lines.append(f"    - {shown} *{why}*")
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.teaching", description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=files.expanded, default=OUT, help="file; default: %(default)s")
    args = parser.parse_args()
    try:
        files.write(args.out, quiz_sheet().encode())
    except OSError as error:
        print(f"teaching: {args.out} cannot be written ({error}); give another file", file=sys.stderr)
        return 1
    print(f"the sheet is {args.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
