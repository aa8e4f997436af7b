"""Stubs are not attempted, solutions are right, wrong answers hear which mistake they made; all hints are three."""

import re
from importlib import import_module

import jupytext
import pytest

from bxe import course
from bxe.exercises import check, engine, hint

EXERCISES = [exercise for notebook in engine.notebooks() for exercise in engine.exercises_of(notebook)]


def cell(exercise: str, tag: str) -> str:
    """The exercise's stub or solution, as it stands in the source."""
    (source,) = course.find([exercise[:2]], suffix=".py", within=course.folder() / "src")
    for found in jupytext.read(source, fmt="py:percent").cells:
        if tag in found.metadata.get("tags", []) and f'check("{exercise}"' in found.source:
            return found.source
    raise AssertionError(f"{source.name} has no cell with the tag {tag} that checks {exercise}")


def run(source: str) -> None:
    exec("import numpy as np\nimport pandas as pd\nfrom bxe import check, quiz\n" + source, {})


def no_return(*args):
    args  # noqa: B018


@pytest.mark.parametrize("exercise", EXERCISES)
def test_an_untouched_stub_is_not_attempted(exercise, capsys):
    run(cell(exercise, "exercise"))
    assert capsys.readouterr().out.startswith(f"{exercise} · not attempted.")


@pytest.mark.parametrize("exercise", EXERCISES)
def test_the_solution_is_right_and_says_why(exercise, capsys):
    run(cell(exercise, "solution"))
    assert re.match(rf"{exercise} · right\. \S+", capsys.readouterr().out)


@pytest.mark.parametrize("exercise", EXERCISES)
def test_wrong_answers_hear_which_mistake_they_made(exercise, capsys):
    wrong = import_module(f"tests.wrong_answers.nb{exercise[:2]}").WRONG[exercise]
    assert len(wrong) >= 2
    for answer, words in wrong:
        check(exercise, answer)
        message = capsys.readouterr().out
        assert message.startswith(f"{exercise} · not right yet.") and re.search(words, message), message


@pytest.mark.parametrize("exercise", EXERCISES)
def test_a_forgotten_return_is_named(exercise, capsys):
    check(exercise, no_return)
    assert "is a `return` missing?" in capsys.readouterr().out


@pytest.mark.parametrize("exercise", EXERCISES)
def test_three_hints_follow_one_another(exercise, capsys):
    for _ in range(3):
        hint(exercise)
    lines = capsys.readouterr().out.splitlines()
    assert [line[:11] for line in lines] == ["Hint 1 of 3", "Hint 2 of 3", "Hint 3 of 3"]
    assert len(set(lines)) == 3
