"""The supervisor of a store's jobs: ``python -m nbtrail.projects.background.supervisor --store …``.

There is one for a store, by a lock. It starts a process (worker.py) for each run, as many at once
as it may, ends those that are to stop, and ends itself when nothing is left to do. Each process
holds the other end of a pipe: when the supervisor dies, they interrupt themselves.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from nbtrail.errors import StoreError
from nbtrail.projects.background import jobs
from nbtrail.projects.processes import GRACE, Stoppable, kill_tree, said, slots
from nbtrail.store import Store, locks, open_store

PERIOD = 0.1  # seconds between looks
PATIENCE = 120.0  # seconds for which the store may be of no use


@dataclass
class Worker(Stoppable):
    """A run's process."""

    process: subprocess.Popen[bytes]

    def interrupt(self) -> None:
        """Interrupt it once."""
        self.process.send_signal(signal.SIGINT)

    def kill(self) -> None:
        """Kill it with all that it has started."""
        kill_tree(self.process.pid)


class Supervisor:
    """Works off the jobs of a store, with at most `slots` runs at once."""

    def __init__(self, store: Store, slots: int, grace: float = GRACE) -> None:
        self._store = store
        self._slots = slots
        self._grace = grace
        self._workers: dict[tuple[str, int], Worker] = {}

    def run(self) -> None:
        """Work until nothing is left to do, unless another supervisor does."""
        lock = jobs.folder(self._store) / jobs.LOCK
        while (descriptor := locks.take(lock)) is not None:
            self._work_off()
            os.close(descriptor)
            # Who queued a job in between has found the lock held, and started nobody.
            if not self._store.jobs.has_waiting():
                return

    def _work_off(self) -> None:
        well = time.monotonic()
        while True:
            try:
                if not self._look():
                    return
                well = time.monotonic()
            except StoreError as error:  # somebody writes for long; the runs go on meanwhile
                if time.monotonic() > well + PATIENCE:
                    raise
                print(error, file=sys.stderr, flush=True)
            time.sleep(PERIOD)

    def _look(self) -> bool:
        """Do what is to be done now; return whether there is more to come."""
        self._reap()
        self._stop_asked()
        self._store.jobs.adopt()
        self._start_next()
        return bool(self._workers)

    def _start_next(self) -> None:
        while len(self._workers) < self._slots and (turn := self._store.jobs.begin()):
            try:
                self._workers[turn] = Worker(self._started(*turn))
            except OSError as error:
                self._store.jobs.end(*turn, 0, "failed", f"No process could be started: {error}.")

    def _started(self, job_id: str, position: int) -> subprocess.Popen[bytes]:
        with open(jobs.log_path(self._store, job_id), "ab", opener=jobs.private) as output:
            return subprocess.Popen(  # noqa: S603 - our own module
                [
                    *(sys.executable, "-P", "-m", "nbtrail.projects.background.worker"),
                    *("--store", self._store.uri, "--job", job_id, "--position", str(position)),
                ],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                cwd=self._folder(job_id),
            )

    def _folder(self, job_id: str) -> Path:
        """Return where a run works: beside its notebook."""
        notebook = self._store.jobs.get(job_id).notebook
        beside = Path(notebook).parent if notebook else self._store.directory
        return beside if beside.is_dir() else self._store.directory

    def _stop_asked(self) -> None:
        stopping = self._store.jobs.stopping()
        for (job_id, _), worker in self._workers.items():
            if job_id in stopping:
                worker.stop(self._grace)

    def _reap(self) -> None:
        ended = {k: w.process for k, w in self._workers.items() if w.process.poll() is not None}
        for (job_id, position), process in ended.items():
            why = f"Its process died ({said(process.returncode)}); the job's log may say why."
            self._store.jobs.end(job_id, position, process.pid, "failed", why)
            del self._workers[job_id, position]
            if process.stdin:
                process.stdin.close()
            if process.returncode != 0:
                self._store.drain()  # the run of a process that died is KILLED


def _leave(_signal: int, _frame: object) -> NoReturn:
    sys.exit(0)


def main(arguments: list[str] | None = None) -> None:
    """Work off the jobs of a store."""
    parser = argparse.ArgumentParser(prog="nbtrail.projects.background.supervisor")
    parser.add_argument("--store", required=True)
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, _leave)
    Supervisor(open_store(options.store, create=False), slots()).run()


if __name__ == "__main__":
    main()
