"""Tables in binary forms: as they were, and never more than fits."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pandas.testing import assert_frame_equal
from pyarrow import ipc

from nbtrail.errors import BadRequest
from nbtrail.serving.scoring import columnar
from nbtrail.serving.scoring.protocol import parse

FRAME = pd.DataFrame({"a": [1.5, 2.5, None], "b": ["u", "v", None], "n": [1, 2, 3]})
PARQUET, ARROW = "application/vnd.apache.parquet", "application/vnd.apache.arrow.stream"


def as_parquet(table: Any, **options: Any) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, **options)
    return sink.getvalue()


def as_arrow(table: Any, compression: str | None = None) -> bytes:
    sink = io.BytesIO()
    options = ipc.IpcWriteOptions(compression=compression)
    with ipc.new_stream(sink, table.schema, options=options) as stream:
        stream.write_table(table)
    return sink.getvalue()


@pytest.mark.parametrize("compression", ["none", "snappy", "zstd"])
def test_parquet(compression: str) -> None:
    body = as_parquet(pa.Table.from_pandas(FRAME), compression=compression)
    assert_frame_equal(parse(body, PARQUET, None).data, FRAME)


@pytest.mark.parametrize("compression", [None, "lz4", "zstd"])
def test_arrow(compression: str | None) -> None:
    frame = FRAME.assign(c=pd.Categorical(["x", "y", "x"]))
    body = as_arrow(pa.Table.from_pandas(frame), compression)
    assert_frame_equal(parse(body, ARROW, None).data, frame)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (as_parquet(pa.table({"a": np.zeros(100_000)})), PARQUET),
        (as_parquet(pa.table({"a": ["x" * 1000] * 1000})), PARQUET),  # kept once, and repeated
        (as_arrow(pa.table({"a": np.zeros(100_000)}), "zstd"), ARROW),
        (as_arrow(pa.table({"a": ["x" * 1000] * 1000}).combine_chunks(), "lz4"), ARROW),
        (as_arrow(pa.table({"a": pa.nulls(100_000)})), ARROW),
    ],
)
def test_a_small_body_that_is_a_large_table_is_refused(
    monkeypatch: pytest.MonkeyPatch, body: bytes, content_type: str
) -> None:
    assert len(body) < 20_000
    parse(body, content_type, None)
    monkeypatch.setattr(columnar, "MOST_BYTES", 400_000)
    monkeypatch.setattr(columnar, "_frame", lambda _table: pytest.fail("it was made"))
    with pytest.raises(BadRequest, match="larger than what is read") as caught:
        parse(body, content_type, None)
    assert caught.value.http_status == 413


@pytest.mark.parametrize(("write", "content_type"), [(as_parquet, PARQUET), (as_arrow, ARROW)])
def test_a_damaged_body_is_refused(write: Callable[..., bytes], content_type: str) -> None:
    whole = write(pa.Table.from_pandas(FRAME))
    random = np.random.default_rng(7)
    for body in (b"", b"x", whole[: len(whole) // 2], b"\xff" * 100):
        with pytest.raises(BadRequest):
            parse(body, content_type, None)
    for _ in range(200):  # what is read or refused, and nothing else
        body = bytearray(whole)
        body[random.integers(len(body))] = random.integers(256)
        try:
            parse(bytes(body), content_type, None)
        except BadRequest:
            continue
