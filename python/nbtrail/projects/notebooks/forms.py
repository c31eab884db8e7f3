"""What a form must know of a notebook to ask for its parameters."""

from __future__ import annotations

import ast
import math
import typing
from pathlib import Path
from typing import Any

from nbtrail.entities import Record, Run
from nbtrail.errors import InvalidValue
from nbtrail.projects import sources
from nbtrail.projects.mlprojects import mlproject
from nbtrail.projects.notebooks.inspection import PARAMETERS_TAG, Parameter, declaration
from nbtrail.projects.notebooks.notebook import Notebook, kernel, read, tags
from nbtrail.projects.notebooks.validation import expected_type
from nbtrail.projects.reproduction import originals, reruns
from nbtrail.store import Store


class Field(Record, frozen=True):
    """A parameter: its default as it is written and, if it is a literal, as a JSON value."""

    name: str
    type: str | None
    default: str | None
    value: Any
    help: str
    choices: list[Any] | None


class ParametersCell(Record, frozen=True):
    """Where the parameters are; `tagged` says that the cell's tag makes them such."""

    index: int
    id: str | None
    tagged: bool
    source: str


class Form(Record, frozen=True):
    """What a notebook can be run with; `problem` is one sentence on why it cannot be run.

    Of a project, it is what one of its entry points can be run with.
    """

    path: str
    kernel: str | None = None
    language: str | None = None
    problem: str | None = None
    parameters: list[Field] = []
    cell: ParametersCell | None = None
    entry_points: list[str] = []
    entry_point: str | None = None


def of_file(path: Path, shown: str) -> Form:
    """Return the form of a notebook file that is called `shown`.

    Raises:
        NotFound: there is no such file.
    """
    try:
        notebook = read(path)
    except InvalidValue as error:
        return Form(shown, problem=str(error).replace(str(path), shown))
    name = notebook.metadata.get("kernelspec", {}).get("name")
    try:
        _, language = kernel(notebook, path)
    except InvalidValue as error:
        return Form(shown, name, None, str(error), _fields(notebook), _cell(notebook))
    if language.lower() != "python":
        return Form(shown, name, language)
    return Form(shown, name, language, None, _fields(notebook), _cell(notebook))


def of_project(target: str, entry_point: str | None, version: str | None, shown: str) -> Form:
    """Return the form of a project's entry point; the project is called `shown`.

    Args:
        target: a directory, or the address of a git repository.
        entry_point: which (default: ``main``, else the first that there is).
        version: a commit, tag or branch of the repository.
        shown: what it is called.

    Raises:
        NotFound, InvalidValue: there is no such project, version or entry point.
    """
    with sources.opened(target, version) as source:
        project = mlproject.load(source.directory)
        names = project.names()
        known = [mlproject.MAIN] if mlproject.MAIN in names else names
        point = project.entry_point(entry_point or next(iter(known), mlproject.MAIN))
        notebook = point.notebook and of_file(source.directory / point.notebook, shown)
        declared = [
            Field(one.name, one.type, one.default, one.default, "", None)
            for one in point.parameters.values()
        ]
        of_notebook = notebook.parameters if notebook else []
        others = [one for one in of_notebook if one.name not in point.parameters]
        return Form(
            shown,
            problem=notebook.problem if notebook else None,
            parameters=declared + others,
            entry_points=names,
            entry_point=point.name,
        )


def of_run(store: Store, run: Run) -> Form:
    """Return the form of what a run executed; the defaults are the values that it had."""
    shown = Path(run.info.notebook).name if run.info.notebook else run.info.run_name
    try:
        plan = originals.plan_of(store, run)
    except InvalidValue as error:
        return Form(shown, problem=str(error))
    fields = [_field(one) for one in reruns.parameters_of(plan)]
    cell = _cell(plan.notebook) if fields else None
    return Form(shown, plan.kernel_name, plan.language, None, fields, cell)


def _fields(notebook: Notebook) -> list[Field]:
    declared = declaration(notebook)
    return [_field(one) for one in declared.parameters] if declared else []


def _cell(notebook: Notebook) -> ParametersCell | None:
    declared = declaration(notebook)
    if declared is None:
        return None
    cell = notebook.cells[declared.index]
    tagged = PARAMETERS_TAG in tags(cell)
    return ParametersCell(declared.index, cell.get("id"), tagged, cell.source)


def _field(one: Parameter) -> Field:
    return Field(one.name, one.type, one.default, _value(one.default), one.help, _choices(one.type))


def _value(default: str | None) -> Any:
    try:
        return _as_json(ast.literal_eval(default or "None"))
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return None


def _as_json(value: Any) -> Any:
    """Return a literal as JSON has it.

    Raises:
        ValueError: it has no such thing.
    """
    match value:
        case None | bool() | int() | str():
            return value
        case float() if math.isfinite(value):
            return value
        case list() | tuple():
            return [_as_json(one) for one in value]
        case dict() if all(isinstance(key, str) for key in value):
            return {key: _as_json(one) for key, one in value.items()}
    raise ValueError(value)


def _choices(written: str | None) -> list[Any] | None:
    expected = expected_type(written)
    if typing.get_origin(expected) is not typing.Literal:
        return None
    return list(typing.get_args(expected))
