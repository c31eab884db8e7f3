"""Datasets of Hugging Face, read in batches."""

from __future__ import annotations

import json
from typing import Any

import datasets
import pytest

import nbtrail
from nbtrail.errors import InvalidValue

COLUMNS: dict[str, list[Any]] = {
    "whole": [1, None, 3],
    "half": [0.5, float("nan"), None],
    "text": ["x", None, "z"],
    "flag": [True, False, True],
    "list": [[1], [2, 3], None],
}


def split(**changes: list[Any]) -> datasets.Dataset:
    return datasets.Dataset.from_dict({**COLUMNS, **changes})


def test_a_split() -> None:
    dataset = nbtrail.data.from_huggingface(split(), "me/data", "flag", revision="v1", name="hf")
    assert dataset.source_type == "hugging_face"
    assert dataset.source.to_dict() == {
        "path": "me/data",
        "config_name": None,
        "data_dir": None,
        "data_files": None,
        "split": None,
        "revision": "v1",
        "trust_remote_code": None,
    }
    assert dataset.schema is not None
    columns = [(c["name"], c["type"], c["required"]) for c in dataset.schema["mlflow_colspec"]]
    assert columns == [
        ("whole", "long", False),
        ("half", "double", False),
        ("text", "string", False),
        ("flag", "boolean", True),
        ("list", "any", False),
    ]
    assert dataset.profile["num_rows"] == 3
    assert dataset.profile["columns"]["whole"] == {"nulls": 1, "min": 1, "max": 3, "mean": 2.0}
    assert dataset.profile["columns"]["flag"] == {"nulls": 0, "min": 0, "max": 1, "mean": 2 / 3}
    assert dataset.profile["columns"]["text"] == {"nulls": 1}
    json.loads(dataset.to_json())


def test_the_digest_is_of_the_rows_as_they_are() -> None:
    digest = nbtrail.data.from_huggingface(split()).digest
    turned = split().select([2, 1, 0])
    others = [
        turned,
        split(whole=[1, 0, 3]),
        split(text=["x", "", "z"]),
        split(list=[[1], [2], None]),
    ]
    assert digest not in {nbtrail.data.from_huggingface(other).digest for other in others}
    again = [split(), turned.select([2, 1, 0]), split().with_format("numpy")]
    assert {nbtrail.data.from_huggingface(one).digest for one in again} == {digest}


def test_more_rows_than_a_batch() -> None:
    rows = list(range(25_000))
    digest = nbtrail.data.from_huggingface(datasets.Dataset.from_dict({"x": rows}))
    assert digest.profile["columns"]["x"] == {"nulls": 0, "min": 0, "max": 24_999, "mean": 12499.5}
    rows[-1] = 0
    changed = nbtrail.data.from_huggingface(datasets.Dataset.from_dict({"x": rows}))
    assert changed.digest != digest.digest


def test_mistakes_are_told() -> None:
    both = datasets.DatasetDict({"train": split()})
    with pytest.raises(InvalidValue, match=r"A DatasetDict is no Dataset: give one split"):
        nbtrail.data.from_huggingface(both)
    with pytest.raises(InvalidValue, match=r"An? IterableDataset is no Dataset"):
        nbtrail.data.from_huggingface(split().to_iterable_dataset())
    with pytest.raises(InvalidValue, match=r"no column 'flags' for targets. Did you mean 'flag'"):
        nbtrail.data.from_huggingface(split(), targets="flags")
