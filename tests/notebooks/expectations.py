"""What a person expects of a notebook, and what was recorded of it, in one shape.

The YAML file beside a notebook says, in words that are cells' ids and names of variables:

    trail        each execution: whose names it reads, what it writes; its status, if not ok
    runs         their own cells, the prelude that these read, params, metrics, verdict
    papermill    values that are given, and the params and metrics that its one run has
    left_out     by metric, cells that its slice does not need
    sessions     other ways to execute the notebook, with the runs that come of them: `execute` is
                 a list of cells, and of edits. The notebook then has no other cells.

A metric is a number, `[lowest, highest]`, or a series: `{points: 5, last: …}`.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from nbtrail.entities import CellExecution, Run
from nbtrail.store import Store
from notebooks.documents import FOLDER, LOAD, Step

PARENT = "mlflow.parentRunId"
SEEN = "training_"
"""How metrics begin that autolog takes of the data that a model was fitted to."""


@dataclass
class Between:
    """Equal to every number in a range."""

    __hash__ = None  # type: ignore[assignment]

    low: float
    high: float

    def __eq__(self, other: object) -> bool:
        return isinstance(other, float) and self.low <= other <= self.high


class Ran(msgspec.Struct, forbid_unknown_fields=True):
    """What one execution is to leave."""

    status: str = "ok"
    reads: dict[str, str] = {}
    writes: str = ""
    opaque: bool = False
    figures: int = 0


class Recorded(msgspec.Struct, forbid_unknown_fields=True):
    """What is to be known of one run."""

    own: str
    verdict: str
    prelude: str = ""
    params: dict[str, Any] = {}
    inherited: str = ""
    metrics: dict[str, Any] = {}
    models: str = ""
    children: int = 0
    because: str = ""


class ByPapermill(msgspec.Struct, forbid_unknown_fields=True):
    """What papermill is given, and what its run is to have."""

    params: dict[str, Any]
    metrics: dict[str, Any]
    values: dict[str, Any] = {}


class Other(msgspec.Struct, forbid_unknown_fields=True):
    """A session that is not executed from top to bottom."""

    about: str
    execute: str | list[Step]
    runs: list[Recorded]

    @property
    def steps(self) -> list[Step]:
        """What is done, one after the other."""
        return [*self.execute.split()] if isinstance(self.execute, str) else self.execute

    @property
    def cells(self) -> set[str]:
        """The cells that the notebook has."""
        return {step for step in self.steps if isinstance(step, str)}


class Expectation(msgspec.Struct, forbid_unknown_fields=True):
    """All that is expected of a notebook."""

    trail: list[dict[str, Ran]]
    runs: list[Recorded]
    papermill: ByPapermill | None = None
    left_out: dict[str, str] = {}
    sessions: list[Other] = []


@functools.cache
def expected(name: str) -> Expectation:
    """Return what is expected of a notebook of the collection."""
    return msgspec.convert(yaml.safe_load((FOLDER / f"{name}.yaml").read_text()), Expectation)


# Both sides in the same words


def wanted_trail(expectation: Expectation) -> list[tuple[str, Ran]]:
    """Return the executions that are expected: a cell, and what it leaves."""
    return [(cell, _in_order(ran)) for one in expectation.trail for cell, ran in one.items()]


def trail_of(executions: Iterable[CellExecution]) -> list[tuple[str, Ran]]:
    """Return the executions that were recorded, but for the one that loaded nbtrail."""
    cells = {one.id: one.cell_id or "" for one in executions}
    return [(cells[one.id], _ran(one, cells)) for one in executions if one.cell_id != LOAD["id"]]


def _ran(execution: CellExecution, cells: dict[int, str]) -> Ran:
    reads: dict[str, list[str]] = {}
    for name, binder in execution.reads.items():
        reads.setdefault("outside" if binder is None else cells[binder], []).append(name)
    ran = Ran(
        execution.status,
        {cell: " ".join(names) for cell, names in reads.items()},
        " ".join(execution.writes),
        execution.opaque is not None,
        figures(execution),
    )
    return _in_order(ran)


def _in_order(ran: Ran) -> Ran:
    reads = {cell: " ".join(sorted(ran.reads[cell].split())) for cell in sorted(ran.reads)}
    return msgspec.structs.replace(ran, reads=reads, writes=" ".join(sorted(ran.writes.split())))


def figures(execution: CellExecution) -> int:
    """Return how many pictures an execution has shown."""
    return sum("image/png" in output.get("data", {}) for output in execution.outputs)


def wanted_run(recorded: Recorded) -> dict[str, Any]:
    """Return what is expected of a run."""
    return {
        "own": recorded.own.split(),
        "prelude": recorded.prelude.split(),
        "params": recorded.params,
        "metrics": wanted_metrics(recorded.metrics),
        "models": sorted(recorded.models.split()),
        "children": recorded.children,
        "verdict": recorded.verdict,
        "status": "FINISHED",
    }


def run_of(store: Store, run: Run) -> dict[str, Any]:
    """Return what was recorded of a run."""
    trail = store.trails.executions(run.info.run_id)
    verdict = store.trails.verdict(run.info.run_id)
    names = [model.name for model in store.registry.logged_models(run.info.run_id)]
    by_hand = [param for param in run.data.param_records if param.origin != "autolog"]
    return {
        "own": [one.cell_id for one in trail if one.role == "own"],
        "prelude": [one.cell_id for one in trail if one.role == "prelude"],
        "params": {param.key: param.typed for param in by_hand},
        "metrics": metrics_of(run),
        "models": sorted(names),
        "children": sum(one.data.tags.get(PARENT) == run.info.run_id for one in runs(store)),
        "verdict": verdict.verdict if verdict else None,
        "status": run.info.status,
    }


def wanted_metrics(metrics: dict[str, Any]) -> dict[str, Any]:
    """Return the number of points, and the last one, of each metric that is expected."""
    return {key: _wanted(value) for key, value in metrics.items()}


def _wanted(value: Any) -> tuple[int, Any]:
    if isinstance(value, dict):
        return value["points"], _number(value["last"])
    return 1, _number(value)


def _number(value: Any) -> Any:
    return Between(*value) if isinstance(value, list) else pytest.approx(value)


def metrics_of(run: Run) -> dict[str, Any]:
    """Return the number of points, and the last one, of each metric but those that are seen."""
    summaries = [one for one in run.data.metric_summaries if not one.key.startswith(SEEN)]
    return {one.key: (one.count, one.value) for one in summaries}


def runs(store: Store) -> list[Run]:
    """Return all runs, the oldest first, with what a kernel has left that ended in a hurry."""
    store.drain()
    return store.runs.search()[0][::-1]


def reasons(store: Store, run: Run) -> set[str | None]:
    """Return the cells that the first reason for a run's verdict is about."""
    verdict = store.trails.verdict(run.info.run_id)
    assert verdict
    session = store.trails.executions(run.info.run_id)[0].session_id
    cells = {one.id: one.cell_id for one in store.trails.session_executions(session)}
    first = next(finding for finding in verdict.findings if finding.kind != "note")
    return {cells[one] for one in first.executions}


def drawn(run: Run) -> int:
    """Return how many figures are among a run's artifacts, those of autolog left out."""
    return len(list(Path(run.info.artifact_uri, "figures").glob("cell-*")))
