"""Sweeps on a real Dask cluster: a scheduler and two workers, processes of their own."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from nbtrail.errors import InvalidState, InvalidValue
from nbtrail.projects.backends import Assignment, Event, Pool, dask, made
from nbtrail.projects.backends.messages import Order
from nbtrail.projects.sweeps import show
from nbtrail.store import Store

EXAMPLE = Path(__file__).parent / "examples" / "tiny"
ON_THIS_MACHINE = ("--host", "127.0.0.1", "--no-dashboard")


@dataclass
class Cluster:
    scheduler: str
    workers: list[subprocess.Popen[bytes]]


@pytest.fixture
def tiny(workdir: Path) -> Path:
    """Copy the project whose only step takes no time, and have it wait."""
    copied = shutil.copytree(EXAMPLE, workdir / "tiny")
    (copied / "hold").touch()
    return copied


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("dask")
    log = folder / "scheduler.log"
    scheduler = started("dask_scheduler", log, "--port", "0")
    workers = []
    try:
        wait_until(lambda: "Scheduler at:" in log.read_text())
        [address] = re.findall(r"Scheduler at: +(tcp://\S+)", log.read_text())
        alone = (address, "--no-nanny", "--nthreads", "1", "--local-directory", str(folder))
        workers = [started("dask_worker", folder / f"{one}.log", *alone) for one in range(2)]
        wait_until(lambda: log.read_text().count("Register worker") == 2)
        yield Cluster(address, workers)
    finally:
        for process in [*workers, scheduler]:
            process.kill()
            process.wait()


def started(program: str, log: Path, *arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", f"distributed.cli.{program}", *ON_THIS_MACHINE, *arguments]
    with log.open("wb") as output:
        return subprocess.Popen(command, stdout=output, stderr=output)


def wait_until(condition: Callable[[], Any], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def begun(tiny: Path, trial: int) -> psutil.Process:
    """Wait until a trial is executed, and return the process of its command."""
    file = tiny / f"started-{trial}"
    wait_until(lambda: file.exists() and file.read_text())
    return psutil.Process(int(file.read_text()))


def until(pool: Pool, condition: Callable[[list[Event]], Any]) -> list[Event]:
    found: list[Event] = []
    deadline = time.monotonic() + 120
    while not condition(found):
        assert time.monotonic() < deadline
        found += pool.events(0.1)
    return found


def test_a_trial_that_runs_is_stopped_and_also_when_its_client_is_gone(
    cluster: Cluster, tiny: Path, store: Store
) -> None:
    backend = made({"name": "dask", "scheduler": cluster.scheduler})
    assert backend.reach() == 2
    orders = [Order("tuning", f"{x}", {}, {"x": x}, files=True) for x in range(3)]
    with closing(backend.pool(Assignment(store, str(tiny), None, 2, tiny / "log"))) as pool:
        pool.begin(1, orders[1])
        until(pool, lambda _: pool.running[1])
        run_id = pool.running[1]
        command = begun(tiny, 1)
        assert run_id is not None
        pool.stop(1)
        [event] = until(pool, lambda events: events)
        assert (event.trial, event.died) == (1, False)
        assert (event.told.state, event.told.run_id) == ("stopped", run_id)
        assert not command.is_running()
        store.drain()
        assert store.runs.info(run_id).status == "KILLED"
        assert pool.running == {}
        pool.begin(2, orders[2])
        command = begun(tiny, 2)
        pool._client.close()  # type: ignore[attr-defined]  # as if it had been killed
        wait_until(lambda: not command.is_running())
        pool._tasks.clear()  # type: ignore[attr-defined]


def test_the_trials_of_a_killed_worker_are_executed_again(
    cluster: Cluster, tiny: Path, store: Store
) -> None:
    space = ("-P", "x=1,2,3", "--sampler", "grid", "--metric", "loss", "--direction", "min")
    where = ("--scheduler", cluster.scheduler, "--name", "far")
    command = [sys.executable, "-m", "nbtrail", "sweep", str(tiny), *space, *where]
    sweep = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    commands = [begun(tiny, trial) for trial in (1, 2)]
    above = {one.pid for one in commands[0].parents()}
    [killed] = [one for one in cluster.workers if one.pid in above]
    os.kill(killed.pid, signal.SIGKILL)
    wait_until(lambda: not commands[0].is_running())
    assert commands[1].is_running()
    (tiny / "hold").unlink()
    told = sweep.communicate(timeout=200)

    assert sweep.returncode == 0, told
    found = show(store, "far")
    assert [(one.number, one.state, one.value) for one in found.trials] == [
        (1, "finished", 1), (2, "finished", 2), (3, "finished", 3),
    ]  # fmt: skip
    assert found.run.data.metrics["trials/finished"] == 3
    wanted = f"tags.`mlflow.parentRunId` = '{found.run.info.run_id}'"
    runs = [run for run in store.runs.search(None, wanted)[0] if run.info.status != "FINISHED"]
    [(number, status)] = [(run.data.tags["nbtrail.trial"], run.info.status) for run in runs]
    assert (number, status) == ("1", "KILLED")
    history = store.metrics.history(found.run.info.run_id, "best_loss")
    assert sorted(one.step for one in history) == [1, 2, 3]


def test_a_scheduler_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask, "PATIENCE", 1)
    with pytest.raises(InvalidState, match="No Dask scheduler answers at tcp:.* within 1 s"):
        made({"name": "dask", "scheduler": "tcp://127.0.0.1:1"}).reach()
    with pytest.raises(InvalidValue, match="missing port number"):
        made({"name": "dask", "scheduler": "10.0.0.5"}).reach()
    with pytest.raises(InvalidValue, match="The backend dask: it needs --scheduler"):
        made({"name": "dask"})
