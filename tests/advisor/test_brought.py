"""What comes in, and the command: one line for what is wrong with it, status 2, and nothing written."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from bxe import advisor, cli
from bxe.files import sum_of

TEXTS = "passage_id,text\np1,Green tea is poured at eighty degrees.\np2,The ferry leaves at seven.\n"
ASKED = "question_id,question,passage_id\nq1,how hot for green tea,p1\n"


@pytest.fixture(autouse=True)
def signals():
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("texts.csv").write_text(TEXTS)
    Path("asked.csv").write_text(ASKED)
    Path("empty").mkdir()
    Path("taken/advice.html").mkdir(parents=True)
    Path("file").touch()
    for name, content in FILES.items():
        Path(name).write_bytes(content.encode() if isinstance(content, str) else content)
    return tmp_path


HEAD = "question_id,question,passage_id"
FILES = {
    "nothing.csv": "",
    "head.csv": "passage_id,text\n",
    "notext.csv": "title,body\na,b\n",
    "semi.csv": "passage_id;text\np1;tea\n",
    "wide.csv": "text\nSorry, late, again\n",
    "twice.csv": "passage_id,text\np1,tea\np1,rain\n",
    "noid.csv": "passage_id,text\np1,tea\n,rain\n",
    "latin.csv": "text\nthé vert\n".encode("latin-1"),
    "tea.pdf": b"%PDF-1.7",
    "q_head.csv": f"{HEAD}\n",
    "q_columns.csv": "id,question\nq1,tea?\n",
    "q_question.csv": "question_id,passage_id\nq1,p1\n",
    "q_without.csv": f"{HEAD}\nq1,how hot?,\n",
    "q_blank.csv": f"{HEAD}\nq1,,p1\n",
    "q_unknown.csv": f"{HEAD}\nq1,how hot?,p9\n",
    "q_zero.csv": f"{HEAD},grade\nq1,how hot?,p1,0\n",
    "q_grade.csv": f"{HEAD},grade\nq1,how hot?,p1,good\n",
    "q_high.csv": f"{HEAD},grade\nq1,how hot?,p1,101\n",
    "q_texts.csv": f"{HEAD}\nq1,how hot?,p1\nq1,when?,p2\n",
    "q_answer.csv": "question,answer\nwhen?,leaves at seven\n",
    "q_lost.csv": "question,answer\nwhen?,leaves at eight\n",
    "q_open.csv": "question,answer\nwhen?,\n",
    "q_other.csv": f"{HEAD},grade,texts\nq1,how hot?,p1,3,{sum_of('how hot?', 'Green tea')}\n",
    "q_grades.csv": f"{HEAD},grade\nq1,how hot?,p1,1\nq1,how hot?,p1,2\n",
}
WRONG = [
    (["nowhere"], "nowhere does not exist"),
    (["~nosuch/texts"], "names a home folder that is not known here"),
    (["empty"], "empty holds no text: there is no .txt or .md file with words in it"),
    (["nothing.csv"], "nothing.csv cannot be read as CSV"),
    (["head.csv"], "head.csv has no text under the line that names the columns"),
    (["notext.csv"], "notext.csv has the columns title, body; text is missing"),
    (["semi.csv"], "Its fields are separated by semicolons: save it with commas"),
    (["wide.csv"], "row 2 (the first line is row 1) has 3 fields, but the first line names 1"),
    (["twice.csv"], "twice.csv gives two texts the passage_id 'p1'"),
    (["noid.csv"], "row 3 (the first line is row 1) has no passage_id"),
    (["latin.csv"], "latin.csv is not UTF-8 (byte 7: 0xe9); save it again as UTF-8"),
    (["tea.pdf"], "tea.pdf is neither a folder nor a .csv file"),
    (["texts.csv", "--load", "0"], "--load is 0.0; give queries a second, a number above 0 and up to a billion"),
    (["texts.csv", "--load", "many"], "--load is 'many'; give queries a second"),
    (["texts.csv", "--load", "nan"], "--load is nan; give queries a second"),
    (
        ["texts.csv", "--load", "1e300/s"],
        "--load is 1e+300; give queries a second, a number above 0 and up to a billion",
    ),
    (["texts.csv", "--latency=-1"], "--latency is -1.0; give milliseconds, a number above 0"),
    (["texts.csv", "--latency", "inf"], "--latency is inf; give milliseconds"),
    (["texts.csv", "--out", "file"], "file is a file or lies within one; give a folder for the advice"),
    (["texts.csv", "--out", "taken"], "advice.html is a folder; give another folder for the advice"),
    (["texts.csv", "--questions", "none.csv"], "none.csv does not exist"),
    (["texts.csv", "--questions", "empty"], "empty is a folder; give a file"),
    (["texts.csv", "--questions", "q_head.csv"], "has no question under the line that names the columns"),
    (["texts.csv", "--questions", "q_columns.csv"], "question_id and passage_id are missing"),
    (["texts.csv", "--questions", "q_question.csv"], "q_question.csv has no column question"),
    (["texts.csv", "--questions", "q_without.csv"], "row 2 (the first line is row 1) has no passage_id"),
    (["texts.csv", "--questions", "q_lost.csv"], "no document holds the answer to q1: 'leaves at eight'"),
    (["texts.csv", "--questions", "q_blank.csv"], "row 2 (the first line is row 1) has no question;"),
    (["texts.csv", "--questions", "q_unknown.csv"], "names passage 'p9', which is not among the texts"),
    (["texts.csv", "--questions", "q_zero.csv"], "q_zero.csv: no question has a passage with a grade from 1"),
    (
        ["texts.csv", "--questions", "q_other.csv"],
        "row 2 (the first line is row 1): p1 was graded with other texts, as the column texts tells; bxe advise cuts files",
    ),
    (["texts.csv", "--questions", "q_grade.csv"], "has the grade 'good'; give a whole number from 0 to 100"),
    (["texts.csv", "--questions", "q_high.csv"], "has the grade '101'; give a whole number"),
    (["texts.csv", "--questions", "q_texts.csv"], "gives question q1 another text than a row before"),
    (["texts.csv", "--questions", "q_grades.csv"], "gives passage p1 another grade for question q1"),
]


@pytest.mark.parametrize(("words", "told"), WRONG, ids=[" ".join(words) for words, _ in WRONG])
def test_what_is_wrong_is_one_line_and_status_2_before_anything_is_measured(words, told, here, monkeypatch, capsys):
    monkeypatch.setattr(advisor, "advise", lambda *_, **__: pytest.fail("it measured"))
    assert cli.main(["advise", *words]) == 2
    out, err = capsys.readouterr()
    assert told in err and err.startswith("bxe: ") and err.count("\n") == 1 and not out
    assert not Path("advice").exists()


@pytest.mark.skipif(os.name == "nt" or getattr(os, "geteuid", lambda: 1)() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_to_is_told_before_anything_is_measured(here, capsys):
    Path("locked").mkdir(mode=0o555)
    assert cli.main(["advise", "texts.csv", "--out", "locked"]) == 2
    assert "locked cannot be written to; give another folder" in capsys.readouterr().err


def test_ctrl_c_ends_it_in_one_line_and_leaves_nothing_behind(here):
    environment = {**os.environ, "PYTHONPATH": str(Path(cli.__file__).parents[1]), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "bxe.cli", "advise", "texts.csv", "--out", "out"]
    with subprocess.Popen(
        command, cwd=here, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        process.stdout.readline()  # the first model is there
        time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=120)
    assert process.returncode == 130 and err.strip() == "interrupted"
    assert not (here / "out").exists()


def test_texts_come_from_a_csv_file_with_ids_or_row_numbers_or_from_a_folder(here):
    assert advisor.read_corpus("texts.csv").passages.index.tolist() == ["p1", "p2"]
    Path("plain.csv").write_text("text\nTea.\n\nRain.\n")
    assert advisor.read_corpus("plain.csv").passages.to_dict() == {"1": "Tea.", "3": "Rain."}
    Path("notes").mkdir()
    Path("notes/tea.txt").write_text("Tea.\n\n" + "It rains. " * 40)
    found = advisor.read_corpus("notes")
    assert found.passages.index.tolist() == ["tea.txt#1", "tea.txt#2"] and found.documents.index.tolist() == ["tea.txt"]
    assert found.passages.str.split().str.len().max() <= 80


def test_questions_may_come_with_answers_quoted_from_the_texts(here, capsys):
    Path("notes").mkdir()
    Path("notes/tea.txt").write_text("Pour at 80 degrees. " + "Wait. " * 74 + "Stir it. Then drink.")
    found = advisor.read_corpus("notes")
    Path("own.csv").write_text("question,answer\nhow hot?,at 80 degrees\nand then?,Stir it. Then drink.\nwho?,\n")
    capsys.readouterr()
    questions, qrels = advisor.read_questions("own.csv", found.passages, found.documents)
    assert questions.to_dict() == {"q1": "how hot?"}  # the second answer is cut in two
    assert qrels.to_records(index=False).tolist() == [("q1", "tea.txt#1", 3)]
    assert capsys.readouterr().out.splitlines() == [
        "own.csv: 1 of 3 questions have no answer and are left out",
        "own.csv: 1 of 3 questions have an answer that no passage holds whole and are left out",
    ]
    questions, qrels = advisor.read_questions("q_answer.csv", advisor.read_corpus("texts.csv").passages)
    assert qrels.passage_id.tolist() == ["p2"]
    with pytest.raises(ValueError, match="q_open.csv: no question has an answer that a passage holds whole"):
        advisor.read_questions("q_open.csv", found.passages)


def test_a_graded_pool_is_read_without_the_questions_that_nothing_answers(here, capsys):
    passages = advisor.read_corpus("texts.csv").passages
    fits = [sum_of("how hot?", passages["p1"]), sum_of("why?", passages["p2"])]
    Path("graded.csv").write_text(f"{HEAD},grade,texts\nq1,how hot?,p1,3,{fits[0]}\nq2,why?,p2,0,{fits[1]}\n")
    questions, qrels = advisor.read_questions("graded.csv", passages)
    assert questions.to_dict() == {"q1": "how hot?"} and qrels.values.tolist() == [["q1", "p1", 3]]
    told = "graded.csv: 1 of 2 questions have no passage with a grade from 1 and are left out\n"
    assert capsys.readouterr().out == told


def test_a_folder_named_as_the_courses_texts_is_told_of_and_can_be_given(here, capsys):
    Path("course").mkdir()
    Path("course/mine.txt").write_text("My own words.")
    assert advisor.read_corpus("course").passages.size == 600
    told = "course: the texts of the course are read; for what lies here under this name, give ./course\n"
    assert capsys.readouterr().out == told
    assert advisor.read_corpus("./course").passages.tolist() == ["My own words."]


def test_a_name_that_is_no_text_is_told_before_anything_is_measured(monkeypatch):
    monkeypatch.setattr("bxe.advisor.advice.measure", lambda *_, **__: pytest.fail("it measured"))
    with pytest.raises(TypeError, match="name is a [A-Za-z]*Path; give a str: what the page calls the texts"):
        advisor.advise(pd.Series({"p1": "Tea."}), name=Path("handbook"))


def test_what_is_no_path_is_told():
    with pytest.raises(TypeError, match="the texts are a Series; give the path of a folder or a CSV file"):
        advisor.read_corpus(pd.Series({"p1": "Tea."}))


def test_the_courses_texts_come_with_their_questions():
    found = advisor.read_corpus("course")
    assert found.passages.size == 600 and found.questions.index.is_unique
    assert set(found.qrels.question_id) == set(found.questions.index)


def test_questions_with_several_passages_have_several_rows_and_blank_lines_do_not_count(here):
    Path("more.csv").write_text(
        f"{HEAD},grade\nq1,how hot?,p1,3\nq1,how hot?,p2,1\n\nq2,when?,p2,\n".replace("p2,\n", "p2,1\n")
    )
    questions, qrels = advisor.read_questions("more.csv", advisor.read_corpus("texts.csv").passages)
    assert questions.to_dict() == {"q1": "how hot?", "q2": "when?"}
    assert qrels.to_records(index=False).tolist() == [("q1", "p1", 3), ("q1", "p2", 1), ("q2", "p2", 1)]
