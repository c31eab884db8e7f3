"""What the trials of a sweep execute: a notebook, or an entry point of a project's directory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nbtrail.entities import Run
from nbtrail.errors import InvalidValue, NotFound
from nbtrail.projects import commands, execution, mlproject, sources
from nbtrail.projects.backends.messages import Order
from nbtrail.projects.inspection import parameters
from nbtrail.projects.mlproject import EntryPoint, Project
from nbtrail.projects.sources import Source
from nbtrail.projects.validation import guessed
from nbtrail.projects.watch import Watch
from nbtrail.store import Store


@dataclass(frozen=True)
class NotebookTarget:
    """A notebook; `project` is the directory and the entry point whose notebook it is."""

    path: Path
    name: str
    project: tuple[Path, EntryPoint] | None = None

    @property
    def notebook(self) -> str | None:
        """The file of the notebook."""
        return str(self.path)

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

    def execute(self, order: Order, store: Store, watch: Watch) -> Run:
        """Execute it as a run."""
        plan = execution.planned(self.path, self._values(order.parameters))
        plan = replace(plan, files=order.files)
        experiment_id = store.experiments.ensure(order.experiment).experiment_id
        info = execution.create_run(store, plan, experiment_id, order.name, order.tags).info
        return execution.execute(plan, store, info, progress=False, watch=watch)

    def _values(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        if self.project is None:
            return given
        directory, point = self.project
        return mlproject.values(point, given, directory)


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

    def execute(self, order: Order, store: Store, watch: Watch) -> Run:
        """Execute it as a run."""
        command = commands.planned(self.source, self.project, self.point, order.parameters)
        return commands.execute(
            command, store, order.experiment, order.name, tags=order.tags, watch=watch
        )


Target = NotebookTarget | CommandTarget


def declared_backends(target: str) -> Mapping[str, Mapping[str, Any]]:
    """Return the options of backends that a target has, if it is a project, by their names."""
    return mlproject.load(Path(target)).backends if Path(target).is_dir() else {}


def target_of(target: str, entry_point: str | None) -> Target:
    """Return what a person asks to sweep.

    Raises:
        NotFound, InvalidValue: it is neither a notebook nor a directory with that entry point.
    """
    if sources.is_git(target) or target.startswith("models:/"):
        raise InvalidValue(
            "What is swept, or executed by a backend, is a notebook or a project's directory, not "
            f"'{target:.200}': clone it."
        )
    if not (sources.is_here(target) or target.endswith(".ipynb")):
        raise NotFound(
            f"There is no notebook or directory '{target:.200}'. To begin a sweep with the params "
            "of a run, name it by --from-run."
        )
    if target.endswith(".ipynb"):
        if entry_point is not None:
            raise InvalidValue(f"Only a project has an entry point; '{target:.200}' is none.")
        path = Path(target).absolute()
        return NotebookTarget(path, path.stem)
    with sources.opened(target) as source:
        project = mlproject.load(source.directory)
        point = project.entry_point(entry_point or mlproject.MAIN)
    if point.steps:
        raise InvalidValue(
            f"The entry point '{point.name}' of {project.name} is a pipeline; what is swept, or "
            "executed by a backend, is a notebook or a command: name a step by -e."
        )
    if point.notebook is None:
        return CommandTarget(source, project, point)
    path = source.directory / point.notebook
    return NotebookTarget(path, project.name, (source.directory, point))
