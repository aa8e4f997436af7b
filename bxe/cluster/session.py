"""Ray, started here or joined elsewhere: small, silent, without telemetry, and gone when it is no longer needed."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bxe.files import expect_count, first_line

STORE = 128 << 20  # bytes of shared memory for blocks on their way; Ray would take a third of the machine's memory
WAITING = STORE // 4  # bytes of blocks that are read and not yet worked on, before reading waits; Ray spills from 4/5
BLOCK = WAITING // 8  # bytes; Ray's own 128 MiB would fill this store with one
_PREFIX = "bxe-ray-"
_LONGEST = 25  # characters: Ray's sockets lie 80 below the temporary folder, and a socket's path has 104 at most
# An optional check of jsonschema's, which Ray imports in each of its processes: it builds a grammar for 2.5 s of CPU time.
_SLOW = "rfc3987_syntax"


@contextmanager
def session(*, workers: int = 2, address: str | None = None) -> Iterator[None]:
    """Run Ray for what is done inside; embed_dataset and rerank_dataset then share one start of some seconds.

    Without an address Ray runs on this machine: a process for each worker, one that reads, ten small ones of Ray's
    own, 128 MiB of shared memory; no dashboard, no usage statistics, nothing to the network. At the end its processes
    and files are gone. A program that is killed takes the processes with it, two of them a minute later; its folder is
    removed by the next session.

    Args:
        workers: processes with a model each. A Ray that runs already is used as it is, and goes on running.
        address: of a cluster, "host:6379", when this program runs on one of its machines; each of them needs the same
            versions of bxe and Ray.

    Raises:
        ModuleNotFoundError: if Ray is not installed.
        ValueError: if workers is not a whole number of at least 1.
        RuntimeError: on Windows; if Ray does not start, or runs already and an address is given as well.
        ConnectionError: if no cluster answers at the address.

    Example:
        >>> with session(workers=0):
        ...     pass
        Traceback (most recent call last):
        ValueError: workers is 0; give a whole number of at least 1

    Source: Moritz et al. (2018), "Ray: A Distributed Framework for Emerging AI Applications", arXiv:1712.05889.
    """
    workers = expect_count(workers, "workers")
    if os.name == "nt":
        raise RuntimeError(
            "Ray runs here on Linux and macOS; on Windows use WSL, or the model itself: model.encode(texts)"
        )
    with ExitStack() as stack:
        ray = installed()
        stack.enter_context(_silence())
        if ray.is_initialized():
            if address is not None:
                raise RuntimeError(
                    f"Ray runs already in this program, so it cannot join {address}; leave the address out to use the "
                    "one that runs, or end it first: ray.shutdown()"
                )
        else:
            stack.enter_context(_joined(ray, address) if address is not None else _started(ray, workers))
        yield


def installed():
    """The module ray, or one line that says what to install."""
    try:
        with _set_aside(_SLOW):
            import ray
            import ray.data
    except ModuleNotFoundError:
        raise ModuleNotFoundError('Ray is not installed; pip install "bxe[scale]" adds it') from None
    return ray


def _init(ray, **options) -> None:
    try:
        ray.init(log_to_driver=False, logging_level="ERROR", **options)
    except Exception as error:  # of many kinds, down to those of its RPC library
        ray.shutdown()
        said = f"{type(error).__name__}: {first_line(error):.200}"
        if options["address"] == "local":
            raise RuntimeError(
                f"Ray did not start ({said}); it gives up after 30 s, so run this again when the machine is less busy"
            ) from None
        raise ConnectionError(
            f"no Ray cluster answers at {options['address']!r} ({said}); give the address that `ray start --head` "
            "printed there, or leave it out to work on this machine"
        ) from None


@contextmanager
def _joined(ray, address: str) -> Iterator[None]:
    _init(ray, address=address)
    try:
        yield
    finally:
        ray.shutdown()


@contextmanager
def _started(ray, workers: int) -> Iterator[None]:
    _expect_loopback()
    with _room() as room, _environment(room), _own_signals(), _small_blocks():
        try:
            with _stderr_to(room / "stderr"):
                _init(
                    ray,
                    address="local",  # else Ray looks for a cluster that somebody else may have started
                    num_cpus=workers + 1,  # one to read
                    include_dashboard=False,
                    object_store_memory=STORE,
                    _temp_dir=str(room),
                )
            yield
        finally:
            ray.shutdown()


def _expect_loopback() -> None:
    """Ray's processes talk to each other by this machine's own network; without it they end in C++, without a word."""
    try:
        with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname(), 5):
            pass
    except OSError as error:
        raise RuntimeError(
            f"Ray needs this machine's own network, 127.0.0.1, which does not answer ({error.strerror or error}); in a "
            "network namespace start it with: ip link set lo up"
        ) from None


@contextmanager
def _room() -> Iterator[Path]:
    """A folder for Ray's sockets, logs and what it spills; those that killed programs left are removed."""
    import fcntl

    base = Path(tempfile.gettempdir())
    base = base if len(str(base)) <= _LONGEST else Path("/tmp")
    for old in base.glob(f"{_PREFIX}*"):
        _remove_if_left(old)
    while True:
        room = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=base))
        lock = os.open(room, os.O_RDONLY)  # released when this program ends, however it ends
        fcntl.flock(lock, fcntl.LOCK_EX)
        if room.exists():  # else somebody took it for one that was left, before it was locked
            break
        os.close(lock)
    try:
        yield room
    finally:
        shutil.rmtree(room, ignore_errors=True)
        os.close(lock)


def _remove_if_left(folder: Path) -> None:
    import fcntl

    try:
        lock = os.open(folder, os.O_RDONLY)
    except OSError:  # somebody else's, or gone
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
    except OSError:
        pass  # in use
    finally:
        os.close(lock)


@contextmanager
def _environment(room: Path) -> Iterator[None]:
    """What Ray's processes inherit; the program's own environment is as before afterwards."""
    stub = room / "quick"
    stub.mkdir()
    (stub / f"{_SLOW}.py").write_text("raise ImportError  # not needed here, and slow\n", encoding="ascii")
    path = os.pathsep.join(filter(None, (str(stub), os.environ.get("PYTHONPATH"))))
    wanted = {
        "PYTHONPATH": path,
        "OMP_NUM_THREADS": "1",  # two processes of one thread each are faster than one of two
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_BACKEND_LOG_LEVEL": "fatal",  # what its C++ has to say goes past Python's streams, to the terminal
        "RAY_gcs_rpc_server_reconnect_timeout_s": "5",  # else two of its processes outlive a killed program by 60 s
        "RAY_worker_niceness": "0",  # else 15: on a machine that is shared with others the workers would hardly run
    }
    before = dict(os.environ)
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name in [name for name in os.environ if name in wanted or name.startswith("RAY_")]:  # Ray sets some itself
            os.environ.pop(name) if name not in before else os.environ.update({name: before[name]})


@contextmanager
def _stderr_to(path: Path) -> Iterator[None]:
    """What C++ writes to the terminal, past sys.stderr, goes to a file; such as that it was asked to be quiet."""
    sys.stderr.flush()
    before = os.dup(2)
    with path.open("wb") as file:
        os.dup2(file.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(before, 2)
        os.close(before)


@contextmanager
def _own_signals() -> Iterator[None]:
    """Ray takes SIGTERM over and keeps it."""
    here = threading.current_thread() is threading.main_thread()
    before = signal.getsignal(signal.SIGTERM) if here else None
    try:
        yield
    finally:
        if here and before is not None:
            signal.signal(signal.SIGTERM, before)


@contextmanager
def _small_blocks() -> Iterator[None]:
    from ray.data import DataContext, ExecutionResources

    context = DataContext.get_current()
    before = context.target_max_block_size, context.execution_options.resource_limits
    context.target_max_block_size = BLOCK
    context.execution_options.resource_limits = ExecutionResources.for_limits(object_store_memory=WAITING)
    try:
        yield
    finally:
        context.target_max_block_size, context.execution_options.resource_limits = before


@contextmanager
def _silence() -> Iterator[None]:
    """No bars and no lines of Ray's own; what it has to say stays in its log files."""
    from ray.data import DataContext

    context, loggers = DataContext.get_current(), [logging.getLogger(name) for name in ("ray", "ray.data")]
    bars, told, levels = context.enable_progress_bars, context.print_on_execution_start, [at.level for at in loggers]
    context.enable_progress_bars = context.print_on_execution_start = False
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            # Ray forks its processes; where a store was opened before, LanceDB warns in each, before it becomes another program.
            warnings.filterwarnings("ignore", "lancedb fork support", RuntimeWarning)
            yield
    finally:
        context.enable_progress_bars, context.print_on_execution_start = bars, told
        for logger, level in zip(loggers, levels):
            logger.setLevel(level)


@contextmanager
def _set_aside(name: str) -> Iterator[None]:
    """A module that cannot be imported for a while, unless it already is."""
    absent = name not in sys.modules
    if absent:
        sys.modules[name] = None  # type: ignore[assignment]  # how `import` is told that there is none
    try:
        yield
    finally:
        if absent:
            sys.modules.pop(name, None)
