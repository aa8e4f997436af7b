"""The map of the course, drawn as SVG: each lesson below those that it builds on."""

from __future__ import annotations

import html
from functools import cache

from bxe import course

WIDTH, HEIGHT = 164, 60  # of a lesson's box, in pixels
ACROSS, DOWN = 16, 46  # between boxes
GAP = 8  # that an arrow passes through, between boxes of a row
EDGE = 4  # around it all
NEEDS = {lesson.number: lesson.needs for lesson in course.LESSONS}

Way = tuple[str, str]  # from one lesson's number to another's
Place = str | tuple[str, str, int]  # of a lesson's box, or of a gap: an arrow's two ends, and the row it passes


def rows() -> list[list[course.Lesson]]:
    """The lessons by how many others come before them at the least.

    Example:
        >>> [[lesson.number for lesson in row] for row in rows()][:4]
        [['00'], ['01'], ['02'], ['03', '04', '05', '06']]
    """
    deepest = max(map(_depth, NEEDS))
    return [[lesson for lesson in course.LESSONS if _depth(lesson.number) == row] for row in range(deepest + 1)]


@cache
def _depth(number: str) -> int:
    return 1 + max(map(_depth, NEEDS[number]), default=-1)


def arrows() -> list[Way]:
    """From which lesson to which an arrow goes; none where another way leads there already.

    Example:
        >>> ("02", "07") in arrows()  # 07 needs 02, but the way leads through 03
        False
    """
    return [
        (other, number)
        for number, needs in NEEDS.items()
        for other in needs
        if not any(other in _before(between) for between in needs)
    ]


@cache
def _before(number: str) -> frozenset[str]:
    return frozenset(NEEDS[number]).union(*map(_before, NEEDS[number]))


def draw(*, link: str = "{}.html") -> str:
    """The map as an SVG element whose colours follow the page's, light or dark; each box is a link to its notebook.

    Args:
        link: where a notebook's page is, with {} for its name.

    Example:
        >>> draw().startswith('<svg class="course-map"')
        True
    """
    ways, levels = arrows(), [[lesson.number for lesson in row] for row in rows()]
    centres = _centres(levels, ways)
    width = max(x + _width(at) / 2 for at, (x, _) in centres.items()) + EDGE
    height = len(levels) * (HEIGHT + DOWN) - DOWN + 2 * EDGE
    return "\n".join(
        [
            f'<svg class="course-map" viewBox="0 0 {width:g} {height}" width="{width:g}" height="{height}" role="group" '
            'aria-label="The notebooks, each below those that it builds on. The table says the same in words.">',
            '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
            '<path d="M0 0L8 4L0 8z"/></marker></defs>',
            *(_line(way, levels, centres) for way in ways),
            *(_box(lesson, centres[lesson.number], link) for lesson in course.LESSONS),
            "</svg>",
        ]
    )


def _passes(way: Way, levels: list[list[str]]) -> list[int]:
    """The rows that an arrow goes through: those between its ends."""
    start, end = (next(y for y, row in enumerate(levels) if at in row) for at in way)
    return list(range(start + 1, end))


def _centres(levels: list[list[str]], ways: list[Way]) -> dict[Place, tuple[float, float]]:
    """The upper middle of each box, and of each gap that an arrow passes through.

    In a row, boxes and gaps stand in the order of what they hang on, so that few arrows cross.

    Source: Sugiyama, Tagawa & Toda (1981), "Methods for Visual Understanding of Hierarchical System Structures".
    """
    centres: dict[Place, tuple[float, float]] = {}
    spans = []
    for y, row in enumerate(levels):
        gaps = [(*way, y) for way in ways if y in _passes(way, levels)]
        above = {at: [_above(way, y, centres) for way in ways if way[1] == at] for at in row}
        above |= {gap: [_above(gap[:2], y, centres)] for gap in gaps}
        order = sorted(above, key=lambda at: (sum(above[at]) / max(1, len(above[at])), at if at in row else at[1]))
        spans.append(sum(map(_width, order)) + ACROSS * (len(order) - 1))
        left = -spans[-1] / 2
        for at in order:
            centres[at] = (left + _width(at) / 2, EDGE + y * (HEIGHT + DOWN))
            left += _width(at) + ACROSS
    return {at: (x + max(spans) / 2 + EDGE, y) for at, (x, y) in centres.items()}


def _above(way: Way, y: int, centres: dict[Place, tuple[float, float]]) -> float:
    """Where an arrow comes from, seen from row y: the gap just above, or the box that it starts at."""
    return centres.get((*way, y - 1), centres[way[0]])[0]


def _width(at: Place) -> float:
    return WIDTH if isinstance(at, str) else GAP


def _line(way: Way, levels: list[list[str]], centres: dict[Place, tuple[float, float]]) -> str:
    """An arrow, straight down through each gap on its way."""
    stops = [way[0], *((*way, row) for row in _passes(way, levels)), way[1]]
    x, y = centres[way[0]]
    path = f"M{x:g} {y + HEIGHT:g}"
    for stop in stops[1:]:
        before, (x, y) = x, centres[stop]
        path += f"C{before:g} {y - DOWN / 2:g} {x:g} {y - DOWN / 2:g} {x:g} {y:g}"
        path += f"V{y + HEIGHT:g}" if stop != way[1] else ""
    return f'<path class="way" d="{path}" marker-end="url(#tip)"/>'


def _box(lesson: course.Lesson, centre: tuple[float, float], link: str) -> str:
    x, y = centre[0] - WIDTH / 2, centre[1]
    return (
        f'<a href="{link.format(lesson.name)}">'
        f'<rect x="{x:g}" y="{y:g}" width="{WIDTH}" height="{HEIGHT}" rx="8"/>'
        f'<text x="{x + WIDTH / 2:g}" y="{y + 26:g}">'
        f'<tspan class="number">{lesson.number}</tspan> {html.escape(lesson.title)}</text>'
        f'<text class="minutes" x="{x + WIDTH / 2:g}" y="{y + 46:g}">{lesson.minutes} minutes</text></a>'
    )


def table() -> str:
    """What the picture shows, as a Markdown table: the course's own, with minutes and what each lesson builds on.

    Example:
        >>> print(table().splitlines()[3])
        | 01 | [Embeddings](notebooks/01_embeddings.ipynb) | How does a text become a vector? | 40 | 00 |
    """
    further = [f" {lesson.minutes} | {', '.join(lesson.needs) or '–'} |" for lesson in course.LESSONS]
    lines = course.table("notebooks").splitlines()
    return "\n".join(map("".join, zip(lines, [" minutes | builds on |", "---|---|", *further])))
