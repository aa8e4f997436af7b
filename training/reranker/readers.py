"""What readers are shown: a query and its passages by letter, without label, source or score."""

from __future__ import annotations

from pathlib import Path

from bxe.files import write

BATCH = 80  # lists for a reader at once


def write_batches(lists: list[dict], folder: Path, stem: str) -> None:
    """Write folder/stem_001.txt and so on; a list is named by its `short`, or else by its `id`."""
    for start in range(0, len(lists), BATCH):
        pages = [
            [f"## {row.get('short', row['id'])}", f"QUERY: {row['query']}"]
            + [") ".join(entry) for entry in zip("abcdefghijkl", row["passages"])]
            + [""]
            for row in lists[start : start + BATCH]
        ]
        write(folder / f"{stem}_{start // BATCH + 1:03}.txt", "\n".join(sum(pages, [])).encode())
