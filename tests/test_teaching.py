"""The teaching kit: plans that can be taught as they are written, and a sheet that says what the quizzes say."""

import ast
import builtins
import re
from functools import cache
from pathlib import Path

import pytest

from bxe import course, exercises
from bxe.exercises.engine import questions_of
from tools import teaching

ROOT = Path(__file__).parent.parent
PLANS = sorted((ROOT / "docs" / "teaching").glob("plan-*.md"))
SOURCES = {path.name[:2]: path for path in course.find(suffix=".py", within=course.folder() / "src")}


def rows(plan):
    """(minutes, notebook or None, sections or None for all, exercises) of each row of a plan's timetable."""
    for line in plan.read_text(encoding="utf-8").splitlines():
        if re.match(r"\| \d+ \|", line):
            minutes, what, sections, tasks = (part.strip() for part in line.split("|")[1:5])
            number = re.match(r"\d\d", what)
            kept = None if sections == "all" else [int(n) for n in re.findall(r"\d+", sections)]
            yield int(minutes), number and number[0], kept, re.findall(r"\d\d\.\d+", tasks)


TIMES = {"plan-90-minutes": [90], "plan-half-a-day": [210], "plan-two-days": [360, 360]}


def test_there_is_a_plan_of_each_length():
    assert [plan.stem for plan in PLANS] == sorted(TIMES)


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.stem)
def test_a_plan_fills_its_time(plan):
    assert sum(minutes for minutes, *_ in rows(plan)) == sum(TIMES[plan.stem])


@cache
def sections(number):
    """The cells of a notebook by section, solved; what comes before the first is section 0, quiz and recap are the last."""
    notebook, found, current = course.build(SOURCES[number], solved=True), {0: []}, 0
    for cell in notebook.cells:
        for heading in re.findall(r"^## (.+)", cell.source, re.M) if cell.cell_type == "markdown" else []:
            current = int(heading.split()[0]) if heading[0].isdigit() else max(found) + 1
            found[current] = []
        found[current].append(cell)
    return found


def names(code):
    """What a cell uses and what it defines, whatever the order in it."""
    used, defined = set(), set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Name):
            (used if isinstance(node.ctx, ast.Load) else defined).add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)) or isinstance(node, ast.ExceptHandler) and node.name:
            defined.add(node.name)
        elif isinstance(node, ast.arg):
            defined.add(node.arg)
        elif isinstance(node, ast.alias):
            defined.add((node.asname or node.name).split(".")[0])
    return used - set(dir(builtins)), defined


LESSONS = [(plan, *row[1:]) for plan in PLANS for row in rows(plan) if row[1] in SOURCES]


@pytest.mark.parametrize(
    ("plan", "number", "kept", "tasks"), LESSONS, ids=lambda value: getattr(value, "stem", None) or str(value)
)
def test_what_a_plan_keeps_needs_nothing_that_it_skips(plan, number, kept, tasks):
    there, known = sections(number), set()
    assert kept is None or set(kept) <= set(there)
    for section in there if kept is None else [0, *kept]:
        found = [names(cell.source) for cell in there[section] if cell.cell_type == "code"]
        known.update(*(defined for _, defined in found))
        missing = set().union(*(used for used, _ in found)) - known
        assert not missing, f"section {section} needs {missing}"


@pytest.mark.parametrize(
    ("plan", "number", "kept", "tasks"), LESSONS, ids=lambda value: getattr(value, "stem", None) or str(value)
)
def test_the_exercises_of_a_plan_stand_in_the_sections_that_it_keeps(plan, number, kept, tasks):
    there = sections(number)
    text = "\n".join(cell.source for section in (there if kept is None else kept) for cell in there[section])
    assert tasks
    for task in tasks:
        assert f"### Exercise {task}\n" in text + "\n"


def test_two_days_give_each_whole_notebook_its_minutes():
    minutes = {lesson.number: lesson.minutes for lesson in course.LESSONS}
    for given, number, kept, _ in rows(ROOT / "docs" / "teaching" / "plan-two-days.md"):
        if number in minutes and kept is None:
            assert given >= minutes[number], number


def test_each_notebook_has_questions_for_a_room():
    text = (ROOT / "docs" / "teaching" / "questions.md").read_text(encoding="utf-8")
    asked = re.findall(r'^\*\*(\d\d) (.+)\.\*\* \*"', text, re.M)
    assert asked == [(lesson.number, lesson.title) for lesson in course.LESSONS]


@pytest.mark.parametrize("page", sorted((ROOT / "docs" / "teaching").glob("*.md")), ids=lambda page: page.stem)
def test_a_page_of_the_kit_is_short_and_its_links_lead_somewhere(page):
    text = page.read_text(encoding="utf-8")
    assert len(text.split()) <= 1_000  # two printed pages
    for link in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (page.parent / link).exists(), link


def test_the_sheet_marks_and_explains_what_the_quiz_marks_and_explains():
    sheet = teaching.quiz_sheet()
    assert sheet == teaching.quiz_sheet()
    for number in exercises.progress().index:
        part = re.search(rf"^## {number} · .*?(?=^## |\Z)", sheet, re.M | re.S)[0]
        right = re.findall(r"^    - \*\*(\w)\. ", part, re.M)
        assert right == [question.right for question in questions_of(number)]
        for question in questions_of(number):
            assert question.text in part
            assert all(option in part and why in part for option, why in question.options)


def test_the_sheet_is_written_whole_or_not_at_all(tmp_path, monkeypatch, capsys):
    out = tmp_path / "new" / "quizzes.md"
    monkeypatch.setattr("sys.argv", ["teaching", "--out", str(out)])
    assert teaching.main() == 0 and out.read_text(encoding="utf-8") == teaching.quiz_sheet()
    monkeypatch.setattr("sys.argv", ["teaching", "--out", str(out / "under")])
    assert teaching.main() == 1
    assert "cannot be written" in capsys.readouterr().err
