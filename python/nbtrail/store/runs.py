"""Runs: their status, params and tags. Metric points are in metrics.py, executions in trails.py."""

from __future__ import annotations

import json
import re
import sqlite3
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from nbtrail.entities import (
    MetricSummary,
    Param,
    Run,
    RunData,
    RunInfo,
    RunKind,
    Status,
)
from nbtrail.errors import InvalidValue, NotFound, did_you_mean
from nbtrail.store import search
from nbtrail.store.database import Database
from nbtrail.store.keys import PARAM_LIMIT, TAG_LIMIT, check_key, check_text, row_id

MAX_RESULTS = 50_000
NAME_LIMIT = 500
_CONTROL = re.compile(r"[\0-\x1f\x7f-\x9f\u2028\u2029]")


class Runs:
    """The runs of one store. `owner` gives the journal whose lock tells that we are alive."""

    def __init__(self, database: Database, artifact_root: Path, owner: Callable[[], str]) -> None:
        self._database = database
        self._artifact_root = artifact_root
        self._owner = owner

    def create(
        self,
        experiment_id: str,
        name: str | None = None,
        kind: RunKind = "explicit",
        notebook: str | None = None,
        tags: dict[str, str] | None = None,
        user_id: str = "",
        start_time: int | None = None,
    ) -> Run:
        """Start a run owned by this process: should it die, the run becomes KILLED.

        Raises:
            NotFound: there is no such experiment.
            InvalidValue: the name is too long, or is not plain text.
        """
        run_id = uuid.uuid4().hex
        name = f"run-{run_id[:8]}" if name is None else _check_name(name)
        self._owner()  # the journal's row is there before anything refers to it
        with self._database.write() as connection:
            self._check_experiment(connection, experiment_id)
            connection.execute(
                "insert into run (uuid, experiment, name, kind, status, started, user, "
                "artifact_uri, notebook, journal) values (?, ?, ?, ?, 'RUNNING', ?, ?, ?, ?, ?)",
                (
                    run_id,
                    row_id(experiment_id),
                    name,
                    kind,
                    start_time or _now(),
                    user_id,
                    f"{experiment_id}/{run_id}/artifacts",
                    notebook,
                    self._owner(),
                ),
            )
            self.set_tags(run_id, tags or {})
        return self.get(run_id)

    @staticmethod
    def _check_experiment(connection: sqlite3.Connection, experiment_id: str) -> None:
        row = connection.execute(
            "select lifecycle_stage from experiment where id = ?", (row_id(experiment_id),)
        ).fetchone()
        if row is None:
            raise NotFound(f"There is no experiment with id '{experiment_id}'.")
        if row["lifecycle_stage"] != "active":
            raise InvalidValue(
                f"The experiment with id '{experiment_id}' is deleted; restore it first."
            )

    def get(self, run_id: str) -> Run:
        """Return one run with its data.

        Raises:
            NotFound: there is none with that id.
        """
        with self._database.read() as connection:
            found = _load(connection, [self._row(connection, run_id)], self._artifact_root)
        return found[0]

    def _row(self, connection: sqlite3.Connection, run_id: str) -> sqlite3.Row:
        row: sqlite3.Row | None = connection.execute(
            "select * from run where uuid = ?", (run_id,)
        ).fetchone()
        if row is None:
            latest = connection.execute("select uuid from run order by id desc limit 1000")
            close = did_you_mean(str(run_id), (uuid for (uuid,) in latest))
            raise NotFound(f"There is no run '{run_id}' in this store.{close}")
        return row

    def end(
        self, run_id: str, status: Status, error: str | None = None, end_time: int | None = None
    ) -> None:
        """Give a run its final status; `end_time` is now when not given."""
        with self._database.write() as connection:
            row = self._row(connection, run_id)
            connection.execute(
                "update run set status = ?, ended = ?, error = ?, journal = null where id = ?",
                (status, end_time or _now(), error, row["id"]),
            )

    def reopen(self, run_id: str) -> None:
        """Make an ended run RUNNING again, owned by this process."""
        self._owner()
        with self._database.write() as connection:
            row = self._row(connection, run_id)
            connection.execute(
                "update run set status = 'RUNNING', ended = null, error = null, journal = ? "
                "where id = ?",
                (self._owner(), row["id"]),
            )

    def log_params(self, run_id: str, params: Iterable[Param]) -> None:
        """Record params in one transaction. Explicit ones are immutable and beat all others.

        Raises:
            InvalidValue: an explicit param had another explicit value, a bad key, a value
                that is too long; nothing of the batch is stored then.
        """
        with self._database.write() as connection:
            run = self._row(connection, run_id)["id"]
            for param in params:
                _write_param(connection, run, param)

    def replace_inferred(self, run_id: str, params: Iterable[Param]) -> None:
        """Make `params` the run's inferred and inherited params; all other origins stay."""
        with self._database.write() as connection:
            run = self._row(connection, run_id)["id"]
            connection.execute(
                "delete from param where run = ? and origin in ('inferred', 'inherited')", (run,)
            )
            for param in params:
                _write_param(connection, run, param)

    def set_tags(self, run_id: str, tags: dict[str, str]) -> None:
        """Set tags in one transaction; a key that is there gets the new value."""
        with self._database.write() as connection:
            run = self._row(connection, run_id)["id"]
            for key, value in tags.items():
                text = check_text(str(value), TAG_LIMIT, f"value of tag '{key}'")
                connection.execute(
                    "insert or replace into tag values (?, ?, ?)",
                    (run, check_key(key, "tag"), text),
                )

    def search(
        self,
        experiment_ids: Sequence[str] | None = None,
        filter_string: str = "",
        order_by: Sequence[str] = (),
        max_results: int = 1000,
        page_token: str | None = None,
    ) -> tuple[list[Run], str | None]:
        """Return a page of active runs and the token of the next page, or None.

        The newest come first unless `order_by` says otherwise (``metrics.acc DESC``). Filters
        are MLflow's, with OR, NOT and parentheses.

        Raises:
            InvalidValue: the filter, the order or the token is not understood.
        """
        if not 0 < max_results <= MAX_RESULTS:
            raise InvalidValue(f"max_results must be from 1 to {MAX_RESULTS}, not {max_results}.")
        query = search.compile_search(experiment_ids, filter_string, order_by)
        start = _read_token(page_token)
        with self._database.read() as connection:
            rows = connection.execute(
                f"{query.sql} limit ? offset ?", (*query.values, max_results + 1, start)
            ).fetchall()
            runs = _load(connection, rows[:max_results], self._artifact_root)
        more = len(rows) > max_results
        return runs, str(start + max_results) if more else None


def _check_name(name: object) -> str:
    if not isinstance(name, str) or not name.strip() or _CONTROL.search(name):
        raise InvalidValue(
            f"{name!r:.80} cannot name a run: give text on one line, without control characters."
        )
    return check_text(name, NAME_LIMIT, "name of the run")


def _now() -> int:
    return int(time.time() * 1000)


def _read_token(token: str | None) -> int:
    if not token:
        return 0
    if not token.isdecimal() or len(token) > 15:
        raise InvalidValue("This page token was not made by this store.")
    return int(token)


def _write_param(connection: sqlite3.Connection, run: int, param: Param) -> None:
    check_key(param.key, "param")
    check_text(param.value, PARAM_LIMIT, f"value of param '{param.key}'")
    old = connection.execute(
        "select value, origin from param where run = ? and key = ?", (run, param.key)
    ).fetchone()
    if old is not None and _RANK[old["origin"]] > _RANK[param.origin]:
        return
    if old is not None and old["origin"] == param.origin == "explicit":
        if old["value"] != param.value:
            raise InvalidValue(
                f"The param '{param.key}' is '{old['value']:.80}' already and cannot become "
                f"'{param.value:.80}': params are fixed within a run. Start another run, or "
                "log a metric if the value changes over time."
            )
        return
    connection.execute(
        "insert or replace into param values (?, ?, ?, ?, ?, ?)",
        (run, param.key, param.value, _to_json(param.typed), param.origin, param.execution),
    )


_RANK = {"autolog": 0, "inherited": 1, "inferred": 1, "injected": 2, "explicit": 3}


def _to_json(value: Any) -> str | None:
    try:
        return json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return None


def _load(
    connection: sqlite3.Connection, rows: Sequence[sqlite3.Row], artifact_root: Path
) -> list[Run]:
    """Complete runs with their params, metrics and tags: one query each, however many runs."""
    ids = json.dumps([row["id"] for row in rows])
    params, metrics = _params(connection, ids), _metrics(connection, ids)
    tags = _tags(connection, ids)
    return [
        Run(
            info=_info(row, artifact_root),
            data=RunData(
                metric_summaries=metrics.get(row["id"], []),
                param_records=params.get(row["id"], []),
                tags=tags.get(row["id"], {}),
            ),
        )
        for row in rows
    ]


def _info(row: sqlite3.Row, artifact_root: Path) -> RunInfo:
    return RunInfo(
        run_id=row["uuid"],
        experiment_id=str(row["experiment"]),
        user_id=row["user"],
        status=row["status"],
        start_time=row["started"],
        end_time=row["ended"],
        lifecycle_stage=row["lifecycle_stage"],
        artifact_uri=str(artifact_root / row["artifact_uri"]),
        run_name=row["name"],
        kind=row["kind"],
        notebook=row["notebook"],
        error=row["error"],
    )


def _tags(connection: sqlite3.Connection, ids: str) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = {}
    for row in connection.execute(
        "select * from tag where run in (select value from json_each(?)) order by run, key",
        (ids,),
    ):
        found.setdefault(row["run"], {})[row["key"]] = row["value"]
    return found


def _params(connection: sqlite3.Connection, ids: str) -> dict[int, list[Param]]:
    found: dict[int, list[Param]] = {}
    for row in connection.execute(
        "select * from param where run in (select value from json_each(?)) order by run, key",
        (ids,),
    ):
        typed = None if row["typed"] is None else msgspec.json.decode(row["typed"])
        param = Param(row["key"], row["value"], typed, row["origin"], row["execution"])
        found.setdefault(row["run"], []).append(param)
    return found


def _metrics(connection: sqlite3.Connection, ids: str) -> dict[int, list[MetricSummary]]:
    found: dict[int, list[MetricSummary]] = {}
    for row in connection.execute(
        "select series.*, metric.key, execution.cell_id from series "
        "join metric on metric.id = series.metric "
        "left join execution on execution.id = series.last_execution "
        "where run in (select value from json_each(?)) and count > 0 order by run, key",
        (ids,),
    ):
        summary = MetricSummary(
            key=row["key"],
            value=float("nan") if row["last"] is None else row["last"],
            timestamp=row["last_ts"],
            step=row["last_step"],
            count=row["count"],
            min=row["min"],
            max=row["max"],
            execution=row["last_execution"],
            cell_id=row["cell_id"],
        )
        found.setdefault(row["run"], []).append(summary)
    return found
