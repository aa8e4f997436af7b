"""What a caller may send and how long it may take: settings, the types of a request's fields, errors in one line."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping
from typing import Annotated

from fastapi.responses import JSONResponse
from prometheus_client import Counter, Histogram
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from bxe.retrieval.texts import is_blank


class Settings(BaseModel):
    """Each is set in the environment by its name in capitals after SEARCH_, such as SEARCH_BATCH=8; see README.md."""

    model_config = ConfigDict(allow_inf_nan=False)
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=0, le=65535)
    passages: str = Field("course", min_length=1)
    batch: int = Field(32, ge=1, le=1024)
    wait_ms: float = Field(3, ge=0, le=1000)
    queue: int = Field(512, ge=1)
    seconds: float = Field(10, gt=0, le=3600)
    texts: int = Field(64, ge=1)
    characters: int = Field(5000, ge=1)
    body_bytes: int = Field(1_000_000, ge=1)
    top_k: int = Field(50, ge=1)
    maxsim_weight: float = Field(20, ge=0)


def settings_of(environment: Mapping[str, str]) -> Settings:
    """The settings that an environment holds.

    Raises:
        ValueError: if one is bad, or two do not fit.
    """
    names = {f"SEARCH_{name.upper()}": name for name in Settings.model_fields}
    try:
        settings = Settings(**{names[key]: environment[key] for key in names if key in environment})
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(
            f"SEARCH_{first['loc'][0].upper()} is {first['input']!r:.60}; {_small(first['msg'])}"
        ) from None
    most = max(settings.texts, settings.top_k)
    if settings.queue < most:
        raise ValueError(f"SEARCH_QUEUE is {settings.queue}; one request may have {most} inputs, so give at least that")
    return settings


def _small(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


SETTINGS = settings_of(os.environ)

# ---------------------------------------------------------------- the fields of a request


def _words(text: str) -> str:
    if "\0" in text:
        raise ValueError("it holds a NUL character; send text")
    if is_blank(text):
        raise ValueError("it is blank; send at least one word")
    return text


Text = Annotated[str, Field(max_length=SETTINGS.characters), AfterValidator(_words)]
Texts = Annotated[list[Text], Field(min_length=1, max_length=SETTINGS.texts)]
TopK = Annotated[int, Field(ge=1, le=SETTINGS.top_k)]

_OBJECT = "send a JSON object, with the header Content-Type: application/json"
_TOLD = {  # where pydantic's own words would not tell a caller what to do
    "extra_forbidden": "there is no such field",
    "model_attributes_type": _OBJECT,
    "string_unicode": "it holds half a character (a lone surrogate); send whole ones",
}


def told(errors: list[dict]) -> str:
    """What pydantic says of the first field that is wrong, in one line: which one, what was given, what is expected."""
    first, place = errors[0], _place(errors[0])
    if first["type"] == "missing":
        return f"{place} is missing" if place else f"the body is missing; {_OBJECT}"
    # A union, such as true, false or a number, has an error for each of its kinds.
    same = [error for error in errors if _place(error) == place]
    clauses = [_TOLD.get(error["type"]) or _small(error["msg"].removeprefix("Value error, ")) for error in same]
    expected = " or ".join([clauses[0], *(clause.removeprefix("input should be ") for clause in clauses[1:])])
    return f"{place or 'the body'} is {_short(first['input'])}; {expected}"


def _place(error: dict) -> str:
    """Such as texts[3]; what follows in a union names its kinds."""
    field, *at = error["loc"][1:] or [""]
    field = str(field)[:60]  # that of an unknown one may be long
    return f"{field}[{at[0]}]" if at and isinstance(at[0], int) else field


def _short(given: object) -> str:
    """At most 60 characters, and in ASCII, since half a character cannot be sent back."""
    try:
        shown = ascii(given)
    except (ValueError, RecursionError):  # a whole number of more than 4,300 digits; lists in lists in lists
        return "too large to be shown"
    return shown if len(shown) <= 60 else f"{shown[:40]}... ({len(shown):,} characters)"


# ---------------------------------------------------------------- the gate


REQUESTS = Counter("search_requests", "Requests answered", ["path", "status"])
SECONDS = Histogram("search_seconds", "From the first byte of a request to the last of its answer", ["path"])


class _TooLarge(Exception):
    pass


class _Gone(Exception):
    pass


class Gate:
    """Stands before the app: reads a body within its limits, stops what takes too long, counts and times each answer.

    (FastAPI has a max_body_size since its version 0.165, which needs Python 3.11.)
    """

    def __init__(self, app, *, paths: set[str]) -> None:
        self.app, self.paths = app, paths

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        started, status = time.perf_counter(), None

        async def noting(message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        async def refuse(code: int, why: str) -> None:
            if status is None:
                await JSONResponse({"error": why}, code)(scope, receive, noting)

        try:
            body = await asyncio.wait_for(_whole(receive), SETTINGS.seconds)
            await asyncio.wait_for(self.app(scope, _again(body, receive), noting), SETTINGS.seconds)
        except _TooLarge:
            await refuse(413, f"the body has more than {SETTINGS.body_bytes:,} bytes; send fewer or shorter texts")
        except asyncio.TimeoutError:
            await refuse(504, f"no answer within {SETTINGS.seconds:g} seconds; send less, or try again later")
        except _Gone:
            status = 499  # as nginx counts a caller that hung up
        finally:
            path = scope["path"] if scope["path"] in self.paths else "other"
            REQUESTS.labels(path, status or 500).inc()
            SECONDS.labels(path).observe(time.perf_counter() - started)


async def _whole(receive) -> bytes:
    body, more = bytearray(), True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _Gone
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > SETTINGS.body_bytes:
            raise _TooLarge
    return bytes(body)


def _again(body: bytes, receive):
    """A `receive` that gives the body that was read, and then what else comes."""
    left = [{"type": "http.request", "body": body}]

    async def receive_again():
        return left.pop() if left else await receive()

    return receive_again
