"""Deleting for good: which rows go, and which must not."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing

import pytest

from nbtrail.entities import (
    Dataset,
    DatasetInput,
    Document,
    DocumentCell,
    Finding,
    LoggedModel,
    Metric,
    Param,
    Verdict,
)
from nbtrail.errors import InvalidState, InvalidValue, NotFound
from nbtrail.store import Store, contexts
from nbtrail.store.contexts import Context

FUTURE = 2**60


def make_run(store: Store, experiment_id: str = "0", *, deleted: bool = True) -> str:
    """Record a run that has something in every table."""
    run_id = store.runs.create(experiment_id, "some", tags={"team": "blue"}).info.run_id
    store.metrics.log(run_id, [Metric("loss", 1.0, n, n) for n in range(40)])
    store.runs.log_params(run_id, [Param("lr", "0.1")])
    store.datasets.link(run_id, [DatasetInput(Dataset(f"of {run_id}", "1", "file", "a.csv"))])
    store.contexts.put(run_id, Context.of({"system": contexts.Document.of({"of": run_id})}))
    session = store.trails.start_session(1, None, None).session_id
    execution = store.trails.begin(session, 0, "a", "1", 1)
    store.trails.end(
        execution,
        "ok",
        execution_count=1,
        duration=0.1,
        error=None,
        outputs=[{"text": run_id}],
        reads={},
        writes=[],
        opaque=None,
    )
    store.trails.attach(run_id, [execution], "own")
    cells = [DocumentCell("a", "code", f"print({run_id!r})")]
    store.trails.put_document(run_id, Document("live", cells))
    store.trails.put_verdict(run_id, Verdict("unknown", [Finding("unknown", "why")], "live"))
    store.registry.log_model(
        LoggedModel(f"m-{run_id}", experiment_id, "model", f"/a/m-{run_id}/artifacts", 1, run_id)
    )
    if deleted:
        store.runs.delete(run_id)
    return run_id


def rows(store: Store) -> dict[str, int]:
    """Return how many rows each table has."""
    with closing(sqlite3.connect(store.database_path)) as connection:
        names = connection.execute(
            "select name from sqlite_master where type = 'table' and name not like 'sqlite%' "
            "and name not like '\\_%' escape '\\' and name not in ('audit', 'journal', 'metric')"
        ).fetchall()
        return {
            name: connection.execute(f"select count(*) from {name}").fetchone()[0]
            for (name,) in names
        }


def forget_all(store: Store) -> None:
    plan = store.gc.plan(FUTURE)
    for run in plan.runs:
        store.gc.forget_run(run.run_id)
    for experiment in plan.experiments:
        store.gc.forget_experiment(experiment.experiment_id)


def test_nothing_is_left_of_a_run(store: Store) -> None:
    before = rows(store)
    run_id = make_run(store)
    forget_all(store)
    store._writer.close()  # the session's process is gone
    store.gc.sweep(FUTURE)
    assert rows(store) == before
    (edit,) = [e for e in store.audit.of("run", run_id) if e.action == "gc"]
    assert edit.before == {"name": "some", "experiment": "0"}
    assert store.doctor.examine() == []


def test_what_other_runs_have_stays(store: Store) -> None:
    kept = make_run(store, deleted=False)
    before, data = rows(store), store.runs.get(kept)
    make_run(store)
    forget_all(store)
    store._writer.close()
    store.gc.sweep(FUTURE)
    assert rows(store) == before
    assert repr(store.runs.get(kept).data) == repr(data.data)


def test_an_experiment_goes_with_its_runs(store: Store) -> None:
    experiment_id = store.experiments.create("wine", tags={"project": "x"}).experiment_id
    make_run(store, experiment_id, deleted=False)
    store.experiments.delete(experiment_id)
    plan = store.gc.plan(FUTURE)
    assert [one.name for one in plan.experiments] == ["wine"]
    assert plan.experiments[0].folders == [str(store.artifact_root / experiment_id)]
    with pytest.raises(InvalidValue, match="has runs still"):
        store.gc.forget_experiment(experiment_id)
    forget_all(store)
    assert store.experiments.get_by_name("wine") is None
    store.experiments.create("wine")


def test_a_plan_names_all_folders_of_a_run(store: Store) -> None:
    run_id = make_run(store)
    (run,) = store.gc.plan(FUTURE).runs
    sweep = store.directory / "sweeps" / run_id
    assert run.folders == [str(store.artifact_root / "0" / run_id), f"/a/m-{run_id}", str(sweep)]


def test_only_what_was_deleted_long_enough_ago(store: Store) -> None:
    make_run(store)
    make_run(store, deleted=False)
    now = int(time.time() * 1000)
    assert store.gc.plan(now - 60_000).runs == []
    assert len(store.gc.plan(now + 60_000).runs) == 1


def test_only_what_is_named(store: Store) -> None:
    experiment_id = store.experiments.create("wine").experiment_id
    first, second = make_run(store), make_run(store)
    inside = make_run(store, experiment_id, deleted=False)
    store.experiments.delete(experiment_id)

    def planned(**wanted: list[str]) -> list[str]:
        return [run.run_id for run in store.gc.plan(FUTURE, **wanted).runs]

    assert planned() == [first, second, inside]
    assert planned(run_ids=[second]) == [second]
    assert planned(experiment_ids=[experiment_id]) == [inside]
    assert planned(run_ids=[]) == []
    assert store.gc.plan(FUTURE, run_ids=[second]).experiments == []


def test_a_run_whose_model_is_registered_is_kept(store: Store) -> None:
    experiment_id = store.experiments.create("wine").experiment_id
    run_id = make_run(store, experiment_id, deleted=False)
    store.registry.create_version("best", f"models:/m-{run_id}", run_id, f"m-{run_id}")
    store.experiments.delete(experiment_id)
    plan = store.gc.plan(FUTURE)
    assert (plan.runs, plan.experiments) == ([], [])
    assert plan.kept == [
        f"The run {run_id[:8]} (some) is kept: it made version 1 of the model 'best'."
    ]


@pytest.mark.parametrize(
    ("wanted", "error", "message"),
    [
        ({"run_ids": ["nobody"]}, NotFound, "no run 'nobody'"),
        ({"run_ids": ["RUN"]}, InvalidValue, "nbtrail runs delete"),
        ({"experiment_ids": ["0"]}, InvalidValue, "nbtrail experiments delete 0"),
        ({"experiment_ids": ["x"]}, NotFound, "no experiment"),
    ],
)
def test_what_is_not_deleted_is_refused(
    store: Store, wanted: dict[str, list[str]], error: type[Exception], message: str
) -> None:
    run_id = make_run(store, deleted=False)
    named = {key: [run_id if one == "RUN" else one for one in ids] for key, ids in wanted.items()}
    with pytest.raises(error, match=message):
        store.gc.plan(FUTURE, **named)


def test_a_run_that_was_restored_meanwhile_is_not_deleted(store: Store) -> None:
    run_id = make_run(store)
    plan = store.gc.plan(FUTURE)
    store.runs.restore(run_id)
    with pytest.raises(InvalidValue, match="is not deleted"):
        store.gc.forget_run(plan.runs[0].run_id)


def test_points_that_wait_never_become_another_runs(store: Store) -> None:
    """The id of a series is in the journal, and must not come back as another's."""
    run_id = make_run(store, deleted=False)
    series = store.metrics.series_id(run_id, "late")
    store.log_point(series, None, 0, 1, 1.0)
    store.runs.delete(run_id)
    store.gc.forget_run(run_id)
    store.log_point(series, None, 1, 1, 2.0)  # a process that does not know yet
    other = make_run(store, deleted=False)
    assert store.metrics.series_id(other, "new") > series
    store.drain()
    assert [m.key for m in store.runs.get(other).data.metric_summaries] == ["loss"]


def test_the_trail_of_a_living_session_is_kept(store: Store) -> None:
    session = store.trails.start_session(1, None, None).session_id
    store.trails.begin(session, 0, "a", "1", 1)
    assert store.gc.sweep(FUTURE).executions == 0
    store._writer.close()
    assert store.gc.sweep(0).executions == 0  # younger than that
    assert store.gc.sweep(FUTURE).executions == 1


def test_points_that_an_edit_took_away_go_when_they_are_old(store: Store) -> None:
    run_id = make_run(store, deleted=False)
    store.edits.delete_metric(run_id, "loss")
    store.gc.sweep(0)
    store.edits.undo(run_id)
    store.edits.delete_metric(run_id, "loss")
    assert store.gc.sweep(FUTURE).blobs == 1
    with pytest.raises(InvalidState, match="'nbtrail gc' has deleted them for good"):
        store.edits.undo(run_id)


def test_a_folder_that_nbtrail_did_not_make_is_left_alone(store: Store) -> None:
    run_id = make_run(store)
    with store._database.write() as connection:
        connection.execute("update run set artifact_uri = '/home/me/documents'")
    plan = store.gc.plan(FUTURE)
    assert plan.runs == []
    assert plan.kept[0].startswith(f"The run {run_id[:8]} (")
    assert "at /home/me/documents, which nbtrail did not make" in plan.kept[0]
