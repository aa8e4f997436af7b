"""The facts of an advice: what was measured, what it means, and for which limits."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bxe.advisor.decide import Decision, Gain
from bxe.advisor.measuring import Measured

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Facts:
    """What was measured, and what follows from it.

    table: a row per system, cheapest first: "nDCG@10" (None without judged questions), on how many "questions" (a
    cross-encoder that is far too slow is asked a few: its nDCG@10 is then that of BM25 and its gain on those), "gain" over
    BM25 with the ends of its 95 % interval, and the columns of `costs.COLUMNS`. choice: the system to use, or None. why:
    plain sentences. measured, decision, gains (by pair of systems): what they are made of. questions: those that were
    asked and have relevant passages. name: what the page calls the texts.
    """

    table: pd.DataFrame
    choice: str | None
    why: list[str]
    decision: Decision
    gains: dict[tuple[str, str], Gain] = field(repr=False)
    measured: Measured = field(repr=False)
    load: float
    latency_ms: float
    questions: int
    name: str
