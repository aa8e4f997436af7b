"""JupyterLab as a learner meets it, in a browser: `make test-lab` (Debian's Chromium; a minute or two)."""

import os
import re
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest

from tools.browser import find

playwright = pytest.importorskip("playwright.sync_api", reason="pip install playwright")

CHROMIUM = find()
ANSWER = 'def batch(first, second):\n    return [first, second]\n\n\ncheck("00.1", batch)'
KERNEL = ".jp-Notebook-ExecutionIndicator"  # which says whether it is at work
MINUTE = 60_000  # milliseconds: what a slow machine may take for a step

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="needs Chromium (Debian: apt install chromium)")


@contextmanager
def lab_of(home):
    """The address of JupyterLab as `bxe start` opens it for a learner with a home folder of their own."""
    home.mkdir(exist_ok=True)
    theirs = {name: value for name, value in os.environ.items() if not name.startswith(("BXE_", "JUPYTER", "XDG_"))}
    command = [sys.executable, "-m", "bxe.cli", "start"]
    surroundings = theirs | {"HOME": str(home), "BROWSER": "true"}  # the program named true opens nothing
    with subprocess.Popen(
        command, cwd=home, env=surroundings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as server:
        try:
            for line in server.stdout:
                if found := re.search(rb"http://localhost:\d+/lab\S*token=\w+", line):
                    yield found.group().decode()
                    break
            else:
                pytest.fail("JupyterLab did not start")
        finally:
            server.send_signal(signal.SIGINT)
            server.terminate()


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as driver:
        options = [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-sync",
            "--no-first-run",
        ]
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=options)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def first(tmp_path_factory, browser):
    """The first learner's JupyterLab with notebook 00, every cell of it run."""
    home = tmp_path_factory.mktemp("learners") / "first"
    with lab_of(home) as address:
        page = opened(browser, address)
        run_all(page, "Run", "Run All Cells")
        yield home, page
        page.close()


def opened(browser, address):
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    page.goto(address, timeout=MINUTE)
    page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=MINUTE)
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=MINUTE)
    return page


def run_all(page, menu, entry):
    """Choose an entry of a menu that runs every cell, and wait until all of them have run."""
    page.locator(".lm-MenuBar-itemLabel", has_text=re.compile(f"^{menu}$")).click()
    page.wait_for_timeout(500)  # a click that comes at once closes the menu again
    page.locator(".lm-Menu-itemLabel", has_text=re.compile(f"^{entry}")).first.click()
    if entry.startswith("Restart"):
        page.locator(".jp-Dialog button", has_text="Restart").click()
    page.locator(f"{KERNEL}[data-status=busy]").wait_for(timeout=MINUTE)
    page.locator(f"{KERNEL}[data-status=idle]").wait_for(timeout=3 * MINUTE)


def cell(page, words):
    """The code cell whose text has these words."""
    found = page.locator(".jp-CodeCell", has_text=words).first
    found.scroll_into_view_if_needed()
    return found


def shows(of, words):
    """Wait until a cell shows these words: what is out of view is drawn when it comes into view."""
    playwright.expect(of).to_contain_text(words, timeout=MINUTE)


def test_every_cell_runs_and_none_fails(first):
    home, page = first
    shows(page.locator(KERNEL), "Executed 16 cells")
    assert page.locator(".jp-RenderedText[data-mime-type='application/vnd.jupyter.error']").count() == 0
    shows(cell(page, "cosines[i, j]"), "0.6660")


def test_nothing_covers_the_page(first):
    home, page = first
    assert page.locator(".jp-Dialog, .Toastify__toast").count() == 0


def test_an_exercise_solved_by_typing_is_told_and_counted(first):
    home, page = first
    exercise = cell(page, "def batch(first, second):")
    shows(exercise, "not attempted")
    exercise.locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(ANSWER)
    page.keyboard.press("Shift+Enter")
    shows(exercise, "00.1 · right")
    run_all(page, "Run", "Run All Cells")
    shows(cell(page, "solved = progress()"), "right so far: 1 exercises")


def test_a_restarted_kernel_keeps_the_progress(first):
    home, page = first
    run_all(page, "Kernel", "Restart Kernel and Run All Cells")
    shows(cell(page, "solved = progress()"), "right so far: 1 exercises")


def test_a_second_learners_folder_is_apart(first, browser):
    home, _ = first
    with lab_of(home.parent / "second") as address:
        page = opened(browser, address)
        run_all(page, "Run", "Run All Cells")
        shows(cell(page, "solved = progress()"), "right so far: 0 exercises")
        shows(cell(page, "def batch(first, second):"), "not attempted")
        page.close()
