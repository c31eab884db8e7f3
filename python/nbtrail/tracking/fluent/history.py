"""Histories of metrics, down-sampled in the store."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, Literal

from nbtrail.entities import GroupStatistics, SeriesPoints
from nbtrail.errors import InvalidValue, NotFound, did_you_mean
from nbtrail.store import Store
from nbtrail.tracking.where import place

if TYPE_CHECKING:
    import pandas as pd

_CLOSE = 0.8  # of difflib's ratio: a search takes names for misspelt from there on, too
_COLUMNS = ("x", "step", "timestamp", "value", "first", "low", "high", "count")
_GROUP_COLUMNS = ("x", "runs", "count", "mean", "std", "low", "high")


def history(
    run_ids: Any,
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
        run_ids: one run or several: ids, runs, or the table that `search_runs` gives.
        keys: one metric or several.
        points: most buckets of each history.
        x: the axis: ``step``, ``time`` (ms since the epoch), ``relative`` (seconds since the
            run's start), or another metric.
        group_by: such as ``params.lr`` or ``tags.team``: runs with the same value are a group.
        output_format: ``pandas``, or ``list`` for a record of columns for each history.

    Raises:
        InvalidValue: the number of points, the axis, `group_by` or the format is not acceptable;
            or no run has the metric or the param, and another's name is close.
        NotFound: there is no such run.
    """
    if output_format not in {"pandas", "list"}:
        raise InvalidValue(f"output_format is 'pandas' or 'list', not {output_format!r:.40}.")
    store = place.store()
    store.drain()
    runs, metrics = _ids(run_ids), [keys] if isinstance(keys, str) else list(keys)
    _check_names(store, runs, metrics)
    if group_by is None:
        found = store.history.buckets(runs, metrics, points, x)
        return found if output_format == "list" else _frame(found, ("run_id", "key"), _COLUMNS)
    groups = _groups(store, runs, group_by)
    by_key = (store.history.statistics(groups, key, points, x) for key in metrics)
    statistics = list(chain.from_iterable(by_key))
    if output_format == "list":
        return statistics
    return _frame(statistics, ("group", "key"), _GROUP_COLUMNS)


def _ids(given: Any) -> list[str]:
    """Return the ids of one run or several, however they are given.

    Raises:
        InvalidValue: it is something else.
    """
    if hasattr(given, "columns"):
        given = given.get("run_id", [given])
    elif isinstance(given, str) or hasattr(given, "info"):
        given = [given]
    found = [getattr(getattr(one, "info", None), "run_id", one) for one in given]
    for one in found:
        if not isinstance(one, str):
            raise InvalidValue(
                "history takes ids of runs, runs, or the table that search_runs gives, not a "
                f"{type(one).__name__}."
            )
    return found


def _check_names(store: Store, run_ids: list[str], keys: list[str]) -> None:
    known = store.history.metrics_of(run_ids)
    if missing := next((one for one in run_ids if one not in known), None):
        raise NotFound(f"There is no run '{missing:.80}' in this store.")
    logged = set().union(*known.values())
    for key in keys:
        close = difflib.get_close_matches(key, logged, n=1, cutoff=_CLOSE)
        if key not in logged and close:
            raise InvalidValue(
                f"None of these runs has the metric '{key}'. Did you mean '{close[0]}'?"
            )


def _groups(store: Store, run_ids: list[str], group_by: str) -> dict[str, list[str]]:
    """Return the runs by their value of a param or tag; those without one are left out."""
    kind, _, key = group_by.partition(".")
    if kind not in {"params", "tags"} or not key:
        raise InvalidValue(f"group_by is such as 'params.lr' or 'tags.team', not '{group_by:.80}'.")
    groups: dict[str, list[str]] = {}
    known: set[str] = set()
    for run_id in run_ids:
        data = store.runs.get(run_id).data
        values = data.params if kind == "params" else data.tags
        known |= values.keys()
        if key in values:
            groups.setdefault(values[key], []).append(run_id)
    if run_ids and not groups:
        raise InvalidValue(
            f"None of these runs has the {kind[:-1]} '{key:.80}'.{did_you_mean(key, known)}"
        )
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
