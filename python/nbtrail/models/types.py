"""MLflow's `types`: the words for what a signature is made of.

``Schema([ColSpec(DataType.double, "alcohol"), ColSpec(Array(DataType.string), "tags")])``
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from nbtrail.models.signatures.nesting import Type
from nbtrail.models.signatures.schema import ColSpec, ParamSpec, Schema, TensorSpec, type_of

__all__ = [
    "AnyType",
    "Array",
    "ColSpec",
    "DataType",
    "Map",
    "Object",
    "ParamSchema",
    "ParamSpec",
    "Property",
    "Schema",
    "TensorSpec",
]

__path__: list[str] = []  # `nbtrail.types.schema` can be imported: it is this module


class DataType(StrEnum):
    """The types of plain values."""

    boolean = "boolean"
    integer = "integer"
    long = "long"
    float = "float"
    double = "double"
    string = "string"
    binary = "binary"
    datetime = "datetime"


class Property(NamedTuple):
    """A named part of an `Object`; `dtype` is any type."""

    name: str
    dtype: str | Type
    required: bool = True


def Array(dtype: str | Type) -> Type:  # noqa: N802 - MLflow's names, which are classes there
    """Return the type of lists whose items are all of one type."""
    return {"type": "array", "items": type_of(dtype)}


def Map(value_type: str | Type) -> Type:  # noqa: N802
    """Return the type of objects with any keys, whose values are all of one type."""
    return {"type": "map", "values": type_of(value_type)}


def Object(properties: Iterable[Property]) -> Type:  # noqa: N802
    """Return the type of objects that have these properties."""
    parts = {one.name: {**type_of(one.dtype), "required": one.required} for one in properties}
    return {"type": "object", "properties": dict(sorted(parts.items()))}


def AnyType() -> Type:  # noqa: N802
    """Return the type of what is not checked."""
    return {"type": "any"}


def ParamSchema(params: Iterable[ParamSpec]) -> list[ParamSpec]:  # noqa: N802
    """Return params as a signature has them."""
    return list(params)


schema = sys.modules[__name__]
