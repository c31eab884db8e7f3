"""Where environments are kept, and what is the same in each of them."""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from nbtrail import version

OURS = "nbtrail"
NEEDED = ("ipykernel", "msgspec")
"""What a kernel needs, and what records in it."""


def place_of(*told: object) -> Path:
    """Return where the environment with these contents is, or is to be, made; its folder is there.

    Other files of this nbtrail mean another environment: they are copied into it.
    """
    import platformdirs

    package = _package()
    ours = [
        (str(file.relative_to(package)), file.stat().st_size, file.stat().st_mtime_ns)
        for file in sorted(package.rglob("*.py"))
    ]
    text = json.dumps([*told, platform.platform(), version.VERSION, ours])
    folder = platformdirs.user_cache_path(OURS) / "environments"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / hashlib.sha256(text.encode()).hexdigest()[:32]


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


def add_ours(python: Path) -> None:
    """Copy this nbtrail there, so that what runs there is recorded by the one that is asked."""
    where = [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    site = Path(subprocess.check_output(where, text=True).strip())  # noqa: S603
    without = shutil.ignore_patterns("labextension", "__pycache__")
    shutil.copytree(_package(), site / OURS, ignore=without)
    facts = site / f"{OURS}-{version.VERSION}.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {OURS}\nVersion: {version.VERSION}\n"
    )


def _package() -> Path:
    return Path(__file__).parent.parent
