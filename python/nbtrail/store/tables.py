"""Runs as a table: one page of them in columns, with how many there are in all and in groups."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from nbtrail.errors import InvalidValue
from nbtrail.store import bulk, columns, search
from nbtrail.store.columns import Columns, Values
from nbtrail.store.database import Database
from nbtrail.store.keys_of import Keys, keys_of
from nbtrail.store.search.completion import Completion, complete
from nbtrail.store.search.fragments import Fragment, sorted_as
from nbtrail.store.search.grammar import Key
from nbtrail.store.search.subjects import RUN
from nbtrail.store.trails import REPRODUCTION

MOST_GROUPS = 1000
CACHE_KB = 16_000
PARENT, STAR, COLOR = "mlflow.parentRunId", "nbtrail.star", "nbtrail.color"
_TAGS = {"reproduction": REPRODUCTION, "parent": PARENT, "star": STAR, "color": COLOR}
_ATTRIBUTES = {
    "run_id": "run_id",
    "experiment_id": "experiment_id",
    "name": "run_name",
    "status": "status",
    "lifecycle_stage": "lifecycle_stage",
    "start": "start_time",
    "end": "end_time",
    "notebook": "notebook",
    "verdict": "trail.verdict",
}


RUN_COLUMNS = (*_ATTRIBUTES, *_TAGS)


class Group(msgspec.Struct, frozen=True):
    """The runs that have the same value; None stands for those that have none."""

    value: str | None
    runs: int


class Table(msgspec.Struct, frozen=True):
    """One page of runs: `runs` has what is known of each run, `columns` what was asked for.

    All columns are of equal length. `total` counts the runs of all pages.
    """

    total: int
    next_page_token: str | None
    runs: dict[str, Values]
    columns: dict[str, Values]
    groups: list[Group] | None


class Tables:
    """The runs of one store, as tables."""

    def __init__(self, database: Database, artifact_root: Path) -> None:
        self._database = database
        self._root = f"{artifact_root}/"

    def page(
        self,
        question: search.Question,
        asked: Sequence[str],
        limit: int = 1000,
        page_token: str | None = None,
        group_by: str | None = None,
    ) -> Table:
        """Return a page of runs.

        Args:
            question: which runs, in what order.
            asked: columns, as `columns.parse` understands them.
            limit: most rows.
            page_token: what the previous page gave, for the same question.
            group_by: a param, a tag or an attribute by whose values the rows come.

        Raises:
            InvalidValue: a column, the filter, the order or the token is not understood.
        """
        grouping = None if group_by is None else _grouping(group_by)
        if grouping is not None:
            order = [_as_term(grouping), *question.order_by]
            question = replace(question, order_by=order)
            asked = [*dict.fromkeys((str(group_by), *asked))]
        question = replace(question, root=self._root)
        keys = {text: columns.parse(text) for text in asked}
        with self._database.read() as connection:
            # Each column reads the same pages of the file: with SQLite's 2 MB again and again.
            connection.execute(f"pragma cache_size = -{CACHE_KB}")
            ids, token = search.page(connection, question, limit, page_token)
            found = Columns(connection, ids, self._root)
            every = search.matches(connection, question)
            return Table(
                _count(connection, every),
                token,
                _of_runs(found),
                {text: found.of(key) for text, key in keys.items()},
                None if grouping is None else self._groups(connection, every, grouping),
            )

    def keys(self, question: search.Question) -> Keys:
        """Return what the runs have that a question leaves: a choice of columns."""
        with self._database.read() as connection:
            return keys_of(connection, question)

    def complete(self, text: str, position: int, question: search.Question) -> Completion:
        """Return what may be typed next in a filter; see `completion.complete`."""
        with self._database.read() as connection:
            return complete(connection, text, position, question)

    def values(self, question: search.Question, asked: Sequence[str], limit: int) -> list[Values]:
        """Return columns of the runs that a question leaves, the first `limit` of them.

        Raises:
            InvalidValue: as `page` does.
        """
        keys = [columns.parse(text) for text in asked]
        with self._database.read() as connection:
            ids, _ = search.page(connection, replace(question, root=self._root), limit)
            found = Columns(connection, ids, self._root)
            return [found.of(key) for key in keys]

    def values_of(self, run_ids: Sequence[str], asked: str) -> dict[str, Any]:
        """Return the value of one column by run; a run that is not there is left out.

        Raises:
            InvalidValue: there is no such column.
        """
        key = columns.parse(asked)
        with self._database.read() as connection:
            rows = connection.execute(
                "select run.id, uuid from json_each(?) as wanted "
                "cross join run on run.uuid = wanted.value order by wanted.key",
                (bulk.as_list(list(dict.fromkeys(run_ids))),),
            ).fetchall()
            found = Columns(connection, [row[0] for row in rows], self._root).of(key)
        return dict(zip((row[1] for row in rows), found, strict=True))

    def _groups(self, connection: sqlite3.Connection, every: Fragment, key: Key) -> list[Group]:
        """Return how many runs each value has, in the order in which the rows come."""
        source = " from (" + every + ") as found join run on run.id = found.id"
        value = Fragment("owned.value")
        if key.kind == "attribute":
            column = RUN.attribute(key)
            value = Fragment(column, (self._root,) * column.count("?"))
        else:
            mine = Fragment(
                f" left join {key.kind} as owned on owned.run = run.id and owned.key = ?"
            )
            source = source + Fragment(mine.sql, (key.name,))
        query = (
            "select "
            + value
            + " as value, count(*)"
            + source
            + (f" group by 1 order by {sorted_as('value')} asc nulls last limit {MOST_GROUPS}")
        )
        rows = connection.execute(query.sql, query.values)
        return [Group(None if row[0] is None else str(row[0]), row[1]) for row in rows]


def _of_runs(found: Columns) -> dict[str, Values]:
    given = dict(zip(_ATTRIBUTES, found.attributes(list(_ATTRIBUTES.values())), strict=True))
    return given | {name: found.of(Key("tag", tag, 0)) for name, tag in _TAGS.items()}


def _count(connection: sqlite3.Connection, every: Fragment) -> int:
    query = "select count(*) from (" + every + ")"
    total: int = connection.execute(query.sql, query.values).fetchone()[0]
    return total


def _grouping(text: str) -> Key:
    key = columns.parse(text)
    if key.kind == "metric":
        raise InvalidValue(
            f"Runs cannot be grouped by '{text:.80}': nearly every run has another value of a "
            "metric. Group by a param, a tag or an attribute."
        )
    return key


def _as_term(key: Key) -> str:
    return f"{key.kind}s.{key.name}" if key.kind == "attribute" else f"{key.kind}s.`{key.name}`"
