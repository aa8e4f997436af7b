"""Kill a program at random moments while it fills a store, or re-embeds it, and look at what it left.

    python tests/retrieval/kill_store.py 20

Each program is a process of its own, forked from one that has loaded the model and has not used LanceDB.
"""

import os
import random
import shutil
import signal
import sys
import tempfile
import time
import warnings

os.environ["TQDM_DISABLE"] = "1"  # tqdm reads it when it is imported

import lancedb  # noqa: E402, F401  which starts anew in a fork, and does so safely since nothing has used it here
import pandas as pd  # noqa: E402
import torch  # noqa: E402

from bxe import load_bi_encoder, retrieval  # noqa: E402
from bxe.retrieval import filling  # noqa: E402
from bxe.retrieval.kept import embed_kept  # noqa: E402

WORDS = ("harbour", "ice", "dough", "oboe", "rain", "tea", "copper", "ferry", "glass", "owl", "moss", "chalk")
PASSAGES = pd.Series({f"p{n:04}": f"{WORDS[n % 12]} and {WORDS[n // 12]}" for n in range(144)})
LENGTHS = (256, 4)  # tokens that a model reads; the one that reads fewer is another model


def reading(model, length):
    model.max_seq_length = length
    return model


def build(folder, model, expected, ready):
    store = retrieval.open_store(folder, reading(model, LENGTHS[0]))
    ready()
    store.add(PASSAGES)


def change(folder, model, expected, ready):
    retrieval.open_store(folder, reading(model, LENGTHS[0]))
    ready()
    retrieval.reembed(folder, reading(model, LENGTHS[1]))


def look_at_built(folder, model, expected):
    """Whole batches, the first ones, all of which are found; the same call embeds the rest, and no more."""
    store = retrieval.open_store(folder, reading(model, LENGTHS[0]))
    there = store.passages().text.tolist()
    assert len(there) % filling.BATCH == 0 and there == PASSAGES.tolist()[: len(there)]
    _finds(store, model, expected[LENGTHS[0]], len(there))
    read = _noted(model)
    store.add(PASSAGES)
    assert sorted(read) == sorted(PASSAGES[len(there) :]), "a text was embedded twice, or not at all"
    _finds(store, model, expected[LENGTHS[0]], len(PASSAGES))
    return f"{len(there)} of {len(PASSAGES)} passages were there"


def look_at_changed(folder, model, expected):
    """All passages with the vectors of one model; going on embeds no text twice."""
    try:
        old = retrieval.open_store(folder, reading(model, LENGTHS[0]))
        _finds(old, model, expected[LENGTHS[0]], len(PASSAGES))
        state = "the old vectors answered"
    except ValueError as error:
        assert "reembed" in str(error), error
        state = "the new vectors had taken over"
    read = _noted(reading(model, LENGTHS[1]))
    store = retrieval.reembed(folder, model)
    assert len(read) == len(set(read)) and not (read and "taken over" in state), "a text was embedded twice"
    _finds(store, model, expected[LENGTHS[1]], len(PASSAGES))
    assert sorted(os.listdir(folder)) == [".lock", "passages.lance"], "the old vectors are still there"
    return f"{state}, {len(PASSAGES) - len(read)} of {len(PASSAGES)} new ones were there"


def _finds(store, model, vectors, count):
    """The store finds the first `count` passages, and each with the cosine that it ought to have."""
    assert len(store) == count
    if count:
        few, passages = PASSAGES[: count : count // 4], PASSAGES[:count]
        found = store.search(few, top_k=count)
        exact = retrieval.retrieve(model, few, passages, top_k=count, embeddings=vectors[:count])
        for query in few.index:
            assert found[query].keys() == exact[query].keys()
            assert all(abs(found[query][at] - exact[query][at]) < 1e-4 for at in passages.index)
        assert all(query in hits for query, hits in store.search(few, by="words", top_k=count).items())


def _noted(model):
    """The texts that a model reads from here on, as passages."""
    read, original = [], model.encode_document
    model.encode_document = lambda texts, **given: read.extend(texts) or original(texts, **given)
    return read


def apart(work, *given, kill_after=None):
    """Run a function in a process of its own; its seconds from the time it was ready, if it ended well, and what it said."""
    report, said = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            more = (lambda: os.write(said, b"."),) if work in (build, change) else ()
            os.write(said, str(work(*given, *more)).encode())
            code = 0
        except BaseException as error:
            os.write(said, f"{type(error).__name__}: {error}".encode())
        finally:
            os._exit(code)
    os.close(said)
    with os.fdopen(report, "rb") as end:
        if work in (build, change):
            end.read(1)
        start = time.monotonic()
        if kill_after is not None:
            time.sleep(kill_after)
            os.kill(child, signal.SIGKILL)
        told = end.read().decode()
        _, status = os.waitpid(child, 0)
    return time.monotonic() - start, status == 0, told


def main(kills, seed):
    torch.set_num_threads(1)  # a fork has none of the others, and would wait for them
    filling.BATCH = 8  # many commits, so that many kills meet one
    warnings.filterwarnings("ignore", "lancedb fork support")
    rng, model, failed = random.Random(seed), load_bi_encoder(device="cpu"), 0
    with tempfile.TemporaryDirectory() as place:
        os.environ["BXE_CACHE"] = f"{place}/cache"
        texts = PASSAGES.tolist()
        expected = {n: embed_kept(reading(model, n), texts, encode="encode_document") for n in LENGTHS}
        full = f"{place}/full"
        for task, look in ((build, look_at_built), (change, look_at_changed)):
            if task is build:
                whole, well, told = apart(build, full, model, expected)
            else:
                shutil.copytree(full, f"{place}/changed")
                whole, well, told = apart(change, f"{place}/changed", model, expected)
            assert well, f"{task.__name__} fails without a kill: {told}"
            for number in range(kills):
                folder, moment = f"{place}/{task.__name__}{number}", rng.uniform(0, 1) * whole
                if task is change:
                    shutil.copytree(full, folder)
                _, finished, _ = apart(task, folder, model, expected, kill_after=moment)
                _, well, told = apart(look, folder, model, expected)
                failed += not well
                state = "finished before" if finished else "killed"
                print(f"{task.__name__} {number}: {state} {moment:.2f} s of {whole:.2f} s; {told}", flush=True)
    print("all whole" if not failed else f"{failed} FAILED")
    return failed


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), seed=int(sys.argv[2]) if len(sys.argv) > 2 else 0))
