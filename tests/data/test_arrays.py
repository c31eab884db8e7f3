"""Datasets of numpy."""

from __future__ import annotations

import json

import numpy as np
import pytest

import nbtrail
from nbtrail.errors import InvalidValue


def test_an_array_with_targets() -> None:
    features, targets = np.arange(6.0).reshape(3, 2), np.arange(3)
    dataset = nbtrail.data.from_numpy(features, "x.npy", targets, "xy")
    assert dataset.schema is not None
    specs = {role: json.loads(text) for role, text in dataset.schema["mlflow_tensorspec"].items()}
    assert specs == {
        "features": [{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1, 2]}}],
        "targets": [{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}}],
    }
    assert dataset.profile == {
        "num_rows": 3,
        "num_elements": 9,
        "features_shape": (3, 2),
        "features_size": 6,
        "features_nbytes": 48,
        "targets_shape": (3,),
        "targets_size": 3,
        "targets_nbytes": 24,
        "columns": {
            "features.0": {"nulls": 0, "min": 0.0, "max": 4.0, "mean": 2.0},
            "features.1": {"nulls": 0, "min": 1.0, "max": 5.0, "mean": 3.0},
            "targets": {"nulls": 0, "min": 0, "max": 2, "mean": 1.0},
        },
    }
    assert dataset.features is features
    json.loads(dataset.to_json())


def test_arrays_by_name_in_any_order() -> None:
    x, y = np.arange(3), np.array(["a", "b", "c"])
    dataset = nbtrail.data.from_numpy({"x": x, "y": y})
    assert dataset.digest == nbtrail.data.from_numpy({"y": y, "x": x}).digest
    assert dataset.profile["features_shape"] == {"x": (3,), "y": (3,)}
    assert dataset.schema is not None
    specs = json.loads(dataset.schema["mlflow_tensorspec"]["features"])
    assert [(spec["name"], spec["tensor-spec"]["dtype"]) for spec in specs] == [
        ("x", "int64"),
        ("y", "str"),
    ]


def test_another_array_has_another_digest() -> None:
    base = np.arange(6)
    others = [base[::-1], base.reshape(2, 3), base.astype("f8"), base.astype("i4"), base[:5]]
    digests = {nbtrail.data.from_numpy(array).digest for array in [base, *others]}
    digests |= {nbtrail.data.from_numpy({"x": base}).digest}
    digests |= {nbtrail.data.from_numpy(base, targets=base).digest}
    assert len(digests) == 8
    assert nbtrail.data.from_numpy(base[::-1][::-1]).digest in digests


def test_odd_shapes() -> None:
    for array in (np.array(5.0), np.zeros((0, 3)), np.zeros((2, 2, 2)), np.array([object])):
        json.loads(nbtrail.data.from_numpy(array).to_json())


def test_mistakes_are_told() -> None:
    with pytest.raises(InvalidValue, match=r"features .* not a list: make it one with numpy.asarr"):
        nbtrail.data.from_numpy([1, 2])  # type: ignore[arg-type]
    with pytest.raises(InvalidValue, match="targets of a numpy dataset"):
        nbtrail.data.from_numpy(np.zeros(1), targets="y")  # type: ignore[arg-type]
