"""The data that a model was fitted to: as an input of the run, and its first rows."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from nbtrail import data
from nbtrail.entities import DatasetInput
from nbtrail.tracking.failures import report
from nbtrail.tracking.inputs import inputs_of

if TYPE_CHECKING:
    import pandas as pd

SAMPLE_ROWS = 5
TARGET = "target"


def head(values: Any) -> Any:
    """Return a copy of the first rows of a frame, series or array; None for other things."""
    if hasattr(values, "iloc"):
        return values.iloc[:SAMPLE_ROWS].copy()
    if is_array(values) and values.ndim > 0:
        return values[:SAMPLE_ROWS].copy()
    return None


def describe(inputs: Any, target: Any = None, name: str | None = None) -> list[DatasetInput]:
    """Return the data as an input of the run, or nothing where it is of no kind that we know."""
    if inputs is None:
        return []
    try:
        return inputs_of([_described(inputs, target, name)], ["train"])
    except Exception:
        report("the data of a fitted model")
        return []


def _described(inputs: Any, target: Any, name: str | None) -> data.Dataset | None:
    if is_array(inputs):
        values = getattr(target, "values", target)
        return data.from_numpy(inputs, targets=values if is_array(values) else None, name=name)
    if is_frame(inputs):
        column = _target_column(inputs, target)
        frame = inputs if column is None else inputs.assign(**{column: target})
        return data.from_pandas(frame, targets=column, name=name)
    if type(inputs).__module__.startswith("polars.") and type(inputs).__name__ == "DataFrame":
        return data.from_polars(inputs, name=name)
    return None


def _target_column(frame: pd.DataFrame, target: Any) -> str | None:
    """Return what to call the target as a column of the frame; None if it is no single one."""
    if getattr(target, "ndim", None) != 1 or len(target) != len(frame):
        return None
    name = getattr(target, "name", None)
    name = name if isinstance(name, str) else TARGET
    return None if name in frame.columns else name


def is_array(values: Any) -> bool:
    """Say whether something is an array of numpy."""
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(values, numpy.ndarray)


def is_frame(values: Any) -> bool:
    """Say whether something is a DataFrame of pandas."""
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(values, pandas.DataFrame)
