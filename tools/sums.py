"""Write bxe/data/SHA256SUMS, against which each file there is verified when it is read: python -m tools.sums."""

import hashlib
from pathlib import Path

from bxe.files import write

DATA = Path(__file__).parent.parent / "bxe" / "data"


def listed(folder: Path) -> str:
    """A line for each file of a folder but the list itself: its SHA-256, and its name."""
    paths = sorted(path for path in folder.iterdir() if path.is_file() and path.name != "SHA256SUMS")
    return "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in paths)


if __name__ == "__main__":
    write(DATA / "SHA256SUMS", listed(DATA).encode())
