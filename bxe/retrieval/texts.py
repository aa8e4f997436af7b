"""What a search can be given, texts with ids, checked in one place; and how much of a text a model can read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING

from bxe.files import expect_count

if TYPE_CHECKING:
    import pandas as pd

Named = list[tuple[Hashable, str]]
AT_ONCE = 16  # texts or pairs in a batch: on two cores at least as fast as the library's 32, in less memory
# A word of letters and digits that every tokenizer knows: a text with one need not be tokenized to know that it is read.
_PLAIN_WORD = re.compile(r"(?<![^\s!-/:-@\[-`{-~])[A-Za-z0-9]{1,100}(?![^\s!-/:-@\[-`{-~])")


def expect_search(queries: pd.Series, passages: pd.Series, top_k: int) -> tuple[dict, dict]:
    """Queries and passages as dicts of id and text, if they can be searched: no query blank, top_k a whole number from 1."""
    expect_count(top_k, "top_k")
    return expect_queries(queries), by_id(passages, "passage")


def expect_queries(queries: pd.Series) -> dict[Hashable, str]:
    """Queries as a dict of id and text, if none is blank."""
    import pandas as pd

    if blank := [str(at) for at, text in _pairs(queries, "query") if pd.isna(text) is True or is_blank(text)]:
        raise ValueError(f"query {', '.join(blank[:3])} is blank; a query needs at least one word")
    return by_id(queries, "query")


def by_id(given: pd.Series, word: str) -> dict[Hashable, str]:
    """As `expect_texts`, as a dict of id and text; each text must have an id of its own."""
    import pandas as pd

    texts: dict[Hashable, str] = {}
    for at, text in expect_texts(given, word):
        if at in texts:
            raise ValueError(f"{word} {at} is there twice; each text needs an id of its own in the index")
        if pd.isna(at) is True:
            raise ValueError(f"{word} {text!r:.60} has no id but {at}; each text needs an id of its own in the index")
        texts[at] = text
    return texts


def expect_texts(given: pd.Series, word: str) -> Named:
    """The (id, text) pairs of a Series or a dict, or of a list, whose ids are the positions; `word` says what they are.

    A lone surrogate, half a character that no model takes, is replaced by "\N{REPLACEMENT CHARACTER}".

    Raises:
        TypeError: if they are none of these.
        ValueError: if there are no texts, or one is not a str.
    """
    pairs = _pairs(given, word)
    if not pairs:
        raise ValueError(f"there is no {word}; give at least one")
    if other := [f"{at} is {text!r:.60}" for at, text in pairs if not isinstance(text, str)]:
        raise ValueError(f"{word} {', '.join(other[:3])}; a str is expected, so leave out what is missing")
    return [(at, text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")) for at, text in pairs]


def _pairs(given: pd.Series, word: str) -> list[tuple[Hashable, object]]:
    if hasattr(given, "items") and getattr(given, "ndim", 1) == 1:
        return list(given.items())
    if isinstance(given, Sequence) and not isinstance(given, str | bytes) or getattr(given, "ndim", 0) == 1:
        return list(enumerate(given))
    plural, kind = {"query": "queries"}.get(word, f"{word}s"), type(given).__name__
    raise TypeError(
        f'{plural} is a {kind}; give a Series of texts, indexed by id, such as table.set_index("{word}_id").text'
    )


def is_blank(text: object) -> bool:
    """Whether a text has no letter, digit, sign or symbol; spaces, zero-width and control characters are none."""
    return isinstance(text, str) and not any(unicodedata.category(character)[0] in "LNPS" for character in text)


def unreadable(model, texts: Named, words: str, so: str) -> set[int]:
    """The positions of the texts in which a model's tokenizer finds no word that it knows; told in one line."""
    found = unread(model, [text for _, text in texts])
    if found:
        named = ", ".join(str(texts[at][0]) for at in sorted(found)[:3])
        print(f"The model knows no word in {len(found)} of {len(texts)} {words}, such as {named}: {so}")
    return found


def unread(model, texts: Sequence[str]) -> set[int]:
    """As `unreadable`, of texts without ids, and without a word."""
    tokenizer = getattr(model, "tokenizer", None)
    doubtful = [at for at, text in enumerate(texts) if not _PLAIN_WORD.search(text)]
    if not doubtful or not callable(tokenizer):
        return set()
    tokens = tokenizer([texts[at] for at in doubtful], add_special_tokens=False, verbose=False)["input_ids"]
    return {at for at, ids in zip(doubtful, tokens) if set(ids) <= {tokenizer.unk_token_id}}


def shortened(model, pair: tuple[str, str]) -> tuple[str, str]:
    """A pair whose texts are both far longer than what a model reads, cut at words behind that; its score stays the same.

    The tokenizer would build each combination of what it cuts off from both: 20 GB for two texts of 50,000 words. Which one
    is the longer stays so, since this decides where the tokenizer cuts.
    """
    tokenizer = getattr(model, "tokenizer", None)
    if not getattr(tokenizer, "is_fast", False) or tokenizer.truncation_side != "right":
        return pair
    least = getattr(model, "max_seq_length", None) or tokenizer.model_max_length
    if min(map(len, pair)) <= 4 * least:
        return pair
    given = {"add_special_tokens": False, "truncation": False, "verbose": False}
    encoded = [tokenizer(text, **given).encodings[0] for text in pair]
    short = list(pair)
    for at in sorted((0, 1), key=lambda at: len(encoded[at])):
        of_word, places = encoded[at].word_ids, encoded[at].offsets
        cut = next((n for n in range(least, len(of_word)) if of_word[n] != of_word[n - 1]), None)
        if cut is not None:
            short[at] = pair[at][: places[cut][0]]
        least = (cut or len(of_word)) + 1
    return short[0], short[1]
