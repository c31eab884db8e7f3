"""What a run executed, with other parameters."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

import msgspec

from nbtrail.entities import Param, Run, RunInfo
from nbtrail.projects import sources
from nbtrail.projects.notebooks.execution import Plan, create_run, params_of
from nbtrail.projects.notebooks.injection import amend, injected
from nbtrail.projects.notebooks.inspection import Declaration, Parameter, declaration
from nbtrail.projects.notebooks.validation import guessed, validated
from nbtrail.projects.reproduction import originals
from nbtrail.store import Store

ORIGINAL = "nbtrail.reruns"
"""The tag of a run that executes another one with other parameters: the id of that."""


def project_of(run: Run) -> tuple[str, str, str | None] | None:
    """Return the place, entry point and commit of what is run again for a run that is a project's.

    What lies here is run as it is now, although the run may know of a commit. The notebook of a
    project that lies here is not run again: the run's cells are.
    """
    tags = run.data.tags
    place, is_notebook = tags.get("mlflow.source.name", ""), run.info.notebook is not None
    if sources.ENTRY_POINT not in tags or (is_notebook and not sources.is_git(place)):
        return None
    commit = tags.get("mlflow.source.git.commit") if sources.is_git(place) else None
    return place, tags[sources.ENTRY_POINT], commit


def injected_values(run: Run) -> dict[str, object]:
    """Return the parameters that a run was given, but for the files of a clone: they are gone."""
    given = [one for one in run.data.param_records if one.origin == "injected"]
    return {one.key: one.value for one in given if not sources.was_cloned(str(one.value))}


def plan_of(store: Store, run: Run, given: Mapping[str, object]) -> Plan:
    """Return how a run's cells are executed once more, with its params but for those given.

    Raises:
        InvalidValue: nothing tells what it executed, or a parameter is not as it must be.
    """
    plan = originals.plan_of(store, run)
    declared, values = _checked(plan, given)
    if values:
        amend(plan.notebook, values, plan.language, declared)
    kept = [param for param in plan.params if not _is_of(param, values)]
    return replace(plan, values=values, params=[*kept, *params_of(values)])


def created(
    store: Store,
    original: Run,
    given: Mapping[str, object],
    name: str | None = None,
    experiment: str | None = None,
) -> tuple[Plan, RunInfo]:
    """Create the run that executes a run's cells once more; return how it does.

    Raises:
        InvalidValue: nothing tells what it executed, or a parameter is not as it must be.
    """
    plan, group = plan_of(store, original, given), original.info.experiment_id
    if experiment is not None:
        group = store.experiments.ensure(experiment).experiment_id
    tags = {ORIGINAL: original.info.run_id}
    return plan, create_run(store, plan, group, name, tags).info


def check(store: Store, run: Run, sets: Iterable[Mapping[str, object]]) -> None:
    """Check that a run's cells can be executed with each of these sets of parameters.

    Raises:
        InvalidValue: nothing tells what it executed, or a parameter is not as it must be.
    """
    plan = originals.plan_of(store, run)
    for given in sets:
        params_of(_checked(plan, given)[1])


def parameters_of(plan: Plan) -> list[Parameter]:
    """Return the parameters of what a run executed; a default is the value that it had there."""
    declared = declaration(plan.notebook) if plan.language.lower() == "python" else None
    had = _injected_values(plan)
    found = declared.parameters if declared else []
    return [msgspec.structs.replace(one, default=had.get(one.name, one.default)) for one in found]


def _checked(plan: Plan, given: Mapping[str, object]) -> tuple[Declaration | None, dict[str, Any]]:
    name = plan.path.name
    if plan.language.lower() != "python":
        return None, guessed(given, name)
    declared = declaration(plan.notebook)
    return declared, validated(given, declared.parameters if declared else [], name)


def _is_of(param: Param, values: Mapping[str, Any]) -> bool:
    """Whether a param is one of these values, or of what is in it."""
    return any(param.key == name or param.key.startswith(f"{name}.") for name in values)


def _injected_values(plan: Plan) -> dict[str, str]:
    """Return the values that were injected, as they are written."""
    cell = injected(plan.notebook)
    if cell is None:
        return {}
    found: dict[str, str] = {}
    with suppress(SyntaxError):
        for statement in ast.parse(cell.source).body:
            match statement:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    found[name] = ast.unparse(value)
    return found
