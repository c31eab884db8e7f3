"""When something is to be executed: five fields as crontab has them, in the machine's time zone.

The times are APScheduler's. It counts the days of the week from Monday, and crontab from Sunday:
numbers in that field are made names before it sees them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from nbtrail.errors import InvalidState, InvalidValue

if TYPE_CHECKING:
    from apscheduler.triggers.cron import CronTrigger

HOURLY = "0 * * * *"
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_DAYS_OF_WEEK = re.compile(r"(?:\*|(\w+)(?:-(\w+))?)(?:/([1-7]))?")
_LIKE = "Write minute, hour, day of the month, month and day of the week, such as '30 7 * * 1-5'."


def daily(time: str) -> str:
    """Return the fields for each day at a time such as ``07:30``.

    Raises:
        InvalidValue: it is no time of a day.
    """
    found = _TIME.fullmatch(time.strip())
    if found is None:
        raise InvalidValue(f"'{time:.40}' is no time of a day, such as 07:30.")
    return f"{int(found[2])} {int(found[1])} * * *"


def next_time(cron: str, after: int) -> int:
    """Return the first time after another one, both in ms.

    Raises:
        InvalidValue: the fields are not as they must be, or there is no such time.
        InvalidState: APScheduler is not there.
    """
    for found in times(cron, after):
        return found
    raise InvalidValue(f"'{cron:.60}' never comes.", field="cron")


def times(cron: str, after: int) -> Iterator[int]:
    """Yield all times after another one, in ms, in order.

    Raises:
        InvalidValue: the fields are not as they must be.
    """
    trigger = _trigger(cron)
    latest: datetime | None = datetime.fromtimestamp(after / 1000, UTC)
    while (latest := trigger.get_next_fire_time(latest, latest)) is not None:
        if (found := round(latest.timestamp() * 1000)) > after:
            yield found


def _trigger(cron: str) -> CronTrigger:
    try:
        from apscheduler.triggers.cron import CronTrigger
    except ImportError:
        raise InvalidState("Schedules need APScheduler: pip install 'nbtrail[schedule]'.") from None
    fields = cron.lower().split()
    if len(fields) != 5:
        raise InvalidValue(f"'{cron:.60}' has {len(fields)} fields, not 5. {_LIKE}", field="cron")
    if fields[2] != "*" and fields[4] != "*":  # of which crontab takes either, APScheduler both
        said = f"'{cron:.60}' names days of the month and of the week: name one of them."
        raise InvalidValue(said, field="cron")
    try:
        return CronTrigger.from_crontab(" ".join([*fields[:4], _named(fields[4])]))
    except (ValueError, KeyError) as error:
        said = f"'{cron:.60}' says no time: {error}. {_LIKE}"
        raise InvalidValue(said, field="cron") from None


def _named(field: str) -> str:
    """Return days of the week by their names, each on its own."""
    days = {day for part in field.split(",") for day in _days(part)}
    return "*" if len(days) == len(_DAYS) else ",".join(sorted(days, key=_DAYS.index))


def _days(part: str) -> Iterator[str]:
    found = _DAYS_OF_WEEK.fullmatch(part)
    if found is None:
        raise ValueError(f"'{part}' is no day of the week")
    first = 0 if found[1] is None else _number(found[1])
    last = 6 if found[1] is None or (found[3] and not found[2]) else _number(found[2] or found[1])
    if found[2] == "7" or (found[2] and last == 0 < first):
        last = 7  # Sunday ends a week as well
    if last < first:
        raise ValueError(f"'{part}' ends before it begins")
    yield from (_DAYS[day % 7] for day in range(first, last + 1, int(found[3] or 1)))


def _number(day: str) -> int:
    if day in _DAYS:
        return _DAYS.index(day)
    if day.isdecimal() and int(day) <= 7:
        return int(day) % 7
    raise ValueError(f"'{day}' is no day of the week")
