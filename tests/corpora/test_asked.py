"""Questions of one's own: read whole, each answer found in a document, and what is wrong with a file told in one line."""

import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bxe import corpora

DOCUMENTS = pd.Series({"tea.md": "Warm the pot.\n\nPour at\n80 degrees, then wait."})


def written(folder, content):
    path = folder / "questions.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_questions_come_with_the_answers_that_stand_in_the_texts(tmp_path):
    content = 'question,answer\n"hot, or how hot?",at  80 degrees\n\nwith milk?,\n'
    found = corpora.questions_in(written(tmp_path, content), DOCUMENTS)
    assert found.columns.tolist() == ["question_id", "text", "answer"]
    assert found.values.tolist() == [["q1", "hot, or how hot?", "at 80 degrees"], ["q3", "with milk?", ""]]


def test_columns_may_stand_in_any_order_beside_others(tmp_path):
    content = "by,answer,question\r\nIda,Warm the pot.,what first?\r\n"
    found = corpora.questions_in(written(tmp_path, content), DOCUMENTS)
    assert found.values.tolist() == [["q1", "what first?", "Warm the pot."]]


@pytest.mark.parametrize(
    "content, message",
    [
        ("", "cannot be read as CSV"),
        ("text,label\na,b\n", "has the columns text, label; question and answer are missing"),
        ("question;answer\na;b\n", "separated by semicolons: save it with commas"),
        ("question,answer,question\na,,b\n", "two columns named question"),
        ("question,answer\n", "has no question; write one a row"),
        ("question,answer\n,Warm the pot.\n", "row 2 (the first line is row 1) has an answer, but no question"),
        ("question,answer\nhow,\nhow,\n", "asks twice: 'how'"),
        ("question,answer\nhow, so?,\n", "has 3 fields, but the first line names 2; if a comma"),
        ("question,answer\nhow?,at 90 degrees\n", "no document holds the answer to q1: 'at 90 degrees'; copy it"),
        ('question,answer\n"how?,\n', "cannot be read as CSV"),
        ("question;answer\nWhere, exactly, is it?;the pot\n", "its fields are separated by semicolons: save it with"),
        ("question\tanswer\nWhere, exactly?\tthe pot\n", "its fields are separated by tabs: save it with commas"),
        (
            'question,answer\nso?,\n"how?,the pot\nwhy?,\n"who?",the pot\n',
            "row 3 (the first line is row 1) opens a quote",
        ),
        ("question,answer\ncaf\xe9,\n".encode("latin-1"), "is not UTF-8"),
        ("question,answer\nhow,\n".encode("utf-16-le"), "UTF-16"),
    ],
)
def test_a_file_of_questions_that_cannot_be_used_is_one_clear_error(tmp_path, content, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        corpora.questions_in(written(tmp_path, content), DOCUMENTS)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere.csv does not exist"):
        corpora.questions_in(tmp_path / "nowhere.csv", DOCUMENTS)


def test_an_answer_that_a_border_cuts_is_in_no_passage():
    asked = pd.DataFrame({"question_id": ["q1", "q2"], "answer": ["pot. Pour at", ""]})
    assert corpora.quoted(asked, DOCUMENTS).values.tolist() == [["q1", "tea.md", 3]]
    apart = corpora.chunks(DOCUMENTS, words=6).set_index("passage_id").text
    assert corpora.quoted(asked, apart).empty


def test_an_answer_is_whole_words_only_and_what_is_missing_is_none():
    asked = pd.DataFrame({"question_id": ["q1", "q2", "q3"], "answer": ["0 degrees", None, "塩"]})
    assert corpora.quoted(
        asked, pd.Series({"p1": "Pour at 80 degrees.", "p2": "水に塩を入れる。"})
    ).values.tolist() == [["q3", "p2", 3]]


@pytest.mark.parametrize(
    "answer, without",
    [
        ("5 pounds", ["1.5 pounds", "15 pounds", ".5 pounds", "1,5 pounds"]),
        ("500 euros", ["2,500 euros", "1500 euros"]),
        ("80 degrees", ["-80 degrees", "x=-80 degrees", "at \u221280 degrees", "(-80 degrees)"]),
        ("costs 2", ["costs 2,500", "costs 2.5", "costs 20"]),
        ("Кот", ["Который", "Коты"]),
        ("και", ["καιρός"]),
        ("한국", ["한국어"]),
        ("max", ["arg_max", "max_len"]),
        ("cafe", ["the cafe\u0301 is", "the café is"]),
        ("a a", ["xa a"]),
        ("क", ["कि"]),
    ],
)
def test_an_answer_is_not_found_within_other_words_or_numbers(answer, without):
    asked = pd.DataFrame({"question_id": ["q1"], "answer": [answer]})
    assert corpora.quoted(asked, pd.Series(without)).empty
    # Beside what is none it is found where it stands by itself.
    assert len(corpora.quoted(asked, pd.Series([f"{without[0]}, {answer}.", f"({answer})", answer]))) == 3


@pytest.mark.parametrize(
    "answer, text",
    [
        ("80 degrees", "at 10-80 degrees"),
        ("80%", "from 70%\u201380%"),
        ("80 degrees", "in the end.\n80 degrees"),
        ("80", "80."),
        ("19", "COVID-19, say"),
        ("a a", "xa a a"),
        ("café", "the cafe\u0301 is"),
        ("塩", "水に塩を入れる。"),
        ("น้ำ", "ดื่มน้ำร้อน"),
        ("Tee", "日本Teeを"),
    ],
)
def test_an_answer_is_found_where_it_stands_by_itself(answer, text):
    asked = pd.DataFrame({"question_id": ["q1"], "answer": [answer]})
    assert len(corpora.quoted(asked, pd.Series([text]))) == 1


def test_quoted_wants_questions_with_answers():
    with pytest.raises(TypeError, match="questions is a dict; expected a DataFrame with"):
        corpora.quoted({"q1": "how?"}, DOCUMENTS)


def test_quoted_wants_each_passage_once():
    asked = pd.DataFrame({"question_id": ["q1"], "answer": ["the pot"]})
    with pytest.raises(ValueError, match="passage p1 is there twice; each needs an id of its own in the index"):
        corpora.quoted(asked, pd.Series(["Warm the pot.", "Wait."], ["p1", "p1"]))


passages = st.lists(st.sampled_from(["the", "pot", "tea", "milk", "urn", "of", "new"]), min_size=1, max_size=6).map(
    " ".join
)


@given(st.lists(passages, min_size=5, max_size=9), st.integers(1, 3), st.integers(0, 5))
def test_every_word_of_a_known_item_query_stands_in_its_passage(texts, words, seed):
    corpus = pd.Series(texts, [f"p{n}" for n in range(len(texts))])
    able = sum(len(set(text.split())) >= words for text in texts)
    if not able:
        with pytest.raises(ValueError, match="passages have"):
            corpora.known_items(corpus, 1, words=words)
        return
    found = corpora.known_items(corpus, able, words=words, seed=seed)
    assert found.equals(corpora.known_items(corpus, able, words=words, seed=seed))
    assert found.passage_id.is_unique and len(found) == able
    for row in found.itertuples():
        chosen, own = row.text.split(), corpus[row.passage_id].split()
        assert len(chosen) == words and set(chosen) <= set(own)
        rarity = {word: sum(word in text.split() for text in texts) for word in own}
        assert max(rarity[word] for word in chosen) <= min([rarity[w] for w in own if w not in chosen], default=99)


@pytest.mark.parametrize(
    "texts, how, error, message",
    [
        (pd.Series(["tea"] * 4), {"n": 1}, ValueError, "0 of 4 passages have 4 different words"),
        (pd.Series(["a tea pot of the new kind"] * 6), {"n": 7}, ValueError, "6 of 6 passages"),
        (pd.Series(["tea"] * 9), {"n": 1, "seed": -1}, ValueError, "seed is -1; give a whole number of at least 0"),
        (pd.Series(["tea"] * 9), {"n": 0}, ValueError, "n is 0; give a whole number"),
        (pd.Series(["tea"] * 9), {"n": 1, "words": 1.5}, ValueError, "words is 1.5"),
        (["tea"] * 9, {"n": 1}, TypeError, "passages is a list"),
        ({"p1": None}, {"n": 1}, ValueError, "passage p1 is None"),
        (pd.Series(["tea"] * 9, [*range(8), 7]), {"n": 1, "words": 1}, ValueError, "passage 7 is there twice"),
    ],
)
def test_what_gives_no_known_items_is_one_clear_error(texts, how, error, message):
    with pytest.raises(error, match=re.escape(message)):
        corpora.known_items(texts, **how)


def test_each_question_has_a_row_for_each_passage_that_answers_it():
    asked = pd.DataFrame({"question_id": ["q1", "q2"], "answer": ["the pot", "milk"]})
    found = corpora.quoted(asked, pd.Series({"p1": "the pot", "p2": "milk in the pot", "p3": "urn"}))
    assert found.to_dict("list") == {
        "question_id": ["q1", "q1", "q2"],
        "passage_id": ["p1", "p2", "p2"],
        "grade": [3, 3, 3],
    }
    assert corpora.quoted(asked, pd.Series({"p3": "urn"})).columns.tolist() == ["question_id", "passage_id", "grade"]


OWN_WORDS = pd.Series(
    {
        "p1": "urn kettle milk kettle",
        "p2": "the zinc and the amber",
        "p3": "tea tea pot cup",
        "p4": "Oolong oolong sencha matcha",
        "p5": "plum fig",
    }
)


def test_of_equally_rare_words_the_most_frequent_then_the_first_are_asked_for_in_the_passages_order():
    found = corpora.known_items(OWN_WORDS, 5, words=2)
    assert found.columns.tolist() == ["question_id", "text", "passage_id", "grade"]
    assert found.question_id.tolist() == [f"known{number}" for number in range(1, 6)] and set(found.grade) == {3}
    assert found.set_index("passage_id").text.to_dict() == {
        "p1": "urn kettle",  # kettle, since it comes twice, and of the others the first
        "p2": "the zinc",
        "p3": "tea pot",
        "p4": "oolong sencha",
        "p5": "plum fig",
    }


def test_unless_it_is_told_otherwise_the_draw_is_that_of_seed_zero():
    draws = [
        corpora.known_items(OWN_WORDS, 5, words=1, **seed).passage_id.tolist()
        for seed in ({}, {"seed": 0}, {"seed": 1})
    ]
    assert draws[0] == draws[1] != draws[2]
