"""Our cross-encoder: a plain CrossEncoder that gives logits, silently, the same whatever the batch, and ranks Berlin right."""

import hashlib
import shutil
import subprocess
import sys

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from scipy.stats import spearmanr
from sentence_transformers import CrossEncoder
from sentence_transformers.base.modules import Module

from bxe import corpora, models
from bxe.models.reranker import ADAPTER_FILES

WEIGHTS = models.WEIGHTS / models.CROSS_ENCODER


@pytest.fixture(scope="module")
def reranker():
    return models.load_cross_encoder(device="cpu")


@pytest.fixture(scope="module")
def berlin():
    return corpora.load_reference()


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch):
    for name in ("BXE_CROSS_ENCODER", "BXE_DEVICE"):
        monkeypatch.delenv(name, raising=False)


def test_loading_prints_one_line_and_nothing_else(reranker, capfd):
    capfd.readouterr()
    models.load_cross_encoder(device="cpu")
    out, err = capfd.readouterr()
    assert out == "cross-encoder: bxe-reranker-minilm (embedded)\n" and err == ""


def test_it_is_a_plain_cross_encoder_of_standard_modules(reranker):
    assert type(reranker) is CrossEncoder
    assert all(type(module).__module__.startswith("sentence_transformers.") for module in reranker)
    assert all(isinstance(module, Module) for module in reranker)
    assert not any("lora" in name for name, _ in reranker.named_parameters())


def test_a_score_is_a_layer_of_the_mean_token_vector(reranker):
    tokens = reranker.preprocess([("Who is it?", "It is me.")])
    assert reranker.max_seq_length == 256 and reranker[1].get_embedding_dimension() == 384
    with torch.inference_mode():
        mean = reranker[0](tokens)["token_embeddings"].mean(1)  # one pair, so no padding
        by_hand = reranker[3].linear(torch.nn.functional.gelu(reranker[2].linear(mean)))
    assert reranker.predict([("Who is it?", "It is me.")])[0] == pytest.approx(by_hand.item(), abs=1e-4)


def test_scores_are_logits_without_a_fixed_range(reranker, berlin):
    scores = reranker.predict(list(zip(berlin["query"], berlin.text)))
    assert scores.shape == (10,) and scores.dtype == np.float32
    assert scores.min() < -1  # neither a sigmoid nor a cosine is


def test_rank_orders_by_the_scores_of_predict(reranker, berlin):
    scores = reranker.predict(list(zip(berlin["query"], berlin.text)))
    ranked = reranker.rank(berlin["query"][0], berlin.text.tolist())
    assert [hit["corpus_id"] for hit in ranked] == np.argsort(-scores).tolist()
    assert [hit["score"] for hit in ranked] == pytest.approx(sorted(scores, reverse=True), abs=1e-4)


def test_scores_agree_whatever_the_batch_size(reranker):
    passages = corpora.load("passages").text[:24].tolist()
    pairs = [("Which city was divided by a wall?", passage) for passage in [*passages, "Short.", passages[0] * 4]]
    alone = reranker.predict(pairs, batch_size=1)
    for size in (3, 8, 64):
        assert np.abs(reranker.predict(pairs, batch_size=size) - alone).max() < 1e-4


def test_two_processes_may_load_it_at_once(reranker):
    code = (
        "import sentence_transformers; from bxe import load_cross_encoder; print('ready', flush=True)\n"
        "print(load_cross_encoder(device='cpu').predict([('a', 'b')])[0])"
    )
    other = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert other.stdout.readline() == "ready\n"
    while other.poll() is None:  # this process loads it all the time that the other does
        ours = models.load_cross_encoder(device="cpu").predict([("a", "b")])[0]
    named, score = other.stdout.read().splitlines()
    assert named == "cross-encoder: bxe-reranker-minilm (embedded)"
    assert float(score) == pytest.approx(float(ours), abs=1e-4)


def test_adapter_and_head_are_under_eight_megabytes(reranker):
    assert sum(path.stat().st_size for path in WEIGHTS.glob("*.safetensors")) < 8e6


def test_a_saved_folder_gives_the_same_scores(reranker, tmp_path, capsys):
    reranker.save_pretrained(str(tmp_path / "saved"))
    again = models.load_cross_encoder(tmp_path / "saved", device="cpu")
    assert "(folder)" in capsys.readouterr().out
    pairs = [("Who is it?", "It is me."), ("Who is it?", "Rain fell.")]
    assert again.predict(pairs) == pytest.approx(reranker.predict(pairs), abs=1e-5)


def test_bfloat16_keeps_the_order_of_clear_cases(reranker, berlin):
    half = models.load_cross_encoder(device="cpu", precision="bfloat16")
    assert next(half.parameters()).dtype == torch.bfloat16
    pairs = list(zip(berlin["query"], berlin.text))
    assert spearmanr(half.predict(pairs), reranker.predict(pairs)).statistic > 0.95


@pytest.fixture
def copy(reranker, tmp_path):
    shutil.copytree(WEIGHTS, tmp_path / "copy")
    return tmp_path / "copy"


@pytest.mark.parametrize("name", ["adapter_config.json", "adapter_model.safetensors", "head.safetensors", "SHA256SUMS"])
def test_a_missing_file_is_named(copy, name):
    (copy / name).unlink()
    with pytest.raises(FileNotFoundError, match=f"{name} is missing"):
        models.adapted_reranker(copy, "cpu")


def test_one_changed_byte_is_found(copy):
    content = bytearray((copy / "head.safetensors").read_bytes())
    content[-5] ^= 1
    (copy / "head.safetensors").write_bytes(content)
    with pytest.raises(ValueError, match="head.safetensors is damaged or was changed.*Install bxe again"):
        models.adapted_reranker(copy, "cpu")


def test_errors_are_those_of_the_bi_encoder(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        models.load_cross_encoder(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="holds no model"):
        models.load_cross_encoder(tmp_path)
    with pytest.raises(ValueError, match="device is 'gpu'"):
        models.load_cross_encoder(device="gpu")
    with pytest.raises(ValueError, match="precision is 'half'"):
        models.load_cross_encoder(precision="half")


def test_berlin_is_ranked_nearly_as_by_ms_marco_minilm(reranker, berlin):
    scores = reranker.predict(list(zip(berlin["query"], berlin.text)))
    assert spearmanr(scores, berlin.score).statistic >= 0.85
    assert set(np.argsort(-scores)[:3]) == set(np.argsort(-berlin.score.to_numpy())[:3])


def test_a_head_of_another_make_up_is_refused_with_its_names(copy):
    save_file({"2.weight": torch.zeros(1, 384), "2.bias": torch.zeros(1)}, copy / "head.safetensors")
    sums = [f"{hashlib.sha256((copy / name).read_bytes()).hexdigest()}  {name}\n" for name in ADAPTER_FILES]
    (copy / "SHA256SUMS").write_text("".join(sums))
    with pytest.raises(
        ValueError, match=r"copy/head.safetensors has 2.(bias, 2.weight|weight, 2.bias); this version of"
    ):
        models.adapted_reranker(copy, "cpu")


def test_sums_that_name_no_file_are_refused(copy):
    (copy / "SHA256SUMS").write_text("")
    with pytest.raises(ValueError, match="SHA256SUMS is damaged"):
        models.adapted_reranker(copy, "cpu")


def test_a_model_without_a_head_is_refused(tmp_path):
    folder = tmp_path / "encoder"
    shutil.copytree(models.minilm_folder(), folder)
    (folder / "modules.json").unlink()
    with pytest.raises(ValueError, match="has no trained head to score pairs with"):
        models.load_cross_encoder(folder, device="cpu")


def test_missing_weights_say_what_to_do_instead(monkeypatch, tmp_path):
    monkeypatch.setattr(models.loading, "WEIGHTS", tmp_path)
    instead = (
        r'Or train them \(see training/README.md\), or name another model: load_cross_encoder\("cross-encoder/ms-marco'
    )
    with pytest.raises(FileNotFoundError, match=f'is missing. Install bxe again.* {instead}-MiniLM-L6-v2"\\)$'):
        models.load_cross_encoder(device="cpu")


def test_a_saved_cross_encoder_loads_from_its_folder(tmp_path, capsys):
    """A head that somebody else trained: here a fresh one, saved once and loaded twice."""
    model = models.reranker_modules("cpu")
    model.save_pretrained(str(tmp_path / "mine"))
    pairs = [("Who is it?", "It is me."), ("Who is it?", "Rain fell.")]
    for _ in range(2):
        again = models.load_cross_encoder(tmp_path / "mine", device="cpu")
        assert again.predict(pairs) == pytest.approx(model.predict(pairs), abs=1e-5)
    assert f"cross-encoder: {tmp_path / 'mine'} (folder)" in capsys.readouterr().out
