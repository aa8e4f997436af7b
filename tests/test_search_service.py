"""The search service over real HTTP: answers, limits, bad input, too much, and its end. Its queue: on cases by hand."""

import asyncio
import importlib.util
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPResponse
from itertools import takewhile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

FOLDER = Path(__file__).parent.parent / "examples" / "search_service"
JSON = {"Content-Type": "application/json"}
NOTES = {
    "tea.txt": "Green tea is poured at 80 degrees.\n\nBlack tea takes boiling water.",
    "bikes.md": "The chain of a bicycle wants oil after rain.",
    "ice.txt": "The harbour was closed by ice for three weeks.",
}
SEARCH = {"query": "tea"}
TIGHT = {"QUEUE": "24", "TEXTS": "20", "TOP_K": "20", "CHARACTERS": "3000", "BODY_BYTES": "65536", "SECONDS": "120"}


class Server:
    """A service of its own process, on a free port unless one is given."""

    def __init__(self, home, *, before=None, **changed):
        self.home, self.before = home, before
        given = {"PASSAGES": str(home / "notes"), "PORT": "0", **changed}
        environment = {**os.environ, **{f"SEARCH_{name}": value for name, value in given.items()}}
        environment |= {"BXE_CACHE": str(home / "cache")}
        self.log = (home / "log").open("w+")
        command = [sys.executable, "-u", str(FOLDER / "app.py")]
        self.process = subprocess.Popen(command, env=environment, stdout=self.log, stderr=self.log, text=True)
        try:
            self.port = int(self.until(lambda: re.search(r"http://127.0.0.1:(\d+)\n", self.told()))[1])
        except BaseException:
            self.stop()
            raise

    def told(self):
        return Path(self.log.name).read_text()

    def until(self, happens, seconds=900):
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.process.poll() is None:
            if found := happens():
                return found
            time.sleep(0.05)
        raise AssertionError(f"it did not happen in time; the service is {self.process.poll()} and said {self.told()}")

    def ready(self):
        self.until(lambda: self.ask("GET", "/health")[0] == 200)
        return self

    def ask(self, method, path, body=None, headers=JSON):
        """Status and answer; `body` is bytes, or what is sent as JSON."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=900)
        try:
            sent = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
            connection.request(method, path, sent, headers)
            response = connection.getresponse()
            content = response.read().decode()
            self.headers = response.headers
            return response.status, json.loads(content) if response.headers["Content-Type"] == JSON[
                "Content-Type"
            ] else content
        finally:
            connection.close()

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.log.close()


def home_of(folder):
    (folder / "notes").mkdir()
    for name, text in NOTES.items():
        (folder / "notes" / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """The service, after one of its kind was killed with a request on its way: on the same port, with the same files."""
    home = home_of(tmp_path_factory.mktemp("service"))
    server = Server(home, **TIGHT | {"SECONDS": "3"})
    try:
        server.before = {"search": server.ask("POST", "/search", SEARCH), "retry": server.headers["Retry-After"]}
        server.before |= {"health": server.ask("GET", "/health"), "half": half_a_body(server), "end": cut_off(server)}
        server = Server(home, **TIGHT | {"PORT": str(server.port)}, before=server.before)
        yield server.ready()
    finally:
        server.stop()


def half_a_body(server):
    """What comes back to a caller that does not send the rest."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=900) as line:
        line.sendall(b"POST /search HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{")
        response = HTTPResponse(line)
        response.begin()
        return response.status, json.loads(response.read())


def cut_off(server):
    """Kill a server while it reads a request; what its caller sees, and the next one."""
    seen = []
    with socket.create_connection(("127.0.0.1", server.port), timeout=900) as line:
        line.sendall(b"POST /search HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{")
        server.stop()
        try:
            seen.append(line.recv(1))
        except ConnectionError:
            seen.append(b"")
    try:
        seen.append(server.ask("GET", "/health"))
    except ConnectionError as error:
        seen.append(type(error))
    return seen


# ---------------------------------------------------------------- answers


def test_it_finds_by_meaning(service):
    status, found = service.ask("POST", "/search", {"query": "How long did frost keep ships out of port?", "top_k": 2})
    assert status == 200 and len(found["hits"]) == 2
    best = found["hits"][0]
    assert best["passage_id"] == "ice.txt#1" and best["text"] == NOTES["ice.txt"] and best["score"] is None
    assert found["hits"][1]["cosine"] < best["cosine"] <= 1


def test_the_first_passages_are_read_again_and_the_rest_stays_behind(service):
    query = "how hot for sencha?"
    first = service.ask("POST", "/search", {"query": query})[1]["hits"]
    both = service.ask("POST", "/search", {"query": query, "rerank": 2})[1]["hits"]
    assert [hit["score"] is None for hit in both] == [False, False, True, True]
    assert both[0]["score"] > both[1]["score"] and both[2:] == first[2:]
    texts = [hit["text"] for hit in first[:2]]
    own = service.ask("POST", "/rerank", {"query": query, "passages": texts})[1]["hits"]
    assert [texts[hit["index"]] for hit in own] == [hit["text"] for hit in both[:2]]
    assert [hit["score"] for hit in own] == pytest.approx([hit["score"] for hit in both[:2]], abs=1e-4)
    assert all(hit["score"] for hit in service.ask("POST", "/search", {"query": query, "rerank": True})[1]["hits"])


def test_a_script_that_the_model_does_not_know_finds_nothing(service):
    assert service.ask("POST", "/search", {"query": "ᚠᛇᚻ", "rerank": True}) == (200, {"hits": []})


def test_answers_of_a_batch_are_those_of_each_alone_and_go_to_whoever_asked(service):
    texts = [f"Tea number {number} {'is poured slowly ' * (number % 5)}" for number in range(16)]
    alone = [service.ask("POST", "/encode", {"texts": [text]})[1]["embeddings"][0] for text in texts]
    before = batches(service, "passage")
    with ThreadPoolExecutor(len(texts)) as callers:
        asked = callers.map(lambda text: service.ask("POST", "/encode", {"texts": [text]}), texts)
        together = [answer["embeddings"][0] for _, answer in asked]
    number, inputs = np.subtract(batches(service, "passage"), before)
    assert inputs == 16 and number < 16  # some were computed together
    np.testing.assert_allclose(together, alone, atol=2e-6)
    (one_request,) = (service.ask("POST", "/encode", {"texts": texts})[1]["embeddings"],)
    np.testing.assert_allclose(one_request, alone, atol=2e-6)


def batches(service, kind):
    """How many batches of a kind there were, and how many inputs in all of them."""
    text = service.ask("GET", "/metrics")[1]
    return [
        float((re.search(rf'search_batch_size_{name}{{kind="{kind}"}} (\S+)', text) or [0, 0])[1])
        for name in ("count", "sum")
    ]


def test_metrics_count_by_path_and_status_and_do_not_grow_with_unknown_paths(service):
    service.ask("GET", "/no/such/path")
    service.ask("POST", "/search", {"query": "tea"})
    text = service.ask("GET", "/metrics")[1]
    assert 'search_requests_total{path="other",status="404"}' in text and "no/such" not in text
    assert 'search_requests_total{path="/search",status="200"}' in text
    assert 'search_seconds_bucket{le="0.5",path="/search"}' in text and "\nsearch_queue_depth 0.0\n" in text


# ---------------------------------------------------------------- bad input

BAD = {
    "no JSON": ("/search", b'{"query": ', 400, "the body is no JSON: Expecting value"),
    "no UTF-8": ("/search", b'{"query": "\xff"}', 400, "the body is no JSON: it is not UTF-8, or nested"),
    "nested too deep": (
        "/search",
        b'{"query": ' + b"[" * 20_000,
        400,
        "the body is no JSON: it is not UTF-8, or nested",
    ),
    "no body": ("/search", b"", 422, "the body is missing; send a JSON object"),
    "a list": ("/search", [], 422, "the body is []; send a JSON object"),
    "a number": ("/search", 3, 422, "the body is 3; send a JSON object"),
    "no field": ("/search", {}, 422, "query is missing"),
    "a number for a text": ("/search", {"query": 5}, 422, "query is 5; input should be a valid string"),
    "null for a text": ("/search", {"query": None}, 422, "query is None; input should be a valid string"),
    "a blank text": ("/search", {"query": " \u200b\n"}, 422, "it is blank; send at least one word"),
    "NUL": ("/search", {"query": "tea\0"}, 422, "query is 'tea\\x00'; it holds a NUL character"),
    "a lone surrogate": (
        "/search",
        b'{"query": "tea \\ud800"}',
        422,
        "query is 'tea \\ud800'; it holds half a character",
    ),
    "a text too long": (
        "/search",
        {"query": "tea " * 1000},
        422,
        "(4,002 characters); string should have at most 3000",
    ),
    "top_k 0": ("/search", SEARCH | {"top_k": 0}, 422, "top_k is 0; input should be greater than or equal to 1"),
    "top_k -1": ("/search", SEARCH | {"top_k": -1}, 422, "top_k is -1; input should be greater than or equal to 1"),
    "top_k 1.5": ("/search", SEARCH | {"top_k": 1.5}, 422, "top_k is 1.5; input should be a valid integer"),
    "top_k 10**9": (
        "/search",
        SEARCH | {"top_k": 10**9},
        422,
        "top_k is 1000000000; input should be less than or equal to 20",
    ),
    "top_k as text": ("/search", SEARCH | {"top_k": "5"}, 422, "top_k is '5'; input should be a valid integer"),
    "top_k true": ("/search", SEARCH | {"top_k": True}, 422, "top_k is True; input should be a valid integer"),
    "top_k without end": (
        "/search",
        b'{"query": "tea", "top_k": ' + b"9" * 5000 + b"}",
        400,
        "the body is no JSON: it is not UTF-8, or nested",
    ),
    "top_k of 4,000 digits": ("/search", b'{"query": "tea", "top_k": ' + b"9" * 4000 + b"}", 422, "(4,000 characters)"),
    "top_k infinite": ("/search", b'{"query": "tea", "top_k": 1e400}', 422, "top_k is inf; "),
    "rerank 0": (
        "/search",
        SEARCH | {"rerank": 0},
        422,
        "rerank is 0; input should be a valid boolean or greater than",
    ),
    "rerank as text": (
        "/search",
        SEARCH | {"rerank": "yes"},
        422,
        "rerank is 'yes'; input should be a valid boolean or a valid integer",
    ),
    "an unknown field": ("/search", SEARCH | {"topk": 5}, 422, "topk is 5; there is no such field"),
    "an unknown field of half a character": (
        "/search",
        b'{"query": "tea", "\\ud800": 1}',
        422,
        "the body is '\\ud800'; it holds half a character",
    ),
    "an unknown field without end": ("/search", SEARCH | {"x" * 9000: 1}, 422, "xxx is 1; there is no such field"),
    "lists in lists": (
        "/search",
        b'{"query": ' + b"[" * 950 + b"]" * 950 + b"}",
        422,
        "input should be a valid string",
    ),
    "no texts": ("/encode", {"texts": []}, 422, "texts is []; list should have at least 1 item"),
    "a text for texts": ("/encode", {"texts": "tea"}, 422, "texts is 'tea'; input should be a valid list"),
    "one text that is none": ("/encode", {"texts": ["tea", 5]}, 422, "texts[1] is 5; input should be a valid string"),
    "one blank text": ("/rerank", {"query": "tea", "passages": ["tea", ""]}, 422, "passages[1] is ''; it is blank"),
    "too many texts": ("/encode", {"texts": ["tea"] * 21}, 422, "list should have at most 20 items"),
    "an unknown role": (
        "/encode",
        {"texts": ["tea"], "role": "title"},
        422,
        "role is 'title'; input should be 'query' or",
    ),
    "too many bytes": ("/search", b"x" * 70_000, 413, "the body has more than 65,536 bytes"),
    "an unknown path": ("/find", SEARCH, 404, "there is no POST /find; there are POST /encode, POST /search"),
    "a path with more": ("/search/", SEARCH, 404, "there is no POST /search/; "),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_clear_message(service, case):
    path, body, expected, message = BAD[case]
    status, answer = service.ask("POST", path, body)
    assert status == expected and list(answer) == ["error"]
    assert message in answer["error"] and "\n" not in answer["error"] and len(answer["error"]) < 250


def test_another_method_or_content_type_is_told(service):
    assert service.ask("GET", "/search")[0] == 405
    status, answer = service.ask("POST", "/search", SEARCH, headers={"Content-Type": "text/plain"})
    assert status == 422 and "Content-Type: application/json" in answer["error"]


def test_a_body_in_pieces_without_a_stated_length_has_the_same_limit(service):
    pieces = (b"x" * 10_000 for _ in range(10))
    connection = HTTPConnection("127.0.0.1", service.port, timeout=900)
    connection.request("POST", "/search", pieces, JSON)
    assert connection.getresponse().status == 413
    connection.close()


def test_a_body_that_never_comes_is_not_waited_for_without_end(service):
    told = {"error": "no answer within 3 seconds; send less, or try again later"}
    assert service.before["half"] == (504, told)


# ---------------------------------------------------------------- too much


def test_too_much_at_once_is_refused_and_what_was_taken_on_is_answered(service):
    texts = [f"{number} " + "tea with ice and oil " * 20 for number in range(20)]
    with ThreadPoolExecutor(8) as callers:
        answers = list(callers.map(lambda _: service.ask("POST", "/encode", {"texts": texts}), range(8)))
    statuses = {status for status, _ in answers}
    assert statuses == {200, 503}
    full = next(answer["error"] for status, answer in answers if status == 503)
    assert re.fullmatch(r"the queue is full: \d+ inputs are waiting, and it holds 24; try again", full)
    assert service.ask("POST", "/encode", {"texts": ["tea"]})[0] == 200


# ---------------------------------------------------------------- its end


def test_while_the_models_load_it_says_so(service):
    assert service.before["search"] == (503, {"error": "the models are still loading; try again"})
    assert service.before["retry"] == "1"
    assert service.before["health"] == (503, {"alive": True, "ready": False, "passages": 4})
    assert service.ask("GET", "/health") == (200, {"alive": True, "ready": True, "passages": 4})


def test_killed_it_breaks_connections_and_a_restart_takes_its_port(service):
    assert service.before["end"] == [b"", ConnectionRefusedError]


def connected(service):
    """What /health answers; None if it is not even connected to."""
    try:
        return service.ask("GET", "/health")
    except ConnectionError:
        return None


def test_told_to_stop_it_answers_what_it_has_and_takes_nothing_new(service):  # the last one that asks this service
    texts = [f"{number} " + "tea with ice and oil " * 20 for number in range(20)]
    before = batches(service, "query")[1]
    with ThreadPoolExecutor(1) as caller:
        asked = caller.submit(service.ask, "POST", "/encode", {"texts": texts, "role": "query"})
        service.until(lambda: batches(service, "query")[1] > before)  # the worker has begun
        service.process.send_signal(signal.SIGTERM)
        health = list(takewhile(bool, (connected(service) for _ in range(1000))))
        assert {status for status, _ in health} <= {200}  # then no connection, and no 503
        status, answer = asked.result()
    assert status == 200 and len(answer["embeddings"]) == 20
    assert service.process.wait(timeout=900) == 0
    with pytest.raises(ConnectionRefusedError):
        service.ask("GET", "/health")
    assert "Traceback" not in service.told()
    assert sorted(path.name for path in service.home.iterdir()) == ["cache", "log", "notes"]


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"SEARCH_BATCH": "many"}, "SEARCH_BATCH is 'many'; input should be a valid integer"),
        ({"SEARCH_PASSAGES": "/no/such/folder"}, "/no/such/folder does not exist"),
    ],
)
def test_a_start_that_cannot_be_is_one_line(environment, message):
    command = [sys.executable, str(FOLDER / "app.py")]
    done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True)
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.startswith(f"service: {message}") and done.stderr.count("\n") == 1


def test_without_the_extra_it_says_how_to_get_it():
    code = f"import runpy, sys; sys.modules['uvicorn'] = None; runpy.run_path({str(FOLDER / 'app.py')!r})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 1 and done.stderr == 'service: uvicorn is missing; pip install "bxe[scale]"\n'


def test_models_that_cannot_be_loaded_end_it_with_one_line(tmp_path):
    command, given = [sys.executable, str(FOLDER / "app.py")], {"SEARCH_PORT": "0", "BXE_DEVICE": "quantum"}
    done = subprocess.run(command, env={**os.environ, **given}, capture_output=True, text=True, timeout=900)
    assert done.returncode == 1 and done.stderr.startswith("service: device is 'quantum'; this machine has")
    assert done.stderr.count("\n") == 1


# ---------------------------------------------------------------- settings


def module(name):
    spec = importlib.util.spec_from_file_location(f"search_service_{name}", FOLDER / f"{name}.py")
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


limits, batching = module("limits"), module("batching")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"BATCH": "0"}, "SEARCH_BATCH is '0'; input should be greater than or equal to 1"),
        ({"BATCH": "1.5"}, "SEARCH_BATCH is '1.5'; input should be a valid integer"),
        ({"PORT": "70000"}, "SEARCH_PORT is '70000'; input should be less than or equal to 65535"),
        ({"SECONDS": "0"}, "SEARCH_SECONDS is '0'; input should be greater than 0"),
        ({"SECONDS": "nan"}, "SEARCH_SECONDS is 'nan'; input should be a finite number"),
        ({"WAIT_MS": "-1"}, "SEARCH_WAIT_MS is '-1'; input should be greater than or equal to 0"),
        ({"PASSAGES": ""}, "SEARCH_PASSAGES is ''; string should have at least 1 character"),
        ({"TEXTS": ""}, "SEARCH_TEXTS is ''; input should be a valid integer"),
        ({"QUEUE": "63"}, "SEARCH_QUEUE is 63; one request may have 64 inputs, so give at least that"),
    ],
)
def test_a_bad_setting_is_named_with_what_is_expected(given, message):
    with pytest.raises(ValueError) as raised:
        limits.settings_of({f"SEARCH_{name}": value for name, value in given.items()})
    assert str(raised.value).startswith(message)


def test_the_readme_lists_every_setting_with_its_default():
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^\| `(SEARCH_\w+)` \| (\S+) \|", text, re.M))
    fields = limits.Settings.model_fields.items()
    assert listed == {f"SEARCH_{name.upper()}": f"{field.default}" for name, field in fields}


def test_what_takes_too_long_is_given_up_and_answered_with_504(monkeypatch):
    sent, given_up = [], []

    async def never(scope, receive, send):
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            given_up.append(scope["path"])
            raise

    async def receive():
        return {"type": "http.request", "body": b"{}"}

    async def send(message):
        sent.append(message)

    monkeypatch.setattr(limits.SETTINGS, "seconds", 0.05)
    asyncio.run(limits.Gate(never, paths={"/search"})({"type": "http", "path": "/search"}, receive, send))
    assert given_up == ["/search"] and sent[0]["status"] == 504
    assert json.loads(sent[1]["body"]) == {"error": "no answer within 0.05 seconds; send less, or try again later"}


# ---------------------------------------------------------------- the queue


def batcher(compute, **given):
    """A queue whose worker has begun; its kinds of work are a and b."""
    made = batching.Batcher(lambda: {"a": compute, "b": compute}, **{"size": 4, "wait": 0.0, "room": 1000} | given)
    made.thread.start()
    while not made.ready:
        time.sleep(0.001)
    return made


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.lists(st.integers(0, 20), min_size=1, max_size=9)), max_size=12),
    st.integers(1, 8),
    st.sets(st.integers(0, 20), max_size=4),
)
def test_each_request_gets_its_own_answers_and_only_one_that_holds_what_fails_fails(asked, size, failing):
    def compute(inputs):
        assert len(inputs) <= size
        if failing & set(inputs):
            raise ArithmeticError("this input cannot be computed")
        return [2 * number for number in inputs]

    made = batcher(compute, size=size)
    futures = [made.submit(kind, inputs) for kind, inputs in asked]
    for (_, inputs), future in zip(asked, futures):
        if failing & set(inputs):
            assert isinstance(future.exception(timeout=10), ArithmeticError)
        else:
            assert future.result(timeout=10) == [2 * number for number in inputs]
    made.close(10)
    assert made.waiting == 0 and not made.thread.is_alive()


class Held:
    """Computes nothing until it is let go; remembers what it computed."""

    def __init__(self):
        self.go, self.begun, self.batches = threading.Event(), threading.Event(), []

    def __call__(self, inputs):
        self.begun.set()
        assert self.go.wait(10)
        self.batches.append(inputs)
        return inputs


def test_a_large_request_does_not_keep_a_small_one_waiting():
    held = Held()
    made = batcher(held)
    first = made.submit("a", [0])
    assert held.begun.wait(10)
    large, small = made.submit("a", range(1, 11)), made.submit("a", [99])
    held.go.set()
    assert small.result(10) == [99] and large.result(10) == list(range(1, 11)) and first.result(10) == [0]
    assert held.batches == [[0], [1, 99, 2, 3], [4, 5, 6, 7], [8, 9, 10]]
    made.close(10)


def test_what_was_given_up_is_not_computed_and_frees_its_room():
    held = Held()
    made = batcher(held, room=4)
    made.submit("a", [0])
    assert held.begun.wait(10)
    given_up = made.submit("a", [1, 2, 3, 4])
    with pytest.raises(batching.Refused, match="the queue is full: 4 inputs are waiting, and it holds 4"):
        made.submit("a", [5])
    assert given_up.cancel()
    held.go.set()
    made.close(10)
    assert held.batches == [[0]] and made.waiting == 0


def test_inputs_that_come_within_the_wait_share_a_batch_and_a_full_one_does_not_wait():
    sizes = []
    made = batcher(lambda inputs: inputs, size=3, wait=60.0, saw=lambda kind, number: sizes.append(number))
    futures = [made.submit("a", [number]) for number in range(3)]
    assert [future.result(10) for future in futures] == [[0], [1], [2]] and sizes == [3]
    made.close(10)


def test_a_closed_queue_answers_what_it_holds_and_refuses_the_rest():
    held = Held()
    made = batcher(held)
    futures = [made.submit("b", [number]) for number in range(9)]
    assert held.begun.wait(10)
    made.close(0)
    with pytest.raises(batching.Refused, match="the service is stopping"):
        made.submit("b", [9])
    held.go.set()
    assert [future.result(10) for future in futures] == [[number] for number in range(9)]


def test_what_cannot_be_loaded_is_told_and_nothing_is_taken_on():
    def load():
        raise FileNotFoundError("there is no model")

    told = []
    made = batching.Batcher(load, size=1, wait=0, room=1, failed=told.append)
    made.thread.start()
    made.thread.join(10)
    assert str(told[0]) == "there is no model"
    with pytest.raises(batching.Refused, match="still loading"):
        made.submit("a", [1])
