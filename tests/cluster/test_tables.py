"""Tables of texts that are read and parts that are written: whole, by id, of one model; what is wrong is told at once."""

import re
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bxe import cluster
from bxe.cluster import work
from bxe.cluster.parts import Parts
from bxe.cluster.sources import expect_ids, keys, open_source

IDS, TEXTS = ["passage_id"], ["text"]
PASSAGES = pd.DataFrame(
    {"passage_id": ["p1", "p2", "p3"], "text": ["Ice closes the port.", "Dough rises.", "An oboe."]}
)


def rows(ids, d=4, start=0.0):
    flat = pa.array(np.arange(len(ids) * d, dtype=np.float32) + start)
    return pa.table({"passage_id": pa.array(ids), "vector": pa.FixedSizeListArray.from_arrays(flat, d)})


def saved(folder, ids=("p1", "p2"), model="mini", weights="w1"):
    parts = Parts(folder, IDS)
    parts.add(rows(list(ids)), "vectors", model, weights)
    return parts


@pytest.mark.parametrize("kind", ["frame", "parquet", "csv", "folder"])
def test_one_table_reads_the_same_from_everywhere(tmp_path, kind):
    frame = PASSAGES.assign(passage_id=["007", "NA", "p,3"], text=["NA", 'two\nlines, "quoted"', "plain"], more=1)
    (tmp_path / "several").mkdir()
    frame.to_parquet(tmp_path / "one.parquet")
    frame.to_csv(tmp_path / "one.csv", index=False)
    for number in range(3):
        frame[number : number + 1].to_parquet(tmp_path / "several" / f"{number}.parquet")
    sources = {"frame": frame, "folder": tmp_path / "several"}
    source = open_source(sources.get(kind, tmp_path / f"one.{kind}"), IDS, TEXTS)
    table = source.here.to_table(columns=[*IDS, *TEXTS])
    assert table["passage_id"].to_pylist() == frame.passage_id.tolist()
    assert table["text"].to_pylist() == frame.text.tolist()
    assert expect_ids(source, IDS).to_pylist() == frame.passage_id.tolist()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), unique=True, min_size=1))
def test_any_ids_come_back_in_the_order_asked_for(tmp_path_factory, ids):
    folder = tmp_path_factory.mktemp("parts")
    parts = Parts(folder, IDS)
    for start in range(0, len(ids), 3):
        parts.add(rows(ids[start : start + 3], start=100.0 * start), "vectors", "mini", "w1")
    vectors = cluster.read_vectors(folder, ids[::-1])
    assert vectors.dtype == np.float32 and vectors.shape == (len(ids), 4)
    assert vectors[::-1, 0].tolist() == [100.0 * (at - at % 3) + 4 * (at % 3) for at in range(len(ids))]
    assert parts.done().to_pylist() == [at for file in parts.files() for at in _ids(file)]


def _ids(file):
    import pyarrow.parquet

    return pyarrow.parquet.read_table(file)["passage_id"].to_pylist()


def test_the_same_rows_again_are_the_same_part(tmp_path):
    saved(tmp_path)
    parts = saved(tmp_path)
    assert len(parts.files()) == 1 and parts.done().to_pylist() == ["p1", "p2"]


def test_pairs_that_share_letters_are_told_apart():
    table = pa.table({"query_id": ["q", "q1"], "passage_id": ["1p", "p"]})
    assert len(set(keys(table, ["query_id", "passage_id"]).to_pylist())) == 2


def test_whole_numbers_may_be_ids(tmp_path):
    frame = PASSAGES.assign(passage_id=[3, 1, 2])
    assert open_source(frame, IDS, TEXTS).here.to_table()["passage_id"].to_pylist() == [3, 1, 2]
    saved(tmp_path, ids=[3, 1])
    assert cluster.read_vectors(tmp_path, [1, 3])[:, 0].tolist() == [4, 0]


def test_half_a_character_is_replaced():
    frame = PASSAGES.assign(text=pd.Series(["\ud800 ice", "b", "c"], dtype=object))
    assert open_source(frame, IDS, TEXTS).here.to_table()["text"][0].as_py() == "\N{REPLACEMENT CHARACTER} ice"


def test_a_run_is_read_best_first(tmp_path):
    pair = pa.table(
        {
            "query_id": ["q1", "q1", "q2"],
            "passage_id": ["a", "b", "a"],
            "score": pa.array([1.0, 2.5, -3.0], pa.float32()),
        }
    )
    Parts(tmp_path, ["query_id", "passage_id"]).add(pair, "scores", "cross", "w1")
    run = cluster.read_run(tmp_path)
    assert run == {"q1": {"b": 2.5, "a": 1.0}, "q2": {"a": -3.0}} and list(run["q1"]) == ["b", "a"]


def test_a_file_that_is_half_written_is_none_of_the_parts(tmp_path):
    parts = saved(tmp_path)
    (tmp_path / ".part-00.parquet.0123456789abcdef").write_bytes(b"PAR1")
    assert cluster.read_vectors(tmp_path, ["p1"]).shape == (1, 4) and len(parts.files()) == 1


@pytest.mark.parametrize("where", [10, -300])
def test_a_damaged_part_is_an_error_not_a_vector(tmp_path, where):
    (file,) = saved(tmp_path, ids=[f"p{n}" for n in range(200)]).files()
    content = bytearray(file.read_bytes())
    content[where : where + 200 if where > 0 else where + 250] = b"\xff" * (200 if where > 0 else 250)
    file.write_bytes(content)
    saved(tmp_path)
    with pytest.raises(ValueError, match=f"{file.name} is damaged .* delete it"):
        cluster.read_vectors(tmp_path, ["p1"])


CSV = "passage_id,text\n"
FAULTS = [
    ("there is none", lambda at: at / "no.parquet", FileNotFoundError, "no.parquet does not exist"),
    ("a number", lambda at: 7, TypeError, "a source is a path or a DataFrame; this is of the type int"),
    ("a Series", lambda at: PASSAGES.text, TypeError, "reset_index()"),
    ("an empty folder", lambda at: at, ValueError, "holds no .parquet or .csv file"),
    ("another kind", lambda at: wrote(at / "a.txt", "x"), ValueError, "holds no .parquet or .csv file"),
    ("no Parquet", lambda at: wrote(at / "a.parquet", "x"), ValueError, "cannot be read as parquet"),
    ("an empty CSV", lambda at: wrote(at / "a.csv", ""), ValueError, "cannot be read as csv"),
    (
        "CSV in Latin-1",
        lambda at: wrote(at / "a.csv", CSV + "p1,caf\xe9\n", "latin-1"),
        ValueError,
        "cannot be read as csv",
    ),
    ("a CSV row too long", lambda at: wrote(at / "a.csv", CSV + "p1,a,b\n"), ValueError, "cannot be read as csv"),
    ("another column", lambda at: PASSAGES.rename(columns={"text": "body"}), ValueError, "missing: text"),
    ("a column twice", lambda at: PASSAGES[["passage_id", "text", "text"]], ValueError, "two columns named text"),
    ("no rows", lambda at: PASSAGES[:0], ValueError, "the DataFrame has no rows"),
    ("no rows in CSV", lambda at: wrote(at / "a.csv", CSV), ValueError, "has no rows"),
    ("a gap", lambda at: PASSAGES.assign(text=["a", None, "c"]), ValueError, "text p2 is "),
    (
        "a gap in Parquet",
        lambda at: parquet(at, PASSAGES.assign(text=["a", None, "c"])),
        ValueError,
        "text of p2 is missing",
    ),
    (
        "numbers as texts",
        lambda at: parquet(at, PASSAGES.assign(text=[1, 2, 3])),
        ValueError,
        "column text holds int64",
    ),
    ("fractions as ids", lambda at: parquet(at, PASSAGES.assign(passage_id=[1.5, 2, 3])), ValueError, "holds double"),
    ("an id missing", lambda at: PASSAGES.assign(passage_id=["a", None, "c"]), ValueError, "1 rows have no passage_id"),
    ("an empty id", lambda at: PASSAGES.assign(passage_id=["a", "", "c"]), ValueError, "1 rows have no passage_id"),
    (
        "empty ids in CSV",
        lambda at: wrote(at / "a.csv", CSV + ",a\n,b\np3,c\n"),
        ValueError,
        "2 rows have no passage_id",
    ),
    ("an id twice", lambda at: PASSAGES.assign(passage_id=["a", "b", "a"]), ValueError, "passage a is there twice"),
    ("NUL in an id", lambda at: PASSAGES.assign(passage_id=["a", "b", "a\0"]), ValueError, "NUL character"),
]


def wrote(path, content, encoding="utf-8"):
    path.write_text(content, encoding=encoding)
    return path


def parquet(folder, frame):
    frame.to_parquet(folder / "a.parquet")
    return folder / "a.parquet"


@pytest.fixture
def no_ray(monkeypatch):
    def started(**_):
        raise AssertionError("Ray was started")

    monkeypatch.setattr(work, "session", started)


@pytest.mark.parametrize(("source", "error", "message"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS])
def test_a_faulty_source_is_one_clear_message_before_anything_starts(tmp_path, no_ray, source, error, message):
    with pytest.raises(error, match=re.escape(message)) as told:
        cluster.embed_dataset(source(tmp_path), tmp_path / "out")
    assert "\n" not in str(told.value) and not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("option", "value"), [("workers", 0), ("workers", 1.5), ("batch_size", -1), ("batch_size", True)]
)
def test_a_number_that_is_none_is_told(tmp_path, no_ray, option, value):
    with pytest.raises(ValueError, match=f"{option} is {value}; give a whole number of at least 1"):
        cluster.embed_dataset(PASSAGES, tmp_path / "out", **{option: value})


def test_a_whole_number_of_numpys_is_one(tmp_path, no_ray):
    with pytest.raises(AssertionError, match="Ray was started"):
        cluster.embed_dataset(PASSAGES, tmp_path / "out", workers=np.int64(1), batch_size=np.int32(8))


def test_on_windows_one_line_says_what_to_do(monkeypatch):
    with (
        pytest.raises(RuntimeError, match="^Ray runs here on Linux and macOS; on Windows"),
        monkeypatch.context() as patch,
    ):
        patch.setattr("os.name", "nt")
        with cluster.session():
            pass


def test_a_model_or_a_folder_of_another_type_is_told(tmp_path, no_ray):
    with pytest.raises(TypeError, match="each worker loads its own; this is of the type SimpleNamespace"):
        cluster.embed_dataset(PASSAGES, tmp_path / "out", model=SimpleNamespace())
    with pytest.raises(TypeError, match="a path is expected"):
        cluster.embed_dataset(PASSAGES, 7)


def test_a_pair_that_comes_twice_is_named(tmp_path, no_ray):
    pairs = pd.DataFrame({"query_id": ["q1"] * 2, "passage_id": ["p1"] * 2, "query": ["a"] * 2, "passage": ["b"] * 2})
    with pytest.raises(ValueError, match="pair q1, p1 is there twice"):
        cluster.rerank_dataset(pairs, tmp_path / "out")


def test_the_vectors_of_two_models_never_share_a_folder(tmp_path, no_ray):
    saved(tmp_path, model="mini")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(ValueError, match="holds vectors by mini, not vectors by all-MiniLM-L6-v2; give another folder"):
        cluster.embed_dataset(PASSAGES, tmp_path)
    with pytest.raises(ValueError, match="with other weights, settings or library versions"):
        Parts(tmp_path, IDS).expect("vectors", "mini", "w2")
    Parts(tmp_path, IDS).expect("vectors", "mini", "w1")
    assert sorted(tmp_path.iterdir()) == before


def test_parts_of_somebody_else_are_left_alone(tmp_path, no_ray):
    PASSAGES.to_parquet(tmp_path / "part-0.parquet")
    with pytest.raises(ValueError, match="parts that bxe did not write"):
        cluster.embed_dataset(PASSAGES, tmp_path)
    wrote(tmp_path / "file", "")
    with pytest.raises(ValueError, match="is a file; the parts need a folder"):
        cluster.embed_dataset(PASSAGES, tmp_path / "file")


def test_who_reads_the_other_kind_of_parts_is_told_what_they_are(tmp_path):
    pair = pa.table({"query_id": ["q1"], "passage_id": ["p1"], "score": pa.array([1.0], pa.float32())})
    Parts(tmp_path / "scores", ["query_id", "passage_id"]).add(pair, "scores", "cross", "w1")
    saved(tmp_path / "vectors")
    (tmp_path / "theirs").mkdir()
    PASSAGES.to_parquet(tmp_path / "theirs" / "part-0.parquet")
    with pytest.raises(ValueError, match="vectors holds vectors, not scores; give a folder that rerank_dataset wrote"):
        cluster.read_run(tmp_path / "vectors")
    with pytest.raises(ValueError, match="scores holds scores, not vectors; give a folder that embed_dataset wrote"):
        cluster.read_vectors(tmp_path / "scores", ["p1"])
    with pytest.raises(ValueError, match="theirs holds parts that bxe did not write, not vectors; give a folder that"):
        cluster.read_vectors(tmp_path / "theirs", ["p1"])


def test_parts_whose_ids_are_of_two_types_are_not_called_damaged(tmp_path):
    saved(tmp_path, ids=[1])
    saved(tmp_path, ids=["p1"])
    with pytest.raises(ValueError, match="the parts in .* do not fit together"):
        cluster.read_vectors(tmp_path, ["p1"])


def test_what_was_never_embedded_is_named(tmp_path):
    saved(tmp_path)
    with pytest.raises(KeyError, match="2 passages have no vector .* such as p8"):
        cluster.read_vectors(tmp_path, ["p1", "p8", "p9"])
    with pytest.raises(FileNotFoundError, match="embed_dataset writes them"):
        cluster.read_vectors(tmp_path / "empty", ["p1"])


def test_without_ray_one_line_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    with pytest.raises(ModuleNotFoundError, match=re.escape('pip install "bxe[scale]"')):
        cluster.embed_dataset(PASSAGES, tmp_path / "out")


def test_what_is_all_there_starts_nothing(tmp_path, no_ray):
    parts = Parts(tmp_path, IDS)
    parts.add(rows(["p1", "p2", "p3"]), "vectors", "all-MiniLM-L6-v2", "w1")
    assert cluster.embed_dataset(PASSAGES, tmp_path) == (0, 3, 1)


def test_a_worker_writes_what_is_not_there_and_nothing_twice(tmp_path):
    job = work._Job(
        "vectors", "vector", "mini", lambda name: SimpleNamespace(), None, ("passage_id",), ("text",), str(tmp_path)
    )
    saved(tmp_path)
    read = []

    def compute(model, rows):
        read.extend(rows)
        return np.ones((len(rows), 4))

    worker = object.__new__(work._Worker)
    worker.job, worker.parts, worker.model, worker.fingerprint = (
        job._replace(compute=compute),
        Parts(tmp_path, IDS),
        None,
        "w1",
    )
    worker.done, worker.failed = worker.parts.done(), ""
    block = open_source(PASSAGES, IDS, TEXTS).here.to_table()
    assert worker(block)["rows"].tolist() == [1] and read == [("An oboe.",)]
    assert worker(block.slice(0, 2))["rows"].tolist() == [0] and len(read) == 1
