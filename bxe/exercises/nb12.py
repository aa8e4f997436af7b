"""Oracles and hints of notebook 12, Production."""

from collections.abc import Mapping

import numpy as np

from bxe.exercises.oracle import Exercise, Wrong, expect, unit_vectors


def _batches(lengths, size):
    return [lengths[start : start + size] for start in range(0, len(lengths), size)]


def _read(lengths, size) -> int:
    """The tokens that a model reads, padding and all."""
    return sum(len(batch) * max(batch) for batch in _batches(lengths, size))


def _padding(answer) -> None:
    for lengths, size in (
        ([3, 9, 4, 8], 2),
        ([5, 60, 7, 6, 30, 8, 9], 3),
        ([12, 12, 12, 12], 4),
        ([40, 2, 2, 2, 2], 32),
        ([7, 3, 21, 9], 1),
    ):
        real, tidy = sum(lengths), sorted(lengths, reverse=True)
        read = _read(tidy, size)
        full = sum(size * max(batch) for batch in _batches(tidy, size))
        expect(
            answer(list(lengths), size),
            1 - real / read,
            given=f"lengths = {lengths} and batch_size = {size}",
            mistakes=[
                (real / read, "That is the share of real tokens; padding is the rest."),
                (
                    1 - real / _read(lengths, size),
                    "Sort the texts by length first; texts of equal length need no padding in one batch.",
                ),
                (
                    1 - real / _read(tidy[::-1], size),
                    "The longest come first, so that the smaller last batch is short.",
                ),
                (
                    1 - real / (len(lengths) * max(lengths)),
                    "Each batch is filled up to its own longest, not to the longest of all.",
                ),
                (1 - real / full, "The last batch may hold fewer texts; count those that are there."),
                ((read - real) / real, "Divide by all tokens that are read, padding among them."),
                (read - real, "That is how many tokens are padding; give their share of all that are read."),
                (100 * (1 - real / read), "Give a share from 0 to 1, not per cent."),
                (
                    np.mean([1 - sum(batch) / (len(batch) * max(batch)) for batch in _batches(tidy, size)]),
                    "That is the mean over batches; add up the tokens of all batches, and divide once.",
                ),
            ],
        )


def _search_cases():
    """Vectors and a query whose candidates no tie in bits decides: the last of them is nearer than the next."""
    for n, top_k, factor in ((40, 3, 2), (60, 5, 3), (12, 2, 6)):
        for seed in range(1000):
            rng = np.random.default_rng([n, seed])
            vectors = unit_vectors(rng, n, 64).astype(np.float32)
            query = unit_vectors(rng, 1, 64)[0].astype(np.float32)
            apart = np.sort(((vectors > 0) != (query > 0)).sum(axis=1))
            edges = [cut for cut in (top_k, top_k * factor) if cut < n]
            if all(apart[cut - 1] < apart[cut] for cut in edges) and _differ(vectors, query, top_k, factor):
                yield vectors, query, top_k, factor
                break


def _nearest(vectors, query, count):
    """Positions by differing bits, nearest first; of equals the first."""
    return np.argsort(((vectors > 0) != (query > 0)).sum(axis=1), kind="stable")[:count]


def _by_cosine(vectors, query, rows, top_k):
    return rows[np.argsort(-(vectors[rows] @ query))[:top_k]]


def _differ(vectors, query, top_k, factor) -> bool:
    """Whether rescoring changes something, and what the exact search finds is not among the candidates, or not needed."""
    few, many = (_nearest(vectors, query, top_k * times) for times in (1, factor))
    right = _by_cosine(vectors, query, many, top_k).tolist()
    return right != _by_cosine(vectors, query, few, top_k).tolist() and right != few.tolist()


def _rescored(answer) -> None:
    for vectors, query, top_k, factor in _search_cases():
        everything = np.arange(len(vectors))
        many = _nearest(vectors, query, top_k * factor)
        right = _by_cosine(vectors, query, many, top_k)
        order = np.argsort(-(vectors[many] @ query))
        bits = (vectors[many] > 0).astype(float)
        got = answer(query.copy(), vectors.copy(), top_k, factor)
        mistakes = [
            (
                _by_cosine(vectors, query, everything, top_k),
                "That is the exact search; only the candidates may be read in full.",
            ),
            (many[:top_k], "Those are the nearest by bits; order the candidates by their cosines."),
            (
                _by_cosine(vectors, query, _nearest(vectors, query, top_k), top_k),
                "Take top_k * factor candidates, and keep top_k of them at the end.",
            ),
            (many[order], "Those are all candidates; keep the first top_k."),
            (right[::-1], "The best comes last; put it first."),
            (many[order[::-1]][:top_k], "Those are the worst of the candidates; higher cosines are better."),
            (order[:top_k], "Those are positions among the candidates; look up which texts they are."),
            (vectors[right] @ query, "Those are the cosines; return the positions."),
            (
                many[np.argsort(-(bits @ query), kind="stable")[:top_k]],
                "You rescored with the bits; use the vectors themselves.",
            ),
            (right[None], "That is a row in a table; you have one query, so return the row."),
        ]
        if _permuted(got, right):
            mistakes.append((got, "Those are the right ones, but in another order; sort them by cosine."))
        expect(got, right, given=f"{len(vectors)} vectors, top_k = {top_k} and factor = {factor}", mistakes=mistakes)


def _permuted(got, best) -> bool:
    try:
        return np.shape(got) == best.shape and sorted(np.asarray(got).tolist()) == sorted(best.tolist())
    except (TypeError, ValueError):
        return False


def _within(answer) -> None:
    import faiss

    for n, allowed, k in (
        (50, [3, 8, 21, 30, 44, 49], 3),
        (20, [0, 7], 5),
        (30, list(range(0, 30, 2)), 4),
        (10, [], 3),
    ):
        rng = np.random.default_rng(n)
        vectors, query = (unit_vectors(rng, rows, 16).astype(np.float32) for rows in (n, 1))
        index = faiss.IndexFlatIP(16)
        index.add(vectors)
        cosines = vectors @ query[0]
        order = np.argsort(-cosines)
        best = [int(at) for at in order if at in allowed][:k]
        padded = best + [-1] * (k - len(best))
        mistakes = [
            ([int(at) for at in order[:k]], "Those are the nearest of all; pass the selector in `params`."),
            (
                [int(at) for at in order[:k] if at in allowed],
                "You filtered what was found; let the index pass over the others, or hits get lost.",
            ),
            ([at for at in padded], "FAISS puts -1 where it found nothing; leave that out."),
            ([int(at) for at in order if at not in allowed][:k], "Those are the ones that are not allowed."),
            ([int(at) for at in order if at in allowed], "Those are all that are allowed; keep the first k."),
            ([float(cosines[at]) for at in best], "Those are the cosines; return the positions."),
            ([allowed.index(at) for at in best], "Those are places in `allowed`; return positions in the index."),
            ([best], "That is a list in a list; you have one query."),
        ]
        given = f"an index of {n} vectors, allowed = {allowed if len(allowed) < 9 else 'every second'} and k = {k}"
        got = answer(index, query[0].copy(), list(allowed), k)
        got = got.tolist() if isinstance(got, np.ndarray) else got
        mistakes = [(wrong, told) for wrong, told in mistakes if wrong != best]
        expect(got, best, given=given, mistakes=mistakes)


def _to_do(answer) -> None:
    stored = {"a": "tea", "b": "rain", "c": "snow", "d": "fog"}
    for old, now in (
        (stored, {"a": "tea", "b": "heavy rain", "d": "fog", "e": "sun"}),
        (stored, {"e": "tea", "d": "FOG", "c": "snow"}),
        ({}, {"x": "new", "a": "too"}),
        (stored, {}),
        (stored, dict(reversed(stored.items()))),
    ):
        new = sorted(set(now) - set(old))
        other = sorted(key for key in set(now) & set(old) if now[key] != old[key])
        gone, same = sorted(set(old) - set(now)), sorted(key for key in set(now) & set(old) if now[key] == old[key])
        embed, keys = sorted(new + other), sorted(now)
        before = dict(old), dict(now)
        got = answer(*before)
        if before != (old, now):
            raise Wrong("Your function changed the dictionaries that it was given; leave them as they are.")
        if isinstance(got, (tuple, list)) and len(got) == 2:
            got = tuple(list(part) if not isinstance(part, (str, Mapping)) else part for part in got)
            if all(isinstance(part, list) for part in got) and got != (embed, gone):
                if tuple(sorted(part, key=str) for part in got) == (embed, gone):
                    raise Wrong(f"For stored = {old} and now = {now}, these are the right ids; sort them.")
        mistakes = [
            ((new, gone), "A text that has changed needs a new vector, too."),
            ((other, gone), "An id that is new has no vector yet; embed it."),
            ((keys, gone), "What is stored with the same text need not be embedded again."),
            ((embed, []), "Look for ids that are stored and no longer there."),
            ((gone, embed), "The first list is what to embed, the second what to delete."),
            ((embed, sorted(gone + other)), "A text that has changed is replaced; its id is not deleted."),
            ((embed, sorted(gone + same)), "What has not changed stays."),
        ]
        mistakes = [(wrong, told) for wrong, told in mistakes if wrong != (embed, gone)]
        expect(got, (embed, gone), given=f"stored = {old} and now = {now}", mistakes=mistakes)


EXERCISES = {
    "12.1": Exercise(
        _padding,
        hints=(
            "Sort, cut into batches, and count what the model reads: each batch is a table.",
            "A batch reads (number of its texts) × (its longest) tokens. Padding is what is read and is not a real token.",
            "lengths = sorted(lengths, reverse=True); read = sum(len(b) * max(b) for b in batches); "
            "return 1 - sum(lengths) / read",
        ),
        why="Sorting costs nothing and changes no vector; for texts of mixed length it saves half of the work or more.",
    ),
    "12.2": Exercise(
        _rescored,
        hints=(
            "Two steps, as in 08: the bits choose candidates, the vectors put them in order.",
            'quantize_embeddings(vectors, "ubinary") packs eight numbers into a byte; faiss.IndexBinaryFlat(number of bits) '
            "searches them. The query is a row, so quantise query[None].",
            "near = index.search(bits of the query, top_k * factor)[1][0]; "
            "return near[np.argsort(-(vectors[near] @ query))[:top_k]]",
        ),
        why="The bits stay in memory; of the vectors only a few dozen are read for a query, and all may lie on disk.",
    ),
    "12.3": Exercise(
        _within,
        hints=(
            "The index can pass over what is not allowed while it searches; it needs a selector for that.",
            "faiss.IDSelectorBatch(allowed) says which positions count; faiss.SearchParameters(sel=...) hands it to search.",
            "found = index.search(query[None], k, params=faiss.SearchParameters(sel=faiss.IDSelectorBatch(allowed)))[1][0]; "
            "return [int(at) for at in found if at >= 0]",
        ),
        why="A filter after the search loses hits: the ten nearest may all be of another kind.",
    ),
    "12.4": Exercise(
        _to_do,
        hints=(
            "Three kinds of ids need something done: new ones, changed ones, and those that are gone.",
            "stored.get(key) != text is true for a new id and for a changed text alike.",
            "return sorted(key for key, text in now.items() if stored.get(key) != text), sorted(set(stored) - set(now))",
        ),
        why="Vectors cost the most, so a nightly run embeds what has changed, and nothing else.",
    ),
}
