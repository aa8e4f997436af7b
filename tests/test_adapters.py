"""Adapters of a bi-encoder: saved whole or not at all, loaded on their own base only."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from peft import LoraConfig

from bxe import models
from bxe.models import minilm_folder

TEXTS = ["Where is my parcel?", "My card was refused."]


@pytest.fixture
def trained():
    """MiniLM with an adapter whose weights are not 0."""
    model = models.load_bi_encoder(device="cpu")
    model.add_adapter(LoraConfig(task_type="FEATURE_EXTRACTION", r=4, target_modules=["query", "value"]))
    torch.manual_seed(0)
    for name, weights in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weights, std=0.05)
    return model.eval()


def test_a_saved_adapter_gives_the_same_vectors_again(trained, tmp_path):
    folder = models.save_adapter(trained, tmp_path / "tickets")
    model = models.load_bi_encoder(device="cpu")
    before = model.encode(TEXTS)
    models.load_adapter(model, folder)
    assert np.allclose(model.encode(TEXTS), trained.encode(TEXTS), atol=1e-6)
    assert not np.allclose(model.encode(TEXTS), before, atol=1e-3)


def test_the_adapter_is_small_and_names_no_folder_of_this_machine(trained, tmp_path):
    folder = models.save_adapter(trained, tmp_path / "tickets")
    assert (folder / "adapter_model.safetensors").stat().st_size < 1e6
    named = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))["base_model_name_or_path"]
    assert named == "sentence-transformers/all-MiniLM-L6-v2"
    for name in ("adapter_config.json", "base.json", "README.md"):
        assert str(minilm_folder()) not in (folder / name).read_text(encoding="utf-8"), name


def test_another_base_model_is_a_clear_error(trained, tmp_path):
    folder = models.save_adapter(trained, tmp_path / "tickets")
    other = models.load_bi_encoder(device="cpu")
    with torch.no_grad():
        other[0].model.encoder.layer[0].output.dense.bias[0] += 1e-3
    with pytest.raises(
        ValueError,
        match=r"trained on sentence-transformers/all-MiniLM-L6-v2 \(weights [0-9a-f]{8}\), but this model has "
        r"the weights [0-9a-f]{8}; load sentence-transformers/all-MiniLM-L6-v2 first$",
    ):
        models.load_adapter(other, folder)
    assert not getattr(other[0].model, "peft_config", None)


def test_an_adapter_is_not_put_on_another(trained, tmp_path):
    folder = models.save_adapter(trained, tmp_path / "tickets")
    with pytest.raises(ValueError, match="^the model has an adapter already; load the base model anew$"):
        models.load_adapter(trained, folder)


def test_an_interrupted_save_leaves_nothing(trained, tmp_path, monkeypatch):
    def interrupted(folder):
        assert Path(folder).parent == tmp_path  # on the same disk, so that the last step is a renaming
        assert Path(folder).name.startswith(".tickets.")
        Path(folder, "adapter_model.safetensors").write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(trained, "save_pretrained", interrupted)
    with pytest.raises(KeyboardInterrupt):
        models.save_adapter(trained, tmp_path / "tickets")
    assert list(tmp_path.iterdir()) == []


def test_an_adapter_is_replaced_and_nothing_else_is(trained, tmp_path):
    folder = models.save_adapter(trained, tmp_path / "tickets")
    models.save_adapter(trained, folder)
    assert [path.name for path in tmp_path.iterdir()] == ["tickets"]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(ValueError, match="holds something else"):
        models.save_adapter(trained, tmp_path / "mine")
    assert (tmp_path / "mine" / "letter.txt").read_text() == "dear"


def test_a_folder_that_lacks_a_file_is_told(trained, tmp_path):
    folder = models.save_adapter(trained, tmp_path / "tickets")
    assert json.loads((folder / "base.json").read_text())["name"] == "sentence-transformers/all-MiniLM-L6-v2"
    (folder / "base.json").unlink()
    with pytest.raises(FileNotFoundError, match=r"base\.json; give a folder that save_adapter wrote"):
        models.load_adapter(models.load_bi_encoder(device="cpu"), folder)


def test_a_model_without_an_adapter_has_none_to_save(tmp_path):
    told = r"^the model has no adapter; put one on it with model.add_adapter\(LoraConfig\(...\)\), and train it$"
    with pytest.raises(ValueError, match=told):
        models.save_adapter(models.load_bi_encoder(device="cpu"), tmp_path / "tickets")
    assert list(tmp_path.iterdir()) == []


def test_folders_above_are_made_and_others_may_read_but_not_write(trained, tmp_path):
    folder = models.save_adapter(trained, tmp_path / "mine" / "today" / "tickets")
    assert folder == tmp_path / "mine" / "today" / "tickets"
    assert folder.stat().st_mode & 0o777 == 0o755


def test_an_empty_folder_is_filled_and_a_file_is_not_overwritten(trained, tmp_path):
    (tmp_path / "empty").mkdir()
    assert (models.save_adapter(trained, tmp_path / "empty") / "base.json").is_file()
    (tmp_path / "letter").write_text("dear")
    with pytest.raises(ValueError, match="letter holds something else than an adapter; give a new folder"):
        models.save_adapter(trained, tmp_path / "letter")
    assert (tmp_path / "letter").read_text() == "dear"
