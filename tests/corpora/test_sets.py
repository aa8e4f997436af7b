"""The course's texts: read whole, described by a card, and every kind of damage told."""

import pytest

from bxe import corpora
from bxe.corpora import sets


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
    monkeypatch.setattr(sets, "files", lambda package: tmp_path)
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
