"""Which global names the notebook's own code reads when it is called, seen in the code itself."""

from __future__ import annotations

import dis
import functools
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from types import CodeType, FunctionType, MethodType
from typing import Any

from nbtrail.trail.plans import namespace_of, plan_of

DEPTH = 4
ITEMS = 20  # of a list, tuple or dict that are looked at
_GLOBAL = frozenset({"LOAD_GLOBAL", "LOAD_NAME", "STORE_GLOBAL", "DELETE_GLOBAL"})


def reached(value: object, namespace: Mapping[str, Any], depth: int = DEPTH) -> set[str]:
    """Return the names that code looks up in `namespace` when it is called.

    Args:
        value: a function, a class or an instance of one, or what wraps a function. What was not
            defined in the notebook looks up nothing there.
        namespace: the notebook's names.
        depth: how many wrappers, classes and bases are looked through.
    """
    found: set[str] = set()
    if type(value) is FunctionType and value.__globals__ is namespace:
        found |= global_names(value.__code__)
    if depth > 0:
        for inner in _within(value):
            found |= reached(inner, namespace, depth - 1)
    return found


def _within(value: Any) -> Iterable[Any]:
    """Return the code that a value is made of."""
    kind = type(value)
    if kind in _PARTS:
        return _PARTS[kind](value)
    if issubclass(kind, type):
        made_here = plan_of(value).made_here
        return (*namespace_of(value).values(), *value.__bases__) if made_here else ()
    return (kind,) if plan_of(kind).made_here else ()


def _code_among(items: Iterable[Any]) -> Iterable[Any]:
    """Return what can be called of a container's first items, and objects of the notebook's own."""
    first = islice(items, ITEMS)
    return [one for one in first if callable(one) or plan_of(type(one)).made_here]


def _closed_over(value: FunctionType) -> Iterable[Any]:
    return (cell.cell_contents for cell in value.__closure__ or () if _is_filled(cell))


def _is_filled(cell: Any) -> bool:
    try:
        return cell.cell_contents is not None
    except ValueError:
        return False


@functools.lru_cache(maxsize=1024)
def global_names(code: CodeType) -> frozenset[str]:
    """Return the global names that code, and the functions in it, look up or set."""
    found = {str(one.argval) for one in dis.get_instructions(code) if one.opname in _GLOBAL}
    for constant in code.co_consts:
        if type(constant) is CodeType:
            found |= global_names(constant)
    return frozenset(found)


_PARTS: dict[type, Callable[[Any], Iterable[Any]]] = {
    FunctionType: _closed_over,
    MethodType: lambda value: (value.__func__,),
    staticmethod: lambda value: (value.__func__,),
    classmethod: lambda value: (value.__func__,),
    property: lambda value: (value.fget, value.fset),
    functools.partial: lambda value: (value.func,),
    list: _code_among,
    tuple: _code_among,
    dict: lambda value: _code_among(value.values()),
    type(functools.lru_cache(len)): lambda value: (value.__wrapped__,),
}
