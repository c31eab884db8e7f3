"""What the registry's history says is registered, held against what is.

The history is gone through once, entry by entry, into the facts that it leaves: of each model a
dict by version (None: of the model itself), kind and key. The same facts are read off the tables.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from typing import Any, NamedTuple

from nbtrail.store.chain import By, append

THERE, BEGUN = "there", "begun"
_MAKES = {"create_model", "create_version", "copy", "restore"}
_NOT_TOLD = {"tag", "description", "run_id"}  # of what was registered before there was a history
_BY = By("found by doctor: it was changed around the history")


class Fact(NamedTuple):
    """What is said of a model, or of one of its versions: `key` is the tag's or the alias's."""

    version: int | None
    kind: str
    key: str = ""


Facts = dict[Fact, Any]


class Difference(NamedTuple):
    """A fact that the history tells otherwise than the tables; None where one has none."""

    name: str
    fact: Fact
    told: Any
    found: Any


def differences(connection: sqlite3.Connection) -> Iterator[Difference]:
    """Yield what was changed around the history; of what is not there, only that."""
    told, found = _told(connection), _found(connection)
    for name in sorted(told.keys() | found.keys()):
        here, there = told.get(name, {}), found.get(name, {})
        lacking = {one.version for one in here.keys() ^ there.keys() if one.kind == THERE}
        for fact in sorted(here.keys() | there.keys(), key=str):
            is_told = here.get(fact) == there.get(fact) or fact.kind == BEGUN
            unknown = fact.kind in _NOT_TOLD and fact not in here
            if is_told or (unknown and Fact(fact.version, BEGUN) in here):
                continue
            if fact.kind == THERE or not lacking & {fact.version, None}:
                yield Difference(name, fact, here.get(fact), there.get(fact))


def note(connection: sqlite3.Connection, one: Difference) -> None:
    """Have the history tell what is there now, and that it was found so."""
    version = one.fact.version
    found = [(one.fact, one.told, one.found)]
    if one.fact.kind == THERE and one.found:
        everything = _found(connection)[one.name]
        found = [(fact, None, value) for fact, value in everything.items() if fact[0] == version]
    for fact, before, after in found:
        key = f"{fact.kind}:{fact.key}"
        append(connection, _BY, "found", one.name, version, key=key, before=before, after=after)


def _told(connection: sqlite3.Connection) -> dict[str, Facts]:
    state: dict[str, Facts] = {}
    rows = connection.execute(
        "select action, name, version, key, before, after from model_change order by id"
    )
    for action, name, version, key, before, after in rows:
        was, now = (None if text is None else json.loads(text) for text in (before, after))
        if action == "rename":
            state[name] = state.pop(str(was), {})
        elif action == "delete_model":
            state.pop(name, None)
        else:
            _apply(state.setdefault(name, {}), action, version, key, now)
    return state


def _apply(facts: Facts, action: str, version: int | None, key: str | None, after: Any) -> None:
    """Take in one entry."""
    key = key or ""
    if action in _MAKES or (action == "begin" and not key):
        _add(facts, version, after or {}, begun=action == "begin")
    elif action == "delete_version":
        _forget(facts, version)
    elif action in {"alias", "unalias", "begin"}:
        _put(facts, Fact(None, "alias", key), after)
    elif action == "found":
        kind, _, rest = key.partition(":")
        _put(facts, Fact(version, kind, rest), after)
    else:
        kind = {"describe": "description", "untag": "tag"}.get(action, action)
        _put(facts, Fact(version, kind, key), after)


def _add(facts: Facts, version: int | None, after: dict[str, Any], *, begun: bool) -> None:
    facts[Fact(version, THERE)] = True
    if begun:
        facts[Fact(version, BEGUN)] = True
    start: dict[str, Any] = {} if begun else {"description": ""}
    if version is not None:
        start |= {"stage": "None"} | ({} if begun else {"run_id": None})
    for kind, value in (start | after).items():
        if kind == "tags":
            facts.update({Fact(version, "tag", key): one for key, one in value.items()})
        else:
            facts[Fact(version, kind)] = value


def _forget(facts: Facts, version: int | None) -> None:
    """Take out a version with what names it; None stands for all of the model."""
    for fact, value in list(facts.items()):
        names_it = fact.kind == "alias" and value == str(version)
        if version is None or fact.version == version or names_it:
            del facts[fact]


def _put(facts: Facts, fact: Fact, value: Any) -> None:
    if value is None and fact.kind == THERE:
        _forget(facts, fact.version)
    elif value is None:
        facts.pop(fact, None)
    else:
        facts[fact] = value


_ROWS = """
select name, null, 'there', '', 1 from registered_model
union all select name, null, 'description', '', description from registered_model
union all select name, null, 'tag', key, value from registered_model_tag
union all select name, null, 'alias', alias, cast(version as text) from model_alias
union all select name, version, 'there', '', 1 from model_version
union all select name, version, 'source', '', source from model_version
union all select name, version, 'run_id', '', run from model_version
union all select name, version, 'description', '', description from model_version
union all select name, version, 'stage', '', stage from model_version
union all select name, version, 'tag', key, value from model_version_tag
"""


def _found(connection: sqlite3.Connection) -> dict[str, Facts]:
    state: dict[str, Facts] = {}
    for name, version, kind, key, value in connection.execute(_ROWS):
        state.setdefault(name, {})[Fact(version, kind, key)] = True if kind == THERE else value
    return state
