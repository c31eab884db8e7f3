"""What `series` maintains of each history, computed anew from the points."""

from __future__ import annotations

import sqlite3

# Of the points with the greatest step, the one that came last; a NaN (null) is no extreme.
_COMPUTED = """
select point.series as id, count(*) as count, max(step) as max_step, min(value) as min,
    max(value) as max,
    (select seq from point as p where p.series = point.series order by step desc, seq desc limit 1)
        as last_seq
from point group by point.series
"""

_REBUILD = """
update series set
    (count, max_step, min, max) =
        (select count(*), max(step), min(value), max(value) from point where series = :series),
    (last, last_step, last_ts, last_execution) =
        (select value, step, ts, execution from point where series = :series
        order by step desc, seq desc limit 1)
where id = :series
"""

_WRONG = f"""
with computed as ({_COMPUTED})
select series.id from series
left join computed on computed.id = series.id
left join point on point.series = computed.id and point.step = computed.max_step
    and point.seq = computed.last_seq
where series.count is not coalesce(computed.count, 0)
    or (series.max_step, series.min, series.max) is not
        (computed.max_step, computed.min, computed.max)
    or (series.last, series.last_step, series.last_ts) is not (point.value, point.step, point.ts)
order by series.id
"""


def rebuild(connection: sqlite3.Connection, series: int) -> None:
    """Make what is maintained of one series what its points say."""
    connection.execute(_REBUILD, {"series": series})


def wrong(connection: sqlite3.Connection) -> list[int]:
    """Return the series of which something else is maintained than their points say."""
    return [row["id"] for row in connection.execute(_WRONG)]
