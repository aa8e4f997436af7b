"""What a search can be given: texts with ids, checked in one place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bxe.retrieval.runs import expect_top_k

if TYPE_CHECKING:
    import pandas as pd


def expect_search(queries: pd.Series, passages: pd.Series, top_k: int) -> None:
    """Raise ValueError unless these can be searched: texts, none of the queries blank, no id twice, top_k at least 1."""
    expect_top_k(top_k)
    blank = [str(query) for query, text in queries.items() if not isinstance(text, str) or not text.strip()]
    if blank:
        raise ValueError(f"query {', '.join(blank[:3])} is blank; a query needs at least one word")
    for texts, word in ((passages, "passage"), (queries, "query")):
        expect_texts(texts, word)
        if not texts.index.is_unique:
            twice = texts.index[texts.index.duplicated()][0]
            raise ValueError(f"{word} {twice} is there twice; each text needs an id of its own in the index")


def expect_texts(texts: pd.Series, word: str) -> None:
    """Raise ValueError if there are no texts, or one is none; `word` says what they are."""
    if not len(texts):
        raise ValueError(f"there is no {word}; give at least one")
    other = [f"{at} is {text!r}" for at, text in texts.items() if not isinstance(text, str)]
    if other:
        raise ValueError(f"{word} {', '.join(other[:3])}; a str is expected, so leave out what is missing")
