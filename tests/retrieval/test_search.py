"""Finding and re-ranking: on cases small enough to work out by hand."""

import numpy as np
import pandas as pd
import pytest

from bxe import corpora, load_bi_encoder, retrieval

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


@pytest.mark.parametrize("blank", ["", "  \n", None, float("nan")])
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


def test_an_empty_passage_is_searched_like_any_other_and_never_comes_first(model):
    with_empty = pd.concat([pd.Series({"p0": ""}), PASSAGES])
    run = retrieval.retrieve(model, QUERIES, with_empty, top_k=4)
    assert [retrieval.ranking(run, query)[0] for query in QUERIES.index] == ["p1", "p2"]
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
