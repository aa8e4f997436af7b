"""Where a page first uses a term of the glossary."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

# Words of the glossary that a notebook first uses in their everyday sense, so that a link would mislead.
OTHERWISE = {
    "02_similarity": {"negative"},
    "06_paraphrase_mining": {"loss"},
    "07_cross_encoders": {"loss"},
    "08_retrieve_and_rerank": {"precision"},
    "10_train_a_cross_encoder": {"clear"},
}


def first_uses(texts: Sequence[str], names: Iterable[str]) -> Iterator[tuple[int, int, int, str]]:
    """The first use of each term in a page's texts, in reading order.

    A longer term goes before a shorter one that it contains. A term in lower case is found with a capital letter and in
    the plural, too; one with capitals, such as F1, only as it stands.

    Args:
        texts: the page's pieces of prose.
        names: the terms.

    Yields:
        The number of the text, where the term begins and ends in it, and the term.

    Example:
        >>> list(first_uses(["Hard negatives", "are negatives."], ["negative", "hard negative"]))
        [(0, 0, 14, 'hard negative'), (1, 4, 13, 'negative')]
    """
    left = sorted(set(names), key=lambda name: (-len(name), name))
    if not left:
        return
    anywhere = re.compile(rf"(?<![\w`-])(?:{'|'.join(f'({_form(name)})' for name in left)})(?![\w`]|-\w)")
    seen = set()
    for number, text in enumerate(texts):
        for found in anywhere.finditer(text):
            name = left[found.lastindex - 1]
            if name not in seen:
                seen.add(name)
                yield number, found.start(), found.end(), name


def _form(name: str) -> str:
    words = r"\s+".join(map(re.escape, name.split()))
    if name != name.lower():
        return words
    if name.endswith("y"):
        return rf"(?i:{words}|{words[:-1]}ies)"
    return rf"(?i:{words}(?:e?s)?)"
