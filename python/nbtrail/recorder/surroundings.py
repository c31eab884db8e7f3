"""What cells share without a name: generators of random numbers, the folder, the path of imports.

Lineage knows it by the expression that gives it, as if that were a name. Who draws from a shared
generator reads it and binds it anew; so a cell that drew twice has not done what run-all will do.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import random
import sys
from _random import Random
from collections.abc import Callable
from typing import Any

MT19937_SIZE = 2500  # bytes: 624 words and the place among them, as numpy's struct has them

# After each cell all this is asked. `getstate()` would take 20 us, and numpy's `get_state()` 80.


def _python_generator() -> object:
    generator: object = getattr(random.random, "__self__", None)  # what the module's functions use
    if sys.implementation.name != "cpython" or not isinstance(generator, Random):
        return random.getstate()
    header = object.__basicsize__
    return ctypes.string_at(id(generator) + header, Random.__basicsize__ - header)


def _numpy_generator() -> object:
    generator: Any = sys.modules["numpy.random"].get_bit_generator()
    if type(generator).__name__ != "MT19937":
        return repr(generator.state)
    return ctypes.string_at(generator.ctypes.state_address, MT19937_SIZE)


def _torch_generator() -> object:
    return sys.modules["torch"].get_rng_state().numpy().tobytes()


GENERATORS: dict[str, Callable[[], object]] = {
    "random.getstate()": _python_generator,
    "numpy.random.get_state()": _numpy_generator,
    "torch.get_rng_state()": _torch_generator,
}
"""How to look at the state of each generator; to be compared, and not to be kept for long."""

SETTINGS: dict[str, Callable[[], object]] = {
    "os.getcwd()": os.getcwd,
    "sys.path": lambda: tuple(dict.fromkeys(sys.path)),  # added once more is there as before
}
"""What every cell may depend on that does anything."""


_ALL = GENERATORS | SETTINGS


class Surroundings:
    """Looks at what cells share, and tells what has changed."""

    def __init__(self) -> None:
        self._known: dict[str, object] = {}
        self.changes()

    def changes(self, seeded: bool = False) -> dict[str, str]:
        """Return what has changed since the last call, each with its fingerprint.

        A generator that was not there before is left out, unless a cell has `seeded` it.
        """
        found = {}
        for expression, look in _ALL.items():
            before, now = self._known.get(expression), _state(look)
            self._known[expression] = now
            if now is not None and now != before and (seeded or before is not None):
                found[expression] = _digest(now)
        return found


def _state(look: Callable[[], object]) -> object:
    try:
        return look()
    except Exception:  # numpy is not imported, or is not as we know it; the folder is gone
        return None


def _digest(state: object) -> str:
    return hashlib.blake2b(repr(state).encode(), digest_size=8).hexdigest()
