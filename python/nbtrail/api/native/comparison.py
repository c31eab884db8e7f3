"""What is different between two runs."""

from __future__ import annotations

import msgspec

from nbtrail.api.context import Context
from nbtrail.api.http import Request
from nbtrail.api.native.numbers import optional_number
from nbtrail.trail.diff import Change, TrailDiff, compare_runs


class DiffQuery(msgspec.Struct):
    """The ids of two runs."""

    a: str
    b: str


def diff(context: Context, request: Request) -> TrailDiff:
    """``GET diff``."""
    query = request.query_as(DiffQuery)
    store = context.existing_store()
    return diff_json(compare_runs(store, store.runs.get(query.a), store.runs.get(query.b)))


def diff_json(diff: TrailDiff) -> TrailDiff:
    """Return a comparison as it travels."""
    metrics = [Change(m.key, optional_number(m.a), optional_number(m.b)) for m in diff.metrics]
    return msgspec.structs.replace(diff, metrics=metrics)
