"""The notebooks: which there are, how they are built from their sources, run, and copied for a learner.

lessons: titles, questions and minutes of all lessons, and where the files are · build: from a source to a learner's and a
solved notebook · run: kernels, several side by side · fill: the docstrings, embedded ahead of them · copy: a learner's own
folder · service: the example service, started and asked from a notebook.
"""

from bxe.course.build import IGNORE, build, build_all, built_path
from bxe.course.copy import copy_to, report
from bxe.course.fill import fill_docstrings
from bxe.course.lessons import LESSONS, Lesson, find, folder, table
from bxe.course.run import Job, Result, page, read, run_all, surroundings
from bxe.course.service import Service, serve

__all__ = [
    "IGNORE",
    "LESSONS",
    "Job",
    "Lesson",
    "Result",
    "Service",
    "build",
    "build_all",
    "built_path",
    "copy_to",
    "fill_docstrings",
    "find",
    "folder",
    "page",
    "read",
    "report",
    "run_all",
    "serve",
    "surroundings",
    "table",
]
