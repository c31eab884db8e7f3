"""The views: stable, documented, and read by other programs."""

from __future__ import annotations

import math
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
import sqlite_utils
from duckdb_extensions import import_extension

from nbtrail.entities import Dataset, DatasetInput, InputTag, Metric, Param, RunFile
from nbtrail.store import Store
from nbtrail.store.views import VIEWS

DOCUMENT = (Path(__file__).parent.parent.parent / "docs" / "views.md").read_text()

EXPECTED: dict[str, list[tuple[Any, ...]]] = {
    "experiments_view": [("0", "Default", "active", 0), ("1", "wine", "active", 2)],
    "runs_view": [
        ("first", "wine", "1", "FINISHED", "active", 1000, 3500, 2.5),
        ("second", "wine", "1", "RUNNING", "active", 2000, None, None),
    ],
    "params_view": [("first", "lr", "0.1", "inferred")],
    "metrics_view": [
        ("first", "acc", 0.75, 2, 20, 0.5, math.inf, 4),
        ("first", "odd", None, 0, 5, None, None, 1),
    ],
    "tags_view": [("first", "team", "blue")],
    "points_view": [
        *[("first", "acc", 0, 10, 0.5), ("first", "acc", 1, 11, math.inf)],
        *[("first", "acc", 1, 12, None), ("first", "acc", 2, 20, 0.75)],
        ("first", "odd", 0, 5, None),
    ],
    "executions_view": [("first", "own", "wine.ipynb", 0, "a", "lr = 0.1", "running")],
    "datasets_view": [("first", "bottles", "1a", "a.csv", "train")],
    "files_view": [("first", "files/big.bin", 0, 9, "d", 1)],
}
COLUMNS = {
    "experiments_view": "experiment_id, name, lifecycle_stage, runs",
    "runs_view": "run_id, experiment, experiment_id, status, lifecycle_stage, start_time, "
    "end_time, duration",
    "params_view": "run_id, key, value, origin",
    "metrics_view": "run_id, key, value, step, timestamp, min, max, count",
    "tags_view": "run_id, key, value",
    "points_view": "run_id, key, step, timestamp, value",
    "executions_view": "run_id, role, notebook, ordinal, cell_id, source, status",
    "datasets_view": "run_id, name, digest, source, context",
    "files_view": "run_id, path, kept, size, digest, execution_id",
}


@pytest.fixture
def path(store: Store) -> Path:
    """Record something for each view, and return the database's path."""
    experiment = store.experiments.create("wine").experiment_id
    store.runs.create(experiment, "one", run_id="first", start_time=1000, tags={"team": "blue"})
    store.runs.create(experiment, "two", run_id="second", start_time=2000)
    points = [(0, 10, 0.5), (1, 11, math.inf), (1, 12, math.nan), (2, 20, 0.75)]
    store.metrics.log("first", [Metric("acc", v, ts, step) for step, ts, v in points])
    store.metrics.log("first", [Metric("odd", math.nan, 5, 0)])
    store.runs.log_params("first", [Param("lr", "0.1", 0.1, "inferred")])
    tags = [InputTag("mlflow.data.context", "train")]
    store.datasets.link("first", [DatasetInput(Dataset("bottles", "1a", "file", "a.csv"), tags)])
    session = store.trails.start_session(1, "wine.ipynb", "python3").session_id
    store.trails.attach("first", [store.trails.begin(session, 0, "a", "lr = 0.1", 1)], "own")
    store.files.note("first", [RunFile("files/big.bin", False, 9, "d", 1)])
    store.runs.end("first", "FINISHED", end_time=3500)
    return store.database_path


@pytest.fixture
def duck(path: Path, tmp_path: Path) -> Any:
    """Attach the store to DuckDB."""
    config = {"extension_directory": str(tmp_path / "duckdb")}
    with duckdb.connect(config=config) as connection:
        import_extension("sqlite_scanner", con=connection)
        connection.execute(f"attach '{path}' as trail (type sqlite, read_only)")
        yield connection


def query(view: str, prefix: str = "") -> str:
    hidden = "where key not like 'mlflow.%'" if view == "tags_view" else ""
    return f"select {COLUMNS[view]} from {prefix}{view} {hidden}"


def in_order(rows: Any) -> list[tuple[Any, ...]]:
    return sorted(map(tuple, rows), key=repr)


@pytest.mark.parametrize("view", VIEWS)
def test_sqlite_utils_reads_a_view(path: Path, view: str) -> None:
    database = sqlite_utils.Database(path)
    try:
        assert set(VIEWS) <= set(database.view_names())
        rows = [row.values() for row in database.query(query(view))]
    finally:
        database.close()
    assert in_order(rows) == in_order(EXPECTED[view])


def test_duckdb_reads_every_view_and_knows_the_types(duck: Any) -> None:
    for view in VIEWS:
        found = duck.execute(query(view, "trail.")).fetchall()
        assert in_order(found) == in_order(EXPECTED[view]), view
    types = dict(row[:2] for row in duck.execute("describe trail.runs_view").fetchall())
    assert (types["run_id"], types["start_time"], types["duration"]) == (
        *("VARCHAR", "BIGINT"),
        "DOUBLE",
    )
    types = dict(row[:2] for row in duck.execute("describe trail.points_view").fetchall())
    assert (types["step"], types["value"]) == ("BIGINT", "DOUBLE")


def test_pandas_reads_a_view(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        runs = pd.read_sql("select * from runs_view", connection)
    started = pd.to_datetime(runs.start_time, unit="ms", utc=True)
    assert list(started.dt.second) == [1, 2]


def test_the_views_of_an_older_nbtrail_are_replaced(store: Store) -> None:
    with closing(sqlite3.connect(store.database_path)) as connection:
        connection.execute("drop view runs_view")
        connection.execute("create view runs_view as select 1 as one")
        connection.commit()
    store.doctor.examine(repair=True)
    with closing(sqlite3.connect(store.database_path)) as connection:
        connection.execute("select run_id from runs_view")


def documented() -> dict[str, list[str]]:
    """Return the columns of each view in the document, in order."""
    found: dict[str, list[str]] = {}
    for section in re.split(r"^## ", DOCUMENT, flags=re.MULTILINE)[1:]:
        name = section.split()[0].strip("`")
        if name in VIEWS:
            found[name] = re.findall(r"^\| `(\w+)` \|", section, flags=re.MULTILINE)
    return found


def test_the_document_has_every_column(store: Store) -> None:
    with closing(sqlite3.connect(store.database_path)) as connection:
        actual = {
            view: [row[1] for row in connection.execute(f"pragma table_info({view})")]
            for view in VIEWS
        }
    assert documented() == actual
