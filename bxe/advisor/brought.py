"""What the user brings: texts in a folder or a CSV file (or the course's own), and questions with their relevant passages."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bxe import corpora
from bxe.files import expanded, sum_of

if TYPE_CHECKING:
    import pandas as pd

HIGHEST = 100  # grade that the measures take
WORDS = 80  # of a passage, at most, that a file is cut into; as notebook 13 chooses
OWN = ("course", "docstrings")  # names of what comes with bxe


class Brought(NamedTuple):
    """Texts by passage_id, and what the page calls them; None where there are none: questions with qrels (as in `advise`), and
    the whole documents that the passages were cut out of."""

    passages: pd.Series
    name: str
    questions: pd.Series | None = None
    qrels: pd.DataFrame | None = None
    documents: pd.Series | None = None


def read_corpus(given: str | os.PathLike) -> Brought:
    """Read the texts to search.

    Where a file or folder is called "course" or "docstrings", a line says that what comes with bxe is read, and how to give it.

    Args:
        given: a folder of .txt and .md files, which are cut into passages of at most WORDS words; a CSV file with the
            column text and, if there is one, passage_id (else the rows are numbered from "1"); "course" for the course's
            passages or "docstrings" for those of the installed packages, both of which come with questions.

    Raises:
        FileNotFoundError: if there is no such file or folder.
        TypeError: if it is no path.
        ValueError: if it holds no text, is no CSV file with such a column, or two texts have the same id.

    Example:
        >>> read_corpus("course").passages.size
        600
    """
    if not isinstance(given, str | os.PathLike):
        raise TypeError(f"the texts are a {type(given).__name__}; give the path of a folder or a CSV file")
    if given in OWN and os.path.exists(given):
        print(f"{given}: the texts of the course are read; for what lies here under this name, give ./{given}")
    if given == "course":
        questions = corpora.load("questions").set_index("question_id").text
        passages = corpora.load("passages").set_index("passage_id").text
        qrels = corpora.load("qrels")
        return Brought(passages, "the course's passages", questions, qrels[qrels.question_id.isin(questions.index)])
    if given == "docstrings":
        return _docstrings()
    path = expanded(given)
    if os.path.isdir(path):
        return _from_folder(path)
    return Brought(_from_csv(path), path.name)


def _from_folder(path: Path) -> Brought:
    documents, name = corpora.documents_in(path), path.absolute().name
    passages = corpora.chunks(documents, words=WORDS).set_index("passage_id").text
    print(f"{name}: {len(documents)} files, cut into {len(passages)} passages of at most {WORDS} words")
    return Brought(passages, name, documents=documents)


def _from_csv(path: Path) -> pd.Series:
    if os.path.exists(path) and path.suffix.lower() not in (".csv", ""):
        raise ValueError(f"{path} is neither a folder nor a .csv file; give the folder it lies in, or a .csv file")
    table = corpora.read_table(path, ["text"], ["passage_id"])
    full = table[table["text"] != ""]
    if full.empty:
        raise ValueError(f"{path} has no text under the line that names the columns; give a row for each text")
    if len(full) < len(table):
        print(f"{path.name}: {len(table) - len(full)} of {len(table)} rows have no text and are left out")
    if "passage_id" not in full:
        return full["text"].set_axis(full.index.astype(str))
    for row, name in full["passage_id"].items():
        if not name:
            raise ValueError(f"{path}: row {row + 1} (the first line is row 1) has no passage_id; give each text one")
    if len(twice := full["passage_id"][full["passage_id"].duplicated()]):
        raise ValueError(f"{path} gives two texts the passage_id {twice.iloc[0]!r:.60}; give each text one of its own")
    return full.set_index("passage_id")["text"]


def _docstrings() -> Brought:
    import pandas as pd

    passages = corpora.load_docstrings().set_index("name").entry
    asked = corpora.load("docstring_questions")
    rows = [
        (question, name, 1)
        for question, names in zip(asked.question_id, asked.answers)
        for name in names
        if name in passages.index
    ]
    qrels = pd.DataFrame(rows, columns=["question_id", "passage_id", "grade"])
    questions = asked.set_index("question_id").text
    return Brought(passages, "docstrings", questions[questions.index.isin(qrels.question_id)], qrels)


def read_questions(
    path: str | os.PathLike, passages: pd.Series, documents: pd.Series | None = None
) -> tuple[pd.Series, pd.DataFrame]:
    """Read questions and the passages that answer them.

    Args:
        path: a CSV file of one of two kinds. With the columns question and answer: an answer is a piece of a document, word
            for word, and each passage that holds all of it answers; a question that has no answer is left out. Or with
            question_id, question (or text) and passage_id, and grade if there is one (a whole number, 0 for not relevant;
            else each passage has grade 1); a question with several passages has several rows, and one without a grade from 1
            is left out, and told. The ids are those of `passages`: of files, pieces of at most WORDS words. In the column
            texts, as a `judging.Grading` writes it, a checksum tells whether the grades are for these passages.
        passages: the texts, by passage_id.
        documents: that the passages were cut out of; by default each passage is one.

    Returns:
        The questions by question_id, and qrels with the columns question_id, passage_id, grade.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it is no such CSV file, a field is empty, a passage is unknown, a grade is no whole number from 0 to
            100, a question has two texts, a passage has two grades for a question or was graded with other texts, no question
            has a relevant passage, or an answer stands in no document.

    Example:
        >>> read_questions("no-such-file.csv", {})
        Traceback (most recent call last):
        FileNotFoundError: no-such-file.csv does not exist (the current folder is ...)
    """
    path = expanded(path)
    kind = corpora.read_table(path, [], ["answer", "passage_id"])
    if "answer" in kind and "passage_id" not in kind:
        return _answers(path, passages, passages if documents is None else documents)
    table = corpora.read_table(path, ["question_id", "passage_id"], ["question", "text", "grade", "texts"])
    if "question" not in table and "text" not in table:
        raise ValueError(f"{path} has no column question; the first line must name question_id,question,passage_id")
    table = table.rename(columns={"text": "question"} if "question" not in table else {})
    table = table[(table != "").any(axis=1)]  # a blank line is no row
    if table.empty:
        raise ValueError(f"{path} has no question under the line that names the columns; give a row for each question")
    texts: dict[str, str] = {}
    grades: dict[tuple[str, str], int] = {}
    for row, found in zip(table.index + 1, table.to_dict("records")):
        where = f"{path}: row {row} (the first line is row 1)"
        if empty := [column for column in ("question_id", "question", "passage_id") if not found[column]]:
            raise ValueError(f"{where} has no {empty[0]}; each row needs a question and a passage that answers it")
        question, passage = found["question_id"], found["passage_id"]
        if passage not in passages:
            raise ValueError(f"{where} names passage {passage!r:.60}, which is not among the texts; check its id")
        if texts.setdefault(question, found["question"]) != found["question"]:
            raise ValueError(f"{where} gives question {question} another text than a row before; give each one an id")
        if found.get("texts", fits := sum_of(found["question"], passages[passage])) != fits:
            told = f"{passage} was graded with other texts, as the column texts tells"
            raise ValueError(f"{where}: {told}; bxe advise cuts files into passages of at most {WORDS} words")
        grade = _grade(found.get("grade", "1"), where)
        if grades.setdefault((question, passage), grade) != grade:
            raise ValueError(
                f"{where} gives passage {passage} another grade for question {question}; keep the right one"
            )
    return _as_frames(path, texts, grades)


def _answers(path: Path, passages: pd.Series, documents: pd.Series) -> tuple[pd.Series, pd.DataFrame]:
    """Questions whose answers are quoted, and the passages that hold them whole."""
    asked = corpora.questions_in(path, documents)
    qrels = corpora.quoted(asked, passages)
    for left_out, why in (
        (asked.answer == "", "no answer"),
        ((asked.answer != "") & ~asked.question_id.isin(qrels.question_id), "an answer that no passage holds whole"),
    ):
        if left_out.any():
            print(f"{path.name}: {left_out.sum()} of {len(asked)} questions have {why} and are left out")
    if qrels.empty:
        raise ValueError(f"{path}: no question has an answer that a passage holds whole; copy answers out of the texts")
    return asked.set_index("question_id").text[qrels.question_id.unique()], qrels


def _grade(given: str, where: str) -> int:
    if given.isascii() and given.isdigit() and len(given) < 4 and int(given) <= HIGHEST:
        return int(given)
    raise ValueError(f"{where} has the grade {given!r:.20}; give a whole number from 0 to {HIGHEST}")


def _as_frames(path: Path, texts: dict[str, str], grades: dict) -> tuple[pd.Series, pd.DataFrame]:
    import pandas as pd

    relevant = {question for (question, _), grade in grades.items() if grade}
    if not relevant:
        raise ValueError(f"{path}: no question has a passage with a grade from 1; grade those that answer from 1 to 3")
    if without := len(texts) - len(relevant):
        lacking = "questions have no passage with a grade from 1 and are left out"
        print(f"{path.name}: {without} of {len(texts)} {lacking}")
    rows = [(*pair, grade) for pair, grade in grades.items() if pair[0] in relevant]
    asked = {question: text for question, text in texts.items() if question in relevant}
    questions = pd.Series(asked, name="text").rename_axis("question_id")
    return questions, pd.DataFrame(rows, columns=["question_id", "passage_id", "grade"])
