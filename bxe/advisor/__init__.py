"""Which search for these texts, at this load, on this machine? Measured, compared, decided, and written down.

brought: what comes in (texts, questions) · looks: what the texts are like · serving: one query, step by step, timed ·
measuring: what the time allows · costs: at the size of the whole corpus · decide: the rule · wording: in sentences ·
facts, advice: all of it · picture, page: on a page.
"""

from bxe.advisor.advice import Advice, advise, positive
from bxe.advisor.brought import read_corpus, read_questions
from bxe.advisor.page import expect_free

__all__ = ["Advice", "advise", "expect_free", "positive", "read_corpus", "read_questions"]
