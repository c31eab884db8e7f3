"""What could not be recorded is told once; the user's cell goes on as if nothing had happened."""

from __future__ import annotations

import functools
import logging
import sys
from collections.abc import Callable
from typing import ParamSpec

P = ParamSpec("P")

_log = logging.getLogger("nbtrail")
_told: set[str] = set()
_tell: Callable[[str], None] = _log.warning


def tell_through(tell: Callable[[str], None] | None) -> None:
    """Have the user told by `tell` instead of a log record; None goes back to that."""
    global _tell  # noqa: PLW0603
    _tell = tell or _log.warning


def report(what: str) -> None:
    """Tell of the exception being handled the first time; log its traceback for debugging."""
    error = sys.exception()
    if what not in _told:
        _told.add(what)
        _tell(f"nbtrail could not record {what} ({type(error).__name__}: {error})")
    _log.debug("nbtrail could not record %s", what, exc_info=True)


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
