"""Find passages and put them in order, then measure: dense, BM25, fused, re-ranked.

Queries and passages are pandas Series of texts, indexed by their ids. A *run* is what a system returned: for each query id
a dict of passage id and score, higher is better.

search: what finds (dense, BM25) and what reads again (a cross-encoder) · runs: the same lists in another order, or several
in one · measures: a value per query, its interval, two systems compared · kept: vectors and pair scores, which are
computed once and kept on disk · pictures: vectors of pictures, likewise.
"""

from bxe.retrieval.kept import Kept, embed, score
from bxe.retrieval.measures import Interval, compare, interval, per_query, wilson
from bxe.retrieval.pictures import embed_pictures
from bxe.retrieval.runs import Run, add, first, from_rows, fuse, ranking, reorder
from bxe.retrieval.search import rerank, retrieve, retrieve_bm25

__all__ = [
    "Interval",
    "Kept",
    "Run",
    "add",
    "compare",
    "embed",
    "embed_pictures",
    "first",
    "from_rows",
    "fuse",
    "interval",
    "per_query",
    "ranking",
    "reorder",
    "rerank",
    "retrieve",
    "retrieve_bm25",
    "score",
    "wilson",
]
