"""Queries and bodies become typed records, or one clear sentence."""

from __future__ import annotations

import pytest

from nbtrail.api import Request
from nbtrail.api.native.metrics import HistoryQuery
from nbtrail.api.native.runs import RunQuery
from nbtrail.errors import BadRequest, InvalidValue


def test_a_query_is_read_from_its_raw_text() -> None:
    query = Request(
        query="filter=metrics.acc%20%3E%200.5+and+params.a%3D%27x%26y%27&order_by=a&order_by=b"
        "&max_results=7&experiment_id=1"
    ).query_as(RunQuery)
    assert query.filter == "metrics.acc > 0.5 and params.a='x&y'"
    assert query.order_by == ["a", "b"]
    assert (query.max_results, query.experiment_id) == (7, ["1"])


def test_what_has_no_value_counts_as_not_given() -> None:
    assert Request(query="filter=&1763762400000").query_as(RunQuery) == RunQuery()


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("max_result=3", "no query parameter 'max_result'. Did you mean 'max_results'"),
        ("max_results=many", "max_results"),
        ("max_results=0", ">= 1"),
        ("filter=a&filter=b", "'filter' is given more than once"),
        ("filter=%ff", "not valid percent-encoded"),
        ("&".join(["order_by=a"] * 201), "more than 200 fields"),
    ],
)
def test_a_bad_query_is_one_sentence(query: str, message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        Request(query=query).query_as(RunQuery)


@pytest.mark.parametrize(
    ("body", "error", "message"),
    [
        (b"", BadRequest, "not valid JSON"),
        (b"{", BadRequest, "not valid JSON"),
        (b"\xff", BadRequest, "not valid JSON"),
        (b'{"run_ids": [], "keys": [], "points": NaN}', BadRequest, "not valid JSON"),
        (b"[]", InvalidValue, "Expected `object`"),
        (b'{"run_ids": []}', InvalidValue, "missing required field `keys`"),
        (b'{"run_ids": "a", "keys": []}', InvalidValue, r"\$\.run_ids"),
        (b'{"run_ids": [], "keys": [], "points": 0}', InvalidValue, ">= 1"),
        (b'{"run_ids": [], "keys": [], "point": 1}', InvalidValue, "unknown field `point`"),
    ],
)
def test_a_bad_body_is_one_sentence(body: bytes, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        Request(body=body).body_as(HistoryQuery)
