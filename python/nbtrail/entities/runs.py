"""Experiments, runs, and what is logged in them."""

from __future__ import annotations

from typing import Any

from nbtrail.entities.base import ParamOrigin, Record, RunKind, Stage, Status
from nbtrail.entities.inputs import RunInputs, RunOutputs


class ExperimentTag(Record, frozen=True):
    """One tag of an experiment."""

    key: str
    value: str


class Experiment(Record, frozen=True):
    """A named group of runs."""

    experiment_id: str
    name: str
    artifact_location: str
    lifecycle_stage: Stage = "active"
    tags: dict[str, str] = {}
    creation_time: int | None = None
    last_update_time: int | None = None


class Metric(Record, frozen=True):
    """One metric point.

    `model_id`, `dataset_name` and `dataset_digest` say which logged model was measured on which
    data. `execution` is the id of the CellExecution that logged it, if any.
    """

    key: str
    value: float
    timestamp: int
    step: int = 0
    model_id: str | None = None
    dataset_name: str | None = None
    dataset_digest: str | None = None
    run_id: str | None = None
    execution: int | None = None


class MetricSummary(Record, frozen=True):
    """What is maintained of a metric's whole history in one run.

    `value`, `step`, `timestamp` are of the latest point; `min` and `max` ignore NaN and are
    None while every point is NaN. `cell_id` is the cell that logged the latest point.
    """

    key: str
    value: float
    timestamp: int
    step: int
    count: int
    min: float | None
    max: float | None
    execution: int | None = None
    cell_id: str | None = None


class Param(Record, frozen=True):
    """One param: MLflow's string, and beside it the typed value and where it came from.

    `typed` is JSON-representable. `execution` is the CellExecution that bound or logged it.
    """

    key: str
    value: str
    typed: Any = None
    origin: ParamOrigin = "explicit"
    execution: int | None = None


class RunTag(Record, frozen=True):
    """One tag of a run."""

    key: str
    value: str


class RunInfo(Record, frozen=True):
    """What a run is, without its data. `error` is one line on why it failed or was killed."""

    run_id: str
    experiment_id: str
    user_id: str
    status: Status
    start_time: int
    end_time: int | None
    lifecycle_stage: Stage = "active"
    artifact_uri: str = ""
    run_name: str = ""
    kind: RunKind = "explicit"
    notebook: str | None = None
    error: str | None = None

    @property
    def run_uuid(self) -> str:
        """MLflow's older name of `run_id`."""
        return self.run_id


class RunData(Record, frozen=True):
    """A run's metrics, params and tags; `metrics` and `params` are MLflow's plain dicts."""

    metric_summaries: list[MetricSummary] = []
    param_records: list[Param] = []
    tags: dict[str, str] = {}

    @property
    def metrics(self) -> dict[str, float]:
        """Latest value by metric key."""
        return {m.key: m.value for m in self.metric_summaries}

    @property
    def params(self) -> dict[str, str]:
        """String value by param key."""
        return {p.key: p.value for p in self.param_records}

    def to_dictionary(self) -> dict[str, Any]:
        """Return metrics, params and tags as MLflow writes them: by key."""
        return {"metrics": self.metrics, "params": self.params, "tags": self.tags}


class Run(Record, frozen=True):
    """One recorded execution."""

    info: RunInfo
    data: RunData
    inputs: RunInputs = RunInputs()
    outputs: RunOutputs = RunOutputs()

    def to_dictionary(self) -> dict[str, Any]:
        """Return the run as MLflow writes it."""
        return {name: part.to_dictionary() for name, part in self}
