"""Experiments, runs, and what is logged in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from msgspec import StructMeta
from msgspec.structs import force_setattr

from nbtrail.entities.base import ParamOrigin, Record, RunKind, Stage, Status
from nbtrail.entities.inputs import RunInputs, RunOutputs


class ExperimentTag(Record, frozen=True):
    """One tag of an experiment."""

    key: str
    value: str


class Experiment(Record, frozen=True):
    """A named group of runs. As in MLflow, a list of ExperimentTag may be given for `tags`."""

    DEFAULT_EXPERIMENT_NAME: ClassVar[str] = "Default"

    experiment_id: str
    name: str
    artifact_location: str
    lifecycle_stage: Stage = "active"
    tags: dict[str, str] = {}
    creation_time: int | None = None
    last_update_time: int | None = None

    def __post_init__(self) -> None:
        _key_tags(self)


class Metric(Record, frozen=True, gc=False):
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


class MetricSummary(Record, frozen=True, gc=False):
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


class Param(Record, frozen=True, gc=False):
    """One param: MLflow's string, and beside it the typed value and where it came from.

    `typed` is JSON-representable. `execution` is the CellExecution that bound or logged it.
    """

    key: str
    value: str
    typed: Any = None
    origin: ParamOrigin = "explicit"
    execution: int | None = None


class RunTag(Record, frozen=True, gc=False):
    """One tag of a run."""

    key: str
    value: str


class RunInfo(Record, frozen=True, gc=False):
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
    """A run's metrics, params and tags: MLflow's plain dicts.

    Beside them, `metric_summaries` and `param_records` have all that is known of each. The dicts
    are made from these; or, as in MLflow, from lists of Metric, Param and RunTag given for them.
    """

    metrics: dict[str, float] = {}
    params: dict[str, str] = {}
    tags: dict[str, str] = {}
    metric_summaries: list[MetricSummary] = []
    param_records: list[Param] = []

    def __post_init__(self) -> None:
        if isinstance(self.metrics, list):
            force_setattr(self, "metric_summaries", [_summary(one) for one in self.metrics])
        if isinstance(self.params, list):
            force_setattr(self, "param_records", self.params)
        if self.metric_summaries or not self.metrics:
            force_setattr(self, "metrics", {m.key: m.value for m in self.metric_summaries})
        if self.param_records or not self.params:
            force_setattr(self, "params", {p.key: p.value for p in self.param_records})
        _key_tags(self)

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        return ((name, getattr(self, name)) for name in ("metrics", "params", "tags"))

    def to_dictionary(self) -> dict[str, Any]:
        """Return metrics, params and tags as MLflow writes them: by key."""
        return dict(self)


def _key_tags(record: Experiment | RunData) -> None:
    if isinstance(record.tags, list):
        force_setattr(record, "tags", {tag.key: tag.value for tag in record.tags})


def _summary(point: Metric) -> MetricSummary:
    """Return what is known of a metric of which one point is."""
    return MetricSummary(
        point.key, point.value, point.timestamp, point.step, 1, point.value, point.value
    )


class _MlflowsArguments(StructMeta):
    """Takes ``run_info=…`` for ``info=…``, and so on."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:  # noqa: N805 - of a metaclass
        return super().__call__(*args, **{k.removeprefix("run_"): v for k, v in kwargs.items()})


class Run(Record, frozen=True, metaclass=_MlflowsArguments):
    """One recorded execution."""

    info: RunInfo
    data: RunData
    inputs: RunInputs = RunInputs()
    outputs: RunOutputs = RunOutputs()

    def __repr__(self) -> str:
        info, data = self.info, self.data
        counts = f"{len(data.metrics)} metrics, {len(data.params)} params, {len(data.tags)} tags"
        return f"<Run {info.run_name} ({info.run_id}), {info.status}: {counts}>"

    def to_dictionary(self) -> dict[str, Any]:
        """Return the run as MLflow writes it."""
        return {name: part.to_dictionary() for name, part in self}
