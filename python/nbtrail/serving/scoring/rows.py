"""The short way for what most requests are: ``dataframe_split`` with just the model's columns.

The body is read and held against the signature in one go, in C, and rows of several requests
make one DataFrame. Whatever does not fit goes the long way, which knows how to say why.
"""

from __future__ import annotations

from types import GenericAlias
from typing import Any

import msgspec

from nbtrail.models import ModelSignature

Rows = list[tuple[Any, ...]]
_TYPES: dict[str, type] = {
    "double": float,
    "float": float,
    "long": int,
    "integer": int,
    "boolean": bool,
    "string": str,
}
_DTYPES = {"double": "float64", "float": "float32", "long": "int64", "integer": "int32"}
_EXACT = 2.0**53  # integers up to here are their own doubles


class RowReader:
    """Reads rows for a model with named, required columns of plain types.

    Args:
        names: of the columns.
        types: of the columns, as MLflow calls them.
        as_array: make arrays of rows instead of DataFrames, where all columns are of one type.
    """

    def __init__(self, names: list[str], types: list[str], as_array: bool = False) -> None:
        self.names = names
        self._types = types
        self._one_dtype = _DTYPES.get(types[0]) if len(set(types)) == 1 else None
        self.gives_arrays = as_array and self._one_dtype is not None
        row: Any = GenericAlias(tuple, tuple(_TYPES[one] for one in types))
        split = msgspec.defstruct(
            "Split",
            [("columns", list[str]), ("data", GenericAlias(list, (row,)))],
            forbid_unknown_fields=True,
        )
        body = msgspec.defstruct("Body", [("dataframe_split", split)], forbid_unknown_fields=True)
        self._decode: Any = msgspec.json.Decoder(body).decode
        self._index: Any = None

    @classmethod
    def of(cls, signature: ModelSignature | None, as_array: bool = False) -> RowReader | None:
        """Return the reader for a signature, if there can be one."""
        columns = signature.inputs.columns if signature and signature.inputs else []
        names = [one.name for one in columns if isinstance(one.name, str)]
        plain = all(one.type in _TYPES and one.required for one in columns)
        if not columns or not plain or len(set(names)) != len(columns):
            return None
        return cls(names, [one.type for one in columns], as_array)

    def read(self, body: bytes) -> Rows | None:
        """Return the rows of a body; None if it must go the long way."""
        try:
            split = self._decode(body).dataframe_split
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        rows: Rows = split.data
        return rows if rows and split.columns == self.names else None

    def table(self, rows: Rows) -> Any:
        """Return rows as the signature has them; None if a number does not fit its type."""
        import numpy as np
        import pandas as pd

        if self._index is None:
            self._index = pd.Index(self.names)
        try:
            if self._one_dtype:
                array = np.array(rows, dtype=self._one_dtype)
                if "float" in self._one_dtype and np.abs(array).max() > _EXACT:
                    return None
                return array if self.gives_arrays else pd.DataFrame(array, columns=self._index)
            columns = list(zip(*rows, strict=True))
            arrays = [
                self._column(one, kind) for one, kind in zip(columns, self._types, strict=True)
            ]
        except OverflowError:
            return None
        if any(array is None for array in arrays):
            return None
        return pd.DataFrame(dict(zip(self.names, arrays, strict=True)))

    @staticmethod
    def _column(values: tuple[Any, ...], kind: str) -> Any:
        import numpy as np

        if kind == "string":
            return list(values)
        array = np.array(values, dtype=_DTYPES.get(kind, "bool"))
        return None if array.dtype.kind == "f" and np.abs(array).max() > _EXACT else array
