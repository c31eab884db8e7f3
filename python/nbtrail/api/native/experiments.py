"""The experiments of a store: listed, made, changed, deleted and restored."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from nbtrail.api.context import Context
from nbtrail.api.http import Request, Response
from nbtrail.api.native.views import VIEWS, View
from nbtrail.entities import Experiment, Stage, Status
from nbtrail.store import Store


class ExperimentJson(msgspec.Struct):
    """An experiment and the number of its active runs; its tags group it with others."""

    experiment_id: str
    name: str
    lifecycle_stage: Stage
    creation_time: int | None
    last_update_time: int | None
    run_count: int
    counts: dict[Status, int]
    tags: dict[str, str]


class ExperimentQuery(msgspec.Struct):
    """How ``GET experiments`` may be asked."""

    filter: str = ""
    view: View = "active"


class ExperimentList(msgspec.Struct):
    """The experiments that were asked for, those with the latest run first."""

    experiments: list[ExperimentJson]


class OneExperiment(msgspec.Struct):
    """One experiment."""

    experiment: ExperimentJson


class NewExperiment(msgspec.Struct, forbid_unknown_fields=True):
    """What a new experiment is called."""

    name: str
    tags: dict[str, str] = {}


class ExperimentChanges(msgspec.Struct, forbid_unknown_fields=True):
    """What is to be changed; a tag that is None is deleted."""

    name: str | None = None
    tags: dict[str, str | None] = {}


def experiments(context: Context, request: Request) -> ExperimentList:
    """``GET experiments``."""
    query = request.query_as(ExperimentQuery)
    store = context.store()
    if store is None:
        return ExperimentList([])
    found = store.experiments.list(VIEWS[query.view], query.filter)
    counts = store.experiments.status_counts()
    return ExperimentList([_json(one, counts.get(one.experiment_id, {})) for one in found])


def create(context: Context, request: Request) -> Response:
    """``POST experiments``."""
    wanted = request.body_as(NewExperiment)
    made = context.new_store().experiments.create(wanted.name, tags=wanted.tags)
    return Response(201, msgspec.json.encode(OneExperiment(_json(made, {}))))


def change(context: Context, request: Request) -> OneExperiment:
    """``PATCH experiments/{experiment_id}``."""
    wanted = request.body_as(ExperimentChanges)
    store, experiment_id = context.existing_store(), request.arguments["experiment_id"]
    with store.transaction():
        known = store.experiments.get(experiment_id).tags
        if wanted.name is not None:
            store.experiments.rename(experiment_id, wanted.name)
        kept = {key: value for key, value in wanted.tags.items() if value is not None}
        store.experiments.set_tags(experiment_id, kept)
        for key in wanted.tags.keys() - kept.keys() & known.keys():
            store.experiments.delete_tag(experiment_id, key)
    return _one(store, experiment_id)


def delete(context: Context, request: Request) -> OneExperiment:
    """``POST experiments/{experiment_id}/delete``."""
    return _after(context, request, lambda store: store.experiments.delete)


def restore(context: Context, request: Request) -> OneExperiment:
    """``POST experiments/{experiment_id}/restore``."""
    return _after(context, request, lambda store: store.experiments.restore)


def _after(
    context: Context, request: Request, change: Callable[[Store], Callable[[str], None]]
) -> OneExperiment:
    store, experiment_id = context.existing_store(), request.arguments["experiment_id"]
    change(store)(experiment_id)
    return _one(store, experiment_id)


def _one(store: Store, experiment_id: str) -> OneExperiment:
    counts = store.experiments.status_counts().get(experiment_id, {})
    return OneExperiment(_json(store.experiments.get(experiment_id), counts))


def _json(experiment: Experiment, counts: dict[Status, int]) -> ExperimentJson:
    return ExperimentJson(
        experiment_id=experiment.experiment_id,
        name=experiment.name,
        lifecycle_stage=experiment.lifecycle_stage,
        creation_time=experiment.creation_time,
        last_update_time=experiment.last_update_time,
        run_count=sum(counts.values()),
        counts=counts,
        tags=experiment.tags,
    )
