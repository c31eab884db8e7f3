from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from nbtrail.errors import BadRequest, InvalidValue, UnsupportedMediaType
from nbtrail.models import ColSpec, Schema, TensorSpec
from nbtrail.serving.scoring.protocol import answer, parse

TABLE = Schema([ColSpec("double", "a"), ColSpec("string", "b")])
ARRAY = Schema([TensorSpec("float32", (-1, 2))])
ARRAYS = Schema([TensorSpec("float64", (-1,), "x"), TensorSpec("int64", (-1,), "y")])
FRAME = pd.DataFrame({"a": [1.5, 2.5], "b": ["u", "v"]})
ROWS = [{"a": 1.5, "b": "u"}, {"a": 2.5, "b": "v"}]


def read(content: Any, schema: Schema | None = TABLE, content_type: str | None = None) -> Any:
    return parse(json.dumps(content).encode(), content_type, schema).data


@pytest.mark.parametrize(
    "content",
    [
        {"dataframe_split": {"columns": ["a", "b"], "data": [[1.5, "u"], [2.5, "v"]]}},
        {
            "dataframe_split": {
                "columns": ["a", "b"],
                "index": [0, 1],
                "data": FRAME.values.tolist(),
            }
        },
        {"dataframe_records": ROWS},
        {"instances": ROWS},
        {"inputs": ROWS},
        {"inputs": {"a": [1.5, 2.5], "b": ["u", "v"]}},
        {"instances": {"a": [1.5, 2.5], "b": ["u", "v"]}},
    ],
)
@pytest.mark.parametrize("schema", [TABLE, None])
def test_every_way_to_send_a_table(content: Any, schema: Schema | None) -> None:
    assert_frame_equal(read(content, schema), FRAME)


def test_a_row_as_an_object_of_scalars() -> None:
    assert_frame_equal(read({"inputs": ROWS[0]}), FRAME.head(1))


def test_one_column_as_a_list() -> None:
    single = Schema([ColSpec("double", "a")])
    assert_frame_equal(read({"instances": [1.5, 2.5]}, single), FRAME[["a"]])


@pytest.mark.parametrize("field", ["instances", "inputs"])
def test_an_array_is_of_the_type_that_the_model_takes(field: str) -> None:
    data = read({field: [[1, 2], [3, 4]]}, ARRAY)
    assert data.dtype == "float32"
    assert data.tolist() == [[1, 2], [3, 4]]
    assert read({field: [[1, 2]]}, None).dtype == "int64"


@pytest.mark.parametrize(
    "content",
    [{"inputs": {"x": [1, 2], "y": [3, 4]}}, {"instances": [{"x": 1, "y": 3}, {"x": 2, "y": 4}]}],
)
def test_arrays_by_name(content: Any) -> None:
    data = read(content, ARRAYS)
    assert {name: array.dtype for name, array in data.items()} == {"x": "float64", "y": "int64"}
    assert {name: array.tolist() for name, array in data.items()} == {"x": [1, 2], "y": [3, 4]}


def test_params_come_along() -> None:
    body = b'{"inputs": [1], "params": {"k": 2}}'
    assert parse(body, "application/json; charset=UTF-8", None).params == {"k": 2}


def test_csv() -> None:
    assert_frame_equal(parse(b"a,b\n1.5,u\n2.5,v\n", "text/csv", TABLE).data, FRAME)
    numbers = parse(b"a,b\n1,007\n", "text/csv; charset=utf-8", TABLE).data
    assert numbers["b"].tolist() == ["007"]


def test_what_json_cannot_say_is_read_by_the_signature() -> None:
    kinds = {"day": "datetime", "raw": "binary", "short": "float"}
    schema = Schema([ColSpec(kind, name) for name, kind in kinds.items()])
    row = {"day": "2020-01-02T03:04:05", "raw": "aGk=", "short": 0.1}
    frame = read({"dataframe_records": [row]}, schema)
    assert frame["day"][0] == pd.Timestamp("2020-01-02T03:04:05")
    assert frame["raw"][0] == b"hi"
    assert frame["short"].dtype == "float32"


SECRET = "secret-4711"


@pytest.mark.parametrize(
    ("body", "content_type", "schema"),
    [
        ("", None, TABLE),
        ("{", None, TABLE),
        (f'{{"inputs": NaN, "x": "{SECRET}"}}', None, TABLE),
        ("\xff", None, TABLE),
        ("[" * 100_000, None, TABLE),
        ('{"inputs": ' * 100_000, None, TABLE),
        (f'["{SECRET}"]', None, TABLE),
        (f'"{SECRET}"', None, TABLE),
        ("{}", None, TABLE),
        (f'{{"{SECRET}": 1}}', None, TABLE),
        (f'{{"inputs": ["{SECRET}"], "instances": []}}', None, TABLE),
        (f'{{"inputs": [], "params": "{SECRET}"}}', None, TABLE),
        (f'{{"dataframe_split": ["{SECRET}"]}}', None, TABLE),
        (f'{{"dataframe_split": {{"data": [], "{SECRET}": 1}}}}', None, TABLE),
        (f'{{"dataframe_split": {{"columns": ["a"], "data": [["{SECRET}", 2]]}}}}', None, TABLE),
        (f'{{"dataframe_split": {{"columns": "{SECRET}", "data": [[1]]}}}}', None, TABLE),
        (f'{{"dataframe_split": {{"data": "{SECRET}"}}}}', None, TABLE),
        (f'{{"dataframe_split": {{"data": [[1]], "index": "{SECRET}"}}}}', None, TABLE),
        (f'{{"dataframe_split": {{"data": [[1]], "columns": [{{"{SECRET}": 1}}]}}}}', None, TABLE),
        (f'{{"dataframe_records": {{"a": "{SECRET}"}}}}', None, TABLE),
        (f'{{"dataframe_records": ["{SECRET}"]}}', None, TABLE),
        (f'{{"instances": "{SECRET}"}}', None, TABLE),
        (f'{{"inputs": "{SECRET}"}}', None, TABLE),
        (f'{{"inputs": {{"a": [1, 2], "b": ["{SECRET}"]}}}}', None, TABLE),
        (f'{{"inputs": [["{SECRET}", "x"]]}}', None, ARRAY),
        ('{"inputs": [[1, 2], [3]]}', None, ARRAY),
        (f'{{"inputs": {{"x": "{SECRET}"}}}}', None, ARRAYS),
        ('{"inputs": [1]}', None, ARRAYS),
        ('{"instances": [{"x": 1}, {"y": 2}]}', None, ARRAYS),
        ("", "text/csv", TABLE),
        (f'a,b\n1,2\n1,2,3,"{SECRET}', "text/csv", TABLE),
        ("a\n\xff", "text/csv", TABLE),
        (
            f'{{"dataframe_records": [{{"d": "{SECRET}"}}]}}',
            None,
            Schema([ColSpec("datetime", "d")]),
        ),
        (f'{{"dataframe_records": [{{"d": "{SECRET}"}}]}}', None, Schema([ColSpec("binary", "d")])),
    ],
)
def test_a_bad_body_is_refused_without_repeating_it(
    body: str, content_type: str | None, schema: Schema
) -> None:
    with pytest.raises(InvalidValue) as caught:
        parse(body.encode("latin-1"), content_type, schema)
    assert caught.value.http_status == 400
    assert SECRET not in str(caught.value)


def test_the_fields_that_clash_are_named() -> None:
    with pytest.raises(BadRequest, match="has instances and inputs"):
        read({"instances": [], "inputs": []})
    with pytest.raises(BadRequest, match="has none of them"):
        read({"data": []})


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/xml", "application/json; charset=latin-1", "text/csv; header=1"],
)
def test_another_content_type(content_type: str) -> None:
    with pytest.raises(UnsupportedMediaType) as caught:
        parse(b"{}", content_type, None)
    assert caught.value.http_status == 415


@pytest.mark.parametrize(
    ("predictions", "written"),
    [
        (np.array([1, 2]), [1, 2]),
        (np.array([[0.5, np.nan]]), [[0.5, None]]),
        (np.array(["a"], dtype=object), ["a"]),
        (FRAME, ROWS),
        (pd.Series([1.5, 2.5], name="a"), [{"a": 1.5}, {"a": 2.5}]),
        (
            [np.float32(0.5), np.int64(2), pd.Timestamp("2020-01-01")],
            [0.5, 2, "2020-01-01T00:00:00"],
        ),
        ({"label": np.array([True])}, {"label": [True]}),
        (pd.DataFrame({"n": pd.array([1, None], dtype="Int64")}), [{"n": 1}, {"n": None}]),
        ("text", "text"),
    ],
)
def test_predictions(predictions: Any, written: Any) -> None:
    assert json.loads(answer(predictions)) == {"predictions": written}


def test_predictions_without_a_json_form() -> None:
    with pytest.raises(TypeError, match="a generator has no JSON form"):
        answer(_ for _ in ())


def test_numbers_beside_texts_stay_numbers() -> None:
    assert read({"inputs": [1, "a", 2.5]}, None).tolist() == [1, "a", 2.5]
    assert read({"inputs": ["1", "a"]}, None).dtype.kind == "U"


@pytest.mark.parametrize("names", [[1.5, 2], [("a", "b"), ("a", "c")]])
def test_columns_whose_names_are_no_texts(names: list[Any]) -> None:
    schema = Schema([ColSpec("double", name) for name in names])
    split = {"columns": names, "data": [[1, 2]]}
    assert list(read({"dataframe_split": split}, schema).columns) == names
    records = [{str(name): 1 for name in names}]
    assert list(read({"dataframe_records": records}, schema).columns) == names
    assert list(read({"inputs": records}, schema).columns) == names
