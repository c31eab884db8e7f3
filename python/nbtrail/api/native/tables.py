"""Runs in columns, what they have to choose from, and the search box."""

from __future__ import annotations

import math
from typing import Annotated, Any

import msgspec

from nbtrail.api.context import Context
from nbtrail.api.http import Request
from nbtrail.api.native.numbers import number
from nbtrail.api.native.views import VIEWS, View
from nbtrail.store.keys_of import Keys
from nbtrail.store.search import Question
from nbtrail.store.search.completion import Completion
from nbtrail.store.tables import RUN_COLUMNS, Table

MOST_COLUMNS = 200
_STAR = "true"


class TableQuery(msgspec.Struct, forbid_unknown_fields=True):
    """Which runs, and which columns; see `Tables.page`."""

    experiment_ids: list[str] | None = None
    filter: str = ""
    order_by: list[str] = []
    columns: Annotated[list[str], msgspec.Meta(max_length=MOST_COLUMNS)] = []
    limit: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 1000
    page_token: str | None = None
    view: View = "active"
    group_by: str | None = None


class KeysQuery(msgspec.Struct):
    """Of which runs; `experiment_id` may be repeated."""

    experiment_id: list[str] = []
    view: View = "active"


class CompletionQuery(msgspec.Struct):
    """The search box: its text, and where the cursor is."""

    text: str = ""
    position: Annotated[int, msgspec.Meta(ge=0)] | None = None
    experiment_id: list[str] = []


def table(context: Context, request: Request) -> Table:
    """``POST table``: a read, sent by POST because it may be long."""
    query = request.body_as(TableQuery)
    question = Question(
        "run", query.filter, query.order_by, VIEWS[query.view], query.experiment_ids
    )
    store = context.store()
    if store is None:
        runs: dict[str, list[Any]] = {name: [] for name in RUN_COLUMNS}
        return Table(0, None, runs, {name: [] for name in query.columns}, None)
    found = store.tables.page(
        question, query.columns, query.limit, query.page_token, query.group_by
    )
    runs = found.runs | {"star": [value == _STAR for value in found.runs["star"]]}
    columns = {name: _values(values) for name, values in found.columns.items()}
    return msgspec.structs.replace(found, runs=runs, columns=columns)


def keys(context: Context, request: Request) -> Keys:
    """``GET keys``."""
    query = request.query_as(KeysQuery)
    store = context.store()
    if store is None:
        return Keys(0, 0, [], [], [], truncated=False)
    return store.tables.keys(_question(query.experiment_id, query.view))


def complete(context: Context, request: Request) -> Completion:
    """``GET complete``."""
    query = request.query_as(CompletionQuery)
    store = context.store()
    if store is None:
        return Completion([], 0, 0, None)
    position = len(query.text) if query.position is None else min(query.position, len(query.text))
    return store.tables.complete(query.text, position, _question(query.experiment_id, "active"))


def _question(experiment_ids: list[str], view: View) -> Question:
    return Question("run", view=VIEWS[view], experiment_ids=experiment_ids or None)


def _values(values: list[Any]) -> list[Any]:
    """Return a column as it travels: `null` says that a run has none, and so NaN is a word."""
    if not any(isinstance(value, float) and not math.isfinite(value) for value in values):
        return values
    return [number(value) if isinstance(value, float) else value for value in values]
