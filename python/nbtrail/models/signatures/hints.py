"""Signatures from the type hints of a `predict`, with the types that MLflow gives to the same."""

from __future__ import annotations

import datetime as dt
import inspect
import types
import typing
from collections.abc import Callable
from typing import Any

from nbtrail.errors import InvalidValue
from nbtrail.models.signatures.inference import infer_signature
from nbtrail.models.signatures.schema import ColSpec, ModelSignature, Schema

_SCALARS: dict[Any, str] = {
    bool: "boolean",
    int: "long",
    float: "double",
    str: "string",
    bytes: "binary",
    dt.datetime: "datetime",
    dt.date: "datetime",
}

Type = dict[str, Any]
"""A type in MLflow's JSON: ``{"type": "long"}``, or an array, an object or a map of them."""


def signature_of(model: Any, params: dict[str, Any] | None) -> ModelSignature | None:
    """Return the signature that hints say, None where the input's hint says nothing."""
    function = predict_of(model)
    if function is None:
        return None
    taken, given = hints_of(function)
    inputs = _schema(taken)
    if inputs is None:
        return None
    return ModelSignature(inputs, _schema(given), infer_signature(params=params).params)


def predict_of(model: Any) -> Callable[..., Any] | None:
    """Return the function whose hints count: a function itself, a `PythonModel`'s `predict`."""
    if inspect.isfunction(model):
        return model
    if hasattr(model, "load_context") and hasattr(model, "predict"):
        found: Callable[..., Any] = model.predict
        return found
    return None


def hints_of(function: Callable[..., Any]) -> tuple[Any, Any]:
    """Return the hints of what a function takes first (after a context), and gives."""
    try:
        known = typing.get_type_hints(function)
    except (NameError, TypeError):  # a hint that names what is not there
        return None, None
    names = [name for name in inspect.signature(function).parameters if name != "context"]
    return (known.get(names[0]) if names else None), known.get("return")


def _schema(hint: Any) -> Schema | None:
    """Return the schema of ``list[…]``: what is in it is a row. Anything else says nothing."""
    if typing.get_origin(hint) is not list:
        return None
    (item,) = typing.get_args(hint) or (Any,)
    kind = type_of(item)
    if kind is None:
        return None
    return Schema([ColSpec(kind.pop("type"), None, True, kind)])


def type_of(hint: Any) -> Type | None:
    """Return the type that a hint stands for, None if there is none."""
    if hint is Any or hint is object:
        return {"type": "any"}
    if hint in _SCALARS:
        return {"type": _SCALARS[hint]}
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is list and arguments:
        items = type_of(arguments[0])
        return None if items is None else {"type": "array", "items": items}
    if origin is dict and len(arguments) == 2 and arguments[0] is str:
        values = type_of(arguments[1])
        return None if values is None else {"type": "map", "values": values}
    if origin in {typing.Union, types.UnionType}:
        return _of_union(arguments)
    return _of_model(hint)


def _of_union(arguments: tuple[Any, ...]) -> Type | None:
    left = [one for one in arguments if one is not type(None)]
    return type_of(left[0]) if len(left) == 1 else {"type": "any"}


def is_optional(hint: Any) -> bool:
    """Say whether None is one of what a hint allows."""
    return type(None) in typing.get_args(hint)


def _of_model(hint: Any) -> Type | None:
    """Return the type of a pydantic model, or of another class with hinted fields."""
    fields = getattr(hint, "model_fields", None)
    if not isinstance(fields, dict):
        return None
    kinds = {name: type_of(field.annotation) for name, field in fields.items()}
    properties = {
        name: {**kind, "required": not is_optional(fields[name].annotation)}
        for name, kind in sorted(kinds.items())
        if kind is not None
    }
    return {"type": "object", "properties": properties} if len(properties) == len(kinds) else None


def converted(data: Any, hint: Any) -> Any:
    """Return a table in the form that the hint of a function's first argument names."""
    import numpy as np
    import pandas as pd

    if not isinstance(data, pd.DataFrame):
        return _validated(data, hint)
    if hint is np.ndarray:
        return data.to_numpy()
    if typing.get_origin(hint) is not list:
        return data
    (item,) = typing.get_args(hint) or (Any,)
    is_row = typing.get_origin(item) is dict or hasattr(item, "model_fields")
    if is_row and not (data.shape[1] == 1 and isinstance(data.columns[0], int)):
        return _validated(data.to_dict(orient="records"), hint)
    return _validated(data.iloc[:, 0].tolist(), hint)


def _validated(data: Any, hint: Any) -> Any:
    """Return dicts as the pydantic models that the hint names.

    Raises:
        InvalidValue: one of them is none; the message names the field, and no value.
    """
    item = (typing.get_args(hint) or (None,))[0]
    if not isinstance(data, list) or not hasattr(item, "model_validate"):
        return data
    try:
        return [one if isinstance(one, item) else item.model_validate(one) for one in data]
    except ValueError as error:
        said: list[dict[str, Any]] = getattr(error, "errors", list)()
        where = ".".join(str(part) for part in said[0]["loc"]) if said else "an item"
        what = said[0]["msg"] if said else "is not valid"
        raise InvalidValue(f"'{where}' of {item.__name__}: {what}.") from error
