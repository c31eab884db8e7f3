"""Logging to the current run, or to the one whose id is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nbtrail.entities import Metric, Param, RunTag
from nbtrail.store.keys import check_key
from nbtrail.tracking import checks
from nbtrail.tracking.active import require_run
from nbtrail.tracking.current import active_run
from nbtrail.tracking.inputs import DatasetLike, inputs_of
from nbtrail.tracking.log import RunLog, log_of
from nbtrail.tracking.operations import RunOperations, done
from nbtrail.tracking.where import place


def target(run_id: str | None) -> RunLog:
    """Return what logs to a run by its id, or to the current one, which is started if need be."""
    return require_run() if run_id is None else log_of(place.store(), run_id)


def log_param(key: str, value: Any, synchronous: bool | None = None) -> Any:
    """Record a param of the current run; it keeps this value within the run.

    Returns:
        the value; with ``synchronous=False`` an operation that is done already.

    Raises:
        InvalidValue: the param has another value already, or the key is not allowed.
    """
    log_params({check_key(key, "param"): value})
    return value if synchronous is not False else RunOperations()


def log_params(
    params: dict[str, Any], synchronous: bool | None = None, run_id: str | None = None
) -> RunOperations | None:
    """Record several params of a run, all of them or none; see `log_param`."""
    records = checks.params(params)
    target(run_id).log_checked_params(records)
    return done(synchronous)


def log_metric(
    key: str,
    value: float,
    step: int | None = None,
    synchronous: bool | None = None,
    timestamp: int | None = None,
    run_id: str | None = None,
    model_id: str | None = None,
    dataset: DatasetLike | None = None,
) -> RunOperations | None:
    """Record one point of a metric.

    Args:
        key: the metric's name.
        value: a number; NaN and infinities are kept.
        step: where the point stands on the x axis; 0 when not given. The latest value is that of
            the greatest step; of several points of one step, that which was logged last.
        synchronous: a point is always kept when this returns; False returns an operation.
        timestamp: ms since the epoch; now when not given.
        run_id: another run than the current one.
        model_id: the logged model that was measured.
        dataset: the data that it was measured on.

    Raises:
        InvalidValue: the value is not a number, or the key is not allowed.
        NotFound: there is no such run or model.
    """
    run: RunLog | None = active_run() if run_id is None else None
    if run is None or model_id is not None or dataset is not None:
        metrics = {check_key(key, "metric"): value}
        return log_metrics(metrics, step, synchronous, run_id, timestamp, model_id, dataset)
    run.log_metric(key, value, step, timestamp)
    return None if synchronous is not False else RunOperations()


def log_metrics(
    metrics: dict[str, float],
    step: int | None = None,
    synchronous: bool | None = None,
    run_id: str | None = None,
    timestamp: int | None = None,
    model_id: str | None = None,
    dataset: DatasetLike | None = None,
) -> RunOperations | None:
    """Record one point of each of several metrics, at the same moment; see `log_metric`.

    A pandas Series, such as ``df.mean()``, is as good as a dict.
    """
    metrics = dict(checks.items(metrics, "Metrics"))
    checks.metrics(metrics, step, timestamp)
    run = target(run_id)
    if model_id is None and dataset is None:
        run.log_metrics(metrics, step, timestamp)
    else:
        inputs = inputs_of([dataset])
        points = checks.points(metrics, step, timestamp, model_id, next(iter(inputs), None))
        run.log_measured(points, inputs)
    return done(synchronous)


def log_batch(
    metrics: Sequence[Metric] = (),
    params: Sequence[Param] | Mapping[str, Any] = (),
    tags: Sequence[RunTag] | Mapping[str, Any] = (),
    run_id: str | None = None,
    synchronous: bool | None = None,
) -> RunOperations | None:
    """Record metrics, params and tags in one transaction: all of them, or nothing.

    Args:
        metrics: `nbtrail.entities.Metric`, each with its own step and timestamp.
        params: `nbtrail.entities.Param`, or a dict.
        tags: `nbtrail.entities.RunTag`, or a dict.
        run_id: another run than the current one.
        synchronous: the batch is always kept when this returns; False returns an operation.

    Raises:
        InvalidValue: something in it is not acceptable.
    """
    batch = checks.batch(metrics, params, tags)
    target(run_id).log_batch(*batch)
    return done(synchronous)


def set_tag(key: str, value: Any, synchronous: bool | None = None) -> RunOperations | None:
    """Set a tag of the current run; an old value is replaced."""
    return set_tags({key: value}, synchronous)


def set_tags(tags: dict[str, Any], synchronous: bool | None = None) -> RunOperations | None:
    """Set several tags of the current run, all of them or none."""
    checks.tags(tags)
    require_run().set_tags(tags)
    return done(synchronous)


def delete_tag(key: str) -> None:
    """Remove a tag of the current run.

    Raises:
        NotFound: the run has no such tag.
    """
    run = require_run()
    run.store.runs.delete_tag(run.run_id, key)


def flush_async_logging() -> None:
    """Do nothing: what was logged is kept when the call that logs it returns."""


def log_input(
    dataset: DatasetLike | None = None,
    context: str | None = None,
    tags: dict[str, str] | None = None,
) -> None:
    """Note that the current run used a dataset.

    Args:
        dataset: of `nbtrail.data`, or an `nbtrail.entities.Dataset`.
        context: what for, such as ``training``.
        tags: what else is to be known of its use.
    """
    if dataset is not None:
        log_inputs([dataset], [context], [tags])


def log_inputs(
    datasets: Sequence[DatasetLike | None] | None = None,
    contexts: Sequence[str | None] | None = None,
    tags_list: Sequence[dict[str, str] | None] | None = None,
) -> None:
    """Note that the current run used several datasets; see `log_input`.

    Raises:
        InvalidValue: the lists are not equally long.
    """
    inputs = inputs_of(datasets or [], contexts, tags_list)
    require_run().log_inputs(inputs)
