"""Make .venv with what pyproject.toml asks for, in the versions of constraints.txt. Called by make; needs only Python.

What can go wrong is reported in one line: Python too old, no venv module, no room on the disk, no package index.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOG = ROOT / "build" / "setup.log"
GIGABYTES = 3  # what .venv takes with a CPU build of torch; the CUDA build that Linux gets by default takes more

TROUBLES = {  # what pip prints, and what it means
    "No space left on device": "the disk is full; .venv takes 3 GB, and about 8 where pip installs the CUDA build of torch",
    "No matching distribution found": "the package index has no version of some package that suits this Python",
    "Failed to establish a new connection": "no package index can be reached; connect to a network and run make again",
    "Temporary failure in name resolution": "no package index can be reached; connect to a network and run make again",
    "Name or service not known": "no package index can be reached; connect to a network and run make again",
    "Could not fetch URL": "no package index can be reached; connect to a network and run make again",
}


def stop(message):
    sys.exit("setup: " + message)


def check_python(version=sys.version_info):
    if version < (3, 10):
        stop("Python is %d.%d; bxe needs 3.10 or newer. Try: make PYTHON=python3.12" % tuple(version[:2]))


def check_disk(folder=ROOT, usage=shutil.disk_usage):
    free = usage(folder).free / 1e9
    if free < GIGABYTES and not VENV.exists():
        stop("%.1f GB are free in %s; the packages need %d GB; make room for them" % (free, folder, GIGABYTES))


def make_venv():
    try:
        import ensurepip  # noqa: F401  (Debian ships Python without it)
        import venv  # noqa: F401
    except ImportError:
        stop("this Python has no venv module. On Debian or Ubuntu: apt install python3-venv")
    pip = VENV / "bin" / "pip"
    # An interrupted venv has python, but no pip yet; the commands of one made in another folder run that folder's code.
    if not (pip.exists() and made_in(pip) == VENV):
        run([sys.executable, "-m", "venv", *(["--clear"] if pip.exists() else []), str(VENV)])


def made_in(command):
    """The environment that a command of .venv/bin was written for: its first lines name their Python by its whole path."""
    found = re.search("""[!"](/[^"\n]*)/bin/python""", command.read_text())
    return Path(found.group(1)).resolve() if found else None


def run(command):
    """Run a command with its output in build/setup.log; on failure say in a line what it means."""
    LOG.parent.mkdir(exist_ok=True)
    with LOG.open("a") as log:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT)
        log.write("$ %s\n%s\n" % (" ".join(command), done.stdout))
    if done.returncode:
        stop(explain(done.stdout))


def explain(output):
    # pip says "no matching distribution" after a failed connection, too: so connection troubles are looked for first.
    ordered = sorted(TROUBLES, key=lambda words: words.startswith("No matching"))
    meaning = next((TROUBLES[words] for words in ordered if words in output), "installing failed")
    return "%s (details: %s)" % (meaning, LOG.relative_to(ROOT))


def main():
    check_python()
    check_disk()
    print("setting up .venv (a few minutes the first time) ...", flush=True)
    make_venv()
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check"]
    # --no-compile halves the time: Python compiles what it imports, when it imports it.
    pip += ["--no-compile", "--constraint", "constraints.txt"]
    run([*pip, "pip"])  # Python's own can be years old, and takes half as long again
    # torch first and alone: with it in place, nothing that depends on it can draw in another build.
    run([*pip, "torch"])
    run([*pip, "--editable", ".[dev,scale]"])
    (VENV / ".ready").write_text(str(ROOT))
    print("done", flush=True)


if __name__ == "__main__":
    main()
