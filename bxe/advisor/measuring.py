"""What is measured on this machine within the time: vectors of a sample, indexes, then one query after the other."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bxe.advisor.looks import SOME, Looks, broken, look
from bxe.advisor.serving import BM25, DENSE, KEPT, LINK, NEIGHBOURS, Clock, Server, Words
from bxe.retrieval import Run

if TYPE_CHECKING:
    import pandas as pd

WORDS, VECTORS = 0.15, 0.4  # shares of the time for BM25's index, and until the vectors of the sample are there
TOKENS = 0.6  # share of the time by which all texts must be read for late interaction, too; else it is left out
LARGE = 320 << 20  # bytes of vectors at which search is timed; beyond, its time is computed
STAND_INS = 24  # queries made of the texts themselves, where there are no questions; and to check both kinds of text
FIRST, PROBE = 2000, 500_000  # texts and characters, at most, that BM25 indexes to see how fast it is
MOST = 30_000  # characters of a text that a model is given: far more than it reads
DEPTHS = (10, 30)
SLOW, GLANCE = 1.5, 12  # times the limit; questions on which a cross-encoder that is so slow is measured all the same


@dataclass(frozen=True)
class Measured:
    """All that was measured; what the page says is computed from it.

    runs: by system, for the questions that were asked, what it returned of the sample; empty where no passage is known to
    be relevant, and for fewer questions where a cross-encoder is far too slow. wall, cpu: milliseconds, a row per query
    and a column per step. sizes: texts at which "search", "bm25" and "hnsw" were timed, and "late" if late interaction
    compared the queries with every text. rates: texts a second into the index of "dense", "late", "bm25", "hnsw". bytes:
    of a text in these. known_item: a row per query made of a text, and whether that text comes first. asked_broken: share
    of the questions whose words the tokenizer breaks up. waited: share of the queries' time in which no processor worked
    for them; 0 with a GPU, for which they do wait.
    """

    looks: Looks
    sample: int
    runs: dict[str, Run]
    wall: pd.DataFrame
    cpu: pd.DataFrame
    sizes: dict[str, int]
    rates: dict[str, float]
    bytes: dict[str, float]
    depths: tuple[int, ...]
    known_item: pd.DataFrame
    asked_broken: float
    waited: float
    seconds: float


class Time:
    """How much of the time has gone, shown as a bar on a terminal."""

    def __init__(self, seconds: float, bar) -> None:
        self.seconds, self.start, self.bar = seconds, time.perf_counter(), bar

    def gone(self) -> float:
        """Seconds since the start; the bar moves, too."""
        gone = time.perf_counter() - self.start
        self.bar.update(min(round(gone), self.bar.total) - self.bar.n)
        return gone

    def begin(self, what: str) -> None:
        """Say on the bar what is measured now."""
        self.bar.set_description(what)


@contextmanager
def timed(seconds: float) -> Iterator[Time]:
    """The time that measuring may take, in seconds."""
    import sys

    from tqdm import tqdm

    style = "{desc}: {bar:24} {n_fmt} of {total_fmt} s"
    with tqdm(total=max(1, round(seconds)), leave=False, bar_format=style, disable=not sys.stderr.isatty()) as bar:
        yield Time(seconds, bar)


def order_of(ids: Sequence, relevant: dict[object, set]) -> tuple[list[int], list]:
    """In which order texts go into the sample, and questions are asked.

    A text that is relevant to a question takes turns with one of the others drawn by chance, so that the first n are
    never only texts that are relevant to something.

    Args:
        ids: of all texts.
        relevant: by question, the ids of the texts that are relevant to it.

    Returns:
        Each position of `ids` once, and the questions.

    Example:
        >>> order_of(["a", "b", "c", "d"], {"q": {"c"}})[0][0]
        2
    """
    rng = np.random.default_rng(0)
    place = {name: at for at, name in enumerate(ids)}
    questions = [list(relevant)[at] for at in rng.permutation(len(relevant))]
    wanted = list(dict.fromkeys(place[name] for asked in questions for name in sorted(relevant[asked], key=place.get)))
    others = iter(np.setdiff1d(rng.permutation(len(ids)), wanted, assume_unique=True).tolist())
    order = []
    for at in wanted:
        order += [at, *([other] if (other := next(others, None)) is not None else [])]
    return [*order, *others], questions


def stand_in(text: str, rng: np.random.Generator) -> str:
    """A query made of a text: eight words in a row from a place drawn by chance, or what there is.

    Example:
        >>> stand_in("Green tea is poured.", np.random.default_rng(0))
        'Green tea is poured.'
    """
    words = [word[:30] for word in text[:MOST].split()]
    start = rng.integers(max(1, len(words) - 7))
    return " ".join(words[start : start + 8])


def measure(
    passages: dict, questions: dict, relevant: dict[object, set], *, latency_ms: float, seconds: float
) -> Measured:
    """Measure what the time allows.

    Args:
        passages, questions: texts by id.
        relevant: by question, the ids of its relevant passages, at least one; empty if none are known.
        latency_ms: re-ranking 30 candidates is measured if it may fit within it.
        seconds: for measuring; loading the models comes on top.
    """
    from bxe.models import load_bi_encoder, load_cross_encoder, load_multi_vector_encoder

    bi, late, cross = load_bi_encoder(), load_multi_vector_encoder(), load_cross_encoder()
    with timed(seconds) as spent:
        spent.begin("looking at the texts")
        texts = [text if len(text) <= MOST else text[:MOST] for text in passages.values()]
        looks = look(list(passages.values()), bi)
        order, asked = order_of(list(passages), relevant)
        rates: dict[str, float] = {}
        spent.begin("indexing words")
        words_large, rates["bm25"] = _words(list(passages.values()), WORDS * seconds)
        spent.begin("embedding texts")
        vectors, rates["dense"] = _vectors(bi, [texts[at] for at in order], spent)
        order = order[: len(vectors)]
        ids = list(passages)
        sample = [texts[at] for at in order]
        indexes = (vectors, _repeated(vectors, len(ids)), Words(sample), words_large)
        server = Server([ids[at] for at in order], sample, *indexes, bi, late, cross)
        tokens = len(ids) * looks.tokens * vectors.shape[1] * 4
        late_by = spent.gone() + len(ids) / rates["dense"]  # the same network reads them
        if len(sample) == len(ids) and late_by <= TOKENS * seconds and tokens <= KEPT:
            server.keep_all_tokens()
        return _ask(server, looks, questions, relevant, asked, rates, latency_ms, spent, len(ids))


def _words(texts: list[str], seconds: float) -> tuple[Words, float]:
    """BM25 over as many texts as the time allows, drawn by chance, and texts a second."""
    drawn = np.random.default_rng(0).permutation(len(texts))
    characters = np.cumsum([len(texts[at]) for at in drawn[:FIRST]])
    many = max(1, int((characters <= PROBE).sum()))
    while True:
        start = time.perf_counter()
        words = Words([texts[at] for at in drawn[:many]])
        took = time.perf_counter() - start
        seconds -= took
        more = min(len(texts), int(many * 0.7 * seconds / max(took, 1e-3)))  # 0.7: times are not that regular
        if more <= 1.5 * many and more < len(texts) or many == len(texts):
            return words, many / took
        many = more


def _vectors(bi, texts: list[str], spent: Time):
    """Vectors of length 1 of the first texts, as many as the time allows, as a tensor [n, d]; and texts a second."""
    import torch

    bi.encode_document(texts[:4], show_progress_bar=False)  # the first call is slower
    parts, done, took, piece = [], 0, 0.0, 16
    while done < len(texts) and (done < 16 or spent.gone() < (WORDS + VECTORS) * spent.seconds):
        start = time.perf_counter()
        parts.append(bi.encode_document(texts[done : done + piece], show_progress_bar=False))
        took += time.perf_counter() - start
        done += len(parts[-1])
        piece = int(np.clip(done / took * spent.seconds / 30, 16, 512))  # a thirtieth of the time
    vectors = torch.nn.functional.normalize(torch.as_tensor(np.concatenate(parts), dtype=torch.float32))
    return vectors, done / took


def _repeated(vectors, size: int):
    """The vectors repeated up to the size of the corpus, or what fits into LARGE: the time of a search is the same."""
    most = max(len(vectors), min(size, LARGE // (4 * vectors.shape[1])))
    return vectors if most == len(vectors) else vectors.repeat(-(-most // len(vectors)), 1)[:most]


def _hnsw(vectors):
    import faiss

    index = faiss.IndexHNSWFlat(vectors.shape[1], NEIGHBOURS, faiss.METRIC_INNER_PRODUCT)
    index.add(vectors.numpy())
    return index


def _ask(server: Server, looks, questions, relevant, asked, rates, latency_ms, spent: Time, size: int) -> Measured:
    """Warm up, choose what is worth measuring, then ask until the time is over."""
    import pandas as pd

    spent.begin("asking")
    there = set(server.ids)
    judged = [name for name in asked if relevant[name] <= there]
    # With questions, queries made of texts only serve to warm up, unless there are texts that the model hardly knows.
    made = _made(server, STAND_INS if not judged or looks.broken >= SOME else 2)
    warm = Clock()
    for clock in (Clock(), warm):  # the first calls are slower
        server.answer(made[0][1], DEPTHS[:1], clock)
    pair = warm.wall[f"cross {DEPTHS[0]}"] / min(DEPTHS[0], len(server.texts))
    near = warm.wall["encode"] + warm.wall["search"]
    depths = DEPTHS if near + pair * DEPTHS[1] <= latency_ms and len(server.texts) > DEPTHS[0] else DEPTHS[:1]
    slow = near + pair * DEPTHS[0] > SLOW * latency_ms
    if warm.wall["search"] * size / len(server.large) > warm.wall["encode"]:
        start = time.perf_counter()
        server.hnsw = _hnsw(server.vectors)
        rates["hnsw"] = len(server.vectors) / (time.perf_counter() - start)
        server.answer(made[0][1], (), Clock())
    known_item = pd.DataFrame([_finds(server, at, text) for at, text in made])
    texts = {name: questions[name] for name in judged or list(questions)[:STAND_INS]}
    clocks, runs = [], {}
    for name, text in (texts or dict(made)).items():
        if len(clocks) >= 2 and spent.gone() > spent.seconds:
            break
        clocks.append(Clock())
        answers = server.answer(text, depths, clocks[-1], cross=not slow or len(clocks) <= GLANCE)
        for system, found in answers.items():
            runs.setdefault(system, {})[name] = {server.ids[at]: score for at, score in found.items()}
    wall, cpu = (pd.DataFrame([vars(clock)[kind] for clock in clocks]) for kind in ("wall", "cpu"))
    waited = 1 - cpu.to_numpy(na_value=0.0).sum() / wall.to_numpy(na_value=0.0).sum()
    rates["late"] = len(server.tokens) / max(server.late_seconds, 1e-9)
    width = server.vectors.shape[1]
    return Measured(
        looks=looks,
        sample=len(server.texts),
        runs=runs if judged else {},
        wall=wall,
        cpu=cpu,
        sizes={"search": len(server.large), "bm25": server.words_large.size, "hnsw": len(server.vectors)}
        | ({"late": len(server.texts)} if server.all_tokens else {}),
        rates=rates,
        bytes={
            "bm25": server.words_large.bytes / server.words_large.size,
            "dense": 4.0 * width,
            "late": 4.0 * width * float(np.mean(server.tokens)),
            "hnsw": LINK * NEIGHBOURS,
        },
        depths=depths,
        known_item=known_item,
        asked_broken=float(np.mean(broken(list(questions.values()), server.bi.tokenizer))) if questions else 0.0,
        waited=max(0.0, float(waited)) if server.bi.device.type == "cpu" else 0.0,
        seconds=spent.gone(),
    )


def _made(server: Server, many: int) -> list[tuple[int, str]]:
    """Queries made of texts of the sample, by position; if the tokenizer breaks some texts up, of as many of these."""
    rng = np.random.default_rng(0)
    drawn = rng.permutation(len(server.texts))[:500].tolist()
    flags = dict(zip(drawn, broken([server.texts[at] for at in drawn], server.bi.tokenizer)))
    kinds = [[at for at in drawn if flags[at] is kind] for kind in (False, True)]
    chosen = [at for kind in kinds for at in kind[: many // sum(map(bool, kinds))]]
    return [(at, stand_in(server.texts[at], rng)) for at in chosen]


def _finds(server: Server, at: int, query: str) -> dict[str, bool]:
    """Whether a query made of a text has that text, or one that reads the same, first."""
    found = server.answer(query, (), Clock())
    first = {system: next(iter(found[system]), None) for system in (BM25, DENSE)}
    hit = {system: place is not None and server.texts[place] == server.texts[at] for system, place in first.items()}
    return {"broken": broken([server.texts[at]], server.bi.tokenizer)[0], **hit}
