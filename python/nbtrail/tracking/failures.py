"""What could not be recorded is told once; the user's cell goes on as if nothing had happened."""

from __future__ import annotations

import functools
import logging
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec

from nbtrail.errors import NotFound, StoreError

P = ParamSpec("P")

FAILURES = (StoreError, NotFound, OSError, sqlite3.Error)
"""What stores and disks refuse through no mistake of the caller's; NotFound: the run is gone."""

_log = logging.getLogger("nbtrail")
_told: set[str] = set()
_tell: Callable[[str], None] = _log.warning


def tell_through(tell: Callable[[str], None] | None) -> None:
    """Have the user told by `tell` instead of a log record; None goes back to that."""
    global _tell  # noqa: PLW0603
    _tell = tell or _log.warning


def text_of(error: BaseException | None) -> str:
    """Return an exception's text in a form that can be stored, whatever its class makes of it."""
    try:
        return str(error).encode(errors="backslashreplace").decode()
    except Exception:
        return "(its text cannot be had)"


def in_one_line(error: BaseException | None) -> str:
    """Return an exception as one line: its class, and the first line of its text."""
    return f"{type(error).__name__}: {text_of(error)}".split("\n", 1)[0][:500]


def report(what: str) -> None:
    """Tell of the exception being handled the first time; log its traceback for debugging."""
    tell_once(f"nbtrail could not record {what} ({in_one_line(sys.exception())})")
    _log.debug("nbtrail could not record %s", what, exc_info=True)


def tell_once(message: str) -> None:
    """Tell the user something, the first time only."""
    if message not in _told:
        _told.add(message)
        _tell(message)


@contextmanager
def recording(what: str, *more: type[Exception]) -> Iterator[None]:
    """Let the caller go on when `what` cannot be recorded; mistakes of the caller's are raised.

    Args:
        what: is recorded, for the message.
        more: what is no mistake either.
    """
    known = FAILURES + more
    try:
        yield
    except known:
        report(what)


def never_raises(what: str) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Make a callback safe to hook into a user's cell; `what` is what it records."""

    def decorate(function: Callable[P, None]) -> Callable[P, None]:
        @functools.wraps(function)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> None:
            try:
                function(*args, **kwargs)
            except Exception:
                report(what)

        return guarded

    return decorate
