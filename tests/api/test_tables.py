"""Runs in columns, what there is to choose from, and the search box."""

from __future__ import annotations

import math
from typing import Any
from urllib.parse import quote

import pytest

from nbtrail.entities import Metric, Param
from nbtrail.store import Store


def add(
    store: Store,
    experiment_id: str,
    acc: float | None = None,
    lr: str | None = None,
    **tags: str,
) -> str:
    run_id = store.runs.create(experiment_id, tags=tags).info.run_id
    if acc is not None:
        store.metrics.log(run_id, [Metric("acc", acc, 1, 0), Metric("a b", 1.0, 1, 0)])
    if lr is not None:
        store.runs.log_params(run_id, [Param("lr", lr)])
    return run_id


def test_columns_are_as_long_as_the_page(ask: Any, store: Store, experiment_id: str) -> None:
    ids = [add(store, experiment_id, 0.1 * n, str(n % 2), team="blue") for n in range(5)]
    store.runs.end(ids[0], "FINISHED")
    columns = ["metrics.acc", "metrics.acc.max", "metrics.a b", "params.lr", "tags.team"]
    status, body = ask("POST", "table", body={"columns": columns, "limit": 3})
    assert (status, body["total"], body["groups"]) == (200, 5, None)
    assert body["runs"]["run_id"] == ids[:-4:-1]
    assert body["columns"]["metrics.acc"] == [0.4, pytest.approx(0.3), 0.2]
    assert body["columns"]["metrics.acc.max"] == body["columns"]["metrics.acc"]
    assert body["columns"]["metrics.a b"] == [1.0] * 3
    assert body["columns"]["params.lr"] == ["0", "1", "0"]
    assert body["columns"]["tags.team"] == ["blue"] * 3
    body = ask("POST", "table", body={"limit": 3, "page_token": body["next_page_token"]})[1]
    assert (body["runs"]["run_id"], body["next_page_token"]) == (ids[1::-1], None)
    assert body["runs"]["status"] == ["RUNNING", "FINISHED"]
    assert body["runs"]["end"][0] is None
    assert body["runs"]["end"][1] >= body["runs"]["start"][1]


def test_what_a_run_has_not_is_told_from_what_is_no_number(
    ask: Any, store: Store, experiment_id: str
) -> None:
    for value in (math.nan, math.inf, -math.inf, None):
        add(store, experiment_id, value)
    columns = ["metrics.acc", "metrics.acc.min", "params.lr", "tags.none", "attributes.end_time"]
    found = ask("POST", "table", body={"columns": columns})[1]["columns"]
    assert found["metrics.acc"] == [None, "-Infinity", "Infinity", "NaN"]
    assert found["metrics.acc.min"] == [None, "-Infinity", "Infinity", "NaN"]
    assert found["params.lr"] == found["tags.none"] == found["attributes.end_time"] == [None] * 4


def test_few_of_many_runs_are_looked_up(ask: Any, store: Store, experiment_id: str) -> None:
    """A page that is a small part of the store is read in another way."""
    with store.transaction():
        ids = [add(store, experiment_id, n / 100, str(n), team="a") for n in range(100)]
    asked = {"columns": ["metrics.acc", "params.lr", "tags.team"], "limit": 4}
    found = ask("POST", "table", body=asked)[1]
    assert found["runs"]["run_id"] == ids[:-5:-1]
    assert found["columns"]["metrics.acc"] == [0.99, 0.98, 0.97, 0.96]
    assert found["columns"]["params.lr"] == ["99", "98", "97", "96"]
    assert found["columns"]["tags.team"] == ["a"] * 4


def test_what_people_and_the_trail_say_of_a_run(ask: Any, store: Store, experiment_id: str) -> None:
    parent = add(store, experiment_id)
    marks = {"nbtrail.star": "true", "nbtrail.color": "#aabbcc", "mlflow.parentRunId": parent}
    add(store, experiment_id, **marks | {"nbtrail.reproduction": "identical"})
    found = ask("POST", "table", body={})[1]["runs"]
    assert (found["star"], found["color"]) == ([True, False], ["#aabbcc", None])
    assert found["parent"] == [parent, None]
    assert (found["verdict"], found["reproduction"]) == ([None, None], ["identical", None])


def test_groups_come_in_the_order_of_the_rows(ask: Any, store: Store, experiment_id: str) -> None:
    for lr in ("10", "9", "10", None, "wide"):
        add(store, experiment_id, 0.5, lr)
    asked = {"group_by": "params.lr", "order_by": ["metrics.acc"], "limit": 2}
    found = ask("POST", "table", body=asked)[1]
    assert found["groups"] == [
        {"value": "9", "runs": 1},
        {"value": "10", "runs": 2},
        {"value": "wide", "runs": 1},
        {"value": None, "runs": 1},
    ]
    assert found["columns"]["params.lr"] == ["9", "10"]
    asked["page_token"] = found["next_page_token"]
    assert ask("POST", "table", body=asked)[1]["columns"]["params.lr"] == ["10", "wide"]
    found = ask("POST", "table", body={"group_by": "attributes.status"})[1]
    assert found["groups"] == [{"value": "RUNNING", "runs": 5}]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"columns": ["metric.acc"]}, "'metric.acc' is no column. Did you mean 'metrics'?"),
        ({"columns": ["acc"]}, "'acc' is no column."),
        ({"columns": ["attributes.statu"]}, "Did you mean 'status'?"),
        ({"columns": ["datasets.name"]}, "'datasets.name' is no column."),
        ({"group_by": "metrics.acc"}, "cannot be grouped by 'metrics.acc'"),
        ({"filter": "metrics.acuracy > 0"}, "Did you mean 'accuracy'?"),
        ({"limit": 10_001}, "<= 10000"),
        ({"columns": ["params.x"] * 201}, "length <= 200"),
        ({"page_token": "x"}, "page token was not made by this store"),
    ],
)
def test_a_bad_table_is_one_sentence(
    ask: Any, store: Store, experiment_id: str, asked: dict[str, Any], message: str
) -> None:
    store.metrics.log(add(store, experiment_id), [Metric("accuracy", 1.0, 1)])
    status, body = ask("POST", "table", body=asked)
    assert status == 400
    assert message in body["message"]


def test_without_a_store_a_table_is_empty(ask: Any) -> None:
    status, body = ask("POST", "table", body={"columns": ["metrics.acc"]})
    assert (status, body["total"], body["columns"]) == (200, 0, {"metrics.acc": []})
    assert body["runs"]["run_id"] == []
    assert ask("GET", "keys")[1]["params"] == []
    assert ask("GET", "complete", "text=m")[1]["matches"] == []


def test_keys_say_what_varies(ask: Any, store: Store, experiment_id: str) -> None:
    for acc, lr in ((math.nan, "1"), (0.5, "2"), (math.nan, "2")):
        add(store, experiment_id, acc, lr, team="blue")
    other = store.experiments.ensure("other").experiment_id
    add(store, other, 0.9, "3")
    body = ask("GET", "keys", f"experiment_id={experiment_id}")[1]
    assert (body["runs"], body["looked_at"], body["truncated"]) == (3, 3, False)
    assert body["params"] == [{"key": "lr", "runs": 3, "distinct": 2}]
    assert body["metrics"] == [
        {"key": "a b", "runs": 3, "distinct": 1},
        {"key": "acc", "runs": 3, "distinct": 2},
    ]
    assert {"key": "team", "runs": 3, "distinct": 1} in body["tags"]
    assert ask("GET", "keys", f"experiment_id={experiment_id}&view=deleted")[1]["runs"] == 0
    assert ask("GET", "keys")[1]["runs"] == 4


def test_keys_of_many_values_are_counted_in_some_runs(
    ask: Any, store: Store, experiment_id: str
) -> None:
    wide = [Metric(f"m{n}", 1.0, 1, 0) for n in range(2001)]
    with store.transaction():
        for number in range(41):
            run_id = add(store, experiment_id)
            store.metrics.log(run_id, wide if number else [Metric("old", 1.0, 1, 0)])
    body = ask("GET", "keys")[1]
    assert (body["runs"], body["truncated"], len(body["metrics"])) == (41, True, 2000)
    assert 20 <= body["looked_at"] < 41
    assert {one["distinct"] for one in body["metrics"]} == {1}


def completed(ask: Any, text: str, position: int | None = None) -> dict[str, Any]:
    at = "" if position is None else f"&position={position}"
    status, body = ask("GET", "complete", f"text={quote(text)}{at}")
    assert status == 200
    return body


@pytest.mark.parametrize(
    ("text", "first", "start"),
    [
        ("metr", "metrics.", 0),
        ("metrics.ac", "metrics.acc", 0),
        ("metrics.a ", "=", 10),
        ("metrics.a", "metrics.`a b`", 0),
        ("metrics.`a", "metrics.`a b`", 0),
        ("acc", "metrics.acc", 0),
        ("params.lr", "params.lr", 0),
        ("params.lr L", "LIKE", 10),
        ("params.lr = ", "'0.1'", 12),
        ("params.lr = '0.", "'0.1'", 12),
        ("params.lr = '0.1' o", "OR ", 18),
        ("params.lr in ('0.1', '", "'0.1'", 21),
        ("metrics.acc > 1 and not (tags.te", "tags.team", 25),
        ("tags.team = '", '"o\'hara"', 12),
        ("status != F", "'FAILED'", 10),
        ("attributes.trail.v", "attributes.trail.verdict", 0),
        ("trail.verdict = 'l", "'linear'", 16),
        ("start_time > y", "yesterday", 13),
        ("metrics.acc is n", "NULL", 15),
        ("datasets.d", "datasets.digest", 0),
        ("experiment_name = '", "'wine'", 18),
    ],
)
def test_a_word_is_completed(
    ask: Any, store: Store, experiment_id: str, text: str, first: str, start: int
) -> None:
    add(store, experiment_id, 0.5, "0.1", team="o'hara")
    body = completed(ask, text)
    assert body["matches"][0]["text"] == first
    assert (body["start"], body["end"]) == (start, len(text))


def test_the_word_at_the_cursor_is_replaced_whole(
    ask: Any, store: Store, experiment_id: str
) -> None:
    add(store, experiment_id, 0.5, "0.1")
    body = completed(ask, "metrics.acx > 1 and params.lr = '0.1'", 10)
    assert (body["matches"][0]["text"], body["start"], body["end"]) == ("metrics.acc", 0, 11)
    body = completed(ask, "params.lr = '0.1' and acc > 1", 14)
    assert (body["matches"][0]["text"], body["start"], body["end"]) == ("'0.1'", 12, 17)
    assert body["error"]["position"] == 22


@pytest.mark.parametrize(
    ("text", "position", "message"),
    [
        ("metrics.acc > > 1", 14, "character 15"),
        ("metrics.acc >", 13, "something is missing there"),
        ("nme = 'x'", 0, "Did you mean 'run_name'?"),
        ("status = 'x' and metrics.acc > 'y'", 31, "compared with a number"),
    ],
)
def test_a_mistake_has_its_place(
    ask: Any, store: Store, text: str, position: int, message: str
) -> None:
    error = completed(ask, text)["error"]
    assert error["position"] == position
    assert message in error["message"]


@pytest.mark.parametrize("text", ["", "metrics.new > 1", "status = 'FAILED'", "params.x IS NULL"])
def test_what_is_no_mistake(ask: Any, store: Store, text: str) -> None:
    assert completed(ask, text)["error"] is None


@pytest.mark.parametrize(
    "text", ["'", "`", "((((", "metrics.", "<script>", "😀" * 300, ",,)in", "!"]
)
def test_any_text_is_answered(ask: Any, store: Store, experiment_id: str, text: str) -> None:
    add(store, experiment_id, 0.5)
    for position in range(min(len(text), 8) + 1):
        body = completed(ask, text, position)
        assert 0 <= body["start"] <= position <= body["end"] <= len(text)
