"""Signatures inferred from examples, with the types that MLflow gives to the same data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nbtrail.data.columns import column_type, tensor_type
from nbtrail.errors import InvalidValue
from nbtrail.models.schema import ColSpec, ModelSignature, ParamSpec, Schema, TensorSpec

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


def infer_signature(
    model_input: Any = None, model_output: Any = None, params: dict[str, Any] | None = None
) -> ModelSignature:
    """Infer a signature from examples of a model's input, output and params.

    Args:
        model_input: a DataFrame, Series, array, dict of arrays, or list of scalars.
        model_output: likewise, what the model predicts for it.
        params: the defaults of the params of `predict`: scalars and lists of scalars.

    Raises:
        InvalidValue: the type of something cannot be told; the message names it.
    """
    return ModelSignature(
        None if model_input is None else infer_schema(model_input),
        None if model_output is None else infer_schema(model_output),
        [_param(name, value) for name, value in params.items()] if params else None,
    )


def infer_schema(data: Any) -> Schema:
    """Infer the schema of one example.

    Raises:
        InvalidValue: the data is of a kind that has no schema.
    """
    import numpy as np
    import pandas as pd

    if isinstance(data, pd.DataFrame):
        return Schema([_column(data[name], name) for name in data.columns])
    if isinstance(data, pd.Series):
        return Schema([_column(data, data.name)])
    if isinstance(data, np.ndarray):
        return Schema([_tensor(data)])
    if isinstance(data, Mapping) and all(isinstance(v, np.ndarray) for v in data.values()):
        return Schema([_tensor(array, str(name)) for name, array in data.items()])
    if isinstance(data, list) and data and all(np.isscalar(item) for item in data):
        return Schema([_column(pd.Series(data), None)])
    raise InvalidValue(
        f"No signature can be inferred from a {type(data).__name__}: give a DataFrame, an array "
        "or a dict of arrays, or pass signature=."
    )


def _tensor(array: np.ndarray[Any, Any], name: str | None = None) -> TensorSpec:
    dtype, shape = tensor_type(array)
    return TensorSpec(dtype, tuple(shape), name)


def _column(values: pd.Series[Any], name: Any) -> ColSpec:
    required = not bool(values.isna().any())
    if name is not None and not isinstance(name, str):
        name = int(name) if hasattr(name, "__index__") else str(name)
    return ColSpec(column_type(values), name, required)


def _param(name: str, value: Any) -> ParamSpec:
    """Return the spec of one param from its default."""
    if hasattr(value, "tolist"):  # a numpy scalar or array
        value = value.tolist()
    many = isinstance(value, list | tuple)
    kinds = {_scalar_type(item) for item in (value if many else [value])}
    if len(kinds) != 1 or None in kinds:
        raise InvalidValue(
            f"The param '{name}' must be a number, string or bool, or a list of one kind of those."
        )
    return ParamSpec(
        name, str(kinds.pop()), list(value) if many else value, (-1,) if many else None
    )


def _scalar_type(value: Any) -> str | None:
    names = {bool: "boolean", int: "long", float: "double", str: "string"}
    return names.get(type(value))
