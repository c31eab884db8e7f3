"""Datasets of polars."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from nbtrail.data.columns import MOST_COLUMNS, Numbers, column_spec, table_profile
from nbtrail.data.dataset import Dataset, check_columns, check_kind
from nbtrail.data.digest import Digest, check_digest
from nbtrail.data.source import source_of

if TYPE_CHECKING:
    import polars as pl

# The name of a polars type → MLflow's.
_TYPES = {
    **dict.fromkeys(("Int8", "Int16", "Int32", "UInt8", "UInt16"), "integer"),
    **dict.fromkeys(("Int64", "UInt32", "UInt64"), "long"),
    **dict.fromkeys(("String", "Categorical", "Enum"), "string"),
    **dict.fromkeys(("Date", "Datetime"), "datetime"),
    "Float32": "float",
    "Float64": "double",
    "Decimal": "double",
    "Boolean": "boolean",
    "Binary": "binary",
}


@dataclass(frozen=True, repr=False, eq=False)
class PolarsDataset(Dataset):
    """A polars DataFrame; `targets` and `predictions` name columns of it."""

    df: pl.DataFrame
    targets: str | None = None
    predictions: str | None = None


def from_polars(
    df: pl.DataFrame,
    source: object = None,
    targets: str | None = None,
    name: str | None = None,
    digest: str | None = None,
    predictions: str | None = None,
) -> PolarsDataset:
    """Describe a polars DataFrame as a dataset that runs use; see `from_pandas`.

    Raises:
        InvalidValue: it is no DataFrame, has no such column, or has values that nothing hashes.
    """
    import polars as pl

    check_kind(df, pl.DataFrame, "collect() a lazy one first, to_frame() a Series")
    check_columns(df.columns, targets=targets, predictions=predictions)
    return PolarsDataset(
        name or "dataset",
        check_digest(digest) if digest is not None else _digest(df),
        source_of(source),
        {"mlflow_colspec": [_spec(column) for column in df]},
        _profile(df),
        df,
        targets,
        predictions,
    )


def _spec(column: pl.Series) -> dict[str, Any]:
    kind = _TYPES.get(str(column.dtype.base_type()), "any")
    return column_spec(column.name, kind, required=not column.null_count())


def _profile(df: pl.DataFrame) -> dict[str, Any]:
    columns = {column.name: _statistics(column) for column in islice(df, MOST_COLUMNS)}
    return table_profile(df.height, df.width, columns)


def _statistics(column: pl.Series) -> dict[str, Any]:
    if not (_has_numpy_type(column) or str(column.dtype) == "Boolean"):
        return {"nulls": column.null_count()}
    numbers = Numbers()
    numbers.add(column.drop_nulls().to_numpy(), nulls=column.null_count())
    return numbers.to_dict()


def _has_numpy_type(column: pl.Series) -> bool:
    wide = str(column.dtype).endswith("Int128")
    return (column.dtype.is_integer() and not wide) or column.dtype.is_float()


def _digest(df: pl.DataFrame) -> str:
    digest = Digest("polars")
    digest.value(df.shape)
    for column in df:
        digest.text(column.name)
        _add_column(digest, column)
    return str(digest)


def _add_column(digest: Digest, column: pl.Series) -> None:
    import polars as pl

    base = column.dtype.base_type()
    digest.text(str(column.dtype))
    if base in {pl.Categorical, pl.Enum}:
        column, base = column.cast(pl.String), pl.String
    elif column.dtype.is_temporal():
        column = column.to_physical()
    digest.array(column.is_null().to_numpy())
    if base == pl.String:
        digest.strings(column.fill_null("").to_list())
    elif _has_numpy_type(column):
        digest.array(column.fill_null(0).to_numpy())
    elif base == pl.Boolean:
        digest.array(column.fill_null(value=False).to_numpy())
    else:
        for value in column.to_list():
            digest.value(value)
