"""Tests never touch the progress of whoever runs them; those that try anything may not take a machine's memory."""

import gc
import os
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# No test depends on how fast the machine is.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

PROGRESS = tempfile.TemporaryDirectory(prefix="bxe-progress-")  # gone at the end of the process
os.environ["BXE_PROGRESS"] = PROGRESS.name
ROOM = 2 << 30  # bytes that a test of any input may take beside what is loaded


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """While everything is imported, nobody looks for garbage, nor later among what that made."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    if not item.name.startswith("test_any_") or sys.platform != "linux":
        return (yield)
    with limited_memory():
        return (yield)


@contextmanager
def limited_memory():
    """More is a MemoryError, as on a small computer, where the process would be killed."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_DATA)
    held = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmData"))
    resource.setrlimit(resource.RLIMIT_DATA, (int(held.split()[1]) * 1024 + ROOM, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, before)
