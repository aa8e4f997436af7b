"""Texts of a learner's own: read whole, and what cannot be used is told in one line."""

import pytest

from bxe import corpora


def written(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_labelled_texts_of_ones_own(tmp_path, capsys):
    path = written(
        tmp_path / "mine.csv", 'text,label\n"late, again",delay\nwhere is it,delay\nbroken,fault\nsmashed,fault\n'
    )
    frame = corpora.from_csv(path)
    assert frame.to_dict("list") == {
        "text": ["late, again", "where is it", "broken", "smashed"],
        "label": ["delay", "delay", "fault", "fault"],
    }
    assert capsys.readouterr().out == ""


def test_rows_and_labels_that_are_left_out_are_told(tmp_path, capsys):
    path = written(tmp_path / "mine.csv", "text,label\na,x\nb,x\n,x\nc,\n\nd,y\ne,y\nf,lonely\n")
    assert corpora.from_csv(path).label.value_counts().to_dict() == {"x": 2, "y": 2}
    said = capsys.readouterr().out
    assert "3 of 8 rows" in said
    assert "left out: lonely" in said


@pytest.mark.parametrize(
    "content, message",
    [
        ("text,label\na,x\nb,x\n", "too few labels"),
        ("text,label\n", "too few labels"),
        ("text,label\na,x\nb,y\n", "too few labels"),
        ("message,label\na,x\n", "text is missing"),
        ("message,kind\na,x\n", "text and label are missing"),
        ("", "no CSV file"),
        ("text,label\ncaf\xe9,x\n".encode("latin-1"), "no UTF-8 .byte 14"),
        ('text,label\n"a,x\n', "no CSV file|too few labels"),
    ],
)
def test_a_csv_that_cannot_be_learned_from_is_one_clear_error(tmp_path, content, message):
    with pytest.raises(ValueError, match=message):
        corpora.from_csv(written(tmp_path / "mine.csv", content))


def test_a_missing_path_is_named(tmp_path):
    for read in (corpora.from_csv, corpora.from_folder):
        with pytest.raises(FileNotFoundError, match="nowhere"):
            read(tmp_path / "nowhere")


def test_passages_of_ones_own(tmp_path, capsys):
    (tmp_path / "deep").mkdir()
    written(tmp_path / "tea.txt", "Green tea\nis steamed.\n\n \nBlack tea is not.\r\n\r\nOolong is half way.\n")
    written(tmp_path / "deep" / "note.md", "\ufeff# Title\n")
    written(tmp_path / "empty.txt", "\n\n")
    written(tmp_path / "picture.png", b"\x89")
    (tmp_path / ".hidden").mkdir()
    written(tmp_path / ".hidden" / "copy.txt", "not meant")
    frame = corpora.from_folder(tmp_path)
    assert frame.values.tolist() == [
        ["deep/note.md#1", "# Title"],
        ["tea.txt#1", "Green tea is steamed."],
        ["tea.txt#2", "Black tea is not."],
        ["tea.txt#3", "Oolong is half way."],
    ]
    assert "empty.txt is empty" in capsys.readouterr().out


def test_a_folder_without_texts_or_with_another_encoding_is_one_clear_error(tmp_path):
    with pytest.raises(ValueError, match="holds no text"):
        corpora.from_folder(tmp_path)
    written(tmp_path / "old.txt", "caf\xe9".encode("latin-1"))
    with pytest.raises(ValueError, match="old.txt is no UTF-8"):
        corpora.from_folder(tmp_path)
