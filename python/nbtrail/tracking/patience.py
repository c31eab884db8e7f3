"""What the store does not take just now (it is locked, the disk is full) waits in memory."""

from __future__ import annotations

import os
import sqlite3
import time
from collections import deque
from collections.abc import Callable
from weakref import WeakSet

from nbtrail.errors import RunDeleted, StoreError
from nbtrail.store import Store
from nbtrail.tracking.failures import FAILURES, report

MOST_WAITING = 100_000
_PASSING = (StoreError, OSError, sqlite3.OperationalError)

_all: WeakSet[Patience] = WeakSet()


class Patience:
    """Writes to one store, in order: each at once if possible, else with a later one.

    Attributes:
        forgives: mistakes that are told, and not raised: what another process did to the run.
    """

    def __init__(self, store: Store) -> None:
        self.forgives: tuple[type[Exception], ...] = (RunDeleted,)
        self._store = store
        self._waiting: deque[tuple[str, Callable[[], object]]] = deque(maxlen=MOST_WAITING)
        self._again_at = 0.0
        _all.add(self)

    def write(self, what: str, write: Callable[[], object]) -> None:
        """Write now, or later; a mistake of the caller's that `write` finds is raised if now.

        Args:
            what: is written; for the one message, should it have to wait.
            write: does it, all or nothing.
        """
        if self._waiting and time.monotonic() < self._again_at:
            self._waiting.append((what, write))
            return
        started = time.monotonic()
        try:
            self._write_waiting()
            write()
        except _PASSING:
            if not self._waiting:  # what follows waits for the same reason
                report(f"{what} yet: they wait in memory until the store takes them")
            self._waiting.append((what, write))
            # A locked store keeps each attempt waiting: most of the time is the user's.
            now = time.monotonic()
            self._again_at = now + 1 + 3 * (now - started)
        except FAILURES + self.forgives:  # what would fail again, such as in a run that is gone
            report(what)

    def finish(self, whose: str) -> None:
        """Try for the last time."""
        if not self._waiting:
            return
        try:
            self._write_waiting()
        except FAILURES:
            report(f"{len(self._waiting)} things that waited in memory, of {whose}")
            self._waiting.clear()

    def forget(self) -> None:
        """Leave what waits to the parent, in a child after a fork."""
        self._waiting.clear()

    def _write_waiting(self) -> None:
        if not self._store.is_here():
            raise StoreError(f"The store {self._store.directory} is gone.")
        while self._waiting:
            self._write_first()

    def _write_first(self) -> None:
        try:
            what, write = first = self._waiting.popleft()
        except IndexError:  # another thread was quicker
            return
        try:
            write()
        except _PASSING:
            self._waiting.appendleft(first)
            raise
        except Exception:
            report(what)


def _after_fork() -> None:
    for patience in list(_all):
        patience.forget()


os.register_at_fork(after_in_child=_after_fork)
