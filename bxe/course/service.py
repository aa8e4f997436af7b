"""The search service of examples/ as a process of its own: started, asked and stopped from a notebook."""

from __future__ import annotations

import atexit
import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from bxe.course.lessons import folder


class Service:
    """A running service; `serve` starts one.

    Attributes:
        address: where it answers, such as "http://127.0.0.1:41234".
    """

    def __init__(self, process: subprocess.Popen, address: str) -> None:
        self._process, self.address = process, address

    def ask(self, path: str, body: dict | bytes | None = None) -> tuple[int, dict]:
        """The HTTP status and the answer to a request.

        Args:
            path: such as "/search".
            body: a dict is sent as JSON, bytes as they are; with neither it is a GET.
        """
        data = json.dumps(body).encode() if isinstance(body, dict) else body
        request = urllib.request.Request(self.address + path, data, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read())

    def stop(self) -> int:
        """Tell it to stop with SIGTERM, wait until it has, and return its exit status."""
        self._process.terminate()
        self._process.communicate()
        return self._process.returncode


def serve(passages: str | os.PathLike) -> Service:
    """Start examples/search_service on a free port, and wait until its models are loaded. It ends with this process.

    Args:
        passages: the folder of .txt and .md files to search, or "course".

    Raises:
        RuntimeError: with the service's own line, if it does not start: FastAPI is missing, say, or the folder is.

    Example:
        >>> serve("no-such-folder")
        Traceback (most recent call last):
        RuntimeError: service: ...
    """
    app = folder("examples") / "search_service" / "app.py"
    settings = {"SEARCH_PASSAGES": str(Path(passages)), "SEARCH_PORT": "0"}
    process = subprocess.Popen(
        [sys.executable, app], env=os.environ | settings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    atexit.register(process.kill)
    said = ""
    while line := process.stdout.readline():
        said += line
        if address := re.search(r"http://\S+", line):
            service = Service(process, address[0])
            while process.poll() is None:
                if service.ask("/health")[0] == 200:
                    return service
                time.sleep(0.1)
            break
    said += process.communicate()[0]
    raise RuntimeError(said.strip() or f"the service ended with status {process.returncode}, and said nothing")
