"""The command of an entry point in a container: the `docker_env` of an MLproject.

The project's folder and the store are mounted where they are outside, so that every path that a
command is given, and every one that it logs, means the same inside.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbtrail import config
from nbtrail.errors import InvalidState, InvalidValue, did_you_mean
from nbtrail.projects.mlprojects.mlproject import Project

_KEYS = ("image", "volumes", "environment")
_IMAGE = re.compile(r"[A-Za-z0-9][\w.\-/:@]{0,254}")
_VARIABLE = re.compile(r"[A-Za-z_]\w*")
_PATIENCE = 20  # seconds for the engine to answer
_SENT = (config.RUN_ID[0], config.TRACKING_URI)


@dataclass(frozen=True)
class Container:
    """What a project says of its container.

    Attributes:
        image: its name, as Docker knows it.
        volumes: what is mounted beside the project and the store, as ``/outside:/inside``.
        environment: the variables that are set, and those that are handed on (None).
    """

    image: str
    volumes: tuple[str, ...] = ()
    environment: tuple[tuple[str, str | None], ...] = ()

    def words(
        self, line: str, folder: Path, name: str, store: Path | None, sent: Mapping[str, str]
    ) -> list[str]:
        """Return the command that executes a line for a shell in a container.

        Args:
            line: what a shell executes.
            folder: of the project, where it is executed.
            name: of the container.
            store: the directory of the store.
            sent: variables of nbtrail's.

        Raises:
            InvalidValue: a path has a colon.
        """
        given = [*sent.items(), *self.environment]
        if place := next((one for one in (folder, store) if one and ":" in str(one)), None):
            raise InvalidValue(f"Docker cannot mount {place}: its path has a colon.")
        return [
            *("docker", "run", "--rm", "--init", f"--name={name}", f"--workdir={folder}"),
            *(f"--volume={place}:{place}" for place in (folder, store) if place),
            *(f"--volume={one}" for one in self.volumes),
            *(f"--env={key}" if value is None else f"--env={key}={value}" for key, value in given),
            *(f"--user={os.getuid()}:{os.getgid()}", "--entrypoint=/bin/sh"),
            *(self.image, "-c", line),
        ]

    def shown(self, line: str, folder: Path) -> str:
        """Return the command as one would type it; the run and the store are not known yet."""
        return shlex.join(self.words(line, folder, "nbtrail", None, dict.fromkeys(_SENT, "…")))


def container_of(project: Project) -> Container:
    """Return the container that a project asks for.

    Raises:
        InvalidValue: it asks for none, or what it says cannot be.
    """
    kind, said = project.environment or ("", None)
    if kind != "docker_env":
        raise InvalidValue(f"The project {project.name} has no docker_env in its MLproject.")
    if not isinstance(said, dict):
        raise InvalidValue("The docker_env of an MLproject has the keys image, volumes and so on.")
    if unknown := next((str(key) for key in said if key not in _KEYS), None):
        raise InvalidValue(
            f"A docker_env has no '{unknown:.40}'.{did_you_mean(unknown, _KEYS)} "
            f"There are: {', '.join(_KEYS)}."
        )
    image = said.get("image")
    if not isinstance(image, str) or _IMAGE.fullmatch(image) is None:
        raise InvalidValue(f"'{image!s:.80}' cannot be the image of a docker_env.")
    volumes = tuple(_volume(one, project.directory) for one in _list(said, "volumes"))
    return Container(image, volumes, tuple(map(_variable, _list(said, "environment"))))


def check_engine() -> None:
    """Check that there is an engine to run containers.

    Raises:
        InvalidState: there is no docker, or its engine does not answer.
    """
    if shutil.which("docker") is None:
        raise InvalidState("There is no docker here: install it, or choose another --env.")
    try:
        _ask("version", "--format", "{{.Server.Version}}")
    except subprocess.TimeoutExpired:
        raise InvalidState("Docker's engine does not answer.") from None
    except subprocess.CalledProcessError as error:
        said = " ".join(str(error.stderr).split())[-300:]
        raise InvalidState(f"Docker's engine is not there: {said}") from None


def kill(name: str) -> None:
    """End a container whose client is gone; it may have ended."""
    with suppress(OSError, subprocess.SubprocessError):
        _ask("kill", name)


def _ask(*words: str) -> None:
    subprocess.run(  # noqa: S603
        ["docker", *words],  # noqa: S607 - whichever is on the user's path
        capture_output=True,
        text=True,
        check=True,
        timeout=_PATIENCE,
    )


def _list(said: Mapping[str, Any], key: str) -> Iterator[Any]:
    found = said.get(key) or []
    if not isinstance(found, list):
        raise InvalidValue(f"The {key} of a docker_env must be a list.")
    yield from found


def _volume(given: object, folder: Path) -> str:
    """Return what is mounted, absolute; a relative path outside is one of the project's."""
    outside, separator, inside = str(given).partition(":")
    if not (outside and separator and inside.startswith("/")):
        raise InvalidValue(f"A volume is written /outside:/inside, not '{given!s:.80}'.")
    return f"{folder / outside}:{inside}" if "/" in outside else f"{outside}:{inside}"


def _variable(given: object) -> tuple[str, str | None]:
    """Return a variable that is set, ``[NAME, value]``, or handed on, ``NAME``."""
    name, value = (given, None) if isinstance(given, str) else _pair(given)
    if _VARIABLE.fullmatch(name) is None:
        raise InvalidValue(f"'{name:.80}' cannot name an environment variable.")
    return name, value


def _pair(given: object) -> tuple[str, str]:
    if isinstance(given, list) and len(given) == 2:
        return str(given[0]), str(given[1])
    raise InvalidValue(f"A variable is written NAME or [NAME, value], not '{given!s:.80}'.")
