"""Migrations: a store of each earlier schema becomes what a new one is, and nothing is lost."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from nbtrail.errors import StoreError
from nbtrail.store import Store, open_store, schema
from store import scripts

BLOCKS_OF_SCHEMA_2 = """
create table block (
    series integer not null, size integer not null, step integer not null, seq integer not null,
    last_step integer not null, last_seq integer not null, last_ts integer not null,
    n integer not null, nnan integer not null,
    first real, last real, min real, max real, sum real, spread real,
    primary key (series, size, step, seq)
) without rowid;
insert into block values (9, 16, 0, 0, 15, 0, 15, 16, 0, 0, 7.5, 0, 7.5, 60, 85);
"""


def schema_1(directory: Path, points: int) -> None:
    """Make the store that the first nbtrail would have left, with one finished run."""
    directory.mkdir()
    with sqlite3.connect(directory / "nbtrail.db") as connection:
        schema.MIGRATIONS[0](connection)
        connection.execute("pragma user_version = 1")
        connection.executescript(
            """
            insert into experiment values (0, 'Default', 'artifacts/0', 'active', 0, 0);
            insert into run (id, uuid, experiment, name, kind, status, started, ended, user,
                artifact_uri) values (7, 'old', 0, 'old', 'explicit', 'FINISHED', 1, 2, 'me', 'a');
            insert into metric values (3, 'loss'), (4, 'short');
            insert into param values (7, 'lr', '0.1', null, 'explicit', null);
            insert into series values
                (9, 7, 3, 0, null, null, null, null, null, null, null),
                (11, 7, 4, 1, 0, 5.0, 0, 1, null, 5.0, 5.0);
            insert into point values (11, 0, 0, 1, 5.0, null);
            """
        )
        connection.executemany(
            "insert into point values (9, ?, 0, ?, ?, null)",
            [(step, step, step / 2) for step in range(points)],
        )
        connection.execute(
            "update series set count = ?1, max_step = ?1 - 1, last = (?1 - 1) / 2.0, "
            "last_step = ?1 - 1, last_ts = ?1 - 1, min = 0, max = (?1 - 1) / 2.0 where id = 9",
            (points,),
        )
    connection.close()


def tables(store: Store) -> list[tuple[str, str]]:
    """Return every table, index, trigger and view, but for what SQLite keeps for itself."""
    with store._database.read() as connection:
        found = connection.execute(
            "select type, name from sqlite_master where name not like 'sqlite_%' order by 1, 2"
        )
        return [(kind, name) for kind, name in found]


def columns(store: Store, table: str) -> list[tuple[str, str]]:
    with store._database.read() as connection:
        return [
            (row["name"], row["type"]) for row in connection.execute(f"pragma table_info({table})")
        ]


def test_schema_1_becomes_the_newest(workdir: Path) -> None:
    schema_1(workdir / "old", 5000)
    store, fresh = open_store(workdir / "old"), open_store(workdir / "new")
    assert tables(store) == tables(fresh)
    for kind, name in tables(fresh):
        if kind == "table":
            assert columns(store, name) == columns(fresh, name)
    run = store.runs.get("old")
    assert run.data.params == {"lr": "0.1"}
    assert run.data.metrics == {"loss": 2499.5, "short": 5.0}
    assert [point.value for point in store.metrics.history("old", "loss")] == [
        step / 2 for step in range(5000)
    ]


def test_a_migrated_store_has_its_blocks(workdir: Path) -> None:
    schema_1(workdir / "old", 5000)
    store = open_store(workdir / "old")
    with store._database.read() as connection:
        sizes = connection.execute("select size, count(*) from block group by size").fetchall()
    assert [tuple(row) for row in sizes] == [(16, 5000 // 16), (256, 5000 // 256)]
    series = store.metrics.series_id("old", "loss")
    assert series == 9
    for step in range(5000, 5100):
        store.log_point(series, None, step, 0, step / 2)
    store.drain()
    (found,) = store.history.buckets(["old"], ["loss"], 10)
    assert (sum(found.count), found.value[-1]) == (5100, 5099 / 2)
    assert store.metrics.series_id("old", "another") > 11


def test_blocks_of_schema_2_are_made_anew(workdir: Path) -> None:
    schema_1(workdir / "old", 5000)
    with sqlite3.connect(workdir / "old" / "nbtrail.db") as connection:
        schema.MIGRATIONS[1](connection)
        connection.executescript(BLOCKS_OF_SCHEMA_2)
        connection.execute("pragma user_version = 2")
    connection.close()
    (found,) = open_store(workdir / "old").history.buckets(["old"], ["loss"], 10)
    assert sum(found.count) == 5000
    assert (found.first[0], found.value[-1], found.timestamp[-1]) == (0.0, 2499.5, 4999)


def test_executions_of_schema_2_are_kept(workdir: Path) -> None:
    schema_1(workdir / "old", 0)
    with sqlite3.connect(workdir / "old" / "nbtrail.db") as connection:
        schema.MIGRATIONS[1](connection)
        connection.executescript(
            """
            insert into session values (4, 'first', 1, null, null, null);
            insert into execution (id, session, ordinal, source, started, status, writes)
                values (5, 4, 0, 'x = 1', 1, 'ok', '["x"]');
            insert into run_execution values (7, 5, 'own');
            pragma user_version = 2;
            """
        )
    connection.close()
    store, fresh = open_store(workdir / "old"), open_store(workdir / "new")
    assert tables(store) == tables(fresh)
    (execution,) = store.trails.executions("old")
    assert (execution.writes, execution.fingerprints) == (["x"], {})
    assert store.trails.session_executions("first")[0].source == "x = 1"
    assert store.trails.verdict("old") is store.trails.document("old") is None
    assert store.trails.begin("first", 1, "b", "x = 2", 2) == execution.id + 1


def test_processes_migrate_one_store_at_once(workdir: Path) -> None:
    schema_1(workdir / "old", 5000)
    script = """
        from nbtrail.store import open_store
        store = open_store("old")
        print(len(store.metrics.history("old", "loss")))
    """
    assert scripts.finish(scripts.start_all(script, 4)) == ["5000\n"] * 4


def test_a_migration_that_fails_changes_nothing(
    workdir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    schema_1(workdir / "old", 100)
    monkeypatch.setattr(
        schema, "COMPLETION", schema.COMPLETION + "\ninsert into nowhere values (1);"
    )
    with pytest.raises(sqlite3.OperationalError, match="nowhere"):
        open_store(workdir / "old")
    monkeypatch.undo()
    assert open_store(workdir / "old").runs.get("old").data.metrics["loss"] == 49.5


def test_a_store_that_a_newer_nbtrail_migrates_meanwhile(store: Store) -> None:
    """What is open already must neither write nor read what it does not know."""
    run_id = store.runs.create("0").info.run_id
    series = store.metrics.series_id(run_id, "loss")
    other = sqlite3.connect(store.directory / "nbtrail.db")
    other.execute("pragma user_version = 99")
    other.close()
    store.log_point(series, None, 0, 0, 1.0)  # its journal is read by the newer one
    for use in (lambda: store.runs.create("0"), lambda: store.runs.get(run_id), store.drain_own):
        with pytest.raises(StoreError, match=r"newer nbtrail \(schema 99.*pip install -U nbtrail"):
            use()
    store.drain()
    back = sqlite3.connect(store.directory / "nbtrail.db")
    back.execute(f"pragma user_version = {schema.VERSION}")
    back.close()
    store.drain()
    assert [point.value for point in store.metrics.history(run_id, "loss")] == [1.0]


@pytest.mark.parametrize(
    "forgery",
    [
        "insert or replace into audit (id, at, who, action, subject, subject_id) "
        "values (1, 1, 'mallory', 'a', 'run', 'b')",
        "insert into audit (id, at, who, action, subject, subject_id) "
        "values (-1, 0, 'mallory', 'a', 'run', 'b')",
        "insert into audit (id, at, who, action, subject, subject_id) "
        "values (1, 1, 'm', 'a', 'run', 'b') on conflict (id) do update set who = 'mallory'",
        "update or replace audit set who = 'mallory'",
        "delete from audit",
    ],
)
def test_the_audit_is_append_only(store: Store, forgery: str) -> None:
    run_id = store.runs.create("0").info.run_id
    store.edits.set_note(run_id, "one")
    store.edits.set_note(run_id, "two")
    with sqlite3.connect(store.database_path) as raw, pytest.raises(sqlite3.IntegrityError):
        raw.execute(forgery)
    raw.close()
    store.edits.set_note(run_id, "three")
    assert [edit.after for edit in store.audit.of("run", run_id)] == ["one", "two", "three"]
