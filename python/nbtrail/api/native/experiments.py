"""The experiments of a store."""

from __future__ import annotations

import msgspec

from nbtrail.api.context import Context
from nbtrail.api.http import Request
from nbtrail.api.native.views import VIEWS, View
from nbtrail.entities import Experiment, Stage


class ExperimentJson(msgspec.Struct):
    """An experiment and the number of its runs; its tags group it with others."""

    experiment_id: str
    name: str
    lifecycle_stage: Stage
    creation_time: int | None
    last_update_time: int | None
    run_count: int
    tags: dict[str, str]


class ExperimentQuery(msgspec.Struct):
    """How ``GET experiments`` may be asked."""

    filter: str = ""
    view: View = "active"


class ExperimentList(msgspec.Struct):
    """The experiments that were asked for, those with the latest run first."""

    experiments: list[ExperimentJson]


def experiments(context: Context, request: Request) -> ExperimentList:
    """``GET experiments``."""
    query = request.query_as(ExperimentQuery)
    store = context.store()
    if store is None:
        return ExperimentList([])
    found = store.experiments.list(VIEWS[query.view], query.filter)
    counts = store.experiments.run_counts()
    return ExperimentList([_json(one, counts.get(one.experiment_id, 0)) for one in found])


def _json(experiment: Experiment, run_count: int) -> ExperimentJson:
    return ExperimentJson(
        experiment_id=experiment.experiment_id,
        name=experiment.name,
        lifecycle_stage=experiment.lifecycle_stage,
        creation_time=experiment.creation_time,
        last_update_time=experiment.last_update_time,
        run_count=run_count,
        tags=experiment.tags,
    )
