"""What may be typed next in a filter: keys, operators and values; and what is wrong with it."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import msgspec

from nbtrail.errors import InvalidValue
from nbtrail.store import bulk
from nbtrail.store.search import names, pages
from nbtrail.store.search.cursor import Place, kind_of, place
from nbtrail.store.search.grammar import Key
from nbtrail.store.search.subjects import DATASET_COLUMNS, PREFIXES, RUN, is_seconds, is_time

MatchKind = Literal[
    "prefix", "metric", "param", "tag", "attribute", "dataset", "operator", "word", "value"
]
MOST_MATCHES = 100
MOST_ROWS = 20_000  # that are looked through for values
NEWEST = 20  # runs whose keys are offered first
_PLAIN = re.compile(r"(?!(?:OR|AND|NOT|IN|IS|NULL)(?![\w.\/-]))\w[\w.\/-]*", re.IGNORECASE)
_CHARACTER = re.compile(r"\bcharacter (\d+)")
_PREFIX_OF = {kind: prefix for prefix, kind in PREFIXES.items()}
_COMPARING = ("=", "!=", "<", "<=", ">", ">=")
_LIKING = ("LIKE", "ILIKE")
_ALWAYS = ("IN (", "NOT IN (", "IS NULL", "IS NOT NULL")
_TIMES = ("-1h", "-1d", "-7d", "-30d", "now", "today", "yesterday")


class Match(msgspec.Struct, frozen=True):
    """One completion: the text that replaces what is between `start` and `end`."""

    text: str
    kind: MatchKind


class Mistake(msgspec.Struct, frozen=True):
    """What the grammar says against a filter; `position` counts characters from 0."""

    message: str
    position: int


class Completion(msgspec.Struct, frozen=True):
    """All completions at one place of a filter, and what is wrong with the filter so far."""

    matches: list[Match]
    start: int
    end: int
    error: Mistake | None


def complete(
    connection: sqlite3.Connection, text: str, position: int, question: pages.Question
) -> Completion:
    """Return what may stand at a place in a filter, what is most like it first.

    Args:
        connection: in a transaction.
        text: the filter so far.
        position: of the cursor, in characters.
        question: whose runs' keys come first; its filter is not looked at.
    """
    where = place(text, position)
    sources = {
        "key": _keys,
        "operator": _operators,
        "value": _values,
        "null": _null,
        "link": _links,
    }
    found = sources[where.wanted](connection, where, question)
    matches = list(_first(found, MOST_MATCHES))
    return Completion(matches, where.start, where.end, _mistake(connection, text))


def _first(found: Iterable[Match], most: int) -> Iterator[Match]:
    seen: set[Match] = set()
    for match in found:
        if match not in seen:
            seen.add(match)
            yield match
        if len(seen) == most:
            return


def _mistake(connection: sqlite3.Connection, text: str) -> Mistake | None:
    """Return what is wrong with a filter; each message says at which character."""
    try:
        pages.matches(connection, pages.Question("run", text), lenient=True)
    except InvalidValue as error:
        found = _CHARACTER.search(str(error))
        return Mistake(str(error), int(found[1]) - 1 if found else len(text))
    return None


def _keys(
    connection: sqlite3.Connection, where: Place, question: pages.Question
) -> Iterator[Match]:
    kind, prefix, typed = kind_of(where.text)
    if kind is None:
        yield from _words(PREFIXES, "prefix", typed, ".")
        yield from _words(RUN.attributes, "attribute", typed)
        yield from _words(["NOT "], "word", typed)
    elif kind == "attribute":
        yield from (Match(prefix + name, "attribute") for name in _ranked(RUN.attributes, typed))
    elif kind == "dataset":
        yield from (Match(prefix + name, "dataset") for name in _ranked(DATASET_COLUMNS, typed))
    if kind is None and not typed:
        return
    for one in ("metric", "param", "tag"):
        if kind in {None, one}:
            known = names.known(connection, one)
            recent = _recent(connection, one, question)
            for name in _ranked(known, typed, recent):
                yield Match((prefix or _PREFIX_OF[one] + ".") + _quoted(name), one)


def _words(known: Iterable[str], kind: MatchKind, typed: str, end: str = "") -> Iterator[Match]:
    return (Match(word + end, kind) for word in known if word.lower().startswith(typed.lower()))


def _ranked(known: Iterable[str], typed: str, first: frozenset[str] = frozenset()) -> list[str]:
    """Return the names that have what was typed in them, those that begin with it first."""
    lower = typed.lower()
    found = [name for name in known if lower in name.lower()]
    return sorted(
        found, key=lambda name: (not name.lower().startswith(lower), name not in first, name)
    )


def _quoted(name: str) -> str:
    return name if _PLAIN.fullmatch(name) else f"`{name}`"


def _recent(connection: sqlite3.Connection, kind: str, question: pages.Question) -> frozenset[str]:
    """Return the keys of the newest runs that are meant."""
    ids, _ = pages.page(connection, question, NEWEST)
    return frozenset(row[0] for row in connection.execute(_RECENT[kind], (bulk.as_list(ids),)))


_HAVE = "run in (select value from json_each(?))"
_RECENT = {
    "metric": "select distinct metric.key from series join metric on metric.id = series.metric "
    f"where {_HAVE} and count > 0",
    "param": f"select distinct key from param where {_HAVE}",
    "tag": f"select distinct key from tag where {_HAVE}",
}


def _operators(
    _connection: sqlite3.Connection, where: Place, _question: pages.Question
) -> Iterator[Match]:
    key = where.key
    numeric = key is not None and (key.kind == "metric" or is_time(key) or is_seconds(key))
    offered = (*_COMPARING, *(() if numeric else _LIKING), *_ALWAYS)
    return _words(offered, "operator", where.text)


def _null(
    _connection: sqlite3.Connection, where: Place, _question: pages.Question
) -> Iterator[Match]:
    return _words(("NULL", "NOT NULL"), "word", where.text)


def _links(
    _connection: sqlite3.Connection, where: Place, _question: pages.Question
) -> Iterator[Match]:
    return _words(("AND ", "OR "), "word", where.text)


def _values(
    connection: sqlite3.Connection, where: Place, question: pages.Question
) -> Iterator[Match]:
    typed = where.text.strip("'\"(")
    if where.key is None or where.key.kind == "metric" or is_seconds(where.key):
        return iter(())
    if is_time(where.key):
        return _words(_TIMES, "value", typed)
    known = _known_values(connection, where.key, question)
    return (Match(_as_text(value), "value") for value in _ranked(known, typed))


def _as_text(value: str) -> str:
    quote = '"' if "'" in value else "'"
    return f"{quote}{value}{quote}"


def _known_values(
    connection: sqlite3.Connection, key: Key, question: pages.Question
) -> Sequence[str]:
    """Return the values of a key; those of so many runs as can be looked through at once."""
    column = RUN.attributes.get(key.name) if key.kind == "attribute" else None
    if column is not None and key.name in RUN.words:
        return RUN.words[key.name]
    every = pages.matches(connection, question)
    runs = f"from ({every.sql} limit {MOST_ROWS}) as found"
    if key.kind == "dataset" and key.name in DATASET_COLUMNS:
        query = (
            f"select distinct {DATASET_COLUMNS[key.name]} {runs} "
            "join input on input.run = found.id join dataset on dataset.id = input.dataset"
        )
        values: tuple[object, ...] = every.values
    elif key.kind in {"param", "tag"}:
        query = f"select distinct value {runs} join {key.kind} on run = found.id where key = ?"
        values = (*every.values, key.name)
    elif column is not None and "?" not in column:
        query = f"select distinct {column} {runs} join run on run.id = found.id"
        values = every.values
    else:
        return ()
    rows = connection.execute(f"{query} limit {names.MOST_KNOWN}", values)
    return [str(row[0]) for row in rows if row[0] is not None]
