"""Nested values: their types are MLflow's, and what does not fit is named by its place."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse

from nbtrail.errors import InvalidValue
from nbtrail.models import infer_signature
from nbtrail.models.signatures.enforcement import enforce
from nbtrail.models.signatures.inference import infer_schema

ROWS = [{"text": "a", "ids": ["1"], "about": {"k": 1}}, {"text": "b", "ids": [], "about": {"j": 2}}]

# As MLflow 3.17.2 infers and writes them.
WRITTEN: list[tuple[Any, str]] = [
    (
        ROWS,
        '[{"type": "string", "name": "text", "required": true}, '
        '{"type": "array", "items": {"type": "string"}, "name": "ids", "required": true}, '
        '{"type": "object", "properties": {"j": {"type": "long", "required": false}, '
        '"k": {"type": "long", "required": false}}, "name": "about", "required": true}]',
    ),
    (["a", "b"], '[{"type": "string", "required": true}]'),
    (1.5, '[{"type": "double", "required": true}]'),
    ([["a"], ["b", "c"]], '[{"type": "array", "items": {"type": "string"}, "required": true}]'),
    (
        scipy.sparse.csr_matrix(np.eye(2)),
        '[{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1, 2]}}]',
    ),
    (
        pd.DataFrame({"n": [np.array([1.0]), None]}),
        '[{"type": "array", "items": {"type": "double"}, "name": "n", "required": false}]',
    ),
    (
        {"a": None, "b": [1]},
        '[{"type": "any", "name": "a", "required": false}, '
        '{"type": "array", "items": {"type": "long"}, "name": "b", "required": true}]',
    ),
]


@pytest.mark.parametrize(("data", "written"), WRITTEN)
def test_as_mlflow_writes_it(data: Any, written: str) -> None:
    inputs = infer_signature(data).to_dict()["inputs"]
    assert inputs is not None
    assert inputs == written or json.loads(inputs) == json.loads(written)


def test_tables_of_polars_are_as_those_of_pandas() -> None:
    frame = pl.DataFrame({"a": [1, None], "b": ["x", "y"], "c": [1.5, 2.5], "d": [True, False]})
    schema = infer_schema(frame)
    kinds = [(column.type, column.required) for column in schema.columns]
    assert kinds == [("long", False), ("string", True), ("double", True), ("boolean", True)]
    assert list(enforce(frame, schema).columns) == ["a", "b", "c", "d"]


def test_what_fits_comes_through() -> None:
    frame = enforce(ROWS, infer_schema(ROWS))
    assert frame["ids"].tolist() == [["1"], []]
    assert enforce([["x"]], infer_schema([["a"], ["b"]]))[0].tolist() == [["x"]]
    matrix = scipy.sparse.csr_matrix(np.eye(2))
    assert enforce(matrix, infer_schema(matrix)) is matrix


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"ids": [1]}, r"row 0 of column 'ids', '\[0\]' must be string, and it is int"),
        ({"ids": "secret"}, "column 'ids', the value must be an array, and it is str"),
        ({"about": {"k": "secret"}}, "column 'about', 'k' must be long, and it is str"),
        ({"about": 1}, "column 'about', the value must be an object, and it is int"),
    ],
)
def test_what_does_not_fit_is_named_and_no_value(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidValue, match=said) as caught:
        enforce([ROWS[0] | changes], infer_schema(ROWS))
    assert "secret" not in str(caught.value)


def test_a_missing_part_is_named() -> None:
    schema = infer_schema([{"about": {"k": 1}}])
    with pytest.raises(InvalidValue, match="'k' is missing"):
        enforce([{"about": {"j": 1}}], schema)


def test_a_sparse_matrix_of_another_width() -> None:
    schema = infer_schema(scipy.sparse.csr_matrix(np.eye(2)))
    with pytest.raises(InvalidValue, match=r"of shape \(-1, 2\), and it is float64 of .*3"):
        enforce(scipy.sparse.csr_matrix(np.eye(3)), schema)
