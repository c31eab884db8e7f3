"""The packages that a run had, in an environment of their own that `uv` makes."""

from __future__ import annotations

import json
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nbtrail import version
from nbtrail.errors import InvalidValue, StoreError
from nbtrail.trail.diff import packages_of

_OURS = "nbtrail"


@contextmanager
def recorded(context: Mapping[str, Any], kernel_name: str) -> Iterator[Path]:
    """Make the environment that a run's context tells of, and remove it in the end.

    Yields:
        the folder in which its kernel is found by `kernel_name`.

    Raises:
        InvalidValue: the run has recorded no packages, or there is no `uv`.
        StoreError: `uv` cannot make the environment.
    """
    packages = packages_of(context)
    uv = _uv()
    if len(packages) < 2:
        raise InvalidValue("The run has not recorded its packages: reproduce it with env=current.")
    if uv is None:
        raise InvalidValue(
            "The recorded packages are installed by uv, which is not here. Install it with "
            "'pip install uv', or reproduce the run in the current environment."
        )
    with tempfile.TemporaryDirectory(prefix="nbtrail-env-") as folder:
        python = _install(uv, packages, Path(folder))
        yield _kernels(python, kernel_name, Path(folder))


def _uv() -> str | None:
    """Return where uv is: on the path, else beside this Python, where `pip install` puts it."""
    return shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))


def _install(uv: str, packages: dict[str, str], folder: Path) -> Path:
    """Return the Python of an environment with exactly these versions, and this nbtrail."""
    pinned = [
        f"{name}=={version}" for name, version in packages.items() if name not in {"python", _OURS}
    ]
    (folder / "requirements.txt").write_text("\n".join(pinned), "utf-8")
    environment = folder / "env"
    _ask(uv, "venv", "--python", _interpreter(packages["python"]), str(environment))
    inside = "Scripts/python.exe" if sys.platform == "win32" else "bin/python"
    python = environment / inside
    _ask(
        uv, "pip", "install", "--no-deps", "--python", str(python),
        "-r", str(folder / "requirements.txt"),
    )  # fmt: skip
    _add_ours(python)
    return python


def _interpreter(recorded: str) -> str:
    """Return which Python uv is to take: this one if it will do, wherever it is installed."""
    return sys.executable if recorded == platform.python_version() else recorded


def _ask(*command: str) -> None:
    ran = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if ran.returncode != 0:
        said = " ".join(ran.stderr.split())[-500:]
        raise StoreError(f"The recorded packages cannot be installed here: uv says '{said}'.")


def _add_ours(python: Path) -> None:
    """Copy this nbtrail there, so that both runs are recorded by one."""
    where = [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    site = Path(subprocess.check_output(where, text=True).strip())  # noqa: S603
    package = Path(__file__).parent.parent
    shutil.copytree(
        package, site / _OURS, ignore=shutil.ignore_patterns("labextension", "__pycache__")
    )
    facts = site / f"{_OURS}-{version.VERSION}.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {_OURS}\nVersion: {version.VERSION}\n"
    )


def _kernels(python: Path, name: str, folder: Path) -> Path:
    specification = {
        "argv": [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "Recorded environment",
        "language": "python",
    }
    place = folder / "kernels" / name
    place.mkdir(parents=True)
    (place / "kernel.json").write_text(json.dumps(specification))
    return place.parent
