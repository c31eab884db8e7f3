"""Sweeps on a real Ray cluster: a head and two nodes, processes of their own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nbtrail.errors import InvalidState, InvalidValue
from nbtrail.projects.backends import Assignment, made, ray
from nbtrail.projects.sweeps import show
from nbtrail.store import Store
from projects.trials import assert_is_stopped, begun, order, wait_until


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Ray's own way to have several nodes on one machine."""
    from ray.cluster_utils import Cluster

    found = Cluster(True, head_node_args={"num_cpus": 0, "include_dashboard": False})
    for _ in range(2):
        found.add_node(num_cpus=1)
    yield found
    found.shutdown()


@pytest.mark.full
def test_a_trial_that_runs_is_stopped_and_also_when_its_driver_is_gone(
    cluster: Any, held: Path, store: Store
) -> None:
    backend = made({"name": "ray", "address": cluster.address})
    assert backend.reach() == 2
    pool = backend.pool(Assignment(store, str(held), None, 2, held / "log"))
    try:
        assert_is_stopped(pool, held, store)
        pool.begin(2, order(2))
        command = begun(held, 2)
    finally:
        pool._leaving.close()  # type: ignore[attr-defined]  # as when its process is killed
    wait_until(lambda: not command.is_running())


@pytest.mark.full
def test_the_trials_of_a_lost_node_are_executed_again(
    cluster: Any, held: Path, store: Store
) -> None:
    space = ("-P", "x=1,2,3", "--sampler", "grid", "--metric", "loss", "--direction", "min")
    where = ("--backend", "ray", "--backend-option", f"address={cluster.address}")
    command = [sys.executable, "-m", "nbtrail", "sweep", str(held), *space, *where, "--name", "far"]
    sweep = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    commands = [begun(held, trial) for trial in (1, 2)]
    above = {one.pid for one in commands[0].parents()}
    [lost] = [one for one in cluster.worker_nodes if _raylet(one) in above]
    cluster.remove_node(lost, allow_graceful=False)
    wait_until(lambda: not commands[0].is_running())
    assert commands[1].is_running()
    (held / "hold").unlink()
    told = sweep.communicate(timeout=250)

    assert sweep.returncode == 0, told
    found = show(store, "far")
    assert [(one.number, one.state, one.value) for one in found.trials] == [
        (1, "finished", 1), (2, "finished", 2), (3, "finished", 3),
    ]  # fmt: skip
    wanted = f"tags.`mlflow.parentRunId` = '{found.run.info.run_id}'"
    runs = [run for run in store.runs.search(None, wanted)[0] if run.info.status != "FINISHED"]
    [(number, status)] = [(run.data.tags["nbtrail.trial"], run.info.status) for run in runs]
    assert (number, status) == ("1", "KILLED")


def _raylet(node: Any) -> int:
    return int(node.all_processes["raylet"][0].process.pid)


@pytest.mark.full
def test_a_cluster_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray, "PATIENCE", 1)
    with pytest.raises(InvalidState, match=r"No Ray cluster answers at 127.* within 1 s"):
        made({"name": "ray", "address": "127.0.0.1:1"}).reach()
    with pytest.raises(InvalidValue, match="'nonsense' is no address of a Ray cluster"):
        made({"name": "ray", "address": "nonsense"}).reach()


def test_what_a_trial_takes() -> None:
    with pytest.raises(InvalidValue, match="The backend ray: a trial takes more than 0 cpus"):
        made({"name": "ray", "cpus": 0})
