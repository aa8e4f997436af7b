"""The engine survives what learners' code does, refuses what there is not, and counts what was solved."""

from pkgutil import iter_modules

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bxe.exercises import check, engine, hint, progress, quiz, quizzes


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


@pytest.mark.parametrize("name", ["../../x", 2.1, None, "", "02", "02.1 ", ["02.1"], "٠٢.١", "\0", "02.1\n"])
def test_what_is_no_name_of_an_exercise_is_refused_in_one_line(name):
    for ask in (lambda: check(name, 1), lambda: hint(name)):
        with pytest.raises(ValueError, match="there is no exercise") as refused:
            ask()
        assert "\n" not in str(refused.value)


def test_a_quiz_is_shown_whole(capsys):
    quiz("00")
    blocks = capsys.readouterr().out.rstrip("\n").split("\n\n")
    for number, (block, question) in enumerate(zip(blocks, engine.questions_of("00"), strict=True), start=1):
        options = [f"   {letter}  {option}" for letter, (option, _) in zip("abcdefgh", question.options)]
        assert block.splitlines() == [f"{number}. {question.text}", *options]


@pytest.mark.parametrize("number", [0, 5, 6, -1])
def test_a_question_outside_the_quiz_is_refused(number):
    with pytest.raises(ValueError, match=f"no question {number} in quiz 00; its questions are 1 to 4"):
        quiz("00", {number: "a"})


@pytest.mark.parametrize("answers", [["a"], "b", 3, {1: 2}, {1: ["a"]}, {"1": "a"}, {(1,): "a"}, {1.5: "a"}])
def test_answers_to_a_quiz_of_another_kind_are_refused_in_one_line(answers):
    with pytest.raises(ValueError, match="expected|no question") as refused:
        quiz("02", answers)
    assert "\n" not in str(refused.value)
    assert not isinstance(answers, list) or "the answers are ['a']; expected" in str(refused.value)


def test_every_notebook_with_exercises_has_a_quiz_and_the_other_way_round():
    rooms = {room.name[2:] for room in iter_modules(quizzes.__path__)}
    assert rooms == set(engine.notebooks())


def test_progress_counts_what_was_solved_once():
    for _ in range(2):
        check("00.2", lambda n: n)
    check("00.3", lambda n: n)  # wrong: not counted
    quiz("00", {1: "b", 2: "c", 3: ..., 4: ...})
    row = progress().loc["00"]
    assert row.to_dict() == {
        "exercises right": 1,
        "of exercises": 3,
        "quiz answers right": 1,
        "of questions": 4,
    }


def test_progress_counts_the_questions_of_the_quiz_and_no_others(own_progress):
    quiz("00", {n: question.right for n, question in enumerate(engine.questions_of("00"), start=1)})
    for name in ("00.q0", "00.q5", "00.q6"):
        (own_progress / name).touch()
    assert progress().loc["00", "quiz answers right"] == 4


def test_progress_that_cannot_be_written_does_not_spoil_the_exercise(monkeypatch, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("BXE_PROGRESS", str(tmp_path / "file"))
    check("00.2", lambda n: n)
    out = capsys.readouterr().out
    assert "progress was not kept" in out and "00.2 · right" in out


EXERCISES = [exercise for notebook in engine.notebooks() for exercise in engine.exercises_of(notebook)]
NUMBERS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.complex_numbers(), st.fractions())
PLAIN = st.one_of(NUMBERS, st.text(), st.binary(), st.characters(categories=["Cs"]))
ANYTHING = st.recursive(
    PLAIN,
    lambda inner: st.one_of(st.lists(inner), st.tuples(inner, inner), st.dictionaries(PLAIN, inner)),
    max_leaves=9,
)


@settings(deadline=None, max_examples=150)
@given(st.one_of(st.sampled_from(EXERCISES), ANYTHING), ANYTHING)
def test_any_answer_to_any_exercise_is_told_or_is_one_clear_error(exercise, answer):
    for given_answer in (answer, lambda *_: answer):
        try:
            check(exercise, given_answer)
            hint(exercise)
        except ValueError as error:
            assert exercise not in EXERCISES and "\n" not in str(error)


@settings(deadline=None, max_examples=150)
@given(st.one_of(st.sampled_from(engine.notebooks()), ANYTHING), st.one_of(ANYTHING, st.dictionaries(PLAIN, PLAIN)))
def test_any_answers_to_any_quiz_are_told_or_are_one_clear_error(notebook, answers):
    try:
        quiz(notebook, answers)
    except ValueError as error:
        assert "\n" not in str(error)


def test_any_input_has_little_memory():
    with pytest.raises(MemoryError):
        bytearray(4 << 30)
