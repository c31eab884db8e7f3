"""The live event: emitted when anybody changed the store, and only then."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from nbtrail import config
from nbtrail.store import Store

LOG_A_RUN = """
from nbtrail.entities import Metric
from nbtrail.store import open_store
store = open_store()
run_id = store.runs.create(store.experiments.ensure('e').experiment_id).info.run_id
"""
LOG_POINTS = """
import sys
series = store.metrics.series_id(run_id, 'loss')
print('ready', flush=True)
for step, line in enumerate(sys.stdin):
    store.log_point(series, None, step, 1, 0.5)
    print('logged', flush=True)
"""


async def until(condition: Any, seconds: float = 60.0) -> None:
    """Wait for a condition, or fail."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


async def elsewhere(folder: Path, code: str = LOG_A_RUN) -> None:
    """Run code in another process that works in `folder`."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, cwd=folder)
    assert await process.wait() == 0


async def test_a_store_that_appears_is_told(events: list[Any], jp_root_dir: Path) -> None:
    await elsewhere(jp_root_dir)
    await until(lambda: events)
    assert events[0]["schema_id"] == "https://nbtrail.dev/events/store-changed/v1"
    assert events[0]["store"] == str(jp_root_dir / config.STORE_NAME)
    assert events[0]["version"] == 1


async def test_a_run_of_another_process_is_told(
    server_store: Store, events: list[Any], jp_root_dir: Path
) -> None:
    await elsewhere(jp_root_dir)
    await until(lambda: events)


async def test_each_point_in_a_journal_becomes_an_event_while_its_process_runs(
    server_store: Store, events: list[Any], jp_root_dir: Path
) -> None:
    kernel = subprocess.Popen(
        [sys.executable, "-c", LOG_A_RUN + LOG_POINTS],
        cwd=jp_root_dir,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    )
    with kernel:
        assert kernel.stdin
        assert kernel.stdout
        assert kernel.stdout.readline() == "ready\n"
        await asyncio.sleep(0.5)
        (run,), _ = server_store.runs.search()
        for count in (1, 2, 3):
            before = len(events)
            kernel.stdin.write("go\n")
            assert kernel.stdout.readline() == "logged\n"
            await until(lambda before=before: len(events) > before)
            (series,) = server_store.history.buckets([run.info.run_id], ["loss"])
            assert series.total == count
        kernel.stdin.close()
    versions = [event["version"] for event in events]
    assert versions == sorted(set(versions))


async def test_an_idle_store_is_quiet(server_store: Store, events: list[Any]) -> None:
    await asyncio.sleep(0.5)
    assert events == []


async def test_a_store_that_vanishes_and_comes_back_is_told(
    server_store: Store, events: list[Any], jp_root_dir: Path, fetch: Any
) -> None:
    server_store.runs.create("0")
    await asyncio.sleep(0.3)
    before = len(events)
    shutil.rmtree(server_store.directory)
    await until(lambda: len(events) > before)
    for count in (1, 2):
        before = len(events)
        await elsewhere(jp_root_dir)
        await until(lambda before=before: len(events) > before)
        answers = [await fetch("nbtrail/api/runs") for _ in range(4)]
        assert {answer.body.count(b'"run_id"') for answer in answers} == {count}


async def test_a_store_that_cannot_be_read_is_complained_of_once(
    events: list[Any], jp_root_dir: Path, caplog: Any
) -> None:
    directory = jp_root_dir / config.STORE_NAME
    directory.mkdir()
    (directory / "nbtrail.db").write_bytes(b"no database at all, " * 1000)
    await asyncio.sleep(0.6)
    complaints = [r for r in caplog.records if "cannot watch" in r.getMessage()]
    assert len(complaints) == 1
    shutil.rmtree(directory)
    await elsewhere(jp_root_dir)
    await until(lambda: events)
