"""Arrays, tables and numpy's scalars as JSON; NaN and missing values are null."""

from __future__ import annotations

from typing import Any

import msgspec


def encode(value: Any) -> bytes:
    """Return the JSON of anything made of builtins, numpy and pandas; bytes become base64.

    Raises:
        TypeError: there is something else in it.
    """
    return msgspec.json.encode(value, enc_hook=_plain)


def _plain(value: Any) -> Any:
    """Turn one object that JSON does not know into one that it does."""
    import pandas as pd

    if isinstance(value, pd.DataFrame):
        return value.to_dict(orient="records")
    if isinstance(value, pd.Series):
        return value.to_frame().to_dict(orient="records")
    if value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    if hasattr(value, "tolist"):  # a numpy array or scalar, a pandas index
        return value.tolist()
    raise TypeError(f"a {type(value).__name__} has no JSON form")
