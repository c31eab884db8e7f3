"""Signatures inferred from examples, with the types that MLflow gives to the same data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nbtrail.data.columns import column_type, tensor_type
from nbtrail.errors import InvalidValue
from nbtrail.models.signatures import nesting
from nbtrail.models.signatures.kinds import as_pandas, is_sparse
from nbtrail.models.signatures.schema import (
    ANY,
    ColSpec,
    ModelSignature,
    Name,
    ParamSpec,
    Schema,
    TensorSpec,
)
from nbtrail.tracking.failures import tell_once

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_NARROW = {
    **dict.fromkeys(("int8", "int16", "int32"), "integer"),
    **dict.fromkeys(("float16", "float32"), "float"),
}


def infer_signature(
    model_input: Any = None, model_output: Any = None, params: dict[str, Any] | None = None
) -> ModelSignature:
    """Infer a signature from examples of a model's input, output and params.

    Args:
        model_input: a table of pandas or Polars, a Series, an array, a sparse matrix, a dict of
            arrays, or anything made of dicts, lists and plain values.
        model_output: likewise, what the model predicts for it.
        params: the defaults of the params of `predict`: plain values and lists of one kind.

    Raises:
        InvalidValue: the type of a param cannot be told; the message names it.
    """
    return ModelSignature(
        None if model_input is None else infer_schema(model_input),
        None if model_output is None else infer_schema(model_output),
        [_param(str(name), value) for name, value in params.items()] if params else None,
    )


def infer_schema(data: Any) -> Schema:
    """Infer the schema of one example.

    Where its type cannot be told, that is ``any``, as by MLflow, and the user is told why.
    """
    import numpy as np
    import pandas as pd

    data = as_pandas(data)
    if isinstance(data, pd.DataFrame):
        return _of_table(data)
    if isinstance(data, pd.Series):
        return Schema([_column(data, data.name)])
    if isinstance(data, np.ndarray):
        return Schema([_tensor(data)])
    if is_sparse(data):
        return Schema([TensorSpec(data.data.dtype.name, (-1, *data.shape[1:]))])
    if isinstance(data, Mapping) and data and all(isinstance(v, np.ndarray) for v in data.values()):
        return Schema([_tensor(array, str(name)) for name, array in data.items()])
    return _of_plain_values(data)


def _of_table(table: pd.DataFrame) -> Schema:
    if not table.columns.is_unique:
        return _unknown(table, "some of its columns have the same name")
    try:
        return Schema([_column(values, name) for name, values in table.items()])
    except nesting.NoTypeError as error:
        return _unknown(table, str(error))


def _of_plain_values(data: Any) -> Schema:
    """Infer from dicts, lists and plain values: a dict has columns, a list of dicts too."""
    try:
        if isinstance(data, list) and data and all(isinstance(item, dict) for item in data):
            names = dict.fromkeys(name for item in data for name in item)
            return Schema([_column_of(name, data) for name in names])
        if isinstance(data, Mapping) and data:
            return Schema([_named(name, nesting.type_of(value)) for name, value in data.items()])
        if isinstance(data, list):
            return Schema([_unnamed(nesting.item_type(data) if data else {"type": "string"})])
        return Schema([_unnamed(nesting.type_of(data))])
    except nesting.NoTypeError as error:
        return _unknown(data, str(error))


def _unknown(data: Any, reason: str) -> Schema:
    tell_once(
        f"nbtrail: no type was found for a {type(data).__name__}: {reason}. The signature says "
        "`any`, which is not checked; signature= says what it is."
    )
    return Schema([ANY])


def _column_of(name: str, rows: list[dict[str, Any]]) -> ColSpec:
    kind = nesting.item_type([row[name] for row in rows if name in row])
    return _named(name, kind, required=all(row.get(name) is not None for row in rows))


def _named(name: str, kind: dict[str, Any], *, required: bool | None = None) -> ColSpec:
    if not isinstance(name, str):
        raise nesting.NoTypeError("its keys are not all strings")
    if required is None:
        required = kind["type"] != "any"
    return ColSpec(kind["type"], name, required, nesting.detail(kind))


def _unnamed(kind: dict[str, Any]) -> ColSpec:
    return ColSpec(kind["type"], None, True, nesting.detail(kind))


def _tensor(array: np.ndarray[Any, Any], name: str | None = None) -> TensorSpec:
    dtype, shape = tensor_type(array)
    return TensorSpec(dtype, tuple(shape), name)


def _column(values: pd.Series[Any], name: Any) -> ColSpec:
    required = not bool(values.isna().any())
    kind: dict[str, Any] = {"type": column_type(values)}
    if kind["type"] == "any" and values.dtype == object:
        kind = nesting.of_column(values.dropna().tolist())
    return ColSpec(kind["type"], _named_by(name), required, nesting.detail(kind))


def _named_by(label: Any) -> Name | None:
    """Return the name of a column as JSON can have it."""
    if isinstance(label, tuple):
        return tuple(_named_by(part) for part in label)
    if hasattr(label, "item"):  # numpy's
        label = label.item()
    if isinstance(label, str | int | float | None):
        return label
    raise nesting.NoTypeError(f"a {type(label).__name__} is no name of a column")


def _param(name: str, value: Any) -> ParamSpec:
    """Return the spec of one param from its default."""
    narrow = _NARROW.get(str(getattr(value, "dtype", "")))
    if hasattr(value, "tolist"):  # a numpy scalar or array
        value = value.tolist()
    if isinstance(value, dict):
        return _object_param(name, value)
    many = isinstance(value, list | tuple)
    kinds = {_scalar_type(item) for item in (value if many else [value])}
    if len(kinds) != 1 or None in kinds:
        raise InvalidValue(
            f"The param '{name}' must be a number, string or bool, or a list of one kind of those."
        )
    kind = narrow or str(kinds.pop())
    return ParamSpec(name, kind, list(value) if many else value, (-1,) if many else None)


def _object_param(name: str, value: dict[str, Any]) -> ParamSpec:
    try:
        kind = nesting.type_of(value)
    except nesting.NoTypeError as error:
        raise InvalidValue(f"The param '{name}' has no type: {error}.") from error
    return ParamSpec(name, kind["type"], value, None, nesting.detail(kind))


def _scalar_type(value: Any) -> str | None:
    names = {bool: "boolean", int: "long", float: "double", str: "string", dt.datetime: "datetime"}
    return names.get(type(value))
