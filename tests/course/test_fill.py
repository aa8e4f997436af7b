"""The docstrings, embedded ahead of the notebooks that search them."""

import ast

import nbformat

from bxe import course


def test_it_embeds_what_the_notebooks_search():
    job = course.fill_docstrings()
    nbformat.validate(job.notebook)
    assert job.name == "docstrings, embedded once" and job.after is None
    lines = [cell.source for cell in job.notebook.cells]
    ast.parse("\n".join(lines))
    assert lines[-1] == "retrieval.embed(model, corpora.load_docstrings().entry)"
