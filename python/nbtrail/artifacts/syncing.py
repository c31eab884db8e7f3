"""Having the disk keep files a moment after they were written: nobody waits for it.

As they are, they survive their process; a moment later they survive a loss of power, too.
"""

from __future__ import annotations

import _thread
import atexit
import logging
import os
import threading
import time
from collections import deque
from contextlib import suppress

MOMENT_S = 0.5
MOST = 64  # descriptors that wait; who brings more waits for the disk

_log = logging.getLogger("nbtrail")


class Syncing:
    """Syncs files and folders in a thread that is there while there are any."""

    def __init__(self) -> None:
        self._waiting: deque[int] = deque()
        self._forget_thread()

    def _forget_thread(self) -> None:
        self._lock = threading.Lock()
        self._running = False

    def soon(self, descriptor: int) -> None:
        """Have what is behind a descriptor, which may be closed then, survive a loss of power."""
        self._waiting.append(os.dup(descriptor))
        if len(self._waiting) > MOST or not self._has_thread():
            self.settle()

    def _has_thread(self) -> bool:
        """Start the thread if need be; False if there can be none, as when Python ends."""
        with self._lock:
            if not self._running:
                with suppress(RuntimeError):
                    _thread.start_new_thread(self._work, ())
                    self._running = True
            return self._running

    def settle(self) -> None:
        """Sync all that waits, each file and folder once."""
        done: set[tuple[int, int]] = set()
        for _ in range(len(self._waiting)):
            try:
                descriptor = self._waiting.popleft()
            except IndexError:  # another thread has it
                return
            try:
                found = os.fstat(descriptor)
                if (found.st_dev, found.st_ino) not in done:
                    done.add((found.st_dev, found.st_ino))
                    os.fsync(descriptor)
            except OSError as error:
                _log.warning("nbtrail: the disk may not have kept a file: %s", error)
            finally:
                os.close(descriptor)

    def _work(self) -> None:
        while self._is_wanted():
            time.sleep(MOMENT_S)
            self.settle()

    def _is_wanted(self) -> bool:
        with self._lock:
            self._running = bool(self._waiting)
            return self._running

    def abandon(self) -> None:
        """Leave what waits to the parent, in a child after a fork."""
        self._forget_thread()
        while self._waiting:
            os.close(self._waiting.popleft())


_syncing = Syncing()
soon = _syncing.soon
atexit.register(_syncing.settle)
os.register_at_fork(after_in_child=_syncing.abandon)
