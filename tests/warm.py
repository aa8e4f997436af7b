"""Fill the caches that notebooks 03 and 06 share, with all cores, before notebooks run side by side with one core each."""

from bxe import corpora, load_bi_encoder, retrieval

if __name__ == "__main__":
    docs = corpora.load_docstrings()
    retrieval.embed(load_bi_encoder(), docs.name + ": " + docs.summary)
