"""Datasets of pandas and of polars."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nbtrail
from nbtrail import entities
from nbtrail.errors import InvalidValue

FRAME = pd.DataFrame(
    {
        "whole": [1, 2, 3],
        "half": [0.5, None, 2.5],
        "text": ["x", None, "z"],
        "when": pd.to_datetime(["2026-01-01"] * 3),
        "flag": [True, False, True],
        "small": pd.Series([1, 2, 3], dtype="int32"),
        "kind": pd.Categorical(["u", "v", "u"]),
        "mixed": [[1], {"a": 2}, None],
    }
)


def test_a_frame_in_mlflows_form() -> None:
    dataset = nbtrail.data.from_pandas(FRAME, "s3://b/x.csv", "flag", "sales", predictions="half")
    form = dataset.to_dict()
    assert json.loads(dataset.to_json()) == form
    assert (form["name"], form["source"], form["source_type"]) == (
        "sales",
        '{"uri": "s3://b/x.csv"}',
        "s3",
    )
    assert form["schema"] is not None
    columns = json.loads(form["schema"])["mlflow_colspec"]
    assert [(c["name"], c["type"], c["required"]) for c in columns] == [
        ("whole", "long", True),
        ("half", "double", False),
        ("text", "string", False),
        ("when", "datetime", True),
        ("flag", "boolean", True),
        ("small", "integer", True),
        ("kind", "string", True),
        ("mixed", "any", False),
    ]
    assert (dataset.targets, dataset.predictions, dataset.df is FRAME) == ("flag", "half", True)
    assert repr(dataset) == f"<PandasDataset 'sales', digest {dataset.digest}>"


def test_a_profile() -> None:
    profile = nbtrail.data.from_pandas(FRAME).profile
    assert (profile["num_rows"], profile["num_elements"]) == (3, 24)
    assert profile["columns"]["whole"] == {"nulls": 0, "min": 1, "max": 3, "mean": 2.0}
    assert profile["columns"]["half"] == {"nulls": 1, "min": 0.5, "max": 2.5, "mean": 1.5}
    assert profile["columns"]["flag"] == {"nulls": 0, "min": 0, "max": 1, "mean": 2 / 3}
    assert profile["columns"]["text"] == {"nulls": 1}


def test_a_profile_of_odd_numbers_is_json() -> None:
    odd = {"inf": [np.inf, -np.inf], "nan": [np.nan, np.nan], "huge": [2**63 - 1, -(2**63)]}
    entity = nbtrail.data.from_pandas(pd.DataFrame(odd)).to_entity()
    assert entity.profile is not None
    columns = json.loads(entity.profile, parse_constant=pytest.fail)["columns"]
    assert columns["inf"] == {"nulls": 0, "min": "-Infinity", "max": "Infinity", "mean": "NaN"}
    assert columns["nan"] == {"nulls": 2, "min": None, "max": None, "mean": None}
    assert (columns["huge"]["min"], columns["huge"]["max"]) == (-(2**63), 2**63 - 1)


def test_a_very_wide_frame_stays_storable() -> None:
    wide = pd.DataFrame(np.zeros((1, 1100)), columns=[f"{i:01000}" for i in range(1100)])
    entity = nbtrail.data.from_pandas(wide).to_entity()
    assert entity.schema is None
    assert entity.profile is not None
    profile = json.loads(entity.profile)
    assert (len(profile["columns"]), profile["columns_left_out"]) == (1000, 100)


def test_the_record_that_is_stored() -> None:
    dataset = nbtrail.data.from_pandas(FRAME, name="sales", digest="v1")
    form = dataset.to_dict()
    assert dataset.to_entity() == entities.Dataset(
        "sales", "v1", "code", '{"tags": {}}', form["schema"], form["profile"]
    )


def changed(**columns: Any) -> pd.DataFrame:
    return FRAME.assign(**columns)


@pytest.mark.parametrize(
    "other",
    [
        FRAME.iloc[::-1],
        FRAME.iloc[:2],
        FRAME[FRAME.columns[::-1]],
        FRAME.rename(columns={"whole": "Whole"}),
        FRAME.set_index("whole"),
        FRAME.set_axis([5, 6, 7]),
        changed(whole=[1, 2, 4]),
        changed(whole=[1.0, 2.0, 3.0]),
        changed(whole=pd.array([1, 2, None], dtype="Int64")),
        changed(half=[0.5, 0.0, 2.5]),
        changed(text=["x", "", "z"]),
        changed(text=["x", None, "Z"]),
        changed(when=pd.to_datetime(["2026-01-02"] * 3)),
        changed(when=pd.to_datetime(["2026-01-01"] * 3, utc=True)),
        changed(flag=[True, True, True]),
        changed(kind=pd.Categorical(["u", "v", "v"])),
        changed(kind=pd.Categorical(["u", "v", "u"], ordered=True)),
        changed(mixed=[[1], {"a": 3}, None]),
    ],
)
def test_another_frame_has_another_digest(other: pd.DataFrame) -> None:
    assert nbtrail.data.from_pandas(other).digest != nbtrail.data.from_pandas(FRAME).digest


def test_the_same_content_has_the_same_digest() -> None:
    expected = nbtrail.data.from_pandas(FRAME).digest
    assert len(expected) == 32
    same = [
        FRAME.copy(),
        changed(text=FRAME["text"].astype(object)),
        changed(text=FRAME["text"].astype("string")),
        pd.concat([FRAME.iloc[:1], FRAME.iloc[1:]]).reset_index(drop=True),
    ]
    assert {nbtrail.data.from_pandas(frame).digest for frame in same} == {expected}
    frame = pd.DataFrame({"a": [1, 2]}, index=pd.MultiIndex.from_tuples([(1, "x"), (2, "y")]))
    twice = {nbtrail.data.from_pandas(frame.copy()).digest for _ in range(2)}
    assert len(twice) == 1


@settings(max_examples=40, deadline=None)
@given(st.lists(st.one_of(st.none(), st.text(), st.integers(), st.floats(), st.booleans())))
def test_any_column_can_be_described(values: list[Any]) -> None:
    frame = pd.DataFrame({"x": pd.Series(values, dtype=object)})
    dataset = nbtrail.data.from_pandas(frame)
    assert dataset.digest == nbtrail.data.from_pandas(frame.copy()).digest
    json.loads(dataset.to_json())


@pytest.mark.parametrize(
    "column",
    [
        pd.period_range("2026", periods=2, freq="M"),
        pd.interval_range(0, 2),
        pd.arrays.SparseArray([0, 1]),
        pd.array([True, None], dtype="boolean"),
        pd.to_timedelta(["1s", "2s"]),
        np.array([1j, 2]),
        pd.array([1.5, None], dtype="double[pyarrow]"),
        pd.Categorical([1, 2]),
    ],
)
def test_the_other_types_of_pandas(column: Any) -> None:
    frame, turned = pd.DataFrame({"x": column}), pd.DataFrame({"x": column[::-1]})
    first, second = nbtrail.data.from_pandas(frame), nbtrail.data.from_pandas(turned)
    assert first.digest != second.digest
    assert first.digest == nbtrail.data.from_pandas(frame.copy()).digest


def test_columns_of_one_name() -> None:
    frame = pd.DataFrame([[1, 2], [3, 4]], columns=["x", "x"])
    assert nbtrail.data.from_pandas(frame).profile["num_elements"] == 4


def test_mistakes_are_told() -> None:
    with pytest.raises(InvalidValue, match=r"no column 'flags' for targets. Did you mean 'flag'"):
        nbtrail.data.from_pandas(FRAME, targets="flags")
    with pytest.raises(InvalidValue, match="no column 'x' for predictions"):
        nbtrail.data.from_pandas(FRAME, predictions="x")
    with pytest.raises(InvalidValue, match=r"A Series is no DataFrame: make it one, with to_frame"):
        nbtrail.data.from_pandas(FRAME["whole"])  # type: ignore[arg-type]
    with pytest.raises(InvalidValue, match=r"A LazyFrame is no DataFrame: collect\(\) a lazy one"):
        nbtrail.data.from_polars(pl.DataFrame({"a": [1]}).lazy())  # type: ignore[arg-type]
    with pytest.raises(InvalidValue, match="no column 'b' for targets"):
        nbtrail.data.from_polars(pl.DataFrame({"a": [1]}), targets="b")


POLARS = pl.DataFrame(
    {
        "whole": [1, None, 3],
        "half": [0.5, float("nan"), None],
        "text": ["x", None, "z"],
        "flag": [True, None, False],
        "list": [[1], [2, 3], None],
    }
).with_columns(
    kind=pl.col("text").cast(pl.Categorical),
    when=pl.lit(1).cast(pl.Date),
    small=pl.col("whole").cast(pl.Int8),
    both=pl.struct("whole", "text"),
)


def test_a_polars_frame() -> None:
    dataset = nbtrail.data.from_polars(POLARS, "x.parquet", targets="flag", name="p")
    assert dataset.schema is not None
    types = {c["name"]: c["type"] for c in dataset.schema["mlflow_colspec"]}
    assert types == {
        "whole": "long",
        "half": "double",
        "text": "string",
        "flag": "boolean",
        "list": "any",
        "kind": "string",
        "when": "datetime",
        "small": "integer",
        "both": "any",
    }
    assert dataset.profile["columns"]["whole"] == {"nulls": 1, "min": 1, "max": 3, "mean": 2.0}
    assert dataset.profile["columns"]["half"] == {"nulls": 2, "min": 0.5, "max": 0.5, "mean": 0.5}
    assert dataset.digest == nbtrail.data.from_polars(POLARS.clone()).digest


@pytest.mark.parametrize(
    "other",
    [
        POLARS.reverse(),
        POLARS.head(2),
        POLARS.rename({"whole": "w"}),
        POLARS.with_columns(whole=pl.Series([1, 0, 3])),
        POLARS.with_columns(whole=pl.col("whole").cast(pl.Int32)),
        POLARS.with_columns(text=pl.Series(["x", "", "z"])),
        POLARS.with_columns(flag=pl.Series([True, False, False])),
        POLARS.with_columns(list=pl.Series([[1], [2, 4], None])),
        POLARS.with_columns(when=pl.lit(2).cast(pl.Date)),
    ],
)
def test_another_polars_frame_has_another_digest(other: pl.DataFrame) -> None:
    assert nbtrail.data.from_polars(other).digest != nbtrail.data.from_polars(POLARS).digest
