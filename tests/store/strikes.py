"""Exceptions that strike anywhere, as ctrl-C, a time-out or another thread would send them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from types import FrameType
from typing import Any

import nbtrail.store

# The modules that hold what is not committed yet; what they call is as long as there are points.
HOLDERS = tuple(
    str(Path(nbtrail.store.__file__).with_name(f"{module}.py"))
    for module in ("database", "forks", "writer", "journal", "drain", "runs", "store")
)


class Strike(Exception):
    """What strikes."""


class _Tracer:
    """Raises before that bytecode of the `HOLDERS` which has a number."""

    def __init__(self, number: int) -> None:
        self.left = number

    def __call__(self, frame: FrameType, event: str, arg: Any) -> Any:
        if event == "call":
            if frame.f_code.co_filename not in HOLDERS:
                return None
            frame.f_trace_opcodes, frame.f_trace_lines = True, False
        elif event != "opcode":
            return self
        self.left -= 1
        if not self.left:
            raise Strike
        return self


def everywhere(
    work: Callable[[], object], handle: Callable[[], object] = lambda: None, step: int = 1
) -> Iterator[bool]:
    """Do something again and again, struck at one bytecode after the other, until it ends.

    Args:
        work: what to do.
        handle: what to do in the ``except`` block: what the exception has of the stack is alive.
        step: strike at every so many bytecodes.

    Yields:
        whether it was struck; nothing is left of the exception.
    """
    for number in count(step, step):
        tracer, struck = _Tracer(number), False
        try:
            _trace(tracer, work)
        except Strike:
            struck = True
            handle()
        yield struck
        if tracer.left > 0:
            return


def _trace(tracer: _Tracer, work: Callable[[], object]) -> None:
    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        work()
    finally:
        sys.settrace(before)
