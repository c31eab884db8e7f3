"""Sweeps on a real Dask cluster: a scheduler and two workers, processes of their own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from nbtrail.errors import InvalidState, InvalidValue
from nbtrail.projects.backends import Assignment, dask, made
from nbtrail.projects.sweeps import show
from nbtrail.store import Store
from projects.trials import assert_is_stopped, begun, order, wait_until

ON_THIS_MACHINE = ("--host", "127.0.0.1", "--no-dashboard")


@dataclass
class Cluster:
    scheduler: str
    workers: list[subprocess.Popen[bytes]]


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


def test_a_trial_that_runs_is_stopped_and_also_when_its_client_is_gone(
    cluster: Cluster, held: Path, store: Store
) -> None:
    backend = made({"name": "dask", "scheduler": cluster.scheduler})
    assert backend.reach() == 2
    pool = backend.pool(Assignment(store, str(held), None, 2, held / "log"))
    assert_is_stopped(pool, held, store)
    pool.begin(2, order(2))
    command = begun(held, 2)
    pool._client.close()  # type: ignore[attr-defined]  # as when its process is killed
    wait_until(lambda: not command.is_running())


@pytest.mark.full
def test_the_trials_of_a_killed_worker_are_executed_again(
    cluster: Cluster, held: Path, store: Store
) -> None:
    space = ("-P", "x=1,2,3", "--sampler", "grid", "--metric", "loss", "--direction", "min")
    where = ("--scheduler", cluster.scheduler, "--name", "far")
    command = [sys.executable, "-m", "nbtrail", "sweep", str(held), *space, *where]
    sweep = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    commands = [begun(held, trial) for trial in (1, 2)]
    above = {one.pid for one in commands[0].parents()}
    [killed] = [one for one in cluster.workers if one.pid in above]
    os.kill(killed.pid, signal.SIGKILL)
    wait_until(lambda: not commands[0].is_running())
    assert commands[1].is_running()
    (held / "hold").unlink()
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
    with pytest.raises(InvalidState, match=r"No Dask scheduler answers at tcp:.* within 1 s"):
        made({"name": "dask", "scheduler": "tcp://127.0.0.1:1"}).reach()
    with pytest.raises(InvalidValue, match="missing port number"):
        made({"name": "dask", "scheduler": "10.0.0.5"}).reach()
    with pytest.raises(InvalidValue, match="The backend dask: it needs a scheduler"):
        made({"name": "dask"})
