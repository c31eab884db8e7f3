"""Where data came from, in MLflow's form, and without passwords."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nbtrail.data import DatasetSource
from nbtrail.data.source import source_of, without_credentials
from nbtrail.errors import InvalidValue


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
