"""NVIDIA's GPUs, through the library of their driver, where there is one."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from functools import cache
from typing import Any

_log = logging.getLogger("nbtrail")


class Gpu:
    """One GPU. What it does not tell is left out.

    Args:
        nvml: the module `pynvml`, initialised in this process.
        handle: as it gave it.
    """

    def __init__(self, nvml: Any, handle: Any) -> None:
        self._nvml = nvml
        self._handle = handle

    def description(self) -> dict[str, Any]:
        """Return its name, its memory in bytes and the driver's version."""
        name = self._ask(self._nvml.nvmlDeviceGetName, self._handle)
        memory = self._ask(self._nvml.nvmlDeviceGetMemoryInfo, self._handle)
        return {
            "name": name.decode() if isinstance(name, bytes) else name,
            "memory_bytes": memory.total if memory else None,
            "driver": self._ask(self._nvml.nvmlSystemGetDriverVersion),
        }

    def readings(self) -> dict[str, float]:
        """Return how busy it is now, by the last part of MLflow's names."""
        memory = self._ask(self._nvml.nvmlDeviceGetMemoryInfo, self._handle)
        usage = self._ask(self._nvml.nvmlDeviceGetUtilizationRates, self._handle)
        power = self._ask(self._nvml.nvmlDeviceGetPowerUsage, self._handle)
        limit = self._ask(self._nvml.nvmlDeviceGetEnforcedPowerLimit, self._handle)
        found: dict[str, float] = {}
        if memory:
            found["memory_usage_percentage"] = 100 * memory.used / memory.total
            found["memory_usage_megabytes"] = memory.used / 1e6
        if usage:
            found["utilization_percentage"] = usage.gpu
        if power is not None:
            found["power_usage_watts"] = power / 1000
        if power is not None and limit:
            found["power_usage_percentage"] = 100 * power / limit
        return found

    def _ask(self, question: Callable[..., Any], *arguments: Any) -> Any:
        try:
            return question(*arguments)
        except self._nvml.NVMLError:  # not every GPU answers every question
            return None


def gpus() -> list[Gpu]:
    """Return the GPUs of this machine; none where the driver's library is missing."""
    return _gpus(os.getpid())  # a child after a fork has to initialise anew


@cache
def _gpus(_process: int) -> list[Gpu]:
    try:
        import pynvml

        pynvml.nvmlInit()
        count = pynvml.nvmlDeviceGetCount()
        return [Gpu(pynvml, pynvml.nvmlDeviceGetHandleByIndex(number)) for number in range(count)]
    except Exception as error:  # a driver has many ways of not being there
        _log.debug("nbtrail finds no NVIDIA GPU: %s", error)
        return []
