"""Kinds of data that are recognised without importing what makes them."""

from __future__ import annotations

import sys
from typing import Any


def is_sparse(data: object) -> bool:
    """Say whether this is a sparse matrix of SciPy, by rows or by columns."""
    sparse = sys.modules.get("scipy.sparse")  # not loaded: then it cannot be one
    return sparse is not None and sparse.issparse(data) and data.format in {"csr", "csc"}  # type: ignore[attr-defined]


def is_polars(data: object) -> bool:
    """Say whether this is a table or a column of Polars."""
    polars = sys.modules.get("polars")
    return polars is not None and isinstance(data, polars.DataFrame | polars.Series)


def as_pandas(data: Any) -> Any:
    """Return a table of Polars as one of pandas, and anything else as it is."""
    if not is_polars(data):
        return data
    import pandas as pd

    if hasattr(data, "columns"):
        return pd.DataFrame({name: as_pandas(data[name]) for name in data.columns})
    # Through lists: no pyarrow is needed, and nulls stay nulls.
    return pd.Series(data.to_list(), name=data.name or None, dtype=_dtype(data))


def _dtype(column: Any) -> Any:
    """Return the pandas dtype of a Polars column, a nullable one where there are nulls."""
    kind = str(column.dtype)
    numbers = ("Int", "UInt", "Float", "Boolean")
    if not kind.startswith(numbers):
        return None
    if column.null_count():
        return "boolean" if kind == "Boolean" else kind
    return "bool" if kind == "Boolean" else kind.lower()
