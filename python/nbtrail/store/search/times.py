"""Times in filters: milliseconds, dates, and spans from now; durations.

``1790000000000``, ``'2026-11-01'``, ``'2026-11-01 14:30'``, ``'2026-11-01T14:30:00+01:00'``,
``-7d`` (s, m, h, d, w), ``now``, ``today``, ``yesterday``, ``tomorrow``. Days begin, and times
without an offset are, in the time zone of the process that searches.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from nbtrail.errors import InvalidValue
from nbtrail.store.search.grammar import Value

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DAYS = {"yesterday": -1, "today": 0, "tomorrow": 1}


def milliseconds(value: Value) -> float:
    """Return a time as milliseconds since the epoch.

    Raises:
        InvalidValue: it is none; the message has its place in the filter.
    """
    try:
        if value.kind == "number":
            return float(value.text)
        return _moment(value).timestamp() * 1000
    except (ValueError, OverflowError, OSError):
        raise InvalidValue(
            f"'{value.text:.40}' at character {value.at + 1} is no time: give milliseconds, "
            "'2026-11-01', '2026-11-01 14:30', -7d (or s, m, h, w), now, today or yesterday."
        ) from None


def seconds(value: Value) -> float:
    """Return a length of time in seconds, of which ``'5m'`` has 300.

    Raises:
        InvalidValue: it is none; the message has its place in the filter.
    """
    text = value.text.strip().lower()
    try:
        if text[-1:] in _UNITS:
            return timedelta(**{_UNITS[text[-1]]: float(text[:-1])}).total_seconds()
        return float(text)
    except (ValueError, OverflowError):
        raise InvalidValue(
            f"'{value.text:.40}' at character {value.at + 1} is no duration: give seconds, or '5m' "
            "(or s, h, d, w)."
        ) from None


def _moment(value: Value) -> datetime:
    now = datetime.now().astimezone()
    if value.kind == "span":
        return now + timedelta(**{_UNITS[value.text[-1].lower()]: float(value.text[:-1])})
    word = value.text.strip().lower()
    if word == "now":
        return now
    if word in _DAYS:
        day = now.date() + timedelta(days=_DAYS[word])
        return datetime(day.year, day.month, day.day).astimezone()
    return datetime.fromisoformat(value.text.strip()).astimezone()
