"""Set the course up from this folder, with no network, and open it. Called by start.sh and start.ps1.

    start.py [DIR] [--copy-only]      as `bxe start`, whose packages are put into DIR/.venv first

Nothing is written but in DIR (~/bxe-course by default) and, by bxe itself, in the user's cache and data folders.
"""

import hashlib
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
COMMANDS = "Scripts" if os.name == "nt" else "bin"


def stop(message):
    sys.exit("start: " + message)


def this_machine():
    """What wheels are made for: Python's version without its last number, the system, the processor."""
    return {
        "python": "{}.{}".format(*sys.version_info),
        "system": platform.system(),
        "machine": platform.machine(),
    }


def check_machine():
    wanted, found = json.loads((HERE / "made-for.json").read_text(encoding="utf-8")), this_machine()
    oldest = wanted.pop("oldest")  # the last number of the oldest Python that all packages take
    if wanted != found or sys.version_info[2] < oldest:
        needs = "Python {python}.{oldest} or a later {python} on {system} {machine}".format(oldest=oldest, **wanted)
        here = "Python {} on {system} {machine}".format(platform.python_version(), **found)
        stop(
            f"this bundle is for {needs}; this is {here}. Ask for the bundle of this platform (`make bundle` on such a "
            "machine makes it), or install such a Python"
        )


def check_files():
    """Compare each wheel with SHA256SUMS: a stick that was pulled out too early shows here, not in the middle of a lesson."""
    sums = dict(
        reversed(line.split("  ", 1)) for line in (HERE / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    )
    for name, expected in sums.items():
        path = HERE / name
        if name.startswith("wheels/") and (
            not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != expected
        ):
            stop(name + " is missing or damaged; copy the bundle again")


def set_up(venv):
    """Make the environment, unless this very bundle made it already."""
    ready, wanted = venv / ".ready", (HERE / "SHA256SUMS").read_text(encoding="utf-8")
    if ready.is_file() and ready.read_text(encoding="utf-8") == wanted:
        return
    print("setting up in", venv, "(a few minutes, once) ...", flush=True)
    check_files()
    venv.parent.mkdir(parents=True, exist_ok=True)
    install = ["-m", "pip", "install", "--disable-pip-version-check", "--no-cache-dir", "--no-compile", "--no-index"]
    with (venv.parent / "setup.log").open("w", encoding="utf-8") as log:
        for command in (
            [sys.executable, "-m", "venv", "--clear", str(venv)],
            [str(venv / COMMANDS / "python"), *install, "--find-links", str(HERE / "wheels"), "bxe[scale]"],
        ):
            if subprocess.call(command, stdout=log, stderr=subprocess.STDOUT):
                stop("setting up failed; the reason is at the end of " + log.name)
    ready.write_text(wanted, encoding="utf-8")


def main():
    given = [word for word in sys.argv[1:] if not word.startswith("-")]
    folder = Path(given[0] if given else "~/bxe-course").expanduser().absolute()
    check_machine()
    try:
        set_up(folder / ".venv")
    except OSError as error:
        stop(f"{folder} cannot be written ({error.strerror}); name another folder: start.sh DIR")
    options = [word for word in sys.argv[1:] if word.startswith("-")]
    return subprocess.call([str(folder / ".venv" / COMMANDS / "bxe"), "start", str(folder), *options])


if __name__ == "__main__":
    sys.exit(main())
