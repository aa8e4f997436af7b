"""The house: arrows point down, no loop, no room too large, and what is said twice is the same."""

import ast
import doctest
from importlib import import_module
from inspect import isfunction
from pathlib import Path

import pytest

import tools
from tools import pictures

ROOT = Path(__file__).parent.parent
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for room in ("bxe", "tools", "training", "benchmarks", "examples")
    for path in (ROOT / room).rglob("*.py")
    if "notebooks" not in path.parts
}
LONGEST = 300  # lines of a module; a room holds one subject

# What each wing of bxe may import of bxe. Everything else is an arrow that runs up or across.
BELOW = {
    "bxe": {"advisor", "cluster", "corpora", "course", "exercises", "judging", "models", "plots", "retrieval"},
    "cluster": {"files", "models", "retrieval"},
    "files": set(),
    "models": {"files"},
    "corpora": {"files"},
    "plots": set(),
    "retrieval": {"files", "models", "corpora"},
    "judging": {"files", "retrieval"},
    "advisor": {"files", "models", "corpora", "retrieval"},
    "exercises": {"files", "models", "corpora", "retrieval"},
    "course": {"files"},
    "doctor": {"files", "models", "corpora"},
    "cli": {"files", "advisor", "course", "doctor"},
    "__main__": {"cli"},
}


def wing(module):
    return module.split(".")[1] if "." in module else module


def imported(module, path):
    """The modules of ours that a file imports, anywhere in it; a name out of a package counts as its module."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: say the whole name, not a relative one"
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in MODULES else node.module for name in inner}
    return {name for name in found if name in MODULES and name != module}


GRAPH = {module: imported(module, path) for module, path in MODULES.items()}


@pytest.mark.parametrize("module", sorted(module for module in MODULES if module.startswith("bxe")))
def test_arrows_point_down(module):
    for other in GRAPH[module]:
        assert other.startswith("bxe"), f"{module} imports {other}, which uses bxe, never the other way round"
        if wing(other) != wing(module):
            assert wing(other) in BELOW[wing(module)], f"{module} imports {other}"


def test_there_is_no_loop():
    finished, open_now = set(), []

    def visit(module):
        assert module not in open_now, f"a loop: {' -> '.join([*open_now[open_now.index(module) :], module])}"
        if module not in finished:
            open_now.append(module)
            for other in GRAPH[module]:
                visit(other)
            finished.add(open_now.pop())

    for module in GRAPH:
        visit(module)


def test_lessons_stand_on_the_oracle_kit_alone():
    for module, others in GRAPH.items():
        if module.startswith("bxe.exercises.nb"):
            within = {other for other in others if wing(other) == "exercises"}
            assert within <= {"bxe.exercises.oracle", "bxe.exercises.small"}, module


@pytest.mark.parametrize("module", sorted(MODULES))
def test_a_room_is_not_too_large(module):
    if ".quizzes." not in module:  # data
        assert len(MODULES[module].read_text(encoding="utf-8").splitlines()) <= LONGEST


@pytest.mark.parametrize("name", pictures.SHOWN)
def test_a_picture_of_the_readme_is_the_notebooks(name):
    assert (pictures.FOLDER / name).read_bytes() == pictures.picture(*pictures.SHOWN[name])
    assert f"docs/pictures/{name}" in (ROOT / "README.md").read_text(encoding="utf-8")


WINGS = ("advisor", "cluster", "corpora", "course", "exercises", "judging", "models", "plots", "retrieval")


@pytest.mark.parametrize("name", WINGS)
def test_each_public_function_has_an_example(name):
    module = import_module(f"bxe.{name}")
    functions = [getattr(module, public) for public in module.__all__ if isfunction(getattr(module, public))]
    assert functions
    assert [function.__name__ for function in functions if ">>> " not in (function.__doc__ or "")] == []


# pytest itself collects those of bxe.
EXAMPLES = [name for name, path in MODULES.items() if name.startswith("tools.") and ">>> " in path.read_text("utf-8")]


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_examples_of_the_tools_run(name):
    done = doctest.testmod(import_module(name), optionflags=doctest.ELLIPSIS)
    assert done.attempted and not done.failed


def test_the_tools_are_listed():
    rooms = {name.split(".")[1] for name in MODULES if name.startswith("tools.")}
    assert [room for room in sorted(rooms) if f"{room}: " not in tools.__doc__.replace("\n", " ")] == []
