"""The int8 copy: near the model that it was made of, a plain SentenceTransformer, exported once and then kept."""

import copy
import gc
import logging
import os
import subprocess
import sys

import numpy as np
import pytest
import torch

from bxe import load_bi_encoder, models, retrieval
from bxe.models import exported

TEXTS = ["Pour green tea at 80 degrees.", "rain", "The chain of a bicycle wants oil after every ride in the rain. " * 9]


@pytest.fixture(scope="module")
def model():
    """The first two layers of MiniLM, with its weights: enough to see, and exported in a few seconds."""
    whole = load_bi_encoder(device="cpu")
    whole[0].model.encoder.layer = whole[0].model.encoder.layer[:2]
    return whole


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


def vocabularies():
    """Where the largest tables of weights that are alive lie in memory."""
    gc.collect()
    return {one.data_ptr() for one in gc.get_objects() if type(one) is torch.nn.Parameter and one.shape[:1] == (30522,)}


@pytest.fixture(scope="module")
def before(model):
    return vocabularies()


@pytest.fixture
def small(model, before, cache, monkeypatch):
    monkeypatch.setenv("BXE_CACHE", str(cache))
    return models.int8_encoder(model)


def test_vectors_are_near_those_in_float32_and_not_the_same(model, small):
    cosines = (model.encode(TEXTS) * small.encode(TEXTS)).sum(axis=1)
    assert 0.98 < cosines.min() < 0.999999


def test_it_encodes_as_the_library_does(model, small):
    assert type(small) is type(model)
    assert small.encode(TEXTS[0]).shape == (384,)
    assert small.encode([]).shape[0] == 0
    assert small.encode_query(TEXTS[:2], convert_to_tensor=True).device.type == "cpu"
    assert small.max_seq_length == model.max_seq_length
    # What goes into a layer is rounded by one scale for the whole batch, so batch mates change a vector a little.
    alone = np.array([small.encode(text) for text in TEXTS])
    assert (alone * small.encode(TEXTS)).sum(axis=1).min() > 0.99


def test_the_model_itself_is_left_as_it_was(model, small):
    before = model.encode(TEXTS)
    model.train()
    models.int8_encoder(model)
    assert model.training and model[0].model.training
    model.eval()
    np.testing.assert_array_equal(model.encode(TEXTS), before)


def test_nothing_keeps_the_weights_that_were_exported(before, small):
    assert vocabularies() <= before


def test_it_is_exported_once_and_a_damaged_file_anew_in_one_line(model, small, cache, capfd, monkeypatch):
    (kept,) = (cache / "int8").iterdir()
    whole = kept.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(exported, "_export", None)  # so that an export would raise
        np.testing.assert_array_equal(models.int8_encoder(model).encode(TEXTS), small.encode(TEXTS))
    kept.write_bytes(whole[:-1] + b"?")
    again = models.int8_encoder(model)
    said = capfd.readouterr()
    assert said.out == f"{kept.name} in the cache is damaged; it is made anew\n" and said.err == ""
    assert logging.root.manager.disable == logging.NOTSET
    assert kept.read_bytes() == whole
    np.testing.assert_array_equal(again.encode(TEXTS), small.encode(TEXTS))


def test_the_weights_are_read_once_a_copy(model, small, monkeypatch):
    named, original = [], exported._name
    monkeypatch.setattr(exported, "_name", lambda network: named.append(network) or original(network))
    models.int8_encoder(model)
    assert len(named) == 1


def test_other_weights_are_another_file(model):
    changed = copy.deepcopy(model[0].model)
    with torch.no_grad():
        next(changed.parameters())[0, 0] += 1
    assert exported._name(changed) != exported._name(model[0].model)


def test_vectors_that_are_kept_are_told_apart(model, small):
    assert retrieval.kept.fingerprint(small) != retrieval.kept.fingerprint(model)


def test_a_missing_package_is_one_line(model, monkeypatch):
    monkeypatch.setattr(exported, "LIBRARIES", ("no-such-package",))
    with pytest.raises(
        ModuleNotFoundError, match=r'needs the package no-such-package; run: pip install "bxe\[scale\]"'
    ):
        models.int8_encoder(model)


def test_what_is_no_text_model_is_refused(model):
    with pytest.raises(TypeError, match="the model is a NoneType; give a bi-encoder"):
        models.int8_encoder(None)
    with pytest.raises(ValueError, match="the model begins with Pooling"):
        models.int8_encoder(type(model)(modules=[model[1]]))


def test_the_copy_is_not_saved(small, tmp_path):
    for save in (small.save, small.save_pretrained, copy.deepcopy(small).save):
        with pytest.raises(ValueError, match="^an int8 copy cannot be saved; save the model that it was made of$"):
            save(str(tmp_path / "copy"))
    assert list(tmp_path.iterdir()) == []


def test_a_copy_of_a_copy_is_itself(small):
    assert models.int8_encoder(small) is small


def test_onnx_runtime_notes_nothing_down_for_its_makers(tmp_path):
    program = "from bxe.models import exported; exported._runtime()"
    homes = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    subprocess.run([sys.executable, "-c", program], env=os.environ | homes, check=True, timeout=60)
    assert list(tmp_path.rglob("*")) == []
