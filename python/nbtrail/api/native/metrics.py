"""The histories of metrics, down-sampled in the store."""

from __future__ import annotations

from typing import Annotated

import msgspec

from nbtrail.api.context import Context
from nbtrail.api.http import Request
from nbtrail.api.native.numbers import Number, numbers
from nbtrail.entities import SeriesPoints


class HistoryQuery(msgspec.Struct, forbid_unknown_fields=True):
    """Which metrics of which runs, in at most how many points each; see `History.buckets`."""

    run_ids: Annotated[list[str], msgspec.Meta(max_length=1000)]
    keys: Annotated[list[str], msgspec.Meta(max_length=1000)]
    points: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 500
    x: str = "step"
    first_step: Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)] | None = None
    last_step: Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)] | None = None
    first_x: float | None = None
    last_x: float | None = None


class SeriesJson(msgspec.Struct):
    """One metric's history in columns of equal length, one entry a bucket; see `SeriesPoints`."""

    run_id: str
    key: str
    total: int
    x: list[Number]
    step: list[int]
    timestamp: list[int]
    value: list[Number]
    first: list[Number]
    low: list[Number]
    high: list[Number]
    count: list[int]


class History(msgspec.Struct):
    """Every history that was asked for and exists."""

    series: list[SeriesJson]


def history(context: Context, request: Request) -> History:
    """``POST history``: a read, sent by POST because it names many runs."""
    query = request.body_as(HistoryQuery)
    store = context.store()
    if store is None:
        return History([])
    found = store.history.buckets(
        query.run_ids,
        query.keys,
        query.points,
        query.x,
        query.first_step,
        query.last_step,
        query.first_x,
        query.last_x,
    )
    return History([_json(series) for series in found])


def _json(series: SeriesPoints) -> SeriesJson:
    return SeriesJson(
        run_id=series.run_id,
        key=series.key,
        total=series.total,
        x=numbers(series.x),
        step=series.step,
        timestamp=series.timestamp,
        value=numbers(series.value),
        first=numbers(series.first),
        low=numbers(series.low),
        high=numbers(series.high),
        count=series.count,
    )
