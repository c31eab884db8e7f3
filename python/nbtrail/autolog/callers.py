"""What the user's code calls the things that it hands over, as its source says."""

from __future__ import annotations

import ast
import linecache
import sys
from itertools import islice
from types import FrameType

from nbtrail.trail.syntax import root_name


def argument_name(position: int, keyword: str) -> str | None:
    """Return the variable that the call which we are told of was given, if it was one.

    Its value is not looked for among the caller's variables: reading those of a function would
    keep them alive.

    Args:
        position: where the argument stands in the call's source, ``self`` not counted.
        keyword: what it is called where it is given by name.
    """
    frame = _calling()
    call = None if frame is None else _expression(frame)
    if not isinstance(call, ast.Call):
        return None
    given = {one.arg: one.value for one in call.keywords}.get(keyword)
    if given is None and len(call.args) > position:
        given = call.args[position]
    return None if given is None else root_name(given)


def _calling() -> FrameType | None:
    """Return the innermost frame that is not nbtrail's: what called a wrapped function."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and str(frame.f_globals.get("__name__")).startswith("nbtrail."):
        frame = frame.f_back
    return frame


def _expression(frame: FrameType) -> ast.expr | None:
    """Return what a frame is just evaluating."""
    where = next(islice(frame.f_code.co_positions(), frame.f_lasti // 2, None), None)
    first, last, start, end = where or (None, None, None, None)
    if first is None or last is None or start is None or end is None:
        return None
    lines = linecache.getlines(frame.f_code.co_filename, frame.f_globals)[first - 1 : last]
    source = [line.encode() for line in lines]  # columns are counted in bytes
    if not source:
        return None
    source[-1] = source[-1][:end]
    source[0] = source[0][start:]
    try:
        return ast.parse(b"(" + b"".join(source) + b")", mode="eval").body
    except SyntaxError:
        return None
