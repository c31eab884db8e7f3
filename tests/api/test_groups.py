"""Parts of curves, curves of groups, and which params matter."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest

from nbtrail.entities import Metric, Param
from nbtrail.store import Store
from nbtrail.store.importance import importance_of, ranks
from nbtrail.store.zoom import crossing


def add(store: Store, lr: str | None, values: list[float], experiment_id: str = "0") -> str:
    run_id = store.runs.create(experiment_id, start_time=1_000_000).info.run_id
    if lr is not None:
        store.runs.log_params(run_id, [Param("lr", lr)])
    points = [
        Metric("loss", value, 1_000_000 + 100 * step, step) for step, value in enumerate(values)
    ]
    store.metrics.log(run_id, points)
    return run_id


def zoomed(ask: Any, run_id: str, **asked: Any) -> dict[str, Any]:
    body = {"run_ids": [run_id], "keys": ["loss"], **asked}
    (series,) = ask("POST", "history", body=body)[1]["series"]
    return series


@pytest.mark.parametrize(
    ("x", "scale"), [("step", 1.0), ("relative", 0.1), ("time", 100.0), ("loss", 2.0)]
)
def test_a_zoom_asks_for_a_part_of_the_axis(ask: Any, store: Store, x: str, scale: float) -> None:
    run_id = add(store, None, [2.0 * step for step in range(20_000)])
    offset = 1_000_000 if x == "time" else 0
    series = zoomed(
        ask, run_id, x=x, first_x=offset + 5000 * scale, last_x=offset + 5100 * scale, points=500
    )
    steps = series["step"]
    assert set(steps) >= set(range(4999, 5102))
    assert (len(steps) <= 150, series["total"]) == (True, 20_000)
    assert [round(place - offset) for place in series["x"]] == [round(s * scale) for s in steps]


def test_a_zoom_between_two_points_has_both(ask: Any, store: Store) -> None:
    run_id = add(store, None, [0.0, 1.0, 2.0, 3.0])
    assert zoomed(ask, run_id, first_x=1.2, last_x=1.6)["step"] == [1, 2]
    assert zoomed(ask, run_id, first_x=2.5)["step"] == [2, 3]
    assert zoomed(ask, run_id, last_x=-1.0)["step"] == []
    assert zoomed(ask, run_id, first_x=1.0, last_x=1.0)["step"] == [0, 1, 2]


@pytest.mark.parametrize(
    ("x", "low", "high", "found"),
    [
        ([0, 1, 2, 3], 1.5, 1.6, (1, 2)),
        ([3, 2, 1, 0], 0.5, 1.5, (1, 3)),
        ([0, math.nan, 2], 1.9, 3, (2, 2)),
        ([5], 4, 6, (0, 0)),
        ([5], 6, 7, None),
        ([], 0, 1, None),
        ([0, 10, 0, 10], 4, 6, (0, 3)),
    ],
)
def test_what_is_needed_to_draw_a_line_in_a_window(
    x: list[float], low: float, high: float, found: tuple[int, int] | None
) -> None:
    assert crossing(x, low, high) == found


def test_groups_have_their_n(ask: Any, store: Store) -> None:
    runs = [add(store, lr, [1.0, value]) for lr, value in (("10", 1.0), ("9", 2.0), ("9", 4.0))]
    lone = add(store, None, [7.0])
    asked = {"run_ids": [*runs, lone, "nosuch"], "key": "loss", "group_by": "params.lr"}
    nine, ten, none = ask("POST", "groups", body=asked)[1]["groups"]
    assert (nine["group"], ten["group"], none["group"]) == ("9", "10", None)
    assert (nine["run_ids"], none["run_ids"]) == (runs[1:], [lone])
    assert (nine["x"], nine["mean"], nine["std"]) == ([0.0, 1.0], [1.0, 3.0], [0.0, 1.0])
    assert (nine["low"], nine["high"]) == ([1.0, 2.0], [1.0, 4.0])
    assert (nine["runs"], nine["count"]) == ([2, 2], [2, 2])
    (both,) = ask("POST", "groups", body={"run_ids": runs, "key": "loss"})[1]["groups"]
    assert (both["group"], both["runs"]) == (None, [3, 3])
    assert ask("POST", "groups", body={"run_ids": [], "key": "x"}) == (200, {"groups": []})


def test_too_many_groups_are_refused(ask: Any, store: Store) -> None:
    runs = [add(store, str(number), [1.0]) for number in range(101)]
    asked = {"run_ids": runs, "key": "loss", "group_by": "params.lr"}
    status, body = ask("POST", "groups", body=asked)
    assert (status, "has 101 values" in body["message"]) == (400, True)
    status, body = ask("POST", "groups", body={**asked, "group_by": "param.lr"})
    assert (status, "Did you mean 'params'?" in body["message"]) == (400, True)


def experiment_of(store: Store, runs: int, diverged: int = 0) -> None:
    chance = random.Random(7)
    for number in range(runs):
        lr, middle, kind = chance.random(), chance.uniform(-1, 1), chance.choice("ab")
        loss = lr + (0.3 if kind == "b" else 0.0) + middle**2
        values = [math.inf if number < diverged else loss]
        run_id = add(store, str(lr), values)
        given = {"middle": middle, "kind": kind, "noise": chance.random(), "same": 1}
        store.runs.log_params(run_id, [Param(key, str(value)) for key, value in given.items()])
        if number < 3:
            store.runs.log_params(run_id, [Param("rare", str(number))])


def test_what_matters_comes_first(ask: Any, store: Store) -> None:
    experiment_of(store, 80, diverged=1)
    status, body = ask("POST", "importance", body={"metric": "loss"})
    assert (status, body["n"], body["refused"]) == (200, 80, None)
    found = {one["key"]: one for one in body["params"]}
    assert list(found)[:3] == ["lr", "middle", "kind"]
    assert found["lr"]["correlation"] > 0.5
    assert abs(found["middle"]["correlation"]) < 0.3
    assert found["middle"]["importance"] > 0.1
    assert (found["kind"]["kind"], found["kind"]["correlation"]) == ("category", None)
    assert found["noise"]["importance"] < 0.1
    assert (found["same"]["importance"], found["same"]["correlation"]) == (0.0, None)
    assert "rare" not in found


@pytest.mark.parametrize(
    ("runs", "metric", "refused"),
    [
        (9, "loss", "9 runs have a value"),
        (0, "loss", "0 runs have a value"),
        (10, "los", "Did you mean 'loss'?"),
    ],
)
def test_importance_is_refused(
    ask: Any, store: Store, runs: int, metric: str, refused: str
) -> None:
    experiment_of(store, runs)
    status, body = ask("POST", "importance", body={"metric": metric})
    assert (status, body["params"], refused in body["refused"]) == (200, [], True)


def test_what_never_varies_has_no_causes(ask: Any, store: Store) -> None:
    for number in range(12):
        add(store, str(number), [1.0])
    for _ in range(3):
        add(store, "9", [math.nan])
    body = ask("POST", "importance", body={"metric": "loss"})[1]
    assert (body["n"], body["refused"]) == (
        12,
        "The metric has the same value in all of these runs.",
    )


def test_equal_values_share_a_rank() -> None:
    assert ranks([3.0, 1.0, 3.0, math.inf]) == [2.5, 1.0, 2.5, 4.0]


def test_a_category_for_each_run_explains_nothing() -> None:
    found = importance_of("id", [f"r{n}" for n in range(20)], [float(n) for n in range(20)])
    assert (found.importance, found.kind, found.n) == (0.0, "category", 20)


def test_two_groups_that_are_apart_explain_all_they_can() -> None:
    found = importance_of("k", ["a"] * 10 + ["b"] * 10, [1.0] * 10 + [2.0] * 10)
    assert found.importance == pytest.approx(1.0)
