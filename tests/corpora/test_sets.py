"""The course's texts: read whole, described by a card, and every kind of damage told."""

import hashlib
import re
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bxe import corpora
from bxe.corpora import sets
from tools import sums

SHIPPED = Path(corpora.__file__).parent.parent / "data"


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
    assert all(tuple(part.columns) == corpora.COLUMNS["questions"] for part in parts)
    assert sum(len(part) for part in parts) == len(questions)
    assert not set(parts[0].question_id) & set(parts[1].question_id)
    assert all(part.index.tolist() == list(range(len(part))) for part in parts)
    assert questions.index.tolist() == list(range(len(questions)))


def test_sealed_questions_come_by_that_name_only():
    sealed = corpora.load("questions", "sealed")
    assert len(sealed) == 120 and set(sealed.split) == {"sealed"}
    assert "sealed" not in set(corpora.load("questions").split)


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
    """A copy of what ships, that a test may spoil."""
    shutil.copytree(SHIPPED, tmp_path / "data")
    monkeypatch.setattr(sets, "files", lambda package: tmp_path)
    return tmp_path / "data"


def signed(data, name, content):
    """Put another content under the sum of its own, as an author's mistake would come."""
    (data / name).write_bytes(content)
    listed = (data / "SHA256SUMS").read_text()
    old = next(line for line in listed.splitlines() if line.endswith(f"  {name}"))
    (data / "SHA256SUMS").write_text(listed.replace(old, f"{hashlib.sha256(content).hexdigest()}  {name}"))


def test_the_sums_are_those_of_all_that_ships():
    assert (SHIPPED / "SHA256SUMS").read_text() == sums.listed(SHIPPED), "run: python -m tools.sums"
    assert sums.listed(SHIPPED).count("\n") == 2 * len(corpora.COLUMNS) + 1


DAMAGES = {
    "emptied": lambda content: b"",
    "cut at a line's end": lambda content: content[: content.index(b"\n", len(content) // 2) + 1],
    "one letter changed": lambda content: content.replace(b"e", b"a", 1),
    "a line twice": lambda content: content + content[content[:-1].rindex(b"\n") + 1 :],
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
@pytest.mark.parametrize("name", [*corpora.COLUMNS, "reference"])
def test_damage_that_leaves_a_file_readable_is_found(data, name, damage):
    parts = [".json"] if name == "reference" else [".jsonl", ".md"]
    for ending in parts:
        path = data / f"{name}{ending}"
        path.write_bytes(damage(path.read_bytes()))
        read = {".json": lambda _: corpora.load_reference(), ".jsonl": corpora.load, ".md": corpora.card}[ending]
        with pytest.raises(ValueError, match=f"{path.name} is damaged or was changed.*Install bxe again"):
            read(name)


@pytest.mark.parametrize("content", [None, b"", b"\xff", b"abc  sentences.jsonl\n"])
def test_a_list_of_sums_that_is_missing_or_damaged_is_told(data, content):
    (data / "SHA256SUMS").unlink() if content is None else (data / "SHA256SUMS").write_bytes(content)
    with pytest.raises((FileNotFoundError, ValueError), match="SHA256SUMS is (missing|damaged).*Install bxe again"):
        corpora.load("sentences")


anything = st.none() | st.text() | st.integers() | st.floats() | st.binary() | st.lists(st.text())


@given(anything, anything)
def test_any_name_and_split_give_the_set_or_one_error(name, split):
    for read in (lambda: corpora.load(name), lambda: corpora.card(name), lambda: corpora.load("tickets", split or "")):
        with pytest.raises(ValueError, match="there is no set named|tickets has no split"):
            read()


def test_a_missing_file_is_named(data):
    (data / "sentences.jsonl").unlink()
    with pytest.raises(FileNotFoundError, match="sentences.jsonl is missing. Install bxe again"):
        corpora.load("sentences")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"sentence_id": "a-1", "topic"', "line 1, is not JSON"),
        (
            b'{"sentence_id": "a-1", "text": "x"}',
            "line 1, has the keys sentence_id, text; expected sentence_id, topic, text",
        ),
        (b"\xff\xfe\x00", "is damaged: byte 0 is not UTF-8"),
    ],
)
def test_a_damaged_file_is_told_with_line_and_reason(data, content, message):
    signed(data, "sentences.jsonl", content)
    with pytest.raises(ValueError, match=message):
        corpora.load("sentences")


def test_the_reference_passages_are_ten_with_their_published_scores():
    reference = corpora.load_reference()
    assert len(reference) == 10 and reference["query"].nunique() == 1
    assert sorted(reference.score)[-2:] == [8.61, 8.92]


@pytest.mark.parametrize("content, reason", [(b"{}", "KeyError('passages')"), (b"{", "JSONDecodeError")])
def test_reference_passages_that_are_none_are_told_with_the_reason(data, content, reason):
    signed(data, "reference.json", content)
    with pytest.raises(ValueError, match=r"reference.json is damaged \(" + re.escape(reason) + ".*Install bxe again"):
        corpora.load_reference()
