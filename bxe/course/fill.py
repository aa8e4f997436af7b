"""The docstrings, read and embedded before the notebooks that search them: what several need, and only the first waits for."""

from __future__ import annotations

from bxe.course.run import Job

DOCSTRINGS = "docstrings, embedded once"
_FILL = """\
from bxe import corpora, load_bi_encoder, retrieval
model = load_bi_encoder()
retrieval.embed(model, corpora.load_docstrings().entry)"""


def fill_docstrings() -> Job:
    """The job that reads and embeds the docstrings, so that the notebooks which search them find them in the cache.

    Example:
        >>> fill_docstrings().name
        'docstrings, embedded once'
    """
    from nbformat.v4 import new_code_cell, new_notebook

    return Job(DOCSTRINGS, new_notebook(cells=[new_code_cell(line) for line in _FILL.splitlines()]))
