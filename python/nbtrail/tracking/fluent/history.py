"""Histories of metrics, down-sampled in the store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Literal

from nbtrail.entities import GroupStatistics, SeriesPoints
from nbtrail.errors import InvalidValue
from nbtrail.store import Store
from nbtrail.tracking.where import place

if TYPE_CHECKING:
    import pandas as pd

_COLUMNS = ("x", "step", "timestamp", "value", "first", "low", "high", "count")
_GROUP_COLUMNS = ("x", "runs", "count", "mean", "std", "low", "high")


def history(
    run_ids: str | Sequence[str],
    keys: str | Sequence[str],
    points: int = 2000,
    x: str = "step",
    group_by: str | None = None,
    output_format: Literal["pandas", "list"] = "pandas",
) -> pd.DataFrame | list[SeriesPoints] | list[GroupStatistics]:
    """Return the histories of metrics, in buckets where they are longer than `points`.

    A row is a bucket of consecutive points: its last point (`step`, `timestamp`, `value`), its
    `first` value, the `low` and `high` ones, and the `count` of points. With `group_by` it is a
    stretch of the axis over all runs of a group: the number of `runs` and points in it, and
    their exact `mean`, `std`, `low` and `high`.

    Args:
        run_ids: one run or several.
        keys: one metric or several.
        points: most buckets of each history.
        x: the axis: ``step``, ``time`` (ms since the epoch), ``relative`` (seconds since the
            run's start), or another metric.
        group_by: such as ``params.lr`` or ``tags.team``: runs with the same value are a group.
        output_format: ``pandas``, or ``list`` for a record of columns for each history.

    Raises:
        InvalidValue: the number of points, the axis, `group_by` or the format is not acceptable.
        NotFound: `group_by` is given, and there is no such run.
    """
    if output_format not in {"pandas", "list"}:
        raise InvalidValue(f"output_format is 'pandas' or 'list', not {output_format!r:.40}.")
    store = place.store()
    store.drain()
    runs, metrics = _listed(run_ids), _listed(keys)
    if group_by is None:
        found = store.history.buckets(runs, metrics, points, x)
        return found if output_format == "list" else _frame(found, ("run_id", "key"), _COLUMNS)
    groups = _groups(store, runs, group_by)
    by_key = (store.history.statistics(groups, key, points, x) for key in metrics)
    statistics = list(chain.from_iterable(by_key))
    if output_format == "list":
        return statistics
    return _frame(statistics, ("group", "key"), _GROUP_COLUMNS)


def _listed(names: str | Sequence[str]) -> list[str]:
    return [names] if isinstance(names, str) else list(names)


def _groups(store: Store, run_ids: list[str], group_by: str) -> dict[str, list[str]]:
    """Return the runs by their value of a param or tag; those without one are left out."""
    kind, _, key = group_by.partition(".")
    if kind not in {"params", "tags"} or not key:
        raise InvalidValue(f"group_by is such as 'params.lr' or 'tags.team', not '{group_by:.80}'.")
    groups: dict[str, list[str]] = {}
    for run_id in run_ids:
        data = store.runs.get(run_id).data
        value = (data.params if kind == "params" else data.tags).get(key)
        if value is not None:
            groups.setdefault(value, []).append(run_id)
    return groups


def _frame(
    found: Sequence[SeriesPoints | GroupStatistics], names: Sequence[str], columns: Sequence[str]
) -> pd.DataFrame:
    """Put records of columns under each other, each row with the names of its record."""
    import pandas as pd

    def repeated(name: str) -> Iterator[str]:
        return chain.from_iterable([getattr(one, name)] * len(one.x) for one in found)

    def joined(column: str) -> Iterator[float]:
        return chain.from_iterable(getattr(one, column) for one in found)

    frame = {name: list(repeated(name)) for name in names}
    return pd.DataFrame(frame | {column: list(joined(column)) for column in columns})
