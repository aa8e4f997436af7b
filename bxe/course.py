"""The notebooks: where they are, how they are built from their sources, executed, and copied for a learner."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbformat import NotebookNode

IGNORE = "nbval-ignore-output"  # the tag of cells whose output cannot repeat: times, versions, device
CELL_SECONDS = 600  # a cell that runs longer is taken for stuck


@dataclass(frozen=True)
class Result:
    """How the execution of one notebook went."""

    name: str
    seconds: float
    cells: int
    error: str | None


# ---------------------------------------------------------------- finding


def folder() -> Path:
    """The folder with the course's notebooks: inside an installed bxe, or beside it in a checkout.

    Raises:
        FileNotFoundError: if neither is there.
    """
    package = Path(__file__).parent
    for candidate in (package / "notebooks", package.parent / "notebooks"):
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(f"there is no folder notebooks in {package} or beside it; install bxe again")


def find(names: Iterable[str] = (), *, suffix: str = ".ipynb", within: Path | None = None) -> list[Path]:
    """The notebooks whose file names begin with one of `names` ("02", "02_similarity"); all by default.

    Raises:
        ValueError: if a name fits none.
    """
    within = within or folder()
    everything = sorted(within.glob(f"[0-9][0-9]_*{suffix}"))
    names = list(names)
    for name in names:
        if not any(path.name.startswith(name) for path in everything):
            known = ", ".join(path.stem for path in everything) or "none"
            raise ValueError(f"there is no notebook {name!r} in {within}; there are: {known}")
    return [path for path in everything if not names or path.name.startswith(tuple(names))]


# ---------------------------------------------------------------- building


def build(source: Path, *, solved: bool) -> NotebookNode:
    """Make a notebook, not yet executed, from its py:percent source.

    Args:
        source: notebooks/src/NN_name.py, with cells tagged `exercise` (stubs) and `solution`.
        solved: keep the solutions instead of the stubs.
    """
    import jupytext
    from nbconvert.preprocessors import TagRemovePreprocessor

    notebook = jupytext.read(source, fmt="py:percent")
    without = TagRemovePreprocessor(remove_cell_tags={"exercise" if solved else "solution"})
    notebook, _ = without.preprocess(notebook, {})
    seen: Counter[str] = Counter()
    for cell in notebook.cells:
        cell.metadata = {key: cell.metadata[key] for key in ("tags", "bxe") if key in cell.metadata}
        # jupytext would draw new ids each time; these stay as long as the cell's text does.
        digest = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:8]
        seen[digest] += 1
        cell.id = digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"
    _settle_metadata(notebook)
    return notebook


def build_all(names: Iterable[str] = (), report: Callable[[Result], None] = lambda result: None) -> list[Result]:
    """Build and execute the learner's and the solved notebook of each source, and write what changed.

    A notebook is written only if it differs from the one that is there in more than the outputs of cells that
    cannot repeat (tag nbval-ignore-output), and only if all its cells ran.
    """
    results = []
    for source in find(names, suffix=".py", within=folder() / "src"):
        for solved in (False, True):
            target = built_path(source, solved=solved)
            notebook = build(source, solved=solved)
            result = execute(notebook, name=str(target.relative_to(folder())))
            if result.error is None and not _same(notebook, target):
                write_atomically(target, _dump(notebook))
            results.append(result)
            report(result)
    return results


def built_path(source: Path, *, solved: bool) -> Path:
    """Where the notebook that is built from a source belongs."""
    notebooks = source.parent.parent
    return (notebooks / "solutions" if solved else notebooks) / f"{source.stem}.ipynb"


# ---------------------------------------------------------------- executing


def execute(notebook: NotebookNode, *, name: str, after_cell: Callable[[], None] = lambda: None) -> Result:
    """Run a notebook's cells in a fresh kernel, in an empty folder, and keep their outputs in `notebook`.

    The first cell that fails ends the run, and its message is in the result. The learner's own progress is not touched.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    started, error = time.monotonic(), None
    with tempfile.TemporaryDirectory(prefix="bxe-") as scratch:
        client = NotebookClient(
            notebook,
            timeout=CELL_SECONDS,
            kernel_name="python3",
            record_timing=False,
            coalesce_streams=True,  # else a printed line may be cut in two where the kernel sends it in two parts
            resources={"metadata": {"path": scratch}},
            on_cell_executed=lambda **_: after_cell(),
            extra_arguments=["--log-level=CRITICAL"],
            config=_kernel_config(Path(scratch)),
        )
        try:
            client.execute(env={**os.environ, "BXE_PROGRESS": str(Path(scratch, "progress"))})
        except CellExecutionError as problem:
            error = f"cell {_cell_number(notebook)}: {problem.ename}: {problem.evalue.splitlines()[0] if problem.evalue else ''}"
        except (CellTimeoutError, DeadKernelError, RuntimeError, AssertionError) as problem:
            # nbclient answers Ctrl-C by ending the kernel, and then stumbles over its being gone.
            if getattr(client, "_async_cleanup_kernel_future", None) is not None:
                raise KeyboardInterrupt from None
            error = f"cell {_cell_number(notebook)}: {(str(problem).splitlines() or [type(problem).__name__])[0]}"
    _settle_metadata(notebook)
    ran = sum(cell.get("execution_count") is not None for cell in notebook.cells if cell.cell_type == "code")
    return Result(name, time.monotonic() - started, ran, error)


def page(notebook: NotebookNode, title: str) -> str:
    """A notebook as one HTML page that needs no network: pictures inside, no script from elsewhere."""
    from nbconvert import HTMLExporter

    exporter = HTMLExporter(
        mathjax_url="", require_js_url="", jquery_url="", mermaid_js_url="", jupyter_widgets_base_url=""
    )
    html, _ = exporter.from_notebook_node(notebook, resources={"metadata": {"name": title}})
    return html


# ---------------------------------------------------------------- a learner's copy


def copy_to(target: Path) -> dict[str, list[str]]:
    """Copy the notebooks into a learner's folder; a file that the learner changed is never overwritten.

    Args:
        target: made if it is missing. A file .bxe.json in it remembers what was copied, so that a newer version of
            the course can replace the files that are still as they came.

    Returns:
        The file names, by what became of them: "copied", "updated", "unchanged", "kept" (the learner's own version).

    Raises:
        NotADirectoryError: if `target` is a file.
    """
    if target.exists() and not target.is_dir():
        raise NotADirectoryError(f"{target} is a file; give a folder for your copy of the notebooks")
    manifest = target / ".bxe.json"
    came = _read_manifest(manifest)
    outcome: dict[str, list[str]] = {"copied": [], "updated": [], "unchanged": [], "kept": []}
    for source in find() + find(within=folder() / "solutions"):
        name = source.relative_to(folder()).as_posix()
        content, there = source.read_bytes(), target / name
        if not there.exists():
            verdict = "copied"
        elif there.read_bytes() == content:
            verdict = "unchanged"
        else:
            verdict = "updated" if came.get(name) == _digest(there.read_bytes()) else "kept"
        if verdict in ("copied", "updated"):
            write_atomically(there, content)
        if verdict != "kept":
            came[name] = _digest(content)
        outcome[verdict].append(name)
    write_atomically(manifest, json.dumps(came, indent=1).encode())
    return outcome


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file under a temporary name and rename it, so that no half-written file is ever seen."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        shutil.copymode(path, temporary) if path.exists() else os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(temporary)
        raise


# ---------------------------------------------------------------- inside


def _kernel_config(scratch: Path):
    """Talk to the kernel over files where the system can, so that not even a loopback network is needed."""
    from traitlets.config import Config

    # An absolute path, because the kernel runs in another folder than we do.
    return Config({"KernelManager": {"transport": "ipc", "ip": str(scratch / "kernel")}} if os.name == "posix" else {})


def _settle_metadata(notebook: NotebookNode) -> None:
    """Only what does not change from machine to machine: no Python version, no widget state."""
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    notebook.nbformat, notebook.nbformat_minor = 4, 5


def _dump(notebook: NotebookNode) -> bytes:
    import nbformat

    return (nbformat.writes(notebook).rstrip("\n") + "\n").encode()


def _same(notebook: NotebookNode, target: Path) -> bool:
    """Whether a built notebook equals the one in `target`, but for outputs that cannot repeat."""
    import nbformat

    if not target.exists():
        return False
    return _dump(_repeatable(notebook)) == _dump(_repeatable(nbformat.read(target, as_version=4)))


def _repeatable(notebook: NotebookNode) -> NotebookNode:
    import copy

    notebook = copy.deepcopy(notebook)
    for cell in notebook.cells:
        if IGNORE in cell.metadata.get("tags", []):
            cell.outputs = []
    return notebook


def _cell_number(notebook: NotebookNode) -> int:
    """The last code cell that was started, counted as Jupyter does."""
    counts = [cell.get("execution_count") or 0 for cell in notebook.cells if cell.cell_type == "code"]
    return max(counts, default=0)


def _read_manifest(path: Path) -> dict[str, str]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError):
        return {}  # without it every file that differs counts as the learner's own


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
