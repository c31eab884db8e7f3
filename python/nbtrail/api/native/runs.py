"""Runs, and one run."""

from __future__ import annotations

from typing import Annotated

import msgspec

from nbtrail.api.context import Context
from nbtrail.api.http import Request
from nbtrail.api.native.numbers import Number, number, optional_number
from nbtrail.api.native.views import VIEWS, View
from nbtrail.entities import (
    DatasetInput,
    LoggedModelOutput,
    MetricSummary,
    Param,
    ParamOrigin,
    Run,
    RunInfo,
)


class ParamJson(msgspec.Struct):
    """A param, where it came from, and the cell execution that bound it."""

    key: str
    value: str
    origin: ParamOrigin
    execution: int | None


class MetricJson(msgspec.Struct):
    """What is kept of a metric's whole history."""

    key: str
    value: Number
    step: int
    timestamp: int
    count: int
    min: Number | None
    max: Number | None
    execution: int | None
    cell_id: str | None


class RunJson(msgspec.Struct):
    """A run with its data; `datasets` it used, and `models` it made."""

    info: RunInfo
    params: list[ParamJson]
    metrics: list[MetricJson]
    tags: dict[str, str]
    datasets: list[DatasetInput]
    models: list[LoggedModelOutput]


class RunQuery(msgspec.Struct):
    """How ``GET runs`` may be asked; `experiment_id` and `order_by` may be repeated."""

    experiment_id: list[str] = []
    filter: str = ""
    order_by: list[str] = []
    max_results: Annotated[int, msgspec.Meta(ge=1, le=50_000)] = 1000
    page_token: str | None = None
    view: View = "active"


class RunPage(msgspec.Struct):
    """Some runs, and the token that gets the next ones."""

    runs: list[RunJson]
    next_page_token: str | None = None


class OneRun(msgspec.Struct):
    """One run."""

    run: RunJson


def runs(context: Context, request: Request) -> RunPage:
    """``GET runs``."""
    query = request.query_as(RunQuery)
    store = context.store()
    if store is None:
        return RunPage([])
    found, token = store.runs.search(
        query.experiment_id or None,
        query.filter,
        query.order_by,
        query.max_results,
        query.page_token,
        VIEWS[query.view],
    )
    return RunPage([run_json(one) for one in found], token)


def run(context: Context, request: Request) -> OneRun:
    """``GET runs/{run_id}``."""
    return OneRun(run_json(context.existing_store().runs.get(request.arguments["run_id"])))


def run_json(run: Run) -> RunJson:
    """Return a run as it travels."""
    return RunJson(
        info=run.info,
        params=[_param_json(param) for param in run.data.param_records],
        metrics=[_metric_json(metric) for metric in run.data.metric_summaries],
        tags=run.data.tags,
        datasets=run.inputs.dataset_inputs,
        models=run.outputs.model_outputs,
    )


def _param_json(param: Param) -> ParamJson:
    return ParamJson(param.key, param.value, param.origin, param.execution)


def _metric_json(metric: MetricSummary) -> MetricJson:
    return MetricJson(
        key=metric.key,
        value=number(metric.value),
        step=metric.step,
        timestamp=metric.timestamp,
        count=metric.count,
        min=optional_number(metric.min),
        max=optional_number(metric.max),
        execution=metric.execution,
        cell_id=metric.cell_id,
    )
