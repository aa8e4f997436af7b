"""The choice: the cheapest system within the limits that no other beats by a difference worth having, or nobody yet."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from bxe.retrieval import Interval, compare

if TYPE_CHECKING:
    import pandas as pd

WORTH = 0.03  # of nDCG@10: a smaller difference is not worth a dearer system
LEAST = 20  # questions; of fewer, all may happen to agree where one in seven does not (the rule of three: 3 / 20)
EASY, ENOUGH = 0.95, 0.5  # nDCG@10 at which a sample of less than this share of the texts is too easy
FEWEST = 10  # questions; the bootstrap interval of fewer is too narrow to show anything
POWER = 1.96 + 0.84  # normal quantiles of a two-sided test at 5 %, and of a power of 80 %


@dataclass(frozen=True)
class Gain:
    """How much better one system is than another, question by question."""

    interval: Interval
    spread: float  # standard deviation of the paired differences
    questions: int

    @property
    def needed(self) -> int:
        """The questions that it takes to see a difference of WORTH."""
        return questions_needed(self.spread)

    @property
    def verdict(self) -> str:
        """ "better" (by WORTH or more), "no" (it is not better by so much), or "open" (too few questions to tell)."""
        mean, low, high = self.interval
        enough = self.questions >= self.needed  # which is LEAST or more
        if (high < WORTH and self.questions >= LEAST) or (enough and mean < WORTH):
            return "no"
        if mean >= WORTH and (enough or (low > 0 and self.questions >= FEWEST)):
            return "better"
        return "open"


@dataclass(frozen=True)
class Decision:
    """What the questions show about the systems that fit.

    choice: the system to use, or None. meanwhile: the cheapest that is not shown worse, while nobody is chosen. worse: by
    system, the one that beats it. rivals: those that may yet beat the choice (or meanwhile). needed: questions that it
    takes to tell, if nobody is chosen. easy: whether nobody is chosen because a small sample was too easy.
    """

    choice: str | None
    meanwhile: str | None
    worse: dict[str, str]
    rivals: tuple[str, ...]
    needed: int | None
    easy: bool = False


def questions_needed(spread: float, worth: float = WORTH) -> int:
    """How many questions it takes to see a difference of `worth` in four cases of five, at least LEAST.

    Args:
        spread: standard deviation of the paired differences of a measure, at least 0.
        worth: the difference to see, in units of the measure, above 0.

    Raises:
        ValueError: if one of them is not such a number.

    Example:
        >>> questions_needed(0.25)
        545

    Source: Sakai (2016), "Topic set size design", Information Retrieval Journal 19; n = (1.96 + 0.84)² s² / d².
    """
    if not (math.isfinite(spread) and spread >= 0 and math.isfinite(worth) and worth > 0):
        raise ValueError(f"spread is {spread} and worth is {worth}; give a spread of at least 0, and a worth above 0")
    return max(LEAST, math.ceil((POWER * spread / worth) ** 2))


def gain(ours: pd.Series, theirs: pd.Series) -> Gain:
    """The gain of `ours` over `theirs`, each a measure per query, on the two or more queries that both have."""
    both = ours.index.intersection(theirs.index)
    differences = ours[both] - theirs[both]
    return Gain(compare(ours[both], theirs[both]), float(np.std(differences.to_numpy(), ddof=1)), len(both))


def decide(fitting: Sequence[str], gains: Mapping[tuple[str, str], Gain]) -> Decision:
    """Choose among the systems that meet the limits.

    A system is out if another is shown to be better and is ahead by WORTH or more. The first that is not out is chosen
    if each other one is shown not to be better by so much. Otherwise there are too few questions to tell.

    Args:
        fitting: names of the systems that meet the limits and were measured, cheapest first; may be empty.
        gains: for each two of them, (ours, theirs), what ours gains over theirs.

    Example:
        >>> much = Gain(Interval(0.1, 0.08, 0.12), 0.1, 100)
        >>> little = Gain(Interval(-0.1, -0.12, -0.08), 0.1, 100)
        >>> decide(["BM25", "dense"], {("dense", "BM25"): much, ("BM25", "dense"): little}).choice
        'dense'
    """
    worse: dict[str, str] = {}
    for name in fitting:
        rivals = {other: gains[other, name] for other in fitting if other != name}
        better = [other for other, by in rivals.items() if by.verdict == "better"]
        if better:
            worse[name] = max(better, key=lambda other: rivals[other].interval.mean)
            continue
        unsettled = {other: by for other, by in rivals.items() if by.verdict == "open"}
        if not unsettled:
            return Decision(name, None, worse, (), None)
        needed = max(max(by.needed, by.questions + 1) for by in unsettled.values())
        return Decision(None, name, worse, tuple(unsettled), needed)
    return Decision(None, None, worse, (), None)


def doubt(decision: Decision, questions: int, best: float, share: float) -> Decision:
    """The same decision, but without a choice if it rests on too few questions, or on a sample that was too easy.

    Where one system alone meets the limits, no other one's gain asks for more questions; so they are counted here.

    Args:
        questions: that the systems were asked.
        best: nDCG@10 of the best system that fits; from EASY on, hardly an error is left that could tell systems apart.
        share: of the texts that are in the sample, 0 to 1; below ENOUGH, such a sample is too easy.

    Example:
        >>> doubt(Decision("BM25", None, {}, (), None), 2, 0.5, 1.0).needed
        20
    """
    if decision.choice is None:
        return decision
    if questions < LEAST:
        return replace(decision, choice=None, meanwhile=decision.choice, needed=LEAST)
    if best < EASY or share >= ENOUGH:
        return decision
    return replace(decision, choice=None, meanwhile=decision.choice, easy=True)
