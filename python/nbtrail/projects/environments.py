"""The environments of projects: what a run had, what is noted of one, and its kernels."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nbtrail.environments import Packages, python_of
from nbtrail.errors import InvalidValue
from nbtrail.store import Store
from nbtrail.store.contexts import Context, Document
from nbtrail.tracking.context.packages import installed
from nbtrail.trail.diff import packages_of

_OURS = "nbtrail"


def recorded(context: Mapping[str, Any]) -> Packages:
    """Return the packages that a run's context tells of.

    Raises:
        InvalidValue: it has recorded none.
    """
    packages = packages_of(context)
    if len(packages) < 2:
        raise InvalidValue("The run has not recorded its packages: reproduce it with env=current.")
    pinned = [f"{name}=={at}" for name, at in packages.items() if name not in {"python", _OURS}]
    return Packages(tuple(pinned), packages.get("python"), complete=True)


def note(store: Store, run_id: str, environment: Path) -> None:
    """Keep with a run the packages of the environment that it was executed in."""
    facts = (environment / "pyvenv.cfg").read_text("utf-8")
    python = re.search(r"^version(?:_info)? *= *(\d+\.\d+\.\d+)", facts, re.MULTILINE)
    folders = map(str, environment.glob("[Ll]ib/**/site-packages"))
    document = {"packages": installed(folders), "python": python and python[1]}
    store.contexts.put(run_id, Context.of({"packages": Document.of(document)}))


def kernels_of(environment: Path, name: str) -> Path:
    """Return a folder in which the kernel `name` is the environment's; no other one is there."""
    specification = {
        "argv": [
            str(python_of(environment)),
            "-m",
            "ipykernel_launcher",
            "-f",
            "{connection_file}",
        ],
        "display_name": "An environment of its own",
        "language": "python",
    }
    place = environment / "kernels" / name
    place.mkdir(parents=True, exist_ok=True)
    (place / "kernel.json").write_text(json.dumps(specification))
    return place.parent
