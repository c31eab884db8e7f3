"""Runs as rows and columns: what the widget sorts and the saved notebook keeps."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from nbtrail.entities import Run
from nbtrail.trail.text import columns

MOST_COLUMNS = 10  # of metrics, and again of params
SYSTEM = "system/"
"""How metrics of the machine begin."""


class Cell(msgspec.Struct, frozen=True):
    """A text, and the number it is sorted by where it has one."""

    text: str
    number: float | None = None


class Column(msgspec.Struct, frozen=True):
    """A heading; `kind` is `run`, `metric` or `param`."""

    title: str
    kind: str = "run"


class Row(msgspec.Struct, frozen=True):
    """The cells of one run, one for each column."""

    run_id: str
    cells: list[Cell]


class Table(msgspec.Struct, frozen=True):
    """Columns, and rows in the order of the runs."""

    columns: list[Column]
    rows: list[Row]


def run_table(runs: Sequence[Run]) -> Table:
    """Lay out runs: what they are, then their commonest metrics and params."""
    metrics = [
        key
        for key in common_keys(run.data.metrics for run in runs)[:MOST_COLUMNS]
        if not key.startswith(SYSTEM)
    ]
    params = common_keys(run.data.params for run in runs)[:MOST_COLUMNS]
    columns = [
        Column("Run"),
        Column("Status"),
        Column("Started"),
        *(Column(key, "metric") for key in metrics),
        *(Column(key, "param") for key in params),
    ]
    return Table(columns, [Row(run.info.run_id, _cells(run, metrics, params)) for run in runs])


def common_keys(keys_of_runs: Iterable[Iterable[str]]) -> list[str]:
    """Return all keys, those of the most runs first; what the machine measures comes last."""
    counted = Counter(key for keys in keys_of_runs for key in keys)
    return sorted(counted, key=lambda key: (key.startswith(SYSTEM), -counted[key], key))


def run_label(run: Run) -> str:
    """Return a run's name, or the start of its id."""
    return run.info.run_name or run.info.run_id[:8]


def number_text(value: float) -> str:
    """Return a number in at most five significant digits."""
    return f"{value:.5g}"


def time_text(milliseconds: int) -> str:
    """Return a time to the second, as clocks show it here."""
    try:
        local = datetime.fromtimestamp(milliseconds / 1000).astimezone()
    except (ValueError, OverflowError, OSError):  # not a time that a calendar has
        return f"{milliseconds} ms"
    return local.strftime("%Y-%m-%d %H:%M:%S")


def duration_text(seconds: float | None) -> str:
    """Return a duration in ms or s; nothing for what has not ended."""
    if seconds is None:
        return ""
    return f"{seconds:.3g} s" if seconds >= 1 else f"{seconds * 1000:.3g} ms"


def table_text(table: Table) -> str:
    """Return the table for a terminal."""
    lines = [[column.title for column in table.columns]]
    lines += [[cell.text for cell in row.cells] for row in table.rows]
    return "\n".join(columns(lines))


def _cells(run: Run, metrics: list[str], params: list[str]) -> list[Cell]:
    info, values, settings = run.info, run.data.metrics, run.data.params
    return [
        Cell(run_label(run)),
        Cell(info.status),
        Cell(time_text(info.start_time), info.start_time),
        *(_metric_cell(values[key]) if key in values else Cell("") for key in metrics),
        *(_param_cell(settings[key]) if key in settings else Cell("") for key in params),
    ]


def _metric_cell(value: float) -> Cell:
    return Cell(number_text(value), value if math.isfinite(value) else None)


def _param_cell(value: str) -> Cell:
    try:
        number = float(value)
    except ValueError:
        return Cell(value)
    return Cell(value, number if math.isfinite(number) else None)
