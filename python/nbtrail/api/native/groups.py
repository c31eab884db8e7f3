"""Metrics over groups of runs, and which params they go with."""

from __future__ import annotations

import math
from typing import Annotated, Any

import msgspec

from nbtrail.api.context import Context
from nbtrail.api.http import Request
from nbtrail.api.native.numbers import Number, numbers
from nbtrail.entities import GroupStatistics
from nbtrail.errors import InvalidValue, did_you_mean
from nbtrail.store import Store, importance
from nbtrail.store.importance import FEWEST_RUNS, ParamImportance
from nbtrail.store.search import Question

MOST_GROUPS = 100
MOST_RUNS = 5000
"""Of which importance is told: a larger sample says nothing else."""


class GroupsQuery(msgspec.Struct, forbid_unknown_fields=True):
    """A metric of which runs, grouped by what; see `History.statistics`."""

    run_ids: Annotated[list[str], msgspec.Meta(max_length=10_000)]
    key: str
    group_by: str | None = None
    x: str = "step"
    points: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 500


class GroupJson(msgspec.Struct):
    """One group in columns of equal length, one entry a bucket; see `GroupStatistics`."""

    group: str | None
    run_ids: list[str]
    x: list[Number]
    runs: list[int]
    count: list[int]
    mean: list[Number]
    std: list[Number]
    low: list[Number]
    high: list[Number]


class Groups(msgspec.Struct):
    """All groups, in the order of their values; those without one last."""

    groups: list[GroupJson]


class ImportanceQuery(msgspec.Struct, forbid_unknown_fields=True):
    """The metric, and of which runs."""

    metric: str
    experiment_ids: list[str] | None = None
    filter: str = ""


class Importance(msgspec.Struct):
    """How much each param matters for a metric, the most first; or why that is not told."""

    metric: str
    n: int
    params: list[ParamImportance]
    refused: str | None


def groups(context: Context, request: Request) -> Groups:
    """``POST groups``: a read, sent by POST because it names many runs."""
    query = request.body_as(GroupsQuery)
    store = context.store()
    if store is None:
        return Groups([])
    members = _members(store, query)
    # Statistics are asked for by names, which a group without a value has not.
    numbered = {str(place): runs for place, runs in enumerate(members.values())}
    found = store.history.statistics(numbered, query.key, query.points, query.x)
    told = zip(members.items(), found, strict=True)
    return Groups([_json(value, runs, one) for (value, runs), one in told])


def _members(store: Store, query: GroupsQuery) -> dict[str | None, list[str]]:
    """Return the runs of each group, in the order of the values.

    Raises:
        InvalidValue: there are too many.
    """
    values = store.tables.values_of(query.run_ids, query.group_by or "attributes.run_id")
    if query.group_by is None:
        return {None: list(values)} if values else {}
    found: dict[str | None, list[str]] = {}
    for run_id, value in values.items():
        found.setdefault(None if value is None else str(value), []).append(run_id)
    if len(found) > MOST_GROUPS:
        raise InvalidValue(
            f"'{query.group_by:.80}' has {len(found)} values in these runs, too many for groups: "
            f"group by something with at most {MOST_GROUPS}."
        )
    return dict(sorted(found.items(), key=lambda group: _order(group[0])))


def _order(value: str | None) -> tuple[int, float, str]:
    """Return what a value is sorted by: numbers, then other texts, then nothing."""
    if value is None:
        return 2, 0.0, ""
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    return (1, 0.0, value) if math.isnan(number) else (0, number, value)


def _json(value: str | None, run_ids: list[str], found: GroupStatistics) -> GroupJson:
    return GroupJson(
        group=value,
        run_ids=run_ids,
        x=numbers(found.x),
        runs=found.runs,
        count=found.count,
        mean=numbers(found.mean),
        std=numbers(found.std),
        low=numbers(found.low),
        high=numbers(found.high),
    )


def param_importance(context: Context, request: Request) -> Importance:
    """``POST importance``."""
    query = request.body_as(ImportanceQuery)
    store = context.store()
    if store is None:
        return Importance(query.metric, 0, [], _refusal([]))
    question = Question("run", query.filter, experiment_ids=query.experiment_ids)
    has = store.tables.keys(question)
    keys = [one.key for one in has.params]
    wanted = [f"metrics.{query.metric}", *(f"params.{key}" for key in keys)]
    results, *params = store.tables.values(question, wanted, MOST_RUNS)
    known = [place for place, one in enumerate(results) if _is_number(one)]
    metric = [float(results[place]) for place in known]
    if refused := _refusal(metric):
        close = did_you_mean(query.metric, (one.key for one in has.metrics)) if not metric else ""
        return Importance(query.metric, len(metric), [], refused + close)
    found = [
        importance.importance_of(key, [values[place] for place in known], metric)
        for key, values in zip(keys, params, strict=True)
    ]
    found = [one for one in found if one.n >= FEWEST_RUNS]
    found.sort(key=lambda one: (-one.importance, one.key))
    return Importance(query.metric, len(metric), found, None)


def _is_number(value: Any) -> bool:
    return value is not None and not math.isnan(value)


def _refusal(metric: list[float]) -> str | None:
    if len(metric) < FEWEST_RUNS:
        return (
            f"{len(metric)} runs have a value of this metric: with fewer than {FEWEST_RUNS}, "
            "chance would decide."
        )
    if min(metric) == max(metric):
        return "The metric has the same value in all of these runs."
    return None
