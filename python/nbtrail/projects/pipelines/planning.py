"""A pipeline before it runs: its steps found and checked, and the values that are known now."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbtrail.errors import InvalidValue, did_you_mean
from nbtrail.projects import sources
from nbtrail.projects.grid import combinations
from nbtrail.projects.mlprojects import mlproject
from nbtrail.projects.mlprojects.mlproject import EntryPoint, Project
from nbtrail.projects.notebooks import execution
from nbtrail.projects.notebooks.inspection import declaration
from nbtrail.projects.notebooks.notebook import kernel, read
from nbtrail.projects.pipelines.definition import Step
from nbtrail.projects.pipelines.references import Reference, as_text, filled, references
from nbtrail.projects.sources import Source

Resolve = Callable[[Reference], Any]


@dataclass(frozen=True)
class Stage:
    """A step, and the entry point that it stands for; `point.name` is known in `source`."""

    step: Step
    source: Source
    project: Project
    point: EntryPoint

    def sets(self, resolve: Resolve) -> list[dict[str, object]]:
        """Return the parameters of each of its executions.

        Raises:
            InvalidValue: what it is to be run for each of is no list.
        """
        common = {name: _plain(filled(one, resolve)) for name, one in self.step.params.items()}
        return combinations(common, self.lists(resolve) or None)

    def lists(self, resolve: Resolve) -> dict[str, list[object]]:
        """Return the values that it is run for each of, by name."""
        return {
            name: [_plain(one) for one in _listed(filled(values, resolve), name, self.step.name)]
            for name, values in self.step.for_each.items()
        }

    def times(self, resolve: Resolve) -> int | None:
        """Return how often it will be run, if that does not depend on another step's results."""
        found = references(dict(self.step.for_each), "for_each")
        if any(one.step is not None for one in found):
            return None
        return math.prod(map(len, self.lists(resolve).values()))


@dataclass(frozen=True)
class Pipeline:
    """An entry point of steps that is ready to run: `values` are its own parameters."""

    source: Source
    project: Project
    point: EntryPoint
    values: Mapping[str, object]
    stages: tuple[Stage, ...]

    def known(self, reference: Reference) -> Any:
        """Return the value of one of its parameters."""
        return self.values[reference.name]


def planned(
    source: Source,
    project: Project,
    point: EntryPoint,
    given: Mapping[str, object],
    opened: ExitStack,
) -> Pipeline:
    """Return how a pipeline is run with these parameters.

    Args:
        source: of its project.
        project: that has the entry point.
        point: whose steps they are.
        given: values by name.
        opened: keeps the clones of other projects until they have been run.

    Raises:
        NotFound, InvalidValue: a step, or a parameter, is not as it must be.
    """
    for name in given:
        if name not in point.parameters:
            known = ", ".join(point.parameters) or "none"
            raise InvalidValue(
                f"The pipeline '{point.name}' has no parameter '{name:.100}'."
                f"{did_you_mean(name, point.parameters)} It has: {known}."
            )
    values = mlproject.values(point, given, source.directory)
    stages = tuple(_stage(step, source, project, opened) for step in point.steps)
    pipeline = Pipeline(source, project, point, values, stages)
    for stage in stages:
        _check(pipeline, stage)
    return pipeline


def _stage(step: Step, source: Source, project: Project, opened: ExitStack) -> Stage:
    if step.uses is not None:
        place = step.uses if sources.is_git(step.uses) else str(source.directory / step.uses)
        source = opened.enter_context(sources.opened(place, step.version))
        project = mlproject.load(source.directory)
    point = project.entry_point(step.run)
    if point.steps:
        raise InvalidValue(
            f"The step '{step.name}' runs '{point.name}', which is a pipeline: a step is a command "
            "or a notebook."
        )
    return Stage(step, source, project, point)


def _check(pipeline: Pipeline, stage: Stage) -> None:
    """Check what can be known of a step: its names, and its values unless they are yet to come."""
    step, upstream = stage.step, False
    for one in step.references():
        upstream = upstream or one.step is not None
        if one.step is None and one.name not in pipeline.values:
            raise InvalidValue(
                f"The step '{step.name}' refers to params.{one.name}, which the pipeline "
                f"'{pipeline.point.name}' does not have.{did_you_mean(one.name, pipeline.values)}"
            )
    if upstream:
        stage.times(pipeline.known)
        _check_names(stage)
        return
    sets = [at_home(pipeline, stage, one) for one in stage.sets(pipeline.known)]
    for given in sets:
        values = mlproject.values(stage.point, given, stage.source.directory)
        if stage.point.notebook is None:
            texts = {name: as_text(value) for name, value in values.items()}
            mlproject.command_line(stage.point, texts)
        else:
            execution.check(stage.source.directory / stage.point.notebook, [values])


def _check_names(stage: Stage) -> None:
    """Check the names of a step's parameters alone."""
    names = [*stage.step.params, *stage.step.for_each]
    missing = [
        one.name
        for one in stage.point.parameters.values()
        if one.default is None and one.name not in names
    ]
    if missing:
        raise InvalidValue(
            f"The step '{stage.step.name}' gives no value for {', '.join(missing)}, which "
            f"'{stage.point.name}' needs."
        )
    if stage.point.notebook is None:
        return
    path = stage.source.directory / stage.point.notebook
    notebook = read(path)
    if kernel(notebook, path)[1].lower() != "python":
        return
    declared = declaration(notebook)
    known = [one.name for one in declared.parameters] if declared else []
    for name in names:
        if name not in known:
            raise InvalidValue(
                f"The step '{stage.step.name}' sets '{name}', which is no parameter of "
                f"{path.name}.{did_you_mean(name, known)}"
            )


def at_home(pipeline: Pipeline, stage: Stage, given: dict[str, object]) -> dict[str, object]:
    """Return parameters with the paths that the pipeline's file names relative to its folder."""
    found = dict(given)
    for name, value in given.items():
        declared = stage.point.parameters.get(name)
        if declared and declared.type in {"path", "uri"} and isinstance(value, str):
            with suppress(OSError, ValueError):
                if (place := Path(pipeline.source.directory, value)).exists():
                    found[name] = str(place)
    return found


def _plain(value: Any) -> object:
    """Return a number, a text or a truth as it is, and anything else as JSON."""
    return value if isinstance(value, str | int | float | None) else as_text(value)


def _listed(value: Any, name: str, step: str) -> list[Any]:
    """Return a list as it is, one that is written as JSON, or what stands between commas."""
    found: Any = value
    if isinstance(value, str):
        with suppress(json.JSONDecodeError):
            found = json.loads(value)
        if not isinstance(found, list):
            found = list(_words(value))
    if not isinstance(found, list) or not found:
        raise InvalidValue(
            f"The step '{step}' is run for each '{name}', which is no list: {value!r:.80}."
        )
    return found


def _words(text: str) -> Iterator[Any]:
    for word in filter(None, map(str.strip, text.split(","))):
        try:
            yield json.loads(word)
        except json.JSONDecodeError:
            yield word
