"""Bigger than one machine: the same encoding and re-ranking, dealt out to workers by Ray Data.

session: Ray, started here or joined elsewhere · sources: the tables of texts that are read · parts: the Parquet files that
are written, whole or not at all · work: passages to vectors and pairs to logits, resumed where they were left.
"""

from bxe.cluster.parts import read_run, read_vectors
from bxe.cluster.session import STORE, session
from bxe.cluster.work import Outcome, embed_dataset, rerank_dataset

__all__ = ["STORE", "Outcome", "embed_dataset", "read_run", "read_vectors", "rerank_dataset", "session"]
