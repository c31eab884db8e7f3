"""`nbtrail.compare`: runs side by side, as deltas to the first."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import TypeVar

from nbtrail.display.chart import Chart
from nbtrail.display.chosen import AnyRun, existing_store, runs_of
from nbtrail.display.drawing import sign
from nbtrail.display.figures import metric_figure, style
from nbtrail.display.plots import POINTS
from nbtrail.display.table import SYSTEM, common_keys, number_text, run_label, time_text
from nbtrail.entities import Run
from nbtrail.errors import InvalidValue
from nbtrail.store import Store
from nbtrail.trail.text import columns, safe

MOST_CURVES = 6
_NOTHING = "-"

T = TypeVar("T")
Rows = dict[str, list[str]]
"""A text for each run, by param or metric."""


class Comparison:
    """Params that differ, metrics with what they are more or less than the first run's, curves.

    Attributes:
        params: of which not all runs have the same value.
        same: how many params all runs have alike.
        metrics: all but those of the machine.
        chart: the curves of the metrics that have any; None if there is none.
    """

    def __init__(self, runs: Sequence[Run], chart: Chart | None) -> None:
        self._runs = runs
        params = _by_key([run.data.params for run in runs])
        self.params: Rows = {
            key: [_NOTHING if value is None else value for value in values]
            for key, values in params.items()
            if len(set(values)) > 1
        }
        self.same = len(params) - len(self.params)
        self.metrics: Rows = {
            key: [with_delta(value, values[0]) for value in values]
            for key, values in _by_key([run.data.metrics for run in runs]).items()
            if not key.startswith(SYSTEM)
        }
        self.chart = chart

    def _ipython_display_(self) -> None:
        """Show the tables and the chart as two outputs: each is kept without a kernel."""
        from IPython.display import display

        bundle = {"text/plain": repr(self), "text/html": self._repr_html_()}
        display(bundle, raw=True)  # type: ignore[no-untyped-call]
        if self.chart is not None:
            display(self.chart)  # type: ignore[no-untyped-call]

    def __repr__(self) -> str:
        names = [safe(run_label(run)) for run in self._runs]
        parts = [
            [(title, *names), *((safe(key), *map(safe, texts)) for key, texts in rows.items())]
            for title, rows in (("PARAM", self.params), ("METRIC", self.metrics))
        ]
        tables = ["\n".join(columns(part)) for part in parts if part[1:]]
        return "\n\n".join([*tables, self._alike()])

    def _repr_html_(self) -> str:
        heads = "".join(
            f"<th>{sign(*style(place)[:2])} {escape(run_label(run))}<br>"
            f"<small>{run.info.run_id[:8]} · {run.info.status}<br>"
            f"{time_text(run.info.start_time)}</small></th>"
            for place, run in enumerate(self._runs)
        )
        parts = (("Params that differ", self.params), ("Metrics", self.metrics))
        bodies = "".join(_section(title, rows, len(self._runs)) for title, rows in parts)
        table = f"<table><thead><tr><th></th>{heads}</tr></thead>{bodies}</table>"
        return f"{table}<p>{self._alike()}</p>"

    def _alike(self) -> str:
        if not self.params:
            return "The params are the same."
        return f"Other params, all the same: {self.same}."


def compare(*runs: AnyRun) -> Comparison:
    """Show runs side by side: params that differ, metrics with deltas to the first run, curves.

    Args:
        runs: at least two: runs, their ids, or how those begin.

    Raises:
        NotFound: there is no such run.
        InvalidValue: there are not two different ones.
    """
    store = existing_store()
    found = runs_of(store, runs)
    if len(found) < 2:
        raise InvalidValue("A comparison needs two different runs: nbtrail.compare(run_a, run_b).")
    return Comparison(found, _curves(store, found))


def with_delta(value: float | None, base: float | None) -> str:
    """Return a number and, in brackets, how much more or less than another it is.

    Args:
        value: the number, if there is one.
        base: that of the first run, if it has one.
    """
    if value is None:
        return _NOTHING
    if base is None or value == base or not math.isfinite(value - base):
        return number_text(value)
    arrow = "▲" if value > base else "▼"
    part = f", {(value - base) / abs(base):+.2%}" if base else ""
    return f"{number_text(value)} ({arrow} {value - base:+.4g}{part})"


def _curves(store: Store, runs: Sequence[Run]) -> Chart | None:
    curved = ([one.key for one in run.data.metric_summaries if one.count > 1] for run in runs)
    keys = [key for key in common_keys(curved) if not key.startswith(SYSTEM)][:MOST_CURVES]
    if not keys:
        return None
    series = store.history.buckets([run.info.run_id for run in runs], keys, POINTS)
    return metric_figure(keys, runs, series)


def _by_key(columns: Sequence[Mapping[str, T]]) -> dict[str, list[T | None]]:
    return {key: [column.get(key) for column in columns] for key in sorted(set().union(*columns))}


def _section(title: str, rows: Rows, runs: int) -> str:
    if not rows:
        return ""
    head = f"<tr><th style='text-align:left' colspan='{runs + 1}'>{title}</th></tr>"
    lines = (
        f"<tr><td style='text-align:left'>{escape(key)}</td>"
        + "".join(f"<td>{escape(words)}</td>" for words in texts)
        + "</tr>"
        for key, texts in rows.items()
    )
    return f"<tbody>{head}{''.join(lines)}</tbody>"
