"""Notebooks executed in kernels of their own, several side by side."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bxe.files import cores, first_line

if TYPE_CHECKING:
    from nbformat import NotebookNode

CELL_SECONDS = 600  # a cell that runs longer is taken for stuck
MOST_AT_ONCE = 4  # each kernel may take more than a gigabyte
LONGEST_SOCKET = (
    90  # bytes of a socket's path that any system takes (104 on macOS, 108 on Linux), with room for a number
)
KEPT_AT_HOME = ("NUMBA_CACHE_DIR", "MPLCONFIGDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR")
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")

WIDGET = "application/vnd.jupyter.widget-view+json"


@dataclass(frozen=True)
class Job:
    """A notebook to run, and the name to report it under; `after` names a job that must have ended before."""

    name: str
    notebook: NotebookNode
    after: str | None = None


@dataclass(frozen=True)
class Result:
    """How the execution of one notebook went: wall time, code cells that ran, peak memory of the kernel, first error."""

    name: str
    seconds: float
    cells: int
    megabytes: float
    error: str | None


def run_all(
    jobs: Iterable[Job],
    finished: Callable[[Result, NotebookNode], None],
    *,
    after_cell: Callable[[], None] = lambda: None,
) -> list[Result]:
    """Run notebooks side by side, as many as there are cores (at most four), and share the cores out among them.

    Two processes of one thread each do more than one process of two threads, which wait for each other.

    Args:
        jobs: what to run, in this order; a job that waits for another must come after it.
        finished: called in this thread with each result and the notebook with its outputs, in the order of ending.
        after_cell: called after each cell, in the thread that runs it.

    Returns:
        The results in the order of ending.

    Raises:
        KeyboardInterrupt: after Ctrl-C, when all kernels have been ended.

    Example:
        >>> run_all([], finished=print)
        []
    """
    jobs = list(jobs)
    at_once = max(1, min(cores(), MOST_AT_ONCE, len(jobs)))
    ended = {job.name: threading.Event() for job in jobs}
    kernels = _Kernels()

    def run(job: Job) -> tuple[Result, NotebookNode]:
        try:
            if job.after in ended:
                ended[job.after].wait()
            threads = dict.fromkeys(THREADS, str(max(1, cores() // at_once)))
            return _execute(job, kernels, {**environment, **threads}, after_cell), job.notebook
        finally:
            ended[job.name].set()

    results = []
    with surroundings() as environment, ThreadPoolExecutor(at_once) as pool:
        futures = [pool.submit(run, job) for job in jobs]
        try:
            for future in as_completed(futures):
                result, notebook = future.result()
                results.append(result)
                finished(result, notebook)
        except BaseException:
            for future in futures:
                future.cancel()
            kernels.end()
            raise
    return results


@contextmanager
def surroundings() -> Iterator[dict[str, str]]:
    """The environment for kernels and the lab: the caller's, without what would change their outputs; folders that cannot be
    written to are replaced by temporary ones.

    Example:
        >>> with surroundings() as environment:
        ...     "MPLBACKEND" in environment  # without it kernels draw into the notebook
        False
    """
    import platformdirs

    environment = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
    # This interpreter's own kernel before any other python3; a lab that neither asks about news nor fetches them.
    kernels, lab = Path(sys.prefix, "share", "jupyter"), Path(__file__).with_name("jupyter")
    for name, own in {"JUPYTER_PATH": kernels, "JUPYTER_CONFIG_PATH": lab}.items():
        environment[name] = os.pathsep.join(filter(None, [str(own), os.environ.get(name)]))
    with tempfile.TemporaryDirectory(prefix="bxe-", ignore_cleanup_errors=True) as scratch:
        needed = Path.home(), Path(platformdirs.user_cache_dir())
        if not all(os.access(next(f for f in (path, *path.parents) if f.exists()), os.W_OK) for path in needed):
            for name in KEPT_AT_HOME:
                folder = Path(environment.setdefault(name, os.path.join(scratch, name.lower())))
                with suppress(OSError):
                    folder.mkdir(parents=True, exist_ok=True)
        yield environment


def read(path: Path) -> NotebookNode:
    """Read one of the course's notebooks.

    Raises:
        FileNotFoundError: if it is missing.
        ValueError: if it is damaged.

    Example:
        >>> read(Path("notebooks/99_none.ipynb"))
        Traceback (most recent call last):
        FileNotFoundError: notebooks/99_none.ipynb is missing; install bxe again
    """
    import nbformat

    try:
        notebook = nbformat.v4.reads(path.read_text(encoding="utf-8"))
        nbformat.validate(notebook, version=4)
    except FileNotFoundError:
        raise FileNotFoundError(f"{path} is missing; install bxe again") from None
    except Exception as error:  # nbformat raises whatever the damage leads to
        raise ValueError(f"{path} is damaged ({first_line(error)}); install bxe again") from error
    return notebook


def page(notebook: NotebookNode, title: str) -> str:
    """A notebook as one HTML page that needs no network: pictures inside, no script from elsewhere.

    Example:
        >>> from nbformat.v4 import new_markdown_cell, new_notebook
        >>> "<em>tea</em>" in page(new_notebook(cells=[new_markdown_cell("*tea*")]), "Notes")
        True
    """
    from nbconvert import HTMLExporter

    exporter = HTMLExporter(mathjax_url="", require_js_url="", mermaid_js_url="", jupyter_widgets_base_url="")
    html, _ = exporter.from_notebook_node(notebook, resources={"metadata": {"name": title}})
    return html


# ---------------------------------------------------------------- one kernel


@dataclass
class _Kernels:
    """The processes that run now, so that Ctrl-C can end them."""

    processes: set[int] = field(default_factory=set)
    stopped: bool = False

    def end(self) -> None:
        self.stopped = True
        for process in list(self.processes):
            with suppress(ProcessLookupError):
                os.kill(process, getattr(signal, "SIGKILL", signal.SIGTERM))


def _execute(job: Job, kernels: _Kernels, environment: dict[str, str], after_cell: Callable[[], None]) -> Result:
    """Run a notebook's cells in a fresh kernel, in an empty folder, and keep their outputs in the notebook.

    The first cell that fails ends the run, and its message is in the result. The learner's own progress is not touched.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    notebook, started, error, peak = job.notebook, time.monotonic(), None, 0.0

    def before(**_) -> None:
        kernels.processes.add(client.km.provisioner.pid)
        if kernels.stopped:
            raise RuntimeError("stopped")

    def after(**_) -> None:
        nonlocal peak
        peak = max(peak, _peak_megabytes(client.km.provisioner.pid))
        after_cell()

    with tempfile.TemporaryDirectory(prefix="bxe-") as scratch:
        client = NotebookClient(
            notebook,
            timeout=CELL_SECONDS,
            kernel_name="python3",
            record_timing=False,
            coalesce_streams=True,  # else a printed line may be cut in two where the kernel sends it in two parts
            resources={"metadata": {"path": scratch}},
            on_cell_start=before,
            on_cell_executed=after,
            extra_arguments=["--log-level=CRITICAL"],
            config=_kernel_config(Path(scratch)),
        )
        # Bars are for a person who waits, not for a page; those that the variable does not stop are taken out below.
        own = {"BXE_PROGRESS": str(Path(scratch, "progress")), "IPYTHONDIR": str(Path(scratch, "ipython"))}
        try:
            client.create_kernel_manager()
            client.km.kernel_spec_manager.kernel_dirs = []  # so that the kernel is this very interpreter
            # What a kernel's libraries write as it ends belongs to no cell, and would stand among our lines.
            client.execute(env={**environment, **own, "TQDM_DISABLE": "1"}, stderr=subprocess.DEVNULL)
        except CellExecutionError as problem:
            error = f"{problem.ename}: {problem.evalue.splitlines()[0] if problem.evalue else ''}"
        except Exception as problem:  # whatever it is, the other notebooks run
            error = first_line(problem)
        finally:
            if client.km is not None and client.km.provisioner is not None:
                kernels.processes.discard(client.km.provisioner.pid)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = without_bars(cell.outputs)
    counts = [cell.get("execution_count") or 0 for cell in notebook.cells if cell.cell_type == "code"]
    told = error and f"cell {max(counts, default=0)}: {error}"
    return Result(job.name, time.monotonic() - started, sum(count > 0 for count in counts), peak, told)


def without_bars(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """A cell's outputs without tqdm's progress bars, which appear only where something was computed anew.

    Example:
        >>> from nbformat.v4 import new_output
        >>> bar = {"application/vnd.jupyter.widget-view+json": {}, "text/plain": "reading:   0%|          | 0/3"}
        >>> without_bars([new_output("display_data", bar)])
        []
    """
    shown = [output.get("data", {}) for output in outputs]
    bars = [WIDGET in data and "%|" in data.get("text/plain", "") for data in shown]
    return [output for output, bar in zip(outputs, bars) if not bar]


def _kernel_config(scratch: Path):
    """Talk to the kernel over files where the system can, so that not even a loopback network is needed."""
    from traitlets.config import Config

    # Absolute paths, because the kernel runs in another folder than we do.
    manager = {"connection_file": str(scratch / "kernel.json")}
    if os.name == "posix" and len(os.fsencode(scratch / "kernel")) <= LONGEST_SOCKET:
        manager |= {"transport": "ipc", "ip": str(scratch / "kernel")}
    return Config({"KernelManager": manager})


def _peak_megabytes(process: int) -> float:
    """The most memory that a process has held so far; where the system does not tell, what it holds now."""
    import psutil

    if sys.platform == "linux" and (peak := re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{process}/status").read_text())):
        return int(peak[1]) / 1000
    memory = psutil.Process(process).memory_info()
    return getattr(memory, "peak_wset", memory.rss) / 1e6
