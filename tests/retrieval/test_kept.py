"""What is kept on disk: computed once, found again, and never taken for something else."""

import copy
import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import numpy as np
import pandas as pd
import pytest
import torch
from sentence_transformers import SentenceTransformer

from bxe import load_bi_encoder, load_cross_encoder, load_multi_vector_encoder, retrieval
from bxe.retrieval import kept

PASSAGES = pd.Series(
    {"p1": "The harbour was closed by ice.", "p2": "Bread dough rises.", "p3": "They tuned to the oboe."}
)
QUERIES = pd.Series({"q1": "frost in the port", "q2": "dough"})
RUN = {"q1": {"p1": 0.9, "p2": 0.8}, "q2": {"p2": 0.7}}


@pytest.fixture(scope="module")
def model():
    return load_bi_encoder(device="cpu")


@pytest.fixture(scope="module")
def cross():
    return load_cross_encoder(device="cpu")


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("BXE_CACHE", str(tmp_path))
    return tmp_path / "kept"


@pytest.fixture
def computed(model, cross, monkeypatch):
    """The texts and pairs that the models really read."""
    read = []
    for owner, method in ((SentenceTransformer, "encode"), (type(cross), "predict")):
        original = getattr(owner, method)

        def noted(self, inputs, *args, _original=original, **options):
            read.extend(inputs)
            return _original(self, inputs, *args, **options)

        monkeypatch.setattr(owner, method, noted)
    return read


def test_each_text_is_embedded_once_whatever_the_others_are(model, cache, computed, capsys):
    first = retrieval.embed(model, PASSAGES)
    np.testing.assert_array_equal(retrieval.embed(model, PASSAGES[::-1]), first[::-1])
    retrieval.embed(model, pd.concat([PASSAGES, pd.Series({"p4": "A new one."})]))
    assert sorted(computed) == sorted([*PASSAGES, "A new one."])
    assert capsys.readouterr().out == ""
    computed.clear()
    np.testing.assert_allclose(first, model.encode(PASSAGES.tolist()), atol=1e-5)


def test_each_pair_is_read_once_and_has_the_models_own_score(cross, cache, computed):
    scores = retrieval.score(cross, RUN, QUERIES, PASSAGES)
    again = retrieval.score(cross, {"q2": {"p2": 1.0, "p1": 0.5}}, QUERIES, PASSAGES)
    assert len(computed) == 4 and again["q2"]["p2"] == scores["q2"]["p2"]
    assert scores["q1"]["p1"] == pytest.approx(float(cross.predict((QUERIES["q1"], PASSAGES["p1"]))), abs=1e-4)
    assert {query: set(found) for query, found in scores.items()} == {q: set(found) for q, found in RUN.items()}


def test_the_bounds_between_texts_count(model, cache, computed):
    assert len(retrieval.embed(model, pd.Series(["one", "two"]))) == 2
    assert len(retrieval.embed(model, pd.Series(["one\0two"]))) == 1
    assert computed[-1] == "one\0two"


def test_the_same_words_cut_elsewhere_are_another_pair(cross, cache, computed):
    texts = pd.Series({"a": "ice in the", "b": "ice in", "c": "port", "d": "the port"})
    retrieval.score(cross, {"a": {"c": 0}, "b": {"d": 0}}, texts, texts)
    assert len(computed) == 2


def test_one_changed_byte_of_the_weights_is_a_miss(cache, computed):
    model = load_bi_encoder(device="cpu")
    first = retrieval.embed(model, PASSAGES)
    weights = next(model.parameters()).data.flatten().view(torch.uint8)
    weights[0] ^= 1
    retrieval.embed(model, PASSAGES)
    assert len(computed) == 2 * len(PASSAGES)
    weights[0] ^= 1
    np.testing.assert_array_equal(retrieval.embed(model, PASSAGES), first)
    assert len(computed) == 2 * len(PASSAGES)


@pytest.mark.parametrize(
    ("name", "value"), [("max_seq_length", 5), ("default_prompt_name", "document"), ("prompts", {"document": "say: "})]
)
def test_other_settings_are_a_miss(cache, computed, name, value):
    model = load_bi_encoder(device="cpu")
    model.prompts = {"document": "passage: ", "query": ""}
    retrieval.embed(model, PASSAGES)
    setattr(model, name, value)
    retrieval.embed(model, PASSAGES)
    assert len(computed) == 2 * len(PASSAGES)


def test_reading_something_changes_no_name(cache):
    model = load_bi_encoder(device="cpu")
    before = kept.fingerprint(model)
    model.encode(["a text", "another one, which is longer"])
    assert kept.fingerprint(model) == before


def test_another_tokenizer_is_a_miss(cache):
    model = load_bi_encoder(device="cpu")
    before = kept.fingerprint(model)
    model.tokenizer.add_tokens(["harbourmaster"])
    assert kept.fingerprint(model) != before


def test_another_precision_is_a_miss(cross, cache, computed):
    scores = retrieval.score(cross, RUN, QUERIES, PASSAGES)
    coarse = retrieval.score(load_cross_encoder(device="cpu", precision="bfloat16"), RUN, QUERIES, PASSAGES)
    assert len(computed) == 6 and coarse != scores


def test_queries_and_passages_are_kept_apart(cache, computed):
    model = load_bi_encoder(device="cpu")
    model.prompts = {"document": "passage: ", "query": "query: "}
    same = pd.Series({"a": "the port"})
    retrieval.retrieve(model, same, same)
    assert len(computed) == 2


def test_a_damaged_row_is_told_and_computed_again(model, cache, capsys):
    first = retrieval.embed(model, PASSAGES)
    (path,) = cache.iterdir()
    with closing(sqlite3.connect(path)) as shelf, shelf:
        key, row = shelf.execute("SELECT key, row FROM kept LIMIT 1").fetchone()
        shelf.execute("UPDATE kept SET row = ? WHERE key = ?", (bytes([row[0] ^ 1]) + row[1:], key))
    np.testing.assert_allclose(retrieval.embed(model, PASSAGES), first, atol=1e-6)  # alone it is padded otherwise
    assert "1 kept rows are damaged and are computed again" in capsys.readouterr().out
    np.testing.assert_allclose(retrieval.embed(model, PASSAGES), first, atol=1e-6)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("damage", [lambda whole: b"no database " * 400, lambda whole: whole[: len(whole) // 2]])
def test_a_damaged_file_is_built_again(model, cache, capsys, damage):
    first = retrieval.embed(model, PASSAGES)
    (path,) = cache.iterdir()
    path.write_bytes(damage(path.read_bytes()))
    np.testing.assert_allclose(retrieval.embed(model, PASSAGES), first, atol=1e-6)
    assert "damaged" in capsys.readouterr().out
    np.testing.assert_allclose(retrieval.embed(model, PASSAGES), first, atol=1e-6)
    assert capsys.readouterr().out == ""


def test_a_cache_that_cannot_be_written_is_told_and_done_without(model, tmp_path, monkeypatch, capsys):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("BXE_CACHE", str(tmp_path / "file"))
    assert retrieval.embed(model, PASSAGES).shape == (3, 384)
    assert "cannot be used" in capsys.readouterr().out


def test_an_interruption_loses_one_piece_at_most(model, cache, monkeypatch, computed):
    monkeypatch.setattr(kept, "PIECE", 2)
    texts, original, calls = pd.Series([f"text number {n}" for n in range(6)]), SentenceTransformer.encode, []

    def stop_at_the_second(self, inputs, *args, **options):
        calls.append(inputs)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return original(self, inputs, *args, **options)

    monkeypatch.setattr(SentenceTransformer, "encode", stop_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        retrieval.embed(model, texts)
    retrieval.embed(model, texts)
    assert [len(inputs) for inputs in calls] == [2, 2, 2, 2]  # the second and fourth texts of the first call, once more


def test_two_may_fill_the_same_file_at_once(model, cache, capsys):
    texts = pd.Series([f"text {number}" for number in range(150)])
    with ThreadPoolExecutor(4) as pool:
        arrays = list(pool.map(lambda _: retrieval.embed(model, texts), range(4)))
    assert all(np.allclose(array, arrays[0], atol=1e-6) for array in arrays)
    assert len(list(cache.glob("*.sqlite"))) == 1 and capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("texts", "message"),
    [([], "there is no text; give at least one"), (["a", None], "text 1 is None; a str is expected")],
)
def test_what_cannot_be_embedded_is_one_clear_error(model, cache, texts, message):
    with pytest.raises(ValueError, match=message):
        retrieval.embed(model, pd.Series(texts, dtype=object))


def test_an_id_without_a_text_is_named(cross, cache):
    with pytest.raises(KeyError, match="p9"):
        retrieval.score(cross, {"q1": {"p9": 1.0}}, QUERIES, PASSAGES)


class Small(torch.nn.Module):
    """A model of one weight, by which its vectors are kept."""

    max_seq_length, tokenizer = 8, None

    def __init__(self, weight):
        super().__init__()
        self.weight, self.read = torch.nn.Parameter(torch.tensor([weight])), []

    def __iter__(self):
        return iter(())

    def encode_document(self, texts, batch_size, show_progress_bar):
        self.read += texts
        return np.array([[len(text) * self.weight.item()] for text in texts])


def test_vectors_of_other_weights_are_others(cache):
    one, other = Small(1.0), Small(2.0)
    assert retrieval.embed(one, ["tea"]) == 3 and retrieval.embed(other, ["tea"]) == 6
    assert retrieval.embed(one, ["tea"]) == 3 and (one.read, other.read) == (["tea"], ["tea"])


def test_what_is_kept_has_the_rights_of_the_umask(cache):
    for mask, rights in ((0o002, 0o664), (0o077, 0o600)):
        before = os.umask(mask)
        try:
            retrieval.embed(Small(float(mask)), ["tea"])
        finally:
            os.umask(before)
        assert rights in {path.stat().st_mode & 0o777 for path in cache.iterdir()}


def test_a_file_of_somebody_else_is_told_as_not_readable_and_left_alone(cache, monkeypatch, capsys):
    def refused(*args, **options):
        raise sqlite3.OperationalError("unable to open database file")

    retrieval.embed(Small(1.0), ["tea"])
    (path,) = cache.iterdir()
    before = path.read_bytes()
    monkeypatch.setattr(sqlite3, "connect", refused)
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert retrieval.embed(Small(1.0), ["tea"]) == 3
    assert capsys.readouterr().out == f"{path} cannot be used (not readable); results are not kept\n"
    assert path.read_bytes() == before


def test_a_file_that_an_interruption_left_empty_is_filled(cache, capsys):
    retrieval.embed(Small(1.0), ["tea"])
    (path,) = cache.iterdir()
    path.write_bytes(b"")
    retrieval.embed(Small(1.0), ["tea"])
    assert "is built again" in capsys.readouterr().out
    again = Small(1.0)
    assert retrieval.embed(again, ["tea"]) == 3 and again.read == []


def test_texts_that_a_model_cannot_read_are_told_before_their_scores(cross, cache, capsys):
    retrieval.score(cross, {"q1": {"p1": 1.0}}, QUERIES, PASSAGES.replace(PASSAGES["p1"], "\u200b"))
    assert "passages" in (out := capsys.readouterr().out) and "their scores mean nothing" in out


def test_a_text_that_the_run_names_and_nobody_gives_is_named(cross):
    with pytest.raises(KeyError, match="query q9"):
        retrieval.score(cross, {"q9": {"p1": 1.0}}, QUERIES, PASSAGES)
    for texts, word in ((pd.Series(["a", "b"], ["q1", "q1"]), "query"), (QUERIES, "passage")):
        twice = pd.Series(["a", "b"], ["p1", "p1"]) if word == "passage" else PASSAGES
        with pytest.raises(ValueError, match=word):
            retrieval.score(cross, {"q1": {"p1": 1.0}}, texts, twice)


def test_texts_that_are_read_apart_are_encoded_once_and_scored_by_the_models_similarity(cache, monkeypatch):
    late = load_multi_vector_encoder(device="cpu")
    read, original = [], type(late).encode

    def noted(self, inputs, *args, **options):
        read.extend(inputs)
        return original(self, inputs, *args, **options)

    monkeypatch.setattr(type(late), "encode", noted)
    run = {"q1": dict.fromkeys(PASSAGES.index, 0.5), "q2": {"p2": 0.7}}
    scores = retrieval.score(late, run, QUERIES, PASSAGES)
    assert sorted(read) == sorted([*PASSAGES, *QUERIES]) and retrieval.score(late, run, QUERIES, PASSAGES) == scores
    tokens = late.encode_query(QUERIES["q2"]), late.encode_document(PASSAGES["p2"])
    by_hand = (tokens[0] @ tokens[1].T).max(1).values.mean().item()
    assert scores["q2"]["p2"] == pytest.approx(by_hand, abs=1e-5)
    assert next(iter(retrieval.rerank(late, run, QUERIES, PASSAGES)["q1"])) == "p1"


def test_a_pairs_cosine_and_its_maxsim_are_kept_apart(model, cache):
    late = load_multi_vector_encoder(device="cpu")
    cosine, maxsim = (retrieval.score(m, RUN, QUERIES, PASSAGES)["q2"]["p2"] for m in (model, late))
    assert cosine == pytest.approx(model.similarity(*model.encode([QUERIES["q2"], PASSAGES["p2"]])).item(), abs=1e-5)
    assert abs(cosine - maxsim) > 0.01
    late.similarity_fn_name = "maxsim"
    summed = retrieval.score(late, RUN, QUERIES, PASSAGES)["q2"]["p2"]
    assert summed == pytest.approx(maxsim * len(late.encode_query(QUERIES["q2"])), rel=1e-4)


def test_a_model_that_looks_up_takes_what_the_model_takes(model, cache):
    looked = retrieval.Kept(retrieval.Kept(model))
    np.testing.assert_allclose(looked.encode_query("tea"), model.encode_query("tea"), atol=1e-5)
    assert looked.encode_query([]).shape == looked.encode_document([]).shape == (0, 384)
    tensor = looked.encode_document(["tea"], convert_to_tensor=True, normalize_embeddings=True, prompt=None)
    assert torch.is_tensor(tensor) and tensor.shape == (1, 384)
    for changing in ({"truncate_dim": 10}, {"prompt": "query: "}, {"prompt_name": "query"}, {"precision": "int8"}):
        with pytest.raises(TypeError, match=f"vectors that {next(iter(changing))} changes are not kept"):
            looked.encode_query(["tea"], **changing)


def test_a_model_that_looks_up_normalizes_as_the_model_does(cache):
    looked = retrieval.Kept(Small(3.0))
    assert looked.encode_document(["tea"]) == 9 and looked.encode_document(["tea"], normalize_embeddings=True) == 1


def test_a_model_that_looks_up_is_one_for_every_function(model, cache):
    looked = copy.deepcopy(retrieval.Kept(model))
    assert isinstance(looked, retrieval.Kept) and looked.model is not model
    np.testing.assert_array_equal(retrieval.embed(looked, PASSAGES), retrieval.embed(model, PASSAGES))
    assert retrieval.retrieve(looked, QUERIES, PASSAGES) == retrieval.retrieve(model, QUERIES, PASSAGES)
    assert retrieval.score(looked, RUN, QUERIES, PASSAGES) == retrieval.score(model, RUN, QUERIES, PASSAGES)
