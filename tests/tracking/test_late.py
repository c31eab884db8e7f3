"""Threads and tasks that log when their run has ended, or before any has started."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

import nbtrail
from nbtrail.tracking import current


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> Callable[[], int]:
    return lambda: sum("had ended" in record.message for record in caplog.records)


def test_a_thread_goes_on_in_the_run_that_it_was_started_in(told: Callable[[], int]) -> None:
    ended = threading.Event()

    def work() -> None:
        ended.wait()
        for step in range(3):
            nbtrail.log_metric("late", step, step=step)
        nbtrail.log_param("late", 1)

    with nbtrail.start_run() as run:
        thread = threading.Thread(target=work)
        thread.start()
    ended.set()
    thread.join()
    assert len(nbtrail.search_runs()) == 1
    assert (run.data.metrics, run.data.params) == ({"late": 2.0}, {"late": "1"})
    assert run.info.status == "FINISHED"
    assert told() == 1


def test_a_thread_that_had_a_run_of_its_own(told: Callable[[], int]) -> None:
    def work() -> None:
        with nbtrail.start_run(run_name="own"):
            pass
        nbtrail.log_metric("shared", 1)

    with nbtrail.start_run() as run, ThreadPoolExecutor(1) as pool:
        pool.submit(work).result()
    assert run.data.metrics == {"shared": 1.0}
    assert told() == 0


def test_a_thread_of_a_later_run_logs_to_that_one(told: Callable[[], int]) -> None:
    with ThreadPoolExecutor(1) as pool:
        for number in range(2):
            with nbtrail.start_run() as run:
                pool.submit(nbtrail.log_metric, "m", number).result()
            assert run.data.metrics == {"m": float(number)}
    assert told() == 0


def test_a_task_goes_on_in_the_run_that_it_was_started_in(told: Callable[[], int]) -> None:
    async def work(ended: asyncio.Event) -> None:
        await ended.wait()
        nbtrail.log_metric("late", 1)
        assert nbtrail.active_run() is None
        with nbtrail.start_run(run_name="own"):
            nbtrail.log_metric("own", 1)

    async def main() -> nbtrail.ActiveRun:
        ended = asyncio.Event()
        with nbtrail.start_run() as run:
            task = asyncio.create_task(work(ended))
        ended.set()
        await task
        return run

    run = asyncio.run(main())
    assert run.data.metrics == {"late": 1.0}
    assert len(nbtrail.search_runs()) == 2
    assert told() == 1


def test_threads_that_log_first_share_the_run_that_they_start() -> None:
    barrier = threading.Barrier(4)

    def work(number: int) -> None:
        barrier.wait()
        nbtrail.log_metric(f"m{number}", number)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    run = nbtrail.active_run()
    assert run is current.process.run
    assert run is not None
    assert run.data.metrics == {f"m{number}": float(number) for number in range(4)}
    nbtrail.end_run()
    assert len(nbtrail.search_runs()) == 1
