"""The thread that has the disk keep what was recorded."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from nbtrail.store import Store, journal
from store import scripts


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> threading.Semaphore:
    """Count the syncs of journals."""
    count, real = threading.Semaphore(0), journal.JournalFile.sync

    def sync(file: journal.JournalFile) -> None:
        real(file)
        count.release()

    monkeypatch.setattr(journal.JournalFile, "sync", sync)
    monkeypatch.setattr(journal, "SYNC_SECONDS", 0.05)
    return count


@pytest.fixture
def log(store: Store) -> Callable[[int], None]:
    """Log the point of a step."""
    series = store.metrics.series_id(store.runs.create("0").info.run_id, "loss")
    return lambda step: store.log_point(series, None, step, 0, 1.0)


def wait_for_its_end(store: Store) -> None:
    deadline = time.monotonic() + 10
    while store._writer._syncing() is not None:
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_a_single_point_is_synced_once_and_the_next_one_again(
    store: Store, log: Callable[[int], None], synced: threading.Semaphore
) -> None:
    for step in range(2):
        log(step)
        assert synced.acquire(timeout=60)
        wait_for_its_end(store)
    assert not synced.acquire(blocking=False)


def test_points_are_synced_while_they_come(
    log: Callable[[int], None], synced: threading.Semaphore
) -> None:
    for step in range(5):
        log(step)
        assert synced.acquire(timeout=60)


@pytest.mark.usefixtures("synced")
def test_the_thread_of_a_closed_store_ends(store: Store, log: Callable[[int], None]) -> None:
    log(0)
    store.close()
    wait_for_its_end(store)


def test_a_child_after_a_fork_has_a_thread_of_its_own(
    log: Callable[[int], None], synced: threading.Semaphore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "SYNC_SECONDS", 1000.0)
    log(0)  # the parent's thread is there, and asleep
    monkeypatch.setattr(journal, "SYNC_SECONDS", 0.05)

    def work() -> None:
        log(1)
        assert synced.acquire(timeout=60)

    scripts.in_child(work)
