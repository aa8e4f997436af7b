"""The search service of examples/ as a process of its own: started, asked and stopped from a notebook."""

from __future__ import annotations

import atexit
import json
import os
import re
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path

from bxe.course.lessons import folder

_PATH = re.compile("/[!-~]*")


class Service:
    """A running service; `serve` starts one.

    Attributes:
        address: where it answers, such as "http://127.0.0.1:41234".
    """

    def __init__(self, process: subprocess.Popen, address: str) -> None:
        self._process, self.address = process, address

    def ask(self, path: str, body: dict | bytes | None = None) -> tuple[int, dict]:
        """The HTTP status and the answer to a request, which is JSON.

        Args:
            path: such as "/search", in ASCII without spaces; not "/metrics", whose answer is plain text, for a browser.
            body: a dict is sent as JSON, bytes as they are; with neither it is a GET.

        Raises:
            OSError: if no answer comes: the service has ended, say.
            ValueError: if the path is none, or the answer is no JSON.
            TypeError: if the body is neither.
        """
        if not isinstance(path, str) or not _PATH.fullmatch(path):
            raise ValueError(
                f"the path is {path!r:.60}; give one that begins with / and holds no spaces, such as '/search'"
            )
        if body is not None and not isinstance(body, dict | bytes):
            raise TypeError(f"the body is a {type(body).__name__}; give a dict, which is sent as JSON, or bytes")
        data = json.dumps(body).encode() if isinstance(body, dict) else body
        request = urllib.request.Request(self.address + path, data, {"Content-Type": "application/json"})
        # A proxy that the environment names does not know this machine's own address.
        directly = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with directly.open(request, timeout=60) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read())

    def stop(self) -> int:
        """Tell it to stop with SIGTERM, wait until it has, and return its exit status."""
        self._process.terminate()
        return self._process.wait()


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
    settings = {"SEARCH_PASSAGES": str(Path(passages)), "SEARCH_PORT": "0", "TQDM_DISABLE": "1"}
    process = subprocess.Popen(
        [sys.executable, app], env=os.environ | settings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    atexit.register(process.kill)
    said: list[str] = []
    reader = threading.Thread(target=_keep, args=(process, said), daemon=True)
    reader.start()
    while process.poll() is None:
        if address := re.search(r"^search service: (\S+)", "".join(said), re.MULTILINE):
            service = Service(process, address[1])
            with suppress(OSError):  # it is about to end
                if service.ask("/health")[0] == 200:
                    return service
        time.sleep(0.1)
    reader.join()
    told = [line for line in said if line.startswith("service: ")] or said
    raise RuntimeError("".join(told).strip() or f"the service ended with status {process.returncode}, and said nothing")


def _keep(process: subprocess.Popen, said: list[str]) -> None:
    """Take what a process says, line by line, for as long as it runs: one that nobody listens to stops after 64 KiB."""
    with process.stdout as lines:
        for line in lines:
            said.append(line)
