"""What each system costs at the size of the whole corpus: what was measured, and what is computed from it by a formula."""

from __future__ import annotations

import math
import os
from typing import TYPE_CHECKING

from bxe.advisor.serving import BM25, HNSW, HYBRID, LATE, systems
from bxe.files import cores

if TYPE_CHECKING:
    import pandas as pd

    from bxe.advisor.measuring import Measured

BUSY = 0.7  # of a core at the stated load; beyond it, queries wait for each other (M/M/1: time / (1 - load))
GIGABYTES_A_CORE = 4  # of memory that general-purpose machines of the large clouds have for each core
ROOM = 0.8  # share of this machine's memory that indexes may take

COLUMNS = (
    "p50 ms",
    "p95 ms",
    "queries/s a core",
    "bytes a text",
    "index s",
    "cores at load",
    "cost",
    "fits",
    "limit",
    "time",
    "index",
)


def memory() -> float:
    """Bytes of this machine's memory; endless where the system does not say."""
    try:
        return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    except (AttributeError, OSError, ValueError):
        return math.inf


def factor(step: str, measured_at: int, size: int) -> float:
    """By how much a step takes longer at the corpus's size than at the size where it was timed; 1 if it was timed there.

    Exact search and BM25 look at every text (or at a share of them), so their time is taken as linear; HNSW walks
    down a graph in about log n steps; models read as much whatever the size.

    Args:
        step: as in `serving.systems`.
        measured_at, size: texts, at least 1.

    Example:
        >>> factor("search", 1000, 5000)
        5.0

    Source: Malkov & Yashunin (2018), arXiv:1603.09320, for log n.
    """
    if size <= measured_at or step not in ("search", "bm25", "hnsw"):
        return 1.0
    return math.log(size) / math.log(max(2, measured_at)) if step == "hnsw" else size / measured_at


def parts(system: str) -> list[str]:
    """The indexes that a system keeps: some of "bm25", "dense", "hnsw", "late".

    Example:
        >>> parts("dense + MaxSim (10)")
        ['dense', 'late']
    """
    alone = {BM25: ["bm25"], LATE: ["late"]}
    if system in alone:
        return alone[system]
    more = {HNSW: ["hnsw"], HYBRID: ["bm25"]}.get(system, [])
    return ["dense", *more, *(["late"] if "MaxSim" in system or "sum" in system else [])]


def index_seconds(part: str, measured: Measured) -> float:
    """How long one process builds an index over the whole corpus: n over the measured rate; HNSW by n log n."""
    size = measured.looks.texts
    seconds = size / measured.rates[part]
    if part == "hnsw":
        seconds *= factor(part, measured.sizes[part], size)
    return seconds


def costs(measured: Measured, *, load: float, latency_ms: float) -> pd.DataFrame:
    """A row per system, with the columns COLUMNS; times in ms or s, at the size of the corpus.

    "cost" is the sum of the cores that the load keeps busy (at most BUSY) and of the memory, GIGABYTES_A_CORE a core.
    "limit" says what a system does not meet, "time" and "index" whether a figure is measured or computed.

    Args:
        load: queries a second.
        latency_ms: that 95 of 100 queries must keep.
    """
    import numpy as np
    import pandas as pd

    size, rows = measured.looks.texts, {}
    indexed = measured.sizes | {"dense": measured.sample}
    candidates = systems(measured.depths, hnsw="hnsw" in measured.rates, late="late" in measured.sizes)
    for system, steps in candidates.items():
        factors = {step: factor(step, measured.sizes.get(step, size), size) for step in steps}
        steps += ("fuse",) if system == HYBRID else ()
        wall, cpu = (
            sum(times[step] * factors.get(step, 1.0) for step in steps) for times in (measured.wall, measured.cpu)
        )
        p50, p95 = np.percentile(wall.dropna(), [50, 95])
        rate = 1000 / max(float(cpu.mean()), 1e-3)
        stored = sum(measured.bytes[part] for part in parts(system))
        needed = load / rate / BUSY
        limits = {
            "latency": p95 > latency_ms,
            "load": needed > cores(),
            "memory": stored * size > ROOM * memory(),
        }
        rows[system] = (
            float(p50),
            float(p95),
            rate,
            stored,
            sum(index_seconds(part, measured) for part in parts(system)),
            needed,
            needed + stored * size / 2**30 / GIGABYTES_A_CORE,
            not any(limits.values()),
            ", ".join(name for name, missed in limits.items() if missed),
            "computed" if max(factors.values()) > 1 else "measured",
            "measured" if all(indexed.get(part) == size for part in parts(system)) else "computed",
        )
    table = pd.DataFrame.from_dict(rows, orient="index", columns=list(COLUMNS))
    return table.rename_axis("system")
