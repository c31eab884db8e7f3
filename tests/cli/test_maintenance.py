"""`nbtrail doctor`, `backup`, `gc` and `import`."""

import json
import os
import sqlite3
from contextlib import closing

import pytest
from click.testing import CliRunner

from nbtrail.cli import main
from nbtrail.entities import Metric
from nbtrail.store import open_store


@pytest.fixture
def run_id(store):
    """Record a run."""
    run_id = store.runs.create("0", "first").info.run_id
    store.metrics.log(run_id, [Metric("loss", 0.5, 1, 0)])
    store.runs.end(run_id, "FINISHED")
    return run_id


def damage(store, statement):
    with closing(sqlite3.connect(store.database_path)) as connection:
        connection.execute(statement)
        connection.commit()


def test_the_doctor_looks_and_repairs(invoke, store, run_id):
    assert invoke("doctor").stdout == "The store is sound.\n"
    damage(store, "update series set count = 9")
    sick = invoke("doctor")
    assert sick.exit_code == 1
    assert f"series: metric 'loss' of run {run_id[:8]}" in sick.stdout
    assert "'nbtrail doctor --repair'" in sick.stdout
    healed = invoke("doctor", "--repair")
    assert (healed.exit_code, "Repaired: " in healed.stdout) == (0, True)
    assert invoke("doctor").exit_code == 0


def test_the_doctor_of_a_file_that_is_no_database(invoke, workdir):
    (workdir / ".nbtrail").mkdir()
    (workdir / ".nbtrail" / "nbtrail.db").write_bytes(b"no database" * 1000)
    result = invoke("doctor")
    assert result.exit_code == 1
    assert result.stdout.startswith("database: ")


def test_backup(invoke, store, run_id, workdir):
    result = invoke("backup", "copy.db")
    assert result.stdout == f"The copy is complete: sqlite:///{workdir}/copy.db\n"
    assert "first" in invoke("--store", "sqlite:///copy.db", "runs", "list").stdout
    again = invoke("--store", store.directory, "backup", "copy.db")
    assert (again.exit_code, "--force" in again.stderr) == (2, True)
    assert invoke("--store", store.directory, "backup", "copy.db", "--force").exit_code == 0


def test_gc_asks_and_deletes(invoke, store, run_id):
    store.runs.delete(run_id)
    dry = invoke("gc", "--dry-run")
    assert dry.stdout == (
        f"1 run and 0 experiments to delete for good:\n  run {run_id[:8]}  first\n"
    )
    declined = CliRunner().invoke(main, ["gc"], input="n\n")
    assert (declined.exit_code, "Delete for good? [y/N]" in declined.stdout) == (1, True)
    assert store.runs.get(run_id).info.lifecycle_stage == "deleted"
    assert "Deleted 1 run and" in invoke("gc", "-y").stdout
    assert "There is no run" in invoke("runs", "restore", run_id).stderr


@pytest.mark.parametrize(
    ("age", "runs"), [("0s", "1 run"), ("1h", "0 runs"), ("30d", "0 runs"), ("1d12h", "0 runs")]
)
def test_gc_of_what_is_older(invoke, store, run_id, age, runs):
    store.runs.delete(run_id)
    assert invoke("gc", "--older-than", age, "--dry-run").stdout.startswith(f"{runs} and")


def test_gc_of_what_is_named(invoke, store, run_id):
    other = store.runs.create("0", "second").info.run_id
    store.runs.delete(run_id)
    store.runs.delete(other)
    assert "second" not in invoke("gc", "--run-ids", run_id, "--dry-run").stdout
    assert invoke("gc", "--run-ids", f"{run_id},{other}", "-y").exit_code == 0


def test_import(invoke, workdir):
    (workdir / "a.json").write_text('{"run_id": "a", "name": "first", "metrics": {"acc": 1}}')
    (workdir / "b.json").write_text('{"run_id": "b", "name": "second"}')
    for _ in range(2):
        assert invoke("import", "a.json", "b.json").stdout == "a  first\nb  second\n"
    runs, _ = open_store().runs.search()
    assert {run.info.run_id for run in runs} == {"a", "b"}


def test_import_of_standard_input(workdir):
    result = CliRunner().invoke(main, ["import", "-"], input='{"run_id": "a", "name": "x"}')
    assert (result.exit_code, result.stdout) == (0, "a  x\n")


def test_a_file_with_a_mistake_is_named_and_none_is_imported(invoke, workdir):
    (workdir / "a.json").write_text("{}")
    (workdir / "b.json").write_text('{"metrics": {"acc": "high"}}')
    result = invoke("import", "a.json", "b.json")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("Error: b.json: ")
    assert "metrics['acc']" in result.stderr
    assert not (workdir / ".nbtrail").exists()


def test_the_schema_of_a_document(invoke):
    schema = json.loads(invoke("import", "--schema").stdout)
    assert "metrics" in schema["$defs"]["RunDocument"]["properties"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("doctor",), "There is no nbtrail store"),
        (("backup", "copy.db"), "There is no nbtrail store"),
        (("gc", "-y"), "There is no nbtrail store"),
        (("gc", "--older-than", "soon"), "'soon' is not an age, such as 30d"),
        (("import",), "Name at least one file"),
        (("import", "missing.json"), "missing.json"),
        (("import", os.devnull), "is not valid JSON"),
    ],
)
def test_a_mistake_leaves_nothing(invoke, workdir, arguments, message):
    result = invoke(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr
    assert list(workdir.iterdir()) == []
