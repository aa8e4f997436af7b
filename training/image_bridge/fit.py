"""The bridge itself: fitted to classes by their rows, its settings chosen by cross-validation over classes, and judged."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn.functional import normalize

from bxe.models.towers import Bridge


@dataclass(frozen=True)
class Settings:
    """What can be chosen (see recipe.yaml)."""

    temperature: float
    nearest: int
    penalty: float


def settings_of(recipe: dict) -> list[Settings]:
    return [
        Settings(*chosen) for chosen in itertools.product(*(recipe[n] for n in ("temperature", "nearest", "penalty")))
    ]


def fit(rows: torch.Tensor, vectors: torch.Tensor, settings: Settings) -> dict[str, torch.Tensor]:
    """The bridge's tensors for some classes: their rows [classes, features], and their texts' vectors [classes, 384].

    What all classes' vectors have in common says nothing about any of them, but a text may lie nearer to it than another.
    So both ways lead into the space at right angles to it: there the common part can't favour a text.

    Ridge regression is written with the rows' cosines (Saunders et al. 1998, the dual form): its map needs no matrix of its
    own from the features, since the bridge has the cosines already.
    """
    middle = vectors.mean(0)
    common = normalize(middle, dim=0)
    rows = normalize(rows, dim=1)
    apart = vectors - middle
    regression = torch.linalg.solve(rows @ rows.T + settings.penalty * torch.eye(len(rows)), apart)
    return {
        "classes": vectors - torch.outer(vectors @ common, common),
        "regression": regression - torch.outer(regression @ common, common),
        "temperature": torch.tensor(settings.temperature),
        "nearest": torch.tensor(settings.nearest),
    }


def only(tensors: dict[str, torch.Tensor], way: str) -> dict[str, torch.Tensor]:
    """A bridge that goes one of the two ways, "classes" (ConSE) or "regression": the other is given no length."""
    return {
        name: torch.zeros_like(value) if name in {"classes", "regression"} - {way} else value
        for name, value in tensors.items()
    }


def ranks(found: torch.Tensor, vectors: torch.Tensor) -> np.ndarray:
    """At which place, from 1, each found vector has the text that belongs to it; ties count against it."""
    cosines = found @ vectors.T
    return (cosines >= cosines.diagonal()[:, None]).sum(1).numpy()


def choose(rows: torch.Tensor, vectors: torch.Tensor, recipe: dict, generator: np.random.Generator) -> Settings:
    """The settings with the best mean reciprocal rank: of a left-out class's text among those of all left out with it."""
    parts = np.array_split(generator.permutation(len(rows)), recipe["inner_folds"])
    worth = dict.fromkeys(settings_of(recipe), 0.0)
    for part in parts:
        seen = np.setdiff1d(np.arange(len(rows)), part)
        for penalty in recipe["penalty"]:
            fitted = fit(rows[seen], vectors[seen], Settings(1.0, 1, penalty))
            for settings in (s for s in worth if s.penalty == penalty):
                changed = {"temperature": torch.tensor(settings.temperature), "nearest": torch.tensor(settings.nearest)}
                found = Bridge(fitted | changed)(rows[part], rows[seen])
                worth[settings] += float((1 / ranks(found, vectors[part])).sum())
    return max(worth, key=worth.get)
