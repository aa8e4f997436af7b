"""What the figures mean, in plain sentences: what to use, how sure that is, what it costs, what would change the answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from bxe.advisor.costs import BUSY
from bxe.advisor.decide import FEWEST, LEAST, WORTH, Decision, Gain
from bxe.advisor.looks import SOME, WORDS_A_MINUTE
from bxe.advisor.serving import BM25, DENSE
from bxe.files import cores

if TYPE_CHECKING:
    import pandas as pd

    from bxe.advisor.measuring import Measured

BUSY_MACHINE = 0.25  # share of the queries' time in which the processor did not work for them


def sentences(
    table: pd.DataFrame,
    decision: Decision,
    gains: Mapping[tuple[str, str], Gain],
    measured: Measured,
    *,
    load: float,
    latency_ms: float,
    given: int,
    judged: int,
) -> list[str]:
    """The advice in sentences, the most important first.

    Args:
        table: as in `Advice`.
        given: questions that came with the texts.
        judged: those of them that were asked and have a relevant passage.
    """
    looks, said = measured.looks, []
    if looks.readable:
        said.append(
            f"No search engine is needed: {_count(looks.texts, 'text')} of {looks.words:,} words in all take a person "
            f"{max(1, round(looks.minutes))} min to read (computed, at {WORDS_A_MINUTE} words a minute). Read them all, or "
            "give all of them to a language model."
        )
        if not gains:
            return said + cautions(measured, judged, given)
    fitting = table[table.fits]
    limits = f"{_count(load, 'query', 'queries')} a second, 95 of 100 within {latency_ms:g} ms"
    if fitting.empty:
        fastest = table["p95 ms"].idxmin()
        said.append(
            f"No system meets your limits ({limits}) on this machine with its {_count(cores(), 'core')}. The fastest is "
            f"{fastest}: 95 of 100 queries within {_ms(table['p95 ms'][fastest])}, and {_cores(table, fastest)} at your load."
        )
    elif not gains:
        said += _unknown(fitting, given, judged)
    else:
        said += _answer(table, decision, gains, measured, judged)
    if not fitting.empty:
        named = decision.choice or decision.meanwhile or fitting.index[0]
        said.append(_cost(table, named, measured, load))
        said.append(_margin(table, named, load, latency_ms))
    said += _missed(table, gains, decision)
    return said + cautions(measured, judged, given)


def _answer(table: pd.DataFrame, decision: Decision, gains: Mapping, measured: Measured, judged: int) -> list[str]:
    looks, sample = measured.looks, measured.sample
    name = decision.choice or decision.meanwhile
    alone = int(table.fits.sum()) == 1
    if decision.choice:
        word = "If you build one all the same, use" if looks.readable else "Use"
        why = f"cheapest system within your limits that no other one within them beats by {WORTH} or more"
        said = [
            f"{word} {name}. Its nDCG@10 is {table['nDCG@10'][name]:.2f} on {_count(judged, 'question')}. It is the "
            f"{'only system within your limits' if alone else why}."
        ]
    elif decision.easy:
        said = [
            f"The sample is too easy to tell: among {sample:,} of {looks.texts:,} texts {name} reaches an nDCG@10 of "
            f"{table['nDCG@10'][name]:.2f} on {_count(judged, 'question')}, so the texts that would tell systems apart are "
            f"missing. Until more are measured (a faster machine, or `seconds` of advisor.advise), {name} is the cheapest "
            "that is not shown to be worse."
        ]
    else:
        most = f"about {decision.needed:,} like these (computed from the spread of the paired differences)"
        shown = "cheapest within your limits that is not shown to be worse"
        least = f"at least {LEAST}, since fewer may agree by chance"
        said = [
            f"Too few questions to tell: {judged} were asked, and to see a difference of {WORTH} in nDCG@10 four times in "
            f"five takes {most if decision.needed > LEAST else least}. Until then {name}, with "
            f"{table['nDCG@10'][name]:.2f}, is the {'only one within your limits' if alone else shown}."
        ]
        may = {other: gains[other, name].interval for other in decision.rivals}
        if rivals := [f"{other} ({by:+.2f})" for other, by in may.items() if by.high >= WORTH]:
            said.append(
                f"These may be better than {name} by {WORTH} or more (difference, 95 % interval): {', '.join(rivals)}."
            )
    for loser, winner in decision.worse.items():
        said.append(f"{loser} is cheaper, but worse than {winner}: {gains[loser, winner].interval:+.2f}.")
    return said


def _unknown(fitting: pd.DataFrame, given: int, judged: int) -> list[str]:
    if given and not judged:
        why = "no relevant passage of your questions is known, or none of them came into the sample in time"
    else:
        why = "there is but one judged question" if judged else "there are no questions"
    return [
        f"Which system answers best cannot be known here, because {why}. What was measured is what each costs: the "
        f"cheapest within your limits is {fitting.index[0]}, and whether it finds what people look for is not known.",
        f"To learn it, collect {LEAST} to 100 questions that people really ask, note for each the passages that answer it, "
        "and run this again with them.",
    ]


def _cost(table: pd.DataFrame, name: str, measured: Measured, load: float) -> str:
    row, size = table.loc[name], measured.looks.texts
    return (
        f"What {name} costs: half of the queries take up to {_ms(row['p50 ms'])}, 95 of 100 up to {_ms(row['p95 ms'])} "
        f"({row['time']}). At {_count(load, 'query', 'queries')} a second it needs {_cores(table, name)} (at most "
        f"{_percent(BUSY)} busy), and {_bytes(row['bytes a text'] * size)} for the index of {_count(size, 'text')}, which one "
        f"process builds in {_duration(row['index s'])} ({row['index']})."
    )


def _margin(table: pd.DataFrame, name: str, load: float, latency_ms: float) -> str:
    most = table["queries/s a core"][name] * BUSY * cores()
    return (
        f"{name} stays within your limits on this machine up to about {_figure(most)} queries a second, and with a limit of "
        f"{_ms(table['p95 ms'][name])} or more for 95 of 100 queries. With fewer cores, more texts or tighter limits, "
        "measure again."
    )


def _missed(table: pd.DataFrame, gains: Mapping, decision: Decision) -> list[str]:
    """Systems outside the limits that are better than the named one, and what it would take."""
    name = decision.choice or decision.meanwhile
    said = []
    for other in table.index[~table.fits] if name else ():
        by = gains[other, name]
        if by.interval.mean >= WORTH:
            sure = "shown" if by.interval.low > 0 and by.questions >= FEWEST else "not shown"
            said.append(
                f"{other} does not meet your limits ({table['limit'][other]}): 95 of 100 queries take up to "
                f"{_ms(table['p95 ms'][other])}, and your load needs {_cores(table, other)}. It is ahead of {name} by "
                f"{by.interval:+.2f} on {_count(by.questions, 'question')}, which is {sure} to be more than chance; with looser "
                "limits it would be considered."
            )
    return said


def cautions(measured: Measured, judged: int, given: int) -> list[str]:
    """What to know about the texts and the measurement before believing the rest."""
    looks, said = measured.looks, []
    if measured.sample < looks.texts:
        what = "Quality comes" if judged else "Vectors, and what is computed from them, come"
        said.append(
            f"{what} from a sample: {measured.sample:,} of {looks.texts:,} texts, "
            + (
                "the relevant ones of the questions asked and others drawn by chance. Among all the texts there are more "
                "that look like an answer, so quality is lower there than what stands here."
                if judged
                else "drawn by chance."
            )
        )
    if measured.waited > BUSY_MACHINE:
        said.append(
            f"Other programs kept this machine busy: {_percent(measured.waited)} of a query's time was spent waiting for a "
            "processor. Measure again when it is quiet, before you leave a system out for its latency."
        )
    if judged and judged < given:
        said.append(f"{judged} of your {given} questions could be asked in the time, drawn by chance.")
    if looks.longer > 0.01:
        said.append(
            f"The model reads {looks.reads} tokens of a text; {_percent(looks.longer)} of the texts are longer, and it never "
            f"reads {_percent(looks.unread)} of all tokens. Cut the texts into passages of some {int(looks.reads * 0.6)} words "
            "before you build an index."
        )
    if looks.copies:
        said.append(
            f"Copies of others among the {looks.texts:,} texts, but for capitals and spaces: {looks.copies:,}. Keep one of each: "
            "copies fill the first ten, and count as wrong where only one of them is judged. Near copies were not looked for."
        )
    if looks.broken >= SOME:
        said.append(_broken(measured))
        if judged and measured.asked_broken < looks.broken / 2:
            said.append(
                f"Of your questions only {_percent(measured.asked_broken)} are such. So the quality that stands here is "
                "that of the other texts; for these, ask questions in their own language or jargon."
            )
    if "hnsw" in measured.rates and measured.sample < looks.texts:
        said.append(
            f"HNSW was built over {measured.sample:,} texts only. Among all of them it misses more of the nearest vectors, "
            "so its quality is lower than what stands here."
        )
    return said


def _broken(measured: Measured) -> str:
    looks, known = measured.looks, measured.known_item
    told = []
    for flag, word in ((True, "Of them"), (False, "of the others")):
        rows = known[known["broken"] == flag]
        if len(rows):
            told.append(
                f"{word}, the dense search puts {int(rows[DENSE].sum())} of {len(rows)} first when asked with eight of their "
                f"own words, and BM25 {int(rows[BM25].sum())}"
            )
    return (
        f"The model's tokenizer breaks up the words of {_percent(looks.broken)} of the texts, as it does with other languages "
        f"than its own, or with names and codes (all-MiniLM-L6-v2 is an English model). {'; '.join(told)}. "
        "This check cannot tell whether a question in other words, or in another language than its answer, is found: only "
        "questions of your own can. If the texts are in other languages, try a multilingual model, by name in "
        "BXE_BI_ENCODER; BM25 works in each language that puts spaces between words, and never from one to another."
    )


def _cores(table: pd.DataFrame, name: str) -> str:
    needed = table["cores at load"][name]
    return f"{_figure(needed)} cores" if needed >= 0.01 else "under 0.01 cores"


def _ms(milliseconds: float) -> str:
    return f"{milliseconds / 1000:.1f} s" if milliseconds >= 1000 else f"{_figure(milliseconds)} ms"


def _figure(number: float) -> str:
    """Two digits or more, and no powers of ten."""
    return f"{number:,.0f}" if number >= 10 else f"{number:.2g}"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _bytes(number: float) -> str:
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if number >= size:
            return f"{number / size:.1f} {unit}"
    return f"{number:.0f} bytes"


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{_figure(seconds)} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _count(many: float, word: str, words: str = "") -> str:
    return f"{many:,.12g} {word}" if many == 1 else f"{many:,.12g} {words or word + 's'}"
