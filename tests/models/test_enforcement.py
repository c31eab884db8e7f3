from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest

from nbtrail.errors import InvalidValue
from nbtrail.models import ColSpec, ParamSpec, Schema, TensorSpec
from nbtrail.models.signatures.enforcement import enforce, enforce_params

WINE = Schema([ColSpec("double", "alcohol"), ColSpec("long", "year"), ColSpec("string", "note")])


def wines(**columns: Any) -> pd.DataFrame:
    given = {"alcohol": [12.5, 13.0], "year": [2019, 2020], "note": ["dry", "sweet"]}
    return pd.DataFrame(given | columns)


def test_data_that_fits_is_not_copied() -> None:
    frame = wines()
    assert enforce(frame, WINE) is frame


def test_columns_come_in_order_and_without_the_unknown() -> None:
    frame = wines(extra=[1, 2])[["extra", "note", "year", "alcohol"]]
    assert list(enforce(frame, WINE).columns) == ["alcohol", "year", "note"]


def test_a_missing_column_is_named_with_the_closest() -> None:
    with pytest.raises(InvalidValue, match=r"Column 'alcohol' is missing.* Did you mean 'alcool'"):
        enforce(wines().rename(columns={"alcohol": "alcool"}), WINE)
    with pytest.raises(InvalidValue, match="Columns 'alcohol', 'year' are missing"):
        enforce(wines()[["note"]], WINE)


def test_an_optional_column_may_be_missing() -> None:
    schema = Schema([*WINE.columns, ColSpec("double", "price", required=False)])
    assert list(enforce(wines(), schema).columns) == ["alcohol", "year", "note"]


@pytest.mark.parametrize(
    ("column", "values", "said"),
    [
        ("alcohol", ["12", "13"], "'alcohol' must be double, and it is str"),
        ("alcohol", [2**60 + 1, 1], "'alcohol' must be double, and it is int64"),
        ("alcohol", [True, False], "'alcohol' must be double, and it is bool"),
        ("year", [1.5, 2.0], "'year' must be long, and it is float64"),
        ("year", [np.nan, 2.0], "'year' must be long, and it is float64 with missing values"),
        ("note", [1, 2], "'note' must be string, and it is int64"),
    ],
)
def test_a_wrong_type_is_named_and_no_value(column: str, values: list[Any], said: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        enforce(wines(**{column: values}), WINE)
    assert said in str(caught.value)
    assert "12" not in str(caught.value)


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("alcohol", [12, 13]),
        ("alcohol", pd.Series([12, 13], dtype="Int64")),
        ("alcohol", pd.Series([12, 13.5], dtype=object)),
        ("alcohol", [None, None]),
        ("year", [2019.0, 2020.0]),
        ("year", np.array([19, 20], dtype="int8")),
        ("note", pd.Categorical(["dry", "sweet"])),
    ],
)
def test_a_type_changes_where_nothing_is_lost(column: str, values: Any) -> None:
    frame = enforce(wines(**{column: values}), WINE)
    if column != "note":
        assert frame[column].dtype == ("float64" if column == "alcohol" else "int64")
    assert frame[column].isna().all() or list(frame[column]) == list(values)


def test_an_optional_int_keeps_its_missing_values() -> None:
    schema = Schema([ColSpec("long", "n", required=False)])
    assert enforce(pd.DataFrame({"n": [1.0, None]}), schema)["n"].isna().tolist() == [False, True]


def test_dates() -> None:
    schema = Schema([ColSpec("datetime", "day")])
    enforce(pd.DataFrame({"day": pd.to_datetime(["2020-01-01"])}), schema)
    enforce(pd.DataFrame({"day": [dt.date(2020, 1, 1)]}), schema)
    with pytest.raises(InvalidValue, match="'day' must be datetime"):
        enforce(pd.DataFrame({"day": ["2020-01-01"]}), schema)


def test_a_dict_of_scalars_is_a_row() -> None:
    frame = enforce({"alcohol": 12.5, "year": 2020, "note": "dry"}, WINE)
    assert len(frame) == 1


def test_columns_without_names_go_by_position() -> None:
    schema = Schema([ColSpec("double"), ColSpec("double")])
    assert enforce([[1, 2, 3]], schema).shape == (1, 2)
    with pytest.raises(InvalidValue, match="takes 2 columns, and these are 1"):
        enforce([[1]], schema)


def test_repeated_names_and_no_table() -> None:
    with pytest.raises(InvalidValue, match="more than one column"):
        enforce(pd.DataFrame([[1, 2]], columns=["a", "a"]), WINE)
    with pytest.raises(InvalidValue, match="cannot be read as one"):
        enforce(object(), WINE)


ARRAY = Schema([TensorSpec("float64", (-1, 2))])


def test_arrays_of_the_right_shape() -> None:
    for data in ([[1, 2]], np.ones((3, 2), "float32"), pd.DataFrame({"a": [1], "b": [2]})):
        assert enforce(data, ARRAY).dtype == "float64"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (np.ones((3, 3)), r"of shape \(-1, 2\), and it is \(3, 3\)"),
        (np.ones(2), r"of shape \(-1, 2\), and it is \(2,\)"),
        (np.array([["a", "b"]]), "of dtype float64, and it is <U1"),
    ],
)
def test_arrays_of_the_wrong_one(data: Any, said: str) -> None:
    with pytest.raises(InvalidValue, match=said):
        enforce(data, ARRAY)


def test_arrays_by_name() -> None:
    schema = Schema([TensorSpec("float64", (-1,), "a"), TensorSpec("int64", (-1,), "b")])
    given = {"a": np.ones(2), "b": np.array([1, 2]), "c": 3}
    assert list(enforce(given, schema)) == ["a", "b"]
    with pytest.raises(InvalidValue, match="Array 'b' is missing"):
        enforce({"a": np.ones(2)}, schema)
    with pytest.raises(InvalidValue, match="arrays by name: 'a', 'b'"):
        enforce(np.ones(2), schema)


PARAMS = [ParamSpec("k", "long", 3), ParamSpec("grid", "double", [0.1], (-1,))]


def test_params_have_defaults_and_unknown_ones_are_left_out() -> None:
    assert enforce_params(None, None) == {}
    assert enforce_params({"x": 1}, None) == {}
    assert enforce_params({"k": 5, "x": 1}, PARAMS) == {"k": 5, "grid": [0.1]}


@pytest.mark.parametrize("wrong", [{"k": "5"}, {"k": True}, {"k": [1]}, {"grid": 1.0}])
def test_a_param_of_a_wrong_type_is_named(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidValue, match=f"param '{next(iter(wrong))}' must be"):
        enforce_params(wrong, PARAMS)
