"""What the trials of a sweep execute: a notebook, an entry point of a project, a run's cells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nbtrail.entities import Run, RunInfo
from nbtrail.errors import InvalidValue
from nbtrail.projects import environments, snapshots
from nbtrail.projects.asked import Asked
from nbtrail.projects.backends.messages import Order
from nbtrail.projects.mlprojects import commands, docker, mlproject
from nbtrail.projects.mlprojects.mlproject import EntryPoint, Project
from nbtrail.projects.notebooks import execution
from nbtrail.projects.notebooks.execution import Plan
from nbtrail.projects.notebooks.inspection import parameters
from nbtrail.projects.notebooks.validation import guessed
from nbtrail.projects.output import Delivery
from nbtrail.projects.reproduction import reruns
from nbtrail.projects.sources import Source
from nbtrail.projects.watch import Watch
from nbtrail.store import Store

RUNS = "runs:/"
"""Begins the place of a run's cells; others are paths."""


@dataclass(frozen=True)
class NotebookTarget:
    """A notebook; `point` and `project` are the entry point whose notebook it is, and of what."""

    path: Path
    name: str
    source: Source | None = None
    project: Project | None = None
    point: EntryPoint | None = None

    @property
    def place(self) -> str:
        """Where it is, for those that execute it."""
        return str(self.source.directory if self.source else self.path)

    @property
    def folder(self) -> Path:
        """What says which environment it needs."""
        return self.source.directory if self.source else self.path.parent

    @property
    def notebook(self) -> str | None:
        """The file of the notebook; None if that is gone with a clone."""
        return None if self.source and self.source.commit else str(self.path)

    def kinds(self) -> dict[str, str | None]:
        """Return the declared types of the parameters."""
        return {one.name: one.type for one in parameters(self.path)}

    def typed(self, name: str, value: object) -> Any:
        """Return the value that something given for a parameter stands for.

        Raises:
            InvalidValue: there is no such parameter, or it cannot have that value.
        """
        return execution.planned(self.path, {name: value}).values[name]

    def check(self, sets: Iterable[Mapping[str, Any]]) -> None:
        """Check that it can be executed with each of these sets of parameters."""
        execution.check(self.path, [self._values(one) for one in sets])

    def checked(self, asked: Asked) -> Asked:
        """Return what is asked for beside it, with paths that hold elsewhere.

        Raises:
            InvalidValue: it is nothing for a notebook.
        """
        asked.refuse_of_commands(self.path.name)
        return replace(asked, delivery=asked.delivery_of(self.path))

    def execute(self, order: Order, store: Store, watch: Watch) -> Run:
        """Execute it as a run."""
        plan = execution.planned(self.path, self._values(order.parameters))
        if (environment := Asked(env=order.env).environment(self.folder)) is not None:
            plan = replace(plan, kernels=environments.kernels_of(environment, plan.kernel_name))
        plan, info = _begun(plan, order, store, {})
        if self.source is not None:
            snapshots.note(store, info.run_id, self.source)
        return execution.execute(plan, store, info, progress=False, watch=watch)

    def _values(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        if self.point is None or self.source is None:
            return given
        return mlproject.values(self.point, given, self.source.directory)


@dataclass(frozen=True)
class CommandTarget:
    """The command of a project's entry point."""

    source: Source
    project: Project
    point: EntryPoint

    @property
    def name(self) -> str:
        """What its experiment is called."""
        return self.project.name

    @property
    def place(self) -> str:
        """Where it is, for those that execute it."""
        return str(self.source.directory)

    @property
    def folder(self) -> Path:
        """What says which environment it needs."""
        return self.source.directory

    @property
    def notebook(self) -> str | None:
        """It is none."""
        return None

    def kinds(self) -> dict[str, str | None]:
        """Return the declared types of the parameters."""
        return {
            one.name: "str" if one.type in {"string", "path", "uri"} else one.type
            for one in self.point.parameters.values()
        }

    def typed(self, name: str, value: object) -> Any:
        """Return the value that something given for a parameter stands for."""
        if self.kinds().get(name) == "str":
            return value
        return guessed({name: value}, self.name)[name]

    def check(self, sets: Iterable[Mapping[str, Any]]) -> None:
        """Check that it can be executed with each of these sets of parameters."""
        for one in sets:
            commands.planned(self.source, self.project, self.point, one)

    def checked(self, asked: Asked) -> Asked:
        """Return what is asked for beside it.

        Raises:
            InvalidValue: it is nothing for a command.
        """
        asked.refuse_of_notebooks(f"The entry point '{self.point.name}' is a command")
        if asked.env == "docker":
            docker.container_of(self.project)
        return asked

    def execute(self, order: Order, store: Store, watch: Watch) -> Run:
        """Execute it as a run."""
        container = docker.container_of(self.project) if order.env == "docker" else None
        if container is not None:
            docker.check_engine()
        command = commands.planned(
            self.source, self.project, self.point, order.parameters, container
        )
        return commands.execute(
            command,
            store,
            order.experiment,
            order.name,
            Asked(env=order.env).environment(self.folder),
            tags=order.tags,
            delivery=_delivery(order),
            watch=watch,
        )


@dataclass(frozen=True)
class CellsTarget:
    """The cells of a run, restored from its trail. They are executed once more, never searched."""

    store: Store
    run: Run

    @property
    def name(self) -> str:
        """What its experiment is called."""
        return self.store.experiments.get(self.run.info.experiment_id).name

    @property
    def place(self) -> str:
        """Which run it is, for those that execute it."""
        return f"{RUNS}{self.run.info.run_id}"

    def check(self, sets: Iterable[Mapping[str, Any]]) -> None:
        """Check that they can be executed with each of these sets of parameters."""
        reruns.check(self.store, self.run, sets)

    def checked(self, asked: Asked) -> Asked:
        """Return what is asked for beside them, with paths that hold elsewhere.

        Raises:
            InvalidValue: it is nothing for a run's cells.
        """
        if asked.env != "local":
            raise InvalidValue("A run's cells are executed once more in the environment there.")
        notebook = Path(self.run.info.notebook or "run.ipynb")
        return replace(asked, delivery=asked.delivery_of(notebook))

    def execute(self, order: Order, store: Store, watch: Watch) -> Run:
        """Execute them as a run."""
        plan = reruns.plan_of(store, self.run, order.parameters)
        plan, info = _begun(plan, order, store, {reruns.ORIGINAL: self.run.info.run_id})
        return execution.execute(plan, store, info, progress=False, watch=watch)


Searchable = NotebookTarget | CommandTarget
Target = Searchable | CellsTarget


def declared_backends(what: Target) -> Mapping[str, Mapping[str, Any]]:
    """Return the options of backends that the project of a target has, by their names."""
    project = None if isinstance(what, CellsTarget) else what.project
    return project.backends if project else {}


def tags_of(what: Target) -> dict[str, str]:
    """Return what tells where the files of a target are from, if they are in a clone."""
    if isinstance(what, CellsTarget) or what.source is None or what.point is None:
        return {}
    return what.source.tags(what.point.name, "local") if what.source.commit else {}


def _delivery(order: Order) -> Delivery:
    return Delivery(order.output, order.report, order.timeout)


def _begun(plan: Plan, order: Order, store: Store, tags: Mapping[str, str]) -> tuple[Plan, RunInfo]:
    plan = replace(plan, files=order.files, delivery=_delivery(order))
    experiment_id = store.experiments.ensure(order.experiment).experiment_id
    made = execution.create_run(store, plan, experiment_id, order.name, {**tags, **order.tags})
    return plan, made.info
