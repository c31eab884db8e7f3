"""Runs to show: with curves, with single values, and with names that are HTML."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from nbtrail.entities import Metric, Param
from nbtrail.store import Store

MakeRun = Callable[..., str]


@pytest.fixture
def hostile() -> str:
    return "<img src=x onerror=alert(1)>"


@pytest.fixture
def make_run(store: Store) -> MakeRun:
    """Return a function that records a run and returns its id."""

    def make(
        name: str = "run",
        experiment: str = "e",
        params: dict[str, str] | None = None,
        **metrics: list[float],
    ) -> str:
        experiment_id = store.experiments.ensure(experiment).experiment_id
        run_id = store.runs.create(experiment_id, name).info.run_id
        store.runs.log_params(run_id, [Param(key, value) for key, value in (params or {}).items()])
        for key, values in metrics.items():
            points = [Metric(key, value, 1, step) for step, value in enumerate(values)]
            store.metrics.log(run_id, points)
        store.runs.end(run_id, "FINISHED")
        return run_id

    return make
