"""What a person asks to run: a notebook, a project, a run once more, what made a model."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args

from nbtrail import config
from nbtrail.entities import Run
from nbtrail.errors import InvalidValue, NotFound
from nbtrail.models import uris
from nbtrail.projects import commands, environments, mlproject, requirements, reruns, sources
from nbtrail.projects.execution import execute, run_notebook
from nbtrail.store import Store, open_store
from nbtrail.tracking import current_store

Environment = Literal["local", "uv"]


def run(
    target: str | os.PathLike[str],
    parameters: Mapping[str, object] | None = None,
    *,
    entry_point: str | None = None,
    version: str | None = None,
    env: Environment = "local",
    experiment: str | None = None,
    run_name: str | None = None,
    store: Store | None = None,
    progress: bool = True,
    files: bool = True,
) -> Run:
    """Execute something as a run of its own, and return the run when it has ended.

    Args:
        target: a notebook; the directory of a project, or the address of a git repository with
            one (``#sub/directory`` behind it); the id of a run, or the first
            characters of one, which is executed once more; or
            ``models:/…``, to execute once more what made a model.
        parameters: values by name; strings are read by the parameter's type.
        entry_point: what of a project is run (default: ``main``).
        version: a commit, tag or branch of the project's repository.
        env: ``local`` is the environment of whoever asks; ``uv`` makes one, with the packages that
            the project asks for (its python_env, else requirements.txt or pyproject.toml beside
            it), and keeps it.
        experiment: name of the experiment (default: the environment's, else the project's).
        run_name: name of the run.
        store: where to record (default: the store of the current directory).
        progress: whether to show a progress bar, if standard error is a terminal.
        files: whether the run has the files that its cells read and write.

    Raises:
        NotFound, InvalidValue: the target or a parameter is not as it must be; nothing was
            recorded.
        ExecutionFailed: it did not get to its end; the run says so, too.
    """
    target = os.fspath(target)
    asked = _Asked(parameters or {}, env, experiment, run_name, store, progress, files)
    if not sources.is_git(target) and target.endswith(".ipynb"):
        _refuse_of_projects(target, entry_point, version)
        return asked.notebook(Path(target), Path(target).parent, {})
    if original := _original(store, target):
        _refuse_of_projects(target, entry_point, version)
        return asked.again(original)
    return asked.project(target, entry_point or mlproject.MAIN, version)


@dataclass(frozen=True)
class _Asked:
    """What is asked for beside the target; see `run`."""

    parameters: Mapping[str, object]
    env: Environment
    experiment: str | None
    run_name: str | None
    store: Store | None
    progress: bool
    files: bool

    def notebook(self, path: Path, folder: Path, tags: Mapping[str, str]) -> Run:
        """Execute a notebook, in an environment that `folder` asks for."""
        return run_notebook(
            path,
            self.parameters,
            experiment=self.experiment,
            run_name=self.run_name,
            store=self.store,
            progress=self.progress,
            files=self.files,
            environment=_environment(self.env, folder),
            tags=tags,
        )

    def project(self, target: str, entry_point: str, version: str | None) -> Run:
        """Execute an entry point of a project."""
        with sources.opened(target, version) as source:
            project = mlproject.load(source.directory)
            point = project.entry_point(entry_point)
            if point.notebook is not None:
                own = replace(
                    self,
                    parameters=mlproject.values(point, self.parameters, source.directory),
                    experiment=self.experiment or config.experiment_name() or project.name,
                )
                path, tags = source.directory / point.notebook, source.tags(point.name, self.env)
                return own.notebook(path, source.directory, tags)
            command = commands.planned(source, project, point, self.parameters)
            environment = _environment(self.env, source.directory)
            store = self.store or current_store()
            return commands.execute(command, store, self.experiment, self.run_name, environment)

    def again(self, original: Run) -> Run:
        """Execute once more what a run has executed: its project's entry point, or its cells."""
        tags, store = original.data.tags, self.store or current_store()
        place, is_notebook = tags.get("mlflow.source.name", ""), original.info.notebook is not None
        if sources.ENTRY_POINT in tags and (sources.is_git(place) or not is_notebook):
            # What lies here is run as it is now, although the run may know of a commit.
            commit = tags.get("mlflow.source.git.commit") if sources.is_git(place) else None
            group = store.experiments.get(original.info.experiment_id).name
            own = replace(
                self,
                parameters={**_injected(original), **self.parameters},
                experiment=self.experiment or group,
            )
            return own.project(place, tags[sources.ENTRY_POINT], commit)
        if self.env != "local":
            raise InvalidValue("A run's cells are executed once more in this environment.")
        plan, info = reruns.created(
            store, original, self.parameters, self.run_name, self.experiment
        )
        return execute(plan, store, info, self.progress)


def _injected(run: Run) -> dict[str, object]:
    """Return the parameters that a run was given, but for the files of a clone: they are gone."""
    given = [one for one in run.data.param_records if one.origin == "injected"]
    return {one.key: one.value for one in given if not sources.was_cloned(str(one.value))}


def _environment(env: Environment, folder: Path) -> Path | None:
    """Return the environment that is asked for, made now if it is not there yet."""
    if env not in get_args(Environment):
        raise InvalidValue(f"The environment is 'local' or 'uv', not {env!r:.40}.")
    if env == "local":
        return None
    return environments.made(requirements.packages_of(mlproject.load(folder)))


def _refuse_of_projects(target: str, entry_point: str | None, version: str | None) -> None:
    for option, value in (("entry point", entry_point), ("version", version)):
        if value is not None:
            raise InvalidValue(f"Only a project has a {option}; '{target:.200}' is none.")


def _original(store: Store | None, target: str) -> Run | None:
    """Return the run that a target names, if it names one; no store is made for that."""
    if target.startswith("models:/"):
        store = store or open_store(create=False)
        logged = uris.locate(target, store).logged
        if logged is None or logged.source_run_id is None:
            raise InvalidValue(f"No run has logged the model {target:.200}.")
        return store.runs.get(logged.source_run_id)
    if sources.is_here(target) or sources.is_git(target):
        return None
    try:
        return (store or open_store(create=False)).runs.find(target)
    except NotFound:
        return None
