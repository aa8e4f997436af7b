"""Find passages and put them in order, then measure: dense, BM25, fused, re-ranked.

Queries and passages are pandas Series of texts, indexed by their ids. A *run* is what a system returned: for each query id
a dict of passage id and score, higher is better.

search: what finds (dense, BM25) and what reads again (a cross-encoder) · runs: the same lists in another order, or several
in one · measures: a value per query, its interval, two systems compared · pairs: query and passage, read together or apart ·
kept: vectors and pair scores, which are computed once and kept on disk by the model's fingerprint (fingerprints) · pictures:
vectors of pictures, likewise · store: passages and vectors in a folder, added to, deleted from and searched by any process
(rows, filling, tables, conditions: what it is given, how that gets in, LanceDB's side of it, filters; reembedding: when the
model changes) · drift: whether the queries of this week are still those of before.
"""

from bxe.retrieval.drift import drift
from bxe.retrieval.kept import Kept, embed, score
from bxe.retrieval.measures import Interval, compare, interval, per_query, wilson
from bxe.retrieval.pictures import embed_pictures
from bxe.retrieval.reembedding import reembed
from bxe.retrieval.runs import Run, add, first, from_rows, fuse, ranking, reorder
from bxe.retrieval.search import rerank, retrieve, retrieve_bm25
from bxe.retrieval.store import Store, open_store

__all__ = [
    "Interval",
    "Kept",
    "Run",
    "Store",
    "add",
    "compare",
    "drift",
    "embed",
    "embed_pictures",
    "first",
    "from_rows",
    "fuse",
    "interval",
    "open_store",
    "per_query",
    "ranking",
    "reembed",
    "reorder",
    "rerank",
    "retrieve",
    "retrieve_bm25",
    "score",
    "wilson",
]
