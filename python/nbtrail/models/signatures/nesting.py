"""The types of nested values in MLflow's JSON: arrays, objects and plain values within them."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable
from typing import Any

Type = dict[str, Any]
"""``{"type": "long"}``, or an array, an object or ``any``."""

_SCALARS: dict[type, str] = {
    bool: "boolean",
    int: "long",
    float: "double",
    str: "string",
    bytes: "binary",
    bytearray: "binary",
}
_OF_NUMPY = {
    "bool": "boolean",
    "int64": "long",
    "int32": "integer",
    "float64": "double",
    "float32": "float",
}


_WIDER = {  # what may stand for a type, beside itself
    "double": ("float", "long", "integer"),
    "float": ("double", "long", "integer"),
    "long": ("integer",),
    "integer": ("long",),
}


class NoTypeError(Exception):
    """A value has no type, or its parts have several; says which."""


def type_of(value: Any) -> Type:
    """Return the type of a value.

    Raises:
        NoTypeError: it has none.
    """
    if _is_nothing(value):
        return {"type": "any"}
    if isinstance(value, dict):
        kinds = {str(key): type_of(item) for key, item in value.items()}
        parts = {key: {**kind, "required": kind["type"] != "any"} for key, kind in kinds.items()}
        return {"type": "object", "properties": dict(sorted(parts.items()))}
    if isinstance(value, list | tuple) or _is_array(value):
        return {"type": "array", "items": item_type(value)}
    return {"type": _scalar(value)}


def item_type(values: Iterable[Any]) -> Type:
    """Return the one type of all values; missing ones fit any.

    Raises:
        NoTypeError: there are several.
    """
    found: Type | None = None
    for value in values:
        kind = type_of(value)
        found = kind if found is None else _merged(found, kind)
    return found or {"type": "any"}


def of_column(values: list[Any]) -> Type:
    """Return the type of an object column's values: ``any`` where they have no common one."""
    if not values or (
        not isinstance(values[0], dict | list | tuple) and not hasattr(values[0], "ndim")
    ):
        return {"type": "any"}
    try:
        return item_type(values)
    except NoTypeError:
        return {"type": "any"}


def detail(kind: Type) -> dict[str, Any]:
    """Return what a type says beside its name."""
    return {key: value for key, value in kind.items() if key != "type"}


def _is_nothing(value: Any) -> bool:
    if isinstance(value, float):
        return math.isnan(value)
    return value is None or (isinstance(value, dict | list) and not value)


def _is_array(value: Any) -> bool:
    return bool(getattr(value, "ndim", False)) and not hasattr(value, "columns")  # no table


def _scalar(value: Any) -> str:
    if known := _SCALARS.get(type(value)):
        return known
    if isinstance(value, dt.date) or type(value).__name__ == "datetime64":
        return "datetime"
    if isinstance(value, str):  # numpy's
        return "string"
    if known := _OF_NUMPY.get(str(getattr(value, "dtype", ""))):
        return known
    raise NoTypeError(f"a {type(value).__name__} in it has no type")


def _merged(one: Type, other: Type) -> Type:
    """Return the type that both are, with what only one of them has as not required."""
    if one == other or other["type"] == "any":
        return one
    if one["type"] == "any":
        return other
    if one["type"] != other["type"]:
        raise NoTypeError(f"it has values of several types ({one['type']} and {other['type']})")
    if one["type"] == "array":
        return {"type": "array", "items": _merged(one["items"], other["items"])}
    if one["type"] == "object":
        return {"type": "object", "properties": _merged_parts(one, other)}
    return one


def _merged_parts(one: Type, other: Type) -> dict[str, Type]:
    left, right = one["properties"], other["properties"]
    merged = {}
    for key in sorted({*left, *right}):
        if key in left and key in right:
            kind = _merged(_bare(left[key]), _bare(right[key]))
            required = left[key]["required"] and right[key]["required"]
        else:
            kind, required = _bare(left.get(key) or right[key]), False
        merged[key] = {**kind, "required": required}
    return merged


def _bare(kind: Type) -> Type:
    return {key: value for key, value in kind.items() if key != "required"}


def misfit(value: Any, kind: Type, where: str) -> str | None:
    """Say where a value is not of a type, and what it should be; None if it is.

    Values themselves are not told: they may be secret, or long.
    """
    match kind["type"]:
        case "any":
            return None
        case "array":
            return _misfit_in_array(value, kind, where)
        case "object":
            return _misfit_in_object(value, kind, where)
        case "map":
            if not isinstance(value, dict):
                return _told(where, "an object", value)
            found = (misfit(one, kind["values"], f"{where}.{key}") for key, one in value.items())
        case name:
            return None if _is_of(value, name) else _told(where, name, value)
    return next((wrong for wrong in found if wrong), None)


def _misfit_in_array(value: Any, kind: Type, where: str) -> str | None:
    if not isinstance(value, list | tuple) and not _is_array(value):
        return _told(where, "an array", value)
    found = (misfit(one, kind["items"], f"{where}[{at}]") for at, one in enumerate(value))
    return next((wrong for wrong in found if wrong), None)


def _misfit_in_object(value: Any, kind: Type, where: str) -> str | None:
    if hasattr(value, "model_dump"):  # a pydantic model, which has checked itself
        return None
    if not isinstance(value, dict):
        return _told(where, "an object", value)
    for name, part in kind["properties"].items():
        if value.get(name) is not None:
            wrong = misfit(value[name], part, f"{where}.{name}")
            if wrong:
                return wrong
        elif part.get("required", True):
            return f", '{(where + '.' + name).lstrip('.')}' is missing"
    return None


def _told(where: str, wanted: str, value: Any) -> str:
    subject = f"'{where.lstrip('.')}'" if where else "the value"
    return f", {subject} must be {wanted}, and it is {type(value).__name__}"


def _is_of(value: Any, name: str) -> bool:
    """Say whether a plain value may stand for a type; an int may for a double."""
    try:
        own = _scalar(value)
    except NoTypeError:
        return False
    return own == name or own in _WIDER.get(name, ())
