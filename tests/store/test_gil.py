"""A point is written without giving other threads a chance to take the GIL."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from nbtrail.store import Store, gil, journal


@pytest.fixture
def for_ever() -> Iterator[None]:
    """Have a thread keep the GIL until it gives it away by itself."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1000)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("for_ever")
def test_another_thread_that_wants_the_lock_waits_for_the_end_of_the_loop(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "LOOK_SECONDS", 1000.0)
    monkeypatch.setattr(journal, "SYNC_SECONDS", 1000.0)
    run_id = store.runs.create("0").info.run_id
    series = store.metrics.series_id(run_id, "loss")
    store.log_point(series, None, 0, 0, 1.0)
    asked, got = threading.Lock(), []
    asked.acquire()
    other = threading.Thread(target=lambda: got.append(asked.acquire()))
    other.start()
    asked.release()  # from here on it wants the GIL, and nothing else
    for step in range(1, 20_000):
        store.log_point(series, None, step, 0, 1.0)
    assert got == []
    other.join()
    store.drain()
    assert store.runs.get(run_id).data.metric_summaries[0].count == 20_000


@pytest.mark.parametrize("write", [gil.write, gil._write], ids=["keeping", "without ctypes"])
def test_what_is_written_and_what_is_not(write: object, tmp_path: Path) -> None:
    assert callable(write)
    descriptor = os.open(tmp_path / "file", os.O_RDWR | os.O_CREAT)
    assert write(descriptor, b"12345678", 8) == 8
    assert write(descriptor, b"\0\0abc", 3) == 3
    os.close(descriptor)
    assert (tmp_path / "file").read_bytes() == b"12345678\0\0a"
    assert write(descriptor, b"12345678", 8) == -1
