"""Oracles and hints of notebook 01, Embeddings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from bxe.exercises.oracle import Exercise, expect, minilm

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer


def _first_piece(answer) -> None:
    vocabulary = {letter: i for i, letter in enumerate("abcdefghijklmnopqrstuvwxyz")}
    vocabulary |= {"em": 26, "embed": 27, "bed": 28, "weather": 29, "we": 30, "beds": 31}
    for word, expected in (
        ("embeds", "embed"),
        ("weather", "weather"),
        ("zebra", "z"),
        ("weatherman", "weather"),
        ("reweather", "r"),
    ):
        fitting = [word[:end] for end in range(1, len(word) + 1) if word[:end] in vocabulary]
        inside = [word[i:j] for i in range(len(word)) for j in range(i + 1, len(word) + 1) if word[i:j] in vocabulary]
        expect(
            answer(word, vocabulary),
            expected,
            given=f"word = {word!r} and a vocabulary with {', '.join(repr(p) for p in fitting)}",
            mistakes=[
                (fitting[0], "That is the shortest piece; start from the whole word and shorten it."),
                (
                    max(inside[::-1], key=len),
                    "That piece is in the vocabulary, but the word does not begin with it.",
                ),
                (vocabulary[expected], "That is the piece's number; return the piece itself."),
                (word, "The whole word is not always in the vocabulary."),
            ],
        )


def _mean_pool(answer) -> None:
    import torch

    generator = torch.Generator().manual_seed(1)
    for lengths in ((3, 5), (1, 4, 2), (6, 6)):
        hidden = torch.randn(len(lengths), max(lengths), 8, generator=generator)
        mask = (torch.arange(max(lengths))[None] < torch.tensor(lengths)[:, None]).long()
        weights = mask[..., None].float()
        total = (hidden * weights).sum(1)
        right = total / weights.sum(1)
        expect(
            answer(hidden.clone(), mask.clone()),
            right,
            given=f"a batch with {list(lengths)} real tokens, padded to {max(lengths)}",
            mistakes=[
                (
                    hidden.mean(1),
                    "You took the plain mean: padding was counted as if it were text. Multiply by the mask first.",
                ),
                (
                    total / mask.shape[1],
                    "Padding is out of the sum, but you still divide by the width of the batch; divide by the number of "
                    "real tokens.",
                ),
                (total, "That is the sum; divide it by the number of real tokens."),
                (hidden[:, 0], "That is the vector of [CLS], the first token; take the mean of all real ones."),
                (
                    hidden.masked_fill(mask[..., None] == 0, -torch.inf).amax(1),
                    "That is the largest value of each dimension (max pooling).",
                ),
                (hidden.mean(0), "You averaged over the texts; average over the tokens, which are dimension 1."),
                (total / len(lengths), "You divided by the number of texts; divide by the number of real tokens."),
            ],
        )


def _normalise(answer) -> None:
    rng = np.random.default_rng(1)
    for n, d in ((3, 4), (5, 2)):
        vectors = rng.normal(size=(n, d)) * rng.uniform(1, 9, size=(n, 1))
        given = f"a random array of shape ({n}, {d})"
        expect(
            answer(vectors.copy()),
            vectors / np.sqrt((vectors**2).sum(axis=1, keepdims=True)),
            given=given,
            mistakes=[
                (
                    vectors / np.linalg.norm(vectors),
                    "You divided by one length for the whole array; each row has its own: axis=1.",
                ),
                (
                    vectors / np.linalg.norm(vectors, axis=0, keepdims=True),
                    "You divided each column by its length; divide each row, with axis=1.",
                ),
                (
                    vectors / vectors.sum(axis=1, keepdims=True),
                    "You divided by the sum of the entries; the length is the root of the sum of squares.",
                ),
                (
                    vectors / np.abs(vectors).sum(axis=1, keepdims=True),
                    "You divided by the sum of absolute values; the length is the root of the sum of squares.",
                ),
                (
                    vectors / (vectors**2).sum(axis=1, keepdims=True),
                    "You divided by the squared length; take its square root.",
                ),
                (np.linalg.norm(vectors, axis=1), "Those are the lengths; divide the vectors by them."),
            ],
        )


@contextmanager
def _borrowed() -> Iterator[SentenceTransformer]:
    """MiniLM, to be changed for a check and put back behind it."""
    model = minilm()
    kept = dict(model.prompts), model.similarity_fn_name, model.max_seq_length
    try:
        yield model
    finally:
        model.prompts, model.similarity_fn_name, model.max_seq_length = kept


def _read_whole(answer) -> None:
    with _borrowed() as model:
        _read_whole_by(answer, model)


def _read_whole_by(answer, model: SentenceTransformer) -> None:
    tokenizer = model.tokenizer
    words = "Unforgettable embeddings paraphrase Heidelberg again and again , and again ."
    for limit in (256, 32):
        model.max_seq_length = limit
        for length in (limit // 4, limit + 40, limit - 2, limit - 1):
            text = tokenizer.decode(tokenizer.encode(words * 40, add_special_tokens=False, verbose=False)[:length])
            tokens = len(tokenizer(text, verbose=False)["input_ids"])
            expect(
                answer(model, text),
                tokens <= limit,
                given=f"a text of {len(text.split())} words and {tokens} tokens, special ones included, limit {limit}",
                mistakes=_read_whole_mistakes(text, tokens, limit),
            )


def _read_whole_mistakes(text: str, tokens: int, limit: int) -> list[tuple[bool, str]]:
    """Only the mistakes that this input shows: a wrong answer is just the other of two."""
    wrong = tokens > limit
    if limit != 256:
        return [(wrong, "The limit is the model's own: model.max_seq_length, not always 256.")]
    if tokens == limit:
        return [(wrong, "A text exactly at the limit is still read whole: use <= instead of <.")]
    if wrong and tokens - 2 <= limit:
        return [(wrong, "The special tokens [CLS] and [SEP] count too.")]
    if wrong and len(text.split()) <= limit:
        return [(wrong, "You seem to count words; the model counts tokens.")]
    return []


def _scores(answer) -> None:
    with _borrowed() as model:
        _scores_by(answer, model)


def _scores_by(answer, model: SentenceTransformer) -> None:
    asked, texts = "Which planet has rings?", ["Fry the onions slowly.", "Saturn's rings are ice.", "Tune the guitar."]
    none, both = {"query": "", "document": ""}, {"query": "Represent this question: ", "document": "passage: "}
    for prompts, measure in ((none, "cosine"), (both, "cosine"), (none, "euclidean")):
        model.prompts, model.similarity_fn_name = dict(prompts), measure
        query, stored = model.encode_query(asked), model.encode_document(texts)
        table = model.similarity(query, stored)
        mistakes = [
            (
                model.similarity(model.encode(asked), model.encode(texts)),
                "encode cannot know which side a text is on, so it adds neither prompt; each side has its own call.",
            ),
            (model.similarity(query, model.encode_query(texts)), "You encoded the passages as queries."),
            (model.similarity(model.encode_document(asked), stored), "You encoded the query as a passage."),
            (
                model.similarity(model.encode_document(asked), model.encode_query(texts)),
                "The sides are swapped: encode_query is for the query, encode_document for the passages.",
            ),
            (
                (stored @ query)[None],
                "A dot product of unit vectors is a cosine, but this model compares differently: use model.similarity.",
            ),
        ]
        expect(
            answer(model, asked, list(texts)),
            table[0],
            given=f"a model with the prompts {prompts} that compares by {model.similarity_fn_name}",
            mistakes=[
                (table, "The numbers are right, but they are in a table of one row: return that row, [0]."),
                (table.T, "The numbers are right, but they are in a table of one column: return a flat array."),
                *((wrong[0], sentence) for wrong, sentence in mistakes),
            ],
        )


EXERCISES = {
    "01.1": Exercise(
        _first_piece,
        hints=(
            "Try the whole word first. If it is not in the vocabulary, try it without its last letter.",
            "word[:end] is the prefix of length end; let end run from len(word) down to 1.",
            "for end in range(len(word), 0, -1): if word[:end] in vocabulary: return word[:end]",
        ),
        why="Greedy and from the left: this is how WordPiece cuts every word that it does not know.",
    ),
    "01.2": Exercise(
        _mean_pool,
        hints=(
            "Padding must add nothing to the sum and nothing to the count.",
            "Multiply hidden by mask[..., None], which has the shape (texts, tokens, 1), and sum over dimension 1.",
            "weights = mask[..., None]; return (hidden * weights).sum(1) / weights.sum(1)",
        ),
        why="Padding counts neither in the sum nor in the division, so a text has one vector in any company.",
    ),
    "01.3": Exercise(
        _normalise,
        hints=(
            "The length of a vector is the root of the sum of its squares; each row has its own.",
            "np.linalg.norm(vectors, axis=1) gives the lengths; keepdims=True lets you divide by them.",
            "return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)",
        ),
        why="With rows of length 1, a dot product is a cosine, and one matrix product compares everything.",
    ),
    "01.4": Exercise(
        _read_whole,
        hints=(
            "Count tokens, not words or letters.",
            "Compare the number of input_ids with model.max_seq_length; exactly at the limit still fits.",
            'return len(model.tokenizer(text, verbose=False)["input_ids"]) <= model.max_seq_length',
        ),
        why="`encode` does not warn you; a test like this one belongs in front of every index you build.",
    ),
    "01.5": Exercise(
        _scores,
        hints=(
            "Each side has its own call, which adds the model's prompt for that side.",
            "Encode the query with encode_query and the passages with encode_document, then ask model.similarity.",
            "return model.similarity(model.encode_query(query), model.encode_document(passages))[0]",
        ),
        why="The model says how each side is encoded and compared, so this code works when you change the model.",
    ),
}
