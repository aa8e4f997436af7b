"""The advice as a page that needs nothing else, and the same facts as JSON."""

from __future__ import annotations

import json
import os
import platform
from html import escape
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from bxe import files, models
from bxe.advisor import picture
from bxe.advisor.costs import BUSY, GIGABYTES_A_CORE, ROOM, memory
from bxe.advisor.decide import EASY, ENOUGH, FEWEST, LEAST, WORTH
from bxe.advisor.measuring import GLANCE, TOKENS
from bxe.advisor.serving import BM25, KEPT, LINK, NEIGHBOURS, WEIGHT

if TYPE_CHECKING:
    from bxe.advisor.facts import Facts

NAMES = ("advice.html", "advice.json")
LIBRARIES = ("sentence-transformers", "transformers", "torch", "bm25s", "faiss-cpu", "numpy")
HEADS = ("nDCG@10", "gain over BM25", "p50 ms", "p95 ms", "queries/s a core", "bytes a text", "index s", "cost", "fits")


def write(advice: Facts, folder: str | os.PathLike) -> tuple[Path, Path]:
    """Write both files, or neither. See `Advice.write`."""
    where = files.expanded(folder)
    page, facts = expect_free(where)
    contents = {
        page: html(advice).encode(),
        facts: (json.dumps(as_dict(advice), indent=2, allow_nan=False) + "\n").encode(),
    }
    before = page.read_bytes() if page.exists() else None
    files.write(page, contents[page])
    try:
        files.write(facts, contents[facts])
    except BaseException:  # Ctrl-C, too
        page.unlink() if before is None else files.write(page, before)
        raise
    return page, facts


def expect_free(folder: Path) -> tuple[Path, Path]:
    """Where the two files go; IsADirectoryError if a folder has one of their names.

    Example:
        >>> expect_free(Path("nowhere"))[0].name
        'advice.html'
    """
    paths = folder / NAMES[0], folder / NAMES[1]
    for path in paths:
        if path.is_dir():
            raise IsADirectoryError(f"{path} is a folder; give another folder for the advice")
    return paths


def as_dict(advice: Facts) -> dict:
    """The facts of an advice, ready for JSON: keys stay, numbers have six digits, what is not known is None."""
    looks, measured = advice.measured.looks, advice.measured
    systems = []
    for name, row in advice.table.iterrows():
        systems.append({"system": name, **{key.replace(" ", "_"): _plain(value) for key, value in row.items()}})
    return {
        "format": 1,
        "corpus": {"name": advice.name, **{key: _plain(value) for key, value in vars(looks).items()}},
        "limits": {"load": advice.load, "latency_ms": advice.latency_ms},
        "questions": advice.questions,
        "choice": advice.choice,
        "until_then": None if looks.readable else advice.decision.meanwhile,
        "questions_needed": advice.decision.needed,
        "why": advice.why,
        "systems": systems,
        "measured": {
            "sample": measured.sample,
            "queries": len(measured.wall),
            "seconds": _plain(measured.seconds),
            "waited": _plain(measured.waited),
            "texts_timed_at": {key: _plain(value) for key, value in measured.sizes.items()},
            "texts_a_second": {key: _plain(value) for key, value in measured.rates.items()},
        },
        "rule": {"worth": WORTH, "least_questions": LEAST, "busy": BUSY, "gigabytes_a_core": GIGABYTES_A_CORE},
        "machine": machine(),
    }


def _plain(value):
    if value is None or value != value:
        return None
    if hasattr(value, "item"):
        value = value.item()
    return float(f"{value:.6g}") if isinstance(value, float) else value


def machine() -> dict:
    """Cores, memory, device, models and versions."""
    given = {
        "bi_encoder": os.environ.get("BXE_BI_ENCODER") or models.BI_ENCODER,
        "cross_encoder": os.environ.get("BXE_CROSS_ENCODER") or models.CROSS_ENCODER,
        "late_interaction": os.environ.get("BXE_MULTI_VECTOR_ENCODER") or models.BI_ENCODER,
    }
    return {
        "cores": files.cores(),
        "memory_bytes": memory() if memory() < float("inf") else None,
        "device": models.pick_device(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        **given,
        "versions": {name: version(name) for name in ("bxe", *LIBRARIES)},
    }


def html(advice: Facts) -> str:
    """The page: sentences, picture, table, how it was measured. It fetches nothing, and texts of the user are escaped."""
    first, *rest = advice.why
    sentences = "".join(f"<p>{escape(said)}</p>" for said in rest)
    how = "".join(f"<li>{escape(said)}</li>" for said in _how(advice))
    here = machine()
    about = " · ".join(f"{name} {number}" for name, number in here["versions"].items())
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Advice for {escape(advice.name)}</title>
<style>{STYLE}</style>
</head>
<body>
<main>
<h1>Which search for {escape(advice.name)}?</h1>
<p class="first">{escape(first)}</p>
{sentences}
<h2>{"Quality and cost" if advice.questions else "What a query takes"}</h2>
<figure>{_picture(advice)}<figcaption>The numbers are those of the table's rows. A filled mark meets your limits, a hollow one
does not.</figcaption></figure>
<div class="wide" tabindex="0" role="region" aria-label="Table of the systems">{_table(advice)}</div>
<h2>How it was measured</h2>
<ul>{how}</ul>
<h2>Machine and versions</h2>
<p>{here["cores"]} cores · {escape(here["system"])} · device {escape(here["device"])} · Python {here["python"]} ·
bi-encoder {escape(here["bi_encoder"])} · cross-encoder {escape(here["cross_encoder"])} · late interaction
{escape(here["late_interaction"])} · {about}</p>
</main>
</body>
</html>
"""


def _picture(advice: Facts) -> str:
    table = advice.table
    if table["nDCG@10"].isna().any():
        slow = [str(name) for name in table.index[table["p95 ms"] > advice.latency_ms]]
        told = f"Slower than your limit: {', '.join(slow)}." if slow else "All systems keep your limit."
        return picture.times(table, advice.latency_ms, f"Bars: how long half and 95 of 100 queries take. {told}")
    best, cheapest = table["nDCG@10"].idxmax(), table.index[0]
    told = f"{cheapest} costs least and has an nDCG@10 of {table['nDCG@10'][cheapest]:.2f}"
    if best != cheapest:
        ratio = _times(table["cost"][best] / table["cost"][cheapest])
        told += f"; {best} has the highest, {table['nDCG@10'][best]:.2f}, for {ratio} the cost"
    return picture.quality_against_cost(table, advice.choice, f"Points: quality against cost. {told}.")


def _times(ratio: float) -> str:
    return f"{ratio:,.0f} times" if ratio >= 10 else f"{ratio:.1f} times"


def _table(advice: Facts) -> str:
    rows = []
    for number, (name, row) in enumerate(advice.table.iterrows(), start=1):
        quality = f"{row['nDCG@10']:.3f}" if row["questions"] else "not known"
        if row["questions"] < advice.questions:
            quality = f"≈ {quality} ({row['questions']})"
        known = row["gain"] is not None and row["gain"] == row["gain"]
        over = f"{row['gain']:+.2f} [{row['gain low']:+.2f}, {row['gain high']:+.2f}]" if known else "—"
        figures = (
            quality,
            over if name != BM25 else "—",
            *(_figure(row[column], row["time"]) for column in ("p50 ms", "p95 ms", "queries/s a core")),
            _figure(row["bytes a text"], "measured"),
            _figure(row["index s"], row["index"]),
            _figure(row["cost"], row["time"]),
            "yes" if row["fits"] else f"no: {row['limit']}",
        )
        chosen = ' class="chosen"' if name == advice.choice else ""
        cells = "".join(f"<td>{escape(figure)}</td>" for figure in figures)
        rows.append(f"<tr{chosen}><td>{number}</td><th scope='row'>{escape(str(name))}</th>{cells}</tr>")
    heads = "".join(f"<th scope='col'>{head}</th>" for head in ("", "system", *HEADS))
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _figure(value: float, how: str) -> str:
    """Three digits; one that is computed has a wave before it."""
    told = f"{value:,.0f}" if value >= 100 else f"{value:.3g}" if value >= 0.001 else "<0.001"
    return f"≈ {told}" if how == "computed" else told


def _how(advice: Facts) -> list[str]:
    measured, looks = advice.measured, advice.measured.looks
    return [
        f"{looks.texts:,} texts of {looks.tokens:.0f} tokens on average (counted on {looks.looked_at}); {measured.sample:,} "
        f"of them were embedded, and {len(measured.wall)} queries were asked, each by itself, in {measured.seconds:.0f} s.",
        "The time of a system is the sum of its steps' times for each query: encode it, search, read candidates again. "
        "Queries per second and core come from the processor time of all threads; the time of a GPU is not in them. p50 "
        "and p95 are the times that half and 95 of 100 queries keep"
        + (f"; of {len(measured.wall)} queries, p95 is little but the slowest." if len(measured.wall) < 40 else "."),
        f"≈ marks what is computed. Exact search was timed at {measured.sizes['search']:,} texts and BM25 at "
        f"{measured.sizes['bm25']:,}; from there their time grows with the number of texts n, that of HNSW with log n. The "
        "time of an index is n over the measured texts per second (n log n for HNSW).",
        "Bytes a text are those of the index: four for each number of a vector, one vector a text, or one a token for "
        f"MaxSim; {LINK * NEIGHBOURS:.0f} for the links of HNSW; BM25's as stored. The texts themselves are not counted.",
        f"Cost is the cores that your load needs, busy at most {100 * BUSY:.0f} % of the time, and a core for each "
        f"{GIGABYTES_A_CORE} GB of index, which is what general-purpose machines of the large clouds have. A system meets your "
        f"limits if 95 of 100 queries keep the latency, this machine's cores serve the load, and the index takes at most "
        f"{100 * ROOM:.0f} % of its memory.",
        "nDCG@10 is 1 if the first ten are in the best order that the known relevant passages allow. Intervals are 95 % "
        "bootstrap intervals of the paired differences. A cross-encoder that takes far longer than your limit is asked only "
        f"{GLANCE} questions (in brackets): its nDCG@10 is then BM25's and what it gains on these.",
        f"The rule: of the systems that meet the limits, the cheapest is chosen that no other one beats by {WORTH} or more. "
        f"One beats another if the interval leaves 0 out, the difference is {WORTH} or more, and {FEWEST} questions or more "
        "were asked. It does not if the interval "
        f"stays below {WORTH}, or the questions suffice to see {WORTH} and less is seen. Else there are too few: it takes about "
        f"(1.96 + 0.84)² s² / {WORTH}² questions, where s is the spread of the paired differences (Sakai 2016), and "
        f"{LEAST} at least. Nothing is chosen on a sample of less than {100 * ENOUGH:.0f} % of the texts in which the best "
        f"system reaches {EASY}: it is too easy.",
        f"Sum is the cross-encoder's logit plus {WEIGHT} times MaxSim; hybrid is BM25 and dense fused by rank; the number in "
        "brackets is how many candidates are read again. Late interaction compares a query with every text by MaxSim. It is "
        f"measured where all texts are read for it within {100 * TOKENS:.0f} % of the time and their token vectors fit into "
        f"{KEPT >> 20} MB{'' if 'late' in measured.sizes else ', so not here'}.",
    ]


STYLE = """
:root { color-scheme: light dark; --ink: #222; --paper: #fff; --grid: #ddd; --mark: #0072b2; --on: #fff; --limit: #b34700; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8e8e8; --paper: #16181c; --grid: #3a3d44; --mark: #56b4e9; --on: #111; --limit: #e69f00; } }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 56rem; margin: 0 auto; padding: 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; line-height: 1.25; } h2 { font-size: 1.15rem; margin-top: 2rem; }
.first { font-size: 1.15rem; border-left: 4px solid var(--mark); padding-left: .8rem; }
figure { margin: 0; } figcaption { font-size: .875rem; } svg { width: 100%; max-width: 36rem; height: auto; font-size: 14px;
fill: var(--ink); }
.grid { stroke: var(--grid); } circle.in, rect.in { fill: var(--mark); } text.in { fill: var(--on); }
circle.out, rect.out { fill: var(--paper); stroke: var(--mark); stroke-width: 2; stroke-dasharray: 3 2; }
.ring { fill: none; stroke: var(--ink); stroke-width: 2; }
.limit { stroke: var(--limit); stroke-width: 2; stroke-dasharray: 6 4; }
.wide { overflow-x: auto; margin-top: 1rem; } table { border-collapse: collapse; font-size: .875rem; overflow-wrap: normal; }
th, td { padding: .3rem .5rem; text-align: right; border-bottom: 1px solid var(--grid); white-space: nowrap; }
p, ul, h1 { max-width: 46rem; }
thead th:nth-child(2) { text-align: left; }
thead th { white-space: normal; vertical-align: bottom; }
tbody th { text-align: left; font-weight: normal; }
.chosen th, .chosen td { font-weight: bold; border-bottom: 2px solid var(--mark); } li { margin-bottom: .4rem; }
"""
