"""What may be logged, checked before anything is done: a call with a mistake opens no run."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from nbtrail.errors import InvalidValue
from nbtrail.store.keys import PARAM_LIMIT, TAG_LIMIT, check_key, check_text


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
    """Return a metric's value as a float.

    Raises:
        InvalidValue: it is not a number; text that looks like one is not, either.
    """
    try:
        if not isinstance(value, str | bytes):
            return float(value)
    except (TypeError, ValueError, OverflowError, RuntimeError):
        pass
    raise InvalidValue(
        f"The metric '{key}' needs a number, not {value!r:.80}. Text goes into log_param."
    )


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
