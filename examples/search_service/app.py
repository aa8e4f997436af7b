"""A search service over HTTP: encode, search, rerank, health, metrics. Read this file first, then batching.py, engine.py.

    python app.py                               # on http://127.0.0.1:8000, with the course's passages
    SEARCH_PASSAGES=notes SEARCH_PORT=0 python app.py

What can be set, and what each limit answers, is in README.md.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import asynccontextmanager
from typing import Literal

try:
    import uvicorn
    from fastapi import FastAPI, HTTPException, Request
    from fastapi.exceptions import RequestValidationError
    from fastapi.responses import JSONResponse, Response
    from prometheus_client import CONTENT_TYPE_LATEST, Gauge, Histogram, generate_latest
    from pydantic import BaseModel, ConfigDict
    from starlette.exceptions import HTTPException as WebError
except ImportError as error:
    raise SystemExit(f'service: {error.name} is missing; pip install "bxe[scale]"')

from batching import Batcher, Refused
from engine import Engine, read_passages

from bxe import retrieval

try:
    from limits import SETTINGS, Gate, Text, Texts, TopK, told

    PASSAGES = read_passages(SETTINGS.passages)
except (ValueError, OSError) as error:
    raise SystemExit(f"service: {error}")

# ---------------------------------------------------------------- what a request holds


class Given(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)  # "5" is not 5, and a field that is misspelt is told


class Encode(Given):
    texts: Texts
    role: Literal["query", "passage"] = "passage"


class Search(Given):
    query: Text
    top_k: TopK = min(10, SETTINGS.top_k)
    rerank: bool | TopK = False  # how many of the first to read again; true means 10


class Rerank(Given):
    query: Text
    passages: Texts


# ---------------------------------------------------------------- the service

BATCH_SIZES = Histogram("search_batch_size", "Inputs computed together", ["kind"], buckets=[2**n for n in range(11)])
failure: list[Exception] = []


def load():
    return Engine(PASSAGES, SETTINGS.maxsim_weight).work()


def load_failed(error: Exception) -> None:
    failure.append(error)
    print(f"service: {error}", file=sys.stderr, flush=True)
    os.kill(os.getpid(), signal.SIGTERM)


batcher = Batcher(
    load,
    size=SETTINGS.batch,
    wait=SETTINGS.wait_ms / 1000,
    room=SETTINGS.queue,
    saw=lambda kind, number: BATCH_SIZES.labels(kind).observe(number),
    failed=load_failed,
)
Gauge("search_queue_depth", "Inputs that wait").set_function(lambda: batcher.waiting)


@asynccontextmanager
async def lifespan(app: FastAPI):
    batcher.thread.start()
    yield
    batcher.close(seconds=SETTINGS.seconds)


app = FastAPI(title="Search service", lifespan=lifespan, redirect_slashes=False)


async def computed(kind: str, inputs: list) -> list:
    """The answers to a request's inputs, once the worker has come to them."""
    try:
        return await asyncio.wrap_future(batcher.submit(kind, inputs))
    except Refused as refused:
        raise HTTPException(503, f"{refused}; try again", headers={"Retry-After": "1"})


@app.post("/encode")
async def encode(given: Encode) -> dict:
    """Texts as vectors."""
    vectors = await computed(given.role, given.texts)
    return {"embeddings": [[round(value, 7) for value in vector.tolist()] for vector in vectors]}


@app.post("/search")
async def search(given: Search) -> dict:
    """The passages nearest to a query, and if asked for, the first of them in the order of a second reading."""
    candidates = min(10, SETTINGS.top_k) if given.rerank is True else int(given.rerank)
    (cosines,) = await computed("search", [(given.query, max(given.top_k, candidates))])
    order, scores = list(cosines), {}
    if candidates and order:
        pairs = [(given.query, PASSAGES[passage]) for passage in order[:candidates]]
        scores = dict(zip(order, await computed("pair", pairs)))
        order = retrieval.ranking(retrieval.reorder({"q": cosines}, {"q": scores}, top_k=candidates), "q")
    return {
        "hits": [
            {"passage_id": passage, "cosine": cosines[passage], "score": scores.get(passage), "text": PASSAGES[passage]}
            for passage in order[: given.top_k]
        ]
    }


@app.post("/rerank")
async def rerank(given: Rerank) -> dict:
    """The caller's own passages, best first: `index` is the position among those that came in."""
    scores = await computed("pair", [(given.query, passage) for passage in given.passages])
    order = sorted(range(len(scores)), key=lambda at: -scores[at])
    return {"hits": [{"index": at, "score": scores[at]} for at in order]}


@app.get("/health")
async def health() -> JSONResponse:
    """200 once the models are loaded, 503 before; that anything comes back says the process lives."""
    return JSONResponse(
        {"alive": True, "ready": batcher.ready, "passages": len(PASSAGES)}, 200 if batcher.ready else 503
    )


@app.get("/metrics")
async def metrics() -> Response:
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


PATHS = {route.path: route.methods for route in app.routes if route.endpoint.__module__ == __name__}
app.add_middleware(Gate, paths=set(PATHS))

# ---------------------------------------------------------------- errors: one line of JSON each


@app.exception_handler(RequestValidationError)
async def not_expected(request: Request, error: RequestValidationError) -> JSONResponse:
    errors = error.errors()
    if errors[0]["type"] == "json_invalid":
        return JSONResponse({"error": f"the body is no JSON: {errors[0]['ctx']['error']}"}, 400)
    return JSONResponse({"error": told(errors)}, 422)


@app.exception_handler(WebError)
async def refused(request: Request, error: WebError) -> JSONResponse:
    why = error.detail
    if error.status_code == 400:  # FastAPI says no more than that it could not be parsed
        why = "the body is no JSON: it is not UTF-8, or nested too deeply, or holds a number of thousands of digits"
    if error.status_code in (404, 405):
        there = ", ".join(f"{'/'.join(methods)} {path}" for path, methods in PATHS.items())
        why = f"there is no {request.method} {request.url.path[:60]}; there are {there}"
    return JSONResponse({"error": why}, error.status_code, headers=error.headers)


@app.exception_handler(Exception)
async def failed(request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"error": f"the service failed ({type(error).__name__}); its log has more"}, 500)


# ---------------------------------------------------------------- from start to end


def main() -> None:
    """Serve until SIGTERM or Ctrl-C: then nothing new is taken on, what came in is answered, and the status is 0."""
    for end in (signal.SIGTERM, signal.SIGINT):
        signal.signal(end, lambda *_: None)  # uvicorn sends itself the signal again once it has stopped
    config = uvicorn.Config(app, SETTINGS.host, SETTINGS.port, log_level="warning", access_log=False)
    socket = config.bind_socket()
    socket.listen()  # who connects from here on is answered
    host = f"[{SETTINGS.host}]" if ":" in SETTINGS.host else SETTINGS.host
    print(f"search service: http://{host}:{socket.getsockname()[1]}", flush=True)
    uvicorn.Server(config).run(sockets=[socket])
    sys.stdout.flush()
    os._exit(1 if failure else 0)  # at once, even where a model is still loading


if __name__ == "__main__":
    main()
