"""The views that other programs may read: their names and columns are a promise (docs/views.md).

DuckDB runs the text of a SQLite view itself, and knows the types of its columns only then: so
they are written in what the two dialects share. Times are milliseconds since 1970 (UTC).
"""

from __future__ import annotations

import sqlite3

VIEWS = {
    "experiments_view": """
select
    cast(experiment.id as text) as experiment_id, experiment.name as name,
    experiment.lifecycle_stage as lifecycle_stage, experiment.created as creation_time,
    experiment.updated as last_update_time, experiment.artifact_location as artifact_location,
    count(run.id) as runs
from experiment
left join run on run.experiment = experiment.id and run.lifecycle_stage = 'active'
group by experiment.id, experiment.name, experiment.lifecycle_stage, experiment.created,
    experiment.updated, experiment.artifact_location
""",
    "runs_view": """
select
    run.uuid as run_id, cast(run.experiment as text) as experiment_id,
    experiment.name as experiment, run.name as name, run.status as status, run.kind as kind,
    run.lifecycle_stage as lifecycle_stage, run.started as start_time, run.ended as end_time,
    (run.ended - run.started) / 1000.0 as duration, run.user as user_id,
    run.artifact_uri as artifact_uri, run.notebook as notebook, run.error as error
from run join experiment on experiment.id = run.experiment
""",
    "params_view": """
select
    run.uuid as run_id, param.key as key, param.value as value, param.origin as origin,
    param.execution as execution_id
from param join run on run.id = param.run
""",
    "metrics_view": """
select
    run.uuid as run_id, metric.key as key, series.last as value, series.last_step as step,
    series.last_ts as timestamp, series.min as min, series.max as max, series.count as count,
    series.last_execution as execution_id
from series
join metric on metric.id = series.metric join run on run.id = series.run
where series.count > 0
""",
    "tags_view": """
select run.uuid as run_id, tag.key as key, tag.value as value
from tag join run on run.id = tag.run
""",
    "points_view": """
select
    run.uuid as run_id, metric.key as key, point.step as step, point.ts as timestamp,
    point.value as value, point.execution as execution_id
from point
join series on series.id = point.series
join metric on metric.id = series.metric join run on run.id = series.run
""",
    "executions_view": """
select
    execution.id as execution_id, run.uuid as run_id, run_execution.role as role,
    session.uuid as session_id, session.notebook as notebook, execution.ordinal as ordinal,
    execution.cell_id as cell_id, execution.execution_count as execution_count,
    execution.source as source, execution.started as start_time,
    execution.duration as duration, execution.status as status, execution.error as error
from execution
join session on session.id = execution.session
left join run_execution on run_execution.execution = execution.id
left join run on run.id = run_execution.run
""",
    "datasets_view": """
select
    dataset.id as dataset_id, dataset.name as name, dataset.digest as digest,
    dataset.source_type as source_type, dataset.source as source, dataset.schema as schema,
    dataset.profile as profile, run.uuid as run_id, input.context as context, input.tags as tags,
    input.execution as execution_id
from dataset
left join input on input.dataset = dataset.id
left join run on run.id = input.run
""",
    "files_view": """
select
    run.uuid as run_id, run_file.path as path, run_file.kept as kept, run_file.size as size,
    run_file.digest as digest, run_file.execution as execution_id
from run_file join run on run.id = run_file.run
""",
}


def drop(connection: sqlite3.Connection) -> None:
    """Take all views away: no table that they read can be altered else."""
    for name in VIEWS:
        connection.execute(f"drop view if exists {name}")


def create(connection: sqlite3.Connection) -> None:
    """Make all views anew, as this nbtrail knows them."""
    drop(connection)
    for name, query in VIEWS.items():
        connection.execute(_statement(name, query))


def wrong(connection: sqlite3.Connection) -> list[str]:
    """Return the names of the views that are missing, or that somebody has changed."""
    rows = connection.execute("select name, sql from sqlite_master where type = 'view'")
    present = {row["name"]: row["sql"] for row in rows}
    return [name for name, query in VIEWS.items() if present.get(name) != _statement(name, query)]


def _statement(name: str, query: str) -> str:
    return f"CREATE VIEW {name} as{query.rstrip()}"
