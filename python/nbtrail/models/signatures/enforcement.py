"""Data held against a signature: named, ordered and typed as the model expects, or refused.

A value may change its type only where nothing of it is lost (an int column for a double one,
as long as every int survives the way back). Messages name columns and types, never values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbtrail.errors import InvalidValue, did_you_mean
from nbtrail.models.signatures import nesting
from nbtrail.models.signatures.kinds import as_pandas, is_sparse
from nbtrail.models.signatures.schema import ColSpec, ParamSpec, Schema, TensorSpec

if TYPE_CHECKING:
    import pandas as pd

_DTYPES = {
    "boolean": "bool",
    "integer": "int32",
    "long": "int64",
    "float": "float32",
    "double": "float64",
}
_SOURCES = {"bool": "b", "int32": "iuf", "int64": "iuf", "float32": "iuf", "float64": "iuf"}
_PARAM_TYPES: dict[str, tuple[type, ...]] = {
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "string": (str,),
}


def enforce(data: Any, schema: Schema) -> Any:
    """Return `data` as `schema` asks for it: a DataFrame, an array or a dict of arrays.

    Columns that the schema does not know are left out.

    Raises:
        InvalidValue: a column is missing or of a wrong type, a tensor of a wrong shape.
    """
    data = as_pandas(data)
    if schema.columns:
        return _enforce_columns(_table(data, schema), schema)
    if not schema.is_named:
        return _enforce_tensor(data, schema.tensors[0])
    if isinstance(data, tuple) and len(data) == len(schema.tensors):
        data = dict(zip(schema.input_names(), data, strict=True))
    if not isinstance(data, dict):
        raise InvalidValue(f"The model takes arrays by name: {_names(schema.input_names())}.")
    _refuse_missing(schema, list(data), "Array")
    return {spec.name: _enforce_tensor(data[spec.name], spec) for spec in schema.tensors}


def _table(data: Any, schema: Schema) -> pd.DataFrame:
    """Return data as a table; values that are nested stay in one column."""
    import pandas as pd

    columns = schema.columns
    if len(columns) == 1 and columns[0].name is None and not hasattr(data, "shape"):
        rows = data if isinstance(data, list) else [data]
        if columns[0].detail or not any(isinstance(row, list | dict) for row in rows):
            return pd.DataFrame({0: pd.Series(rows, dtype=object).infer_objects()})
    if isinstance(data, dict) and any(column.detail for column in columns):
        data = [data]
    return as_frame(data)


def as_frame(data: Any) -> pd.DataFrame:
    """Return tabular data of any usual kind as a DataFrame; a dict of scalars is one row.

    Raises:
        InvalidValue: it is not tabular.
    """
    import numpy as np
    import pandas as pd

    if isinstance(data, pd.DataFrame):
        return data
    if isinstance(data, dict) and all(np.isscalar(v) or v is None for v in data.values()):
        data = [data]
    try:
        return pd.DataFrame(data)
    except (ValueError, TypeError) as error:
        raise InvalidValue(
            f"The model takes a table, and this {type(data).__name__} cannot be read as one."
        ) from error


def _enforce_columns(frame: pd.DataFrame, schema: Schema) -> pd.DataFrame:
    if not schema.is_named:
        return _enforce_by_position(frame, schema)
    if not frame.columns.is_unique:
        raise InvalidValue("Some column names stand for more than one column: name each once.")
    _refuse_missing(schema, list(frame.columns), "Column")
    present = [column for column in schema.columns if column.name in frame.columns]
    names = [column.name for column in present]
    frame = frame if list(frame.columns) == names else frame[names]
    return _typed(frame, present)


def _enforce_by_position(frame: pd.DataFrame, schema: Schema) -> pd.DataFrame:
    wanted = len(schema.columns)
    if frame.shape[1] < wanted:
        raise InvalidValue(f"The model takes {wanted} columns, and these are {frame.shape[1]}.")
    return _typed(frame.iloc[:, :wanted], schema.columns)


def _refuse_missing(schema: Schema, given: list[Any], what: str) -> None:
    known = set(given)
    missing = [s.name for s in schema.inputs if s.required and s.name not in known]
    if not missing:
        return
    hint = did_you_mean(str(missing[0]), map(str, given)) if len(missing) == 1 else ""
    verb = "is" if len(missing) == 1 else "are"
    what += "" if len(missing) == 1 else "s"
    raise InvalidValue(
        f"{what} {_names(missing)} {verb} missing; the model takes "
        f"{_names(schema.input_names())}.{hint}"
    )


def _names(names: list[Any]) -> str:
    shown = ", ".join(f"'{name}'" for name in names[:20])
    return shown if len(names) <= 20 else f"{shown} and {len(names) - 20} more"


def _typed(frame: pd.DataFrame, columns: list[ColSpec]) -> pd.DataFrame:
    """Convert only the columns that need it; the caller's frame is left as it is."""
    typed = frame
    for position, (column, dtype) in enumerate(zip(columns, frame.dtypes, strict=True)):
        if dtype == _DTYPES.get(column.type):
            continue
        values = frame.iloc[:, position]
        converted = _convert(values, column)
        if converted is not values:
            typed = frame.copy(deep=False) if typed is frame else typed
            typed.isetitem(position, converted.array)
    return typed


def _convert(values: pd.Series[Any], column: ColSpec) -> pd.Series[Any]:
    target = _DTYPES.get(column.type)
    if target is not None:
        return _convert_number(values, column, target)
    if column.detail:
        _refuse_misfits(values, column)
    elif not _is_acceptable(values, column.type):
        raise _wrong_type(values, column)
    return values


def _is_acceptable(values: pd.Series[Any], wanted: str) -> bool:
    from pandas.api import types

    if wanted == "string":
        return values.dtype.kind == "O"  # strings, categories, objects
    if wanted == "datetime":
        return values.dtype.kind == "M" or types.infer_dtype(values) in {"date", "datetime"}
    return True  # binary, any, and MLflow's nested types


def _refuse_misfits(values: pd.Series[Any], column: ColSpec) -> None:
    """Hold each nested value against its type."""
    kind = {"type": column.type, **column.detail}
    name = "item" if column.name is None else f"column '{column.name}'"
    for row, value in enumerate(values):
        if value is None and not column.required:
            continue
        if (wrong := nesting.misfit(value, kind, "")) is not None:
            raise InvalidValue(f"In row {row} of {name}{wrong}.")


def _convert_number(values: pd.Series[Any], column: ColSpec, target: str) -> pd.Series[Any]:
    import pandas as pd

    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype(values.cat.categories.dtype)
    if values.dtype == object:
        values = values.infer_objects()
    if values.isna().all():  # a column of nulls has whatever type is asked for
        values = values.astype("float64")
    if values.dtype.kind not in _SOURCES[target]:
        raise _wrong_type(values, column)
    if not column.required and target[0] != "f" and values.isna().any():
        return values  # numpy's ints and bools know no missing values
    converted: pd.Series[Any] | None = _cast(values, target)
    if converted is None:
        raise _wrong_type(values, column)
    return converted


def _cast(values: Any, target: str) -> Any:
    """Return a Series or an array as `target`, or None if a value would not survive that."""
    import numpy as np
    import pandas as pd

    try:
        with np.errstate(invalid="ignore", over="ignore"):
            converted = values.astype(target)
            back = converted.astype(values.dtype)
    except (ValueError, TypeError, OverflowError):  # e.g. missing values in an int column
        return None
    survives = (back == values) | (pd.isna(back) & pd.isna(values))
    return converted if survives.all() else None


def _wrong_type(values: pd.Series[Any], column: ColSpec) -> InvalidValue:
    missing = " with missing values" if values.isna().any() else ""
    what = "A column" if column.name is None else f"Column '{column.name}'"
    return InvalidValue(f"{what} must be {column.type}, and it is {values.dtype}{missing}.")


def _enforce_tensor(data: Any, spec: TensorSpec) -> Any:
    import numpy as np
    import pandas as pd

    what = "The array" if spec.name is None else f"The array '{spec.name}'"
    if is_sparse(data):
        return _enforce_sparse(data, spec)
    array = data.to_numpy() if isinstance(data, pd.DataFrame | pd.Series) else np.asarray(data)
    fits = len(array.shape) == len(spec.shape) and all(
        wanted in {-1, size} for wanted, size in zip(spec.shape, array.shape, strict=True)
    )
    if not fits:
        raise InvalidValue(f"{what} must be of shape {spec.shape}, and it is {array.shape}.")
    target = np.dtype(spec.type)
    if array.dtype == target or (array.dtype.kind == target.kind and target.kind in "USO"):
        return array
    numbers = array.dtype.kind in "biuf" and target.kind in "biuf"
    converted = _cast(array, spec.type) if numbers else None
    if converted is None:
        raise InvalidValue(f"{what} must be of dtype {spec.type}, and it is {array.dtype}.")
    return np.asarray(converted)


def _enforce_sparse(matrix: Any, spec: TensorSpec) -> Any:
    """Return a sparse matrix as it is, if shape and dtype are those of the model."""
    shape, dtype = tuple(spec.shape), matrix.dtype.name
    if len(shape) != 2 or shape[1] not in {-1, matrix.shape[1]} or dtype != spec.type:
        raise InvalidValue(
            f"The matrix must be {spec.type} of shape {shape}, and it is {dtype} of shape "
            f"{matrix.shape}."
        )
    return matrix


def enforce_params(params: dict[str, Any] | None, specs: list[ParamSpec] | None) -> dict[str, Any]:
    """Return the params for `predict`: what was given, and the defaults of the rest.

    Params of a model without any, and unknown ones, are left out, as MLflow does.

    Raises:
        InvalidValue: a param is of a wrong type.
    """
    given = params or {}
    return {
        s.name: _enforce_param(given[s.name], s) if s.name in given else s.default
        for s in specs or []
    }


def _enforce_param(value: Any, spec: ParamSpec) -> Any:
    allowed = _PARAM_TYPES.get(spec.dtype)
    many = spec.shape is not None
    if allowed is None:
        return value
    items = value if many and isinstance(value, list | tuple) else [value]
    kinds_fit = all(
        isinstance(item, allowed) and isinstance(item, bool) == (spec.dtype == "boolean")
        for item in items
    )
    if not kinds_fit or many != isinstance(value, list | tuple):
        wanted = f"a list of {spec.dtype}" if many else spec.dtype
        raise InvalidValue(
            f"The param '{spec.name}' must be {wanted}, and it is {type(value).__name__}."
        )
    return value
