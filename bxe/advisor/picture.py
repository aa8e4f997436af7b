"""The picture of the page, as SVG in the page's own colours: quality against cost, or the time of a query."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 480, 320, 56, 52, 16, 24
RADIUS = 11


def quality_against_cost(table: pd.DataFrame, choice: str | None, alt: str) -> str:
    """Each system as a numbered point: nDCG@10 upwards, cost in cores to the right (log). Hollow: outside the limits.

    Args:
        table: as in `Advice`, its rows numbered from 1 in its order.
        choice: the system that gets a ring.
        alt: what the picture shows, in a sentence or two.
    """
    lowest, highest = math.log10(max(table["cost"].min(), 1e-6)), math.log10(max(table["cost"].max(), 1e-6))
    lowest, highest = math.floor(lowest), max(math.ceil(highest), math.floor(lowest) + 1)
    low, high = table["nDCG@10"].min(), table["nDCG@10"].max()
    low, high = math.floor((low - 0.02) * 10) / 10, math.ceil((high + 0.02) * 10) / 10
    low, high = max(0.0, low), min(1.0, high)

    def x(cost: float) -> float:
        return LEFT + (math.log10(max(cost, 1e-6)) - lowest) / (highest - lowest) * (WIDTH - LEFT - RIGHT)

    def y(quality: float) -> float:
        return HEIGHT - BOTTOM - (quality - low) / (high - low) * (HEIGHT - BOTTOM - TOP)

    parts = []
    for power in range(lowest, highest + 1, math.ceil((highest - lowest) / 6)):
        parts.append(_line(x(10.0**power), TOP, x(10.0**power), HEIGHT - BOTTOM))
        parts.append(_text(x(10.0**power), HEIGHT - BOTTOM + 18, f"{10.0**power:,.6g}"))
    for step in range(round(low * 10), round(high * 10) + 1):
        parts.append(_line(LEFT, y(step / 10), WIDTH - RIGHT, y(step / 10)))
        parts.append(_text(LEFT - 8, y(step / 10) + 4, f"{step / 10:.1f}", "end"))
    parts.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, "cores at your load, memory counted in (log scale)"))
    parts.append(
        f'<text transform="translate(14 {(HEIGHT - BOTTOM + TOP) / 2}) rotate(-90)" text-anchor="middle">nDCG@10</text>'
    )
    places: list[tuple[float, float]] = []
    for number, (name, row) in enumerate(table.iterrows(), start=1):
        place = _free(x(row["cost"]), y(row["nDCG@10"]), places)
        places.append(place)
        parts.append(_point(number, str(name), *place, bool(row["fits"]), name == choice))
    return _svg(parts, HEIGHT, alt)


def times(table: pd.DataFrame, latency_ms: float, alt: str) -> str:
    """A bar for each system from the time of half its queries to that of 95 of 100, on a log scale; a line at the limit.

    A limit that is ten times above or below all of them is left out, since they would shrink to nothing.
    """
    shortest, longest = table["p50 ms"].min(), table["p95 ms"].max()
    near = shortest / 10 <= latency_ms <= longest * 10
    ends = [shortest, longest, *([latency_ms] if near else [])]
    lowest = math.floor(math.log10(max(1e-3, min(ends))))
    highest = max(math.ceil(math.log10(max(ends))), lowest + 1)
    foot = TOP + 30 * len(table)

    def x(ms: float) -> float:
        return LEFT + (math.log10(max(ms, 10.0**lowest)) - lowest) / (highest - lowest) * (WIDTH - LEFT - RIGHT)

    parts = []
    for power in range(lowest, highest + 1, math.ceil((highest - lowest) / 6)):
        parts.append(_line(x(10.0**power), TOP, x(10.0**power), foot))
        parts.append(_text(x(10.0**power), foot + 18, f"{10.0**power:,.6g}"))
    for number, (name, row) in enumerate(table.iterrows(), start=1):
        at, kind = TOP + 30 * (number - 1) + 5, "in" if row["fits"] else "out"
        start, wide = x(row["p50 ms"]), max(4.0, x(row["p95 ms"]) - x(row["p50 ms"]))
        parts.append(_text(LEFT - 10, at + 15, str(number), "end"))
        parts.append(
            f'<rect class="{kind}" x="{start:.1f}" y="{at}" width="{wide:.1f}" height="20">'
            f"<title>{escape(str(name))}: {row['p50 ms']:.3g} to {row['p95 ms']:.3g} ms</title></rect>"
        )
    if near:
        parts.append(_line(x(latency_ms), TOP, x(latency_ms), foot, "limit"))
    told = "ms a query, p50 to p95 (log scale)" + ("; dashed: your limit" if near else "")
    parts.append(_text((LEFT + WIDTH - RIGHT) / 2, foot + BOTTOM - 10, told))
    return _svg(parts, foot + BOTTOM, alt)


def _svg(parts: list[str], height: float, alt: str) -> str:
    return f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(alt)}">{"".join(parts)}</svg>'


def _point(number: int, name: str, x: float, y: float, fits: bool, chosen: bool) -> str:
    ring = f'<circle class="ring" cx="{x:.1f}" cy="{y:.1f}" r="{RADIUS + 4}"/>' if chosen else ""
    kind = "in" if fits else "out"
    return (
        f'<g><title>{escape(name)}</title>{ring}<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="{RADIUS}"/>'
        f'<text class="{kind}" x="{x:.1f}" y="{y + 4:.1f}" text-anchor="middle">{number}</text></g>'
    )


def _free(x: float, y: float, taken: list[tuple[float, float]]) -> tuple[float, float]:
    """The place, moved aside within the picture until its number hides no other one."""
    shift, end = 0.0, WIDTH - RADIUS - 5
    while not LEFT <= x + shift <= end or any(math.hypot(x + shift - a, y - b) < 2 * RADIUS for a, b in taken):
        shift = -shift if shift > 0 else 2 - shift
    return x + shift, y


def _line(x1: float, y1: float, x2: float, y2: float, kind: str = "grid") -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _text(x: float, y: float, text: str, anchor: str = "middle") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
