"""Trials as tasks of an array job of a real Slurm of one node."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, nullcontext
from multiprocessing import AuthenticationError
from pathlib import Path

import pytest

from artifacts.servers import free_port
from nbtrail import projects
from nbtrail.errors import InvalidState, InvalidValue
from nbtrail.projects.backends import Assignment, dial, made
from nbtrail.store import Store
from projects.trials import assert_is_stopped, begun, next_event, order, wait_until

CONFIGURATION = """
ClusterName=test
SlurmctldHost={node}(127.0.0.1)
SlurmUser=root
AuthInfo=socket={folder}/munge/socket
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=sched_interval=2
NodeName={node} NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=main Nodes={node} Default=YES State=UP
"""


@contextmanager
def daemon(log: Path, program: str, *arguments: str) -> Iterator[None]:
    path = shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin")
    assert path, f"There is no {program}: install Debian's slurm-wlm, as `make test-full` does"
    with log.open("wb") as output:
        process = subprocess.Popen([path, *arguments], stdout=output, stderr=output)
    try:
        yield
    finally:
        process.terminate()
        process.wait(60)


@pytest.fixture(scope="module")
def slurm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run munge and Slurm with one node of two CPUs; return the path of the configuration."""
    assert os.geteuid() == 0, "Slurm's daemons are started as root"
    folder, node = tmp_path_factory.mktemp("slurm"), socket.gethostname().partition(".")[0]
    for name in ("munge", "state", "spool"):
        (folder / name).mkdir(mode=0o700)
    key, file = folder / "munge" / "key", folder / "slurm.conf"
    key.write_bytes(os.urandom(128))
    key.chmod(0o400)
    ports = free_port(), free_port()
    file.write_text(CONFIGURATION.format(folder=folder, node=node, ports=ports))
    own = [f"--{name}={folder}/munge/{name}" for name in ("socket", "pid-file", "seed-file")]
    munge = ("munged", "--foreground", "--force", f"--key-file={key}", *own)
    with ExitStack() as running:
        running.enter_context(daemon(folder / "munged.log", *munge))
        for program in ("slurmctld", "slurmd"):
            log = folder / f"{program}.log"
            running.enter_context(daemon(log, program, "-D", "-f", str(file)))
        wait_until(lambda: asked("sinfo", "--noheader", "--format=%T", conf=str(file)) == "idle")
        yield str(file)


def asked(*command: str, conf: str = "") -> str:
    variables = {**os.environ, "SLURM_CONF": conf} if conf else None
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=variables, check=False)
    return done.stdout.strip()


@pytest.mark.full
def test_trials_are_jobs_and_none_outlives_its_sweep(
    slurm: str, held: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLURM_CONF", slurm)
    backend = made({"name": "slurm", "partition": "main"})
    assert backend.reach() == 2
    with closing(backend.pool(Assignment(store, str(held), None, 3, held / "log"))) as pool:
        assert_is_stopped(pool, held, store)
        pool.begin(2, order(2))
        begun(held, 2)
        [task] = [one.name for one in pool._members]  # type: ignore[attr-defined]
        asked("scancel", "--signal=KILL", task)
        event = next_event(pool)
        assert (event.trial, event.died) == (2, True)
        for trial in (3, 4, 5):  # one more than there are CPUs
            pool.begin(trial, order(trial))
        arrays = asked("squeue", "--noheader", "--format=%F").split()
        assert 1 <= len(set(arrays)) <= 2  # the array, and one for what was killed
        wait_until(lambda: sorted(asked("squeue", "-h", "-o%T").split())[:1] == ["PENDING"])
    wait_until(lambda: not asked("squeue", "--noheader"))


@pytest.mark.full
def test_a_sweep_and_what_slurm_refuses(
    slurm: str, tiny: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLURM_CONF", slurm)
    found = projects.sweep(
        tiny,
        {"x": "1,2,3,4"},
        metric="loss",
        direction="min",
        sampler="grid",
        backend={"name": "slurm", "time": "0:10:00"},
        store=store,
    )
    assert [(one.value, one.state) for one in found.trials] == [
        (float(x), "finished") for x in (1, 2, 3, 4)
    ]
    wait_until(lambda: not asked("squeue", "--noheader"))  # they may be completing
    with pytest.raises(InvalidState, match=r"Slurm cannot execute trials: .*[Pp]artition"):
        made({"name": "slurm", "partition": "nope"}).reach()


@pytest.mark.parametrize(("key", "told"), [(b"right", "7_1"), (b"wrong", None)])
def test_only_who_has_the_key_is_a_task(key: bytes, told: str | None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor() as there:
        where = server.getsockname()
        dialled = there.submit(dial.dialled, *where, key, "7_1")
        made, _ = server.accept()
        with made, nullcontext() if told else pytest.raises(AuthenticationError):
            assert dial.answered(made, b"right") == told
        if told:
            dialled.result().close()
        else:
            assert isinstance(dialled.exception(), AuthenticationError)


def test_where_there_is_no_slurm(workdir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(workdir))
    with pytest.raises(InvalidState, match="needs Slurm: there is no srun"):
        made({"name": "slurm"}).reach()
    with pytest.raises(InvalidValue, match="a job has at least one CPU, not 0"):
        made({"name": "slurm", "cpus": "0"})
