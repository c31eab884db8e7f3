"""The gate around SQLite: what must not happen while it is in use waits.

A fork: a child would inherit SQLite's own record of the locks that this process holds, but none
of the locks: it would wait for threads that it does not have, and write where others do not
expect it. And ctrl-C: a KeyboardInterrupt between any two lines would leave a transaction open.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import threading
import time
import weakref
from typing import Any

try:
    # Each transaction comes by here: what `signal` adds to these (enums) takes ten times as long.
    from _signal import getsignal  # type: ignore[import-not-found]
    from _signal import signal as set_signal
except ImportError:
    from signal import getsignal
    from signal import signal as set_signal

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


class _Interrupts:
    """Holds ctrl-C back in the main thread, which is the one that it strikes.

    Only where Python code would handle it; it is raised again as soon as it may be.
    """

    def __init__(self) -> None:
        self._main = threading.main_thread().ident
        self._depth = 0
        self._struck = False
        self._handler: Any = None

    def hold(self) -> None:
        """Have an interrupt only noted from now on."""
        if threading.get_ident() != self._main:
            return
        if not self._depth:
            handler = getsignal(signal.SIGINT)
            self._struck = False
            if callable(handler):
                set_signal(signal.SIGINT, self._note)
                self._handler = handler
        self._depth += 1

    def release(self) -> None:
        """Let interrupts through again, and the one that was noted first."""
        if threading.get_ident() != self._main:
            return
        self._depth -= 1
        if self._depth or self._handler is None:
            return
        handler, self._handler = self._handler, None
        set_signal(signal.SIGINT, handler)
        if self._struck:
            self._struck = False
            signal.raise_signal(signal.SIGINT)

    def after_fork(self) -> None:
        """Be a child's: the thread that forked is its main one."""
        self._main = threading.main_thread().ident

    def _note(self, *_: object) -> None:
        self._struck = True


class _Gate:
    """Lets any number of threads in, except while one of them forks."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._interrupts = _Interrupts()
        self._inside = 0

    def __enter__(self) -> None:
        self._interrupts.hold()
        with self._lock:
            self._inside += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside -= 1
        self._interrupts.release()

    def shut(self) -> None:
        """Wait until nobody is inside, close all connections, and keep everybody out."""
        deadline = time.monotonic() + PATIENCE_S
        self._lock.acquire()
        while self._inside and time.monotonic() < deadline:
            self._lock.release()
            time.sleep(0.0002)
            self._lock.acquire()
        if not self._inside:
            for handle in list(_handles):
                handle.close()

    def open(self) -> None:
        """Let threads in again."""
        self._lock.release()

    def open_in_child(self) -> None:
        """Let the only thread that a child has in."""
        self._interrupts.after_fork()
        self._lock.release()


_handles: weakref.WeakSet[Handle] = weakref.WeakSet()
gate = _Gate()
os.register_at_fork(before=gate.shut, after_in_parent=gate.open, after_in_child=gate.open_in_child)
