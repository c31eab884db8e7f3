"""The journal by itself: rotation under way, a disk that takes nothing."""

from __future__ import annotations

import os
import re
import threading

import pytest

from nbtrail.store import Store, journal
from store import scripts


def count(store: Store, run_id: str) -> int:
    store.drain()
    return store.runs.get(run_id).data.metric_summaries[0].count


def log_from_threads(store: Store, series: int, points: int, threads: int = 2) -> None:
    def work() -> None:
        for step in range(points):
            store.log_point(series, None, step, 0, 1.0)

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def test_rotation_under_two_threads_loses_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "ROTATE_BYTES", 4096 * 32)
    monkeypatch.setattr(journal, "LOOK_SECONDS", 0.0)
    run_id = store.runs.create("0").info.run_id
    series = store.metrics.series_id(run_id, "loss")
    store.log_point(series, None, 0, 0, 1.0)
    (first,) = (store.directory / "journal").iterdir()
    log_from_threads(store, series, 60_000)
    assert not store._writer._put_away(store._writer._journal)
    (last,) = (store.directory / "journal").iterdir()
    assert last != first
    assert last.stat().st_size < 2 * 4096 * 32
    assert count(store, run_id) == 120_001
    assert store.runs.get(run_id).info.status == "RUNNING"


def test_a_rotated_journal_still_owns_its_runs() -> None:
    process = scripts.start(
        """
        import nbtrail, time
        from nbtrail.store import journal
        journal.ROTATE_BYTES, journal.LOOK_SECONDS = 4096 * 32, 0.0
        nbtrail.start_run()
        for step in range(20000):
            nbtrail.log_metric("loss", 1.0, step=step)
        print("logged", flush=True)
        time.sleep(60)
        """
    )
    scripts.wait_for(process, "logged")
    from nbtrail.store import open_store

    store = open_store()
    store.drain()
    assert store.runs.search()[0][0].info.status == "RUNNING"
    scripts.kill(process)
    store.drain()
    (run,) = store.runs.search()[0]
    assert run.info.status == "KILLED"
    assert run.data.metric_summaries[0].count == 20000


FULL_DISK = """
    import nbtrail, resource, signal
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    run = nbtrail.start_run()
    nbtrail.log_metric("loss", 0, step=0)
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (32 * 100 + 7, hard))
    for step in range(1, 10_000):
        nbtrail.log_metric("loss", step, step=step)
    {then}
"""


def check_full_disk(then: str) -> None:
    from nbtrail.store import open_store

    done = scripts.run(FULL_DISK.format(then=then))
    store = open_store()
    store.drain()
    (run,) = store.runs.search()[0]
    history = store.metrics.history(run.info.run_id, "loss")
    assert [point.value for point in history][:10_000] == list(range(10_000))
    assert run.info.status == "FINISHED"
    assert done.stderr.count("\n") <= 3, done.stderr  # where, in memory, and the context
    assert "in memory until the disk takes them" in done.stderr


def test_a_full_disk_keeps_the_points_in_memory_until_the_next_one() -> None:
    check_full_disk(
        "resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))\n"
        '    nbtrail.log_metric("loss", 1.0, step=10_000)'
    )


def test_a_full_disk_keeps_the_points_in_memory_until_the_end() -> None:
    check_full_disk("resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))")


def test_points_that_a_full_disk_never_took_are_counted_at_the_end() -> None:
    told = scripts.run(FULL_DISK.format(then="")).stderr
    assert re.search(r"has lost [\d,]{5,} metric points and params of .*/\.nbtrail: its disk", told)


def test_what_is_kept_in_memory_is_bounded(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(journal.Journal, "KEPT_RECORDS", 10)
    file = journal.JournalFile.create(store.directory / "journal", journal.new_uuid())
    own = journal.Journal(file)
    readable = os.open(file.path, os.O_RDONLY)
    writable = os.dup(file.descriptor)
    os.dup2(readable, file.descriptor)  # a descriptor that takes nothing
    for step in range(50):
        own.append(journal.pack(1, 0, step, 0, 1.0))
    assert own.unwritten == 50
    assert file.size == 0
    assert ["in memory until" in r.message for r in caplog.records] == [True, False]
    assert "those that follow are lost" in caplog.records[1].message
    os.dup2(writable, file.descriptor)
    own.append(journal.pack(1, 0, 50, 0, 1.0))
    assert own.unwritten == 41  # those that were lost
    assert file.size == 10 * 32
    os.close(readable)
    os.close(writable)
    file.discard()


def test_a_deleted_store_does_not_break_the_loop() -> None:
    done = scripts.run(
        """
        import nbtrail, shutil
        run = nbtrail.start_run()
        nbtrail.log_metric("loss", 0)
        shutil.rmtree(run.store.directory)
        for step in range(20_000):
            nbtrail.log_metric("loss", step, step=step)
        """
    )
    assert "Traceback" not in done.stderr


def test_a_closed_journal_takes_nothing_and_another_is_opened(store: Store) -> None:
    run_id = store.runs.create("0").info.run_id
    series = store.metrics.series_id(run_id, "loss")
    store.log_point(series, None, 0, 0, 1.0)
    own = store._writer._journal
    assert own is not None
    store.close()
    with pytest.raises(journal.Closed):
        own.append(journal.pack(series, 0, 1, 0, 1.0))
    store.log_point(series, None, 1, 0, 1.0)
    assert count(store, run_id) == 2


def test_threads_that_log_while_the_store_closes_lose_nothing(store: Store) -> None:
    run_id = store.runs.create("0").info.run_id
    series = store.metrics.series_id(run_id, "loss")
    logging = threading.Thread(target=log_from_threads, args=(store, series, 20_000))
    logging.start()
    while logging.is_alive():
        store.close()
    assert count(store, run_id) == 40_000
