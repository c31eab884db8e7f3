"""Columns of numbers in short, and columns and arrays in MLflow's types."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

MOST_COLUMNS = 1000  # that a profile has statistics of
NUMERIC = frozenset("biuf")  # numpy's kinds

# What pandas calls the content of an object column → MLflow's type.
_CONTENT = {
    "string": "string",
    "bytes": "binary",
    "boolean": "boolean",
    "integer": "long",
    "floating": "double",
    "mixed-integer-float": "double",
    "decimal": "double",
    "date": "datetime",
    "datetime": "datetime",
    "datetime64": "datetime",
}


def column_type(values: pd.Series[Any]) -> str:
    """Return MLflow's type of a column; ``any``, which is not enforced, where there is none."""
    import pandas as pd

    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.cat.categories.to_series()
    if known := _type_of_dtype(values.dtype):
        return known
    content = pd.api.types.infer_dtype(values, skipna=True)
    if content == "integer" and values.isna().any():
        return "double"  # what NaN is one of
    return _CONTENT.get(content, "any")


def _type_of_dtype(dtype: Any) -> str | None:
    """Return MLflow's type of a numpy or nullable pandas dtype, None where the content decides."""
    from pandas.api import types

    size = getattr(dtype, "itemsize", 8)
    match getattr(dtype, "kind", "O"):
        case "b":
            return "boolean"
        case "i":
            return "integer" if size <= 4 else "long"
        case "u":
            return "integer" if size < 4 else "long" if size == 4 else None
        case "f":
            return "float" if size <= 4 else "double"
        case "M":
            return "datetime"
    is_object = types.is_object_dtype(dtype)  # which may hold strings, and anything else
    return "string" if types.is_string_dtype(dtype) and not is_object else None


def column_spec(name: object, kind: str, *, required: bool) -> dict[str, Any]:
    """Return a column in MLflow's form; a name that is no text or whole number becomes text."""
    if not isinstance(name, str | int):
        name = int(name) if hasattr(name, "__index__") else str(name)
    return {"type": kind, "name": name, "required": required}


def tensor_type(array: np.ndarray[Any, Any]) -> tuple[str, list[int]]:
    """Return numpy's name of an array's dtype, and its shape with -1 where it varies."""
    import numpy as np

    flexible = {"U": "str", "S": "bytes"}  # their numpy names carry a length
    dtype = flexible.get(array.dtype.kind, np.dtype(array.dtype).name)
    return dtype, ([-1, *array.shape[1:]] if array.ndim else [])


class Numbers:
    """Statistics of one column of numbers, which may come in parts. NaN counts as null."""

    def __init__(self) -> None:
        self._nulls = self._count = 0
        self._low, self._high, self._sum = math.inf, -math.inf, 0.0

    def add(self, values: np.ndarray[Any, Any], nulls: int = 0) -> None:
        """Take in a part; `nulls` are those that are not in `values`."""
        import numpy as np

        if values.dtype.kind == "f" and (missing := np.isnan(values)).any():
            nulls += int(missing.sum())
            values = values[~missing]
        self._nulls += nulls
        self._count += values.size
        if values.size:
            plain = float if values.dtype.kind == "f" else int  # also for truth values
            self._low = min(self._low, plain(values.min()))
            self._high = max(self._high, plain(values.max()))
            with np.errstate(all="ignore"):  # infinities of both signs have no mean
                self._sum += float(values.sum(dtype=np.float64))

    def to_dict(self) -> dict[str, Any]:
        """Return the statistics, JSON-representable; None where there are no values."""
        if not self._count:
            return {"nulls": self._nulls, "min": None, "max": None, "mean": None}
        mean = self._sum / self._count
        return {
            "nulls": self._nulls,
            "min": _wire(self._low),
            "max": _wire(self._high),
            "mean": _wire(mean),
        }


def _wire(number: float) -> Any:
    """Return a number as JSON can have it: infinities are words, as on MLflow's wire."""
    if isinstance(number, int) or math.isfinite(number):
        return number
    return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"


def table_profile(rows: int, width: int, columns: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return the profile of a table; `columns` are the statistics of its first `MOST_COLUMNS`."""
    profile = {"num_rows": rows, "num_elements": rows * width, "columns": columns}
    left_out = width - MOST_COLUMNS
    return profile if left_out <= 0 else {**profile, "columns_left_out": left_out}
