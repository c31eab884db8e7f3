"""MLflow's spelling of `projects.run`, for code that begins with ``import nbtrail as mlflow``."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from nbtrail.entities import Run
from nbtrail.errors import ExecutionFailed, InvalidValue, did_you_mean
from nbtrail.projects import targets
from nbtrail.projects.asked import Environment
from nbtrail.projects.background.handle import Handle
from nbtrail.tracking import current_store

_ENVIRONMENTS: dict[str | None, Environment] = {
    None: "local",
    "local": "local",
    "uv": "uv",
    "virtualenv": "uv",
    "conda": "conda",
}
_STATUSES = {
    "queued": "SCHEDULED",
    "running": "RUNNING",
    "finished": "FINISHED",
    "failed": "FAILED",
    "stopped": "KILLED",
}
_PERIOD = 0.1  # seconds between looks


class SubmittedRun:
    """A project that was started, by MLflow's names.

    Args:
        started: its run, which has ended; or what executes it.
    """

    def __init__(self, started: Run | Handle) -> None:
        self._started = started

    @property
    def run_id(self) -> str | None:
        """The id of its run; None if it failed before there was one."""
        if isinstance(self._started, Run):
            return self._started.info.run_id
        while (found := self._started.run_id) is None and self.get_status() in {
            "SCHEDULED",
            "RUNNING",
        }:
            time.sleep(_PERIOD)
        return found

    def wait(self) -> bool:
        """Wait for its end; return whether it finished."""
        if isinstance(self._started, Handle):
            try:
                self._started.wait()
            except ExecutionFailed:
                return False
        return True

    def get_status(self) -> str:
        """Return ``SCHEDULED``, ``RUNNING``, ``FINISHED``, ``FAILED`` or ``KILLED``."""
        if isinstance(self._started, Run):
            return str(self._started.info.status)
        return _STATUSES[self._started.status]

    def cancel(self) -> None:
        """Have it end, and wait for that."""
        if isinstance(self._started, Handle):
            self._started.cancel()
            self.wait()


def run(  # noqa: PLR0913 - they are MLflow's
    uri: str,
    entry_point: str = "main",
    version: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    *,
    experiment_name: str | None = None,
    experiment_id: str | None = None,
    backend: str = "local",
    backend_config: Mapping[str, Any] | None = None,
    synchronous: bool = True,
    run_name: str | None = None,
    env_manager: str | None = None,
    **others: Any,
) -> SubmittedRun:
    """Execute a project or notebook in MLflow's words; `nbtrail.projects.run` says more.

    Args:
        uri: a directory, the address of a git repository, or a notebook.
        entry_point: what of a project is run.
        version: a commit, tag or branch.
        parameters: values by name.
        experiment_name: the experiment of the run.
        experiment_id: likewise, by its id.
        backend: where it is executed, as of `nbtrail.projects.run`.
        backend_config: options of the backend.
        synchronous: whether to wait for its end.
        run_name: the name of the run.
        env_manager: ``local`` (the default), ``uv``, ``virtualenv`` (which is uv here) or
            ``conda``.
        others: MLflow's options that there are not here, where they are None or False.

    Raises:
        NotFound, InvalidValue: the project or a parameter is not as it must be.
        ExecutionFailed: it did not get to its end; only when that is waited for.
    """
    if asked := [name for name, value in others.items() if value]:
        raise InvalidValue(f"nbtrail.run has no {asked[0]}: nbtrail.projects.run says what it has.")
    if env_manager not in _ENVIRONMENTS:
        close = did_you_mean(str(env_manager), list(filter(None, _ENVIRONMENTS)))
        raise InvalidValue(f"There is no env_manager '{env_manager:.40}'.{close}")
    if experiment_id is not None:
        experiment_name = current_store().experiments.get(str(experiment_id)).name
    where = None if backend == "local" else {**(backend_config or {}), "name": backend}
    options: targets.Options = {
        "entry_point": None if entry_point == "main" else entry_point,
        "version": version,
        "env": _ENVIRONMENTS[env_manager],
        "experiment": experiment_name,
        "run_name": run_name,
        "backend": where,
    }
    if synchronous:
        return SubmittedRun(targets.run(uri, parameters, **options))
    return SubmittedRun(targets.run(uri, parameters, wait=False, **options))
