"""The pool: the pairs of question and passage that any of several systems puts first, with the systems hidden."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bxe.files import expect_seed
from bxe.retrieval import Run, first

if TYPE_CHECKING:
    import pandas as pd


def pool(*runs: Run, top_k: int = 10, seed: int = 0) -> pd.DataFrame:
    """The pairs to grade: for each question the first `top_k` passages of each run, each once, in random order.

    Neither rank nor system can be told from the result, so that a grader cannot favour one.

    Args:
        runs: for the same questions, at least one.
        top_k: how far each run is read; at least 1.
        seed: of the order of the passages. The questions stay in the order of the first run.

    Returns:
        A row for each pair, with the columns question_id and passage_id, numbered from 0.

    Raises:
        TypeError: if a run is not a dict of dicts.
        ValueError: if there is no run, the runs are for different questions, they found nothing at all, top_k is not a
            whole number of at least 1, or seed none of at least 0.

    Example:
        >>> pairs = pool({"q1": {"tea": 0.9, "rain": 0.1}}, {"q1": {"snow": 3.0}}, top_k=1)
        >>> sorted(pairs.passage_id)
        ['snow', 'tea']

    Source: Spärck Jones & van Rijsbergen (1975), on pooling; Voorhees (2002), "The Philosophy of Information Retrieval
    Evaluation".
    """
    import pandas as pd

    if not runs:
        raise ValueError("there are no runs to pool; give at least one")
    shortened = [first(run, top_k) for run in runs]
    if any(run.keys() != runs[0].keys() for run in runs):
        raise ValueError("the runs are for different questions; pool runs for the same ones")
    rng, rows = np.random.default_rng(expect_seed(seed)), []
    for question in runs[0]:
        # Sorted first: otherwise the order in which the runs are given would decide what the seed draws.
        found = sorted({passage for run in shortened for passage in run[question]}, key=str)
        rows += [(question, found[at]) for at in rng.permutation(len(found))]
    if not rows:
        raise ValueError("the runs found nothing, so there is nothing to grade")
    return pd.DataFrame(rows, columns=["question_id", "passage_id"])
