"""Finding and re-ranking: on cases small enough to work out by hand."""

import string

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bxe import corpora, load_bi_encoder, load_cross_encoder, retrieval
from bxe.retrieval.texts import shortened, unreadable

PASSAGES = pd.Series(
    {
        "p1": "The harbour was closed by ice for three weeks.",
        "p2": "Bread dough rises faster in a warm kitchen.",
        "p3": "The orchestra tuned to the oboe before the concert.",
    }
)
QUERIES = pd.Series({"q1": "How long did the frost keep ships out of port?", "q2": "dough in a warm kitchen"})


class FakeCrossEncoder:
    """Scores a pair by the length of its passage, so that the right order is known."""

    def __init__(self):
        self.read = []

    def predict(self, pairs, batch_size, show_progress_bar):
        self.read += pairs
        return np.array([float(len(passage)) for _, passage in pairs])


class FakeBiEncoder:
    """A vector for any text, by its letters."""

    def encode(self, texts, batch_size, show_progress_bar):
        for text in texts:
            text.encode()  # as a tokenizer does, which takes no lone surrogate
        return np.array([[text.count(letter) + 0.1 for letter in "abc "] for text in texts], dtype=np.float32)

    encode_query = encode_document = encode


@pytest.fixture(scope="module")
def model():
    return load_bi_encoder(device="cpu")


def test_retrieve_finds_by_meaning_and_returns_top_k(model):
    run = retrieval.retrieve(model, QUERIES, PASSAGES, top_k=2)
    assert [retrieval.ranking(run, query)[0] for query in QUERIES.index] == ["p1", "p2"]
    assert all(len(found) == 2 for found in run.values())


def test_retrieve_takes_embeddings_at_hand(model):
    vectors = model.encode(PASSAGES.tolist())
    assert retrieval.retrieve(model, QUERIES, PASSAGES, top_k=3, embeddings=vectors) == retrieval.retrieve(
        model, QUERIES, PASSAGES, top_k=3
    )
    with pytest.raises(ValueError, match="2 rows for 3 passages"):
        retrieval.retrieve(model, QUERIES, PASSAGES, embeddings=vectors[:2])


def test_bm25_returns_only_what_shares_a_word():
    run = retrieval.retrieve_bm25(QUERIES, PASSAGES, top_k=3)
    assert list(run["q2"]) == ["p2"]


def test_bm25_without_any_hit_returns_nothing():
    assert retrieval.retrieve_bm25(pd.Series({"q": "zebra"}), PASSAGES) == {"q": {}}


def test_of_equal_bm25_scores_the_earlier_passage_comes_first():
    same = pd.Series({f"p{at}": "Bread rises because yeast makes gas." for at in range(40)})
    assert list(retrieval.retrieve_bm25(pd.Series({"q": "yeast"}), same, top_k=3)["q"]) == ["p0", "p1", "p2"]


@pytest.mark.parametrize("blank", ["", "  \n", None, float("nan"), "\u200b", "\ufeff \u200d", "\x00", "\ud800"])
def test_a_blank_query_is_named(model, blank):
    asked = pd.Series({"q1": "bread", "q9": blank}, dtype=object)
    for search in (
        lambda: retrieval.retrieve(model, asked, PASSAGES),
        lambda: retrieval.retrieve_bm25(asked, PASSAGES),
    ):
        with pytest.raises(ValueError, match="query q9 is blank"):
            search()


@pytest.mark.parametrize(
    ("queries", "passages", "top_k", "message"),
    [
        (QUERIES, PASSAGES[:0], 1, "there is no passage; give at least one"),
        (QUERIES[:0], PASSAGES, 1, "there is no query"),
        (QUERIES, PASSAGES, 0, "top_k is 0"),
        (
            QUERIES,
            pd.Series({"p1": "water", "p2": float("nan")}, dtype=object),
            1,
            "passage p2 is nan; a str is expected",
        ),
        (QUERIES, pd.Series(["water", "wine"], index=["p1", "p1"]), 1, "passage p1 is there twice"),
        (pd.Series(["water", "wine"], index=["q1", "q1"]), PASSAGES, 1, "query q1 is there twice"),
    ],
)
def test_what_cannot_be_searched_is_one_clear_error(model, queries, passages, top_k, message):
    for search in (
        lambda: retrieval.retrieve(model, queries, passages, top_k=top_k),
        lambda: retrieval.retrieve_bm25(queries, passages, top_k=top_k),
    ):
        with pytest.raises(ValueError, match=message):
            search()


def test_an_empty_passage_is_left_out_and_told(model, capsys):
    with_empty = pd.concat([pd.Series({"p0": ""}), PASSAGES])
    run = retrieval.retrieve(model, QUERIES, with_empty, top_k=4)
    assert [list(retrieval.ranking(run, query)[:1]) for query in QUERIES.index] == [["p1"], ["p2"]]
    assert all("p0" not in found and len(found) == 3 for found in run.values())
    assert capsys.readouterr().out == "The model knows no word in 1 of 4 passages, such as p0: they are left out\n"
    assert all("p0" not in found for found in retrieval.retrieve_bm25(QUERIES, with_empty).values())


def test_bm25_finds_nothing_among_stop_words_alone():
    assert retrieval.retrieve_bm25(QUERIES, pd.Series({"p": "of the"})) == {"q1": {}, "q2": {}}
    assert retrieval.retrieve_bm25(pd.Series({"q": "what is the ...?"}), PASSAGES) == {"q": {}}


def test_texts_of_ones_own_are_searched_through_the_same_helpers(model, tmp_path, monkeypatch):
    monkeypatch.setenv("BXE_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "tea.txt").write_text("Green tea: pour at 80 degrees.\n\nBlack tea: boiling water.", encoding="utf-8")
    (folder / "bikes.md").write_text("The chain wants oil after rain.", encoding="utf-8")
    (folder / "empty.txt").write_text("", encoding="utf-8")
    own = corpora.from_folder(folder).set_index("passage_id").text
    queries = pd.Series({"q1": "how hot for sencha?", "q2": "bicycle care"})
    run = retrieval.retrieve(model, queries, own, top_k=1, embeddings=retrieval.embed(model, own))
    assert {query: list(found) for query, found in run.items()} == {"q1": ["tea.txt#1"], "q2": ["bikes.md#1"]}


def test_rerank_reads_the_first_top_k_only_and_keeps_the_rest_behind_them():
    run = {"q1": {"p1": 0.9, "p2": 0.8, "p3": 0.1}, "q2": {}}
    cross = FakeCrossEncoder()
    reranked = retrieval.rerank(cross, run, QUERIES, PASSAGES, top_k=2)
    assert {passage for _, passage in cross.read} == {PASSAGES["p1"], PASSAGES["p2"]}
    assert retrieval.ranking(reranked, "q1") == ["p1", "p2", "p3"] and reranked["q2"] == {}
    assert reranked["q1"]["p1"] == len(PASSAGES["p1"]) and reranked["q1"]["p2"] == len(PASSAGES["p2"])


def test_rerank_of_nothing_is_nothing():
    assert retrieval.rerank(FakeCrossEncoder(), {"q1": {}}, QUERIES, PASSAGES) == {"q1": {}}


def test_rerank_of_no_candidate_is_refused():
    with pytest.raises(ValueError, match="top_k is 0"):
        retrieval.rerank(FakeCrossEncoder(), {"q1": {"p1": 1.0}}, QUERIES, PASSAGES, top_k=0)


# Texts of which all-MiniLM-L6-v2 knows no word: nothing, nothing that is seen, scripts and symbols that it never saw.
UNREADABLE = ["", "\u200b", "\ufffd", "你好", "您好", "สวัสดี", "😀", "a" * 101, "\ud800"]


@pytest.mark.parametrize("own", [False, True])
def test_passages_that_the_model_cannot_read_are_left_out_and_told_in_one_line(model, capsys, own):
    names = [f"u{at}" for at in range(len(UNREADABLE))] + list(PASSAGES.index)
    texts = pd.Series([*UNREADABLE, *PASSAGES], names, dtype=object)  # beside pyarrow, str takes no lone surrogate
    given = {"embeddings": retrieval.embed(model, texts)} if own else {}
    assert ("9 of 12 texts, such as u0, u1, u2: their vectors mean nothing" in capsys.readouterr().out) == own
    run = retrieval.retrieve(model, pd.Series({"q": "hello", "r": "dough"}), texts, top_k=20, **given)
    assert all(sorted(found) == ["p1", "p2", "p3"] for found in run.values()) and list(run["r"])[0] == "p2"
    told = "The model knows no word in 9 of 12 passages, such as u0, u1, u2: they are left out\n"
    assert capsys.readouterr().out == told


def test_a_query_that_the_model_cannot_read_finds_nothing_and_is_told(model, capsys):
    run = retrieval.retrieve(model, pd.Series({"q1": "你好", "q2": "dough"}), PASSAGES)
    assert run["q1"] == {} and len(run["q2"]) == 3
    assert capsys.readouterr().out == "The model knows no word in 1 of 2 queries, such as q1: they find nothing\n"
    assert retrieval.retrieve(model, QUERIES, pd.Series({"p": ""})) == {"q1": {}, "q2": {}}


@pytest.mark.parametrize(
    "text", ["résumé", "C?", "3", "naïve Zürich", "你 is you", "don't", "x" * 100, "www.example.org"]
)
def test_what_the_model_reads_in_part_is_not_told(model, capsys, text):
    assert unreadable(model, [("p", text)], "texts", "") == set()
    assert capsys.readouterr().out == ""


def test_a_lone_surrogate_is_replaced_and_the_rest_is_read(model):
    whole, broken = retrieval.embed(model, ["green tea", "green tea\ud800"])
    assert whole @ broken > 0.99
    passages = {"p": "green\udfff tea", "\ud800": "rain"}
    assert list(retrieval.retrieve(FakeBiEncoder(), {"\udc00": "tea\ud800"}, passages)) == ["\udc00"]
    assert list(retrieval.retrieve_bm25({"q": "tea\ud800"}, passages)["q"]) == ["p"]
    assert retrieval.rerank(FakeCrossEncoder(), {"q": {"p": 1.0}}, {"q": "tea\ud800"}, passages)["q"] == {"p": 10.0}


def test_of_equal_cosines_the_earlier_passage_comes_first():
    same = pd.Series({f"p{at}": "Bread rises because yeast makes gas." for at in range(5)})
    run = retrieval.retrieve(FakeBiEncoder(), QUERIES, same)
    for found in run.values():
        assert list(found) == sorted(found, key=lambda passage: (-found[passage], passage))


@pytest.mark.parametrize("query", ["is it?", "R", "C?", "3", "😀", "?", "。"])
def test_bm25_finds_nothing_for_a_query_without_a_word(query):
    assert retrieval.retrieve_bm25(pd.Series({"q": query}), PASSAGES) == {"q": {}}
    assert list(retrieval.retrieve_bm25(pd.Series({"q": query, "r": "dough"}), PASSAGES)["r"]) == ["p2"]


@pytest.mark.parametrize("queries", [["dough"], ("dough",), np.array(["dough"]), pd.Index(["dough"]), {0: "dough"}])
def test_a_list_of_texts_has_its_positions_as_ids(queries):
    model, passages = FakeBiEncoder(), list(PASSAGES)
    assert len(retrieval.retrieve(model, queries, passages, top_k=np.int64(1))[0]) == 1
    assert list(retrieval.retrieve_bm25(queries, passages)[0]) == [1]
    assert list(retrieval.rerank(FakeCrossEncoder(), {0: {2: 1.0, 1: 0.5}}, queries, passages)[0]) == [2, 1]
    assert retrieval.embed(model, passages).shape == (3, 4)


TABLE = PASSAGES.rename_axis("passage_id").reset_index(name="text")


@pytest.mark.parametrize("other", [TABLE, "rain", b"rain", None, 3], ids=lambda other: type(other).__name__)
def test_texts_are_given_as_a_series_or_told(other):
    message = f"is a {type(other).__name__}; give a Series of texts, indexed by id, such as table.set_index"
    for call in (
        lambda: retrieval.retrieve(None, QUERIES, other),
        lambda: retrieval.retrieve(None, other, PASSAGES),
        lambda: retrieval.retrieve_bm25(other, PASSAGES),
        lambda: retrieval.embed(None, other),
        lambda: retrieval.rerank(None, {"q1": {"p1": 1.0}}, QUERIES, other),
    ):
        with pytest.raises(TypeError, match=message):
            call()


@pytest.mark.parametrize(
    ("queries", "passages", "options", "message"),
    [
        (pd.Series({"q": b"dough"}), PASSAGES, {}, "query q is b'dough'; a str is expected"),
        (QUERIES, PASSAGES, {"top_k": 2.0}, "top_k is 2.0; give a whole number"),
        (QUERIES, pd.Series(["a", "b"], [float("nan"), 1]), {}, "passage 'a' has no id but nan"),
        (QUERIES, PASSAGES, {"embeddings": np.ones((3, 5))}, "5 numbers for a passage, and the model makes 4"),
        (QUERIES, PASSAGES, {"embeddings": np.ones(3)}, "embeddings is not an array"),
        (QUERIES, PASSAGES, {"embeddings": np.full((3, 4), np.nan)}, "embeddings is not an array"),
        (QUERIES, PASSAGES, {"embeddings": ["a", "b", "c"]}, "embeddings is not an array"),
        (QUERIES, PASSAGES, {"embeddings": 3}, "embeddings is not an array"),
    ],
)
def test_what_else_cannot_be_searched_is_one_clear_error(queries, passages, options, message):
    with pytest.raises(ValueError, match=message):
        retrieval.retrieve(FakeBiEncoder(), queries, passages, **options)


@pytest.mark.parametrize(
    ("run", "passages", "message"),
    [
        ({"q1": {"p9": 1.0}}, PASSAGES, "the run names passage p9, which has no text"),
        ({"q9": {"p1": 1.0}}, PASSAGES, "the run names query q9, which has no text"),
        ({"q1": {"p1": float("nan")}}, PASSAGES, "the score of p1 for query q1 is nan"),
        ({"q1": ["p1"]}, PASSAGES, "the run has a list for query q1"),
        ({"q1": {"p1": 1.0}}, pd.Series(["a", "b"], ["p1", "p1"]), "passage p1 is there twice"),
        ({"q1": {"p1": 1.0}}, pd.Series(["a", "b"], ["p1", None]), "passage 'b' has no id"),
    ],
)
def test_what_cannot_be_reranked_is_one_clear_error(run, passages, message):
    for call in (retrieval.rerank, retrieval.score):
        with pytest.raises((ValueError, TypeError, KeyError), match=message):
            call(FakeCrossEncoder(), run, QUERIES, passages)


# ---------------------------------------------------------------- very long texts


@pytest.fixture(scope="module")
def cross():
    return load_cross_encoder(device="cpu")


def long(words, seed, alphabet=string.ascii_lowercase):
    rng = np.random.default_rng(seed)
    return " ".join("".join(rng.choice(list(alphabet), size=rng.integers(1, 12))) for _ in range(words))


@pytest.mark.parametrize("sizes", [(500, 900), (900, 500), (700, 700), (600, 50), (50, 600), (350, 340)])
def test_a_pair_of_long_texts_is_cut_at_words_and_reads_the_same(cross, sizes):
    for seed, alphabet in enumerate((string.ascii_lowercase, string.ascii_lowercase + ".,-", "aé你b ß")):
        pair = long(sizes[0], seed, alphabet), long(sizes[1], seed + 9, alphabet)
        short = shortened(cross, pair)
        assert all(whole.startswith(part) for whole, part in zip(pair, short))
        whole, part = (cross[0].preprocess([texts])["input_ids"].tolist() for texts in (pair, short))
        assert whole == part
        if min(map(len, pair)) > 1024:
            assert all(len(part) < len(whole) for whole, part in zip(pair, short) if len(whole) > 4000)
    same = long(700, 1)
    assert shortened(cross, ("short", same)) == ("short", same)


def test_reranking_cuts_very_long_texts_before_they_are_paired(cross):
    class Reader(FakeCrossEncoder):
        tokenizer, max_seq_length = cross.tokenizer, 256

    reader, text = Reader(), "word " * 50_000
    retrieval.rerank(reader, {"q": {"p": 1.0}}, {"q": text}, {"p": text})
    assert all(len(part) < 1_500 for part in reader.read[0])


# ---------------------------------------------------------------- anything at all


TEXTS = st.one_of(
    st.text(st.characters(), max_size=20), st.sampled_from([None, float("nan"), b"x", 3, "a b", "c?", "the"])
)
IDS = st.one_of(st.text(st.characters(), max_size=2), st.integers(), st.floats(), st.none(), st.tuples(st.integers()))
NAMED = st.one_of(
    st.dictionaries(IDS, TEXTS, max_size=4),
    st.lists(TEXTS, max_size=4),
    st.lists(st.tuples(IDS, TEXTS), max_size=4).map(
        lambda rows: pd.Series(
            [text for _, text in rows],
            pd.Index([at for at, _ in rows], dtype=object, tupleize_cols=False),
            dtype=object,
        )
    ),
    st.sampled_from(["text", b"text", None, pd.DataFrame({"text": ["a"]})]),
)
ERRORS = ("is blank", "a str is expected", "there is no", "is there twice", "has no id", "give a Series", "top_k is")


@given(NAMED, NAMED, st.one_of(st.integers(-1, 9), st.just(10**30), st.floats(), st.none()))
@settings(max_examples=80, deadline=None)
def test_any_texts_are_searched_or_are_one_clear_error(queries, passages, top_k):
    model = FakeBiEncoder()
    for search in (
        lambda: retrieval.retrieve(model, queries, passages, top_k=top_k),
        lambda: retrieval.retrieve_bm25(queries, passages, top_k=top_k),
    ):
        try:
            run = search()
            again = retrieval.rerank(FakeCrossEncoder(), run, queries, passages)
        except (ValueError, TypeError) as error:
            assert any(part in str(error) for part in ERRORS)
        else:
            assert len(run) == len(queries) and again.keys() == run.keys()
            assert all(len(found) <= min(top_k, len(passages)) for found in run.values())


@given(NAMED)
@settings(max_examples=60, deadline=None)
def test_any_texts_are_embedded_or_are_one_clear_error(texts):
    try:
        assert retrieval.embed(FakeBiEncoder(), texts).shape == (len(texts), 4)
    except (ValueError, TypeError) as error:
        assert any(part in str(error) for part in ERRORS)


def test_bm25_returns_the_best_and_leaves_stop_words_out(capfd):
    passages = pd.Series({f"p{n}": "dough " * n + "tea " * (9 - n) for n in range(1, 9)})
    passages["other"] = "is it the same as that"
    passages["another"] = "rain"
    found = retrieval.retrieve_bm25(pd.Series({"q": "the dough"}), passages, top_k=3)["q"]
    assert list(found) == ["p8", "p7", "p6"] and "other" not in found
    assert list(found.values()) == sorted(found.values(), reverse=True)
    assert retrieval.retrieve_bm25(pd.Series({"q": "is it the"}), passages)["q"] == {}
    assert capfd.readouterr() == ("", "")
