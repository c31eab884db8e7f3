"""What a backend is, and what the work of a sweep needs of it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from nbtrail.projects.backends.messages import Order, Told
from nbtrail.store import Store

_WORKER = "nbtrail.projects.sweeps.worker"


@dataclass(frozen=True)
class Assignment:
    """What the processes of a pool execute, and how many trials may go on at once.

    `log` is the file for what they print.
    """

    store: Store
    target: str
    entry_point: str | None
    size: int
    log: Path

    def command(self, python: str = sys.executable) -> list[str]:
        """Return the command of one process (worker.py)."""
        entry_point = [] if self.entry_point is None else ["--entry-point", self.entry_point]
        place = ["--store", self.store.uri, "--target", self.target]
        # -P: what lies in the current directory must not stand in for a module of Python's.
        return [python, "-P", "-m", _WORKER, *place, *entry_point]


@dataclass(frozen=True)
class Event:
    """What became of a trial. `died`: with its process, which says nothing about the trial."""

    trial: int
    told: Told
    died: bool = False


class Pool(Protocol):
    """Executes trials, several at once. Each is known by its number."""

    @property
    def running(self) -> dict[int, str | None]:
        """The trials that go on, with their runs as soon as there are such."""

    def is_full(self) -> bool:
        """Tell whether no other trial may begin now."""

    def begin(self, trial: int, order: Order) -> None:
        """Have a trial executed."""

    def events(self, patience: float) -> list[Event]:
        """Return what has happened; wait for it, for so many seconds at most."""

    def stop(self, trial: int) -> None:
        """Have a trial end; to be called until it has."""

    def close(self) -> None:
        """End all that goes on, and leave nothing behind."""


class Backend(Protocol):
    """Where trials are executed: a `Record` whose fields are its options.

    Making it checks the options, and raises InvalidValue.
    """

    def reach(self) -> int:
        """See that it is there; return how many trials go on at once unless that is said.

        Raises:
            InvalidState: it is not, or something is missing here.
        """

    def pool(self, assignment: Assignment) -> Pool:
        """Return what executes trials there."""
