"""`MLproject` files as MLflow defines them, and notebooks as entry points beside commands.

The format: https://mlflow.org/docs/latest/ml/projects/ (MLproject file). What is ours is the key
`notebook:` of an entry point, in place of `command:`. A directory without the file is a project,
too: its scripts and notebooks are entry points by their names.
"""

from __future__ import annotations

import os
import shlex
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from nbtrail.artifacts.paths import is_clean
from nbtrail.errors import InvalidValue, NotFound, did_you_mean

FILE = "MLproject"
MAIN = "main"
ENTRY_POINT = "mlflow.project.entryPoint"
"""The tag of a project's run that has the entry point's name."""
_ENVIRONMENTS = ("python_env", "conda_env", "docker_env")
_NUMBERS: dict[str, type] = {"float": float, "int": int}
_SCRIPTS = {".py": "python", ".sh": "bash"}


@dataclass(frozen=True)
class ProjectParameter:
    """A declared parameter. `type` is string, float, int, path or uri; None: no default."""

    name: str
    type: str = "string"
    default: str | None = None


@dataclass(frozen=True)
class EntryPoint:
    """What can be run of a project: a command with its parameters' places, or a notebook."""

    name: str
    parameters: Mapping[str, ProjectParameter] = field(default_factory=dict)
    command: str = ""
    notebook: str | None = None


@dataclass(frozen=True)
class Project:
    """A directory whose entry points can be run.

    Attributes:
        name: as the file says, else the directory's.
        directory: where everything is run.
        entry_points: those that the file declares.
        environment: the kind of environment that it asks for, and what the file says of it.
    """

    name: str
    directory: Path
    entry_points: Mapping[str, EntryPoint]
    environment: tuple[str, Any] | None = None

    def entry_point(self, name: str) -> EntryPoint:
        """Return one that is declared, or a script or notebook of the directory.

        Raises:
            NotFound: there is none of that name.
        """
        if name in self.entry_points:
            return self.entry_points[name]
        if is_clean(name) and (self.directory / name).is_file():
            if name.endswith(".ipynb"):
                return EntryPoint(name, notebook=name)
            if program := _SCRIPTS.get(Path(name).suffix):
                return EntryPoint(name, command=f"{program} {shlex.quote(name)}")
        known = sorted(self.entry_points) or _runnable(self.directory)
        raise NotFound(
            f"The project {self.name} has no entry point '{name:.100}', and no such script or "
            f"notebook.{did_you_mean(name, known)} It has: {', '.join(known) or 'none'}."
        )


def load(directory: Path) -> Project:
    """Read the project of a directory.

    Raises:
        NotFound: there is no such directory.
        InvalidValue: its `MLproject` is not as it must be.
    """
    if not directory.is_dir():
        raise NotFound(f"There is no directory {directory}.")
    file = next((one for one in directory.iterdir() if one.name.lower() == FILE.lower()), None)
    content = _read(file) if file else {}
    points = _mapping(content.get("entry_points"), "entry_points")
    kind = next((one for one in _ENVIRONMENTS if content.get(one)), None)
    return Project(
        name=str(content.get("name") or directory.resolve().name),
        directory=directory,
        entry_points={str(name): _entry_point(str(name), one) for name, one in points.items()},
        environment=(kind, content[kind]) if kind else None,
    )


def values(point: EntryPoint, given: Mapping[str, object], directory: Path) -> dict[str, str]:
    """Return the values of all parameters of a command, those declared and those only given.

    Paths are made absolute: relative ones are relative to the directory of whoever asks.

    Args:
        point: whose parameters.
        given: values by name.
        directory: where defaults are relative to: the project's.

    Raises:
        InvalidValue: one is missing, is no number, or is no path that is there.
    """
    missing = [
        one.name
        for one in point.parameters.values()
        if one.default is None and one.name not in given
    ]
    if missing:
        unknown = next((name for name in given if name not in point.parameters), "")
        raise InvalidValue(
            f"The entry point '{point.name}' needs a value for {', '.join(missing)}, as in "
            f"-P {missing[0]}=1.{did_you_mean(unknown, missing)}"
        )
    found = {
        one.name: _value(one, str(given[one.name]), Path.cwd())
        if one.name in given
        else _value(one, str(one.default), directory)
        for one in point.parameters.values()
    }
    extra = {name: str(value) for name, value in given.items() if name not in found}
    for name in extra:
        if not name.replace("-", "_").isidentifier():
            raise InvalidValue(f"'{name:.100}' is not a name that a parameter can have.")
    return found | extra


def command_line(point: EntryPoint, values: Mapping[str, str]) -> str:
    """Return the command for a shell; what the command has no place for is appended as options.

    Every value is quoted: none can be more than one word.

    Raises:
        InvalidValue: the command has a place for a parameter that is not declared.
    """
    quoted = {name: shlex.quote(value) for name, value in values.items()}
    places = _places(point)
    if unknown := next((name for name in places if name not in quoted), None):
        raise InvalidValue(
            f"The command of '{point.name}' has a place for '{unknown:.100}', which is none of "
            f"its parameters.{did_you_mean(unknown, quoted)}"
        )
    command = point.command.format(**quoted)
    extra = [f"--{name} {text}" for name, text in quoted.items() if name not in point.parameters]
    return " ".join([command, *extra])


def _places(point: EntryPoint) -> list[str]:
    try:
        return [name for _, name, *_ in string.Formatter().parse(point.command) if name is not None]
    except ValueError as error:
        raise InvalidValue(f"The command of '{point.name}' cannot be read: {error}.") from None


def _read(file: Path) -> dict[str, Any]:
    import yaml

    try:
        content = yaml.safe_load(file.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidValue(f"{file} is no valid YAML: {' '.join(str(error).split())}.") from None
    return _mapping(content, str(file))


def _mapping(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict | None):
        raise InvalidValue(f"'{what}' must be names with values, not {type(value).__name__}.")
    return value or {}


def _entry_point(name: str, content: Any) -> EntryPoint:
    content = _mapping(content, f"entry point {name}")
    command, notebook = content.get("command"), content.get("notebook")
    if (command is None) == (notebook is None):
        raise InvalidValue(f"The entry point '{name}' must have a command or a notebook.")
    if notebook is not None and not is_clean(str(notebook)):
        raise InvalidValue(f"The notebook '{notebook}' of '{name}' is not inside the project.")
    declared = _mapping(content.get("parameters"), f"parameters of {name}")
    return EntryPoint(
        name,
        {str(key): _parameter(str(key), one) for key, one in declared.items()},
        str(command or ""),
        None if notebook is None else str(notebook),
    )


def _parameter(name: str, content: Any) -> ProjectParameter:
    if isinstance(content, str):
        return ProjectParameter(name, content)
    content = _mapping(content, f"parameter {name}")
    default = content.get("default")
    return ProjectParameter(
        name, str(content.get("type", "string")), None if default is None else str(default)
    )


def _value(parameter: ProjectParameter, text: str, folder: Path) -> str:
    if number := _NUMBERS.get(parameter.type):
        try:
            number(text)
        except ValueError:
            raise InvalidValue(
                f"Parameter '{parameter.name}' must be {parameter.type}, got '{text:.80}'."
            ) from None
    if parameter.type in {"path", "uri"} and not urlsplit(text).scheme:
        path = Path(os.path.normpath(folder / text))
        if parameter.type == "path" and not path.exists():
            raise InvalidValue(f"Parameter '{parameter.name}': there is no {path}.")
        return str(path)
    return text


def _runnable(directory: Path) -> list[str]:
    """Return the scripts and notebooks that lie in a project's directory itself."""
    suffixes = {*_SCRIPTS, ".ipynb"}
    return sorted(one.name for one in directory.iterdir() if one.suffix in suffixes)
