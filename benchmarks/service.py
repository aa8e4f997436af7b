"""What batching buys a service, with 1, 8 and 64 clients: `python benchmarks/service.py`.

Two real servers of examples/search_service side by side, one that batches and one with a limit of one input a batch. Each
client sends a question of the course, waits for the answer and sends the next; the servers take turns, so that a ratio
compares what was measured seconds apart. BENCH_SECONDS sets how long each load lasts on each server.
"""

import json
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from itertools import product

import numpy as np
import pandas as pd

from bxe import corpora, course
from bxe.models import pick_device

ROUNDS = 4
SECONDS = float(os.environ.get("BENCH_SECONDS", 8))
LOADS = [
    ("search", {}, 1),
    ("search", {}, 8),
    ("search", {}, 64),
    ("rerank 5", {"rerank": 5}, 1),
]
SERVERS = {"one at a time": "1", "batches": "32"}


@contextmanager
def served(batch: str):
    """A server of its own process; gives its port once the models are loaded."""
    environment = {**os.environ, "SEARCH_PORT": "0", "SEARCH_BATCH": batch, "SEARCH_SECONDS": "120"}
    command = [sys.executable, "-u", str(course.folder("examples") / "search_service" / "app.py")]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        port = int(re.search(r":(\d+)$", server.stdout.readline())[1])
        while get(port, "/health")[0] != 200:
            time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait()
        server.stdout.close()


def get(port: int, path: str) -> tuple[int, str]:
    with closing(HTTPConnection("127.0.0.1", port, timeout=120)) as line:
        line.request("GET", path)
        answer = line.getresponse()
        return answer.status, answer.read().decode()


def batches(port: int) -> np.ndarray:
    """The number of batches until now, and of the inputs in them."""
    text = get(port, "/metrics")[1]
    sums = [re.findall(rf"^search_batch_size_{name}\{{.*\}} (\S+)$", text, re.M) for name in ("count", "sum")]
    return np.array([sum(map(float, values)) for values in sums])


def client(port: int, asked: dict, questions: list[str], end: float) -> list[float]:
    """One caller after another's answer: the seconds of each request that was answered."""
    taken = []
    with closing(HTTPConnection("127.0.0.1", port, timeout=120)) as line:
        while (started := time.perf_counter()) < end:
            body = json.dumps({"query": questions[len(taken) % len(questions)], **asked})
            line.request("POST", "/search", body, {"Content-Type": "application/json"})
            answer = line.getresponse()
            content = answer.read()
            assert answer.status == 200, content
            taken.append(time.perf_counter() - started)
    return taken


def load(ports: dict[str, int], asked: dict, clients: int, questions: list[str]) -> dict[str, dict[str, float]]:
    """What each server does under a load. They take turns, since what else the machine does changes by the second."""
    taken, walls, sizes = ({name: [] for name in ports} for _ in range(3))
    each = [questions[at:] + questions[:at] for at in range(clients)]
    for _, (name, port) in product(range(ROUNDS), ports.items()):
        before, started = batches(port), time.perf_counter()
        with ThreadPoolExecutor(clients) as pool:
            jobs = [pool.submit(client, port, asked, own, started + SECONDS / ROUNDS) for own in each]
            taken[name] += [seconds for job in jobs for seconds in job.result()]
        walls[name].append(time.perf_counter() - started)
        sizes[name].append(batches(port) - before)
    rows = {}
    for name in ports:
        p50, p95 = np.percentile(taken[name], [50, 95]) * 1000
        number, inputs = np.sum(sizes[name], axis=0)
        rate = len(taken[name]) / sum(walls[name])
        rows[name] = {"requests/s": rate, "p50, ms": p50, "p95, ms": p95, "inputs a batch": inputs / number}
    return rows


def main() -> None:
    questions = corpora.load("questions", "learn").text.tolist()
    with served(SERVERS["one at a time"]) as alone, served(SERVERS["batches"]) as together:
        ports = dict(zip(SERVERS, (alone, together)))
        for port in ports.values():  # warm up
            client(port, {"rerank": 5}, questions, time.perf_counter() + 1)
        rows = {
            (work, clients, name): row
            for work, asked, clients in LOADS
            for name, row in load(ports, asked, clients, questions).items()
        }
    table = pd.DataFrame(rows).T.rename_axis(["work", "clients", "server"])
    print(table.round(1).to_string())
    for work, _, clients in LOADS:
        one, many = (table.loc[(work, clients, name)] for name in SERVERS)
        faster, shorter = many["requests/s"] / one["requests/s"], one["p95, ms"] / many["p95, ms"]
        print(
            f"{work}, {clients} clients: batching answers {faster:.1f} times as many; its p95 is {shorter:.1f} times as short"
        )


if __name__ == "__main__":
    try:
        pick_device()
    except ValueError as error:
        raise SystemExit(f"bench: {error}")
    main()
