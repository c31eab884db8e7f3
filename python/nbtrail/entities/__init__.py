"""The vocabulary as immutable records: no behaviour, no other room, nothing drawn.

Times are milliseconds since the epoch (UTC), durations are seconds. Field order follows
MLflow where MLflow has the entity, so that positional construction works unchanged.
"""

from nbtrail.entities.base import (
    CellStatus,
    EndpointState,
    LifecycleStage,
    PagedList,
    ParamOrigin,
    Record,
    RunKind,
    RunStatus,
    SourceType,
    Stage,
    Status,
    ViewType,
)
from nbtrail.entities.charts import GroupStatistics, SeriesPoints
from nbtrail.entities.inputs import (
    Dataset,
    DatasetInput,
    DatasetSummary,
    FileInfo,
    InputTag,
    LoggedModelInput,
    LoggedModelOutput,
    RunInputs,
    RunOutputs,
)
from nbtrail.entities.models import Endpoint, LoggedModel, ModelVersion, RegisteredModel
from nbtrail.entities.runs import (
    Experiment,
    ExperimentTag,
    Metric,
    MetricSummary,
    Param,
    Run,
    RunData,
    RunInfo,
    RunTag,
)
from nbtrail.entities.trail import CellExecution, Edit, Session

__all__ = [
    "CellExecution",
    "CellStatus",
    "Dataset",
    "DatasetInput",
    "DatasetSummary",
    "Edit",
    "Endpoint",
    "EndpointState",
    "Experiment",
    "ExperimentTag",
    "FileInfo",
    "GroupStatistics",
    "InputTag",
    "LifecycleStage",
    "LoggedModel",
    "LoggedModelInput",
    "LoggedModelOutput",
    "Metric",
    "MetricSummary",
    "ModelVersion",
    "PagedList",
    "Param",
    "ParamOrigin",
    "Record",
    "RegisteredModel",
    "Run",
    "RunData",
    "RunInfo",
    "RunInputs",
    "RunKind",
    "RunOutputs",
    "RunStatus",
    "RunTag",
    "SeriesPoints",
    "Session",
    "SourceType",
    "Stage",
    "Status",
    "ViewType",
]
