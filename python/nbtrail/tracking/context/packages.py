"""The packages that can be imported, and their versions: names of directories, nothing parsed."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Mapping
from typing import Any

_DISTRIBUTION = re.compile(r"([A-Za-z0-9][\w.\-]*)-([0-9][^-]*)(?:-py[0-9.]+)?\.(?:dist|egg)-info")


class Packages:
    """What is installed."""

    name = "packages"
    lifetime = 10.0  # seconds: a cell may install something

    def tags(self) -> Mapping[str, str]:
        """Return none."""
        return {}

    def document(self) -> Mapping[str, Any]:
        """Return the versions by name."""
        return {"packages": installed(sys.path)}


def installed(folders: Iterable[str]) -> dict[str, str]:
    """Return the versions of what is installed in folders, by normalised name.

    Where a package is in several, the first is the one that is imported.
    """
    found: dict[str, str] = {}
    for folder in dict.fromkeys(folders):
        for name in _names(folder or os.curdir):
            if match := _DISTRIBUTION.fullmatch(name):
                found.setdefault(re.sub(r"[-_.]+", "-", match[1]).lower(), match[2])
    return dict(sorted(found.items()))


def _names(folder: str) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return [entry.name for entry in entries]
    except OSError:  # an archive, or no longer there
        return []
