"""Trials as tasks of a Ray cluster that is there already.

Ray chooses the machine of a trial, and has it executed again elsewhere when that dies. An actor,
the `Board`, knows of each task which run it has and whether it is to stop.
"""

from __future__ import annotations

import importlib
import socket
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Annotated, Any

from msgspec import Meta

from nbtrail.entities import Record
from nbtrail.errors import InvalidState, InvalidValue
from nbtrail.projects.backends.messages import Order
from nbtrail.projects.backends.protocol import Assignment, Event
from nbtrail.projects.backends.tasks import PERIOD, Work, executed, failed

PATIENCE = 10  # seconds that a cluster has to answer
_START = 60  # seconds that a worker has to start


class Ray(Record, frozen=True):
    """A cluster, by its address; each trial takes so many `cpus` and `gpus` of it."""

    address: Annotated[str, Meta(description="Of its head: 10.0.0.5:6379")] = "auto"
    cpus: Annotated[float, Meta(description="That a trial takes")] = 1
    gpus: Annotated[float, Meta(description="That a trial takes")] = 0

    def __post_init__(self) -> None:
        if self.cpus <= 0 or self.gpus < 0:
            raise InvalidValue("a trial takes more than 0 cpus, and no less than 0 gpus")

    def reach(self) -> int:
        """See that the cluster is there; return how many trials it has place for.

        Raises:
            InvalidState: it does not answer, its workers have no nbtrail, or Ray is missing.
        """
        with _connected(self.address) as ray:
            try:
                ray.get(ray.remote(num_cpus=self.cpus)(_look).remote(), timeout=_START)
            except Exception as error:  # whatever goes wrong on a worker is raised here
                raise InvalidState(
                    f"The workers of the Ray cluster {self.address} cannot execute trials: "
                    f"{error or type(error).__name__}."
                ) from error
            there = ray.cluster_resources()
            places = [there.get("CPU", 0) / self.cpus]
            places += [there.get("GPU", 0) / self.gpus] if self.gpus else []
            return max(int(min(places)), 1)

    def pool(self, assignment: Assignment) -> Cluster:
        """Return what executes trials there."""
        return Cluster(self, assignment)


class Board:
    """What the tasks of a pool and who asks for them tell each other; an actor."""

    def __init__(self) -> None:
        self._runs: dict[str, str] = {}
        self._stopping: set[str] = set()

    def is_to_stop(self, key: str, run_id: str | None) -> bool:
        """Take note of a task's run; tell whether it is to stop."""
        if run_id is not None:
            self._runs[key] = run_id
        return key in self._stopping

    def stop(self, key: str) -> None:
        """Have a task stop."""
        self._stopping.add(key)

    def runs(self) -> dict[str, str]:
        """Return the runs of the tasks that have one."""
        return self._runs


@dataclass
class _Task:
    """The task of a trial, by the name that the board knows it by; `run_id` as soon as known."""

    trial: int
    key: str
    is_stopping: bool = False
    run_id: str | None = None


class Cluster:
    """Executes trials on a Ray cluster, as many of them at once as may go on."""

    def __init__(self, where: Ray, assignment: Assignment) -> None:
        self._leaving = ExitStack()
        self._ray = self._leaving.enter_context(_connected(where.address))
        self._size, self._work = assignment.size, Work.of(assignment)
        self._board = self._ray.remote(num_cpus=0)(Board).remote()
        options = {"num_cpus": where.cpus, "num_gpus": where.gpus, "max_retries": -1}
        self._execute = self._ray.remote(**options)(_execute)
        self._tasks: dict[Any, _Task] = {}

    @property
    def running(self) -> dict[int, str | None]:
        """The trials that go on, with their runs as soon as there are such."""
        return {task.trial: task.run_id for task in self._tasks.values()}

    def is_full(self) -> bool:
        """Tell whether no other trial may begin now."""
        return len(self._tasks) >= self._size

    def begin(self, trial: int, order: Order) -> None:
        """Have a trial executed by some worker."""
        key = uuid.uuid4().hex  # a trial may begin again
        task = self._execute.remote(self._work, trial, order, self._board, key)
        self._tasks[task] = _Task(trial, key)

    def events(self, patience: float) -> list[Event]:
        """Return what has happened; wait for it, for so many seconds at most.

        Raises:
            InvalidState: the cluster is gone, and with it the trials.
        """
        if not self._tasks:
            time.sleep(patience)
            return []
        ended, _ = self._ray.wait(list(self._tasks), timeout=patience)
        try:
            runs = self._ray.get(self._board.runs.remote(), timeout=_START)
        except (self._ray.exceptions.RayError, ConnectionError) as error:
            raise InvalidState(
                "The Ray cluster is gone, and with it the trials that went on."
            ) from error
        for task in self._tasks.values():
            task.run_id = runs.get(task.key)
        return [self._event(one, self._tasks.pop(one)) for one in ended]

    def stop(self, trial: int) -> None:
        """Have a trial end."""
        for task in self._tasks.values():
            if task.trial == trial and not task.is_stopping:
                task.is_stopping = True
                self._board.stop.remote(task.key)

    def close(self) -> None:
        """End all trials, and leave the cluster."""
        try:
            while self._tasks:
                for trial in self.running:
                    self.stop(trial)
                self.events(PERIOD)
        finally:  # what is forgotten by its driver ends, too
            self._leaving.close()

    def _event(self, task: Any, of: _Task) -> Event:
        try:
            ended: Event = self._ray.get(task)
        except Exception as error:  # whatever was raised by the task
            return failed(of.trial, of.run_id, getattr(error, "cause", None) or error)
        return ended


@contextmanager
def _connected(address: str) -> Iterator[Any]:
    """Give the module of Ray, connected with a cluster; a connection that was there is kept.

    Raises:
        InvalidState: Ray is missing, or the cluster does not answer.
        InvalidValue: that is no address.
    """
    ray = _ray()
    if ray.is_initialized():
        yield ray
        return
    _probe(address)
    try:
        ray.init(address, log_to_driver=False, logging_level="ERROR")
    except ConnectionError:
        raise InvalidState(_no_answer(address)) from None
    except ValueError as error:
        raise InvalidValue(
            f"'{address:.200}' is no address of a Ray cluster, such as 10.0.0.5:6379: {error}"
        ) from None
    try:
        yield ray
    finally:
        ray.shutdown()


def _probe(address: str) -> None:
    """See that something listens at an address: Ray itself would try for minutes."""
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if not (colon and port.isdecimal()):
        return  # Ray knows what it means, or refuses it
    try:
        socket.create_connection((host.strip("[]"), int(port)), PATIENCE).close()
    except (OSError, OverflowError):
        raise InvalidState(_no_answer(address)) from None


def _no_answer(address: str) -> str:
    where = "on this machine" if address == "auto" else f"at {address:.200}"
    return f"No Ray cluster answers {where} within {PATIENCE} s."


def _ray() -> Any:
    try:
        return importlib.import_module("ray")
    except ImportError:
        raise InvalidState("The backend ray needs Ray: pip install 'nbtrail[ray]'.") from None


def _look() -> None:
    """Be imported, with what executes trials, on a worker."""


def _execute(work: Work, trial: int, order: Order, board: Any, key: str) -> Event:
    """Execute a trial; this is a task, on a worker."""
    ray = _ray()

    def is_to_stop(run_id: str | None) -> bool:
        return bool(ray.get(board.is_to_stop.remote(key, run_id)))

    return executed(work, trial, order, is_to_stop)
