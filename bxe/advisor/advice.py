"""The advice: measure, compare, decide, and say it; then write it down."""

from __future__ import annotations

import os
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING

from bxe.advisor import page
from bxe.advisor.costs import costs
from bxe.advisor.decide import Decision, decide, doubt, gain
from bxe.advisor.facts import Facts
from bxe.advisor.measuring import measure
from bxe.advisor.serving import BM25
from bxe.advisor.wording import sentences
from bxe.retrieval import per_query
from bxe.retrieval.texts import by_id

if TYPE_CHECKING:
    import pandas as pd

LONGEST = 600  # seconds
MOST = 1e9  # queries a second, or milliseconds


class Advice(Facts):
    """What was measured, and what follows from it (see `Facts`); `write` puts it on a page."""

    def write(self, folder: str | os.PathLike) -> tuple[Path, Path]:
        """Write advice.html and advice.json, both or neither; the folder is made if it is missing.

        Returns:
            Where they are.

        Raises:
            OSError: if they cannot be written; what was there before stays.
        """
        return page.write(self, folder)


def advise(
    passages: pd.Series,
    questions: pd.Series | None = None,
    qrels: pd.DataFrame | None = None,
    *,
    load: float = 1.0,
    latency_ms: float = 300.0,
    seconds: float = 60.0,
    name: str = "your texts",
) -> Advice:
    """Measure on this machine which search fits these texts: BM25, dense, hybrid, or re-ranked.

    Args:
        passages: texts by passage_id. Blank ones are left out, and told in a line.
        questions: texts by question_id.
        qrels: columns question_id, passage_id, grade (0 to 100): which passages are relevant to which question, at least
            one with a grade from 1 for each question.
        load: queries a second that the search must serve.
        latency_ms: within which 95 of 100 queries must be answered.
        seconds: for measuring, about; loading the models comes on top, and for large corpora building HNSW. With less
            time, fewer texts are embedded and fewer questions asked.
        name: what the page calls the texts.

    Returns:
        The advice. Without qrels its choice is None: what answers best cannot be known without questions.

    Raises:
        ValueError: if there are no texts, load, latency_ms or seconds is not a number above 0 and up to a
            billion (seconds: from 1 to 600),
            there are qrels without questions, a question has no relevant passage, or qrels name an unknown one.
        TypeError: if the name is no str, passages or questions are not texts by id, or qrels not a DataFrame with these columns.

    Example:
        >>> import pandas as pd
        >>> advise(pd.Series({"p1": "Tea is poured."}), load=0)
        Traceback (most recent call last):
        ValueError: load is 0; give queries a second, a number above 0 and up to a billion

    Source: Smucker, Allan & Carterette (2007), for paired comparisons; Sakai (2016), for how many questions it takes.
    """
    if not isinstance(name, str):
        raise TypeError(f"name is a {type(name).__name__}; give a str: what the page calls the texts")
    positive(load, "load", "queries a second")
    positive(latency_ms, "latency_ms", "milliseconds")
    if positive(seconds, "seconds", "seconds for measuring") < 1 or seconds > LONGEST:
        raise ValueError(f"seconds is {seconds:g}; give from 1 to {LONGEST} for measuring")
    texts = _texts(passages)
    asked, relevant = _judged(texts, questions, qrels)
    measured = measure(texts, asked, relevant, latency_ms=latency_ms, seconds=seconds)
    table = costs(measured, load=load, latency_ms=latency_ms).sort_values("cost", kind="stable")
    values = {system: per_query("nDCG@10", _of(qrels, run), run) for system, run in measured.runs.items()}
    many = len(values.get(BM25, ()))
    gains = {(a, b): gain(values[a], values[b]) for a in values for b in values if a != b} if many > 1 else {}
    against = {system: gains[system, BM25].interval for system in table.index if (system, BM25) in gains}
    for at, column in enumerate(("gain", "gain low", "gain high")):
        table.insert(at, column, [against[system][at] if system in against else None for system in table.index])
    table.insert(0, "nDCG@10", [_mean(values, gains, system) for system in table.index])
    table.insert(1, "questions", [len(values.get(system, ())) for system in table.index])
    fitting = [system for system in table.index if table.fits[system]]
    decision = decide(fitting, gains) if gains else Decision(None, None, {}, (), None)
    if decision.choice:
        best = max(values[system].mean() for system in fitting)
        decision = doubt(decision, many, best, measured.sample / measured.looks.texts)
    choice = None if measured.looks.readable else decision.choice
    why = sentences(table, decision, gains, measured, load=load, latency_ms=latency_ms, given=len(asked), judged=many)
    return Advice(table, choice, why, decision, gains, measured, float(load), float(latency_ms), many, name)


def _mean(values: dict, gains: dict, system: str) -> float | None:
    """A system's mean; if it was asked fewer questions, what BM25 has on all of them and what it gains on those."""
    if system not in values:
        return None
    if len(values[system]) == len(values[BM25]) or (system, BM25) not in gains:
        return float(values[system].mean())
    return float(min(1, max(0, values[BM25].mean() + gains[system, BM25].interval.mean)))


def positive(given: object, word: str, unit: str) -> float:
    """A number above 0 and up to MOST, or a ValueError that says what it counts.

    Example:
        >>> positive(0.5, "load", "queries a second")
        0.5
    """
    if not isinstance(given, Real) or isinstance(given, bool) or not 0 < given <= MOST:
        raise ValueError(f"{word} is {given!r:.60}; give {unit}, a number above 0 and up to a billion")
    return float(given)


def _texts(passages: pd.Series) -> dict:
    texts = by_id(passages, "passage")
    full = {name: text for name, text in texts.items() if any(map(str.isalnum, text))}
    if not full:
        raise ValueError(f"none of the {len(texts)} passages has a letter or a digit; give texts to search")
    if len(full) < len(texts):
        print(f"{len(texts) - len(full)} of {len(texts)} passages are blank and are left out")
    return full


def _judged(texts: dict, questions: pd.Series | None, qrels: pd.DataFrame | None) -> tuple[dict, dict]:
    """The questions by id, and for each the ids of its relevant passages; none without qrels."""
    if questions is None:
        if qrels is not None:
            raise ValueError("there are qrels but no questions; give the questions' texts, too")
        return {}, {}
    asked = by_id(questions, "question")
    if blank := [name for name, text in asked.items() if not any(map(str.isalnum, text))]:
        raise ValueError(f"question {blank[0]} is blank; a question needs at least one word")
    if qrels is None:
        return asked, {}
    per_query("nDCG@10", qrels, {})  # says what is wrong with their columns and grades
    qrels = qrels[qrels["question_id"].isin(asked) & (qrels["grade"] > 0)]
    if unknown := [name for name in qrels["passage_id"] if name not in texts]:
        raise ValueError(f"qrels name passage {unknown[0]}, which is not among the {len(texts)} texts; check its id")
    relevant = {name: set() for name in asked}
    for question, passage in zip(qrels["question_id"], qrels["passage_id"]):
        relevant[question].add(passage)
    if without := [name for name in asked if not relevant[name]]:
        raise ValueError(f"question {without[0]} has no relevant passage in qrels; give one, or leave the question out")
    return asked, relevant


def _of(qrels: pd.DataFrame, run: dict) -> pd.DataFrame:
    return qrels[qrels["question_id"].isin(run)]
