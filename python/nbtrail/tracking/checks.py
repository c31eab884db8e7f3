"""What may be logged, checked before anything is done: a call with a mistake opens no run."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterable, Mapping
from typing import Any

from nbtrail import config
from nbtrail.entities import DatasetInput, Metric, Param, ParamOrigin, RunTag
from nbtrail.errors import InvalidValue
from nbtrail.store.keys import PARAM_LIMIT, TAG_LIMIT, check_key, check_text, shown, text_of
from nbtrail.store.params import check as check_param
from nbtrail.tracking.current import process
from nbtrail.tracking.failures import tell_once


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
        raise InvalidValue(f"A metric's {what} must be an integer, not {shown(value)}.") from None
    if not -(2**63) <= whole < 2**63:
        raise InvalidValue(f"A metric's {what} must fit 64 bits; {shown(whole)} does not.")
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
        f"The metric '{key}' needs a number, not {shown(value)}. Text goes into log_param."
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
    for key, value in items(values, "Metrics"):
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
        for key, value in items(values, "Metrics")
    ]


def batch(
    metrics: Iterable[Metric],
    params_: Iterable[Param] | Mapping[str, Any],
    tags_: Iterable[RunTag] | Mapping[str, Any],
) -> tuple[list[Metric], list[Param], dict[str, str]]:
    """Return what is logged in one transaction.

    Raises:
        InvalidValue: something in it is not allowed, or a param has two values.
    """
    records, texts = params(_by_key(params_)), tags(_by_key(tags_))
    return [_point(metric) for metric in metrics], records, texts


def _point(metric: Metric) -> Metric:
    if not hasattr(metric, "key"):
        raise InvalidValue(
            "The metrics of a batch are a list of nbtrail.entities.Metric(key, value, timestamp, "
            f"step), not of {metric!r:.40}. log_metrics takes a dict such as {{'name': 1}}."
        )
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


def params(values: Mapping[str, Any], origin: ParamOrigin = "explicit") -> list[Param]:
    """Return params as they are recorded: what the running cell gives them.

    Raises:
        InvalidValue: a key is not allowed.
    """
    execution = process.execution
    return [
        check_param(_param(key, text_of(value, "value of a param"), value, origin, execution))
        for key, value in items(values, "Params")
    ]


def _param(key: str, text: str, value: Any, origin: ParamOrigin, execution: int | None) -> Param:
    """Return a param; of one that is too long the text is cut, and the typed value is whole."""
    if len(text) <= PARAM_LIMIT or not config.truncates_long_values():
        return Param(key, text, value, origin, execution)
    tell_once(
        f"nbtrail: the value of param '{key!s:.80}' has {len(text)} characters. Its text is cut to "
        f"{PARAM_LIMIT}; the whole of it is kept beside, as `typed` in run.data.param_records."
    )
    whole = value if _is_json(value) else text
    return Param(key, text[:PARAM_LIMIT], whole, origin, execution)


def _is_json(value: Any) -> bool:
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return False
    return True


def tags(values: Mapping[str, Any]) -> dict[str, str]:
    """Return tags as they are set: text, which is cut if it is too long.

    Raises:
        InvalidValue: they are no dict, or a key is not allowed.
    """
    return {
        check_key(key, "tag"): _tag(key, text_of(value, f"value of tag '{key}'"))
        for key, value in items(values, "Tags")
    }


def items(values: Any, what: str) -> Iterable[tuple[Any, Any]]:
    """Return the items of a dict.

    Raises:
        InvalidValue: it is none.
    """
    if not hasattr(values, "items"):
        raise InvalidValue(f"{what} are a dict such as {{'name': 1}}, not {shown(values)}.")
    found: Iterable[tuple[Any, Any]] = values.items()
    return found


def _tag(key: str, text: str) -> str:
    if len(text) > TAG_LIMIT and config.truncates_long_values():
        tell_once(
            f"nbtrail: the value of tag '{key}' has {len(text)} characters and is cut to "
            f"{TAG_LIMIT}: the rest is not kept. nbtrail.log_text keeps texts of any length."
        )
        text = text[:TAG_LIMIT]
    return check_text(text, TAG_LIMIT, f"value of tag '{key}'")
