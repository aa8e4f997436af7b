"""The example service, started from a notebook: it answers, it says why it does not start, it is gone afterwards."""

import pytest

from bxe import course


def test_it_answers_and_stops_when_told(tmp_path):
    (tmp_path / "tea.txt").write_text("Green tea: pour at 80 degrees.\n\nBlack tea: boiling water.", encoding="utf-8")
    service = course.serve(tmp_path)
    assert service.ask("/health")[0] == 200
    status, found = service.ask("/search", {"query": "how hot for sencha?", "top_k": 1})
    assert status == 200 and found["hits"][0]["text"].startswith("Green tea")
    assert service.ask("/search", b"{")[0] == 400
    assert service.stop() == 0


def test_what_keeps_it_from_starting_is_the_services_own_line(tmp_path):
    with pytest.raises(RuntimeError, match=r"^service: .*no-such-folder"):
        course.serve(tmp_path / "no-such-folder")
