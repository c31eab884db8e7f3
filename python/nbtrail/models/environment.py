"""What a model needs to be loaded elsewhere: pinned packages, in pip's and conda's form."""

from __future__ import annotations

import json
import logging
import os
import platform
import re
import subprocess
import sys
import warnings
from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from nbtrail.errors import InvalidValue

if TYPE_CHECKING:
    from nbtrail.models.saving import Extras

CONDA, PYTHON, REQUIREMENTS = "conda.yaml", "python_env.yaml", "requirements.txt"
PATIENCE = 300  # seconds that loading the model in a process of its own may take

_PINNED = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^;\s]+)")
_CONDA_PYTHON = re.compile(r"(?:.*::)?python\s*(?:([<>=!~]+)\s*([\d.]*\d)?.*)?")
_WAYS = ("conda_env", "pip_requirements", "extra_pip_requirements")

logger = logging.getLogger(__name__)


def pin(packages: Iterable[str]) -> list[str]:
    """Return ``name==version`` of each package that is installed here, sorted."""
    return sorted(f"{name}=={version}" for name in set(packages) if (version := _version(name)))


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:  # a source tree on the path has no version to pin
        return None


def record(directory: Path, packages: list[str], extras: Extras, *, is_open: bool) -> None:
    """Write a model's environment: what the caller gave, else what it is found to need.

    What is found are the flavor's own packages and, for a model that refers to the user's own
    code, those whose modules are seen to load with it.

    Raises:
        InvalidValue: more than one way was used to say it, or what was given cannot be read.
    """
    given = [way for way in _WAYS if getattr(extras, way) is not None]
    if len(given) > 1:
        raise InvalidValue(f"Say what the model needs in one way only: {' or '.join(given)}.")
    if extras.conda_env is not None:
        conda = _conda(extras.conda_env)
        write(directory, _pip_part(conda), conda)
    elif extras.pip_requirements is not None:
        write(directory, _listed(extras.pip_requirements))
    else:
        found = pin([*packages, *(_loaded(directory) if is_open or extras.code_paths else [])])
        write(directory, [*found, *_listed(extras.extra_pip_requirements or [])])


def _conda(given: Mapping[str, Any] | str | os.PathLike[str]) -> dict[str, Any]:
    """Return a conda environment, which may also be the path of a YAML file of one."""
    content: Any = given
    if isinstance(given, str | os.PathLike):
        try:
            content = yaml.safe_load(Path(given).read_text(encoding="utf-8"))
        except (OSError, ValueError, yaml.YAMLError) as error:
            raise InvalidValue(f"The conda_env {given} cannot be read: {error}.") from error
    parts = content.get("dependencies") if isinstance(content, Mapping) else None
    if not isinstance(parts, list) or not all(map(_is_conda_part, parts)):
        raise InvalidValue(
            "A conda_env is a dict, or the path of a YAML file, with dependencies: "
            "['python=3.12', 'pip', {'pip': ['scikit-learn==1.7.0']}]."
        )
    return dict(content)


def _is_conda_part(part: object) -> bool:
    if not isinstance(part, dict):
        return isinstance(part, str)
    lines = part.get("pip")
    return isinstance(lines, list) and all(isinstance(line, str) for line in lines)


def _pip_part(conda: dict[str, Any]) -> list[str]:
    return next((part["pip"] for part in conda["dependencies"] if isinstance(part, dict)), [])


def _python_of(conda: dict[str, Any]) -> str:
    """Return the version of Python that a conda environment names, by default this one."""
    texts = (part for part in conda["dependencies"] if isinstance(part, str))
    match = next((found for text in texts if (found := _CONDA_PYTHON.fullmatch(text))), None)
    if match is None or match[1] is None:
        return platform.python_version()
    if match[1] not in {"=", "==", ">=", "<="} or not match[2]:
        raise InvalidValue(f"'{match[0]:.40}' names no Python: write python=3.12, say.")
    return match[2]


def _listed(given: Sequence[str] | str) -> list[str]:
    """Return a list of requirements, which may also be the path of a file of them."""
    if not isinstance(given, str):
        return [str(line) for line in given]
    lines = (line.strip() for line in Path(given).read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _loaded(directory: Path) -> list[str]:
    """Return the distributions whose modules load with a model, in a process of its own."""
    command = [sys.executable, "-m", "nbtrail.models.probe", str(directory)]
    paths = json.dumps([path for path in sys.path if path])
    try:
        done = subprocess.run(  # noqa: S603 - this Python, and our own module
            command, input=paths, capture_output=True, text=True, timeout=PATIENCE, check=True
        )
        names: list[str] = json.loads(done.stdout.splitlines()[-1])
    except (subprocess.SubprocessError, OSError, ValueError, IndexError) as error:
        told = (getattr(error, "stderr", None) or str(error)).strip().splitlines()
        logger.warning(
            "What the model needs could not be found by loading it in a process of its own (%s): "
            "its requirements.txt may not name all. Pass pip_requirements=[…].",
            told[-1] if told else error,
        )
        return []
    return names


def check(directory: Path) -> None:
    """Warn once of the packages that are here in other versions than the model was saved with."""
    path = directory / REQUIREMENTS
    if not path.is_file():
        return
    pinned = _PINNED.findall(path.read_text(encoding="utf-8", errors="replace"))
    differences = [
        f"{name} {_version(name) or 'is not installed'} (saved with {version})"
        for name, version in pinned
        if _version(name) != version
    ]
    if differences:
        warnings.warn(
            f"The model was saved with other packages: {', '.join(differences)}. Its "
            "requirements.txt has them all.",
            UserWarning,
            stacklevel=3,
        )


def write(directory: Path, requirements: list[str], conda: dict[str, Any] | None = None) -> None:
    """Write the three environment files of a model directory.

    `conda` is the environment that the caller gave: what pip cannot install is in its file alone.
    """
    parts = [f"python={platform.python_version()}", "pip", {"pip": requirements}]
    conda = conda or {"channels": ["conda-forge"], "dependencies": parts, "name": "mlflow-env"}
    python = {
        "python": _python_of(conda),
        "build_dependencies": [*pin(["pip"]), "setuptools", "wheel"],
        "dependencies": [f"-r {REQUIREMENTS}"],
    }
    (directory / REQUIREMENTS).write_text("\n".join(requirements) + "\n")
    _dump(directory / PYTHON, python)
    _dump(directory / CONDA, conda)


def _dump(path: Path, content: dict[str, Any]) -> None:
    path.write_text(yaml.safe_dump(content, sort_keys=False))
