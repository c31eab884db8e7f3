"""Importing what writes models while nobody waits: it takes a second, once in a process."""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import sys

from nbtrail.autolog.options import options_of
from nbtrail.tracking.failures import never_raises

PAUSE = 0.3  # seconds after a cell; if the next one has come by then, this waits behind it

WRITERS = {"sklearn": ("pandas", "nbtrail.models", "skops.io")}
"""What writes the models of a framework."""


def warm_up() -> None:
    """Import, once the event loop of the kernel is idle, what will write the user's models.

    Not in a thread: two threads that import modules which import each other can fail in the
    user's cell. Where no loop goes on after a cell, as in a script, the first fit waits for it.
    """
    used = [one for one in WRITERS if one in sys.modules and options_of(one) is not None]
    wanted = [name for one in used for name in WRITERS[one] if _is_missing(name)]
    if not wanted:
        return
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return
    loop.call_later(PAUSE, _import, wanted)


def _is_missing(name: str) -> bool:
    """Say whether a module is installed and not imported."""
    root = name.partition(".")[0]
    return name not in sys.modules and importlib.util.find_spec(root) is not None


@never_raises("what writes models")
def _import(names: list[str]) -> None:
    for name in names:
        importlib.import_module(name)
