"""A linear layer on frozen vectors: the library's losses teach it, and it fits behind a model."""

import numpy as np
import pandas as pd
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.losses import CosineSimilarityLoss, MultipleNegativesRankingLoss

from bxe import models, retrieval

TEXTS = ["Where is my parcel?", "My card was refused.", "Is it raining?"]


def test_a_new_layer_changes_nothing():
    vectors = np.random.default_rng(0).normal(size=(5, 8))
    expected = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    assert np.allclose(models.through(models.linear_layer(8), vectors), expected, atol=1e-6)


def test_learning_brings_partners_nearer_than_others():
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=(2, 16, 8))
    layer = models.linear_layer(8)
    models.learn(layer, MultipleNegativesRankingLoss(layer), [[first, second]] * 200, learning_rate=0.01)
    cosines = models.through(layer, first) @ models.through(layer, second).T
    assert cosines.diagonal().mean() > cosines.mean() + 0.3


def test_a_step_is_small_and_what_no_text_speaks_of_stays_as_it_was():
    vectors = np.random.default_rng(0).normal(size=(2, 16, 8))
    vectors[..., 7] = 0
    layer = models.linear_layer(8)
    models.learn(layer, CosineSimilarityLoss(layer), [vectors])
    weights = layer[0].linear.weight.detach().numpy()
    assert np.array_equal(weights[:, 7], np.eye(8)[7])
    assert 0 < np.abs(weights - np.eye(8)).max() < 0.01


def test_behind_a_bi_encoder_it_makes_a_whole_model():
    bi, layer = models.load_bi_encoder(device="cpu"), models.linear_layer()
    whole = SentenceTransformer(modules=[*bi, *layer], device="cpu")
    assert np.allclose(whole.encode(TEXTS), bi.encode(TEXTS), atol=1e-5)


def test_a_model_that_looks_up_gives_the_vectors_of_embed(tmp_path, monkeypatch):
    monkeypatch.setenv("BXE_CACHE", str(tmp_path))
    bi = models.load_bi_encoder(device="cpu")
    vectors = retrieval.embed(bi, pd.Series(TEXTS))
    monkeypatch.setattr(bi, "encode_document", None)  # whatever is asked again comes from the disk
    kept = retrieval.Kept(bi)
    assert np.array_equal(kept.encode_document(TEXTS, show_progress_bar=True), vectors)
    assert kept.get_embedding_dimension() == 384
