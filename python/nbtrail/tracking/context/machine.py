"""The machine: its host name, system and Python, and its processors, memory and GPUs."""

from __future__ import annotations

import math
import os
import platform
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nbtrail.tracking import nvml
from nbtrail.tracking.context.program import printable, user


class System:
    """The user, the host, the operating system and Python."""

    name = "system"
    lifetime = math.inf

    def tags(self) -> Mapping[str, str]:
        """Return none."""
        return {}

    def document(self) -> Mapping[str, Any]:
        """Return them."""
        return {
            "user": user(),
            "host": platform.node(),
            "os": {
                "system": platform.system(),
                "release": platform.release(),
                "version": platform.version(),
                "machine": platform.machine(),
                "distribution": _distribution(),
            },
            "python": {
                "version": platform.python_version(),
                "implementation": platform.python_implementation(),
                "executable": printable(sys.executable or ""),
            },
        }


class Hardware:
    """Processors, memory and GPUs."""

    name = "hardware"
    lifetime = math.inf

    def tags(self) -> Mapping[str, str]:
        """Return none."""
        return {}

    def document(self) -> Mapping[str, Any]:
        """Return what there is; `usable` processors are those that this process may use."""
        import psutil

        usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None
        return {
            "cpu": {
                "model": _cpu_model(),
                "cores": psutil.cpu_count(logical=False),
                "threads": psutil.cpu_count(),
                "usable": usable,
            },
            "memory_bytes": psutil.virtual_memory().total,
            "gpus": [gpu.description() for gpu in nvml.gpus()],
        }


def _distribution() -> str | None:
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME")
    except OSError:
        return None


def _cpu_model() -> str:
    try:
        facts = Path("/proc/cpuinfo").read_text(errors="replace").splitlines()
    except OSError:
        return platform.processor()
    names = (line.partition(":")[2].strip() for line in facts if line.startswith("model name"))
    return next(names, platform.processor())
