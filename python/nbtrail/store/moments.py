"""Times, in milliseconds since 1970, that calendars have."""

from __future__ import annotations

from typing import Any

from nbtrail.errors import InvalidValue
from nbtrail.store.keys import shown

END_OF_TIME = 253_402_300_799_999
"""The last millisecond of the year 9999."""


def check_moment(value: Any, what: str) -> int:
    """Return the time of a `what` as an integer.

    Raises:
        InvalidValue: it is none, or one that no calendar has.
    """
    try:
        whole = int(value)
    except (TypeError, ValueError, OverflowError):
        whole = 0
    if not 1 <= whole <= END_OF_TIME:
        raise InvalidValue(
            f"{shown(value)} is no {what}: give milliseconds since 1970, such as "
            "int(time.time() * 1000)."
        )
    return whole
