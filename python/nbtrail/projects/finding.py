"""What a person names as the target of a run, found and checked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from nbtrail import config
from nbtrail.entities import Run
from nbtrail.errors import InvalidValue, NotFound
from nbtrail.models import uris
from nbtrail.projects import sources
from nbtrail.projects.asked import Asked
from nbtrail.projects.elsewhere import remote_work
from nbtrail.projects.mlprojects import commands, mlproject
from nbtrail.projects.mlprojects.docker import container_of
from nbtrail.projects.mlprojects.mlproject import EntryPoint, Project
from nbtrail.projects.notebooks.execution import Plan, planned
from nbtrail.projects.pipelines.planning import planned as planned_pipeline
from nbtrail.projects.reproduction import reruns
from nbtrail.projects.sources import Source
from nbtrail.projects.works import CommandWork, NotebookWork, PipelineWork, Work
from nbtrail.store import Store, open_store
from nbtrail.tracking import current_store


@contextmanager
def found(
    asked: Asked, target: str, entry_point: str | None = None, version: str | None = None
) -> Iterator[Work]:
    """Give what a target stands for, checked and ready; a clone of it is gone afterwards.

    Raises:
        NotFound, InvalidValue: the target or a parameter is not as it must be.
    """
    is_notebook = not sources.is_git(target) and target.endswith(".ipynb")
    original = None if is_notebook else _original(asked.store, target)
    if original is not None:
        _refuse_of_projects(target, entry_point, version)
    if asked.backend is not None:
        with remote_work(asked, original or target, entry_point, version) as there:
            yield there
    elif is_notebook:
        _refuse_of_projects(target, entry_point, version)
        _refuse_of_others(asked, target)
        yield notebook_work(asked, Path(target), Path(target).parent)
    elif original is not None:
        with _again(asked, original) as work:
            yield work
    else:
        with ExitStack() as opened:
            source = opened.enter_context(sources.opened(target, version))
            yield entry_work(asked, source, entry_point or mlproject.MAIN, opened)


def notebook_work(asked: Asked, path: Path, folder: Path) -> NotebookWork:
    """Return how a notebook is executed, in an environment that `folder` asks for."""
    asked.refuse_of_commands(path.name)
    path = path.absolute()
    return NotebookWork(asked, _delivering(asked, planned(path, asked.parameters)), folder)


def entry_work(asked: Asked, source: Source, entry_point: str, opened: ExitStack) -> Work:
    """Return how an entry point of a project is executed; `opened` keeps what it needs for that."""
    project = mlproject.load(source.directory)
    point = project.entry_point(entry_point)
    if point.steps:
        asked.refuse_of_notebooks(f"The entry point '{point.name}' is a pipeline")
        pipeline = planned_pipeline(source, project, point, asked.parameters, opened)
        return PipelineWork(asked, pipeline)
    _refuse_of_others(asked, point.name)
    if point.notebook is not None:
        return _notebook_of(asked, source, project, point)
    asked.refuse_of_notebooks(f"The entry point '{point.name}' is a command")
    container = container_of(project) if asked.env == "docker" else None
    command = commands.planned(source, project, point, asked.parameters, container)
    return CommandWork(asked, command)


def _notebook_of(asked: Asked, source: Source, project: Project, point: EntryPoint) -> NotebookWork:
    own = replace(
        asked,
        parameters=mlproject.values(point, asked.parameters, source.directory),
        experiment=asked.experiment or config.experiment_name() or project.name,
        tags={**source.tags(point.name, asked.env), **asked.tags},
    )
    work = notebook_work(own, source.directory / str(point.notebook), source.directory)
    return replace(work, source=source)


@contextmanager
def _again(asked: Asked, original: Run) -> Iterator[Work]:
    """Give what a run has executed: its project's entry point, or its cells."""
    store = asked.store or current_store()
    group = store.experiments.get(original.info.experiment_id).name
    own = replace(asked, experiment=asked.experiment or group)
    if project := reruns.project_of(original):
        place, entry_point, commit = project
        own = replace(own, parameters={**reruns.injected_values(original), **asked.parameters})
        with ExitStack() as opened:
            source = opened.enter_context(sources.opened(place, commit))
            yield entry_work(own, source, entry_point, opened)
        return
    _refuse_of_others(asked, original.info.run_id[:8])
    if asked.env != "local":
        raise InvalidValue("A run's cells are executed once more in this environment.")
    plan = reruns.plan_of(store, original, asked.parameters)
    own = replace(own, tags={reruns.ORIGINAL: original.info.run_id, **asked.tags})
    yield NotebookWork(own, _delivering(own, plan), plan.path.parent)


def _delivering(asked: Asked, plan: Plan) -> Plan:
    return replace(plan, files=asked.files, delivery=asked.delivery_of(plan.path))


def _refuse_of_others(asked: Asked, name: str) -> None:
    for option in ("cache", "resume", "parallel"):
        if getattr(asked, option):
            raise InvalidValue(f"'{name:.200}' has no steps: only a pipeline has {option}.")


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
