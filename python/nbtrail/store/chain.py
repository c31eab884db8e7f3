"""The registry's history: who changed what of which model, when and why, each entry sealed.

An entry's hash is over its content and the hash before it, so that one that is changed, taken out
or put in between breaks the chain there. Triggers of the table refuse all of that beforehand.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from nbtrail.entities import ModelChange

REASON_LIMIT = 10_000  # characters
_COLUMNS = "id, at, who, action, name, version, key, before, after, reason, previous"

TABLES = """
create table model_change (
    id integer primary key,
    at integer not null,
    who text not null,
    action text not null,
    name text not null,
    version integer,
    key text,
    before text,
    after text,
    reason text,
    previous text not null,
    hash text not null
);
create index model_change_by_name on model_change (name, id);

-- What a search asks of versions, read off their directories when they were registered.
alter table model_version add column flavor text;
alter table model_version add column algorithm text;
alter table model_version add column columns text;
alter table model_version add column size integer;
-- Numbers of deleted versions do not come back as another's.
alter table registered_model add column last_version integer not null default 0;
update registered_model set last_version = coalesce(
    (select max(version) from model_version where model_version.name = registered_model.name), 0);
"""


_REFUSE = "begin select raise(abort, 'the history of the registry is append-only'); end"
# `insert or replace` fires no trigger of deletions: what is not the next one is refused.
_NEXT = (
    "new.id is not (select coalesce(max(id), 0) + 1 from model_change) or new.previous is not "
    "coalesce((select hash from model_change order by id desc limit 1), '')"
)
TRIGGERS = {
    "model_change_keeps_what_it_has": "before update on model_change",
    "model_change_forgets_nothing": "before delete on model_change",
    "model_change_follows": f"before insert on model_change when {_NEXT}",
}


def guard(connection: sqlite3.Connection) -> None:
    """Have the database refuse whatever changes the history, where it does not do so yet."""
    for name, when in TRIGGERS.items():
        connection.execute(f"create trigger if not exists {name} {when} {_REFUSE}")


@dataclass(frozen=True)
class By:
    """Who makes a change, by default this process's user, and why."""

    reason: str | None = None
    who: str | None = None


NOBODY = By()


def append(
    connection: sqlite3.Connection,
    by: By,
    action: str,
    name: str,
    version: int | None = None,
    *,
    key: str | None = None,
    before: Any = None,
    after: Any = None,
) -> None:
    """Note a change of a model, in the transaction that makes it; the values are JSON's.

    Raises:
        InvalidValue: the reason is too long.
    """
    from nbtrail.store import audit, keys  # these need the database, which needs the schema

    if by.reason is not None:
        keys.check_text(by.reason, REASON_LIMIT, "reason of a change")
    last = connection.execute("select id, hash from model_change order by id desc limit 1")
    number, previous = last.fetchone() or (0, "")
    at = int(time.time() * 1000)
    content = (
        *(number + 1, at, by.who or audit.user(), action, name, version, key),
        *(_to_json(before), _to_json(after), by.reason or None, previous),
    )
    marks = ", ".join("?" * (len(content) + 1))
    connection.execute(
        f"insert into model_change ({_COLUMNS}, hash) values ({marks})", (*content, seal(content))
    )


def seal(content: tuple[object, ...]) -> str:
    """Return the hash of an entry: its columns in order, the last of which is the one before."""
    return hashlib.sha256(json.dumps(content, separators=(",", ":")).encode()).hexdigest()


def begin(connection: sqlite3.Connection) -> None:
    """Begin the history of what was registered before there was one."""
    by = By("registered before the history was kept")
    models = connection.execute("select name, description from registered_model order by name")
    for name, description in models.fetchall():
        append(connection, by, "begin", name, after={"description": description})
    versions = connection.execute(
        "select name, version, source, stage from model_version order by name, version"
    )
    for name, version, source, stage in versions.fetchall():
        append(connection, by, "begin", name, version, after={"source": source, "stage": stage})
    aliases = connection.execute("select name, version, alias from model_alias order by 1, 3")
    for name, version, alias in aliases.fetchall():
        append(connection, by, "begin", name, version, key=alias, after=str(version))


def of(
    connection: sqlite3.Connection,
    name: str,
    version: str | None = None,
    limit: int = 1000,
    before: int | None = None,
) -> list[ModelChange]:
    """Return the latest changes of a model, newest first, also under the names it had before.

    Args:
        connection: to the store.
        name: of a model that there is or was.
        version: only what was done to this one.
        limit: how many at most.
        before: only what came before the change of this id.
    """
    names = " or ".join(["(name = ? and id <= ?)"] * len(known := _names(connection, name)))
    values: list[object] = [value for pair in known for value in pair]
    clause = f"({names}) and (? is null or version = ?) and (? is null or id < ?)"
    rows = connection.execute(
        f"select {_COLUMNS}, hash from model_change where {clause} order by id desc limit ?",
        (*values, version, version, before, before, limit),
    )
    return [_change(row) for row in rows]


def _names(connection: sqlite3.Connection, name: str) -> list[tuple[str, int]]:
    """Return the names that a model had, each with the last entry that is its under it."""
    found = [(name, 2**62)]
    while len(found) < 50:
        renamed = connection.execute(
            "select before, id from model_change where name = ? and action = 'rename' and id <= ? "
            "order by id desc limit 1",
            found[-1],
        ).fetchone()
        if renamed is None:
            break
        found.append((json.loads(renamed[0]), renamed[1] - 1))
    return found


def breaks(connection: sqlite3.Connection) -> Iterator[str]:
    """Yield where the chain is broken, in words; only the first place, as the rest follows."""
    previous, number = "", 0
    for row in connection.execute(f"select {_COLUMNS}, hash from model_change order by id"):
        *content, sealed = row
        if content[0] != number + 1:
            yield f"entries {number + 1} to {content[0] - 1} are missing"
            return
        number = content[0]
        if content[-1] != previous:
            yield f"entry {number} does not follow the one before it, which was changed or replaced"
            return
        if seal(tuple(content)) != sealed:
            yield f"entry {number} ({content[3]} of '{content[4]:.80}') was changed afterwards"
            return
        previous = sealed


def _change(row: sqlite3.Row) -> ModelChange:
    number, at, who, action, name, version, key, before, after, reason, _, sealed = row
    shown = None if version is None else str(version)
    was, now = (None if text is None else json.loads(text) for text in (before, after))
    return ModelChange(number, at, who, action, name, shown, key, was, now, reason, sealed)


def _to_json(value: Any) -> str | None:
    return None if value is None else json.dumps(value)
