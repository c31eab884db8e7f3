from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest

from nbtrail.errors import InvalidValue
from nbtrail.models import ColSpec, ParamSpec, Schema, TensorSpec, infer_signature

# Each expectation is what MLflow 3.17.2 infers for the same data.
COLUMNS: list[tuple[Any, str, bool]] = [
    (pd.Series([1, 2]), "long", True),
    (pd.Series([1, 2], dtype="int32"), "integer", True),
    (pd.Series([1, 2], dtype="int8"), "integer", True),
    (pd.Series([1, 2], dtype="uint16"), "integer", True),
    (pd.Series([1, 2], dtype="uint32"), "long", True),
    (pd.Series([1.0, np.nan]), "double", False),
    (pd.Series([1, 2], dtype="float32"), "float", True),
    (pd.Series([True, False]), "boolean", True),
    (pd.Series(["a", "b"]), "string", True),
    (pd.Series(["a", None]), "string", False),
    (pd.Series(["a", "b"], dtype=object), "string", True),
    (pd.Series(["a", None], dtype="string"), "string", False),
    (pd.Series(["a", "b"], dtype="category"), "string", True),
    (pd.Series([3, 4], dtype="category"), "long", True),
    (pd.Series([b"a", b"b"]), "binary", True),
    (pd.Series([1, None], dtype="Int64"), "long", False),
    (pd.Series([1.5, None], dtype="Float64"), "double", False),
    (pd.Series([True, None], dtype="boolean"), "boolean", False),
    (pd.to_datetime(pd.Series(["2020-01-01", "2020-01-02"])), "datetime", True),
    (pd.to_datetime(pd.Series(["2020-01-01"]), utc=True), "datetime", True),
    (pd.Series([dt.date(2020, 1, 1)]), "datetime", True),
    (pd.Series([1, "a"], dtype=object), "any", True),
    (pd.Series([None, None]), "any", False),
]


@pytest.mark.parametrize(("values", "kind", "required"), COLUMNS)
def test_columns(values: pd.Series[Any], kind: str, required: bool) -> None:
    inputs = infer_signature(values.to_frame("x")).inputs
    assert inputs == Schema([ColSpec(kind, "x", required)])


TENSORS: list[tuple[Any, TensorSpec]] = [
    (np.zeros((2, 3)), TensorSpec("float64", (-1, 3))),
    (np.zeros(3, "int64"), TensorSpec("int64", (-1,))),
    (np.array(["a", "bc"]), TensorSpec("str", (-1,))),
    (np.array(["a", "bc"], dtype=object), TensorSpec("object", (-1,))),
    (np.array([True]), TensorSpec("bool", (-1,))),
]


@pytest.mark.parametrize(("array", "spec"), TENSORS)
def test_arrays(array: Any, spec: TensorSpec) -> None:
    assert infer_signature(array).inputs == Schema([spec])


def test_arrays_by_name() -> None:
    signature = infer_signature({"a": np.zeros((2, 3)), "b": np.zeros(2, "float32")})
    assert signature.inputs == Schema(
        [TensorSpec("float64", (-1, 3), "a"), TensorSpec("float32", (-1,), "b")]
    )


def test_series_lists_and_number_columns() -> None:
    assert infer_signature(pd.Series([1.0])).inputs == Schema([ColSpec("double")])
    assert infer_signature(pd.Series([1], name="z")).inputs == Schema([ColSpec("long", "z")])
    assert infer_signature(["a"]).inputs == Schema([ColSpec("string")])
    numbered = infer_signature(pd.DataFrame(np.zeros((2, 2)))).inputs
    assert numbered == Schema([ColSpec("double", 0), ColSpec("double", 1)])


def test_params() -> None:
    params = {"k": 1, "name": "x", "flag": True, "grid": [0.5, 1.0], "n": np.float64(2)}
    assert infer_signature(params=params).params == [
        ParamSpec("k", "long", 1),
        ParamSpec("name", "string", "x"),
        ParamSpec("flag", "boolean", True),
        ParamSpec("grid", "double", [0.5, 1.0], (-1,)),
        ParamSpec("n", "double", 2.0),
    ]


@pytest.mark.parametrize("value", [None, object(), [1, "a"], []])
def test_a_param_without_a_type_is_named(value: object) -> None:
    with pytest.raises(InvalidValue, match="'odd'"):
        infer_signature(params={"odd": value})


def test_what_has_no_schema_is_named() -> None:
    with pytest.raises(InvalidValue, match="from a set"):
        infer_signature({1, 2})
