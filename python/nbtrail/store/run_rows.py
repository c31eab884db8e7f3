"""Rows to runs: a page of runs is complete after one query for each kind of data."""

from __future__ import annotations

import json
import math
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from operator import attrgetter
from pathlib import Path
from typing import Any

import msgspec

from nbtrail.entities import (
    Dataset,
    DatasetInput,
    InputTag,
    LoggedModelOutput,
    MetricSummary,
    Param,
    Run,
    RunData,
    RunInfo,
    RunInputs,
    RunOutputs,
)
from nbtrail.store import locations

INFO_COLUMNS = (
    "uuid, experiment, user, status, started, ended, lifecycle_stage, artifact_uri, name, kind, "
    "notebook, error"
)
_WANTED = "in (select value from json_each(?))"
_KEY = attrgetter("key")
_decode_params = msgspec.json.Decoder(
    tuple[list[str], list[str], list[Any], list[Any], list[Any]]
).decode
_decode_tags = msgspec.json.Decoder(dict[str, str]).decode


def load(connection: sqlite3.Connection, ids: Sequence[int], artifact_root: Path) -> list[Run]:
    """Return the runs of these rows, in this order; those that are gone are left out."""
    wanted, found = json.dumps(ids), infos(connection, ids, artifact_root)
    metrics, params = _metrics(connection, wanted), _params(connection, wanted)
    tags, inputs = _tags(connection, wanted), _inputs(connection, wanted)
    outputs = _outputs(connection, wanted)
    return [
        Run(
            found[run],
            RunData(tags=tags[run], metric_summaries=metrics[run], param_records=params[run]),
            RunInputs(inputs[run]) if run in inputs else RunInputs(),
            RunOutputs(outputs[run]) if run in outputs else RunOutputs(),
        )
        for run in ids
        if run in found
    ]


def infos(
    connection: sqlite3.Connection, ids: Sequence[int], artifact_root: Path
) -> dict[int, RunInfo]:
    """Return what the runs of these rows are, by row."""
    rows = _rows(connection, _INFOS, json.dumps(ids))
    return {row[0]: info(row[1:], artifact_root) for row in rows}


def info(columns: Sequence[Any], artifact_root: Path) -> RunInfo:
    """Return what a run is; `columns` are the `INFO_COLUMNS` of its row."""
    uuid, experiment, user, status, started, ended, stage, artifacts, *rest = columns
    place = locations.absolute(artifact_root, artifacts)
    return RunInfo(uuid, str(experiment), user, status, started, ended, stage, place, *rest)


_INFOS = f"select id, {INFO_COLUMNS} from run where id {_WANTED}"
_SERIES = (
    "select run, metric, last, last_ts, last_step, count, min, max, last_execution from series "
    f"where run {_WANTED} and count > 0"
)
_NAMES = f"select id, key from metric where id {_WANTED}"
_CELLS = f"select id, cell_id from execution where id {_WANTED}"
# One text a run, of a list for each field: half the time of one row a param.
_PARAMS = (
    "select run, '[' || json_group_array(key) || ',' || json_group_array(value) || "
    "',[' || group_concat(coalesce(typed, 'null')) || '],[\"' || group_concat(origin, '\",\"') || "
    f"'\"],[' || group_concat(coalesce(execution, 'null')) || ']]' from param where run {_WANTED} "
    "group by run"
)
_TAGS = f"select run, key, value from tag where run {_WANTED} order by run, key"
_INPUTS = (
    "select run, name, digest, source_type, source, schema, profile, tags, execution "
    f"from input join dataset on dataset.id = input.dataset where run {_WANTED} "
    "order by run, dataset.id, context"
)
_OUTPUTS = f"select run, id from logged_model where run {_WANTED} order by run, created, id"


def _rows(connection: sqlite3.Connection, query: str, wanted: str) -> Iterable[tuple[Any, ...]]:
    """Yield plain tuples: a page has thousands of rows, and named ones cost twice as much."""
    cursor = connection.cursor()
    cursor.row_factory = None
    return cursor.execute(query, (wanted,))


def _metrics(connection: sqlite3.Connection, wanted: str) -> dict[int, list[MetricSummary]]:
    rows = list(_rows(connection, _SERIES, wanted))
    names = _by_id(connection, _NAMES, {row[1] for row in rows})
    cells = _by_id(connection, _CELLS, {row[-1] for row in rows} - {None})
    found = defaultdict[int, list[MetricSummary]](list)
    for run, metric, last, ts, step, count, low, high, execution in rows:
        value = math.nan if last is None else last
        found[run].append(
            MetricSummary(
                names[metric], value, ts, step, count, low, high, execution, cells.get(execution)
            )
        )
    for summaries in found.values():
        summaries.sort(key=_KEY)
    return found


def _by_id(connection: sqlite3.Connection, query: str, ids: Iterable[int]) -> dict[int, str]:
    return dict(_rows(connection, query, json.dumps(list(ids))))


def _params(connection: sqlite3.Connection, wanted: str) -> dict[int, list[Param]]:
    found = defaultdict[int, list[Param]](list)
    for run, text in _rows(connection, _PARAMS, wanted):
        found[run] = sorted(map(Param, *_decode_params(text)), key=_KEY)
    return found


def _tags(connection: sqlite3.Connection, wanted: str) -> dict[int, dict[str, str]]:
    found = defaultdict[int, dict[str, str]](dict)
    for run, key, value in _rows(connection, _TAGS, wanted):
        found[run][key] = value
    return found


def _inputs(connection: sqlite3.Connection, wanted: str) -> dict[int, list[DatasetInput]]:
    found = defaultdict[int, list[DatasetInput]](list)
    for run, *columns, tags, execution in _rows(connection, _INPUTS, wanted):
        pairs = [InputTag(key, value) for key, value in _decode_tags(tags).items()]
        found[run].append(DatasetInput(Dataset(*columns), pairs, execution))
    return found


def _outputs(connection: sqlite3.Connection, wanted: str) -> dict[int, list[LoggedModelOutput]]:
    found = defaultdict[int, list[LoggedModelOutput]](list)
    for run, model in _rows(connection, _OUTPUTS, wanted):
        found[run].append(LoggedModelOutput(model))
    return found
