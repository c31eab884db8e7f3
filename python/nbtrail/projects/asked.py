"""What a person asks to run, found and checked: a notebook, an entry point, a run once more."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, Protocol, get_args

from nbtrail import config
from nbtrail.entities import Run
from nbtrail.errors import InvalidValue, NotFound
from nbtrail.models import uris
from nbtrail.projects import commands, environments, mlproject, requirements, reruns, sources
from nbtrail.projects.execution import Plan, create_run, execute, planned
from nbtrail.projects.mlproject import EntryPoint, Project
from nbtrail.projects.output import AS_USUAL, Delivery, checked_output
from nbtrail.projects.sources import Source
from nbtrail.projects.watch import Watch
from nbtrail.store import Store, open_store
from nbtrail.store.store import close_stores
from nbtrail.tracking import current_store

Environment = Literal["local", "uv"]


@dataclass(frozen=True)
class Asked:
    """What is asked for beside the target; see `targets.run`.

    `tags` are those of the run beside what every run has; `watch` is told how far it has come.
    """

    parameters: Mapping[str, object] = field(default_factory=dict)
    env: Environment = "local"
    experiment: str | None = None
    run_name: str | None = None
    store: Store | None = None
    progress: bool = True
    files: bool = True
    delivery: Delivery = AS_USUAL
    tags: Mapping[str, str] = field(default_factory=dict)
    watch: Watch | None = None

    def __post_init__(self) -> None:
        if self.env not in get_args(Environment):
            raise InvalidValue(f"The environment is 'local' or 'uv', not {self.env!r:.40}.")
        if (seconds := self.delivery.timeout) is not None and seconds < 1:
            raise InvalidValue(f"A timeout is a whole number of seconds from 1, not {seconds}.")

    def environment(self, folder: Path) -> Path | None:
        """Return the environment that `folder` asks for, made now if it is not there yet."""
        if self.env == "local":
            return None
        return environments.made(requirements.packages_of(mlproject.load(folder)))

    @contextmanager
    def recording(self) -> Iterator[Store]:
        """Give the store to record in: one that is gone afterwards, if nothing is to be kept."""
        if self.delivery.records:
            yield self.store or current_store()
            return
        with tempfile.TemporaryDirectory(prefix="nbtrail-untracked-") as folder:
            try:
                yield open_store(Path(folder) / config.STORE_NAME)
            finally:
                close_stores(Path(folder))


class Work(Protocol):
    """Something that was found and checked, and can be executed now."""

    def execute(self) -> Run:
        """Execute it as a run; return that when it has ended."""

    def described(self) -> str:
        """Return in some lines what would be executed, and how."""

    def prepared(self) -> None:
        """Make what is needed to execute it, and execute nothing."""


@dataclass(frozen=True)
class NotebookWork:
    """A notebook, or the cells of a run; `folder` says which environment it needs."""

    asked: Asked
    plan: Plan
    folder: Path

    def execute(self) -> Run:
        """Execute the cells as a run."""
        asked, plan = self.asked, self._with_kernels()
        with asked.recording() as store:
            group = asked.experiment or config.experiment_name() or plan.path.stem
            experiment_id = store.experiments.ensure(group).experiment_id
            run = create_run(store, plan, experiment_id, asked.run_name, asked.tags)
            return execute(plan, store, run.info, asked.progress, asked.watch)

    def described(self) -> str:
        """Return the notebook, its kernel and its parameters."""
        given = [f"  {one.key} = {one.value}" for one in self.plan.params]
        kernel = f"kernel {self.plan.kernel_name}, environment {self.asked.env}"
        return "\n".join([f"{self.plan.path.name}: {kernel}", *given])

    def prepared(self) -> None:
        """Make the environment, and write the notebook with its parameters where asked."""
        import nbformat

        from nbtrail.projects.output import write_notebook

        plan = self._with_kernels()
        if plan.delivery.output is not None:
            text = nbformat.writes(plan.notebook)  # type: ignore[no-untyped-call]
            write_notebook(text, plan.delivery.output)

    def _with_kernels(self) -> Plan:
        environment = self.asked.environment(self.folder)
        if environment is None:
            return self.plan
        kernels = environments.kernels_of(environment, self.plan.kernel_name)
        return replace(self.plan, kernels=kernels)


@dataclass(frozen=True)
class CommandWork:
    """The command of an entry point."""

    asked: Asked
    command: commands.Command

    def execute(self) -> Run:
        """Execute the command as a run."""
        asked = self.asked
        environment = asked.environment(self.command.source.directory)
        with asked.recording() as store:
            return commands.execute(
                self.command,
                store,
                asked.experiment,
                asked.run_name,
                environment,
                tags=asked.tags,
                delivery=asked.delivery,
                watch=asked.watch,
            )

    def described(self) -> str:
        """Return the command as a shell gets it."""
        name = f"{self.command.project.name}, entry point {self.command.point.name}"
        return f"{name}: environment {self.asked.env}\n  {self.command.line}"

    def prepared(self) -> None:
        """Make the environment."""
        self.asked.environment(self.command.source.directory)


@contextmanager
def found(
    asked: Asked, target: str, entry_point: str | None = None, version: str | None = None
) -> Iterator[Work]:
    """Give what a target stands for, checked and ready; a clone of it is gone afterwards.

    Raises:
        NotFound, InvalidValue: the target or a parameter is not as it must be.
    """
    if not sources.is_git(target) and target.endswith(".ipynb"):
        _refuse_of_projects(target, entry_point, version)
        yield notebook_work(asked, Path(target), Path(target).parent)
    elif original := _original(asked.store, target):
        _refuse_of_projects(target, entry_point, version)
        with _again(asked, original) as work:
            yield work
    else:
        with sources.opened(target, version) as source:
            yield entry_work(asked, source, entry_point or mlproject.MAIN)


def notebook_work(asked: Asked, path: Path, folder: Path) -> NotebookWork:
    """Return how a notebook is executed, in an environment that `folder` asks for."""
    path = path.absolute()
    return NotebookWork(asked, _delivering(asked, planned(path, asked.parameters)), folder)


def entry_work(asked: Asked, source: Source, entry_point: str) -> Work:
    """Return how an entry point of a project is executed."""
    project = mlproject.load(source.directory)
    point = project.entry_point(entry_point)
    if point.notebook is not None:
        return _notebook_of(asked, source, project, point)
    _refuse_of_notebooks(asked, f"The entry point '{point.name}' is a command")
    return CommandWork(asked, commands.planned(source, project, point, asked.parameters))


def _notebook_of(asked: Asked, source: Source, project: Project, point: EntryPoint) -> NotebookWork:
    own = replace(
        asked,
        parameters=mlproject.values(point, asked.parameters, source.directory),
        experiment=asked.experiment or config.experiment_name() or project.name,
        tags={**source.tags(point.name, asked.env), **asked.tags},
    )
    return notebook_work(own, source.directory / str(point.notebook), source.directory)


@contextmanager
def _again(asked: Asked, original: Run) -> Iterator[Work]:
    """Give what a run has executed: its project's entry point, or its cells."""
    tags, store = original.data.tags, asked.store or current_store()
    place, is_notebook = tags.get("mlflow.source.name", ""), original.info.notebook is not None
    group = store.experiments.get(original.info.experiment_id).name
    own = replace(asked, experiment=asked.experiment or group)
    if sources.ENTRY_POINT in tags and (sources.is_git(place) or not is_notebook):
        # What lies here is run as it is now, although the run may know of a commit.
        commit = tags.get("mlflow.source.git.commit") if sources.is_git(place) else None
        own = replace(own, parameters={**injected_values(original), **asked.parameters})
        with sources.opened(place, commit) as source:
            yield entry_work(own, source, tags[sources.ENTRY_POINT])
        return
    if asked.env != "local":
        raise InvalidValue("A run's cells are executed once more in this environment.")
    plan = reruns.plan_of(store, original, asked.parameters)
    own = replace(own, tags={reruns.ORIGINAL: original.info.run_id, **asked.tags})
    yield NotebookWork(own, _delivering(own, plan), plan.path.parent)


def injected_values(run: Run) -> dict[str, object]:
    """Return the parameters that a run was given, but for the files of a clone: they are gone."""
    given = [one for one in run.data.param_records if one.origin == "injected"]
    return {one.key: one.value for one in given if not sources.was_cloned(str(one.value))}


def _delivering(asked: Asked, plan: Plan) -> Plan:
    delivery = asked.delivery
    output = checked_output(delivery.output, plan.path)
    return replace(plan, files=asked.files, delivery=replace(delivery, output=output))


def _refuse_of_notebooks(asked: Asked, what: str) -> None:
    for option, value in (("output", asked.delivery.output), ("report", asked.delivery.report)):
        if value:
            raise InvalidValue(f"{what}: only an executed notebook has a place for {option}.")


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


def options_of(asked: Asked) -> dict[str, Any]:
    """Return what is asked for as JSON values, for another process; see `from_options`."""
    delivery = asked.delivery
    return {
        "parameters": dict(asked.parameters),
        "env": asked.env,
        "experiment": asked.experiment,
        "run_name": asked.run_name,
        "files": asked.files,
        "output": delivery.output,
        "report": delivery.report,
        "timeout": delivery.timeout,
        "tags": dict(asked.tags),
    }


def from_options(options: Mapping[str, Any], store: Store, watch: Watch | None = None) -> Asked:
    """Return what another process has asked for; see `options_of`."""
    given = dict(options)
    delivery = Delivery(given.pop("output"), given.pop("report"), given.pop("timeout"))
    return Asked(**given, store=store, progress=False, delivery=delivery, watch=watch)
