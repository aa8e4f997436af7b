"""What is asked of the course's texts, as functions: near-duplicates, openings, type-token figures.

Run it for the figures that the data cards quote:  python -m tools.texts
"""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
from scipy.sparse import csr_matrix

from bxe import corpora

NEAR = 0.6  # Jaccard similarity of character 4-grams above which two texts count as near-duplicates
OPENING = 0.015  # the share of a set's texts that may begin with the same four words


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def texts_of(name: str) -> list[str]:
    """Every text of a set (both sides of a pair)."""
    frame = corpora.load(name)
    columns = [column for column in ("text", "text1", "text2") if column in frame]
    return [text for column in columns for text in frame[column]]


def near_duplicates(texts: list[str], threshold: float = NEAR) -> list[tuple[int, int]]:
    """Pairs (i < j) of texts whose sets of character 4-grams overlap by more than the threshold (Jaccard)."""
    grams = []
    for text in texts:
        line = " ".join(words(text))
        grams.append({line[i : i + 4] for i in range(max(1, len(line) - 3))})
    vocabulary = {gram: column for column, gram in enumerate(sorted(set().union(*grams)))}
    rows = np.repeat(range(len(grams)), [len(g) for g in grams])
    columns = [vocabulary[gram] for g in grams for gram in g]
    matrix = csr_matrix((np.ones(len(rows), dtype=np.float32), (rows, columns)), shape=(len(grams), len(vocabulary)))
    sizes = np.array([len(g) for g in grams])
    shared = (matrix @ matrix.T).tocoo()
    union = sizes[shared.row] + sizes[shared.col] - shared.data
    found = (shared.data > threshold * union) & (shared.row < shared.col)
    return sorted(zip(shared.row[found].tolist(), shared.col[found].tolist()))


def commonest_opening(texts: list[str]) -> tuple[str, int]:
    """The four words that most texts begin with, and how many do."""
    openings = Counter(" ".join(words(text)[:4]) for text in texts if len(words(text)) >= 4)
    return openings.most_common(1)[0]


def type_token(texts: list[str]) -> tuple[int, int, float]:
    """Words in all, different words, and the mean share of different words in windows of 100 (which size leaves alone)."""
    everything = [word for text in texts for word in words(text)]
    windows = [everything[i : i + 100] for i in range(0, len(everything) - 99, 100)]
    return len(everything), len(set(everything)), float(np.mean([len(set(w)) / 100 for w in windows]))


def main() -> None:
    for name in corpora.COLUMNS:
        if name in ("qrels", "handbook_grades"):
            continue
        texts = texts_of(name)
        tokens, types, share = type_token(texts)
        lengths = sorted(len(text.split()) for text in texts)
        opening, count = commonest_opening(texts)
        print(
            f"{name:<20} {len(texts):>5} texts, {lengths[0]}-{lengths[-1]} words (median {lengths[len(lengths) // 2]}); "
            f"{tokens:,} words, {types:,} different, {share:.2f} in windows of 100; "
            f'"{opening}" begins {count} ({count / len(texts):.1%}); near-duplicates {len(near_duplicates(texts))}'
        )


if __name__ == "__main__":
    main()
