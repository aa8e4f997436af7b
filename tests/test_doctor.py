"""`bxe doctor --hub` with small models in a Hub cache under the official names: right scores, wrong ones, missing files."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
import torch
from huggingface_hub import constants
from sentence_transformers import CrossEncoder, SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification, BertModel

from bxe import cli, corpora, doctor, models


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A folder each with a small, untrained bi-encoder and cross-encoder, saved as the Hub has them."""
    torch.manual_seed(0)
    # Large random weights, so that other words give clearly other scores.
    size = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    config = BertConfig(**size, num_labels=1, initializer_range=1.0)
    tokenizer = AutoTokenizer.from_pretrained(models.minilm_folder(), local_files_only=True)
    folder = tmp_path_factory.mktemp("small")
    for kind, model in {"layers": BertModel(config), "cross": BertForSequenceClassification(config)}.items():
        model.save_pretrained(folder / kind)
        tokenizer.save_pretrained(folder / kind)
    layers = Transformer(str(folder / "layers"))
    SentenceTransformer(modules=[layers, Pooling(16, "mean")], device="cpu").save_pretrained(str(folder / "bi"))
    return folder


@pytest.fixture
def hub(small, tmp_path, monkeypatch):
    """A Hub cache with both models under their official names, no network, and what these models give as published."""
    for name, kind in ((doctor.HUB_BI_ENCODER, "bi"), (doctor.HUB_CROSS_ENCODER, "cross")):
        cached = tmp_path / f"models--{name.replace('/', '--')}"
        shutil.copytree(small / kind, cached / "snapshots" / "abc")
        (cached / "refs").mkdir()
        (cached / "refs" / "main").write_text("abc")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setenv("BXE_DEVICE", "cpu")
    bi = SentenceTransformer(str(small / "bi"), device="cpu")
    cosines = bi.similarity(*[bi.encode(list(doctor.REFERENCE_SENTENCES))] * 2)
    published = {doctor.HUB_BI_ENCODER: tuple(cosines[[0, 0, 1], [1, 2, 2]].tolist())}
    embedded = doctor._compare_cosines

    def compare_cosines(model):
        with monkeypatch.context() as patch:
            patch.setattr(doctor, "REFERENCE_COSINES", published.get(model, doctor.REFERENCE_COSINES))
            return embedded(model)

    monkeypatch.setattr(doctor, "_compare_cosines", compare_cosines)
    cross = CrossEncoder(str(small / "cross"), device="cpu")
    reference = corpora.load_reference()
    logits = cross.predict(list(zip(reference["query"], reference.text)), activation_fn=lambda x: x)
    monkeypatch.setattr(corpora, "load_reference", lambda: reference.assign(score=pd.Series(logits, dtype=float)))
    return SimpleNamespace(folder=lambda name: tmp_path / f"models--{name.replace('/', '--')}", published=published)


def test_right_scores_are_all_well(hub, capsys):
    assert cli.main(["doctor", "--hub"]) == 0
    out = capsys.readouterr().out
    assert f"bi-encoder: {doctor.HUB_BI_ENCODER} (Hub cache)" in out
    assert f"cross-encoder: {doctor.HUB_CROSS_ENCODER} (Hub cache)" in out
    assert out.count("(published: ") == 3 + 3 + 10 and out.endswith("all well\n")


def test_without_hub_only_the_embedded_model_is_checked(hub, capsys):
    assert cli.main(["doctor"]) == 0
    out = capsys.readouterr().out
    assert "Hub" not in out and out.count("(published: ") == 3


@pytest.mark.parametrize("off", [0.05, -0.05, float("nan")])
def test_a_wrong_score_of_the_cross_encoder_is_told(hub, capsys, monkeypatch, off):
    published = corpora.load_reference()
    published.loc[4, "score"] += off
    monkeypatch.setattr(corpora, "load_reference", lambda: published)
    assert cli.main(["doctor", "--hub"]) == 1
    out, err = capsys.readouterr()
    assert f"NOT WELL: a score of {doctor.HUB_CROSS_ENCODER} is not the published one" in err and "all well" not in out


def test_a_wrong_score_of_the_bi_encoder_is_told_and_the_cross_encoder_still_checked(hub, capsys):
    first, *others = hub.published[doctor.HUB_BI_ENCODER]
    hub.published[doctor.HUB_BI_ENCODER] = (first - 0.01, *others)
    assert cli.main(["doctor", "--hub"]) == 1
    out, err = capsys.readouterr()
    assert f"NOT WELL: a score of {doctor.HUB_BI_ENCODER}" in err and "score of 'Berlin is well known" in out


@pytest.mark.parametrize("name", [doctor.HUB_BI_ENCODER, doctor.HUB_CROSS_ENCODER])
def test_a_model_that_is_not_in_the_cache_is_told_and_the_other_still_checked(hub, capsys, name):
    shutil.rmtree(hub.folder(name))
    assert cli.main(["doctor", "--hub"]) == 1
    out, err = capsys.readouterr()
    assert f"NOT CHECKED: {name} is not in the Hub's cache, and HF_HUB_OFFLINE is set" in err
    assert out.count("(Hub cache)") == 1 and "all well" not in out


@pytest.mark.parametrize("name", [doctor.HUB_BI_ENCODER, doctor.HUB_CROSS_ENCODER])
@pytest.mark.parametrize("file", ["model.safetensors", "config.json", "tokenizer.json"])
def test_a_missing_file_is_an_error_and_no_traceback(hub, capsys, name, file):
    for path in hub.folder(name).rglob(file):
        path.unlink()
    assert cli.main(["doctor", "--hub"]) == 1
    out, err = capsys.readouterr()
    assert "NOT CHECKED: " in err and file in err and "all well" not in out


@pytest.mark.parametrize("name", [doctor.HUB_BI_ENCODER, doctor.HUB_CROSS_ENCODER])
def test_weights_cut_short_are_an_error_and_no_traceback(hub, capsys, name):
    for path in hub.folder(name).rglob("model.safetensors"):
        path.write_bytes(path.read_bytes()[:-100])
    assert cli.main(["doctor", "--hub"]) == 1
    out, err = capsys.readouterr()
    assert f"NOT CHECKED: {name} is in the Hub's cache only in part" in err and "not a whole safetensors file" in err
    assert out.count("(Hub cache)") == 1 and "all well" not in out


def test_everything_that_ships_is_checked(capsys, monkeypatch, tmp_path):
    shutil.copytree(models.WEIGHTS, tmp_path / "weights")
    head = tmp_path / "weights" / models.CROSS_ENCODER / "head.safetensors"
    head.write_bytes(head.read_bytes()[:-1] + b"\xff")
    (tmp_path / "weights" / models.IMAGE_ENCODER / "bridge.safetensors").unlink()
    monkeypatch.setattr(models.loading, "WEIGHTS", tmp_path / "weights")
    shutil.copytree(Path(corpora.__file__).parent.parent / "data", tmp_path / "data")
    (tmp_path / "data" / "passages.jsonl").write_bytes(b"")
    (tmp_path / "data" / "sts.md").unlink()
    (tmp_path / "data" / "reference.json").write_bytes(b"{}")
    monkeypatch.setattr(corpora.sets, "files", lambda package: tmp_path)
    monkeypatch.setattr(doctor, "_compare_cosines", lambda model: 0.0)
    assert cli.main(["doctor"]) == 1
    out, err = capsys.readouterr()
    files = (
        "head.safetensors is damaged",
        "bridge.safetensors is missing",
        "passages.jsonl is damaged",
        "sts.md is missing",
        "reference.json is damaged",
    )
    for said in files:
        assert said in err
    assert err.count("NOT CHECKED") == 5 and "all well" not in out


def test_the_published_scores_are_reproduced(capsys, monkeypatch):
    monkeypatch.setenv("BXE_DEVICE", "cpu")
    assert cli.main(["doctor"]) == 0
    out = capsys.readouterr().out
    assert "0.6660 (published: 0.6660)" in out and out.endswith("all well\n")


@pytest.mark.parametrize("published", [(0.7, 0.1046, 0.1411), (0.6660, float("nan"), 0.1411)])
def test_scores_that_are_off_or_no_numbers_are_told(capsys, monkeypatch, published):
    monkeypatch.setattr(doctor, "REFERENCE_COSINES", published)
    assert cli.main(["doctor"]) == 1
    assert "NOT WELL" in capsys.readouterr().err
