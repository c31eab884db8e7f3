"""The vocabulary as immutable records: no behaviour, no other room, nothing drawn.

Times are milliseconds since the epoch (UTC), durations are seconds. Field order follows
MLflow where MLflow has the entity, so that positional construction works unchanged.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any, Generic, Literal, TypeVar

import msgspec

Status = Literal["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"]
LifecycleStage = Literal["active", "deleted"]
CellStatus = Literal["running", "ok", "error", "interrupted", "killed"]
ParamOrigin = Literal["explicit", "injected", "inferred", "inherited", "autolog"]
RunKind = Literal["explicit", "implicit"]
EndpointState = Literal["starting", "ready", "failed", "stopped"]
T = TypeVar("T")


class ViewType(IntEnum):
    """Which experiments or runs a search is about, by their lifecycle stage."""

    ACTIVE_ONLY = 1
    DELETED_ONLY = 2
    ALL = 3


class PagedList(list[T], Generic[T]):
    """One page of results; `token` gets the next one, None after the last."""

    def __init__(self, items: list[T], token: str | None) -> None:
        super().__init__(items)
        self.token = token


class Record(msgspec.Struct, frozen=True, kw_only=False):
    """Base of all entities."""


class Metric(Record, frozen=True):
    """One metric point. `execution` is the id of the CellExecution that logged it, if any."""

    key: str
    value: float
    timestamp: int
    step: int = 0
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


class ExperimentTag(Record, frozen=True):
    """One tag of an experiment."""

    key: str
    value: str


class InputTag(Record, frozen=True):
    """One tag of an input; ``mlflow.data.context`` says what the dataset was used for."""

    key: str
    value: str


class Dataset(Record, frozen=True):
    """Data that a run used. `digest` is a hash of the content; `source` says where it is.

    `schema` and `profile` are JSON texts, as on MLflow's wire.
    """

    name: str
    digest: str
    source_type: str
    source: str
    schema: str | None = None
    profile: str | None = None


class DatasetInput(Record, frozen=True):
    """A dataset as one run used it. `execution` is the CellExecution that linked it."""

    dataset: Dataset
    tags: list[InputTag] = []
    execution: int | None = None


class RunInputs(Record, frozen=True):
    """What a run used."""

    dataset_inputs: list[DatasetInput] = []


class LoggedModelOutput(Record, frozen=True):
    """A model that a run logged."""

    model_id: str
    step: int = 0


class RunOutputs(Record, frozen=True):
    """What a run made."""

    model_outputs: list[LoggedModelOutput] = []


class FileInfo(Record, frozen=True):
    """An artifact or a folder of them; `file_size` in bytes, None for a folder."""

    path: str
    is_dir: bool
    file_size: int | None


class Edit(Record, frozen=True):
    """One entry of the audit: who changed what of which run or experiment, and what was before.

    `before` and `after` are JSON-representable; None where there was, or is, nothing.
    """

    at: int
    who: str
    action: str
    subject: Literal["run", "experiment"]
    subject_id: str
    key: str | None = None
    before: Any = None
    after: Any = None


class Experiment(Record, frozen=True):
    """A named group of runs."""

    experiment_id: str
    name: str
    artifact_location: str
    lifecycle_stage: LifecycleStage = "active"
    tags: dict[str, str] = {}
    creation_time: int | None = None
    last_update_time: int | None = None


class RunInfo(Record, frozen=True):
    """What a run is, without its data. `error` is one line on why it failed or was killed."""

    run_id: str
    experiment_id: str
    user_id: str
    status: Status
    start_time: int
    end_time: int | None
    lifecycle_stage: LifecycleStage = "active"
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


class Run(Record, frozen=True):
    """One recorded execution."""

    info: RunInfo
    data: RunData
    inputs: RunInputs = RunInputs()
    outputs: RunOutputs = RunOutputs()


class Session(Record, frozen=True):
    """One kernel life with the recorder on. `notebook` is a path as the kernel knows it."""

    session_id: str
    started: int
    notebook: str | None = None
    kernel: str | None = None


class CellExecution(Record, frozen=True):
    """One cell as it ran.

    `outputs` are nbformat output dicts; `error` is the traceback's last line.

    `reads` maps each name that was read to the id of the execution that had bound it
    (None: bound outside the session). `ordinal` counts from 0 within the session.
    """

    id: int
    session_id: str
    ordinal: int
    cell_id: str | None
    source: str
    execution_count: int | None
    started: int
    duration: float | None = None
    status: CellStatus = "running"
    error: str | None = None
    outputs: list[dict[str, Any]] = []
    reads: dict[str, int | None] = {}
    writes: list[str] = []
    tags: list[str] = []
    opaque: str | None = None
    role: Literal["own", "prelude"] = "own"
    params: list[str] = []
    metrics: list[str] = []


class SeriesPoints(Record, frozen=True):
    """A metric's history, or its buckets when it was longer than asked for.

    The columns are of equal length, one entry a bucket: `step`, `timestamp` and `value` are of
    its last point, `first` is its first value, `low` and `high` are its extremes without NaN
    (NaN when there is nothing else), `count` its number of points. `x` is the axis that was
    asked for. `total` is the number of points in the store.
    """

    run_id: str
    key: str
    total: int
    x: list[float]
    step: list[int]
    timestamp: list[int]
    value: list[float]
    first: list[float]
    low: list[float]
    high: list[float]
    count: list[int]


class GroupStatistics(Record, frozen=True):
    """A metric over several runs, exact: one entry a bucket of the axis, all columns as long.

    `runs` is how many runs have points in the bucket, `count` how many points those are (NaN
    ones not counted); `mean`, `std` (of the population), `low` and `high` are over the points.
    """

    group: str
    key: str
    x: list[float]
    runs: list[int]
    count: list[int]
    mean: list[float]
    std: list[float]
    low: list[float]
    high: list[float]


class LoggedModel(Record, frozen=True):
    """A model as it was logged by a run. `artifact_uri` is the model directory."""

    model_id: str
    experiment_id: str
    name: str
    artifact_uri: str
    creation_timestamp: int
    source_run_id: str | None = None
    execution: int | None = None
    flavor: str = ""
    status: Literal["PENDING", "READY", "FAILED"] = "READY"


class RegisteredModel(Record, frozen=True):
    """A name under which versions of a model are kept."""

    name: str
    creation_timestamp: int
    last_updated_timestamp: int
    description: str = ""
    latest_version: str | None = None


class ModelVersion(Record, frozen=True):
    """One version of a registered model. `version` is a string, as on MLflow's wire."""

    name: str
    version: str
    creation_timestamp: int
    last_updated_timestamp: int
    source: str
    run_id: str | None = None
    model_id: str | None = None
    description: str = ""
    status: str = "READY"


class Endpoint(Record, frozen=True):
    """A served model: a row in the store, so that any process of the user can find it.

    `token` is what the scoring process asks for; it never leaves the machine's user.
    """

    name: str
    model_uri: str
    host: str
    port: int | None
    pid: int | None
    token: str
    state: EndpointState
    started: int
    error: str | None = None

    def __repr__(self) -> str:
        """Show all but the token: what a cell displays is saved in the notebook."""
        shown = (f for f in self.__struct_fields__ if f != "token")
        return f"Endpoint({', '.join(f'{name}={getattr(self, name)!r}' for name in shown)})"
