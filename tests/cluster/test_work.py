"""Ray at work on this machine: the models' own numbers, workers and programs that are killed, and nothing left behind."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("ray", reason='Ray is not installed; pip install "bxe[scale]" adds it')

import psutil

from bxe import cluster, load_bi_encoder, load_cross_encoder
from bxe.cluster import work
from bxe.cluster.parts import Parts
from bxe.corpora import load

FRAME = load("passages")[["passage_id", "text"]].head(48)
WAIT = 300  # seconds until something that must happen counts as not happening
DRIVER = """
import sys
from bxe.cluster import embed_dataset
embed_dataset(sys.argv[1], sys.argv[2], workers=1, batch_size=4)
"""


def until(happened):
    for _ in range(WAIT * 20):
        if result := happened():
            return result
        time.sleep(0.05)
    raise AssertionError(f"{happened} did not happen in {WAIT} s")


def ray_processes(of=None):
    """The processes below this one (or another) that Ray started."""
    found = []
    for process in psutil.Process(of).children(recursive=True):
        try:
            line = " ".join(process.cmdline())
            if "ray" in line:
                found.append((process, line))
        except psutil.Error:
            pass
    return found


def folders():
    return set(Path(tempfile.gettempdir()).glob("bxe-ray-*"))


@pytest.fixture(scope="module", autouse=True)
def own_temporary_folder():
    """Where nobody else's Ray has its files; with a short name, since sockets lie in it."""
    before, tempfile.tempdir = tempfile.tempdir, tempfile.mkdtemp(prefix="t-", dir="/tmp")
    yield
    shutil.rmtree(tempfile.tempdir)
    tempfile.tempdir = before


def running_still(process):
    try:
        return process.is_running() and process.status() != "zombie"
    except psutil.NoSuchProcess:
        return False


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    """A program that was killed in the middle of its work: its files, its parts, Ray's folder, processes that end later."""
    home, environment = tmp_path_factory.mktemp("killed"), os.environ | {"TMPDIR": tempfile.gettempdir()}
    FRAME.to_csv(home / "passages.csv", index=False)
    command = [sys.executable, "-c", DRIVER, home / "passages.csv", home / "out"]
    with subprocess.Popen(command, env=environment) as driver:
        parts = Parts(home / "out", ["passage_id"])
        until(parts.files)
        processes = ray_processes(driver.pid)
        driver.send_signal(signal.SIGKILL)
    # Ray's two agents go on telling for a minute that all is lost; a test at the end waits for them.
    agents = [process for process, line in processes if "Agent" in line]
    assert len(processes) > len(agents)
    until(lambda: not any(running_still(process) for process, _ in processes if process not in agents))
    (left,) = folders()
    return home, {file: file.stat().st_mtime_ns for file in parts.files()}, left, agents


@pytest.fixture(scope="module")
def running(killed):
    def given():
        names = [name for name in os.environ if name.startswith(("RAY", "OMP", "PYTHONPATH"))]
        return {name: os.environ[name] for name in names}, signal.getsignal(signal.SIGTERM)

    before = given()
    with ExitStack() as stack:
        stack.enter_context(cluster.session(workers=2))
        yield stack
    assert given() == before


@pytest.fixture
def silent(capfd, monkeypatch):
    """Nothing is told on either stream while this is on."""
    monkeypatch.setattr(work, "SHORT", float("inf"))  # on a busy machine a short run may take long

    @contextmanager
    def silent():
        capfd.readouterr()
        yield
        assert tuple(capfd.readouterr()) == ("", "")

    return silent


def test_a_killed_programs_folder_is_removed_by_the_next_session(killed, running):
    assert not killed[2].exists() and len(folders()) == 1


def test_a_killed_program_is_resumed_and_nothing_is_done_twice(killed, running, silent):
    home, parts, *_ = killed
    before = sum(len(pd.read_parquet(file)) for file in parts)
    with silent():
        outcome = cluster.embed_dataset(home / "passages.csv", home / "out", workers=1, batch_size=4)
    assert 0 < before < len(FRAME) and outcome[:2] == (len(FRAME) - before, before)
    assert {file: file.stat().st_mtime_ns for file in parts} == parts
    assert sorted(Parts(home / "out", ["passage_id"]).done().to_pylist()) == sorted(FRAME.passage_id)


def test_vectors_are_the_models_own(killed, running):
    vectors = cluster.read_vectors(killed[0] / "out", FRAME.passage_id)
    expected = load_bi_encoder(device="cpu").encode_document(FRAME.text.tolist())
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(vectors, expected, atol=1e-6)


def test_logits_are_the_models_own_and_a_killed_worker_is_survived(running, tmp_path, capfd, monkeypatch):
    monkeypatch.setattr(work, "SHORT", float("inf"))
    queries = pd.Series({"q1": "How is tea grown?", "q2": "Who built the bridge?"})
    pairs = pd.DataFrame(
        [(q, p, queries[q], text) for q in queries.index for p, text in FRAME.itertuples(index=False)],
        columns=["query_id", "passage_id", "query", "passage"],
    )
    parts, killed = Parts(tmp_path / "out", ["query_id", "passage_id"]), []

    def kill():
        until(parts.files)
        worker = next(process for process, line in ray_processes() if "_Worker" in line)
        worker.send_signal(signal.SIGKILL)
        killed.append(len(parts.files()))

    killer = threading.Thread(target=kill)
    killer.start()
    outcome = cluster.rerank_dataset(pairs, tmp_path / "out", workers=1, batch_size=4)
    killer.join()
    assert capfd.readouterr().err == ""  # Ray tells on the other stream that the worker died
    assert outcome == (len(pairs), 0, len(pairs) // 4) and killed[0] < outcome.parts
    done = parts.done().to_pylist()
    assert len(done) == len(set(done)) == len(pairs)
    run, texts = cluster.read_run(tmp_path / "out"), FRAME.set_index("passage_id").text
    some = [(q, p) for q in queries.index for p in list(run[q])[:8]]
    expected = load_cross_encoder(device="cpu").predict([(queries[q], texts[p]) for q, p in some])
    np.testing.assert_allclose([run[q][p] for q, p in some], expected, atol=1e-5)


def test_what_a_worker_cannot_do_is_one_line(running, tmp_path, silent):
    def load(name):
        raise FileNotFoundError(f"there is no folder {name}")

    ids, texts, out = ("passage_id",), ("text",), str(tmp_path / "out")
    job = work._Job("vectors", "vector", "no-such-model", load, len, ids, texts, out)
    with silent(), pytest.raises(RuntimeError, match="a worker failed: .*there is no folder no-such-model") as told:
        work._run(job, FRAME, 1, 48, None)
    assert "\n" not in str(told.value) and not (tmp_path / "out").exists()
    with pytest.raises(RuntimeError, match="Ray has 3 CPU cores here; 3 workers and a reader need 4"):
        cluster.embed_dataset(FRAME, tmp_path / "out", workers=3)
    with pytest.raises(RuntimeError, match="Ray runs already in this program"):
        cluster.embed_dataset(FRAME, tmp_path / "out", address="10.0.0.1:6379")


def test_more_than_fits_passes_through_and_nothing_is_spilled(running, tmp_path):
    """Twice what the store holds, read faster than it is worked on: reading waits."""
    size, rows = 1 << 20, 2 * (cluster.STORE >> 20)
    source = pd.DataFrame({"passage_id": [f"p{n}" for n in range(rows)], "text": ["x" * size] * rows})
    source.to_parquet(tmp_path / "long.parquet", row_group_size=8)
    spilled = []

    def slow(model, texts):
        time.sleep(0.01 * len(texts))
        return np.ones((len(texts), 2))

    def load_none(name):
        import torch

        model = torch.nn.Sequential()
        model.tokenizer = None
        return model

    job = work._Job("vectors", "vector", "none", load_none, slow, ("passage_id",), ("text",), str(tmp_path / "out"))

    def look():
        while not ended.wait(0.1):
            spilled.extend(file for room in folders() for file in room.glob("session*/ray_spilled*/*"))

    ended = threading.Event()
    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        outcome = work._run(job, tmp_path / "long.parquet", 2, 4, None)
    finally:
        ended.set()
        watcher.join()
    assert outcome[:2] == (rows, 0) and spilled == []


def test_at_the_end_nothing_is_left(running):
    assert ray_processes() and folders()
    running.close()
    assert not folders()
    until(lambda: not ray_processes())
    assert not Path("/tmp/ray").exists() or not list(Path("/tmp/ray").glob("session*"))


def test_a_killed_program_takes_its_processes_with_it(killed):
    until(lambda: not any(map(running_still, killed[3])))
