"""Fit bxe-image-bridge: from EfficientNet-Lite0's features to MiniLM's text space, from names and definitions alone.

    python -m training.image_bridge.train --data DIR     (or: make weights-image-bridge DATA=DIR)

DIR holds ImageNet's class names and definitions (see training/README.md). Measures on classes that were not fitted, fits all
1,000, and writes bxe/weights/bxe-image-bridge. Everything that can be chosen stands in recipe.yaml beside this file.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
from pathlib import Path

import numpy as np
import torch
import yaml
from safetensors.torch import save
from scipy.stats import bootstrap

from bxe.files import write
from bxe.models import IMAGE_ENCODER, WEIGHTS, image_network, load_bi_encoder
from bxe.models.towers import Bridge
from training.image_bridge.fit import choose, fit, only, ranks

HERE = Path(__file__).parent
WAYS = ("both", "classes", "regression")  # the mean of two ways, ConSE alone, the regression alone


def class_words(folder: Path | None) -> list[dict[str, str]]:
    """What each of the 1,000 classes is called, in the network's order: names, name (the first of them), definition.

    Raises:
        SystemExit: if the folder, or a file of it, is missing.
    """
    order, names, definitions = (
        Path(folder or "", f"imagenet_{part}.txt") for part in ("synsets", "synset_to_lemma", "synset_to_definition")
    )
    if folder is None or not all(path.is_file() for path in (order, names, definitions)):
        raise SystemExit(
            f"data: --data {folder} lacks {order.name}, {names.name} or {definitions.name} (see training/README.md)"
        )
    named, defined = (
        dict(line.split("\t") for line in path.read_text("utf-8").splitlines()) for path in (names, definitions)
    )
    return [
        {"names": named[synset], "name": named[synset].split(",")[0], "definition": defined[synset]}
        for synset in order.read_text("utf-8").split()
    ]


def measure(rows: torch.Tensor, vectors: torch.Tensor, asked: dict[str, torch.Tensor], recipe: dict) -> list[dict]:
    """How often an unseen class is named right, and is found by its name, among 200 unseen ones; settings chosen without it.

    The interval is over classes (bootstrap of 1,000 means, each over the splits in which the class is unseen).
    """
    generator = np.random.default_rng(recipe["seed"])
    places = {(way, words, to): [] for way in WAYS for words in asked for to in ("class to text", "text to class")}
    for _ in range(recipe["repeats"]):
        repeat = {key: np.zeros(len(rows)) for key in places}
        for unseen in np.array_split(generator.permutation(len(rows)), recipe["folds"]):
            seen = np.setdiff1d(np.arange(len(rows)), unseen)
            settings = choose(rows[seen], vectors[seen], recipe, generator)
            fitted = fit(rows[seen], vectors[seen], settings)
            print(settings, flush=True)
            for way in WAYS:
                found = Bridge(only(fitted, way) if way != "both" else fitted)(rows[unseen], rows[seen])
                for words, texts in asked.items():
                    repeat[way, words, "class to text"][unseen] = ranks(found, texts[unseen])
                    repeat[way, words, "text to class"][unseen] = ranks(texts[unseen], found)
        for key, of_each in repeat.items():
            places[key].append(of_each)
    return [
        dict(zip(("way", "asked", "direction", "within"), (*key, within)))
        | interval(np.array(of_all) <= within, recipe)
        for key, of_all in places.items()
        for within in (1, 5)
    ]


def interval(right: np.ndarray, recipe: dict) -> dict[str, float]:
    """The share of trues in [repeats, classes], with the 95 % interval over classes."""
    generator = np.random.default_rng(recipe["seed"])
    found = bootstrap([right.mean(0)], np.mean, n_resamples=2000, batch=200, rng=generator).confidence_interval
    return {name: round(float(value), 3) for name, value in zip(("share", "low", "high"), (right.mean(), *found))}


def written(folder: Path, tensors: dict[str, torch.Tensor], measured: list[dict]) -> None:
    """Write the bridge (float16), its SHA256SUMS, and what was measured."""
    content = save(
        {name: value.half().contiguous() if value.dtype == torch.float32 else value for name, value in tensors.items()}
    )
    table = io.StringIO()
    writer = csv.DictWriter(table, measured[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(measured)
    write(folder / "bridge.safetensors", content)
    write(folder / "SHA256SUMS", f"{hashlib.sha256(content).hexdigest()}  bridge.safetensors\n".encode())
    write(folder / "measured.csv", table.getvalue().encode())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="the folder with ImageNet's class names (see training/README.md)")
    parser.add_argument("--out", type=Path, default=WEIGHTS / IMAGE_ENCODER, help="where the bridge is written")
    arguments = parser.parse_args()
    words = class_words(arguments.data)
    recipe = yaml.safe_load((HERE / "recipe.yaml").read_text())
    encoder, rows = load_bi_encoder(device="cpu"), image_network()._fc.weight.detach()

    def embedded(template: str) -> torch.Tensor:
        return encoder.encode([template.format(**of_one) for of_one in words], convert_to_tensor=True).cpu().clone()

    vectors = embedded(recipe["text"])
    measured = measure(
        rows, vectors, {asked: embedded(template) for asked, template in recipe["asked"].items()}, recipe
    )
    for line in measured:
        print(*line.values(), sep="\t")
    settings = choose(rows, vectors, recipe, np.random.default_rng(recipe["seed"]))
    print("all classes:", settings)
    written(arguments.out, fit(rows, vectors, settings), measured)


if __name__ == "__main__":
    main()
