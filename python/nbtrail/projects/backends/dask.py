"""Trials as tasks of a Dask cluster that is there already.

Dask chooses the worker of a trial, and has it executed again elsewhere when that worker dies.
"""

from __future__ import annotations

import importlib
import queue
import uuid
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Annotated, Any

from msgspec import Meta

from nbtrail.entities import Record
from nbtrail.errors import InvalidState, InvalidValue
from nbtrail.projects.backends.messages import Order
from nbtrail.projects.backends.protocol import Assignment, Event
from nbtrail.projects.backends.tasks import PERIOD, Work, executed, failed
from nbtrail.projects.processes import slots

PATIENCE = 10  # seconds that a scheduler has to answer


class Dask(Record, frozen=True):
    """A cluster, by the address of its scheduler."""

    scheduler: Annotated[str, Meta(description="Its address: tcp://10.0.0.5:8786")] = ""

    def __post_init__(self) -> None:
        if not self.scheduler:
            raise InvalidValue("it needs a scheduler, as in --scheduler tcp://10.0.0.5:8786")

    def reach(self) -> int:
        """See that the cluster is there; return how many threads it has.

        Raises:
            InvalidState: it does not answer, its workers have no nbtrail, or Dask is missing.
        """
        with closing(_connected(self.scheduler)) as client:
            try:
                client.run(_look)
            except Exception as error:  # whatever goes wrong on a worker is raised here
                raise InvalidState(
                    f"The workers of the Dask cluster {self.scheduler} cannot execute trials: "
                    f"{error or type(error).__name__}."
                ) from error
            return sum(client.nthreads().values()) or slots()

    def pool(self, assignment: Assignment) -> Cluster:
        """Return what executes trials there."""
        return Cluster(_connected(self.scheduler), assignment)


@dataclass
class _Task:
    """The task of a trial: its future, Dask's event that has it stop, and its run."""

    future: Any
    stop: Any
    is_stopping: bool = False
    run_id: str | None = None


class Cluster:
    """Executes trials on a Dask cluster, as many of them at once as may go on."""

    def __init__(self, client: Any, assignment: Assignment) -> None:
        self._client, self._size = client, assignment.size
        self._work = Work.of(assignment)
        self._topic = f"nbtrail-{uuid.uuid4().hex}"  # where tasks tell of their runs
        self._tasks: dict[int, _Task] = {}
        self._ended: queue.SimpleQueue[int] = queue.SimpleQueue()
        client.subscribe_topic(self._topic, self._take_note)

    @property
    def running(self) -> dict[int, str | None]:
        """The trials that go on, with their runs as soon as there are such."""
        return {trial: task.run_id for trial, task in self._tasks.items()}

    def is_full(self) -> bool:
        """Tell whether no other trial may begin now."""
        return len(self._tasks) >= self._size

    def begin(self, trial: int, order: Order) -> None:
        """Have a trial executed by some worker."""
        key = f"{self._topic}-{uuid.uuid4().hex}"  # a trial may begin again
        task = (self._work, trial, order, self._topic, key)
        future = self._client.submit(_execute, *task, key=key, pure=False)
        self._tasks[trial] = _Task(future, _distributed().Event(key, self._client))
        future.add_done_callback(lambda _: self._ended.put(trial))

    def events(self, patience: float) -> list[Event]:
        """Return what has happened; wait for it, for so many seconds at most.

        Raises:
            InvalidState: the scheduler is gone, and with it the trials.
        """
        try:
            trial = self._ended.get(timeout=patience)
        except queue.Empty:
            return []
        return [self._event(trial, self._tasks.pop(trial))]

    def stop(self, trial: int) -> None:
        """Have a trial end."""
        task = self._tasks[trial]
        if not task.is_stopping:
            task.is_stopping = True
            with suppress(OSError):  # when the scheduler is gone, `events` finds that
                task.stop.set()

    def close(self) -> None:
        """End all trials, and leave the cluster."""
        try:
            while self._tasks and self._client.status == "running":
                for trial in self._tasks:
                    self.stop(trial)
                self.events(PERIOD)
        finally:  # what is forgotten by its client ends, too
            self._client.close()

    def _take_note(self, event: tuple[float, tuple[int, str]]) -> None:
        trial, run_id = event[1]
        if task := self._tasks.get(trial):
            task.run_id = run_id

    def _event(self, trial: int, task: _Task) -> Event:
        if task.future.status not in {"finished", "error"}:
            raise InvalidState("The Dask scheduler is gone, and with it the trials that went on.")
        task.stop.clear()
        if (error := task.future.exception()) is None:
            ended: Event = task.future.result()
            return ended
        return failed(trial, task.run_id, error)


def _connected(scheduler: str) -> Any:
    """Return a client of a cluster.

    Raises:
        InvalidState: Dask is missing, or the scheduler does not answer.
        InvalidValue: that is no address.
    """
    distributed = _distributed()
    try:
        # First, since a client that was given no address hangs when this process exits.
        distributed.comm.get_address_host_port(scheduler)
        return distributed.Client(scheduler, timeout=PATIENCE, set_as_default=False)
    except OSError:
        raise InvalidState(
            f"No Dask scheduler answers at {scheduler:.200} within {PATIENCE} s."
        ) from None
    except ValueError as error:
        raise InvalidValue(
            f"'{scheduler:.200}' is no address of a Dask scheduler, such as "
            f"tcp://10.0.0.5:8786: {error}."
        ) from None


def _distributed() -> Any:
    try:
        return importlib.import_module("distributed")
    except ImportError:
        raise InvalidState("The backend dask needs Dask: pip install 'nbtrail[dask]'.") from None


def _look() -> None:
    """Be imported, with what executes trials, on a worker."""


def _execute(work: Work, trial: int, order: Order, topic: str, key: str) -> Event:
    """Execute a trial; this is a task, on a worker."""
    distributed = _distributed()
    worker, stop, known = distributed.get_worker(), distributed.Event(key), None

    def is_to_stop(run_id: str | None) -> bool:
        nonlocal known
        if run_id != known:
            known = run_id
            worker.log_event(topic, (trial, run_id))
        return stop.is_set() or _is_forgotten(worker, key)

    return executed(work, trial, order, is_to_stop)


def _is_forgotten(worker: Any, key: str) -> bool:
    """Tell whether nobody wants the result of a task any more: its client has gone."""
    task = worker.state.tasks.get(key)
    return task is None or task.state != "executing"
