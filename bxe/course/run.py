"""Notebooks executed in kernels of their own, several side by side."""

from __future__ import annotations

import os
import re
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbformat import NotebookNode

CELL_SECONDS = 600  # a cell that runs longer is taken for stuck
MOST_AT_ONCE = 4  # each kernel may take more than a gigabyte
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")

# What several notebooks need and only the first has to wait for, as a notebook of one cell.
DOCSTRINGS = "docstrings, embedded once"
_FILL = """\
from bxe import corpora, load_bi_encoder, retrieval
retrieval.embed(load_bi_encoder(), corpora.load_docstrings().entry)"""


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

    Two processes of one thread each do more than one process of two: the threads of one wait for each other.

    Args:
        jobs: what to run, in this order; one that waits for another stands behind it.
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
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    at_once = max(1, min(cores, MOST_AT_ONCE, len(jobs)))
    ended = {job.name: threading.Event() for job in jobs}
    kernels = _Kernels()

    def run(job: Job) -> tuple[Result, NotebookNode]:
        try:
            if job.after in ended:
                ended[job.after].wait()
            return _execute(job, kernels, threads=max(1, cores // at_once), after_cell=after_cell), job.notebook
        finally:
            ended[job.name].set()

    results = []
    with ThreadPoolExecutor(at_once) as pool:
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


def fill_docstrings() -> Job:
    """The job that reads and embeds the docstrings, so that the notebooks which search them find them in the cache.

    Example:
        >>> fill_docstrings().name
        'docstrings, embedded once'
    """
    from nbformat.v4 import new_code_cell, new_notebook

    return Job(DOCSTRINGS, new_notebook(cells=[new_code_cell(line) for line in _FILL.splitlines()]))


def page(notebook: NotebookNode, title: str) -> str:
    """A notebook as one HTML page that needs no network: pictures inside, no script from elsewhere.

    Example:
        >>> from nbformat.v4 import new_markdown_cell, new_notebook
        >>> "<em>tea</em>" in page(new_notebook(cells=[new_markdown_cell("*tea*")]), "Notes")
        True
    """
    from nbconvert import HTMLExporter

    exporter = HTMLExporter(
        mathjax_url="", require_js_url="", jquery_url="", mermaid_js_url="", jupyter_widgets_base_url=""
    )
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


def _execute(job: Job, kernels: _Kernels, *, threads: int, after_cell: Callable[[], None]) -> Result:
    """Run a notebook's cells in a fresh kernel, in an empty folder, and keep their outputs in the notebook.

    The first cell that fails ends the run, and its message is in the result. The learner's own progress is not touched.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

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
        # Bars are for a person who waits, not for a page.
        quiet = {"BXE_PROGRESS": str(Path(scratch, "progress")), "TQDM_DISABLE": "1"}
        try:
            client.execute(env={**os.environ, **dict.fromkeys(THREADS, str(threads)), **quiet})
        except CellExecutionError as problem:
            error = f"{problem.ename}: {problem.evalue.splitlines()[0] if problem.evalue else ''}"
        except (CellTimeoutError, DeadKernelError, RuntimeError, AssertionError) as problem:
            error = (str(problem).splitlines() or [type(problem).__name__])[0]
        finally:
            if client.km is not None and client.km.provisioner is not None:
                kernels.processes.discard(client.km.provisioner.pid)
    counts = [cell.get("execution_count") or 0 for cell in notebook.cells if cell.cell_type == "code"]
    told = error and f"cell {max(counts, default=0)}: {error}"
    return Result(job.name, time.monotonic() - started, sum(count > 0 for count in counts), peak, told)


def _kernel_config(scratch: Path):
    """Talk to the kernel over files where the system can, so that not even a loopback network is needed."""
    from traitlets.config import Config

    # An absolute path, because the kernel runs in another folder than we do.
    return Config({"KernelManager": {"transport": "ipc", "ip": str(scratch / "kernel")}} if os.name == "posix" else {})


def _peak_megabytes(process: int) -> float:
    """The most memory that a process has held so far; where the system does not tell, what it holds now."""
    import psutil

    if sys.platform == "linux" and (peak := re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{process}/status").read_text())):
        return int(peak[1]) / 1000
    memory = psutil.Process(process).memory_info()
    return getattr(memory, "peak_wset", memory.rss) / 1e6
