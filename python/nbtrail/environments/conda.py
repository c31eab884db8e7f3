"""Environments made by conda, mamba or micromamba, whichever is here, of a project's conda.yaml."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from nbtrail.environments import places, uv
from nbtrail.errors import InvalidValue, StoreError
from nbtrail.store import locks

_PROGRAMS = ("mamba", "micromamba", "conda")  # the quicker ones first
_VARIABLES = ("MAMBA_EXE", "CONDA_EXE")  # where they are for a shell in which they are functions
# No question is to be answered: some of them have no option for that.
_ANSWERED = {"CONDA_ALWAYS_YES": "true", "MAMBA_ALWAYS_YES": "true"}
_DONE = "nbtrail-made"
_SAID = 1500  # characters of what the solver says that are told


def made(document: Mapping[str, Any]) -> Path:
    """Return the directory of an environment with what a conda.yaml asks for, and this nbtrail.

    The first time it takes as long as conda needs to solve and to install it.

    Args:
        document: what the file says: `channels`, `dependencies` (with `pip` of one level),
            `variables`.

    Raises:
        InvalidValue: there is no conda.
        StoreError: conda cannot make the environment.
    """
    program = _program()
    place = places.place_of("conda", document)
    # Its files have its path in them: it is made where it stays, by one process.
    with locks.held(place.parent / locks.FOLDER, place.name):
        if not (place / _DONE).is_file():
            shutil.rmtree(place, ignore_errors=True)  # what was broken off
            try:
                _create(program, document, place)
            except BaseException:
                shutil.rmtree(place, ignore_errors=True)
                raise
    return place


def _program() -> str:
    found = next(_programs(), None)
    if found is None:
        raise InvalidValue(
            "There is no conda here (nor mamba or micromamba): install Miniforge or micromamba, "
            "or say where it is by CONDA_EXE. What the project asks of pip, --env uv installs "
            "without it."
        )
    return found


def _programs() -> Iterator[str]:
    for name in _PROGRAMS:
        if found := shutil.which(name):
            yield found
    for variable in _VARIABLES:
        if (told := os.environ.get(variable)) and (found := shutil.which(told)):
            yield found


def _create(program: str, document: Mapping[str, Any], place: Path) -> None:
    import yaml

    with tempfile.TemporaryDirectory(prefix="nbtrail-conda-") as folder:
        file = Path(folder) / "environment.yaml"
        file.write_text(yaml.safe_dump(dict(document), sort_keys=False), "utf-8")
        _ask(program, [*_creating(program), "--prefix", str(place), "--file", str(file)])
    python = places.python_of(place)
    if python.exists():
        uv.add_to(python, places.NEEDED)
        places.add_ours(python)
    (place / _DONE).touch()


def _creating(program: str) -> list[str]:
    """Return the words that have a program make an environment of a file."""
    return ["create", "--yes"] if Path(program).stem == "micromamba" else ["env", "create"]


def _ask(program: str, words: Sequence[str]) -> None:
    ran = subprocess.run(  # noqa: S603 - our own arguments
        [program, *words],
        env=_ANSWERED | os.environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if ran.returncode != 0:
        said = " ".join((ran.stderr.strip() or ran.stdout).split())[-_SAID:]
        name = Path(program).stem
        raise StoreError(f"The environment cannot be made here: {name} says '{said or 'nothing'}'.")
