"""How busy this machine is, by MLflow's names."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from typing import Any

import psutil

from nbtrail.tracking import nvml

_log = logging.getLogger("nbtrail")


class Machine:
    """Readings of the machine: busy processors since the last one, traffic since the first.

    Args:
        folder: whose disk is looked at.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self._folder = os.fspath(folder)
        self._times: Any = psutil.cpu_times()
        self._traffic: Any = psutil.net_io_counters()

    def read(self) -> dict[str, float]:
        """Return what can be read; what this machine does not tell is left out."""
        found: dict[str, float] = {}
        readers: list[Callable[[], Mapping[str, float]]] = [self._cpu, self._memory, self._disk]
        for reader in [*readers, self._network, _gpus]:
            try:
                found.update(reader())
            except Exception:  # a container may hide any of them, each in its way
                _log.debug("nbtrail cannot read %s", reader.__name__, exc_info=True)
        return found

    def _cpu(self) -> Mapping[str, float]:
        before, self._times = self._times, psutil.cpu_times()
        total = _total(self._times) - _total(before)
        idle = _idle(self._times) - _idle(before)
        busy = 100 * (total - idle) / total if total > 0 else 0.0
        return {"cpu_utilization_percentage": min(100.0, max(0.0, busy))}

    def _memory(self) -> Mapping[str, float]:
        memory = psutil.virtual_memory()
        return {
            "system_memory_usage_megabytes": memory.used / 1e6,
            "system_memory_usage_percentage": memory.percent,
        }

    def _disk(self) -> Mapping[str, float]:
        disk = psutil.disk_usage(self._folder)
        return {
            "disk_usage_percentage": disk.percent,
            "disk_usage_megabytes": disk.used / 1e6,
            "disk_available_megabytes": disk.free / 1e6,
        }

    def _network(self) -> Mapping[str, float]:
        now = psutil.net_io_counters()
        received = now.bytes_recv - self._traffic.bytes_recv
        sent = now.bytes_sent - self._traffic.bytes_sent
        return {
            "network_receive_megabytes": received / 1e6,
            "network_transmit_megabytes": sent / 1e6,
        }


def _total(times: Any) -> float:
    """Return seconds of all kinds; those of guests are counted among the user's already."""
    return float(sum(times) - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0))


def _idle(times: Any) -> float:
    return float(times.idle + getattr(times, "iowait", 0.0))


def _gpus() -> Mapping[str, float]:
    return {
        f"gpu_{number}_{name}": value
        for number, gpu in enumerate(nvml.gpus())
        for name, value in gpu.readings().items()
    }
