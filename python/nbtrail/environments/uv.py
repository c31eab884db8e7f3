"""Environments made by `uv`: of what a project asks for, or of what a run had."""

from __future__ import annotations

import ast
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbtrail.environments import places
from nbtrail.errors import InvalidValue, StoreError

# pip's setting, and uv's variable for the same; the sections of pip's in the order of their weight.
_SETTINGS = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "cert": "SSL_CERT_FILE",
}
# What pip has found in any of its indexes, uv is to find, too; those that come first count first.
_AS_PIP = {"UV_INDEX_STRATEGY": "unsafe-first-match"}
_SECTIONS = ("global", "install", ":env:")


@dataclass(frozen=True)
class Packages:
    """What is to be installed.

    Attributes:
        lines: as in a requirements file.
        python: which version of Python; None: this one.
        complete: whether what they need in turn is among them.
    """

    lines: tuple[str, ...]
    python: str | None = None
    complete: bool = False


def made(packages: Packages) -> Path:
    """Return the directory of an environment with these packages and this nbtrail.

    The first time it takes as long as `uv` needs to install them.

    Raises:
        InvalidValue: there is no `uv`.
        StoreError: `uv` cannot make the environment.
    """
    uv = program()
    python = packages.python or platform.python_version()
    environment = places.place_of(packages.lines, python, packages.complete)
    if not environment.is_dir():
        with tempfile.TemporaryDirectory(prefix="new-", dir=environment.parent) as folder:
            fresh = Path(folder) / "env"
            _install(uv, packages, fresh)
            places.move(fresh, environment)
    return environment


def add_to(python: Path, packages: Sequence[str]) -> None:
    """Have an environment's Python have packages, by uv or else by its own pip.

    Raises:
        StoreError: they cannot be installed.
    """
    code = f"import {', '.join(packages)}"
    if subprocess.run([python, "-c", code], capture_output=True, check=False).returncode == 0:  # noqa: S603
        return
    settings = _AS_PIP | _pip_settings() | os.environ
    if uv := _found():
        _ask(settings, uv, "pip", "install", "--quiet", "--python", str(python), *packages)
    else:
        _ask(settings, str(python), "-m", "pip", "install", "--quiet", *packages)


def program() -> str:
    """Return where uv is.

    Raises:
        InvalidValue: it is nowhere.
    """
    found = _found()
    if found is None:
        raise InvalidValue(
            "Packages are installed by uv, which is not here. Install it with 'pip install uv', "
            "or use the current environment."
        )
    return found


def _found() -> str | None:
    """Return where uv is: on the path, else beside this Python, where `pip install` puts it."""
    return shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))


def _install(uv: str, packages: Packages, environment: Path) -> None:
    """Make an environment with these packages, and this nbtrail."""
    settings = _AS_PIP | _pip_settings() | os.environ
    _ask(
        settings, uv, "venv", "--relocatable",
        "--python", _interpreter(packages.python), str(environment),
    )  # fmt: skip
    asked = environment / "requirements.txt"
    asked.write_text("\n".join(packages.lines), "utf-8")
    alone = ["--no-deps"] if packages.complete else []
    python = str(places.python_of(environment))
    _ask(settings, uv, "pip", "install", "--quiet", *alone, "--python", python, "-r", str(asked))
    places.add_ours(Path(python))


def _interpreter(wanted: str | None) -> str:
    """Return which Python uv is to take: this one if it will do, wherever it is installed."""
    ours = platform.python_version()
    return sys.executable if wanted is None or f"{ours}.".startswith(f"{wanted}.") else wanted


def _ask(settings: Mapping[str, str], *command: str) -> None:
    ran = subprocess.run(  # noqa: S603
        command, env=settings, capture_output=True, text=True, check=False
    )
    if ran.returncode != 0:
        said = " ".join(ran.stderr.split())[-500:]
        name = Path(command[0]).stem.replace("python", "pip")
        raise StoreError(f"The packages cannot be installed here: {name} says '{said}'.")


def _pip_settings() -> dict[str, str]:
    """Return pip's own settings as uv's: private indexes stand there."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    told = subprocess.run(command, capture_output=True, text=True, check=False).stdout  # noqa: S603
    found: dict[str, dict[str, str]] = {section: {} for section in _SECTIONS}
    for line in told.splitlines():
        key, _, value = line.partition("=")
        section, _, name = key.rpartition(".")
        if section in found and name in _SETTINGS:
            values = ast.literal_eval(value).split()
            found[section][_SETTINGS[name]] = ("," if name == "find-links" else " ").join(values)
    return {name: value for section in found.values() for name, value in section.items()}
