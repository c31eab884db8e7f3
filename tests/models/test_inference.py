from __future__ import annotations

import datetime as dt
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

from nbtrail.errors import InvalidValue
from nbtrail.models import ColSpec, ModelSignature, ParamSpec, Schema, TensorSpec, infer_signature
from nbtrail.models.signatures.enforcement import enforce
from nbtrail.tracking import failures

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
    narrow = {"a": np.int32(1), "b": np.array([1.5], "float32"), 3: True}
    assert infer_signature(params=narrow).params == [
        ParamSpec("a", "integer", 1),
        ParamSpec("b", "float", [1.5], (-1,)),
        ParamSpec("3", "boolean", True),
    ]


@pytest.mark.parametrize("value", [None, object(), [1, "a"], []])
def test_a_param_without_a_type_is_named(value: object) -> None:
    with pytest.raises(InvalidValue, match="'odd'"):
        infer_signature(params={"odd": value})


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({1, 2}, "a set: a set in it has no type"),
        ([1, "a"], "several types \\(long and string\\)"),
        ({"a": [1, 2.5]}, "several types \\(long and double\\)"),
        ({1: 2}, "keys are not all strings"),
        ([pd.DataFrame({"a": [1]})], "a DataFrame in it"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "the same name"),
        (pd.DataFrame([[1]], columns=[pd.Timestamp(0)]), "a Timestamp is no name"),
    ],
)
def test_what_has_no_type_is_any_as_by_mlflow(
    data: object, reason: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(failures, "_told", set())
    assert infer_signature(data).inputs == Schema([ColSpec("any")])
    assert re.search(reason, caplog.text)
    assert infer_signature({}).inputs == Schema([ColSpec("any")])


@pytest.mark.parametrize("names", [[1.5, 2.5], [("a", "b"), ("a", "c")], [0, 1]])
def test_names_of_columns_are_kept(names: list[Any]) -> None:
    frame = pd.DataFrame([[1.0, 2.0]])
    frame.columns = pd.MultiIndex.from_tuples(names) if isinstance(names[0], tuple) else names
    signature = ModelSignature.from_dict(infer_signature(frame).to_dict())
    assert signature.inputs is not None
    assert signature.inputs.input_names() == names
    assert enforce(frame[names[::-1]], signature.inputs).equals(frame)
