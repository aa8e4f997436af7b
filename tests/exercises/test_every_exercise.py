"""Stubs are not attempted, solutions are right, wrong answers hear which mistake they made; all hints are three."""

import ast
import re
from decimal import Decimal
from fractions import Fraction
from importlib import import_module

import jupytext
import numpy as np
import pytest
from sentence_transformers import util
from sentence_transformers.sentence_transformer.evaluation import TripletEvaluator
from transformers import AutoTokenizer

from bxe import course
from bxe.exercises import check, engine, hint, nb07
from bxe.models import minilm_folder

EXERCISES = [exercise for notebook in engine.notebooks() for exercise in engine.exercises_of(notebook)]


def cell(exercise: str, tag: str) -> str:
    """The exercise's stub or solution, as it stands in the source."""
    (source,) = course.find([exercise[:2]], suffix=".py", within=course.folder() / "src")
    for found in jupytext.read(source, fmt="py:percent").cells:
        if tag in found.metadata.get("tags", []) and f'check("{exercise}"' in found.source:
            return found.source
    raise AssertionError(f"{source.name} has no cell with the tag {tag} that checks {exercise}")


def run(source: str, exercise: str = "") -> None:
    """Run a cell after the imports of its notebook."""
    known = "from bxe import check, quiz\nimport numpy as np\n"
    if exercise:
        (path,) = course.find([exercise[:2]], suffix=".py", within=course.folder() / "src")
        cells = (found.source for found in jupytext.read(path, fmt="py:percent").cells if found.cell_type == "code")
        imports = [node for node in ast.parse(next(cells)).body if isinstance(node, (ast.Import, ast.ImportFrom))]
        known += "".join(f"{ast.unparse(node)}\n" for node in imports)
    exec(known + source, {"TripletEvaluator": TripletEvaluator})


def no_return(*args):
    args  # noqa: B018


@pytest.mark.parametrize("exercise", EXERCISES)
def test_an_untouched_stub_is_not_attempted(exercise, capsys):
    run(cell(exercise, "exercise"), exercise)
    assert capsys.readouterr().out.startswith(f"{exercise} · not attempted.")


@pytest.mark.parametrize("exercise", EXERCISES)
def test_the_solution_is_right_and_says_why(exercise, capsys):
    run(cell(exercise, "solution"), exercise)
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
    for _ in range(4):
        hint(exercise)
    lines = capsys.readouterr().out.splitlines()
    assert [line[:11] for line in lines] == ["Hint 1 of 3", "Hint 2 of 3", "Hint 3 of 3", "Hint 1 of 3"]
    assert len(set(lines)) == 3


ODD = [3, "three", b"3", {1, 2}, {"a": 1}, float("nan"), [], [[], [1]], "\ud800", object(), np.zeros((0, 3)), 10**400]


@pytest.mark.parametrize("exercise", EXERCISES)
def test_a_result_of_another_kind_is_shown_and_is_no_error_of_the_learners_code(exercise, capsys):
    for odd in ODD:
        for answer in (odd, lambda *_, odd=odd: odd):
            check(exercise, answer)
            out = capsys.readouterr().out
            assert out.startswith(f"{exercise} · not right yet.") and "Your code raised" not in out, out


def similarities(model, ones, others):
    return model.similarity_pairwise(model.encode(ones), model.encode(others))


SHAPES = {
    "01.4": [
        lambda model, text: len(model.tokenizer(text, verbose=False)["input_ids"]) <= model.get_max_seq_length(),
        lambda model, text: len(model[0].tokenizer(text, verbose=False)["input_ids"]) <= model[0].max_seq_length,
        lambda model, text: len(model.tokenizer(text, verbose=False)["input_ids"]) <= model.tokenizer.model_max_length,
    ],
    "02.4": [
        lambda model, *texts: TripletEvaluator(*map(tuple, texts), name="my")(model)["my_cosine_accuracy"],
        lambda model, questions, right, trap: (
            (similarities(model, questions, right) > similarities(model, questions, trap)).float().mean()
        ),
    ],
    "03.1": [
        lambda model, query, texts, k: np.argsort(-(model.encode_document(texts) @ model.encode_query(query)))[:k],
        lambda model, query, passages, k: (
            model.similarity(model.encode_query(query), model.encode_document(passages))[0]
            .topk(min(k, len(passages)))
            .indices
        ),
    ],
    "06.4": [
        lambda model, texts, threshold: (
            [texts[i], texts[j]]
            for score, i, j in util.paraphrase_mining_embeddings(model.encode(texts, convert_to_tensor=True))
            if score >= threshold and texts[i] != texts[j]
        ),
    ],
    "00.2": [lambda n: Fraction(n), lambda n: np.int8(n), lambda n: Decimal(n)],
    "08.1": [
        lambda cross, query, passages, k: (
            [hit["text"] for hit in cross.rank(query, passages[:k], return_documents=True)] + passages[k:]
        ),
        lambda cross, query, passages, k: (
            [passages[i] for i in np.argsort(-cross.predict([[query, p] for p in passages[:k]]))] + passages[k:]
        ),
        lambda cross, query, passages, k: (
            sorted(passages[:k], key=lambda p: cross.predict((query, p)), reverse=True) + passages[k:]
        ),
    ],
}


@pytest.mark.parametrize("exercise", SHAPES)
def test_a_right_answer_may_have_any_shape_that_python_or_the_library_takes(exercise, capsys):
    for answer in SHAPES[exercise]:
        check(exercise, answer)
        out = capsys.readouterr().out
        assert out.startswith(f"{exercise} · right."), out


def test_rows_may_be_a_set(capsys):
    check(
        "05.2",
        lambda labels, n, rng: {int(i) for c in set(labels) for i in rng.permutation(np.flatnonzero(labels == c))[:n]},
    )
    out = capsys.readouterr().out
    assert not out.startswith("05.2 · not right yet. Your code") and "shape ()" not in out


@pytest.mark.parametrize("limit", range(5, 24))
def test_a_pair_is_cut_as_the_library_cuts_it(limit):
    tokenizer = AutoTokenizer.from_pretrained(str(minilm_folder()))
    for query, passage in (("a b c d", "k l m n o p q r s t u v"), ("a b c d e f", "k l m n o p")):
        cut = tokenizer(query, passage, truncation=True, max_length=limit)["input_ids"]
        kept, rest = nb07._cut(query.split(), passage.split(), limit)
        assert tokenizer.convert_ids_to_tokens(cut) == ["[CLS]", *kept, "[SEP]", *rest, "[SEP]"]
