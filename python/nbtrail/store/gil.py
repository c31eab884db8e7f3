"""System calls that keep the interpreter's lock (the GIL).

`os.write` lets go of the lock while it writes, which takes a microsecond. A thread that waits for
it takes it then, and gives it back when its 5 ms are over; on a busy machine, when the scheduler
has come round to it as well. One data loader in the background made calls that slow.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress


def _write(descriptor: int, data: bytes, size: int) -> int:
    try:
        return os.write(descriptor, data[:size])
    except OSError:
        return -1


def _access(path: bytes, mode: int) -> int:
    return 0 if os.access(path, mode) else -1


write: Callable[[int, bytes, int], int] = _write
"""Write bytes to a descriptor, and return how many the system took, or -1, as write(2) does."""
access: Callable[[bytes, int], int] = _access
"""Return 0 if there is a file that may be used like that, else -1, as access(2) does."""

with suppress(ImportError, OSError, AttributeError):  # not every Python has ctypes
    import ctypes

    # Their argument types need not be told: that is slower.
    write = ctypes.PyDLL(None)["write"]
    access = ctypes.PyDLL(None)["access"]
