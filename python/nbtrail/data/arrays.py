"""Datasets of numpy."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nbtrail.data.columns import MOST_COLUMNS, NUMERIC, Numbers, tensor_type
from nbtrail.data.dataset import Dataset
from nbtrail.data.digest import Digest, check_digest
from nbtrail.data.source import source_of
from nbtrail.errors import InvalidValue

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

_ROWS_AT_ONCE = 4096  # which the processor's cache can hold


@dataclass(frozen=True, repr=False, eq=False)
class NumpyDataset(Dataset):
    """Arrays: one of features, or several by name, and the targets likewise."""

    features: Array | dict[str, Array]
    targets: Array | dict[str, Array] | None = None


def from_numpy(
    features: Array | dict[str, Array],
    source: object = None,
    targets: Array | dict[str, Array] | None = None,
    name: str | None = None,
    digest: str | None = None,
) -> NumpyDataset:
    """Describe arrays as a dataset that runs use.

    Args:
        features: an array, or arrays by name.
        source: where they came from: a path, a URI or a DatasetSource; else the run's code.
        targets: what is to be predicted, likewise.
        name: what to call it; else ``dataset``.
        digest: else a hash of the arrays: names, types, shapes, values and their order.

    Raises:
        InvalidValue: these are no arrays, or have values that nothing hashes.
    """
    parts = {"features": features, **({} if targets is None else {"targets": targets})}
    arrays = {role: _arrays(role, given) for role, given in parts.items()}
    return NumpyDataset(
        name or "dataset",
        check_digest(digest) if digest is not None else _digest(arrays),
        source_of(source),
        {"mlflow_tensorspec": {role: _specs(named) for role, named in arrays.items()}},
        _profile(arrays),
        features,
        targets,
    )


def _arrays(role: str, given: Any) -> dict[str | None, Array]:
    """Return arrays by name; one without a name has None."""
    import numpy as np

    named: dict[str | None, Any] = dict(given) if isinstance(given, Mapping) else {None: given}
    for array in named.values():
        if not isinstance(array, np.ndarray):
            raise InvalidValue(
                f"The {role} of a numpy dataset are an array, or a dict of arrays, not "
                f"a {type(array).__name__}: make it one with numpy.asarray(…)."
            )
    return named


def _digest(arrays: Mapping[str, Mapping[str | None, Array]]) -> str:
    digest = Digest("numpy")
    for role, named in arrays.items():
        digest.text(role)
        for name in sorted(named, key=str):
            digest.value(name)
            digest.array(named[name])
    return str(digest)


def _specs(named: Mapping[str | None, Array]) -> str:
    """Return a JSON text, as MLflow has it inside its schema."""
    return json.dumps([_spec(name, array) for name, array in named.items()])


def _spec(name: str | None, array: Array) -> dict[str, Any]:
    dtype, shape = tensor_type(array)
    label = {} if name is None else {"name": str(name)}
    return {**label, "type": "tensor", "tensor-spec": {"dtype": dtype, "shape": shape}}


def _profile(arrays: Mapping[str, Mapping[str | None, Array]]) -> dict[str, Any]:
    """Return what MLflow has, and how the numbers are."""
    first = next(iter(arrays["features"].values()), None)
    profile: dict[str, Any] = {
        "num_rows": len(first) if first is not None and first.ndim else 1,
        "num_elements": sum(array.size for named in arrays.values() for array in named.values()),
    }
    for role, named in arrays.items():
        for what, fact in (("shape", "shape"), ("size", "size"), ("nbytes", "nbytes")):
            facts = {name: getattr(array, fact) for name, array in named.items()}
            profile[f"{role}_{what}"] = facts.get(None, facts)
    profile["columns"] = {
        label: statistics
        for role, named in arrays.items()
        for name, array in named.items()
        for label, statistics in _statistics(role if name is None else name, array).items()
    }
    return profile


def _statistics(label: str, array: Array) -> dict[str, dict[str, Any]]:
    """Return statistics of each column of a table, of another array as a whole."""
    if array.dtype.kind not in NUMERIC:
        return {}
    if array.ndim != 2 or array.shape[1] > MOST_COLUMNS:
        whole = Numbers()
        whole.add(array)
        return {label: whole.to_dict()}
    columns = [Numbers() for _ in range(array.shape[1])]
    for start in range(0, len(array), _ROWS_AT_ONCE):
        part = array[start : start + _ROWS_AT_ONCE]
        for number, column in enumerate(columns):
            column.add(part[:, number])
    return {f"{label}.{number}": column.to_dict() for number, column in enumerate(columns)}
