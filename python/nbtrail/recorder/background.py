"""Work beside the user's: on a thread of its own, or done at once by whoever needs it.

The thread is there while there is something to do, and for a moment after that.
"""

from __future__ import annotations

import _thread
import atexit
import os
import queue
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Hashable
from contextlib import suppress

from nbtrail.tracking.failures import never_raises

Task = Callable[[], object]

MOMENT_S = 0.2
"""So long the thread lets be what is asked for: a short cell has the interpreter for itself."""
IDLE_S = 5.0
"""So long the thread waits for more to do."""
SHARE = 20
"""What can wait takes at most one in so many seconds."""


class Background:
    """Does what is asked for in the order in which it was, one thing at a time."""

    def __init__(self) -> None:
        self._wake: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._forget_threads()
        self._soon: deque[Task] = deque()
        self._some_time: dict[Hashable, Task] = {}
        _all.add(self)

    def _forget_threads(self) -> None:
        self._order, self._waiting_order = threading.RLock(), threading.RLock()
        self._coming_and_going = threading.Lock()
        self._running = False

    def soon(self, task: Task) -> None:
        """Have something done that the next `settle` waits for."""
        self._soon.append(task)
        self._awake()

    def some_time(self, key: Hashable, task: Task) -> None:
        """Have something done that only `settle_all` waits for; the latest of a key counts."""
        self._some_time[key] = task
        self._awake()

    def settle(self) -> None:
        """Wait until everything is done that was asked for soon: do it here, if need be."""
        with self._order:
            while self._soon:
                _do(self._soon.popleft())

    def settle_all(self) -> None:
        """Wait until everything is done."""
        self.settle()
        while self._do_one():
            pass

    def forget(self) -> None:
        """Drop what has not been done yet."""
        with self._order:
            self._soon.clear()
            self._some_time.clear()

    def _do_one(self) -> bool:
        """Do one thing that can wait; return whether there was one."""
        with self._waiting_order:
            for key in list(self._some_time)[:1]:
                if (task := self._some_time.pop(key, None)) is not None:
                    _do(task)
                return True
        return False

    def _awake(self) -> None:
        self._wake.put(None)
        with self._coming_and_going, suppress(RuntimeError):  # no threads: whoever settles does it
            if not self._running:
                _thread.start_new_thread(self._work, ())
                self._running = True

    def _work(self) -> None:
        while self._is_wanted():
            if self._soon:
                time.sleep(MOMENT_S)
            self.settle()
            start = time.perf_counter()
            if self._do_one():
                time.sleep(SHARE * (time.perf_counter() - start))
                self._wake.put(None)

    def _is_wanted(self) -> bool:
        try:
            self._wake.get(timeout=IDLE_S)
        except queue.Empty:
            with self._coming_and_going:
                self._running = not self._wake.empty()
                return self._running
        return True


@never_raises("what a cell did")
def _do(task: Task) -> None:
    task()


_all: weakref.WeakSet[Background] = weakref.WeakSet()


def _after_fork() -> None:
    """A child has none of the threads, and nothing of its own to do."""
    for background in list(_all):
        background._forget_threads()
        background.forget()


def _at_exit() -> None:
    """Do what is left, before the stores are closed."""
    for background in list(_all):
        background.settle_all()


os.register_at_fork(after_in_child=_after_fork)
atexit.register(_at_exit)
