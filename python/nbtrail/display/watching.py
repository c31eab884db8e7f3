"""Looking again and again, for as long as somebody watches."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

PAUSE = 1.0
"""Seconds between two looks."""
PATIENCE = 60.0
"""Seconds for which a front end counts as watching that does not say so again: while a cell
executes, nothing that it says is heard."""


class Watch:
    """A thread that lives only while somebody watches.

    A kernel that executes a cell hears no front end, so that only a thread can follow a training.

    Args:
        look: looks, and returns whether there is reason to look again even if nobody says so.
    """

    def __init__(self, look: Callable[[], bool]) -> None:
        self._look = look
        self._until = 0.0
        self._stop = threading.Event()
        self._stop.set()

    @property
    def on(self) -> bool:
        """Whether there is a thread."""
        return not self._stop.is_set()

    def start(self) -> None:
        """Look from now on; if that is so already, go on."""
        self._until = time.monotonic() + PATIENCE
        if not self.on:
            self._stop = threading.Event()
            threading.Thread(
                target=self._work, args=(self._stop,), name="nbtrail-watch", daemon=True
            ).start()

    def stop(self) -> None:
        """Let the thread end."""
        self._stop.set()

    def _work(self, stop: threading.Event) -> None:
        try:
            while not stop.wait(PAUSE) and (self._look() or time.monotonic() < self._until):
                pass
        finally:
            stop.set()
