"""The thread that records system metrics: one a process, there only while a run is open.

A run that is a second old has it import psutil and take a first reading; a run that is an
interval old has its first points. Short runs see none of that: the thread that the first of them
started waits a moment for the next, since starting one costs as much as such a run. What is
logged belongs to no cell.
"""

from __future__ import annotations

import atexit
import os
import threading
import time
from typing import TYPE_CHECKING

from nbtrail.entities import Metric
from nbtrail.tracking.current import process
from nbtrail.tracking.failures import report
from nbtrail.tracking.run import ActiveRun

if TYPE_CHECKING:
    from nbtrail.tracking.machine import Machine

PREFIX = "system/"
SETTLED_S = 1.0  # the age from which on a run is worth an import, and the thread's patience


class _Watched:
    """A run that is sampled; `due` is when there is next something to do for it."""

    def __init__(self, run: ActiveRun, interval: float, prefix: str) -> None:
        self.run = run
        self.since = time.monotonic()
        self.due = self.since + min(SETTLED_S, interval / 2)
        self._interval = interval
        self._prefix = prefix
        self._machine: Machine | None = None
        self._step = 0

    @property
    def is_open(self) -> bool:
        """Whether it has not ended; an implicit one ends when the notebook goes on without it."""
        return not self.run.ended and (self.run.kind == "explicit" or self.run in process.runs)

    def act(self) -> None:
        """Take the reading that others are compared with, or log one; then wait an interval."""
        try:
            if self._machine is None:
                self._prepare()
            elif self._is_working():
                self._log(self._machine)
        except Exception:
            report("system metrics")
        turns = (time.monotonic() - self.since) // self._interval
        self.due = self.since + (turns + 1) * self._interval

    def _is_working(self) -> bool:
        """Return False between the cells of an implicit run, which is stored as ended then."""
        in_cell = process.execution is not None and process.run is self.run
        return self.run.kind == "explicit" or in_cell

    def _prepare(self) -> None:
        from nbtrail.tracking.machine import Machine

        self._machine = Machine(self.run.store.directory)
        known = self.run.store.runs.get(self.run.run_id).data.metric_summaries
        steps = (summary.step for summary in known if summary.key.startswith(self._prefix))
        self._step = max(steps, default=-1) + 1  # a resumed run goes on counting

    def _log(self, machine: Machine) -> None:
        now, readings = int(time.time() * 1000), machine.read()
        about = now, self._step
        points = [Metric(self._prefix + key, value, *about) for key, value in readings.items()]
        if self.is_open:
            self.run.store.metrics.log(self.run.run_id, points)
            self._step += 1


class _Sampler:
    """The runs that are sampled, and the thread that does it while there are any."""

    def __init__(self) -> None:
        self.forget_parent()

    def forget_parent(self) -> None:
        """Go on in a child after a fork: the thread is not there, the runs are not ours."""
        self._lock = threading.Lock()
        self._runs: dict[ActiveRun, _Watched] = {}
        self._thread: threading.Thread | None = None
        self._wake = threading.Event()
        self._next = 0.0

    def watch(self, run: ActiveRun, interval: float, prefix: str = PREFIX) -> None:
        """Sample a run from now on; the names of its metrics begin with `prefix`."""
        watched = _Watched(run, interval, prefix)
        with self._lock:
            self._runs[run] = watched
            if self._thread is None:
                self._thread = self._started()  # which waits for the lock
            elif watched.due < self._next:
                self._wake.set()

    def _started(self) -> threading.Thread:
        self._wake = threading.Event()
        thread = threading.Thread(
            target=self._work, args=[self._wake], name="nbtrail-system-metrics", daemon=True
        )
        thread.start()
        return thread

    def leave(self, run: ActiveRun) -> None:
        """Sample a run no more; if it was not a short one, nor another is open, end the thread."""
        with self._lock:
            watched = self._runs.pop(run, None)
        if watched is not None and time.monotonic() - watched.since > SETTLED_S / 10:
            self._end_if_idle()

    def stop(self) -> None:
        """Sample nothing any more."""
        with self._lock:
            self._runs.clear()
        self._end_if_idle()

    def _end_if_idle(self) -> None:
        with self._lock:
            if self._runs or self._thread is None:
                return
            thread, self._thread = self._thread, None
            self._wake.set()
        thread.join(SETTLED_S)

    def _work(self, wake: threading.Event) -> None:
        idle = False
        while (watched := self._watched(wake, idle)) is not None:
            for one in watched:
                if one.due <= time.monotonic():
                    one.act()
            idle = not watched
            self._next = min([time.monotonic() + SETTLED_S, *(one.due for one in watched)])
            wake.wait(max(0.0, self._next - time.monotonic()))
            wake.clear()

    def _watched(self, wake: threading.Event, idle: bool) -> list[_Watched] | None:
        """Return the runs to be sampled; None if there were none twice, or the thread shall end."""
        with self._lock:
            if wake is not self._wake or self._thread is None:
                return None
            self._runs = {run: one for run, one in self._runs.items() if one.is_open}
            if idle and not self._runs:
                self._thread = None
                return None
            return list(self._runs.values())


_sampler = _Sampler()
watch, leave, stop = _sampler.watch, _sampler.leave, _sampler.stop
atexit.register(stop)
os.register_at_fork(after_in_child=_sampler.forget_parent)
