"""The gate around SQLite: a fork waits until nobody uses it, and nobody uses it during a fork.

A child would inherit SQLite's own record of the locks that this process holds, but none of the
locks: it would wait for threads that it does not have, and write where others do not expect it.

An exception may strike anywhere, be it ctrl-C, from the handler of another signal, or sent to a
thread by another one. It leaves no block open: whether a block is still going on is never
counted, but seen from its frame, which has ended or is on the stack of its thread.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import threading
import time
import weakref
from types import FrameType

PATIENCE_S = 10.0


class Handle:
    """One thread's connection to one database, and the ``with`` block that uses it."""

    def __init__(self) -> None:
        self.connection: sqlite3.Connection | None = None
        self._thread = threading.get_ident()
        self._block: weakref.ref[Block] | None = None
        _handles.add(weakref.ref(self, _handles.discard))

    def in_use(self) -> bool:
        """Say whether a block of its thread uses it."""
        known = self._block  # another thread may ask this
        block = known() if known is not None else None
        return block is not None and _is_on_stack(block.frame, self._thread)

    def enter(self, block: Block) -> bool:
        """Note who uses it, unless a block around that does already; return whether it was noted.

        To be called by ``__enter__``. What an exception left open in an earlier block is undone.
        """
        if self._block is not None and self.in_use():
            return False
        block.frame = sys._getframe(2)  # the one that has the ``with``
        self._block = weakref.ref(block, self._forget)
        while _forking.locked():
            self._block = None
            with _forking:
                self._block = weakref.ref(block, self._forget)
        self._undo()
        return True

    def leave(self) -> None:
        """Note that nobody uses it; what was not committed is undone."""
        self._undo()
        self._block = None

    def close(self) -> None:
        """Close the connection, if it is open."""
        connection, self.connection = self.connection, None
        if connection is not None:
            connection.close()

    @property
    def is_elsewhere(self) -> bool:
        """Whether it is another thread's."""
        return self._thread != threading.get_ident()

    def _undo(self) -> None:
        if self.connection is not None and self.connection.in_transaction:
            self.connection.rollback()

    def _forget(self, block: weakref.ref[Block]) -> None:
        """Undo what is left of a block that an exception kept from its end.

        If another thread comes to know that first, the next block here finds out.
        """
        if self._block is block and not self.is_elsewhere:
            self.leave()


class Block:
    """A ``with`` block, as its handle knows it."""

    __slots__ = ("__weakref__", "_handle", "_noted", "frame")

    def __init__(self, handle: Handle) -> None:
        self._handle = handle
        self._noted = False
        self.frame: FrameType | None = None


class Visit(Block):
    """A ``with`` block in which this thread uses its connection, without a transaction."""

    __slots__ = ()

    def __enter__(self) -> None:
        self._noted = self._handle.enter(self)

    def __exit__(self, *_: object) -> None:
        if self._noted:
            self._handle.leave()


def _is_on_stack(frame: FrameType | None, thread: int) -> bool:
    here: FrameType | None = sys._getframe()
    if thread != threading.get_ident():
        here = sys._current_frames().get(thread)
    while here is not None and here is not frame:
        here = here.f_back
    return here is not None


def _shut() -> None:
    """Wait until no other thread is inside, close all connections, and keep everybody out."""
    _forking.acquire()
    deadline = time.monotonic() + PATIENCE_S
    for handle in _known():
        while handle.in_use() and handle.is_elsewhere and time.monotonic() < deadline:
            time.sleep(0.0002)
        if not handle.in_use():
            handle.close()


def _open() -> None:
    """Let threads in again."""
    _forking.release()


def _open_in_child() -> None:
    """Let the only thread that a child has in, and nobody near the connections of the parent.

    They are kept, for to close one is to use it.
    """
    for handle in _known():
        if handle.connection is not None:
            _inherited.append(handle.connection)
            handle.connection = None
    _forking.release()


def _known() -> list[Handle]:
    found = (reference() for reference in list(_handles))
    return [handle for handle in found if handle is not None]


_handles: set[weakref.ref[Handle]] = set()
_inherited: list[sqlite3.Connection] = []
_forking = threading.Lock()
os.register_at_fork(before=_shut, after_in_parent=_open, after_in_child=_open_in_child)
