"""Environments of their own, for kernels and commands; uv.py and conda.py make them.

One is made for each list of what is to be in it, and kept in the user's cache by its digest.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from nbtrail import version
from nbtrail.projects import activation
from nbtrail.store import Store
from nbtrail.store.contexts import Context, Document
from nbtrail.tracking.context.packages import installed

OURS = "nbtrail"
NEEDED = ("ipykernel", "msgspec")
"""What a kernel needs, and what records in it."""


def place_of(*told: object) -> Path:
    """Return where the environment with these contents is, or is to be, made; its folder is there.

    Other files of this nbtrail mean another environment: they are copied into it.
    """
    import platformdirs

    package = Path(__file__).parent.parent
    ours = [
        (str(file.relative_to(package)), file.stat().st_size, file.stat().st_mtime_ns)
        for file in sorted(package.rglob("*.py"))
    ]
    text = json.dumps([*told, platform.platform(), version.VERSION, ours])
    folder = platformdirs.user_cache_path(OURS) / "environments"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / hashlib.sha256(text.encode()).hexdigest()[:32]


def note(store: Store, run_id: str, environment: Path) -> None:
    """Keep with a run the packages of the environment that it was executed in."""
    folders = map(str, environment.glob("[Ll]ib/**/site-packages"))
    document = {"packages": installed(folders), "python": _version_of(environment)}
    store.contexts.put(run_id, Context.of({"packages": Document.of(document)}))


def move(fresh: Path, environment: Path) -> None:
    """Move a directory to its place, unless another process was quicker."""
    try:
        fresh.rename(environment)
    except OSError:
        if not environment.is_dir():
            raise


def python_of(environment: Path) -> Path:
    """Return an environment's Python."""
    return environment / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


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


def add_ours(python: Path) -> None:
    """Copy this nbtrail there, so that what runs there is recorded by the one that is asked."""
    where = [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    site = Path(subprocess.check_output(where, text=True).strip())  # noqa: S603
    package = Path(__file__).parent.parent
    shutil.copytree(
        package, site / OURS, ignore=shutil.ignore_patterns("labextension", "__pycache__")
    )
    facts = site / f"{OURS}-{version.VERSION}.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {OURS}\nVersion: {version.VERSION}\n"
    )


def _version_of(environment: Path) -> str | None:
    """Return the version of an environment's Python; None if it has none."""
    if activation.is_conda(environment):
        files = (environment / "conda-meta").glob("python-[0-9]*.json")
        found = next((json.loads(file.read_bytes()).get("version") for file in files), None)
        return None if found is None else str(found)
    facts = (environment / "pyvenv.cfg").read_text("utf-8")
    python = re.search(r"^version(?:_info)? *= *(\d+\.\d+\.\d+)", facts, re.MULTILINE)
    return python and python[1]
