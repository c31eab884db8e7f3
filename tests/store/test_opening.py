"""Opening a store: URIs, what cannot be opened and says why, and eight processes at once."""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path

import pytest

from nbtrail.errors import InvalidValue, NotFound, StoreError
from nbtrail.store import Store, open_store
from store import scripts


def test_a_store_is_a_directory(workdir: Path) -> None:
    store = open_store()
    assert store.directory == workdir / ".nbtrail"
    assert sorted(path.name for path in store.directory.iterdir() if path.is_dir()) == [
        "artifacts", "journal",
    ]  # fmt: skip
    assert store.directory.stat().st_mode & 0o077 == 0
    assert [(e.experiment_id, e.name) for e in store.experiments.list()] == [("0", "Default")]


def test_one_object_per_place_and_process(store: Store, workdir: Path) -> None:
    assert open_store(store.uri) is store
    assert open_store(".nbtrail") is store
    assert open_store(f"file://{workdir}/.nbtrail") is store
    assert open_store(workdir / "other") is not store


def test_a_database_file_by_uri(workdir: Path) -> None:
    store = open_store("sqlite:///runs.db")
    assert (workdir / "runs.db").is_file()
    assert store.directory == workdir / "runs.db.trail"
    assert open_store(store.uri) is store
    assert store.uri == f"sqlite:///{workdir}/runs.db"


@pytest.mark.parametrize("uri", ["http://host/nbtrail/mlflow", "sqlite:///", "s3://bucket/x"])
def test_a_place_that_is_no_store(uri: str) -> None:
    with pytest.raises(InvalidValue, match="not a place where nbtrail can keep a store"):
        open_store(uri)


def test_looking_makes_nothing(workdir: Path) -> None:
    with pytest.raises(NotFound, match="NBTRAIL_TRACKING_URI"):
        open_store(workdir / "missing", create=False)
    assert list(workdir.iterdir()) == []


def test_a_store_that_was_deleted_is_made_again(store: Store) -> None:
    store.experiments.create("old")
    shutil.rmtree(store.directory)
    with pytest.raises(NotFound):
        open_store(store.directory, create=False)
    again = open_store(store.directory)
    assert [e.name for e in again.experiments.list()] == ["Default"]
    again.runs.create("0")


def test_a_newer_schema_is_refused(workdir: Path) -> None:
    folder = workdir / "newer"
    folder.mkdir()
    with sqlite3.connect(folder / "nbtrail.db") as connection:
        connection.execute("pragma user_version = 99")
    with pytest.raises(StoreError, match=r"newer nbtrail \(schema 99.*pip install -U nbtrail"):
        open_store(folder)


def test_what_is_no_database_is_refused(workdir: Path) -> None:
    folder = workdir / "garbage"
    folder.mkdir()
    (folder / "nbtrail.db").write_bytes(b"certainly not a database" * 100)
    with pytest.raises(StoreError, match=r"not a database\)\. Restore a copy"):
        open_store(folder)


def test_a_damaged_database_is_told(workdir: Path) -> None:
    scripts.run("import nbtrail\nfor n in range(50): nbtrail.log_param(f'p{n}', 'x' * 900)")
    database = workdir / ".nbtrail" / "nbtrail.db"
    content = bytearray(database.read_bytes())
    content[4096:] = os.urandom(len(content) - 4096)
    database.write_bytes(content)
    with pytest.raises(StoreError, match=r"malformed\)\. Restore a copy"):
        open_store().runs.search()


def test_a_directory_that_cannot_be_made(workdir: Path) -> None:
    (workdir / "file").touch()
    with pytest.raises(StoreError, match=r"cannot be made.*NBTRAIL_TRACKING_URI"):
        open_store(workdir / "file")
    with pytest.raises(StoreError, match=r"cannot be made.*NBTRAIL_TRACKING_URI"):
        open_store(workdir / "file" / "below")


def test_a_directory_that_cannot_be_written(workdir: Path) -> None:
    (workdir / "locked" / "nbtrail.db").mkdir(parents=True)
    with pytest.raises(StoreError, match=r"unable to open.*another store"):
        open_store(workdir / "locked")


def test_eight_processes_make_one_store() -> None:
    script = """
        import os, sys
        from nbtrail.store import open_store
        print("ready", flush=True)
        sys.stdin.readline()  # all begin at the same moment
        store = open_store("shared")
        store.experiments.ensure("one")
        store.experiments.ensure(f"of {os.environ['WORKER']}")
    """
    workers = scripts.start_all(script, 8)
    for worker in workers:
        scripts.wait_for(worker, "ready")
    scripts.finish(workers, "go\n")
    names = {e.name for e in open_store("shared").experiments.list()}
    assert names == {"Default", "one", *(f"of {number}" for number in range(8))}
