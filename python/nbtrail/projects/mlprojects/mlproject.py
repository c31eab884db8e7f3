"""`MLproject` files as MLflow defines them, and notebooks as entry points beside commands.

The format: https://mlflow.org/docs/latest/ml/projects/ (MLproject file). What is ours are the key
`backend:`, and `notebook:` and `steps:` of an entry point, in place of `command:`. A directory
without the file is a project, too: its scripts and notebooks are entry points by their names.
"""

from __future__ import annotations

import os
import re
import shlex
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from nbtrail.artifacts.paths import is_clean
from nbtrail.errors import InvalidValue, NotFound, did_you_mean
from nbtrail.projects.mlprojects import shell
from nbtrail.projects.pipelines.definition import Step, steps_of

FILE = "MLproject"
MAIN = "main"
_ENVIRONMENTS = ("python_env", "conda_env", "docker_env")
_NUMBERS: dict[str, type] = {"float": float, "int": int}
_SCRIPTS = {".py": "python", ".sh": "bash"}
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]+:")
_LOCAL = re.compile(r"file:(?://(?:localhost)?(?=/))?")
_BRACES = "A brace that is meant for the shell is written twice, as in ${{HOME}}."
_OPTION = re.compile(r"\w[\w.\-]*")


@dataclass(frozen=True)
class ProjectParameter:
    """A declared parameter. `type` is string, float, int, path or uri; None: no default."""

    name: str
    type: str = "string"
    default: str | None = None


@dataclass(frozen=True)
class EntryPoint:
    """What can be run of a project: a command with its parameters' places, a notebook, or steps."""

    name: str
    parameters: Mapping[str, ProjectParameter] = field(default_factory=dict)
    command: str = ""
    notebook: str | None = None
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True)
class Project:
    """A directory whose entry points can be run.

    Attributes:
        name: as the file says, else the directory's.
        directory: where everything is run.
        entry_points: those that the file declares.
        environment: the kind of environment that it asks for, and what the file says of it.
        backends: options of backends, by their names.
    """

    name: str
    directory: Path
    entry_points: Mapping[str, EntryPoint]
    environment: tuple[str, Any] | None = None
    backends: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

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
                command = f"{program} {shlex.quote(name)}"
                return EntryPoint(name, command=command.replace("{", "{{").replace("}", "}}"))
        known = self.names()
        raise NotFound(
            f"The project {self.name} has no entry point '{name:.100}', and no such script or "
            f"notebook.{did_you_mean(name, known)} It has: {', '.join(known) or 'none'}."
        )

    def names(self) -> list[str]:
        """Return the entry points that it declares, else its scripts and notebooks."""
        return sorted(self.entry_points) or _runnable(self.directory)


def load(directory: Path) -> Project:
    """Read the project of a directory.

    Raises:
        NotFound: there is no such directory.
        InvalidValue: its `MLproject` is not as it must be.
    """
    if not directory.is_dir():
        raise NotFound(f"There is no directory {directory}.")
    content = content_of(directory)
    points = _mapping(
        content.get("entry_points"), "entry_points", "'main: {command: python train.py}'"
    )
    places = _mapping(content.get("backend"), "backend", "'ssh: {host: gpu1}'")
    kind = next((one for one in _ENVIRONMENTS if content.get(one)), None)
    return Project(
        name=_name(content) or directory.resolve().name,
        directory=directory,
        entry_points={str(name): _entry_point(str(name), one) for name, one in points.items()},
        environment=(kind, content[kind]) if kind else None,
        backends={
            str(name): _mapping(one, f"backend {name}", "'host: gpu1'")
            for name, one in places.items()
        },
    )


def values(point: EntryPoint, given: Mapping[str, object], directory: Path) -> dict[str, object]:
    """Return the values of all parameters, those declared as text and those only given as given.

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
    return {**given, **found}


def command_line(point: EntryPoint, values: Mapping[str, str]) -> str:
    """Return the command for a shell; what is not declared is appended as options, as by MLflow.

    Every value is quoted: none can be more than one word.

    Raises:
        InvalidValue: the command has a place for what is no declared parameter, or for a value in
            a form of its own; or a value cannot be put there.
    """
    if name := next((name for name, value in values.items() if shell.PLACE in value), None):
        raise InvalidValue(f"The value of '{name}' has a null character: no command can get it.")
    pieces = _pieces(point)
    for place in [place for _, place in pieces if place is not None]:
        if place not in point.parameters:
            raise InvalidValue(
                f"The command of '{point.name}' has a place for '{place:.100}', which is none of "
                f"its parameters.{did_you_mean(place, point.parameters)} {_BRACES}"
            )
    template = "".join(text + ("" if place is None else shell.PLACE) for text, place in pieces)
    places = [(place, values[place]) for _, place in pieces if place is not None]
    return " ".join([shell.filled(template, places), *_options(point, values)])


def _pieces(point: EntryPoint) -> list[tuple[str, str | None]]:
    """Return the texts of a command with the name of the parameter whose place is behind each."""
    try:
        found = list(string.Formatter().parse(point.command))
    except ValueError as error:
        raise InvalidValue(
            f"The command of '{point.name}' cannot be read: {error}. {_BRACES}"
        ) from None
    for _, name, form, conversion in found:
        if form or conversion:
            raise InvalidValue(
                f"The command of '{point.name}' has a form for '{name}': a place is the name of a "
                f"parameter alone, {{{name}}}. {_BRACES}"
            )
    return [(text, name) for text, name, *_ in found]


def _options(point: EntryPoint, values: Mapping[str, str]) -> list[str]:
    extra = {name: value for name, value in values.items() if name not in point.parameters}
    for name in extra:
        if not _OPTION.fullmatch(name):
            raise InvalidValue(f"'{name:.100}' is not a name that a parameter can have.")
    return [f"--{name} {shlex.quote(value)}" for name, value in extra.items()]


def content_of(directory: Path) -> dict[str, Any]:
    """Return what the file of a project says; nothing if it has none.

    Raises:
        InvalidValue: it is not as it must be.
    """
    import yaml

    try:
        files = [one for one in directory.iterdir() if one.name.lower() == FILE.lower()]
        file = next((one for one in files if one.is_file()), None)
        content = yaml.safe_load(file.read_text("utf-8")) if file else None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InvalidValue(
            f"{directory / FILE} is no valid YAML: {' '.join(str(error).split())}."
        ) from None
    except OSError as error:
        raise InvalidValue(f"The project cannot be read: {error}.") from None
    return _mapping(content, str(directory / FILE))


def _name(content: Mapping[str, Any]) -> str:
    name = content.get("name")
    if isinstance(name, dict | list):
        raise InvalidValue(f"The project's name must be a text, not {type(name).__name__}.")
    return str(name or "")


def _mapping(value: Any, what: str, example: str = "") -> dict[str, Any]:
    if not isinstance(value, dict | None):
        such_as = f", such as {example}," if example else ","
        raise InvalidValue(
            f"'{what}' must be names with values{such_as} not {type(value).__name__}."
        )
    return value or {}


def _entry_point(name: str, content: Any) -> EntryPoint:
    content = _mapping(content, f"entry point {name}", "'command: python train.py'")
    command, notebook = (_text(content, key, name) for key in ("command", "notebook"))
    if sum([bool(command), bool(notebook), "steps" in content]) != 1:
        raise InvalidValue(f"The entry point '{name}' must have a command or a notebook, or steps.")
    if notebook and not is_clean(notebook):
        raise InvalidValue(f"The notebook '{notebook}' of '{name}' is not inside the project.")
    declared = _mapping(content.get("parameters"), f"parameters of {name}")
    return EntryPoint(
        name,
        {str(key): _parameter(str(key), one) for key, one in declared.items()},
        command,
        notebook or None,
        steps_of(content["steps"], name) if "steps" in content else (),
    )


def _text(content: Mapping[str, Any], key: str, name: str) -> str:
    """Return a text of an entry point; "" if there is none."""
    text = content.get(key)
    if not isinstance(text, str | None):
        raise InvalidValue(f"The {key} of '{name}' must be a text, not {type(text).__name__}.")
    if text and shell.PLACE in text:
        raise InvalidValue(f"The {key} of '{name}' has a null character.")
    return (text or "").strip()


def _parameter(name: str, content: Any) -> ProjectParameter:
    if isinstance(content, str):
        return ProjectParameter(name, content)
    content = _mapping(content, f"parameter {name}", "{type: float, default: 1}")
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
    return _place(parameter, text, folder) if parameter.type in {"path", "uri"} else text


def _place(parameter: ProjectParameter, text: str, folder: Path) -> str:
    """Return a URI as it is, and what is on this machine as an absolute path."""
    path = os.path.normpath(folder / text)
    is_there = os.path.exists(path)  # noqa: PTH110 - whatever the text is, too long for a path, say
    if not text:
        raise InvalidValue(f"Parameter '{parameter.name}' must be a {parameter.type}, got ''.")
    if parameter.type == "path" and (local := _LOCAL.match(text)) and not is_there:
        return _place(parameter, unquote(text[local.end() :]), folder)
    if _URI.match(text) and not is_there:
        return text
    if parameter.type == "path" and not is_there:
        raise InvalidValue(f"Parameter '{parameter.name}': there is no {path:.300}.")
    return path


def _runnable(directory: Path) -> list[str]:
    """Return the scripts and notebooks that lie in a project's directory itself."""
    suffixes = {*_SCRIPTS, ".ipynb"}
    return sorted(one.name for one in directory.iterdir() if one.suffix in suffixes)
