"""Which packages a project asks for: what its `MLproject` names, else the files that lie there."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbtrail.artifacts.paths import is_clean
from nbtrail.environments.places import NEEDED
from nbtrail.environments.uv import Packages
from nbtrail.errors import InvalidValue, NotFound
from nbtrail.projects.mlprojects.mlproject import Project

# What is looked for where the MLproject names no file; two are MLflow's defaults.
_CONDA_FILES = ("conda.yaml", "environment.yml", "environment.yaml")
_FILES = ("python_env.yaml", "requirements.txt", "conda.yaml", "pyproject.toml")
_NAME = re.compile(r"[A-Za-z0-9][\w.\-]*")
_DEEPEST = 10  # files that name one another


def packages_of(project: Project) -> Packages:
    """Return what a project asks for.

    Raises:
        NotFound: it names a file that is not there.
        InvalidValue: it asks for nothing, for what only conda or Docker gives, or for a package
            that lies in a directory.
    """
    python, lines = _asked(project)
    _refuse_of_directories(lines)
    kept = [line for line in lines if _name(line) != "nbtrail"]
    return Packages((*kept, *NEEDED), python)


def conda_of(project: Project) -> dict[str, Any]:
    """Return what a project asks of conda: `channels`, `dependencies` and `variables`.

    Raises:
        NotFound: it names a file that is not there.
        InvalidValue: it asks for nothing of conda's, or the file is not as it must be.
    """
    name = _conda_file(project)
    content = _yaml(project.directory, name)
    found: dict[str, Any] = {
        "channels": _texts(content, "channels", name),
        "dependencies": list(_conda_dependencies(project.directory, content, name)),
    }
    variables = content.get("variables") or {}
    if not isinstance(variables, dict):
        raise InvalidValue(f"The variables of {name} must be names with values.")
    if variables:
        found["variables"] = {str(key): str(value) for key, value in variables.items()}
    return found


def _conda_file(project: Project) -> str:
    match project.environment:
        case ("conda_env", str(name)):
            return name
        case ("conda_env", _):
            raise InvalidValue("The project's conda_env must be the name of a file.")
        case (kind, _):
            other = "docker" if kind == "docker_env" else "uv"
            raise InvalidValue(f"conda makes no {kind}: run the project with --env {other}.")
    file = next((name for name in _CONDA_FILES if (project.directory / name).is_file()), None)
    if file is None:
        raise InvalidValue(
            f"The project {project.name} asks for nothing of conda: it has no conda_env in its "
            f"MLproject, and none of {', '.join(_CONDA_FILES)}."
        )
    return file


def _conda_dependencies(folder: Path, content: dict[str, Any], name: str) -> Iterator[Any]:
    for one in _list(content, "dependencies", name):
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict) and one.keys() == {"pip"}:
            texts = _texts(one, "pip", name)
            lines = [line for text in texts for line in _expanded(folder, text, name)]
            _refuse_of_directories(lines)
            yield {"pip": [line for line in lines if _name(line) != "nbtrail"]}
        else:
            raise InvalidValue(f"'{one!s:.80}' in the dependencies of {name} must be a text.")


def _refuse_of_directories(lines: list[str]) -> None:
    for line in lines:
        if line.startswith(("-e", "--editable", ".", "/", "file:")):
            raise InvalidValue(
                f"The project asks for '{line:.80}', which is no package of an index: run it with "
                "the current environment (--env local)."
            )


def _asked(project: Project) -> tuple[str | None, list[str]]:
    match project.environment:
        case ("python_env" | "conda_env" as kind, str(name)):
            return _read(project.directory, name, kind)
        case ("python_env" | "conda_env" as kind, _):
            raise InvalidValue(f"The project's {kind} must be the name of a file.")
        case (kind, _):
            raise InvalidValue(f"uv cannot make a {kind}: run the project with --env docker.")
    file = next((name for name in _FILES if (project.directory / name).is_file()), None)
    if file is None:
        raise InvalidValue(
            f"The project {project.name} does not say which packages it needs: it has no "
            f"python_env in its MLproject, and none of {', '.join(_FILES)}."
        )
    return _read(project.directory, file, file)


def _read(folder: Path, name: str, kind: str) -> tuple[str | None, list[str]]:
    """Return the Python and the packages that a file asks for."""
    match kind:
        case "python_env" | "python_env.yaml":
            return _python_env(folder, name)
        case "conda_env" | "conda.yaml":
            return _conda_env(folder, name)
        case "pyproject.toml":
            return None, _pyproject(folder, name)
    return None, list(_lines(folder, name))


def _python_env(folder: Path, name: str) -> tuple[str | None, list[str]]:
    content = _yaml(folder, name)
    lines = [
        line
        for key in ("build_dependencies", "dependencies")
        for one in _texts(content, key, name)
        for line in _expanded(folder, one, name)
    ]
    python = content.get("python")
    return None if python is None else str(python), lines


def _conda_env(folder: Path, name: str) -> tuple[str | None, list[str]]:
    python, lines, others = None, list[str](), list[str]()
    for one in _list(_yaml(folder, name), "dependencies", name):
        if isinstance(one, dict) and one.keys() == {"pip"}:
            texts = _texts(one, "pip", name)
            lines += [line for text in texts for line in _expanded(folder, text, name)]
        elif _name(str(one)) == "python":
            python = str(one)[len("python") :].lstrip("= ") or None
        elif _name(str(one)) != "pip":
            others.append(str(one))
    if others:
        raise InvalidValue(
            f"{name} asks for packages that only conda installs ({', '.join(others):.200}): run "
            "the project with --env conda, or put them below 'pip:'."
        )
    return python, lines


def _pyproject(folder: Path, name: str) -> list[str]:
    import tomllib

    try:
        project = tomllib.loads(_text(folder, name)).get("project")
    except tomllib.TOMLDecodeError as error:
        raise InvalidValue(f"{name} is no valid TOML: {error}.") from None
    if not isinstance(project, dict) or "dependencies" in (project.get("dynamic") or []):
        raise InvalidValue(
            f"{name} does not say which packages the project needs: it has no dependencies below "
            "[project]. Name them there or in a requirements.txt."
        )
    return _texts(project, "dependencies", name)


def _texts(content: dict[str, Any], key: str, name: str) -> list[str]:
    found = _list(content, key, name)
    for one in found:
        if not isinstance(one, str):
            raise InvalidValue(f"'{one!s:.80}' in the {key} of {name} must be a text.")
    return found


def _list(content: dict[str, Any], key: str, name: str) -> list[Any]:
    found = content.get(key)
    if not isinstance(found, list | None):
        raise InvalidValue(f"The {key} of {name} must be a list, not {type(found).__name__}.")
    return found or []


def _lines(folder: Path, name: str, deepest: int = _DEEPEST) -> Iterator[str]:
    """Yield the lines of a requirements file, and of those that it names."""
    for line in _text(folder, name).splitlines():
        text = re.sub(r"(^|\s)#.*", "", line).strip()
        if text:
            yield from _expanded(folder, text, name, deepest)


def _expanded(folder: Path, line: str, name: str, deepest: int = _DEEPEST) -> Iterator[str]:
    """Yield a line of the file `name`, or those of the file that it names: relative to that."""
    found = re.fullmatch(r"(?:-r|--requirement)[\s=]*(\S+)", line)
    if found is None:
        yield line
    elif deepest:
        other = posixpath.normpath(posixpath.join(posixpath.dirname(name), found[1]))
        yield from _lines(folder, other, deepest - 1)
    else:
        raise InvalidValue(f"Too many requirements files name one another; the last is {found[1]}.")


def _yaml(folder: Path, name: str) -> dict[str, Any]:
    import yaml

    try:
        content = yaml.safe_load(_text(folder, name))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InvalidValue(f"{name} is no valid YAML: {' '.join(str(error).split())}.") from None
    if not isinstance(content, dict):
        raise InvalidValue(f"{name} must be names with values.")
    return content


def _text(folder: Path, name: str) -> str:
    if not is_clean(name):
        raise InvalidValue(f"'{name:.100}' is not a file inside the project.")
    try:
        return (folder / name).read_text("utf-8")
    except FileNotFoundError:
        raise NotFound(f"The project has no file '{name}'.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidValue(f"'{name}' cannot be read: {error}.") from None


def _name(line: str) -> str:
    found = _NAME.match(line)
    return found[0].lower() if found else ""
