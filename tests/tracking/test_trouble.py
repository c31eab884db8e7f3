"""A store that fails while a run logs to it: told once, nothing raised, little lost."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

import nbtrail
from nbtrail.entities import Dataset, Metric
from nbtrail.errors import StoreError
from nbtrail.store import open_store
from nbtrail.tracking import patience
from store import scripts

LOG_EVERYTHING = """
    import nbtrail
    from nbtrail.entities import Dataset, Metric

    def log_everything(name):
        nbtrail.log_metric("known", 1, step=1)
        nbtrail.log_metric(name, 1)
        nbtrail.log_metric(name, 2)
        nbtrail.log_metrics({name + "1": 1, name + "2": 2})
        nbtrail.log_param(name, 1)
        nbtrail.set_tag(name, 1)
        nbtrail.log_batch([Metric("batch", 1, 1)], {"batch" + name: 1})
        nbtrail.log_input(Dataset(name, "abc", "local", "x"))

    def log_files():
        nbtrail.log_text("x", "a.txt")
        nbtrail.log_table({"a": 1}, "t.json")

    nbtrail.disable_system_metrics_logging()
    run = nbtrail.start_run()
    nbtrail.log_metric("known", 0)
"""


def log_everything(name: str) -> None:
    nbtrail.log_metric("known", 1, step=1)
    nbtrail.log_metric(name, 1)
    nbtrail.log_metrics({name + "1": 1, name + "2": 2})
    nbtrail.log_param(name, 1)
    nbtrail.set_tag(name, 1)
    nbtrail.log_batch([Metric("batch", 1, 1)], {"batch" + name: 1})
    nbtrail.log_input(Dataset(name, "abc", "local", "x"))
    nbtrail.log_text("x", "a.txt")
    nbtrail.log_table({"a": 1}, "t.json")


def test_what_a_full_disk_refuses_is_kept_until_there_is_space() -> None:
    done = scripts.run(
        LOG_EVERYTHING
        + """
    import resource, signal
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    none, all = 10, resource.RLIM_INFINITY
    resource.setrlimit(resource.RLIMIT_FSIZE, (none, all))
    log_everything("full")
    log_files()
    resource.setrlimit(resource.RLIMIT_FSIZE, (all, all))
    nbtrail.end_run()
    data = nbtrail.get_run(run.run_id).data
    assert data.metrics == {"known": 1, "full": 2, "full1": 1, "full2": 2, "batch": 1}, data
    assert data.params == {"full": "1", "batchfull": "1"}, data
    assert data.tags["full"] == "1", data
    assert [one.dataset.name for one in run.inputs.dataset_inputs] == ["full"]
    assert list(nbtrail.load_table("t.json")["a"]) == [1]
    assert run.info.status == "FINISHED"
    """
    )
    told = [line for line in done.stderr.splitlines() if "yet" in line]
    assert len(told) == 1
    assert "they wait in memory until the store takes them" in told[0]
    assert "sqlite3" not in done.stderr


def test_a_locked_store_delays_and_loses_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("nbtrail.store.database.BUSY_TIMEOUT_MS", 50)
    nbtrail.disable_system_metrics_logging()
    with nbtrail.start_run() as run:
        nbtrail.log_metric("known", 0)
        other = sqlite3.connect(".nbtrail/nbtrail.db", isolation_level=None)
        other.execute("begin immediate")
        log_everything("locked")
        other.execute("rollback")
        other.close()
        nbtrail.log_param("after", 1)
    data = run.data
    assert data.params == {"locked": "1", "batchlocked": "1", "after": "1"}
    assert data.metrics == {
        "known": 1.0,
        "locked": 1.0,
        "locked1": 1.0,
        "locked2": 2.0,
        "batch": 1.0,
    }
    assert list(nbtrail.load_table("t.json")["a"]) == [1]


@pytest.mark.parametrize("replaced", [False, True])
def test_a_store_that_is_gone_is_told(
    replaced: bool, caplog: pytest.LogCaptureFixture, workdir: Path
) -> None:
    nbtrail.disable_system_metrics_logging()
    with nbtrail.start_run():
        nbtrail.log_metric("known", 0)
        shutil.rmtree(Path(".nbtrail").rename("taken"))
        if replaced:
            open_store(".nbtrail")
        log_everything("gone")
    assert any("is gone" in record.message for record in caplog.records)
    with nbtrail.start_run() as run:
        nbtrail.log_metric("new", 1)
    assert run.data.metrics == {"new": 1.0}


def test_a_run_that_is_gone_is_told(caplog: pytest.LogCaptureFixture) -> None:
    with nbtrail.start_run() as run:
        nbtrail.delete_run(run.run_id)
        with run.store.transaction() as connection:
            for table in ("tag", "run"):
                connection.execute(f"delete from {table}")  # type: ignore[attr-defined]
        nbtrail.log_param("a", 1)
        nbtrail.log_metric("a", 1)
        nbtrail.set_tag("a", 1)
    assert sum("There is no run" in record.message for record in caplog.records) >= 3


def test_the_memory_for_what_waits_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "MOST_WAITING", 5)
    nbtrail.disable_system_metrics_logging()
    with nbtrail.start_run() as run:
        shutil.rmtree(Path(".nbtrail").rename("taken"))
        for number in range(10):
            nbtrail.log_param(f"p{number}", number)
        assert len(run.patience._waiting) == 5


def test_a_store_that_cannot_be_made_is_an_error(workdir: Path) -> None:
    (workdir / "file").write_text("")
    nbtrail.set_tracking_uri(workdir / "file" / "store")
    for call in (nbtrail.start_run, lambda: nbtrail.log_metric("a", 1)):
        with pytest.raises(StoreError, match="NBTRAIL_TRACKING_URI"):
            call()
    assert nbtrail.active_run() is None


def test_a_full_disk_starts_no_run() -> None:
    scripts.run(
        """
        import nbtrail, resource, signal
        from nbtrail.errors import StoreError
        with nbtrail.start_run():
            pass
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (10, resource.RLIM_INFINITY))
        try:
            nbtrail.start_run()
        except StoreError as error:
            assert "cannot be used" in str(error)
        else:
            raise AssertionError
        assert nbtrail.active_run() is None
        """
    )
