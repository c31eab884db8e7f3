"""Forks: SQLite must not be in use, nor have a file open, while the process forks.

A child would inherit SQLite's own record of the locks that this process holds, but none of the
locks: it would wait for threads that it does not have, and write where others do not expect it.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import weakref

PATIENCE_S = 10.0


class Handle:
    """One thread's connection to one database; None once a fork has closed it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection: sqlite3.Connection | None = connection
        _handles.add(self)

    def close(self) -> None:
        """Close the connection, if it is open."""
        connection, self.connection = self.connection, None
        if connection is not None:
            connection.close()


class _Gate:
    """Lets any number of threads in, except while one of them forks."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._inside = 0

    def __enter__(self) -> None:
        with self._condition:
            self._inside += 1

    def __exit__(self, *_: object) -> None:
        with self._condition:
            self._inside -= 1
            self._condition.notify_all()

    def shut(self) -> None:
        """Wait until nobody is inside, close all connections, and keep everybody out."""
        self._condition.acquire()
        if self._condition.wait_for(lambda: not self._inside, PATIENCE_S):
            for handle in list(_handles):
                handle.close()

    def open(self) -> None:
        """Let threads in again."""
        self._condition.release()


_handles: weakref.WeakSet[Handle] = weakref.WeakSet()
gate = _Gate()
os.register_at_fork(before=gate.shut, after_in_parent=gate.open, after_in_child=gate.open)
