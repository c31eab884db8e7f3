"""Trials of the project `tiny`, and waiting for what becomes of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from nbtrail.projects.backends import Event, Pool
from nbtrail.projects.backends.messages import Order
from nbtrail.store import Store


def wait_until(condition: Callable[[], Any], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def order(x: int, mode: str = "plain") -> Order:
    return Order("tuning", f"trial {x}", {}, {"x": x, "mode": mode}, files=True)


def begun(tiny: Path, x: int) -> psutil.Process:
    """Wait until a trial is executed, and return the process of its command."""
    file = tiny / f"started-{x}"
    wait_until(lambda: file.exists() and file.read_text())
    return psutil.Process(int(file.read_text()))


def next_event(pool: Pool) -> Event:
    found: list[Event] = []
    wait_until(lambda: found.extend(pool.events(0.1)) or found)
    [event] = found
    return event


def assert_is_stopped(pool: Pool, tiny: Path, store: Store) -> None:
    """Have a pool begin a trial that waits, and stop it."""
    pool.begin(1, order(1))
    assert not pool.is_full()
    wait_until(lambda: pool.events(0.1) or pool.running[1])
    run_id = pool.running[1]
    assert run_id is not None
    command = begun(tiny, 1)
    pool.stop(1)
    event = next_event(pool)
    assert (event.trial, event.died) == (1, False)
    assert (event.told.state, event.told.run_id) == ("stopped", run_id)
    wait_until(lambda: not command.is_running())  # killed, and perhaps not yet reaped
    store.drain()
    run = store.runs.get(run_id)
    assert (run.info.status, run.info.error) == ("KILLED", "Interrupted")
    assert pool.running == {}
