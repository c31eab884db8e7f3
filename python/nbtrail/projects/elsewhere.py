"""A notebook or a project's command that a backend executes as one run."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from nbtrail import config
from nbtrail.entities import Run
from nbtrail.errors import ExecutionFailed, InvalidValue
from nbtrail.projects import backends
from nbtrail.projects.asked import Asked
from nbtrail.projects.backends import Assignment, Backend, Pool
from nbtrail.projects.backends.messages import Order, Told
from nbtrail.projects.sweeps.target import Target, declared_backends, target_of
from nbtrail.store import Store
from nbtrail.tracking import names

_PERIOD = 0.5  # seconds between looks at whether there is the run


@dataclass(frozen=True)
class RemoteWork:
    """What a backend executes; `target` is its path, `where` the backend's name."""

    asked: Asked
    what: Target
    target: str
    entry_point: str | None
    backend: Backend
    where: str

    def execute(self) -> Run:
        """Have it executed, and return the run when it has ended.

        Raises:
            ExecutionFailed: it did not get to its end.
        """
        with self.asked.recording() as store, _log(store) as log:
            assignment = Assignment(store, self.target, self.entry_point, 1, log)
            with closing(self.backend.pool(assignment)) as pool:
                pool.begin(1, self._order())
                told = self._awaited(pool)
            store.drain()
            if told.state == "finished" and told.run_id is not None:
                return store.runs.get(told.run_id)
            why = told.error or "it was interrupted"
            raise ExecutionFailed(f"{self.what.name}: {why}.", told.run_id or "")

    def described(self) -> str:
        """Return what would be executed, and where."""
        return f"{self.what.name}: backend {self.where}"

    def prepared(self) -> None:
        """Make nothing: the environment is the one there."""

    def _order(self) -> Order:
        asked = self.asked
        group = asked.experiment or config.experiment_name() or self.what.name
        name, tags = asked.run_name or names.run_name(), dict(asked.tags)
        return Order(group, name, tags, dict(asked.parameters), asked.files)

    def _awaited(self, pool: Pool) -> Told:
        known = None
        while True:
            if ended := pool.events(_PERIOD):
                return ended[0].told
            if (run_id := pool.running[1]) != known and run_id is not None:
                known = run_id
                if self.asked.watch is not None:
                    self.asked.watch.run_begun(run_id)


def remote_work(
    asked: Asked, target: str, entry_point: str | None, version: str | None
) -> RemoteWork:
    """Return what a backend is to execute, checked; the backend has answered.

    Raises:
        NotFound, InvalidValue: the target, a parameter or an option is not as it must be.
        InvalidState: the backend does not answer.
    """
    delivery = asked.delivery
    not_there = {
        "version": version,
        "env": asked.env != "local",
        "output": delivery.output,
        "report": delivery.report,
        "timeout": delivery.timeout,
        "no-track": not delivery.records,
        "cache": asked.cache,
        "resume": asked.resume,
        "parallel": asked.parallel,
    }
    for option, value in not_there.items():
        if value:
            raise InvalidValue(f"--{option} does not go with --backend.")
    what = target_of(target, entry_point)
    what.check([asked.parameters])
    options = backends.asked(asked.backend, declared_backends(target))
    backend = backends.made(options)
    backend.reach()
    path = os.path.abspath(target)  # noqa: PTH100 - `..` is where a shell sees it
    return RemoteWork(asked, what, path, entry_point, backend, options["name"])


@contextmanager
def _log(store: Store) -> Iterator[Path]:
    """Give a file for what processes print, where other machines have it, too."""
    with tempfile.TemporaryDirectory(dir=store.directory, prefix="run-") as folder:
        (log := Path(folder) / "output.log").touch(0o600)
        yield log
