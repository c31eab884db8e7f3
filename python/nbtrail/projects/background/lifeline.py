"""The pipe by which a process knows that the one which started it is still there."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable

from nbtrail.projects.processes import GRACE, kill_tree

_PIECE = 65536


class Lifeline(threading.Thread):
    """Reads standard input. When that ends, it interrupts this process; then it kills it.

    Args:
        heard: is given what is read; nothing, b"", when nothing more will come.
    """

    def __init__(self, heard: Callable[[bytes], object] = bytes) -> None:
        super().__init__(daemon=True)
        self._heard = heard
        self.is_cut = False

    def run(self) -> None:
        """Read until nobody holds the other end."""
        while piece := os.read(0, _PIECE):  # not `sys.stdin`, whose lock would hinder the exit
            self._heard(piece)
        self.is_cut = True
        self._heard(b"")
        for _ in range(2):
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(GRACE)
        kill_tree(os.getpid())
