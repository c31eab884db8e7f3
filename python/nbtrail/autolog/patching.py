"""The one way in which methods of other libraries are patched.

Safe: what we do after the call can raise nothing into it. Quiet: the wrapper is on no traceback.
Re-entrant: a fit within a fit is the outer one's business. Removable.
"""

from __future__ import annotations

import functools
import inspect
import threading
from collections.abc import Callable
from typing import Any

from nbtrail.tracking.failures import never_raises

After = Callable[..., None]

_ORIGINAL = "__nbtrail_original__"


class _Depth:
    """How many recorded calls are under way.

    Threads that a call starts belong to it, whichever thread they are.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0

    def enter(self) -> bool:
        """Return whether this is the outermost call."""
        with self._lock:
            self._count += 1
            return self._count == 1

    def leave(self) -> None:
        with self._lock:
            self._count -= 1


_depth = _Depth()


def wrap_method(owner: type, name: str, after: After) -> None:
    """Call ``after(self, *args, **kwargs)`` when the outermost call of a method has returned.

    Only a plain function that `owner` itself defines is wrapped, and only once.
    """
    method = owner.__dict__.get(name)
    if not inspect.isfunction(method) or hasattr(method, _ORIGINAL):
        return
    safely = never_raises("a fitted model")(after)

    @functools.wraps(method)
    def recorded(self: Any, *args: Any, **kwargs: Any) -> Any:
        outermost = _depth.enter()
        try:
            result = method(self, *args, **kwargs)
        except BaseException as error:
            if error.__traceback__ is not None:
                error.__traceback__ = error.__traceback__.tb_next
            raise
        finally:
            _depth.leave()
        if outermost:
            safely(self, *args, **kwargs)
        return result

    setattr(recorded, _ORIGINAL, method)
    setattr(owner, name, recorded)


def unwrap_method(owner: type, name: str) -> None:
    """Put the original method back."""
    original = getattr(owner.__dict__.get(name), _ORIGINAL, None)
    if original is not None:
        setattr(owner, name, original)
