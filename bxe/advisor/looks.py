"""What the texts are like: how many and how long, how often the same, and whether the model's tokenizer knows the words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bxe.corpora.chunks import WORD

LOOKED_AT = 500  # texts, drawn by chance, whose tokens are counted
HEAD = 20_000  # characters of a text that are tokenized; the tokens behind are computed from these
BROKEN = 0.62  # share of a text's words that are one token, below which it counts as broken up ...
FUNCTION = 0.11  # ... if fewer of its words than this share are English function words
SOME = 0.15  # share of texts that are broken up, from which on it is said; English docstrings have 0.10
BEGINS = ("", "▁", "Ġ")  # what vocabularies of WordPiece, SentencePiece and byte-level BPE mark a word's beginning with
FEW = 20  # texts
MINUTES = 15  # of reading
WORDS_A_MINUTE = 238  # of silent reading: Brysbaert (2019), Journal of Memory and Language 109

_WORD = re.compile(r"[^\W\d_]+")
_LATIN = re.compile(r"[a-zA-Z\u00c0-\u024f]")


@dataclass(frozen=True)
class Looks:
    """What was counted. Shares are 0 to 1; those of tokens and of broken texts come from `looked_at` texts."""

    texts: int
    words: int  # each sign of a script without spaces counts as one
    copies: int  # texts that repeat another, but for spaces and capitals
    looked_at: int
    tokens: float  # of a text, mean
    reads: int  # tokens of a text that the bi-encoder reads
    longer: float  # share of texts with more tokens than it reads
    unread: float  # share of tokens that it never reads
    broken: float  # share of texts whose words the tokenizer breaks up

    @property
    def minutes(self) -> float:
        """How long a person reads all the texts."""
        return self.words / WORDS_A_MINUTE

    @property
    def readable(self) -> bool:
        """Whether reading all of them takes the place of a search engine."""
        return self.texts <= FEW and self.minutes <= MINUTES


def look(texts: Sequence[str], model) -> Looks:
    """Count what the texts are like.

    Args:
        texts: n texts, n at least 1.
        model: a bi-encoder, for its tokenizer and the number of tokens that it reads.

    Example:
        >>> from bxe import load_bi_encoder
        >>> look(["Green tea.", "green  tea."], load_bi_encoder(device="cpu")).copies
        bi-encoder: all-MiniLM-L6-v2 (embedded)
        1
    """
    drawn = np.random.default_rng(0).permutation(len(texts))[:LOOKED_AT]
    some = [texts[at] for at in drawn]
    reads = model.max_seq_length or 512
    tokens = np.array(_tokens(some, model.tokenizer))
    return Looks(
        texts=len(texts),
        words=sum(len(WORD.findall(text)) for text in texts),
        copies=len(texts) - len({hash(" ".join(text.split()).lower()) for text in texts}),
        looked_at=len(some),
        tokens=float(tokens.mean()),
        reads=reads,
        longer=float((tokens > reads).mean()),
        unread=float(np.maximum(tokens - reads, 0).sum() / max(1, tokens.sum())),
        broken=float(np.mean(broken(some, model.tokenizer))),
    )


def _tokens(texts: Sequence[str], tokenizer) -> list[float]:
    heads = [text[:HEAD] for text in texts]
    counted = tokenizer(heads, truncation=False, padding=False, verbose=False)["input_ids"]
    return [len(ids) * len(text) / max(1, len(head)) for ids, text, head in zip(counted, texts, heads)]


def broken(texts: Sequence[str], tokenizer) -> list[bool]:
    """For each text whether the tokenizer breaks up so many of its words that the model hardly knows them.

    So it is with texts in another language than the model's, or in another script, and with texts full of names. A text
    of fewer than five words counts as broken up only if it is in another script than Latin.

    Example:
        >>> from bxe import load_bi_encoder
        >>> tokenizer = load_bi_encoder(device="cpu").tokenizer
        bi-encoder: all-MiniLM-L6-v2 (embedded)
        >>> broken(["Im Winter frieren die Kanäle zu, und alle laufen Schlittschuh.", "In winter all canals freeze."], tokenizer)
        [True, False]
    """
    from bm25s.stopwords import STOPWORDS_EN

    # Entries, not pieces: a tokenizer without accents makes an English word of many a French one.
    vocabulary = tokenizer.get_vocab()
    split = [_WORD.findall(text[:HEAD]) for text in texts]
    whole = {
        word
        for word in {word for words in split for word in words}
        if any(mark + form in vocabulary for mark in BEGINS for form in (word, word.lower()))
    }
    found = []
    for words in split:
        letters = "".join(words)
        if len(_LATIN.findall(letters)) < 0.7 * len(letters):
            # A tokenizer that knows the script has whole words, or few pieces, of it; MiniLM's has single letters.
            found.append(len(whole.intersection(words)) < BROKEN * len(set(words)))
            continue
        known = sum(word in whole for word in words)
        function = sum(word.lower() in STOPWORDS_EN for word in words)
        found.append(len(words) >= 5 and known < BROKEN * len(words) and function < FUNCTION * len(words))
    return found
