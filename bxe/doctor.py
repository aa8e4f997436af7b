"""What this machine has, and whether its scores are the published ones."""

from __future__ import annotations

import math
import os
import platform
import sys
from collections.abc import Callable
from importlib.metadata import version

from bxe import corpora, models

# sbert.net's example: three sentences, and the cosines that its documentation prints for all-MiniLM-L6-v2.
REFERENCE_SENTENCES = ("The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium.")
REFERENCE_COSINES = (0.6660, 0.1046, 0.1411)  # 1-2, 1-3, 2-3
COSINE_TOLERANCE, LOGIT_TOLERANCE = 0.001, 0.02  # published with four decimals and with two
# The two models of that documentation under their names on the Hub; the scores of the second are in corpora.load_reference().
HUB_BI_ENCODER = "sentence-transformers/all-MiniLM-L6-v2"
HUB_CROSS_ENCODER = "cross-encoder/ms-marco-MiniLM-L6-v2"


def examine(*, hub: bool = False) -> bool:
    """Print versions, device, and reference scores beside the published ones; verify what ships; True if all is well.

    Args:
        hub: also load the two models of sbert.net's example (from the Hugging Face Hub or its cache) and compare.

    Raises:
        ValueError: if BXE_DEVICE names a device that this machine does not have.

    Example:
        >>> examine()
        Python 3...
        cosine of sentences 1 and 2: 0.66... (published: 0.6660)
        ...
        all well
        True
    """
    import torch

    print(f"Python {platform.python_version()} on {platform.system()} {platform.machine()}, {os.cpu_count()} cores")
    for package in ("bxe", "torch", "sentence-transformers", "transformers"):
        print(f"{package:<24}{version(package)}")
    device = models.pick_device()
    name = f" ({torch.cuda.get_device_name(device)})" if device.startswith("cuda") else ""
    print(f"{'device':<24}{device}{name}")
    well = _well(_compare_cosines, models.BI_ENCODER)
    for load, model in (
        (models.load_cross_encoder, models.CROSS_ENCODER),
        (models.load_image_encoder, models.IMAGE_ENCODER),
    ):
        well = _well(_reading(load), model) and well  # verified on the way
    # Each file that ships is read and verified, whatever became of the one before.
    shipped = [*[(corpora.load, name) for name in corpora.COLUMNS], *[(corpora.card, name) for name in corpora.COLUMNS]]
    shipped.append((lambda name: corpora.load_reference(), "reference"))
    read = [_well(_reading(load), name) for load, name in shipped]
    print(f"{'texts':<24}{sum(read)} of {len(read)} sets and cards are as they ship")
    well = all(read) and well
    if hub:
        # Each is tried, whatever became of the one before.
        well = _well(_compare_cosines, HUB_BI_ENCODER) and well
        well = _well(_compare_logits, HUB_CROSS_ENCODER) and well
    if well:
        print("all well")
    return well


def _well(compare: Callable[[str], float], model: str) -> bool:
    """Run one comparison, and say on stderr if the model does not load or a score is off."""
    try:
        off = compare(model)
    except (OSError, ValueError) as error:
        print(f"NOT CHECKED: {error}", file=sys.stderr)
        return False
    if not off <= 1:  # a broken device gives nan, which is no distance at all
        whole = ", or delete the model from the Hub's cache and load it again" if "/" in model else ""
        print(f"NOT WELL: a score of {model} is not the published one; try BXE_DEVICE=cpu{whole}", file=sys.stderr)
        return False
    return True


def _reading(load: Callable[[str], object]) -> Callable[[str], float]:
    """Reading what ships as a comparison: it is read as it was sent, or there is an error."""

    def read(name: str) -> float:
        load(name)
        return 0.0

    return read


def _compare_cosines(model: str) -> float:
    """Print cosines beside the published ones; the largest distance in units of the tolerance, nan if one is nan."""
    encoder = models.load_bi_encoder(model)
    vectors = encoder.encode(list(REFERENCE_SENTENCES))
    cosines, worst = encoder.similarity(vectors, vectors), 0.0
    for (i, j), published in zip(((0, 1), (0, 2), (1, 2)), REFERENCE_COSINES):
        worst = _further(worst, abs(float(cosines[i, j]) - published) / COSINE_TOLERANCE)
        print(f"cosine of sentences {i + 1} and {j + 1}: {cosines[i, j]:.4f} (published: {published:.4f})")
    return worst


def _compare_logits(model: str) -> float:
    """As _compare_cosines, for the scores of the documentation's ten passages on Berlin."""
    reference, worst = corpora.load_reference(), 0.0
    logits = models.load_cross_encoder(model).predict(list(zip(reference["query"], reference.text)))
    for text, logit, published in zip(reference.text, logits, reference.score):
        worst = _further(worst, abs(float(logit) - published) / LOGIT_TOLERANCE)
        print(f"score of {text[:40]!r}...: {logit:.2f} (published: {published:.2f})")
    return worst


def _further(worst: float, off: float) -> float:
    return off if math.isnan(off) or off > worst else worst
