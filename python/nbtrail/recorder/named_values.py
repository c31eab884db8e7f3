"""The values of names that the user calls params or metrics, whatever they stand for."""

from __future__ import annotations

import dataclasses
from argparse import Namespace
from collections.abc import Iterable, Iterator, Mapping
from types import SimpleNamespace
from typing import Any

from nbtrail.tracking.failures import report, tell_once
from nbtrail.trail import inference

MOST_PARAMS = 500  # of one object
DEEPEST = 5  # levels of objects in objects


def named_metrics(names: Iterable[str], namespace: Mapping[str, Any]) -> dict[str, list[float]]:
    """Return the points of those names that are there and have any: whole numbers count, too."""
    found = {}
    for name in names:
        value = namespace.get(name)
        points = [float(value)] if type(value) is int else inference.metric_values(value)
        if points is not None:
            found[name] = points
    return found


def named_params(names: Iterable[str], namespace: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return, by name, the params in what stands behind those names that are there.

    That is a value itself, or what a mapping, a dataclass, an ``argparse`` namespace, a pydantic
    model or an estimator (``get_params``) holds, its keys put together with dots.
    """
    found = {name: _params_of(name, namespace[name]) for name in names if name in namespace}
    for name in [name for name, params in found.items() if not params]:
        kind = type(namespace[name]).__name__
        tell_once(f"nbtrail: no params can be read from `{name}`: it is a {kind}.")
    return found


def _params_of(name: str, value: object) -> dict[str, Any]:
    try:
        pairs = zip(range(MOST_PARAMS), _flat(name, value, 0), strict=False)
        return dict(pair for _, pair in pairs)
    except Exception:  # whatever the object makes of being asked
        report(f"the params in `{name}`")
        return {}


def _flat(key: str, value: object, depth: int) -> Iterator[tuple[str, Any]]:
    """Yield the plain values in a value, and their keys."""
    parts = _parts(value) if depth < DEEPEST else None
    if parts is None:
        plain = _plain(value)
        yield from inference.params_from({key: plain}, is_metric=lambda _: False).items()
        return
    for name, part in parts.items():
        yield from _flat(f"{key}.{name}", part, depth + 1)


def _parts(value: Any) -> Mapping[Any, Any] | None:
    """Return what an object that is made of named values holds; None for another."""
    kind = type(value)
    if isinstance(value, Mapping):
        return value
    if dataclasses.is_dataclass(kind):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(kind)}
    if isinstance(value, Namespace | SimpleNamespace):
        return vars(value)
    for method, options in (("get_params", {"deep": False}), ("model_dump", {})):
        if callable(getattr(kind, method, None)):
            parts: Mapping[Any, Any] = getattr(value, method)(**options)
            return parts
    return None


def _plain(value: Any) -> Any:
    """Return a Python number for NumPy's."""
    package = type(value).__module__.partition(".")[0]
    scalar = package in inference.ARRAY_PACKAGES and getattr(value, "ndim", None) == 0
    return value.item() if scalar else value
