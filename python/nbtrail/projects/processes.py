"""Processes of runs: how many at once, and how each is ended, with all that it has started."""

from __future__ import annotations

import os
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass

from nbtrail import config

GRACE = 10.0  # seconds that a cell has to end when it is interrupted
LAST_GRACE = 10.0  # seconds that its kernel has to be ended then, and the notebook to be saved


@dataclass(kw_only=True)
class Stoppable(ABC):
    """What is stopped step by step. `asked` counts its interrupts, the last one was at `since`."""

    asked: int = 0
    since: float = 0.0

    def stop(self, grace: float) -> None:
        """Interrupt the cell; when that does not help, have the kernel ended; then kill."""
        patience = {0: 0.0, 1: grace}.get(self.asked, LAST_GRACE)
        if time.monotonic() < self.since + patience:
            return
        self.asked, self.since = self.asked + 1, time.monotonic()
        if self.asked <= 2:  # the second interrupt ends the kernel, see engine.py
            self.interrupt()
        else:
            self.kill()

    @abstractmethod
    def interrupt(self) -> None:
        """Interrupt it once."""

    @abstractmethod
    def kill(self) -> None:
        """End it at once."""


def kill_tree(pid: int) -> None:
    """Kill a process and all that it has started: kernels are in sessions of their own."""
    import psutil

    try:
        process = psutil.Process(pid)
        for one in [*process.children(recursive=True), process]:
            one.kill()
    except psutil.NoSuchProcess:
        return


def said(status: int) -> str:
    """Return how a process has ended, by its status."""
    return f"signal {-status}" if status < 0 else f"status {status}"


def slots() -> int:
    """Return how many runs go on at once: what the environment says, else as many as cores."""
    given = config.jobs_at_once() or ""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return int(given) if given.isdecimal() and int(given) else cores or 1
