"""Stores that the searches of a module share, and the two plans of a search."""

from __future__ import annotations

import math
from typing import get_args

import pytest

from nbtrail.entities import Metric, Param, Status
from nbtrail.store import Store, open_store
from nbtrail.store.search import pages

RUNS = {
    # name: (params, metrics, tags, status)
    "alpha": ({"lr": "0.1", "model/kind": "Ridge"}, {"acc": 0.9, "val loss": 0.5}, {}, "FINISHED"),
    "beta": ({"lr": "0.2"}, {"acc": 0.7}, {"team.name": "blue"}, "FAILED"),
    "Gamma": ({}, {"acc": math.nan, "val loss": 0.1}, {"team.name": "Red_1"}, "FINISHED"),
    "delta": ({"or": "x"}, {"acc": math.inf}, {}, "KILLED"),
}


@pytest.fixture(params=["few", "many"], scope="module")
def plan(request: pytest.FixtureRequest) -> str:
    """Search as among few runs, and then as among many: the answers are the same."""
    return str(request.param)


@pytest.fixture(autouse=True)
def few(plan: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Shift the number up to which runs are few, which no test could otherwise pass quickly."""
    monkeypatch.setattr(pages, "FEW", 0 if plan == "many" else 10**6)


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Return a store with `RUNS`, which started in this order; only for reading."""
    store = open_store(tmp_path_factory.mktemp("store") / ".nbtrail")
    for start, (name, (params, metrics, tags, status)) in enumerate(RUNS.items(), start=1):
        run_id = store.runs.create("0", name, tags=tags, start_time=start).info.run_id
        store.runs.log_params(run_id, [Param(*item) for item in params.items()])
        store.metrics.log(run_id, [Metric(key, value, 1) for key, value in metrics.items()])
        assert status in get_args(Status)
        store.runs.end(run_id, status, end_time=100 + start)
    return store
