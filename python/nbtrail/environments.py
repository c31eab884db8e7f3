"""Environments of their own, made by `uv`: for a project, a run's packages, or a model's.

One is made for each list of packages, and kept in the user's cache by the list's digest.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nbtrail import version
from nbtrail.errors import InvalidValue, StoreError

_OURS = "nbtrail"
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
    installer = uv()
    environment = _cache() / _digest(packages)
    if not environment.is_dir():
        environment.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="new-", dir=environment.parent) as folder:
            fresh = Path(folder) / "env"
            _install(installer, packages, fresh)
            move(fresh, environment)
    return environment


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


def _cache() -> Path:
    import platformdirs

    return platformdirs.user_cache_path(_OURS) / "environments"


def _digest(packages: Packages) -> str:
    """Return what tells environments apart: packages, Python, and the files of this nbtrail."""
    package = Path(__file__).parent
    ours = [
        (str(file.relative_to(package)), file.stat().st_size, file.stat().st_mtime_ns)
        for file in sorted(package.rglob("*.py"))
    ]
    python = packages.python or platform.python_version()
    told = [packages.lines, python, packages.complete, platform.platform(), version.VERSION, ours]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]


def uv() -> str:
    """Return where uv is: on the path, else beside this Python, where `pip install` puts it.

    Raises:
        InvalidValue: it is nowhere.
    """
    found = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))
    if found is None:
        raise InvalidValue(
            "Packages are installed by uv, which is not here. Install it with 'pip install uv', "
            "or use the current environment."
        )
    return found


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
    python = str(python_of(environment))
    _ask(settings, uv, "pip", "install", *alone, "--python", python, "-r", str(asked))
    _add_ours(python)


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
        raise StoreError(f"The packages cannot be installed here: uv says '{said}'.")


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


def _add_ours(python: str) -> None:
    """Copy this nbtrail there, so that what runs there is recorded by the one that is asked."""
    where = [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    site = Path(subprocess.check_output(where, text=True).strip())  # noqa: S603
    package = Path(__file__).parent
    shutil.copytree(
        package, site / _OURS, ignore=shutil.ignore_patterns("labextension", "__pycache__")
    )
    facts = site / f"{_OURS}-{version.VERSION}.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {_OURS}\nVersion: {version.VERSION}\n"
    )
