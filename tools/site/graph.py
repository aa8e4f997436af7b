"""The map of the course, drawn as SVG: each lesson below those that it builds on."""

from __future__ import annotations

import html
from collections.abc import Sequence
from functools import cache

from bxe.course import LESSONS, Lesson

WIDTH, HEIGHT = 164, 60  # of a lesson's box, in pixels
ACROSS, DOWN = 16, 46  # between boxes


def rows(lessons: Sequence[Lesson] = LESSONS) -> list[list[Lesson]]:
    """The lessons by how many others come before them at the least.

    Example:
        >>> [[lesson.number for lesson in row] for row in rows()][:4]
        [['00'], ['01'], ['02'], ['03', '04', '05', '06']]
    """
    known = {lesson.number: lesson for lesson in lessons}

    @cache
    def depth(number: str) -> int:
        return 1 + max((depth(other) for other in known[number].needs), default=-1)

    deepest = max(depth(number) for number in known)
    return [[lesson for lesson in lessons if depth(lesson.number) == row] for row in range(deepest + 1)]


def arrows(lessons: Sequence[Lesson] = LESSONS) -> list[tuple[str, str]]:
    """From which lesson to which an arrow goes; none where another way leads there already.

    Example:
        >>> ("02", "07") in arrows()  # 07 needs 02, but the way leads through 03
        False
    """
    known = {lesson.number: lesson for lesson in lessons}

    @cache
    def before(number: str) -> frozenset[str]:
        needs = known[number].needs
        return frozenset(needs).union(*(before(other) for other in needs))

    return [
        (other, lesson.number)
        for lesson in lessons
        for other in lesson.needs
        if not any(other in before(between) for between in lesson.needs)
    ]


def draw(lessons: Sequence[Lesson] = LESSONS, *, link: str = "{}.html") -> str:
    """The map as an SVG element whose colours follow the page's, light or dark; each box is a link to its notebook.

    Args:
        link: where a notebook's page is, with {} for its name.

    Example:
        >>> draw().startswith('<svg class="course-map"')
        True
    """
    levels = rows(lessons)
    width = max(len(row) for row in levels) * (WIDTH + ACROSS)
    height = len(levels) * (HEIGHT + DOWN) - DOWN + 8
    corners = _corners(levels, arrows(lessons), width)
    return "\n".join(
        [
            f'<svg class="course-map" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="group" '
            'aria-label="The notebooks, each below those that it builds on. The table says the same in words.">',
            '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
            '<path d="M0 0L8 4L0 8z"/></marker></defs>',
            *(_line(corners[start], corners[end]) for start, end in arrows(lessons)),
            *(_box(lesson, *corners[lesson.number], link) for lesson in lessons),
            "</svg>",
        ]
    )


def _corners(levels: list[list[Lesson]], ways: list[tuple[str, str]], width: float) -> dict[str, tuple[float, float]]:
    """The upper left corner of each box. In a row, boxes stand in the order of those that they hang on."""
    corners: dict[str, tuple[float, float]] = {}
    for y, row in enumerate(levels):
        above = {lesson.number: [corners[start][0] for start, end in ways if end == lesson.number] for lesson in row}
        left = (width - len(row) * (WIDTH + ACROSS) + ACROSS) / 2
        ordered = sorted(above, key=lambda number: (sum(above[number]) / max(1, len(above[number])), number))
        corners |= {number: (left + x * (WIDTH + ACROSS), 4 + y * (HEIGHT + DOWN)) for x, number in enumerate(ordered)}
    return corners


def _line(start: tuple[float, float], end: tuple[float, float]) -> str:
    x0, y0, x1, y1 = start[0] + WIDTH / 2, start[1] + HEIGHT, end[0] + WIDTH / 2, end[1]
    bend = min(60.0, (y1 - y0) / 2)
    curve = f"M{x0:g} {y0:g}C{x0:g} {y0 + bend:g} {x1:g} {y1 - bend:g} {x1:g} {y1:g}"
    return f'<path class="way" d="{curve}" marker-end="url(#tip)"/>'


def _box(lesson: Lesson, x: float, y: float, link: str) -> str:
    time = f"{lesson.minutes} minutes" if lesson.minutes else "to come"
    box = (
        f'<rect x="{x:g}" y="{y:g}" width="{WIDTH}" height="{HEIGHT}" rx="8"/>'
        f'<text x="{x + WIDTH / 2:g}" y="{y + 26:g}">'
        f'<tspan class="number">{lesson.number}</tspan> {html.escape(lesson.title)}</text>'
        f'<text class="minutes" x="{x + WIDTH / 2:g}" y="{y + 46:g}">{time}</text>'
    )
    return f'<a href="{link.format(lesson.name)}">{box}</a>' if lesson.minutes else f'<g class="to-come">{box}</g>'


def table(lessons: Sequence[Lesson] = LESSONS) -> str:
    """What the picture shows, as a Markdown table: minutes, and the lessons that each one builds on.

    Example:
        >>> print(table().splitlines()[3])
        | 01 | [Embeddings](notebooks/01_embeddings.ipynb) | How does a text become a vector? | 40 | 00 |
    """
    lines = ["| | notebook | question it answers | minutes | builds on |", "|---|---|---|---|---|"]
    for lesson in lessons:
        title = f"[{lesson.title}](notebooks/{lesson.name}.ipynb)" if lesson.minutes else f"{lesson.title} *(to come)*"
        needs, minutes = ", ".join(lesson.needs) or "–", lesson.minutes or "–"
        lines.append(f"| {lesson.number} | {title} | {lesson.question} | {minutes} | {needs} |")
    return "\n".join(lines)
