"""Columns of a CSV file: each value as it is written, and what is wrong with a file told in full."""

import re
from pathlib import Path

import pytest

from bxe import corpora


def table(folder, content, *columns):
    (folder / "own.csv").write_bytes(content.encode())
    return corpora.read_table(folder / "own.csv", *columns)


def test_values_stay_as_they_are_written_and_what_is_missing_is_an_empty_text(tmp_path):
    found = table(tmp_path, "code,text,by\n007, NA ,Ida\n1.50\n,null,\n", ["text", "code"])
    assert found.values.tolist() == [["NA", "007"], ["", "1.50"], ["null", ""]]
    assert found.columns.tolist() == ["text", "code"] and found.index.tolist() == [1, 2, 3]


def test_a_long_file_of_numbers_keeps_their_zeros(tmp_path):  # pandas guesses a column's kind piece by piece
    found = table(tmp_path, "code\n" + "07\n" * 530_000, ["code"])
    assert found.code.unique().tolist() == ["07"] and len(found) == 530_000


def test_optional_columns_come_after_the_needed_ones_if_they_are_there(tmp_path):
    found = table(tmp_path, "by,text\nIda,late\n", ["text"], ["when", "by"])
    assert found.to_dict("list") == {"text": ["late"], "by": ["Ida"]}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_may_end_as_on_any_system(tmp_path, end):
    found = table(tmp_path, end.join(["text,by", '"late,', 'again",Ida', "cold,Max", ""]), ["text", "by"])
    assert found.values.tolist() == [["late,\nagain", "Ida"], ["cold", "Max"]]
    with pytest.raises(ValueError, match=re.escape("row 2 (the first line is row 1) opens a quote")):
        table(tmp_path, end.join(["text,by", '"late,Ida', '"cold",Max', ""]), ["text", "by"])


@pytest.mark.parametrize(
    "content, told",
    [
        ("a,b\nx,y\n", " has the columns a, b; text is missing. The first line must name the columns: text"),
        ("", " cannot be read as CSV: No columns to parse from file"),
        (
            "text,a;b\nlate, again,x\n",  # semicolons do not part the fields of a line with a comma
            ": row 2 (the first line is row 1) has 3 fields, but the first line names 2; "
            'if a comma belongs to a text, quote it: "Late again, sorry",delay',
        ),
        (
            'text,by\n"late,Ida\n"cold",Max\n',
            ": row 2 (the first line is row 1) opens a quote that it does not close, and a later line does; "
            'close it at the end of the text, and double a quote within one: "the ""hot"" pot, say"',
        ),
    ],
)
def test_what_is_wrong_is_told_in_full(tmp_path, content, told):
    with pytest.raises(ValueError, match=f"own.csv{re.escape(told)}$"):
        table(tmp_path, content, ["text"])


def test_all_columns_that_are_needed_are_named_as_the_first_line_must_have_them(tmp_path):
    with pytest.raises(
        ValueError, match="text and label are missing. The first line must name the columns: text,label$"
    ):
        table(tmp_path, "a\nx\n", ["text", "label"])


def test_a_file_that_the_system_does_not_give_is_named_with_the_reason(tmp_path, monkeypatch):
    def refuse(path, **_):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_text", refuse)
    with pytest.raises(ValueError, match=r"own.csv cannot be read \(Permission denied\)"):
        table(tmp_path, "text\nlate\n", ["text"])
