"""The course's texts: read whole, described by a card, and every kind of damage told."""

import pytest

from bxe import corpora


@pytest.mark.parametrize("name", corpora.COLUMNS)
def test_every_set_has_its_columns_a_card_and_no_repeated_id(name):
    frame = corpora.load(name)
    assert tuple(frame.columns) == corpora.COLUMNS[name]
    assert len(frame) > 0
    text = corpora.card(name)
    assert text.startswith(f"# Data card: {name}")
    for heading in ("**What.**", "**Columns.**", "**How written.**", "**Known weaknesses.**", "CC BY 4.0"):
        assert heading in text


def test_an_unknown_set_is_told_with_the_known_ones():
    with pytest.raises(ValueError, match="there is no set named 'tweets'; there are passages, questions"):
        corpora.load("tweets")
    with pytest.raises(ValueError, match="there is no set named 'tweets'"):
        corpora.card("tweets")


def test_a_split_holds_its_own_rows_only():
    questions = corpora.load("questions")
    parts = [corpora.load("questions", split) for split in ("learn", "test")]
    assert sum(len(part) for part in parts) == len(questions)
    assert not set(parts[0].question_id) & set(parts[1].question_id)


def test_an_unknown_split_is_told_with_the_known_ones():
    with pytest.raises(ValueError, match="tickets has no split 'dev'; it has train, validation, test"):
        corpora.load("tickets", "dev")
    with pytest.raises(ValueError, match="passages has no split 'test'; it has none"):
        corpora.load("passages", "test")


def test_importing_bxe_reads_no_data():
    import subprocess
    import sys

    code = (
        "import sys, bxe\n"
        "sys.addaudithook(lambda e, a: print(a[0]) if e == 'open' and 'bxe/data' in str(a[0]) else None)\n"
        "import bxe.corpora"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == ""


@pytest.fixture
def data(tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    monkeypatch.setattr(corpora, "files", lambda package: tmp_path)
    return tmp_path / "data"


def test_a_missing_file_is_named(data):
    with pytest.raises(FileNotFoundError, match="sentences.jsonl is missing. Install bxe again"):
        corpora.load("sentences")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"sentence_id": "a-1", "topic"', "line 1, is no JSON"),
        (
            b'{"sentence_id": "a-1", "text": "x"}',
            "line 1, has the keys sentence_id, text; expected sentence_id, topic, text",
        ),
        (b"\xff\xfe\x00", "is damaged: byte 0 is no UTF-8"),
    ],
)
def test_a_damaged_file_is_told_with_line_and_reason(data, content, message):
    (data / "sentences.jsonl").write_bytes(content)
    with pytest.raises(ValueError, match=message):
        corpora.load("sentences")


def test_the_reference_passages_are_ten_with_their_published_scores():
    reference = corpora.load_reference()
    assert len(reference) == 10 and reference["query"].nunique() == 1
    assert sorted(reference.score)[-2:] == [8.61, 8.92]


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
