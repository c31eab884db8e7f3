"""What a backend executes as one run: a notebook, a project's command, the cells of a run."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from nbtrail import config
from nbtrail.entities import Run
from nbtrail.errors import ExecutionFailed, InvalidValue
from nbtrail.projects import backends
from nbtrail.projects.asked import Asked
from nbtrail.projects.backends import Assignment, Backend, Pool
from nbtrail.projects.backends.messages import Order, Told
from nbtrail.projects.reproduction import reruns
from nbtrail.projects.sweeps.opening import opened, shared
from nbtrail.projects.sweeps.target import CellsTarget, Target, declared_backends, tags_of
from nbtrail.store import Store
from nbtrail.tracking import current_store, names

_PERIOD = 0.5  # seconds between looks at whether there is the run


@dataclass(frozen=True)
class RemoteWork:
    """What a backend executes; `where` is the backend's name."""

    asked: Asked
    what: Target
    backend: Backend
    where: str

    def execute(self) -> Run:
        """Have it executed, and return the run when it has ended.

        Raises:
            ExecutionFailed: it did not get to its end.
        """
        with (
            self.asked.recording() as store,
            _log(store) as log,
            shared(self.what, log.parent) as place,
        ):
            point = None if isinstance(self.what, CellsTarget) else self.what.point
            assignment = Assignment(store, place, point.name if point else None, 1, log)
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
        return f"{self.what.name}: backend {self.where}, environment {self.asked.env}"

    def prepared(self) -> None:
        """Make nothing: the environment is made there."""

    def _order(self) -> Order:
        asked = self.asked
        group = asked.experiment or config.experiment_name() or self.what.name
        name, tags = asked.run_name or names.run_name(), {**tags_of(self.what), **asked.tags}
        delivery = asked.delivery
        return Order(
            group,
            name,
            tags,
            dict(asked.parameters),
            asked.files,
            asked.env,
            delivery.output,
            delivery.report,
            delivery.timeout,
        )

    def _awaited(self, pool: Pool) -> Told:
        known = None
        while True:
            if ended := pool.events(_PERIOD):
                return ended[0].told
            if (run_id := pool.running[1]) != known and run_id is not None:
                known = run_id
                if self.asked.watch is not None:
                    self.asked.watch.run_begun(run_id)


@contextmanager
def remote_work(
    asked: Asked, target: str | Run, entry_point: str | None, version: str | None
) -> Iterator[RemoteWork]:
    """Give what a backend is to execute, checked; the backend has answered.

    Raises:
        NotFound, InvalidValue: the target, a parameter or an option is not as it must be.
        InvalidState: the backend does not answer.
    """
    _refuse_of_others(asked)
    with ExitStack() as kept:
        if isinstance(target, Run):
            asked, what = _again(asked, target, kept)
        else:
            what = kept.enter_context(opened(target, entry_point, version))
        what.check([asked.parameters])
        asked = what.checked(asked)
        options = backends.asked(asked.backend, declared_backends(what))
        backend = backends.made(options)
        backend.reach()
        yield RemoteWork(asked, what, backend, options["name"])


def _again(asked: Asked, original: Run, kept: ExitStack) -> tuple[Asked, Target]:
    """Return what a run has executed, and how that is asked for once more."""
    store = asked.store or current_store()
    group = store.experiments.get(original.info.experiment_id).name
    own = replace(asked, experiment=asked.experiment or group)
    project = reruns.project_of(original)
    if project is None:
        return own, CellsTarget(store, original)
    own = replace(own, parameters={**reruns.injected_values(original), **asked.parameters})
    return own, kept.enter_context(opened(*project))


def _refuse_of_others(asked: Asked) -> None:
    not_there = {
        "no-track": not asked.delivery.records,
        "cache": asked.cache,
        "resume": asked.resume,
        "parallel": asked.parallel,
    }
    for option, value in not_there.items():
        if value:
            raise InvalidValue(f"--{option} does not go with --backend.")


@contextmanager
def _log(store: Store) -> Iterator[Path]:
    """Give a file for what processes print, where other machines have it, too."""
    with tempfile.TemporaryDirectory(dir=store.directory, prefix="run-") as folder:
        (log := Path(folder) / "output.log").touch(0o600)
        yield log
