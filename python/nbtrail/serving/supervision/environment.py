"""``env: uv``: workers in an environment made by uv of what their models have recorded.

``-m nbtrail.serving.supervision.environment --model DIRECTORY … -- ARGUMENTS`` makes the
environment, unless it is there already, and becomes worker.py in it, with the same process id
and sockets. So nobody but the worker itself waits while packages are installed.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from nbtrail.environments.places import python_of
from nbtrail.environments.uv import Packages, made
from nbtrail.errors import InvalidValue, NbtrailError
from nbtrail.models import MLmodel
from nbtrail.models.environment import REQUIREMENTS
from nbtrail.models.mlmodel import PYFUNC

_OWN = "cloudpickle msgspec numpy pandas psutil PyYAML starlette uvicorn".split()
_FASTER = ("httptools", "uvloop")
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*", re.ASCII)


def packages_of(directories: Iterable[Path]) -> Packages:
    """Return what is to be installed for a worker that serves these models.

    Raises:
        InvalidValue: a model has recorded no requirements, or some that are no packages; or two
            were saved with different versions of Python.
    """
    folders = list(directories)
    lines = {line for folder in folders for line in _recorded(folder)}
    pythons = {version for folder in folders if (version := _python(folder))}
    if len(pythons) > 1:
        told = " and ".join(sorted(pythons))
        raise InvalidValue(f"Models of Python {told} cannot share an environment: use env=local.")
    return Packages((*sorted(lines), *_own()), pythons.pop() if pythons else None)


def _recorded(folder: Path) -> list[str]:
    file = folder / REQUIREMENTS
    if not file.is_file():
        raise InvalidValue(
            f"The model in {folder} has recorded no requirements to make an environment of: "
            "serve it with env=local."
        )
    text = (line.partition(" #")[0].strip() for line in file.read_text("utf-8").splitlines())
    lines = [line for line in text if line and not line.startswith("#")]
    for line in lines:
        if not _NAME.match(line):
            raise InvalidValue(
                f"The requirements of the model in {folder} ask for '{line:.80}', which is no "
                "package of an index: serve it with env=local."
            )
    return [line for line in lines if _name(line) != "nbtrail"]


def _name(requirement: str) -> str:
    found = _NAME.match(requirement)
    return found[0].lower() if found else ""


def _python(folder: Path) -> str | None:
    """Return the minor version of Python: what was pickled by one patch is read by another."""
    told = str(MLmodel.read(folder).flavors.get(PYFUNC, {}).get("python_version", ""))
    found = re.match(r"\d+\.\d+", told)
    return found[0] if found else None


def _own() -> list[str]:
    """Return what the worker itself imports, in versions that nbtrail goes with."""
    known = {
        _name(one): one.partition(";")[0].strip() for one in metadata.requires("nbtrail") or []
    }
    here = [name for name in _FASTER if _is_installed(name)]
    return [known.get(name.lower(), name) for name in [*_OWN, *here]]


def _is_installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def main() -> None:
    """Make the environment and become a worker in it."""
    parser = argparse.ArgumentParser(prog="nbtrail.serving.supervision.environment")
    parser.add_argument("--model", action="append", required=True)
    parser.add_argument("arguments", nargs="*")
    options = parser.parse_args()
    try:
        python = python_of(made(packages_of(map(Path, options.model))))
    except NbtrailError as error:
        sys.exit(str(error))
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [str(python), "-P", "-m", "nbtrail.serving.supervision.worker", *options.arguments]
    os.execve(python, command, variables)  # noqa: S606 - our own module


if __name__ == "__main__":
    main()
