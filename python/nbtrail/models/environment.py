"""What a model needs to be loaded elsewhere: pinned packages, in pip's and conda's form."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

import yaml

CONDA, PYTHON, REQUIREMENTS = "conda.yaml", "python_env.yaml", "requirements.txt"


def pin(packages: Iterable[str]) -> list[str]:
    """Return ``name==version`` of each package that is installed here, sorted."""
    return sorted(f"{name}=={version}" for name in set(packages) if (version := _version(name)))


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:  # a source tree on the path has no version to pin
        return None


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
