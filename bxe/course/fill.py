"""The docstrings, read and embedded before the notebooks that search them: what several need, and only the first waits for."""

from __future__ import annotations

from bxe.course.run import Job

DOCSTRINGS = "docstrings, embedded once"
_FILL = """\
from bxe import corpora, load_bi_encoder, retrieval
model = load_bi_encoder()
retrieval.embed(model, corpora.load_docstrings().entry)"""
_FILL_MORE = """\
docs = corpora.load_docstrings().set_index("name").entry
methods = corpora.load_docstrings(kinds=corpora.EVERY_KIND).set_index("name").entry.drop(docs.index)
retrieval.embed(model, methods.sample(10_000 - len(docs), random_state=0))"""


def fill_docstrings(*, many: bool = False) -> Job:
    """The job that reads and embeds the docstrings, so that the notebooks which search them find them in the cache.

    Args:
        many: after the 7,000 that several lessons search, 3,000 methods, too.

    Example:
        >>> fill_docstrings().name
        'docstrings, embedded once'
    """
    from nbformat.v4 import new_code_cell, new_notebook

    lines = _FILL.splitlines() + (_FILL_MORE.splitlines() if many else [])
    return Job(DOCSTRINGS, new_notebook(cells=[new_code_cell(line) for line in lines]))
