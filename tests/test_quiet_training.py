"""Training in a notebook: silent, without files, and only the layers learn that should."""

import pytest
import torch
from datasets import Dataset
from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer, SentenceTransformerTrainingArguments
from sentence_transformers.cross_encoder import CrossEncoderTrainer, CrossEncoderTrainingArguments
from sentence_transformers.cross_encoder.losses import BinaryCrossEntropyLoss
from sentence_transformers.sentence_transformer.losses import CosineSimilarityLoss
from transformers import PrinterCallback

from bxe import models

DATA = {"a": ["My card was refused.", "Is it raining?"], "b": ["Payment declined.", "Close it."], "label": [1.0, 0.0]}
KINDS = {
    "bi": (
        models.load_bi_encoder,
        SentenceTransformerTrainer,
        SentenceTransformerTrainingArguments,
        CosineSimilarityLoss,
    ),
    "cross": (models.load_cross_encoder, CrossEncoderTrainer, CrossEncoderTrainingArguments, BinaryCrossEntropyLoss),
}


@pytest.mark.parametrize("kind", KINDS)
def test_either_trainer_trains_the_upper_layers_prints_nothing_and_leaves_no_file(kind, capfd, tmp_path, monkeypatch):
    load, trainer, arguments, loss = KINDS[kind]
    monkeypatch.chdir(tmp_path)
    model = load(device="cpu")
    model.model_card_data.widget = [{"text": DATA["a"][0]}]
    models.upper_layers_learn(model, 2)
    layers = model[0].model.encoder.layer
    before = [layer.output.dense.weight.clone() for layer in layers]
    capfd.readouterr()
    with models.quiet_training(model) as quiet:
        given = arguments(max_steps=1, learning_rate=1e-2, **quiet)
        training = trainer(model, given, train_dataset=Dataset.from_dict(DATA), loss=loss(model))
        training.remove_callback(PrinterCallback)
        training.train()
    changed = [not torch.equal(old, layer.output.dense.weight) for old, layer in zip(before, layers)]
    assert changed == [False] * (len(layers) - 2) + [True] * 2
    assert "".join(capfd.readouterr()) == ""
    assert list(tmp_path.iterdir()) == []


def test_a_model_has_only_so_many_layers():
    for layers in (-1, 7):
        with pytest.raises(ValueError, match=f"layers is {layers}; the model has 6 of them"):
            models.upper_layers_learn(models.load_bi_encoder(device="cpu"), layers)


@pytest.mark.parametrize("layers", [0, 1, 6])
def test_what_is_behind_the_transformer_learns_always_and_its_embeddings_never(layers):
    model = SentenceTransformer(modules=[models.load_bi_encoder(device="cpu")[0], *models.linear_layer()], device="cpu")
    models.upper_layers_learn(model, layers)
    body = model[0].model
    learn = [all(weights.requires_grad for weights in layer.parameters()) for layer in body.encoder.layer]
    assert learn == [False] * (6 - layers) + [True] * layers
    assert model[1].linear.weight.requires_grad
    assert not any(weights.requires_grad for weights in body.embeddings.parameters())
