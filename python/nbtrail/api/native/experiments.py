"""The experiments of a store."""

from __future__ import annotations

import msgspec

from nbtrail.api.context import Context
from nbtrail.api.http import Request
from nbtrail.entities import Experiment, LifecycleStage


class ExperimentJson(msgspec.Struct):
    """An experiment and the number of its runs."""

    experiment_id: str
    name: str
    lifecycle_stage: LifecycleStage
    creation_time: int | None
    last_update_time: int | None
    run_count: int


class ExperimentList(msgspec.Struct):
    """All experiments."""

    experiments: list[ExperimentJson]


def experiments(context: Context, _request: Request) -> ExperimentList:
    """``GET experiments``."""
    store = context.store()
    if store is None:
        return ExperimentList([])
    counts = store.experiments.run_counts()
    return ExperimentList(
        [_json(one, counts.get(one.experiment_id, 0)) for one in store.experiments.list()]
    )


def _json(experiment: Experiment, run_count: int) -> ExperimentJson:
    return ExperimentJson(
        experiment_id=experiment.experiment_id,
        name=experiment.name,
        lifecycle_stage=experiment.lifecycle_stage,
        creation_time=experiment.creation_time,
        last_update_time=experiment.last_update_time,
        run_count=run_count,
    )
