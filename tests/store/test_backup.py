"""The copy of a database that is in use."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from nbtrail.entities import Endpoint
from nbtrail.store import Store, open_store
from store import scripts


def test_a_copy_while_others_write(store: Store, workdir: Path) -> None:
    script = """
        import itertools, os, nbtrail
        with nbtrail.start_run(run_name=os.environ["WORKER"]):
            for n in itertools.count():
                if n % 20 == 0 and os.path.exists("copied"):
                    break
                nbtrail.log_metric("loss", n, step=n)
                if n % 20 == 0:
                    nbtrail.log_param(f"p{n}", "x" * 500)
                if n == 100:
                    print("on", flush=True)
    """
    workers = scripts.start_all(script, 2)
    for worker in workers:
        scripts.wait_for(worker, "on")
    told: list[int] = []
    store.drain()
    store.copy_database(workdir / "copy.db", told.append)
    (workdir / "copied").touch()
    scripts.finish(workers)

    copy = open_store("sqlite:///copy.db")
    copy.drain()
    assert copy.doctor.examine() == []
    runs, _ = copy.runs.search()
    assert {run.info.run_name for run in runs} == {"0", "1"}
    for run in runs:
        assert (run.info.status, run.info.error) == (
            "KILLED",
            "This run was going on when the backup was made.",
        )
        assert len(run.data.params) >= 5
    assert sum(told) >= 4096 * 30


def test_a_copy_is_for_its_owner_and_has_no_endpoints(store: Store, workdir: Path) -> None:
    store.endpoints.put(Endpoint("wine", "models:/wine/1", "h", 1, 99, "sesame", "ready", 5))
    store.copy_database(workdir / "copy.db", lambda _: None)
    assert (workdir / "copy.db").stat().st_mode & 0o077 == 0
    with closing(sqlite3.connect(workdir / "copy.db")) as connection:
        assert connection.execute("select count(*) from endpoint").fetchone()[0] == 0
    assert {path.name for path in workdir.iterdir()} == {".nbtrail", "copy.db"}


def test_a_file_that_is_there_is_not_overwritten(store: Store, workdir: Path) -> None:
    (workdir / "copy.db").write_text("mine")
    with pytest.raises(FileExistsError):
        store.copy_database(workdir / "copy.db", lambda _: None)
    assert (workdir / "copy.db").read_text() == "mine"
