"""Fitting the image bridge: unseen classes are found by their rows, and the card tells what was measured."""

import csv
import re
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from safetensors.torch import load_file
from torch.nn.functional import normalize

from bxe import models
from bxe.models.towers import Bridge
from training.image_bridge import fit, train

RECIPE = yaml.safe_load((Path(train.__file__).parent / "recipe.yaml").read_text())
WEIGHTS = models.WEIGHTS / models.IMAGE_ENCODER
SETTINGS = fit.Settings(0.08, 5, 0.3)


@pytest.fixture(scope="module")
def classes():
    """120 classes whose rows [120, 32] tell what their texts' vectors [120, 16] say, but for noise; the vectors share a part."""
    generator = torch.Generator().manual_seed(0)
    known = torch.randn(120, 8, generator=generator)
    rows = known @ torch.randn(8, 32, generator=generator) + 0.3 * torch.randn(120, 32, generator=generator)
    return rows, normalize(known @ torch.randn(8, 16, generator=generator) + 3, dim=1)


@pytest.mark.parametrize("way", train.WAYS)
def test_unseen_classes_are_named_by_either_way_and_by_both(classes, way):
    rows, vectors = classes
    fitted = fit.fit(rows[:90], vectors[:90], SETTINGS)
    found = Bridge(fitted if way == "both" else fit.only(fitted, way))(rows[90:], rows[:90])
    assert (fit.ranks(found, vectors[90:]) <= 5).mean() > 0.6  # chance: 5 of 30
    assert torch.linalg.norm(found, dim=1).allclose(torch.ones(30))


def test_what_all_texts_share_is_not_in_a_pictures_vector(classes):
    rows, vectors = classes
    found = Bridge(fit.fit(rows, vectors, SETTINGS))(rows, rows)
    assert (found @ vectors.mean(0)).abs().max() < 1e-5 and (vectors @ vectors.mean(0)).mean() > 0.1


def test_a_rank_counts_ties_against_what_was_found():
    eye = torch.eye(3)
    assert fit.ranks(eye, eye).tolist() == [1, 1, 1]
    assert fit.ranks(eye, eye.flip(0)).tolist() == [3, 1, 3]
    assert fit.ranks(torch.ones(3, 3), eye).tolist() == [3, 3, 3]


def test_settings_are_chosen_by_what_they_are_worth_on_classes_left_out(classes):
    # At so high a temperature all of the nearest count alike, and the mean of all 90 that are seen is no class's own.
    recipe = RECIPE | {"temperature": [100.0], "nearest": [90, 5], "penalty": [0.3]}
    assert fit.choose(*classes, recipe, np.random.default_rng(0)) == fit.Settings(100.0, 5, 0.3)


def test_an_interval_is_over_classes():
    found = train.interval(np.array([[1, 1, 0, 0], [1, 1, 0, 0]]), RECIPE)
    assert found["share"] == 0.5 and found["low"] < 0.2 and found["high"] > 0.8


@pytest.mark.parametrize("folder", [None, Path("no/such")])
def test_without_the_class_names_one_line_says_what_is_missing(folder):
    with pytest.raises(SystemExit, match=r"imagenet_synsets.txt, .* .see training/README.md."):
        train.class_words(folder)


def test_class_names_come_in_the_networks_order(tmp_path):
    (tmp_path / "imagenet_synsets.txt").write_text("n2\nn1\n")
    (tmp_path / "imagenet_synset_to_lemma.txt").write_text("n1\ttench, Tinca tinca\nn2\tcrane\nn3\tother\n")
    (tmp_path / "imagenet_synset_to_definition.txt").write_text("n1\ta fish\nn2\ta bird\nn3\tnone\n")
    first, second = train.class_words(tmp_path)
    assert first == {"names": "crane", "name": "crane", "definition": "a bird"}
    assert RECIPE["text"].format(**second) == "tench, Tinca tinca: a fish"
    assert RECIPE["asked"]["a photo of a name"].format(**second) == "a photo of a tench"


def test_what_ships_has_the_settings_that_the_card_states():
    shipped = load_file(WEIGHTS / "bridge.safetensors")
    assert shipped["classes"].shape == shipped["regression"].shape == (1000, 384)
    assert shipped["classes"].dtype == torch.float16 and shipped["nearest"] == 5
    assert shipped["temperature"].item() == pytest.approx(0.08, abs=1e-4)


def test_the_card_tells_what_was_measured_and_no_worse_than_was_asked_for():
    card = (WEIGHTS / "README.md").read_text(encoding="utf-8")
    with (WEIGHTS / "measured.csv").open(encoding="utf-8") as file:
        measured = list(csv.DictReader(file))
    told = re.findall(r"(\d\.\d{3} \[\d\.\d{3}, \d\.\d{3}\])", card)
    shown = [f"{float(r['share']):.3f} [{float(r['low']):.3f}, {float(r['high']):.3f}]" for r in measured]
    assert sorted(told) == sorted(shown)
    headline = ["both", "name and definition", "class to text"]
    first, among_five = (float(r["share"]) for r in measured if list(r.values())[:3] == headline)
    assert first >= 0.48 and among_five >= 0.85
