"""Datasets of pandas."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from nbtrail.data.columns import (
    MOST_COLUMNS,
    NUMERIC,
    Numbers,
    column_spec,
    column_type,
    table_profile,
)
from nbtrail.data.dataset import Dataset, check_columns, check_kind
from nbtrail.data.digest import Digest, check_digest
from nbtrail.data.source import source_of

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


@dataclass(frozen=True, repr=False, eq=False)
class PandasDataset(Dataset):
    """A DataFrame; `targets` and `predictions` name columns of it."""

    df: pd.DataFrame
    targets: str | None = None
    predictions: str | None = None


def from_pandas(
    df: pd.DataFrame,
    source: object = None,
    targets: str | None = None,
    name: str | None = None,
    digest: str | None = None,
    predictions: str | None = None,
) -> PandasDataset:
    """Describe a DataFrame as a dataset that runs use.

    Args:
        df: the data; its digest, schema and profile are taken now.
        source: where it came from: a path, a URI or a DatasetSource; else the run's code.
        targets: the column to be predicted.
        name: what to call it; else ``dataset``.
        digest: else a hash of index and columns: names, types, values and their order.
        predictions: the column of a model's predictions.

    Raises:
        InvalidValue: it is no DataFrame, has no such column, or has values that nothing hashes.
    """
    import pandas as pd

    check_kind(df, pd.DataFrame, "make it one, with to_frame() or pandas.DataFrame(…)")
    check_columns(df.columns, targets=targets, predictions=predictions)
    return PandasDataset(
        name or "dataset",
        check_digest(digest) if digest is not None else _digest(df),
        source_of(source),
        {"mlflow_colspec": [_spec(label, column) for label, column in df.items()]},
        _profile(df),
        df,
        targets,
        predictions,
    )


def _spec(label: object, column: pd.Series[Any]) -> dict[str, Any]:
    return column_spec(label, column_type(column), required=not column.isna().any())


def _profile(df: pd.DataFrame) -> dict[str, Any]:
    columns = {
        str(label): _statistics(column) for label, column in islice(df.items(), MOST_COLUMNS)
    }
    return table_profile(len(df), df.shape[1], columns)


def _statistics(column: pd.Series[Any]) -> dict[str, Any]:
    present = column.dropna()
    if getattr(column.dtype, "kind", "O") not in NUMERIC:
        return {"nulls": len(column) - len(present)}
    numbers = Numbers()
    numbers.add(_as_numpy(present), nulls=len(column) - len(present))
    return numbers.to_dict()


def _as_numpy(column: pd.Series[Any]) -> np.ndarray[Any, Any]:
    """Return a column without nulls as an array of numpy's own types."""
    dtype: Any = column.dtype
    return column.to_numpy(dtype=getattr(dtype, "numpy_dtype", None))


def _digest(df: pd.DataFrame) -> str:
    digest = Digest("pandas")
    digest.value(df.shape)
    _add_index(digest, df.index)
    for label, column in df.items():
        digest.value(label)
        add_column(digest, column)
    return str(digest)


def _add_index(digest: Digest, index: pd.Index[Any]) -> None:
    import pandas as pd

    digest.value(list(index.names))
    if isinstance(index, pd.RangeIndex):
        digest.text("range", str(index.start), str(index.step))
        return
    for level in range(index.nlevels):
        add_column(digest, index.get_level_values(level).to_series())


def add_column(digest: Digest, column: pd.Series[Any]) -> None:
    """Add a column's type and values. Text is text, however pandas keeps it."""
    import pandas as pd

    dtype: Any = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        digest.text("category", str(dtype.ordered))
        digest.array(column.cat.codes.to_numpy())
        add_column(digest, dtype.categories.to_series())
    elif hasattr(column.array, "asi8"):  # times, also with a time zone, and periods
        digest.text(str(dtype))
        digest.array(column.array.asi8)
    elif getattr(dtype, "kind", "O") in NUMERIC:
        _add_numbers(digest, column)
    elif pd.api.types.infer_dtype(column, skipna=True) in {"string", "empty"}:
        _add_strings(digest, column)
    else:
        digest.array(column.to_numpy(dtype=object))


def _add_strings(digest: Digest, column: pd.Series[Any]) -> None:
    missing = column.isna().to_numpy()
    values = column.to_numpy(dtype=object, copy=True)
    values[missing] = ""
    digest.text("string")
    digest.array(missing)
    digest.strings(values.tolist())


def _add_numbers(digest: Digest, column: pd.Series[Any]) -> None:
    """Add numbers; the nullable types of pandas and Arrow keep apart which are missing."""
    dtype: Any = column.dtype
    digest.text(str(dtype))
    if not hasattr(dtype, "numpy_dtype"):
        digest.array(column.to_numpy())
        return
    missing = column.isna().to_numpy()
    digest.array(missing)
    digest.array(column.to_numpy(dtype=dtype.numpy_dtype, na_value=0))
