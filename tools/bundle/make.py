"""Make the bundle: python -m tools.bundle.make (`make bundle`, which builds the site and the slides first).

The wheels are those of constraints.txt for the Python, system and processor that run this. Made twice from one commit, the
archive has the same bytes; so nothing may differ from the commit.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import socket
import subprocess
import sys
import tarfile
import zipfile
from email.parser import Parser
from pathlib import Path

from packaging.specifiers import SpecifierSet

from tools.bundle import start

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "build" / "bundle"
CPU_TORCH = "https://download.pytorch.org/whl/cpu"  # what PyPI has for Linux is the CUDA build, of several GB
BESIDE = ("start.py", "start.sh", "start.ps1", "README.txt")  # of this folder
LARGEST_TORCH = 5e8  # bytes; a CPU build has some 200 MB


def git(*words: str) -> bytes:
    return subprocess.run(["git", *words], cwd=ROOT, check=True, capture_output=True).stdout


def reachable(host: str) -> bool:
    try:
        socket.create_connection((host, 443), timeout=3).close()
    except OSError:
        return False
    return True


def wheels(folder: Path) -> None:
    """Every package as a wheel, ours too; torch first, as a CPU build."""
    index = ["--extra-index-url", CPU_TORCH] if reachable("download.pytorch.org") else []
    pip = [sys.executable, "-m", "pip", "wheel", "-q", "--disable-pip-version-check", "--wheel-dir", str(folder)]
    # A date of its own makes the wheels that are built here the same each time.
    environment = os.environ | {"SOURCE_DATE_EPOCH": git("log", "-1", "--format=%ct").decode().strip()}
    subprocess.run(
        [*pip, *index, "--constraint", "constraints.txt", "torch", ".[scale]"], cwd=ROOT, check=True, env=environment
    )
    (torch,) = folder.glob("torch-*.whl")
    if torch.stat().st_size > LARGEST_TORCH:
        raise SystemExit(
            f"bundle: {torch.name} is a CUDA build; {CPU_TORCH} must be reachable, once, to get the CPU build"
        )


def oldest_python(folder: Path) -> int:
    """The last number of the oldest Python of this kind (3.11, say) that every wheel takes: 5 if that is 3.11.5."""
    needs = SpecifierSet()
    for path in folder.glob("*.whl"):
        with zipfile.ZipFile(path) as wheel:
            (name,) = (
                name for name in wheel.namelist() if name.endswith(".dist-info/METADATA") and name.count("/") == 1
            )
            needs &= SpecifierSet(Parser().parsestr(wheel.read(name).decode()).get("Requires-Python", ""))
    return next(n for n in range(100) if needs.contains("{}.{}.{n}".format(*sys.version_info, n=n)))


def expect_committed() -> None:
    """Stop if a file differs from the commit: the wheels, the site and the slides are made from what lies here."""
    if changed := git("status", "--porcelain").decode().splitlines():
        raise SystemExit(
            f"bundle: {changed[0][3:]} is not as committed ({len(changed)} in all); commit or stash it, then run this again"
        )


def repository() -> tuple[dict[str, bytes], set[str]]:
    """The committed files by their path in the bundle, and those of the paths that can be run."""
    with tarfile.open(fileobj=io.BytesIO(git("archive", "--prefix=repository/", "HEAD"))) as archive:
        entries = [entry for entry in archive if entry.isfile()]
        files = {entry.name: archive.extractfile(entry).read() for entry in entries}
    return files, {entry.name for entry in entries if entry.mode & 0o100}


def below(folder: Path, name: str) -> dict[str, bytes]:
    """The files of a folder, by their path in the bundle."""
    return {
        f"{name}/{path.relative_to(folder).as_posix()}": path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def pack(path: Path, files: dict[str, bytes], runs: set[str]) -> None:
    """A zip file with the same bytes for the same files; what is packed already is only stored.

    Args:
        path: of the zip file.
        files: what it holds, by path.
        runs: the paths that can be run.
    """
    with zipfile.ZipFile(path, "w") as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(f"{path.stem}/{name}", date_time=(2020, 1, 1, 0, 0, 0))
            entry.external_attr = (0o100755 if name in runs else 0o100644) << 16
            packed = name.endswith((".whl", ".png", ".gz"))
            entry.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
            archive.writestr(entry, files[name])


def main() -> None:
    expect_committed()
    machine = start.this_machine()
    path = OUT / "bxe-{python}-{system}-{machine}.zip".format(**machine).lower()
    OUT.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(OUT / "wheels", ignore_errors=True)  # no package of an earlier bundle stays
    wheels(OUT / "wheels")
    files, runs = repository()
    files |= below(OUT / "wheels", "wheels")
    for part in ("site", "slides"):
        files |= below(ROOT / "build" / part, part)
    files |= {name: (Path(__file__).parent / name).read_bytes() for name in BESIDE}
    files["made-for.json"] = (json.dumps(machine | {"oldest": oldest_python(OUT / "wheels")}) + "\n").encode()
    lines = [f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files)]
    files["SHA256SUMS"] = "".join(lines).encode()
    pack(path, files, runs | {"start.sh"})
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    path.with_suffix(".zip.sha256").write_text(f"{digest}  {path.name}\n")
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1e6:.0f} MB; its SHA-256 is {digest}")


if __name__ == "__main__":
    main()
