"""A store: what was committed stays, whoever is killed; and every search is of the model whose vectors it holds."""

import os
import resource
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from datetime import datetime, timezone
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bxe import load_bi_encoder, retrieval
from bxe.retrieval import filling, rows, tables

TEXTS = pd.DataFrame(
    {
        "passage_id": ["p1", "p2", "p3", "p4"],
        "text": [
            "The harbour was closed by ice.",
            "Bread dough rises.",
            "They tuned to the oboe.",
            "Ferries wait for ice.",
        ],
        "package": ["sea", "bread", "music", "sea"],
        "year": [2019, 2020, 2021, None],
    }
)
QUERIES = pd.Series({"q1": "frost in the port", "q2": "dough", "q3": "ices"})


@pytest.fixture(scope="module")
def model():
    return load_bi_encoder(device="cpu")


@pytest.fixture(scope="module")
def other():
    """Another model, since it reads less of a text."""
    other = load_bi_encoder(device="cpu")
    other.max_seq_length = 4
    return other


@pytest.fixture(scope="module")
def filled(tmp_path_factory, model):
    store = retrieval.open_store(tmp_path_factory.mktemp("filled") / "store", model)
    store.add(TEXTS)
    return store.folder


@pytest.fixture
def store(tmp_path, model, filled):
    return retrieval.open_store(shutil.copytree(filled, tmp_path / "store"), model)


@pytest.fixture
def read(model, other, monkeypatch):
    """The passages that the models really read."""
    read = []
    for one in (model, other):
        original = one.encode_document
        monkeypatch.setattr(
            one, "encode_document", lambda texts, _o=original, **given: read.extend(texts) or _o(texts, **given)
        )
    return read


def same(found, expected):
    return {query: list(hits) for query, hits in found.items()} == {
        query: list(hits) for query, hits in expected.items()
    } and all(
        found[query][at] == pytest.approx(expected[query][at], abs=1e-5) for query in found for at in found[query]
    )


def test_by_meaning_it_finds_what_an_exact_search_finds(store, model):
    texts = TEXTS.set_index("passage_id").text
    assert same(store.search(QUERIES, top_k=3), retrieval.retrieve(model, QUERIES, texts, top_k=3))


def test_by_words_it_finds_stems_and_by_both_what_either_finds(store):
    words = store.search(QUERIES, by="words")
    assert words["q1"] == {} and list(words["q2"]) == ["p2"] and set(words["q3"]) == {"p1", "p4"}
    both = store.search(QUERIES, by="both", top_k=2)
    assert both == retrieval.first(retrieval.fuse(store.search(QUERIES), words), 2)


@pytest.mark.parametrize("by", ["meaning", "words", "both"])
def test_a_filter_holds_before_the_best_are_taken(store, by):
    found = store.search(QUERIES, where="package = 'sea' AND year > 2000", by=by, top_k=1)
    assert list(found["q3"]) == ["p1"] and "p2" not in found["q2"]


def test_a_known_id_is_replaced_and_only_what_is_new_is_embedded(store, read):
    store.add(TEXTS)
    assert read == []
    changed = TEXTS.assign(text=["Ice on the lake.", *TEXTS.text[1:]], year=[1, 2, 3, 4])
    store.add(changed)
    assert read == ["Ice on the lake."] and len(store) == 4
    assert store.passages().year.tolist() == [1, 2, 3, 4] and store.passages(["p1"]).text["p1"] == "Ice on the lake."
    assert list(store.search(pd.Series({"q": "frozen lake"}), top_k=1)["q"]) == ["p1"]
    assert set(store.search(pd.Series({"q": "harbour"}), by="words")["q"]) == set()


def test_what_is_deleted_is_found_no_more(store):
    assert store.delete(["p1", "p1", "unknown"]) == 1 and len(store) == 3
    assert all("p1" not in hits for by in ("meaning", "words") for hits in store.search(QUERIES, by=by).values())
    with pytest.raises(KeyError, match="the store has no passage p1"):
        store.passages(["p2", "p1"])


def test_what_it_holds_can_be_added_to_another(store, model, tmp_path):
    copy = retrieval.open_store(tmp_path / "copy", model)
    copy.add(store.passages())
    pd.testing.assert_frame_equal(copy.passages(), store.passages())
    assert copy.passages(["p3", "p1"]).index.tolist() == ["p3", "p1"]


def test_a_new_column_is_missing_in_earlier_rows(store):
    store.add(TEXTS[:1].assign(passage_id="p5", kept=True))
    assert store.passages().kept.tolist()[4] is True and store.passages().kept[:4].isna().all()
    assert list(store.search(QUERIES, where="kept")["q1"]) == ["p5"]


def test_a_text_that_the_model_cannot_read_is_found_by_words_alone(store, capsys):
    store.add(TEXTS[:1].assign(passage_id=["p5"], text="ꓘꓥ ꓝꓩ"))
    assert "knows no word in 1 of 1 passages, such as p5: search by words alone" in capsys.readouterr().out
    assert "p5" not in store.search(QUERIES)["q1"]
    assert list(store.search(pd.Series({"q": "ꓘꓥ"}), by="words")["q"]) == ["p5"]


def test_an_empty_store_finds_nothing(tmp_path, model):
    store = retrieval.open_store(tmp_path, model)
    for by in ("meaning", "words", "both"):
        assert store.search(QUERIES, by=by) == {query: {} for query in QUERIES.index}
    assert len(store) == store.delete(["p1"]) == len(store.passages()) == len(store.passages([])) == 0


ids = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.sampled_from(
    ["it's", "a\\'b", "x\ny", "n\0l", "'; DROP TABLE passages; --", "🧊" * 9, "i" * 10_000, "%", "`p`", '"p"']
)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kept=st.sets(ids, min_size=1, max_size=4), gone=st.sets(ids, max_size=4))
def test_any_id_is_kept_found_and_deleted_as_it_is(kept, gone, model):
    with tempfile.TemporaryDirectory() as folder:
        store = retrieval.open_store(folder, model)
        every = sorted(kept | gone)
        store.add(pd.Series("ice", index=every))
        assert store.passages(every).index.tolist() == every
        assert store.delete(gone) == len(gone)
        assert set(store.search(pd.Series({"q": "ice"}), by="words")["q"]) == kept - gone == set(store.passages().index)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.from_regex(r'[a-z"+\-*()~^\\:]{1,20}'))
def test_any_words_can_be_searched_for(text, _store_for_words):
    found = _store_for_words.search(pd.Series({"q": f"{text} ice"}), by="words")
    assert {"p1", "p4"} <= set(found["q"])


@pytest.fixture(scope="module")
def _store_for_words(model):
    with tempfile.TemporaryDirectory() as folder:
        store = retrieval.open_store(folder, model)
        store.add(TEXTS)
        yield store


# ---------------------------------------------------------------- models


def test_another_model_is_an_error_that_names_both(store, other):
    with pytest.raises(ValueError, match=r"holds vectors of all-MiniLM-L6-v2 \(384 .*the model given is all-.*reembed"):
        retrieval.open_store(store.folder, other)


def test_an_empty_store_of_another_model_is_not_overwritten(tmp_path, model, other):
    tables.create_empty(tmp_path / "store", tables.Reader.of(model))  # and then it was killed
    with pytest.raises(ValueError, match="holds vectors of"):
        retrieval.open_store(tmp_path / "store", other)
    assert len(retrieval.open_store(tmp_path / "store", model)) == 0


def test_vectors_that_change_during_a_search_are_no_answer(store, model, other, monkeypatch):
    original = model.encode_query

    def slow(texts, **given):
        retrieval.reembed(store.folder, other)
        return original(texts, **given)

    monkeypatch.setattr(model, "encode_query", slow)
    with pytest.raises(ValueError, match="holds vectors of .*the model given is"):
        store.search(QUERIES)


def test_a_model_that_was_trained_since_cannot_add(store, model):
    weights = next(model.parameters()).data
    weights[0, 0] += 1
    try:
        with pytest.raises(ValueError, match="the model has changed since the store was opened"):
            store.add(TEXTS)
    finally:
        weights[0, 0] -= 1


def test_vectors_of_another_model_take_over_in_one_step(store, model, other, read):
    before = tables.size(store.folder)
    new = retrieval.reembed(store.folder, other)
    assert sorted(read) == sorted(TEXTS.text)
    assert same(new.search(QUERIES), retrieval.retrieve(other, QUERIES, TEXTS.set_index("passage_id").text))
    assert list(new.search(QUERIES, by="words")["q2"]) == ["p2"]
    pd.testing.assert_frame_equal(new.passages(), TEXTS.set_index("passage_id"), check_dtype=False)
    assert tables.size(store.folder) < 1.5 * before
    read.clear()
    retrieval.reembed(store.folder, other)
    assert read == []
    for late in (lambda: store.search(QUERIES), lambda: store.add(TEXTS), lambda: store.delete(["p1"])):
        with pytest.raises(ValueError, match="holds vectors of"):
            late()


def test_an_interrupted_change_of_model_goes_on_with_what_has_changed_since(store, other, read, monkeypatch):
    monkeypatch.setattr(filling, "BATCH", 1)
    original, calls = other.encode_document, []

    def tired(texts, **given):
        calls.append(texts)
        if len(calls) > 2:
            raise KeyboardInterrupt
        return original(texts, **given)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(other, "encode_document", tired)
        retrieval.reembed(store.folder, other)
    assert list(store.search(QUERIES)["q2"])[0] == "p2"  # the old vectors still answer
    store.compact()  # which keeps what was built
    store.delete(["p1"])
    store.add(TEXTS[1:2].assign(text="Dough rests."))
    read.clear()
    new = retrieval.reembed(store.folder, other)
    assert set(read) == {*TEXTS.text[2:], "Dough rests."} and set(new.passages().index) == {"p2", "p3", "p4"}


@pytest.mark.parametrize("unread", [["p5"], ["p1", "p5"], ["p1", "p2", "p3", "p4", "p5"]])
def test_another_model_takes_over_what_it_cannot_read_either(store, other, unread):
    texts = dict(zip(TEXTS.passage_id, TEXTS.text)) | dict.fromkeys(unread, "ꓘꓥ ꓝꓩ")
    store.add(pd.DataFrame({"passage_id": list(texts), "text": list(texts.values()), "package": "sea", "year": 2020}))
    new = retrieval.reembed(store.folder, other)
    assert new.passages().text.to_dict() == texts
    assert set(new.search(QUERIES)["q1"]) == set(texts) - set(unread)
    assert set(new.search(pd.Series({"q": "ꓘꓥ"}), by="words")["q"]) == set(unread)
    assert not (store.folder / "passages_next.lance").exists()
    new.add(pd.DataFrame({"passage_id": ["p6"], "text": "Ice.", "package": "sea", "year": 2020}))
    assert "p6" in new.search(QUERIES)["q1"]


def test_what_a_kill_left_of_the_removal_is_removed(store):
    beside = store.folder / "passages_next.lance"
    shutil.copytree(store.folder / "passages.lance", beside)
    shutil.rmtree(beside / "_versions")
    store.compact()
    assert not beside.exists() and len(store) == 4


def test_what_has_taken_its_place_is_removed_whatever_the_model_was_called(store):
    held = store._table.schema
    renamed = tables.Reader.in_table(store._table)._replace(name="my-copy")
    tables.create(store.folder, tables.NEXT, held.remove(held.get_field_index("vector")), renamed)
    store.compact()
    assert not (store.folder / "passages_next.lance").exists() and len(store) == 4


# ---------------------------------------------------------------- processes, kills, the disk


def test_a_kill_leaves_whole_batches(tmp_path):
    script = Path(__file__).with_name("kill_store.py")
    done = subprocess.run(
        [sys.executable, str(script), "2"], capture_output=True, text=True, env=os.environ | {"TMPDIR": str(tmp_path)}
    )
    assert "all whole" in done.stdout, done.stdout + done.stderr
    left = [
        path.name for path in tmp_path.iterdir() if not path.name.startswith(".tmp")
    ]  # those are of killed LanceDBs
    assert left == []


WRITER = """
import sys, pandas as pd
from bxe import load_bi_encoder, retrieval
from bxe.retrieval import filling
filling.BATCH = 4
store = retrieval.open_store(sys.argv[1], load_bi_encoder(device="cpu"))
assert list(store.search(pd.Series({"q": "dough"}), top_k=1)["q"]) == ["p2"]
print("open", flush=True)
for n in range(3):
    store.add(pd.Series({f"p{n:02}": f"ice number {n} of theirs" for n in range(40)}))
"""


def test_two_processes_that_write_take_turns(tmp_path, model, monkeypatch):
    monkeypatch.setattr(filling, "BATCH", 4)
    ours = retrieval.open_store(tmp_path / "store", model)
    ours.add(TEXTS.set_index("passage_id").text)
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(ours.folder)], stdout=subprocess.PIPE, text=True
    ) as theirs:
        theirs.stdout.readline(), theirs.stdout.readline()  # it is open
        for n in range(6):
            ours.add(pd.Series({f"p{n:02}": f"ice number {n} of ours" for n in range(40)}))
            ours.compact() if n == 3 else ours.search(QUERIES)
    assert theirs.returncode == 0
    passages = ours.passages()
    assert passages.index.is_unique and len(passages) == 44
    assert {text.split()[-1] for text in passages.text[passages.text.str.startswith("ice")]} <= {"ours", "theirs"}


def test_who_waits_too_long_is_told(store, monkeypatch):
    monkeypatch.setattr(tables, "WAIT", 0.1)
    with tables.writing(store.folder), pytest.raises(TimeoutError, match="is being written by another process"):
        store.add(TEXTS[:1].assign(text="new"))
    store.add(TEXTS[:1].assign(text="new"))


def test_compacting_frees_the_disk_and_loses_nothing(store):
    for n in range(6):
        store.add(TEXTS.assign(text=[f"{text} {n}" for text in TEXTS.text]))
    passages, found = store.passages(), store.search(QUERIES, by="both")
    before, after = store.compact()
    assert after < before / 2 and after == tables.size(store.folder)
    pd.testing.assert_frame_equal(store.passages(), passages)
    assert store.search(QUERIES, by="both") == found


def test_a_folder_that_cannot_be_written_can_be_searched(store):
    with tempfile.TemporaryDirectory() as place:
        os.chmod(place, 0o755)
        locked = shutil.copytree(store.folder, Path(place, "store"))
        opened = retrieval.open_store(locked, store.model)
        for path in [locked, *locked.rglob("*")]:
            path.chmod(0o555 if path.is_dir() else 0o444)
        try:
            if root := os.geteuid() == 0:  # whom no permission stops
                os.seteuid(65534)
            assert list(opened.search(QUERIES, by="both", top_k=1)["q2"]) == ["p2"]
            for change in (lambda: opened.add(TEXTS), lambda: opened.delete(["p1"]), opened.compact):
                with pytest.raises(PermissionError, match="cannot be written"):
                    change()
        finally:
            if root:
                os.seteuid(0)
            for path in locked.rglob("*"):
                path.chmod(stat.S_IRWXU)
            locked.chmod(stat.S_IRWXU)


@pytest.mark.parametrize("damage", [lambda old: b"", lambda old: old[: len(old) // 2], lambda old: b"x" * len(old)])
@pytest.mark.parametrize("part", ["data/*.lance", "_indices/*/*tokens.lance", "_versions/*.manifest"])
def test_damage_is_one_clear_message(store, part, damage):
    store.compact()
    for path in (store.folder / "passages.lance").glob(part):
        path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ValueError, match="is damaged"):
        again = retrieval.open_store(store.folder, store.model)
        again.search(QUERIES, by="both")


@pytest.mark.parametrize("change", [lambda at: at.add(TEXTS.assign(text="new")), lambda at: at.delete(["p1"])])
def test_a_disk_that_takes_no_more_is_no_damage(store, change):
    limits, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        with pytest.raises(OSError, match=r"cannot be written \(.*File too large.*what was committed before is there"):
            change(store)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    pd.testing.assert_frame_equal(store.passages(), TEXTS.set_index("passage_id"), check_dtype=False)


def test_only_what_is_certainly_lost_is_called_damage(store):
    with (
        pytest.raises(OSError, match="cannot be read or written .*Too many open files") as error,
        tables.told(store.folder),
    ):
        raise RuntimeError("lance error: LanceError(IO): Too many open files (os error 24), /x/y.rs:1:2")
    assert "delete" not in str(error.value)
    store.folder.rename(store.folder.with_name("elsewhere"))
    with pytest.raises(ValueError, match="there is no store in .* any more"):
        store.search(QUERIES)


def test_lost_files_are_damage_and_not_an_empty_store(store):
    shutil.rmtree(store.folder / "passages.lance" / "_versions")
    with pytest.raises(ValueError, match="is damaged"):
        retrieval.open_store(store.folder, store.model)


# ---------------------------------------------------------------- bad input: one message, and nothing half-written

BAD_PASSAGES = [
    (pd.Series(["rain"]), "passage id 0 is an int; the store keeps ids as str"),
    (pd.Series({"a": None}), "passage a is None; a str is expected"),
    (pd.Series({"a": float("nan")}), "passage a is nan; a str is expected"),
    (pd.Series(["x", "y"], index=["a", "a"]), "passage a is there twice"),
    (pd.Series(["x"], index=[None]), "has no id"),
    (pd.Series(["x"], index=pd.Index(["\ud800"], dtype=object)), "half a character"),
    (pd.Series([], dtype=str), "there is no passage; give at least one"),
    (TEXTS.drop(columns="text"), "text must be among them"),
    (TEXTS.drop(columns="package"), "the store has the column package, which these passages lack"),
    (TEXTS.set_index("passage_id").text, "the store has the column package, year"),
    (TEXTS.assign(year="long ago"), "column year is double in the store and string here"),
    (TEXTS.assign(vector=1.0), "a column named 'vector'"),
    (TEXTS.assign(**{"My Year": 1}), "a column named 'My Year'; give a name of lower-case letters"),
    (TEXTS.assign(tags=[["a"]] * 4), "column tags cannot be kept"),
    (TEXTS.assign(tags=["a", 1, 2.0, None]), "column tags cannot be kept"),
    (pd.concat([TEXTS, TEXTS.year], axis=1), "two columns named year"),
    (TEXTS.assign(junk=1, year="long ago"), "column year is double in the store and string here"),
    (TEXTS.assign(year="2020"), "column year is double in the store and string here"),
    (TEXTS.assign(year=True), "column year is double in the store and bool here"),
    (TEXTS.assign(year=pd.Timestamp("2022-01-01")), r"column year is double in the store and timestamp\[us\] here"),
    (TEXTS.assign(year=2**53 + 1), "column year is double in the store and int64 here .*convert it"),
    (TEXTS.assign(package=5), "column package is string in the store and int64 here"),
    (TEXTS.assign(seen=pd.Timestamp("2022-01-01", tz="Asia/Tokyo")), "seen cannot be kept: its times have a zone"),
    (
        TEXTS.assign(
            seen=pd.Series([datetime(2022, 1, 1), datetime(2022, 1, 1, tzinfo=timezone.utc), None, None], dtype=object)
        ),
        "seen cannot be kept: its times have a zone",
    ),
    (TEXTS.assign(null=1), "a column named 'null', a word of SQL"),
    (TEXTS.assign(interval="x"), "a column named 'interval', a word of SQL"),
]


@pytest.mark.parametrize(("bad", "message"), BAD_PASSAGES)
def test_bad_passages_change_nothing(store, bad, message):
    before = store.passages()
    with pytest.raises(ValueError, match=message) as error:
        store.add(bad)
    assert len(str(error.value)) < 300
    pd.testing.assert_frame_equal(store.passages(), before)


@pytest.mark.parametrize(
    ("held", "given"),
    [
        (True, 5),
        (True, "no"),
        (pd.Timestamp("2022-01-01"), 2024),
        (2019, pd.Timestamp("2022-01-01")),
        (2019, 1.5),
        ("x", True),
    ],
)
def test_a_column_keeps_its_meaning(store, held, given):
    store.add(TEXTS.assign(further=held))
    before = store.passages()
    with pytest.raises(ValueError, match="column further is .* in the store and .* here.*; convert it"):
        store.add(TEXTS.assign(further=given))
    pd.testing.assert_frame_equal(store.passages(), before)


def test_a_column_without_any_value_waits_for_its_first_one(store):
    store.add(TEXTS.assign(score=None))
    assert "score" not in store.passages()
    store.add(TEXTS.assign(score=[5.0, 30.0, 400.0, None]))
    assert sorted(store.search(QUERIES, where="score > 29")["q1"]) == ["p2", "p3"]
    store.add(TEXTS.assign(score=None))
    assert store.passages().score.isna().all()
    store.add(TEXTS.assign(score=[1, 2, 3, 4]))
    assert store.passages().score.tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize("word", rows._KEYWORD.pattern.split("|"))
def test_a_word_of_sql_is_no_name_of_a_column(word):
    with pytest.raises(ValueError, match="a word of SQL"):
        rows.rows_of(TEXTS.assign(**{word: 1}))


BAD_FILTERS = ["", "nope = 3", "package", "package = 3", "package = 'sea", "x" * 9999, 3, "(" * 99]
HALF_READ_FILTERS = [  # whose first expression is a condition
    "package = 'sea' year = 2020",
    "package = 'sea'; garbage ((",
    "year > 1, package='sea'",
    "package = 'sea') OR (true",
    "package = 'sea') OR (package = ')'",
    "year > 1--1",
    "package = 'sea' /* OR true */",
]
NOT_OF_ONE_PASSAGE = ["count(*) > 1", "year > avg(year)", "row_number() over () = 1"]
PLACES_FOR_VALUES = ["package = ?", "package = $1", "package = :x"]
FAILING_FILTERS = [
    "CAST(package AS BIGINT) > 3",
    "1 / CAST(year - 2019 AS BIGINT) > 3",
    "repeat(text, 9999999999) = ''",
]


@pytest.mark.parametrize(
    "where", BAD_FILTERS + FAILING_FILTERS + HALF_READ_FILTERS + NOT_OF_ONE_PASSAGE + PLACES_FOR_VALUES
)
@pytest.mark.parametrize("by", ["meaning", "words"])
def test_a_bad_filter_is_told_with_the_columns(_store_for_words, where, by):
    store = _store_for_words
    with pytest.raises(ValueError, match="is no condition") as error:
        store.search(QUERIES, where=where, by=by)
    assert "the columns are passage_id (string), text (string), package (string), year (double)" in str(error.value)
    assert len(str(error.value)) < 600 and "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("text LIKE '%.' AND (package = 'sea' OR (year > 2020))", ["p1", "p3", "p4"]),
        ("text <> 'a (bracket; a ? and -- \"it''s\"' AND \"year\" = 2019", ["p1"]),
        ("package IN ('sea', ')') AND `year` IS NULL", ["p4"]),
        ("NOT package = 'sea'\nAND year BETWEEN 2020 AND 2021", ["p2", "p3"]),
        ("((((cast(year AS bigint) = 2019 OR year::bigint = 2020))))", ["p1", "p2"]),
    ],
)
def test_a_filter_may_hold_any_sign_within_quotes(_store_for_words, where, found):
    assert sorted(_store_for_words.search(QUERIES, where=where)["q1"]) == found


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"queries": pd.Series({"q": " "})}, ValueError, "query q is blank"),
        ({"queries": pd.Series({"q": float("nan")})}, ValueError, "query q is blank"),
        ({"queries": pd.Series([], dtype=str)}, ValueError, "there is no query"),
        ({"queries": "ice"}, TypeError, "queries is a str; give a Series"),
        ({"queries": QUERIES, "top_k": 0}, ValueError, "top_k is 0"),
        ({"queries": QUERIES, "by": "luck"}, ValueError, "by is 'luck'; give one of meaning, words, both"),
    ],
)
def test_a_bad_question_is_told(store, given, error, message):
    with pytest.raises(error, match=message):
        store.search(**given)


def test_bad_ids_and_places_are_told(store, model, tmp_path):
    with pytest.raises(TypeError, match="give a list of passage ids"):
        store.delete("p1")
    for passages, way in ((TEXTS, "list.frame.passage_id."), (TEXTS.set_index("passage_id").text, "series.index")):
        for asked in (store.delete, store.passages):
            with pytest.raises(TypeError, match=f"ids is a .*; give its ids: {way}"):
                asked(passages)
    for passages in (np.array(["ice"]).reshape(1, 1), None):
        with pytest.raises(TypeError, match="passages is a .*; give a Series of texts"):
            store.add(passages)
    with pytest.raises(ValueError, match="passage id 1 is an int"):
        store.delete(["p2", 1])
    assert len(store) == 4
    file = tmp_path / "notes.txt"
    file.write_text("mine")
    with pytest.raises(ValueError, match="is a file; give a folder"):
        retrieval.open_store(file, model)
    with pytest.raises(ValueError, match=r"holds other files and no store \(notes.txt, store\)"):
        retrieval.open_store(tmp_path, model)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["notes.txt", "store"]
    with pytest.raises(TypeError, match="model is a str; give a bi-encoder"):
        retrieval.open_store(tmp_path / "new", "all-MiniLM-L6-v2")
    with pytest.raises(ValueError, match="there is no store in"):
        retrieval.reembed(tmp_path / "new", model)
    assert not (tmp_path / "new").exists()


def test_without_lancedb_one_line_says_what_to_install(tmp_path, model, monkeypatch):
    monkeypatch.setitem(sys.modules, "lancedb", None)
    with pytest.raises(ModuleNotFoundError, match=r'pip install "bxe\[scale\]"'):
        retrieval.open_store(tmp_path / "new", model)
