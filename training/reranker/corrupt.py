"""Texts with something changed: traps, which no longer answer their query, and queries as people type them."""

from __future__ import annotations

import random
import re

from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

NUMBER = r"\d[\d,]*(?:\.\d+)?"


def change_number(text: str, traps: dict, rng: random.Random, only: set[str]) -> str | None:
    """The text with one of these numbers replaced by another of like size; None if it has none of them."""
    found = [m for m in re.finditer(rf"\b{NUMBER}\b", text) if m.group() in only]
    if not found:
        return None
    match = rng.choice(found)
    old = match.group().replace(",", "")
    whole = int(float(old))
    if len(old) == 4 and 1000 <= whole <= 2100:
        new = str(whole + rng.choice([-1, 1]) * rng.randint(1, traps["years"]))
    else:
        new = str(max(0, whole + rng.choice([-1, 1]) * rng.randint(1, max(2, int(whole * traps["number_share"])))))
    return None if new == old else text[: match.start()] + new + text[match.end() :]


def proper_names(text: str) -> list[str]:
    """Runs of capitalised words inside sentences, without those that are part of another."""
    names = list(dict.fromkeys(re.findall(r"(?<=[a-z,] )(?:[A-Z][\w'-]+(?: [A-Z][\w'-]+)*)", text)))
    return [n for n in names if not any(n != o and (n in o or o in n) for o in names)]


def exchange(text: str, a: str, b: str) -> str:
    """The text with `a` and `b` in each other's place."""
    return text.replace(a, "\0").replace(b, a).replace("\0", b)


def swap_names(text: str, rng: random.Random) -> str | None:
    """The text with two of its names swapped; None if it has not got two."""
    names = proper_names(text)
    return exchange(text, *rng.sample(names, 2)) if len(names) >= 2 else None


def negate(text: str, rng: random.Random) -> str | None:
    """The text with a verb denied, or with a denial taken out; None if no place for it is found."""
    if re.search(r"\b(not|never|no longer) ", text):
        return re.sub(r"\b(not|never|no longer) ", "", text, count=1)
    found = list(
        re.finditer(r"\b(is|was|are|were|can|could|will|would|did|does|has|have|had|may|must) (?!n[o']t)", text)
    )
    if not found:
        return None
    match = rng.choice(found)
    word = rng.choice(["not ", "never ", "no longer "]) if match.group(1) not in ("did", "does") else "not "
    return text[: match.end()] + word + text[match.end() :]


def misname(query: str, text: str, rng: random.Random) -> str | None:
    """The text with a name that the query speaks of swapped for another of its names; None if there is no such pair."""
    names = [name for name in proper_names(text) if name.split()[0] != text.split()[0]]
    asked = [name for name in names if name.lower() in query.lower()]
    others = [name for name in names if name not in asked]
    return exchange(text, rng.choice(asked), rng.choice(others)) if asked and others else None


def corrupt(query: str, passage: str, traps: dict, rng: random.Random, statement: bool) -> str | None:
    """A passage that no longer answers: a number or name of the query changed; for statements also any names or a denial."""
    shared = set(re.findall(NUMBER, query)) & set(re.findall(NUMBER, passage))
    ways = [lambda: change_number(passage, traps, rng, shared)] if shared else []
    if statement:
        ways += [lambda: swap_names(passage, rng), lambda: negate(passage, rng)]
    elif len(passage.split()) < traps["names_below"]:
        ways.append(lambda: misname(query, passage, rng))
    rng.shuffle(ways)
    return next((new for way in ways if (new := way()) and new != passage), None)


def as_typed(query: str, shares: dict[str, float], rng: random.Random) -> str:
    """The query as people type it: most as it is, some lower-cased, as keywords, or with a slip of the finger."""
    (way,) = rng.choices(list(shares), list(shares.values()))
    if way == "as_it_is":
        return query
    query = query.lower().rstrip("?. ")
    if way == "keywords":
        keywords = [word for word in re.findall(r"[\w'.,-]+", query) if word not in ENGLISH_STOP_WORDS]
        return " ".join(keywords) if len(keywords) >= 2 else query
    if way == "slip" and len(query) > 8:
        at = rng.randrange(1, len(query) - 2)
        return query[:at] + rng.choice([query[at + 1] + query[at], query[at] * 2, ""]) + query[at + 2 :]
    return query
