"""Requests that come together are computed together: one queue, and one worker thread that owns the models.

A model reads 32 texts in one pass in far less time than in 32 passes. A service gets its texts one by one, from many
callers. So they wait in a queue for a few milliseconds, the worker takes up to `size` of them, and each caller gets
its own answers. While the worker computes, the next batch gathers by itself.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from itertools import groupby

Compute = Callable[[list], Sequence]  # n inputs in, n answers out, in the same order


class Refused(Exception):
    """The work is not taken on; the message says why."""


class Job:
    """What one request wants computed: its inputs, and the answers as they come."""

    def __init__(self, kind: str, inputs: Sequence) -> None:
        self.kind, self.inputs, self.came = kind, list(inputs), time.monotonic()
        self.answers: list = [None] * len(self.inputs)
        self.taken = self.answered = 0
        self.future: Future = Future()

    def answer(self, at: int, answer: object) -> None:
        self.answers[at] = answer
        self.answered += 1
        if self.answered == len(self.inputs):
            with suppress(InvalidStateError):  # whoever asked has stopped waiting
                self.future.set_result(self.answers)

    def fail(self, error: Exception) -> None:
        with suppress(InvalidStateError):
            self.future.set_exception(error)


class Batcher:
    """A queue and its worker thread.

    Args:
        load: runs first, in the worker thread; returns what computes each kind of work.
        size: inputs computed together at most; 1 means no batching.
        wait: seconds that an input waits for company at most, while the worker is idle.
        room: inputs that may wait at most.
        saw: is told the kind and the number of inputs of each batch.
        failed: is told the error if `load` fails.
    """

    def __init__(
        self,
        load: Callable[[], Mapping[str, Compute]],
        *,
        size: int,
        wait: float,
        room: int,
        saw: Callable[[str, int], None] = lambda kind, number: None,
        failed: Callable[[Exception], None] = lambda error: None,
    ) -> None:
        self._load, self._size, self._wait, self._room, self._saw, self._failed = load, size, wait, room, saw, failed
        self._jobs: deque[Job] = deque()
        self._changed, self._closed = threading.Condition(), False
        self.waiting, self.ready = 0, False
        # A daemon: a model that is still loading does not keep the process from ending.
        self.thread = threading.Thread(target=self._work, name="models", daemon=True)

    def submit(self, kind: str, inputs: Sequence) -> Future:
        """Queue inputs, at least one; the future gives their answers, in the same order. To cancel it gives them up.

        Raises:
            Refused: if the models are not loaded yet, the queue is full, or the service is stopping.
        """
        job = Job(kind, inputs)
        with self._changed:
            if self._closed:
                raise Refused("the service is stopping")
            if not self.ready:
                raise Refused("the models are still loading")
            if self.waiting + len(job.inputs) > self._room:
                raise Refused(f"the queue is full: {self.waiting} inputs are waiting, and it holds {self._room}")
            self._jobs.append(job)
            self.waiting += len(job.inputs)
            self._changed.notify()
        return job.future

    def close(self, seconds: float) -> None:
        """Take on nothing new, and wait so long at most for what is queued."""
        with self._changed:
            loading, self._closed, self.ready = not self.ready, True, False
            self._changed.notify()
        if not loading:
            self.thread.join(seconds)

    def _work(self) -> None:
        try:
            computes = self._load()
        except Exception as error:
            self._failed(error)
            return
        with self._changed:
            self.ready = not self._closed
        while (batch := self._next()) is not None:
            for kind, items in groupby(sorted(batch, key=lambda item: item[0].kind), key=lambda item: item[0].kind):
                self._compute(computes[kind], list(items))

    def _next(self) -> list[tuple[Job, int]] | None:
        """The next batch, as jobs and positions of their inputs; None once the queue is closed and empty."""
        with self._changed:
            self._changed.wait_for(lambda: self._jobs or self._closed)
            if not self._jobs:
                return None
            patience = self._jobs[0].came + self._wait - time.monotonic()  # below 0 if it waited while others were read
            self._changed.wait_for(lambda: self.waiting >= self._size or self._closed, timeout=max(0.0, patience))
            batch: list[tuple[Job, int]] = []
            while self._jobs and len(batch) < self._size:
                job = self._jobs.popleft()
                if job.future.done():  # given up, or failed by an earlier input
                    self.waiting -= len(job.inputs) - job.taken
                    continue
                batch.append((job, job.taken))
                job.taken += 1
                self.waiting -= 1
                if job.taken < len(job.inputs):
                    self._jobs.append(job)  # to the end: a request of 64 texts gives way to the small ones behind it
            return batch

    def _compute(self, compute: Compute, items: list[tuple[Job, int]]) -> None:
        self._saw(items[0][0].kind, len(items))
        try:
            answers = list(zip(items, compute([job.inputs[at] for job, at in items]), strict=True))
        except Exception as error:
            if len(items) == 1:
                logging.exception("one input of %s failed", items[0][0].kind)
                return items[0][0].fail(error)
            for item in items:  # once more, each alone, so that only what is at fault fails
                self._compute(compute, [item])
            return None
        for (job, at), answer in answers:
            job.answer(at, answer)
