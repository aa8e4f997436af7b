"""Stubs are not attempted, solutions are right, wrong answers hear which mistake they made; progress is kept safely."""

import re
from concurrent.futures import ThreadPoolExecutor

import jupytext
import numpy as np
import pytest

from bxe import course, exercises
from bxe.exercises import check, hint, progress, quiz
from tests.wrong_answers import WRONG, no_return

NOTEBOOKS = [name[2:4] for name in exercises._modules()]
EXERCISES = [e for notebook in NOTEBOOKS for e in exercises._checks(notebook).EXERCISES]


@pytest.fixture(autouse=True)
def own_progress(monkeypatch, tmp_path):
    monkeypatch.setenv("BXE_PROGRESS", str(tmp_path / "progress"))
    exercises._hints_given.clear()
    return tmp_path / "progress"


def cell(exercise: str, tag: str) -> str:
    """The exercise's stub or solution, as it stands in the source."""
    (source,) = course.find([exercise[:2]], suffix=".py", within=course.folder() / "src")
    for found in jupytext.read(source, fmt="py:percent").cells:
        if tag in found.metadata.get("tags", []) and f'check("{exercise}"' in found.source:
            return found.source
    raise AssertionError(f"{source.name} has no cell with the tag {tag} that checks {exercise}")


def run(source: str) -> None:
    exec("import numpy as np\nimport pandas as pd\nfrom bxe import check, quiz\n" + source, {})


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
    assert len(WRONG[exercise]) >= 2
    for answer, words in WRONG[exercise]:
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


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_a_quiz_explains_every_option(notebook, capsys):
    questions = exercises._checks(notebook).QUIZ
    assert len(questions) >= 4
    for number, question in enumerate(questions, start=1):
        assert question.right in question.letters()
        for letter, (_, explanation) in zip(question.letters(), question.options):
            quiz(notebook, {number: letter})
            line = capsys.readouterr().out.splitlines()[number - 1]
            verdict = "is right" if letter == question.right else "is not right"
            assert line == f"{number} · {letter} {verdict}. {explanation}" and explanation


def test_a_capital_letter_will_do(capsys):
    right = exercises._checks("08").QUIZ[0].right
    quiz("08", {1: f" {right.upper()} "})
    assert capsys.readouterr().out.startswith(f"1 · {right} is right.")


def test_the_right_letter_is_not_always_the_same():
    for notebook in NOTEBOOKS:
        assert len({question.right for question in exercises._checks(notebook).QUIZ}) > 1


def test_errors_in_the_learners_code_are_told_and_not_thrown(capsys):
    check("02.1", lambda a, b: a.cosine(b))
    assert "Your code raised AttributeError" in capsys.readouterr().out


def test_unknown_exercises_questions_and_letters_are_refused():
    with pytest.raises(ValueError, match="there is no exercise '02.9'; there are 02.1"):
        check("02.9", None)
    with pytest.raises(ValueError, match="there is no notebook '77' with exercises; there are 00, 01, 02"):
        hint("77.1")
    with pytest.raises(ValueError, match="there is no question 9 in quiz 02"):
        quiz("02", {9: "a"})
    with pytest.raises(ValueError, match="the answer to question 1 is 'z'; expected one of a, b, c"):
        quiz("02", {1: "z"})


def test_progress_counts_what_was_solved_once(own_progress):
    for _ in range(2):
        check("00.2", lambda n: n)
    check("00.3", lambda n: n)  # wrong: not counted
    quiz("00", {1: "b", 2: "c", 3: ..., 4: ...})
    row = progress().loc["00"]
    assert (row["exercises right"], row["quiz answers right"]) == (1, 1)


def test_progress_survives_two_notebooks_at_once_and_leaves_nothing_half_written(own_progress):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(exercises._remember, [f"00.{n % 4}" for n in range(200)]))
    assert sorted(path.name for path in own_progress.iterdir()) == ["00.0", "00.1", "00.2", "00.3"]


def test_progress_that_cannot_be_written_does_not_spoil_the_exercise(monkeypatch, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("BXE_PROGRESS", str(tmp_path / "file"))
    check("00.2", lambda n: n)
    out = capsys.readouterr().out
    assert "progress was not kept" in out and "00.2 · right" in out


def test_a_docstring_or_pass_is_still_a_stub():
    def documented(x):
        """What it should do."""

    def passing(x):
        pass

    def returning(x):
        return x

    assert exercises.not_attempted(documented) and exercises.not_attempted(passing) and exercises.not_attempted(...)
    assert not exercises.not_attempted(returning) and not exercises.not_attempted(np.zeros(2))
