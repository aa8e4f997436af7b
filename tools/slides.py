"""Slides of each notebook, for a teacher: `python -m tools.slides` writes build/slides, which needs no network.

They are made by rule from the committed learner's notebooks, so that nothing is said twice:
    a heading starts a slide with its first sentences; a "##" starts a column, so that → skips a section;
    a prediction is a slide of its own, before the code that answers it; so is each question of the quiz;
    a code cell is a slide with its output; long code is folded, long output is cut, a figure stands alone;
    the prose that follows is the speaker's note, and so are an exercise's solution and a quiz's answers.
"""

from __future__ import annotations

import argparse
import math
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from bxe import course, files
from bxe.exercises.engine import questions_of
from tools import reveal

if TYPE_CHECKING:
    from nbformat import NotebookNode

OUT = Path("build/slides")
LINES, CHARACTERS = 17, 94  # of code and output that fit a slide of 1280 by 720 pixels
ROWS = 11  # of a table
WORDS = 75  # of prose on a slide; the others are spoken
TASK = 150  # of an exercise, and of what the notebook is for, which have to be read whole
BLOCK = re.compile(r"^```(?s:.*?)^```$|(?:^.*\S.*\n?)+", re.M)  # a code block, whole, or a paragraph
FOLD = re.compile(r"</?(?:details|summary)>")  # what is folded in a notebook is spoken


@dataclass
class Slide:
    """One slide: what is shown, what is spoken, and whether it starts a column."""

    title: str
    shown: list[str] = field(default_factory=list)
    spoken: list[str] = field(default_factory=list)
    column: bool = False
    kind: str = ""


def slides(name: str) -> list[Slide]:
    """The slides of a notebook.

    Args:
        name: of the file without its ending, such as "02_similarity".

    Raises:
        ValueError: if there is no such notebook.

    Example:
        >>> slides("02_similarity")[0].title
        '02 · Similarity'
    """
    (path,) = course.find([name])
    solved = course.read(path.parent / "solutions" / path.name)
    solutions = iter([cell.source for cell in solved.cells if "solution" in cell.metadata.get("tags", [])])
    made: list[Slide] = []
    for cell in course.read(path).cells:
        if cell.cell_type == "markdown":
            for text in re.split(r"^(?=#{1,3} )", FOLD.sub("", cell.source), flags=re.M):
                _say(text.strip(), made)
        elif "exercise" in cell.metadata.get("tags", []):
            _set_exercise(cell.source, next(solutions), made[-1])
        elif re.fullmatch(r'quiz\("\d\d"\)', cell.source.strip()):
            made.extend(_questions(path.stem[:2]))
        else:
            made.extend(_code(cell, made))
    return made


def page(made: list[Slide]) -> str:
    """Slides as an HTML page, which stands beside the folder of reveal.js."""
    columns: list[list[str]] = []
    for slide in made:
        notes = f'<aside class="notes">{"".join(slide.spoken)}</aside>' if slide.spoken else ""
        heading = "h1" if slide is made[0] else "h2"
        shown = f"<{heading}>{escape(slide.title)}</{heading}>{''.join(slide.shown)}"
        if slide.column:
            columns.append([])
        columns[-1].append(f'<section class="{slide.kind}">{shown}{notes}</section>')
    body = "\n".join("<section>\n" + "\n".join(column) + "\n</section>" for column in columns)
    return reveal.PAGE.format(title=escape(made[0].title), body=body)


def build(out: Path = OUT) -> list[Path]:
    """Write a page for each notebook, an index of them and reveal.js beside them."""
    paths = []
    reveal.unpack(out / "reveal")
    for lesson in course.LESSONS:
        paths.append(out / f"{lesson.name}.html")
        files.write(paths[-1], page(slides(lesson.name)).encode())
    rows = [
        f'<li><a href="{one.name}.html">{one.number} · {one.title}</a>: {escape(one.question)}</li>'
        for one in course.LESSONS
    ]
    files.write(out / "index.html", reveal.INDEX.format(rows="\n".join(rows)).encode())
    return paths


# ---------------------------------------------------------------- from a cell to slides


def _say(text: str, made: list[Slide]) -> None:
    """Prose: after a heading some of it is shown; otherwise it is spoken, but for predictions."""
    if heading := re.match(r"(#{1,3}) (.+)\n*", text):
        level, title = heading.groups()
        full = not made or title == "Recap"  # their lists are shown whole
        kind = "exercise" if title.startswith("Exercise") else "full" if full else ""
        made.append(Slide(title, column=len(level) <= 2, kind=kind))
        text = text[heading.end() :]
    room = (TASK if made[-1].kind else WORDS) if heading else 0
    for block in BLOCK.findall(text):
        words = len(block.split()) // (2 if re.search("^- ", block, re.M) else 1)
        if block.startswith("> **Predict"):
            made.append(Slide(_section(made), [_markdown(re.sub(r"^> ?", "", block, flags=re.M))], kind="predict"))
            room = 0
        elif words <= room and not block.startswith("**Further reading"):
            made[-1].shown.append(_markdown(block))
            room -= words
        elif room >= WORDS:  # a long first paragraph: its beginning is shown, all of it is spoken
            made[-1].shown.append(_markdown(_beginning(block, room)))
            made[-1].spoken.append(_markdown(block))
            room = 0
        else:
            made[-1].spoken.append(_markdown(block))
            room = 0


def _beginning(block: str, words: int) -> str:
    """The sentences of a paragraph that have at most so many words between them; one at least."""
    kept = ""
    for sentence in re.split(r"(?<=[.?!:])\s+", block):
        if kept and len((kept + sentence).split()) > words:
            break
        kept = f"{kept} {sentence}".strip()
    return kept


def _set_exercise(stub: str, solution: str, slide: Slide) -> None:
    if not stub.startswith("answers = "):  # those of the quiz are spoken question by question
        slide.shown.append(_highlighted(stub))
        slide.spoken.append("<p>A solution:</p>" + _highlighted(solution))


def _questions(notebook: str) -> Iterator[Slide]:
    for number, question in enumerate(questions_of(notebook), start=1):
        options = "".join(f"<li>{_inline(option)}</li>" for option, _ in question.options)
        why = [f"<li>{_inline(option)}: {_inline(why)}</li>" for option, why in question.options]
        yield Slide(
            f"Quiz, question {number}",
            [f"<p>{_inline(question.text)}</p><ol type='a'>{options}</ol>"],
            [f"<p>{question.right} is right.</p><ol type='a'>{''.join(why)}</ol>"],
            kind="quiz",
        )


def _code(cell: NotebookNode, made: list[Slide]) -> Iterator[Slide]:
    """A cell and what it printed on one slide; each figure and each table on one of its own.

    Under a prediction the code stands, too, without its output.
    """
    code, outputs, title = cell.source, list(cell.outputs), _section(made)
    if not outputs and all(re.match(r"(import|from|[ )]|$)", line) for line in code.splitlines()):
        return
    if made[-1].kind == "predict":
        made[-1].shown.append(_highlighted(_cut(code, LINES - 4, "# ")))
    printed = "".join(output.text for output in outputs if output.output_type == "stream").rstrip("\n")
    rich = [output for output in outputs if output.output_type != "stream"]
    if printed or not rich:
        yield Slide(title, [*_pair(code, printed)])
    for output in rich:
        if not {"image/png", "text/html"} & set(output.data):  # a widget is its text on a slide
            yield Slide(title, [*_pair(code, output.data.get("text/plain", ""))])
        else:
            yield Slide(title, [_folded(code), _rich(output)], kind="figure" if "image/png" in output.data else "")


def _section(made: list[Slide]) -> str:
    """The heading that a slide without one belongs to; an exercise ends with its task, a quiz with its question."""
    return next(slide.title for slide in reversed(made) if slide.kind not in ("exercise", "quiz"))


def _pair(code: str, printed: str) -> Iterator[str]:
    lines = code.splitlines()
    if not printed:
        yield _highlighted(_cut(code, LINES, "# "))
    elif len(lines) + _rows(printed) <= LINES:
        yield _highlighted(code)
    else:
        yield _folded(code)
    if printed:
        yield f'<pre class="out">{escape(_cut(printed, LINES))}</pre>'


def _rows(text: str) -> int:
    return sum(max(1, math.ceil(len(line) / CHARACTERS)) for line in text.splitlines())


def _cut(text: str, rows: int, mark: str = "") -> str:
    """The first lines of a text that fill at most so many rows, and, after a mark, how many more there are."""
    lines = text.splitlines()
    if _rows(text) <= rows:
        return text
    kept = next(n for n in range(len(lines), -1, -1) if _rows("\n".join(lines[:n])) < rows)
    return "\n".join([*lines[:kept], f"{mark}… {_lines(len(lines) - kept)} more in the notebook"])


def _folded(code: str) -> str:
    return f"<details><summary>code, {_lines(len(code.splitlines()))}</summary>{_highlighted(code)}</details>"


def _lines(number: int) -> str:
    return f"{number} line{'s' * (number > 1)}"


def _rich(output: NotebookNode) -> str:
    data = output.data
    if "image/png" in data:
        alt = escape(output.metadata["image/png"]["alt"], quote=True)
        return f'<img alt="{alt}" src="data:image/png;base64,{data["image/png"].strip()}">'
    return _shorter(re.sub(r"<style.*?</style>", "", data["text/html"], flags=re.S))


def _shorter(table: str) -> str:
    """A table's first rows, and how many more there are."""
    if not (parts := re.fullmatch(r"(.*<tbody>)(.*)(</tbody>.*)", table, re.S)):
        return table
    head, body, rest = parts.groups()
    found = re.findall(r"<tr>.*?</tr>", body, re.S)
    more = f"<p>… {len(found) - ROWS} more rows in the notebook</p>" if len(found) > ROWS else ""
    return head + "".join(found[:ROWS]) + rest + more


@cache
def _renderer():
    import mistune

    return mistune.create_markdown(plugins=["table"])


def _markdown(text: str) -> str:
    return _renderer()(text)


def _inline(text: str) -> str:
    return _markdown(text).strip().removeprefix("<p>").removesuffix("</p>")


def _highlighted(code: str) -> str:
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    return highlight(code, PythonLexer(), HtmlFormatter(cssclass="code"))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.slides", description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=files.expanded, default=OUT, help="folder; default: %(default)s")
    args = parser.parse_args()
    try:
        paths = build(args.out)
        too_large = reveal.too_large(paths)
    except (OSError, ValueError) as error:
        print(f"slides: {error}", file=sys.stderr)
        return 1
    for told in too_large or []:
        print(f"slides: {told}", file=sys.stderr)
    seen = "not looked at, since there is no Chromium" if too_large is None else f"{len(too_large)} slides too large"
    print(f"{len(paths)} pages in {args.out} ({seen}); open {args.out / 'index.html'}, S shows the speaker's notes")
    return 1 if too_large else 0


if __name__ == "__main__":
    sys.exit(main())
