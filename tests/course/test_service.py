"""The example service, started from a notebook: it answers, it says why it does not start, it is gone afterwards."""

import http.server
import json
import subprocess
import sys
import threading

import pytest

from bxe import course

TALKER = """
import http.server


class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/health" else 404)
        self.end_headers()
        self.wfile.write(b"{}")


server = http.server.HTTPServer(("127.0.0.1", 0), Health)
print("a library's warning", flush=True)
print(f"search service: http://127.0.0.1:{server.server_port}", flush=True)
print("more than a pipe holds\\n" * 10_000, flush=True)
server.serve_forever()
"""


@pytest.fixture
def talker(tmp_path, monkeypatch):
    """In the service's place one without models, and with much to say."""
    (tmp_path / "search_service").mkdir()
    (tmp_path / "search_service" / "app.py").write_text(TALKER, encoding="utf-8")
    monkeypatch.setattr("bxe.course.service.folder", lambda name: tmp_path)


def test_it_answers_and_stops_when_told(tmp_path):
    (tmp_path / "tea.txt").write_text("Green tea: pour at 80 degrees.\n\nBlack tea: boiling water.", encoding="utf-8")
    service = course.serve(tmp_path)
    assert service.ask("/health")[0] == 200
    status, found = service.ask("/search", {"query": "how hot for sencha?", "top_k": 1})
    assert status == 200 and found["hits"][0]["text"].startswith("Green tea")
    assert service.ask("/search", b"{")[0] == 400
    assert service.stop() == 0


@pytest.mark.parametrize(
    "asked, error, message",
    [
        (("health",), ValueError, "the path is 'health'; give one that begins with /"),
        (("/a b",), ValueError, "the path is '/a b'; give one that begins with / and holds no spaces"),
        ((None,), ValueError, "the path is None"),
        (("/search", "text"), TypeError, "the body is a str; give a dict, which is sent as JSON, or bytes"),
        (("/search", ["text"]), TypeError, "the body is a list; give a dict"),
    ],
)
def test_what_cannot_be_asked_is_one_clear_error(asked, error, message):
    with pytest.raises(error, match=message):
        course.Service(None, "http://127.0.0.1:9").ask(*asked)


def test_what_keeps_it_from_starting_is_the_services_own_line(tmp_path):
    with pytest.raises(RuntimeError, match=r"^service: .*no-such-folder"):
        course.serve(tmp_path / "no-such-folder")


def test_models_that_cannot_be_loaded_are_the_services_own_line(tmp_path, monkeypatch):
    (tmp_path / "tea.txt").write_text("Green tea: pour at 80 degrees.", encoding="utf-8")
    monkeypatch.setenv("BXE_DEVICE", "quantum")
    with pytest.raises(RuntimeError, match=r"^service: device is 'quantum'; this machine has .*$"):
        course.serve(tmp_path)


def test_whatever_it_says_it_goes_on_answering(talker):
    service = course.serve("course")
    assert service.ask("/health") == (200, {})
    service.stop()


def test_it_is_asked_directly_where_the_environment_names_a_proxy(talker, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")  # where nothing answers
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    service = course.serve("course")
    assert service.ask("/health") == (200, {})
    service.stop()


def test_it_is_started_on_a_free_port_for_the_texts_that_are_named_and_without_bars(talker, tmp_path):
    saying = TALKER.replace('b"{}"', "json.dumps(dict(os.environ)).encode()")
    (tmp_path / "search_service" / "app.py").write_text(f"import json, os\n{saying}")
    service = course.serve(tmp_path)
    _, told = service.ask("/health")
    service.stop()
    assert (told["SEARCH_PASSAGES"], told["SEARCH_PORT"], told["TQDM_DISABLE"]) == (str(tmp_path), "0", "1")


class Echo(http.server.BaseHTTPRequestHandler):
    """Says what it was asked; below /no with the status of an error."""

    def do_GET(self):
        body = self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()
        told = {"by": self.command, "path": self.path, "as": self.headers["Content-Type"], "body": body}
        self.send_response(422 if self.path.startswith("/no") else 200)
        self.end_headers()
        self.wfile.write(b"plain text" if self.path == "/plain" else json.dumps(told).encode())

    do_POST = do_GET

    def log_message(self, *_):
        """Nothing is logged into a test's output."""


@pytest.fixture
def echo():
    with http.server.HTTPServer(("127.0.0.1", 0), Echo) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield course.Service(None, f"http://127.0.0.1:{server.server_port}")
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    "path, body, status, by, sent",
    [
        ("/search?top=3", None, 200, "GET", ""),
        ("/search", {"query": "tea"}, 200, "POST", '{"query": "tea"}'),
        ("/search", b"{", 200, "POST", "{"),
        ("/search", {}, 200, "POST", "{}"),
        ("/nothing", {"query": ""}, 422, "POST", '{"query": ""}'),
    ],
)
def test_a_request_arrives_as_json_and_its_status_and_answer_come_back(echo, path, body, status, by, sent):
    assert echo.ask(path, body) == (status, {"by": by, "path": path, "as": "application/json", "body": sent})


def test_an_answer_that_is_no_json_and_none_at_all_are_errors(echo):
    with pytest.raises(ValueError):
        echo.ask("/plain")
    with pytest.raises(OSError):
        course.Service(None, "http://127.0.0.1:9").ask("/health")


def test_it_ends_with_the_process_that_started_it(talker, tmp_path):
    code = (
        "import pathlib, sys\nfrom bxe.course import service\n"
        "service.folder = lambda name: pathlib.Path(sys.argv[1])\nprint(service.serve('course').address)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path], capture_output=True, text=True, timeout=30, check=True
    )
    with pytest.raises(OSError):
        course.Service(None, done.stdout.strip()).ask("/health")
