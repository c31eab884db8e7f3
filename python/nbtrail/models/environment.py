"""What a model needs to be loaded elsewhere: pinned packages, in pip's and conda's form."""

from __future__ import annotations

import json
import logging
import platform
import re
import subprocess
import sys
import warnings
from collections.abc import Iterable, Sequence
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from nbtrail.models.saving import Extras

CONDA, PYTHON, REQUIREMENTS = "conda.yaml", "python_env.yaml", "requirements.txt"
PATIENCE = 300  # seconds that loading the model in a process of its own may take

_PINNED = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^;\s]+)")

logger = logging.getLogger(__name__)


def pin(packages: Iterable[str]) -> list[str]:
    """Return ``name==version`` of each package that is installed here, sorted."""
    return sorted(f"{name}=={version}" for name in set(packages) if (version := _version(name)))


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:  # a source tree on the path has no version to pin
        return None


def requirements(
    directory: Path, packages: list[str], extras: Extras, *, is_open: bool
) -> list[str]:
    """Return what a model's ``requirements.txt`` should say.

    What the caller gave, else the flavor's own packages and, for a model that refers to the
    user's own code, those whose modules are seen to load with it.
    """
    if extras.pip_requirements is not None:
        return _listed(extras.pip_requirements)
    found = pin([*packages, *(_loaded(directory) if is_open or extras.code_paths else [])])
    return [*found, *_listed(extras.extra_pip_requirements or [])]


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


def write(directory: Path, requirements: list[str]) -> None:
    """Write the three environment files of a model directory."""
    python = platform.python_version()
    (directory / REQUIREMENTS).write_text("\n".join(requirements) + "\n")
    _dump(
        directory / PYTHON,
        {
            "python": python,
            "build_dependencies": [*pin(["pip"]), "setuptools", "wheel"],
            "dependencies": [f"-r {REQUIREMENTS}"],
        },
    )
    _dump(
        directory / CONDA,
        {
            "channels": ["conda-forge"],
            "dependencies": [f"python={python}", "pip", {"pip": requirements}],
            "name": "mlflow-env",
        },
    )


def _dump(path: Path, content: dict[str, object]) -> None:
    path.write_text(yaml.safe_dump(content, sort_keys=False))
