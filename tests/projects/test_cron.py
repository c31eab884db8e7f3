"""When something is to be executed."""

from __future__ import annotations

import time
from datetime import datetime
from itertools import islice

import pytest

from nbtrail.errors import InvalidValue
from nbtrail.projects.background import cron

SUNDAY = datetime(2026, 11, 22, 12, 0)


def following(fields: str, count: int = 1, after: datetime = SUNDAY) -> list[str]:
    found = islice(cron.times(fields, round(after.timestamp() * 1000)), count)
    return [datetime.fromtimestamp(one / 1000).strftime("%a %d %H:%M") for one in found]


@pytest.mark.parametrize(
    ("fields", "times"),
    [
        (cron.HOURLY, ["Sun 22 13:00", "Sun 22 14:00"]),
        ("*/20 * * * *", ["Sun 22 12:20", "Sun 22 12:40"]),
        (cron.daily("07:30"), ["Mon 23 07:30", "Tue 24 07:30"]),
        (cron.daily(" 0:05"), ["Mon 23 00:05", "Tue 24 00:05"]),
        ("0 9 1 * *", ["Tue 01 09:00", "Fri 01 09:00"]),
        # Days of the week as crontab counts them: 0 and 7 are Sunday.
        ("0 9 * * 1", ["Mon 23 09:00", "Mon 30 09:00"]),
        ("0 9 * * 1-5", ["Mon 23 09:00", "Tue 24 09:00"]),
        ("0 9 * * 0", ["Sun 29 09:00", "Sun 06 09:00"]),
        ("0 9 * * 0-7", ["Mon 23 09:00", "Tue 24 09:00"]),
        ("0 9 * * 6,7", ["Sat 28 09:00", "Sun 29 09:00"]),
        ("0 9 * * FRI-SUN", ["Fri 27 09:00", "Sat 28 09:00"]),
        ("0 9 * * 5-7", ["Fri 27 09:00", "Sat 28 09:00"]),
        ("0 9 * * */3", ["Wed 25 09:00", "Sat 28 09:00"]),
        ("0 9 * * 1/3", ["Mon 23 09:00", "Thu 26 09:00"]),
    ],
)
def test_times_are_those_of_crontab(fields: str, times: list[str]) -> None:
    assert following(fields, 2) == times


def test_a_time_itself_does_not_come_once_more() -> None:
    assert following(cron.HOURLY, 1, SUNDAY.replace(hour=13)) == ["Sun 22 14:00"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ("", "has 0 fields, not 5. Write minute, hour"),
        ("0 9 * *", "has 4 fields"),
        ("61 * * * *", "says no time.*61"),
        ("0 9 13 * 5", "days of the month and of the week: name one"),
        ("0 9 * * 8", "'8' is no day of the week"),
        ("0 9 * * 5-3", "ends before it begins"),
        ("0 9 * * mon-", "'mon-' is no day of the week"),
        ("0 0 30 2 *", "never comes"),
        ("x" * 9_000, "has 1 fields"),
    ],
)
def test_a_mistake_is_one_sentence(fields: str, said: str) -> None:
    with pytest.raises(InvalidValue, match=said):
        cron.next_time(fields, round(time.time() * 1000))


@pytest.mark.parametrize("given", ["", "24:00", "7", "7:60", "noon"])
def test_what_is_no_time_of_a_day_is_refused(given: str) -> None:
    with pytest.raises(InvalidValue, match=r"no time of a day, such as 07:30"):
        cron.daily(given)
