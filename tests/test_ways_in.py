"""The ways in: each installs what constraints.txt says, and an installed bxe needs no checkout."""

import json
import os
import re
import subprocess
import sys
import venv
from pathlib import Path

import pytest
import yaml

from bxe import course

ROOT = Path(__file__).parent.parent
tomllib = pytest.importorskip("tomllib", reason="Python 3.10 does not have it")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
GUIDE = (ROOT / "docs" / "ways-in.md").read_text(encoding="utf-8")
SOURCES = {
    "ways-in.md": GUIDE,
    "postBuild": (ROOT / "binder" / "postBuild").read_text(encoding="utf-8"),
    "pre-flight.md": (ROOT / "docs" / "teaching" / "pre-flight.md").read_text(encoding="utf-8"),
    "README.md": (ROOT / "README.md").read_text(encoding="utf-8"),
}
INSTALLS = [(name, line) for name, text in SOURCES.items() for line in re.findall(r"^.*pip install .*$", text, re.M)]


@pytest.mark.parametrize(("name", "line"), INSTALLS)
def test_whatever_is_installed_is_held_to_the_constraints(name, line):
    words = line.partition("pip install ")[2].partition("`")[0].replace('"', "").split()
    assert words[words.index("--constraint") + 1] == "constraints.txt"
    target = words[-1]
    if target.endswith(".whl"):
        assert target == f"dist/bxe-{PROJECT['version']}-py3-none-any.whl"
    else:
        assert words[-2] == "--editable"
        extras = re.fullmatch(r"\.(?:\[(\w+)\])?", target)[1]
        assert extras is None or extras in PROJECT["optional-dependencies"]


def test_each_way_in_was_looked_at():
    assert {name for name, _ in INSTALLS} >= {"ways-in.md", "postBuild"} and len(INSTALLS) >= 5


def test_the_container_is_set_up_as_make_does_it():
    container = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))
    done = subprocess.run(
        container["postCreateCommand"].split() + ["-n", "-B"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "tools/setup_env.py" in done.stdout
    assert '"--constraint", "constraints.txt"]' in (ROOT / "tools" / "setup_env.py").read_text()


def test_container_and_binder_have_a_python_that_the_course_takes():
    oldest = tuple(map(int, PROJECT["requires-python"].removeprefix(">=").split(".")))
    image = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))["image"]
    for text in (image, (ROOT / "binder" / "runtime.txt").read_text(), GUIDE):
        for version in re.findall(r"(?:python[:-]|py -)(\d+\.\d+)", text):
            assert tuple(map(int, version.split("."))) >= oldest


def test_binder_may_run_its_file():
    assert os.access(ROOT / "binder" / "postBuild", os.X_OK)
    subprocess.run(["bash", "-n", ROOT / "binder" / "postBuild"], check=True)


def test_the_citation_is_of_this_version_and_licence():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert (citation["version"], citation["license"]) == (PROJECT["version"], PROJECT["license"])


@pytest.mark.parametrize("form", sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml")), ids=lambda f: f.stem)
def test_an_issue_form_is_well_formed_and_short(form):
    there = yaml.safe_load(form.read_text(encoding="utf-8"))
    assert there["name"] and there["description"] and 1 <= len(there["body"]) <= 3
    assert all(part["type"] in ("input", "textarea") and part["attributes"]["label"] for part in there["body"])


def test_who_has_little_memory_is_told_which_notebooks_search_the_docstrings():
    numbers = [lesson.number for lesson in course.LESSONS if lesson.docstrings]
    assert f"({', '.join(numbers)})" in GUIDE
    assert f"in {', '.join(numbers[:-1])} or {numbers[-1]} |" in SOURCES["pre-flight.md"]


def test_who_has_windows_is_told_what_does_not_run_there():
    needs_fcntl = "import fcntl" in (ROOT / "bxe" / "cluster" / "session.py").read_text(encoding="utf-8")
    assert needs_fcntl == ("Its section 6 does not run on Windows" in GUIDE)
    assert "\n# ## 6 · Bigger than one machine" in (course.folder() / "src" / "12_production.py").read_text(
        encoding="utf-8"
    )


def test_the_guide_lists_what_an_upgrade_reports():
    from bxe.course.copy import OUTCOMES

    assert re.findall(r"^\| (\w+) \| .+ \|$", GUIDE.partition("## A newer version")[2], re.M) == list(OUTCOMES)


def module(*words, **environment):
    command = [sys.executable, "-m", "bxe", *words]
    return subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, cwd=ROOT)


def test_python_m_bxe_is_the_command():
    done = module("course", "run", "77")
    assert done.returncode == 1 and done.stderr.startswith("bxe: there is no notebook '77'")
    assert done.stderr.count("\n") == 1 and not done.stdout
    assert module("--help").stdout.startswith("usage: bxe ")


def test_the_command_prints_on_a_narrow_code_page(tmp_path):
    (tmp_path / "mine").mkdir()
    done = module("start", str(tmp_path / "mine"), "--copy-only", PYTHONIOENCODING="ascii:strict", PYTHONUTF8="0")
    assert done.returncode == 0, done.stderr
    assert "copied" in done.stdout


def test_an_installed_wheel_starts_the_course_without_a_checkout(tmp_path):
    pytest.importorskip("hatchling", reason="the extra dev has it")
    quiet = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    build = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*build, "--wheel-dir", tmp_path / "dist", ROOT], check=True)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    assert wheel.name == f"bxe-{PROJECT['version']}-py3-none-any.whl"
    venv.create(tmp_path / "fresh", with_pip=False)
    scripts = tmp_path / "fresh" / ("Scripts" if os.name == "nt" else "bin")
    install = [sys.executable, "-m", "pip", "--python", scripts / "python", "install", "-q", "--no-deps", "--no-index"]
    subprocess.run([*install, wheel], check=True)
    # The packages that it needs are those of these tests; an editable bxe among them does not come along.
    (site,) = (tmp_path / "fresh").rglob("site-packages")
    (site / "others.pth").write_text("\n".join(path for path in sys.path if path.endswith("site-packages")))
    where = subprocess.run(
        [scripts / "python", "-c", "import bxe; print(bxe.__file__)"],
        **{"cwd": tmp_path, "env": quiet, "capture_output": True, "text": True, "check": True},
    )
    assert Path(where.stdout.strip()).is_relative_to(site)
    start = [scripts / "bxe", "start", tmp_path / "mine", "--copy-only"]
    done = subprocess.run(start, cwd=tmp_path, env=quiet, capture_output=True, text=True)
    assert done.returncode == 0 and not done.stderr
    names = [path.relative_to(course.folder()) for path in course.folder().glob("**/[0-9]*.ipynb")]
    assert names and all(
        (tmp_path / "mine" / name).read_bytes() == (course.folder() / name).read_bytes() for name in names
    )
