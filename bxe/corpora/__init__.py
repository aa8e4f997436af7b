"""Texts as pandas DataFrames, and pictures.

sets: the course's own, each with a data card · own: files of a learner · reading: such a file, read rightly or told what is
wrong · given: texts of a program's, checked · chunks: whole documents cut into passages · asked: questions to measure a
search with · docstrings: what the installed packages say of themselves (sources reads it out of their code) · photographs:
pictures that installed packages carry (made: what can be made of one).
"""

from bxe.corpora.asked import known_items, questions_in, quoted
from bxe.corpora.chunks import chunks, documents_in
from bxe.corpora.docstrings import EVERY_KIND, EVERY_PACKAGE, load_docstrings
from bxe.corpora.made import tiled, with_word
from bxe.corpora.own import from_csv, from_folder, learn_and_test, pictures_in
from bxe.corpora.photographs import load_photographs
from bxe.corpora.reading import read_table
from bxe.corpora.sets import COLUMNS, card, load, load_reference

__all__ = [
    "COLUMNS",
    "EVERY_KIND",
    "EVERY_PACKAGE",
    "card",
    "chunks",
    "documents_in",
    "from_csv",
    "from_folder",
    "known_items",
    "learn_and_test",
    "load",
    "load_docstrings",
    "load_photographs",
    "load_reference",
    "pictures_in",
    "questions_in",
    "quoted",
    "read_table",
    "tiled",
    "with_word",
]
