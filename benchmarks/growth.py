"""HNSW's recall as the corpus grows and its settings stay, up to 30,000 docstrings: `python benchmarks/growth.py`.

Notebook 12 measures it up to 6,000, since 30,000 take minutes to embed (once; they are kept on disk). This script goes on
where the notebook extrapolates, and shows what a line through the first three sizes would have promised.
"""

import faiss
import numpy as np
import pandas as pd
from faiss.contrib.evaluation import knn_intersection_measure

from bxe import corpora, load_bi_encoder, retrieval

SIZES = (1000, 3000, 10_000, 30_000)


def main() -> None:
    faiss.omp_set_num_threads(1)
    model = load_bi_encoder()
    every = corpora.load_docstrings(corpora.EVERY_PACKAGE, kinds=corpora.EVERY_KIND).set_index("name").entry
    texts = every.sample(min(len(every), SIZES[-1]), random_state=0)
    vectors = retrieval.embed(model, texts)
    asked = model.encode_query(corpora.load("howto").text.tolist())
    graph, exact, recalls = faiss.IndexHNSWFlat(384, 16, faiss.METRIC_INNER_PRODUCT), faiss.IndexFlatIP(384), {}
    graph.hnsw.efSearch = 32
    for start, end in zip((0, *SIZES), SIZES):
        for index in (graph, exact):
            index.add(vectors[start:end])
        recalls[exact.ntotal] = knn_intersection_measure(*(index.search(asked, 10)[1] for index in (graph, exact)))
    recalls = pd.Series(recalls)
    slope, level = np.polyfit(np.log10(recalls.index[:3]), recalls.iloc[:3], 1)
    line = level + slope * np.log10(recalls.index)
    print(pd.DataFrame({"recall@10": recalls, "fitted to the first three": line}).rename_axis("texts").round(3))


if __name__ == "__main__":
    main()
