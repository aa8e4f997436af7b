"""The docstrings, embedded ahead of the notebooks: those that several lessons search, and more where one needs more."""

import ast

import nbformat
import pytest

from bxe import course


@pytest.mark.parametrize("how, methods", [({}, False), ({"many": False}, False), ({"many": True}, True)])
def test_methods_come_after_what_all_search_and_only_where_they_are_asked_for(how, methods):
    job = course.fill_docstrings(**how)
    nbformat.validate(job.notebook)
    assert job.name == "docstrings, embedded once" and job.after is None
    lines = [cell.source for cell in job.notebook.cells]
    ast.parse("\n".join(lines))
    assert "retrieval.embed(model, corpora.load_docstrings().entry)" in lines[:3]
    assert any("EVERY_KIND" in line for line in lines[3:]) is methods and bool(lines[3:]) is methods
