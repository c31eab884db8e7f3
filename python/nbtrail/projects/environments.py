"""The environments of projects: what a run had, what is noted of one, and its kernels."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nbtrail.environments import activation
from nbtrail.environments.places import OURS, python_of
from nbtrail.environments.uv import Packages
from nbtrail.errors import InvalidValue
from nbtrail.store import Store
from nbtrail.store.contexts import Context, Document
from nbtrail.tracking.context.packages import installed
from nbtrail.trail.diff import packages_of


def recorded(context: Mapping[str, Any]) -> Packages:
    """Return the packages that a run's context tells of.

    Raises:
        InvalidValue: it has recorded none.
    """
    packages = packages_of(context)
    if len(packages) < 2:
        raise InvalidValue("The run has not recorded its packages: reproduce it with env=current.")
    pinned = [f"{name}=={at}" for name, at in packages.items() if name not in {"python", OURS}]
    return Packages(tuple(pinned), packages.get("python"), complete=True)


def note(store: Store, run_id: str, environment: Path) -> None:
    """Keep with a run the packages of the environment that it was executed in."""
    folders = map(str, environment.glob("[Ll]ib/**/site-packages"))
    document = {"packages": installed(folders), "python": _version_of(environment)}
    store.contexts.put(run_id, Context.of({"packages": Document.of(document)}))


def kind_of(environment: Path) -> str:
    """Return what has made an environment: conda or uv."""
    return "conda" if activation.is_conda(environment) else "uv"


def kernels_of(environment: Path, name: str) -> Path:
    """Return a folder in which the kernel `name` is the environment's; no other one is there."""
    python = str(python_of(environment))
    variables = activation.variables_of(environment)
    specification = {
        "argv": [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "An environment of its own",
        "language": "python",
        # A dollar would begin the name of a variable.
        "env": {key: value.replace("$", "$$") for key, value in variables.items()},
    }
    place = environment / "kernels" / name
    place.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=place, delete=False) as file:
        json.dump(specification, file)
    os.replace(file.name, place / "kernel.json")  # noqa: PTH105 - others read it just now
    return place.parent


def _version_of(environment: Path) -> str | None:
    """Return the version of an environment's Python; None if it has none."""
    if activation.is_conda(environment):
        files = (environment / "conda-meta").glob("python-[0-9]*.json")
        found = next((json.loads(file.read_bytes()).get("version") for file in files), None)
        return None if found is None else str(found)
    facts = (environment / "pyvenv.cfg").read_text("utf-8")
    python = re.search(r"^version(?:_info)? *= *(\d+\.\d+\.\d+)", facts, re.MULTILINE)
    return python and python[1]
