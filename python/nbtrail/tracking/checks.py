"""What may be logged, checked before anything is done: a call with a mistake opens no run."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping
from typing import Any

from nbtrail.entities import DatasetInput, Metric, Param, RunTag
from nbtrail.errors import InvalidValue
from nbtrail.store.keys import PARAM_LIMIT, TAG_LIMIT, check_key, check_text
from nbtrail.tracking.current import process


def step(value: Any) -> int:
    """Return a metric's step as an integer; None is 0.

    Raises:
        InvalidValue: it is none, or does not fit 64 bits.
    """
    return 0 if value is None else _whole("step", value)


def timestamp(value: Any) -> int:
    """Return a metric's time in ms since the epoch; None (and 0) is now.

    Raises:
        InvalidValue: it is no number, or does not fit 64 bits.
    """
    return _whole("timestamp", value) if value else time.time_ns() // 1_000_000


def _whole(what: str, value: Any) -> int:
    try:
        whole = int(value)
    except (TypeError, ValueError, OverflowError):
        raise InvalidValue(f"A metric's {what} must be an integer, not {value!r:.80}.") from None
    if not -(2**63) <= whole < 2**63:
        raise InvalidValue(f"A metric's {what} must fit 64 bits; {whole} does not.")
    return whole


def number(key: str, value: Any) -> float:
    """Return a metric's value as a float; as in MLflow, text such as "0.5" is a number.

    An array or tensor of one element is that number; an integer too large for a float is infinite.

    Raises:
        InvalidValue: it is not a number.
    """
    try:
        return _float(value)
    except (TypeError, ValueError, RuntimeError):
        pass
    raise InvalidValue(
        f"The metric '{key}' needs a number, not {value!r:.80}. Text goes into log_param."
    )


def _float(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
    except TypeError:  # numpy refuses to see a number in an array of one element
        if not hasattr(value, "item"):
            raise
        return float(value.item())


def metrics(values: Mapping[str, Any], at: Any, moment: Any) -> None:
    """Check metric points, their step and their timestamp before they are logged.

    Raises:
        InvalidValue: one of them is not allowed.
    """
    step(at)
    timestamp(moment)
    for key, value in values.items():
        check_key(key, "metric")
        number(key, value)


def points(
    values: Mapping[str, Any],
    at: Any,
    moment: Any,
    model_id: str | None = None,
    dataset: DatasetInput | None = None,
) -> list[Metric]:
    """Return metric points of one moment, of a logged model that was measured on a dataset.

    Raises:
        InvalidValue: one of them is not allowed.
    """
    about = (dataset.dataset.name, dataset.dataset.digest) if dataset else (None, None)
    when = timestamp(moment), step(at)
    return [
        Metric(check_key(key, "metric"), number(key, value), *when, model_id, *about)
        for key, value in values.items()
    ]


def batch(
    metrics: Iterable[Metric],
    params_: Iterable[Param] | Mapping[str, Any],
    tags_: Iterable[RunTag] | Mapping[str, Any],
) -> tuple[list[Metric], dict[str, Any], dict[str, Any]]:
    """Return what is logged in one transaction, params and tags by their keys.

    Raises:
        InvalidValue: something in it is not allowed, or a param has two values.
    """
    texts, labels = _by_key(params_), _by_key(tags_)
    params(texts)
    tags(labels)
    return [_point(metric) for metric in metrics], texts, labels


def _point(metric: Metric) -> Metric:
    return Metric(
        check_key(metric.key, "metric"),
        number(metric.key, metric.value),
        timestamp(metric.timestamp),
        step(metric.step),
        metric.model_id,
        metric.dataset_name,
        metric.dataset_digest,
        execution=process.execution if metric.execution is None else metric.execution,
    )


def _by_key(records: Iterable[Param] | Iterable[RunTag] | Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(records, Mapping):
        return dict(records)
    found: dict[str, Any] = {}
    for one in records:
        known = found.setdefault(one.key, one.value)
        if isinstance(one, Param) and str(known) != str(one.value):
            raise InvalidValue(
                f"The param '{one.key}' has two values, '{known!s:.40}' and '{one.value!s:.40}': "
                "params are fixed within a run."
            )
        found[one.key] = one.value
    return found


def params(values: Mapping[str, Any]) -> None:
    """Check params before they are logged.

    Raises:
        InvalidValue: a key is not allowed, or a value is too long.
    """
    for key, value in values.items():
        check_text(str(value), PARAM_LIMIT, f"value of param '{check_key(key, 'param')}'")


def tags(values: Mapping[str, Any]) -> None:
    """Check tags before they are set.

    Raises:
        InvalidValue: a key is not allowed, or a value is too long.
    """
    for key, value in values.items():
        check_text(str(value), TAG_LIMIT, f"value of tag '{check_key(key, 'tag')}'")
