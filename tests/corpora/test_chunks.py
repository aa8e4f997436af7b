"""Documents cut into passages: nothing is lost, nothing is too long, and a cut falls where a reader would put it."""

import re
import time

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bxe import corpora

pieces = st.sampled_from(
    ["rain", "fell.", "Why?", "\n\n", "\n", " ", "# Tea\n\n", "雨が。", "- item", "\t", "3.5", "é…", "\r\n\r\n"]
)
texts = st.lists(pieces, max_size=40).map(" ".join) | st.text(max_size=120)
lengths = st.integers(1, 12).flatmap(lambda words: st.tuples(st.just(words), st.integers(0, words - 1)))


def counted(text):
    return len(re.findall(r"[\u3040-\u30ff\u4e00-\u9fff]|[^\s\u3040-\u30ff\u4e00-\u9fff]+", text))


def cut(text, **how):
    return corpora.chunks(pd.Series({"a.md": text}), **how)


@given(st.lists(texts, min_size=1, max_size=3), lengths)
def test_every_word_of_a_document_is_in_a_passage_and_in_order(given_texts, length):
    words, overlap = length
    documents = pd.Series({f"{n}.md": text for n, text in enumerate(given_texts)}, dtype=object)
    if not "".join(given_texts).strip():
        with pytest.raises(ValueError, match="hold no word"):
            corpora.chunks(documents, words=words, overlap=overlap)
        return
    found = corpora.chunks(documents, words=words, overlap=overlap)
    assert found.passage_id.is_unique
    for name, text in documents.items():
        reached = 0
        for row in found[found.document_id == name].itertuples():
            assert row.text == " ".join(text[row.start : row.end].split()) != ""
            assert not text[reached : max(reached, row.start)].strip() and row.end > reached
            reached = row.end
        assert not text[reached:].strip()
        assert found[found.document_id == name].start.is_monotonic_increasing
        assert found[found.document_id == name].start.is_unique


@given(st.lists(pieces, min_size=1, max_size=40).map(" ".join), lengths)
def test_no_passage_has_more_words_than_asked_for(text, length):
    words, overlap = length
    if text.strip():
        assert cut(text, words=words, overlap=overlap).text.map(counted).max() <= words


@given(st.lists(pieces, min_size=1, max_size=40).map(" ".join), st.integers(1, 12))
def test_without_overlap_no_word_comes_twice(text, words):
    if text.strip():
        assert "".join(" ".join(cut(text, words=words).text).split()) == "".join(text.split())


def test_a_paragraph_that_fits_is_not_cut():
    found = cut("One two three. Four five.\n\nSix seven eight. Nine.\n\nTen.", words=6)
    assert found.text.tolist() == ["One two three. Four five.", "Six seven eight. Nine. Ten."]
    assert found.passage_id.tolist() == ["a.md#1", "a.md#2"]


def test_a_long_paragraph_is_cut_between_sentences_and_a_long_sentence_between_words():
    assert cut("One two. Three four. Five.", words=4).text.tolist() == ["One two. Three four.", "Five."]
    assert cut("one two three four five", words=2).text.tolist() == ["one two", "three four", "five"]


def test_a_heading_stays_with_what_follows_it():
    found = cut("# Tea\n\nWarm the pot.\n\n## Heat\n\nPour at eighty degrees.", words=8)
    assert found.text.tolist() == ["# Tea Warm the pot.", "## Heat Pour at eighty degrees."]


def test_a_passage_repeats_the_last_whole_sentences_of_the_one_before():
    found = cut("One two. Three four. Five six. Seven eight.", words=6, overlap=3)
    assert found.text.tolist() == ["One two. Three four. Five six.", "Five six. Seven eight."]


def test_signs_of_scripts_without_spaces_count_as_words():
    assert cut("水は百度で沸く。塩を入れる。", words=8).text.tolist() == ["水は百度で沸く。", "塩を入れる。"]


def test_documents_come_whole_and_empty_ones_are_told(tmp_path, capsys):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "tea.md").write_text("# Tea\n\nPour.\n", encoding="utf-8")
    (tmp_path / "empty.txt").write_text("\n \n", encoding="utf-8")
    found = corpora.documents_in(tmp_path)
    assert found.to_dict() == {"deep/tea.md": "# Tea\n\nPour.\n"}
    assert (found.index.name, found.name) == ("document_id", "text")
    assert capsys.readouterr().out == "empty.txt is empty and is left out\n"


def test_a_document_without_a_word_is_told_beside_others(capsys):
    found = corpora.chunks(pd.Series({"a.md": " \n", "b.md": "tea"}))
    assert found.document_id.tolist() == ["b.md"]
    assert capsys.readouterr().out == "a.md holds no word and is left out\n"


def test_half_a_character_is_replaced_and_each_keeps_its_place():
    found = corpora.chunks({"a.md": "tea \ud83d\ude00 pot \ud800 urn"})
    assert found.text.tolist() == ["tea \ufffd\ufffd pot \ufffd urn"] and found.end.tolist() == [16]


def test_a_long_run_of_dots_is_one_word_and_costs_no_time():
    begun = time.perf_counter()
    assert len(cut("x " + "." * 50_000 + "y. Z")) == 1
    assert time.perf_counter() - begun < 5  # it was 53 seconds


TEA = {"a.md": "tea"}


@pytest.mark.parametrize(
    "documents, how, error, message",
    [
        ("tea", {}, TypeError, "documents is a str; give a Series of texts"),
        (["tea"], {}, TypeError, "documents is a list"),
        (pd.DataFrame({"text": ["tea"]}), {}, TypeError, "documents is a DataFrame"),
        ({"a.md": None}, {}, ValueError, "document a.md is None; a str is expected"),
        ({"a.md": " \n"}, {}, ValueError, "the documents hold no word; give at least one text with words in it"),
        ({}, {}, ValueError, "hold no word"),
        (pd.Series(["tea", "milk"], ["a.md", "a.md"]), {}, ValueError, "document a.md is there twice"),
        ({"\ud800": "tea"}, {}, ValueError, "document id '\\ud800' holds half a character"),
        ({7: "tea", "7": "milk"}, {}, ValueError, "document 7 is there twice"),
        (TEA, {"words": 0}, ValueError, "words is 0; give the most words"),
        (TEA, {"words": 2.5}, ValueError, "words is 2.5"),
        (TEA, {"words": True}, ValueError, "words is True"),
        (TEA, {"words": 10, "overlap": 10}, ValueError, "overlap is 10 and words is 10; give an overlap from 0 to 9"),
        (TEA, {"overlap": -1}, ValueError, "overlap is -1"),
        (TEA, {"overlap": 1.5}, ValueError, "overlap is 1.5 and words is 120; give an overlap from 0 to 119"),
        (TEA, {"overlap": True}, ValueError, "overlap is True"),
    ],
)
def test_what_cannot_be_cut_is_one_clear_error(documents, how, error, message):
    with pytest.raises(error, match=re.escape(message)):
        corpora.chunks(documents, **how)


@pytest.mark.parametrize(
    "text, words, overlap, passages",
    [
        # a paragraph that fits exactly into what is left stays; one that does not begins a new passage, whole
        ("One two three.\n\nFour five six.", 6, 0, ["One two three. Four five six."]),
        ("One two three.\n\nFour five. Six seven.", 6, 0, ["One two three.", "Four five. Six seven."]),
        # all but the first sentence may be repeated, in order
        ("One. Two. Three. Four.", 3, 2, ["One. Two. Three.", "Two. Three. Four."]),
        # what is repeated leaves room for the paragraph that follows, if that fits into a passage
        (
            "One two. Three four five.\n\nSix seven. Eight nine.",
            6,
            3,
            ["One two. Three four five.", "Six seven. Eight nine."],
        ),
        ("One two. Three.\n\nFour five. Six seven.", 4, 1, ["One two. Three.", "Four five. Six seven."]),
        # of a paragraph that is longer than a passage, for its first sentence
        (
            "One two. Three four.\n\nFive six. Seven eight nine ten.",
            5,
            2,
            ["One two. Three four.", "Three four. Five six.", "Seven eight nine ten."],
        ),
        # for the next sentence of a paragraph
        ("One. Two three. Four five six.", 4, 3, ["One. Two three.", "Four five six."]),
        # and for a heading with the sentence behind it
        ("One two.\n\n# Tea\n\nWarm it. Pour.", 4, 2, ["One two.", "# Tea Warm it.", "Pour."]),
    ],
)
def test_a_passage_begins_and_repeats_what_a_reader_would_expect(text, words, overlap, passages):
    assert cut(text, words=words, overlap=overlap).text.tolist() == passages


def test_without_a_word_about_it_a_passage_has_at_most_120_words():
    assert [len(text.split()) for text in cut("tea " * 121).text] == [120, 1]
