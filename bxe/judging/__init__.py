"""Judgements of your own: which pairs to grade, and a panel that grades them and keeps each grade at once.

pool: the pairs that any of several systems puts first, in random order · grading: the grades of one person, in a file that
is whole at every moment · panel: buttons for it, in a notebook.
"""

from bxe.judging.grading import GRADES, Grading, grades_in
from bxe.judging.panel import panel
from bxe.judging.pool import pool

__all__ = ["GRADES", "Grading", "grades_in", "panel", "pool"]
