"""Every option of every quiz is explained; a letter may be written as people write it."""

import pytest

from bxe.exercises import engine, quiz

NOTEBOOKS = engine.notebooks()


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_a_quiz_explains_every_option(notebook, capsys):
    questions = engine.questions_of(notebook)
    assert len(questions) >= 4
    for number, question in enumerate(questions, start=1):
        assert question.right in question.letters()
        for letter, (_, explanation) in zip(question.letters(), question.options):
            quiz(notebook, {number: letter})
            line = capsys.readouterr().out.splitlines()[number - 1]
            verdict = "is right" if letter == question.right else "is not right"
            assert line == f"{number} · {letter} {verdict}. {explanation}" and explanation


def test_a_capital_letter_will_do(capsys):
    right = engine.questions_of("08")[0].right
    quiz("08", {1: f" {right.upper()} "})
    assert capsys.readouterr().out.startswith(f"1 · {right} is right.")


def test_the_right_letter_is_not_always_the_same():
    for notebook in NOTEBOOKS:
        assert len({question.right for question in engine.questions_of(notebook)}) > 1
