"""The example service, started from a notebook: it answers, it says why it does not start, it is gone afterwards."""

import pytest

from bxe import course

TALKER = """
import http.server


class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")


server = http.server.HTTPServer(("127.0.0.1", 0), Health)
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
