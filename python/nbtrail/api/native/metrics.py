"""The histories of metrics, down-sampled in the store."""

from __future__ import annotations

from typing import Annotated

import msgspec

from nbtrail.api.context import Context
from nbtrail.api.http import Request
from nbtrail.api.native.numbers import Number, numbers
from nbtrail.entities import SeriesPoints


class HistoryQuery(msgspec.Struct, forbid_unknown_fields=True):
    """Which metrics of which runs, in at most how many points each."""

    run_ids: Annotated[list[str], msgspec.Meta(max_length=1000)]
    keys: Annotated[list[str], msgspec.Meta(max_length=1000)]
    points: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 500


class SeriesJson(msgspec.Struct):
    """One metric's history in columns of equal length."""

    run_id: str
    key: str
    total: int
    step: list[int]
    timestamp: list[int]
    value: list[Number]
    low: list[Number]
    high: list[Number]


class History(msgspec.Struct):
    """Every history that was asked for and exists."""

    series: list[SeriesJson]


def history(context: Context, request: Request) -> History:
    """``POST history``: a read, sent by POST because it names many runs."""
    query = request.body_as(HistoryQuery)
    store = context.store()
    if store is None:
        return History([])
    sampled = store.metrics.sample(query.run_ids, query.keys, query.points)
    return History([_json(series) for series in sampled])


def _json(series: SeriesPoints) -> SeriesJson:
    return SeriesJson(
        run_id=series.run_id,
        key=series.key,
        total=series.total,
        step=series.step,
        timestamp=series.timestamp,
        value=numbers(series.value),
        low=numbers(series.low),
        high=numbers(series.high),
    )
