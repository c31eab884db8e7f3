"""Runs to show: with curves, with single values, and with names that are HTML."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import RichOutput, capture_output

from nbtrail.entities import Metric, Param
from nbtrail.store import Store
from nbtrail.tracking import place

MakeRun = Callable[..., str]
Shown = Callable[[object], list[RichOutput]]


@pytest.fixture(autouse=True)
def here(workdir: Path) -> Iterator[None]:
    """Record and look in this test's own store."""
    place.use(workdir / ".nbtrail")
    yield
    place.use(None)


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
        status: str = "FINISHED",
        **metrics: list[float],
    ) -> str:
        experiment_id = store.experiments.ensure(experiment).experiment_id
        run_id = store.runs.create(experiment_id, name).info.run_id
        store.runs.log_params(run_id, [Param(key, value) for key, value in (params or {}).items()])
        for key, values in metrics.items():
            points = [Metric(key, value, 1, step) for step, value in enumerate(values)]
            store.metrics.log(run_id, points)
        if status != "RUNNING":
            store.runs.end(run_id, status)
        return run_id

    return make


@pytest.fixture
def outputs() -> Iterator[Shown]:
    """Return a function that shows an object as a cell's result and returns its outputs."""
    shell = InteractiveShell.instance()

    def show(result: object) -> list[RichOutput]:
        with capture_output() as captured:
            shell.display_formatter.ipython_display_formatter(result)
        found: list[RichOutput] = captured.outputs
        return found

    yield show
    InteractiveShell.clear_instance()
