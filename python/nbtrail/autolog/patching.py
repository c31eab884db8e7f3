"""The one way in which methods of other libraries are patched.

Safe: what we do after the call can raise nothing into it. Quiet: the wrapper is on no traceback.
Re-entrant: a fit within a fit is the outer one's business. Removable. And it travels: a class
that is pickled by value takes the wrapper along to where there may be no nbtrail.
"""

from __future__ import annotations

import functools
import inspect
import threading
from collections.abc import Callable
from typing import Any

from nbtrail.tracking.failures import never_raises

ORIGINAL = "__nbtrail_original__"

Method = Callable[..., Any]
After = Callable[..., None]

_lock = threading.Lock()
_under_way = 0
_afters: dict[str, After] = {}


def wrap_method(owner: type, name: str, after: After) -> None:
    """Call ``after(self, *args, **kwargs)`` when the outermost call of a method has returned.

    Only a plain function that `owner` itself defines is wrapped, and only once.
    """
    method = owner.__dict__.get(name)
    if not inspect.isfunction(method) or hasattr(method, ORIGINAL):
        return
    _afters[name] = never_raises("a fitted model")(after)
    wrapper = _wrapper(method, name)
    setattr(wrapper, ORIGINAL, method)
    setattr(owner, name, wrapper)


def unwrap_method(owner: type, name: str) -> None:
    """Put the original method back."""
    original = getattr(owner.__dict__.get(name), ORIGINAL, None)
    if original is not None:
        setattr(owner, name, original)


def _wrapper(method: Method, name: str) -> Method:
    """Make a function that refers to nothing of this module but by its name."""

    @functools.wraps(method)
    def recorded(self: Any, *args: Any, **kwargs: Any) -> Any:
        import sys

        here = sys.modules.get("nbtrail.autolog.patching")
        call = here.call if here is not None else None
        try:
            if call is None:
                return method(self, *args, **kwargs)
            return call(method, name, self, args, kwargs)
        except BaseException as error:
            if error.__traceback__ is not None:
                error.__traceback__ = error.__traceback__.tb_next
            raise

    return recorded


def call(
    method: Method, name: str, owner: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """Call a wrapped method, and if no other such call is under way, what comes after it.

    Threads that a call starts belong to it, and so they are not told apart.
    """
    outermost = _enter()
    try:
        result = method(owner, *args, **kwargs)
    except BaseException as error:
        if error.__traceback__ is not None:
            error.__traceback__ = error.__traceback__.tb_next
        raise
    finally:
        _leave()
    if outermost and name in _afters:
        _afters[name](owner, *args, **kwargs)
    return result


def _enter() -> bool:
    global _under_way  # noqa: PLW0603
    with _lock:
        _under_way += 1
        return _under_way == 1


def _leave() -> None:
    global _under_way  # noqa: PLW0603
    with _lock:
        _under_way -= 1
