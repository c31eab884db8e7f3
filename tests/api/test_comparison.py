"""What ``GET diff`` answers."""

from __future__ import annotations

import math
from typing import Any

from nbtrail.entities import Metric, Param
from nbtrail.store import Store


def run_with(store: Store, experiment_id: str, lr: str, loss: float) -> str:
    run_id = store.runs.create(experiment_id).info.run_id
    store.runs.log_params(run_id, [Param("lr", lr), Param("depth", "3")])
    store.metrics.log(run_id, [Metric("loss", loss, 1), Metric("nan", math.nan, 1)])
    return run_id


def test_what_differs_between_two_runs(ask: Any, store: Store, experiment_id: str) -> None:
    a = run_with(store, experiment_id, "0.1", 0.5)
    b = run_with(store, experiment_id, "0.2", math.inf)
    status, body = ask("GET", "diff", f"a={a}&b={b}")
    assert status == 200
    assert (body["run_a"]["run_id"], body["run_b"]["run_id"]) == (a, b)
    assert body["params"] == [{"key": "lr", "a": "0.1", "b": "0.2"}]
    assert body["metrics"] == [{"key": "loss", "a": 0.5, "b": "Infinity"}]
    assert [body[part] for part in ("cells", "packages", "data", "git")] == [[], [], [], []]


def test_both_runs_are_needed(ask: Any, store: Store, experiment_id: str) -> None:
    a = store.runs.create(experiment_id).info.run_id
    status, body = ask("GET", "diff", f"a={a}")
    assert (status, body["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
    status, body = ask("GET", "diff", f"a={a}&b=none")
    assert (status, body["message"]) == (404, "There is no run 'none' in this store.")
