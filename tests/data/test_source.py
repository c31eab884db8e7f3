"""Where data came from, in MLflow's form, and without passwords."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import pandas as pd
import pytest

import nbtrail
from nbtrail import data, entities
from nbtrail.data import DatasetSource
from nbtrail.data.source import source_of, without_credentials
from nbtrail.errors import FileMissing, InvalidValue


@pytest.mark.parametrize(
    ("given", "kind", "fields"),
    [
        (None, "code", {"tags": {}}),
        ("data/x.csv", "local", {"uri": "data/x.csv"}),
        (Path("data/x.csv"), "local", {"uri": "data/x.csv"}),
        ("C:\\x.csv", "local", {"uri": "C:\\x.csv"}),
        ("file:///x.csv", "local", {"uri": "file:///x.csv"}),
        ("s3://bucket/x.csv", "s3", {"uri": "s3://bucket/x.csv"}),
        ("https://me:secret@example.com/x?y=a@b", "http", {"url": "https://example.com/x?y=a@b"}),
        (DatasetSource("delta", {"path": "t"}), "delta", {"path": "t"}),
    ],
)
def test_sources(given: Any, kind: str, fields: dict[str, Any]) -> None:
    source = source_of(given)
    assert (source.source_type, json.loads(source.to_json())) == (kind, fields)
    assert source.uri == (fields.get("uri") or fields.get("url"))


def test_a_source_of_mlflow_is_taken() -> None:
    class HTTPDatasetSource:
        def _get_source_type(self) -> str:
            return "http"

        def to_json(self) -> str:
            return '{"url": "https://example.com/x.csv"}'

    assert source_of(HTTPDatasetSource()).uri == "https://example.com/x.csv"


def test_another_object_is_no_source() -> None:
    with pytest.raises(InvalidValue, match="a path, a URI or a DatasetSource, not 5"):
        source_of(5)


@pytest.mark.parametrize(
    ("uri", "safe"),
    [
        ("https://token@github.com/a/b.git", "https://github.com/a/b.git"),
        ("https://me:p@ss@host:8080/a", "https://host:8080/a"),
        ("ssh://git:secret@host/a", "ssh://git@host/a"),
        ("git@github.com:a/b.git", "git@github.com:a/b.git"),
        ("https://host/a@b", "https://host/a@b"),
        ("/a:b@c/d", "/a:b@c/d"),
    ],
)
def test_credentials_are_left_out(uri: str, safe: str) -> None:
    assert without_credentials(uri) == safe


def test_a_file_is_loaded_from_where_it_was(workdir: Path) -> None:
    (workdir / "t.csv").write_text("a\n1\n")
    dataset = data.from_pandas(pd.DataFrame({"a": [1]}), source="t.csv", name="t")
    with nbtrail.start_run() as run:
        nbtrail.log_input(dataset, context="training")
    (stored,) = nbtrail.get_run(run.run_id).inputs.dataset_inputs
    for one in (dataset, stored, stored.dataset):
        assert nbtrail.data.get_source(one).load() == str(workdir / "t.csv")
    copy = dataset.source.load(workdir / "copy")
    assert Path(copy) == workdir / "copy" / "t.csv"
    assert Path(copy).read_text() == "a\n1\n"
    (workdir / "t.csv").unlink()
    with pytest.raises(FileMissing, match=r"t\.csv' is not there any more"):
        dataset.source.load()


def test_a_source_elsewhere_is_fetched(workdir: Path) -> None:
    fsspec.filesystem("memory").pipe("/bucket/x.csv", b"x")
    there = source_of("memory://bucket/x.csv").load()
    assert Path(there).read_bytes() == b"x"
    with pytest.raises(FileMissing):
        source_of("memory://bucket/y.csv").load()


@pytest.mark.parametrize("given", [None, "strange://host/x"])
def test_what_cannot_be_loaded_says_why(given: str | None) -> None:
    with pytest.raises(InvalidValue, match="source"):
        source_of(given).load()


def test_only_datasets_have_a_source() -> None:
    with pytest.raises(InvalidValue, match="A str is no dataset"):
        data.get_source("x")
    registered = entities.Dataset("d", "1", "external", "s3://bucket/x")
    assert data.get_source(registered).uri == "s3://bucket/x"


def test_a_schema_can_be_asked_as_in_mlflow() -> None:
    frame = data.from_pandas(pd.DataFrame({"a": [1], "b": ["x"]}))
    assert frame.schema.input_names() == ["a", "b"]
    assert frame.schema.to_dict()[0] == {"type": "long", "name": "a", "required": True}
    assert frame.schema["mlflow_colspec"] == frame.schema.to_dict()
    array = data.from_numpy(np.zeros((2, 3)))
    assert array.schema.to_dict() == {"mlflow_tensorspec": array.schema["mlflow_tensorspec"]}
    assert array.schema.input_names() == []


@pytest.mark.parametrize(
    ("uri", "safe"),
    [
        ("https://b/x.csv?X-Amz-Signature=S&X-Amz-Credential=C", "https://b/x.csv"),
        ("https://b/x.csv?page=2&X-Goog-Signature=S#part", "https://b/x.csv?page=2#part"),
        ("https://b/x.csv?sv=1&sig=S", "https://b/x.csv?sv=1"),
        ("https://b/x?access_token=S&id=7", "https://b/x?id=7"),
        ("https://b/x?design=7&keyword=a", "https://b/x?design=7&keyword=a"),
    ],
)
def test_signatures_are_left_out(uri: str, safe: str) -> None:
    assert without_credentials(uri) == safe
