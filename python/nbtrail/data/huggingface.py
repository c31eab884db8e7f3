"""Datasets of Hugging Face's `datasets`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nbtrail.data.columns import MOST_COLUMNS, Numbers, column_spec, table_profile
from nbtrail.data.dataset import Dataset, check_columns, check_kind
from nbtrail.data.digest import Digest, check_digest
from nbtrail.data.source import DatasetSource, source_of

if TYPE_CHECKING:
    import datasets
    import pyarrow as pa

_ROWS_AT_ONCE = 10_000
# The name of an Arrow type → MLflow's.
_TYPES = {
    **dict.fromkeys(("int8", "int16", "int32", "uint8", "uint16"), "integer"),
    **dict.fromkeys(("int64", "uint32", "uint64"), "long"),
    **dict.fromkeys(("halffloat", "float"), "float"),
    **dict.fromkeys(("string", "large_string"), "string"),
    **dict.fromkeys(("binary", "large_binary"), "binary"),
    "double": "double",
    "bool": "boolean",
}


@dataclass(frozen=True, repr=False, eq=False)
class HuggingFaceDataset(Dataset):
    """One split; `targets` names a column of it."""

    ds: datasets.Dataset
    targets: str | None = None


def from_huggingface(
    ds: datasets.Dataset,
    path: str | None = None,
    targets: str | None = None,
    data_dir: str | None = None,
    data_files: str | Sequence[str] | Mapping[str, str | Sequence[str]] | None = None,
    revision: str | None = None,
    name: str | None = None,
    digest: str | None = None,
    *,
    trust_remote_code: bool | None = None,
    source: object = None,
) -> HuggingFaceDataset:
    """Describe one split of a Hugging Face dataset as a dataset that runs use.

    Args:
        ds: the split; it is read once, in batches, for its digest and its profile.
        path: what `datasets.load_dataset` was given to load it.
        targets: the column to be predicted.
        data_dir: given to `load_dataset`, too.
        data_files: given to `load_dataset`, too.
        revision: given to `load_dataset`, too.
        name: what to call it; else ``dataset``.
        digest: else a hash of the rows: names, types, values and their order.
        trust_remote_code: given to `load_dataset`, too.
        source: where it came from, instead of `path`.

    Raises:
        InvalidValue: it is no split that can be read twice, or has no such column.
    """
    import datasets

    check_kind(ds, datasets.Dataset, "give one split (ds['train']), not a dict or a stream of them")
    check_columns(ds.column_names, targets=targets)
    if path is not None and source is None:
        source = _hub_source(ds, path, data_dir, data_files, revision, trust_remote_code)
    content, profile = _read(ds, with_digest=digest is None)
    return HuggingFaceDataset(
        name or "dataset",
        content if digest is None else check_digest(digest),
        source_of(source),
        {"mlflow_colspec": [_spec(ds, column) for column in ds.column_names]},
        profile,
        ds,
        targets,
    )


def _hub_source(
    ds: datasets.Dataset,
    path: str,
    data_dir: str | None,
    data_files: Any,
    revision: str | None,
    trust_remote_code: bool | None,
) -> DatasetSource:
    fields = {
        "path": path,
        "config_name": ds.config_name,
        "data_dir": data_dir,
        "data_files": data_files,
        "split": None if ds.split is None else str(ds.split),
        "revision": revision,
        "trust_remote_code": trust_remote_code,
    }
    return DatasetSource("hugging_face", fields)


def _spec(ds: datasets.Dataset, column: str) -> dict[str, Any]:
    arrow = ds.data.schema.field(column).type
    nulls = ds.data.column(column).null_count
    return column_spec(column, _mlflow_type(arrow), required=not nulls)


def _mlflow_type(arrow: pa.DataType) -> str:
    import pyarrow as pa

    is_time = pa.types.is_timestamp(arrow) or pa.types.is_date(arrow)
    return "datetime" if is_time else _TYPES.get(str(arrow), "any")


def _read(ds: datasets.Dataset, *, with_digest: bool) -> tuple[str, dict[str, Any]]:
    """Return the digest and the profile, after one reading of the rows as they are ordered."""
    names = list(ds.column_names)
    digest = Digest("huggingface")
    digest.value([len(ds), {name: str(ds.features[name]) for name in names}])
    columns = {name: _Column() for name in names[:MOST_COLUMNS]}
    for batch in ds.with_format("arrow").iter(batch_size=_ROWS_AT_ONCE):
        for name in names:
            part = batch.column(name)
            if name in columns:
                columns[name].add(part)
            if with_digest:
                _add(digest, part)
    statistics = {name: column.to_dict() for name, column in columns.items()}
    profile = table_profile(len(ds), len(names), statistics)
    sizes = {"dataset_size": ds.dataset_size, "size_in_bytes": ds.size_in_bytes}
    return str(digest), profile | sizes


class _Column:
    """Statistics of a column that comes in batches."""

    def __init__(self) -> None:
        self._numbers: Numbers | None = None
        self._nulls = 0

    def add(self, part: pa.ChunkedArray) -> None:
        self._nulls += part.null_count
        if _is_number(part.type):
            self._numbers = self._numbers or Numbers()
            self._numbers.add(part.drop_null().to_numpy(), nulls=part.null_count)

    def to_dict(self) -> dict[str, Any]:
        return self._numbers.to_dict() if self._numbers else {"nulls": self._nulls}


def _is_number(arrow: pa.DataType) -> bool:
    import pyarrow as pa

    tests = (pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean)
    return any(test(arrow) for test in tests)


def _add(digest: Digest, part: pa.ChunkedArray) -> None:
    import pyarrow as pa

    if _is_number(part.type) and not part.null_count:
        digest.array(part.to_numpy())
        return
    values = part.to_pylist()
    if pa.types.is_string(part.type) or pa.types.is_large_string(part.type):
        digest.array(part.is_null().to_numpy())
        digest.strings([value or "" for value in values])
        return
    for value in values:
        digest.value(value)
