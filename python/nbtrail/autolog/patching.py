"""The one way in which functions of other libraries are patched.

Safe: what we do before and after a call can raise nothing into it. Quiet: the wrapper is on no
traceback. Re-entrant: a call within a call is the outer one's business, in the threads that it
starts, too. Thread-safe: calls of threads that do not know each other are told apart. Removable.
And it travels: a class that is pickled by value takes the wrapper along to where there may be no
nbtrail.
"""

from __future__ import annotations

import copy
import functools
import inspect
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any, NamedTuple

from nbtrail.tracking.failures import never_raises, report

ORIGINAL = "__nbtrail_original__"

Function = Callable[..., Any]
Arguments = tuple[tuple[Any, ...], dict[str, Any]]
Owner = type | ModuleType


class Hook(NamedTuple):
    """What is done around the outermost call of a function.

    ``before(*args, **kwargs)`` returns the arguments that the function is called with;
    ``after(result, *args, **kwargs)`` is called with these, unless the function raises.
    """

    before: Callable[..., Arguments] | None = None
    after: Callable[..., None] | None = None


NOTHING = Hook()


class _Call(NamedTuple):
    """A call that is under way: who made it, and which threads were there before it."""

    thread: threading.Thread
    bystanders: frozenset[threading.Thread]


_hooks: dict[str, Hook] = {}
_wrapped: dict[str, list[tuple[weakref.ref[Owner], str]]] = {}
_under_way: list[_Call] = []  # appending and removing are atomic: no lock that a fork could keep


def wrap(framework: str, owner: Owner, name: str, hook: Hook = NOTHING) -> None:
    """Do what `hook` says around the outermost calls of a function; without one, be its outer call.

    Only a plain function that `owner` itself defines is wrapped (or scikit-learn's kind of method
    that is there under a condition), and only once.
    """
    held = vars(owner).get(name)
    function = getattr(held, "fn", held)
    if not inspect.isfunction(function) or is_wrapper(function):
        return
    key = f"{framework}.{name}"
    _hooks[key] = Hook(hook.before, hook.after and never_raises("a fitted model")(hook.after))
    wrapper = _wrapper(function, key)
    setattr(wrapper, ORIGINAL, held)
    setattr(owner, name, _like(held, wrapper))
    _wrapped.setdefault(framework, []).append((weakref.ref(owner), name))


def wrap_everywhere(framework: str, module: ModuleType, name: str, hook: Hook = NOTHING) -> None:
    """Wrap a module's function, also where it was defined: pickle looks for it there."""
    function = getattr(module, name, None)
    home = inspect.getmodule(function)
    wrap(framework, module, name, hook)
    if home is not None and home is not module and vars(home).get(name) is function:
        setattr(home, name, getattr(module, name))
        _wrapped.setdefault(framework, []).append((weakref.ref(home), name))


def unwrap_all(framework: str) -> None:
    """Put all original functions of a framework back."""
    for reference, name in _wrapped.pop(framework, []):
        held = vars(owner).get(name) if (owner := reference()) is not None else None
        function = getattr(held, "fn", held)
        if owner is not None and is_wrapper(function):
            setattr(owner, name, getattr(function, ORIGINAL))


def is_wrapper(function: object) -> bool:
    """Say whether a function is one of ours; one that copied its attributes is not."""
    code = getattr(function, "__code__", None)
    return hasattr(function, ORIGINAL) and code is not None and code.co_name == "recorded"


def _like(held: Any, wrapper: Function) -> Any:
    """Return what takes the place of `held`: the wrapper, or a descriptor that gives it out."""
    if inspect.isfunction(held):
        return wrapper
    descriptor = copy.copy(held)
    descriptor.fn = wrapper
    return descriptor


def _wrapper(function: Function, key: str) -> Function:
    """Make a function that refers to nothing of this module but by its name."""

    @functools.wraps(function)
    def recorded(*args: Any, **kwargs: Any) -> Any:
        import sys

        here = sys.modules.get("nbtrail.autolog.patching")
        call = here.call if here is not None else None
        try:
            if call is None:
                return function(*args, **kwargs)
            return call(function, key, args, kwargs)
        except BaseException as error:
            if error.__traceback__ is not None:
                error.__traceback__ = error.__traceback__.tb_next
            raise

    return recorded


def call(function: Function, key: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Call a wrapped function, and if it is the outermost one, do what its hook says."""
    hook = NOTHING if within_call() else _hooks.get(key, NOTHING)
    with quietly():
        if hook.before is not None:
            args, kwargs = _prepared(hook.before, args, kwargs)
        try:
            result = function(*args, **kwargs)
        except BaseException as error:
            if error.__traceback__ is not None:
                error.__traceback__ = error.__traceback__.tb_next
            raise
        if hook.after is not None:
            hook.after(result, *args, **kwargs)
        return result


def _prepared(
    before: Callable[..., Arguments], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Arguments:
    try:
        return before(*args, **kwargs)
    except Exception:
        report("a fit that begins")
        return args, kwargs


def within_call() -> bool:
    """Say whether a wrapped function is under way that this thread, or its parent, has called."""
    if not _under_way:
        return False
    here = threading.current_thread()
    return any(here is one.thread or here not in one.bystanders for one in tuple(_under_way))


@contextmanager
def quietly() -> Iterator[None]:
    """Take no notice of the wrapped functions that are called meanwhile."""
    one = _Call(threading.current_thread(), frozenset(threading.enumerate()))
    _under_way.append(one)
    try:
        yield
    finally:
        _under_way.remove(one)
