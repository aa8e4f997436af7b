"""Chromium without a window, for authors: a page as it stands after its scripts have run, or printed as PDF."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome")
SECONDS = 120  # that a page may take
_QUIET = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync", "--disable-extensions")
_OFFLINE = ("--disable-background-networking", "--disable-component-update", "--host-resolver-rules=MAP * ~NOTFOUND")


def find() -> str | None:
    """The path of an installed Chromium; None if there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def run(page: Path, *flags: str) -> str:
    """Open a file without a network and give back what the browser prints.

    Args:
        page: an HTML file.
        flags: what to do with it, such as --dump-dom.

    Raises:
        FileNotFoundError: if there is no Chromium.
        TimeoutError: if it takes longer than two minutes.
    """
    if (browser := find()) is None:
        raise FileNotFoundError(f"there is none of {', '.join(NAMES)} on the path; install Chromium")
    with tempfile.TemporaryDirectory(prefix="bxe-browser-", ignore_cleanup_errors=True) as profile:
        command = [browser, *_QUIET, *_OFFLINE, f"--user-data-dir={profile}", *flags, page.absolute().as_uri()]
        try:
            return subprocess.run(command, capture_output=True, text=True, timeout=SECONDS).stdout
        except subprocess.TimeoutExpired:
            raise TimeoutError(f"{browser} did not finish {page} in {SECONDS} seconds; run this again") from None
