"""Points, and what is derived from them: totals of a series, and blocks."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from nbtrail.store import blocks, charts, totals
from nbtrail.store.doctor.problem import Problem

# Jumps from series to series instead of reading every point.
_SERIES_OF = """
with recursive found(id) as (
    select min(series) from {table}
    union all
    select (select min(series) from {table} where series > found.id) from found
    where found.id is not null
)
select id from found where id is not null and id not in (select id from series)
"""

_WRONG_BLOCKS = """
with computed as (
    select
        block.*,
        count(*) as true_n, count(*) - count(point.value) as true_nnan,
        min(point.value) as true_min, max(point.value) as true_max,
        total(point.value) as true_sum, total(abs(point.value)) as size_of_sum,
        total(point.value * point.value) as squares,
        lag(block.last_step) over previous as step_before,
        lag(block.last_seq) over previous as seq_before
    from block
    join point on point.series = block.series
        and (point.step, point.seq) >= (block.step, block.seq)
        and (point.step, point.seq) <= (block.last_step, block.last_seq)
    group by block.series, block.size, block.step, block.seq
    window previous as (partition by block.series, block.size order by block.step, block.seq)
)
select distinct series from computed
where (n, nnan, min, max) is not (true_n, true_nnan, true_min, true_max)
    or abs(coalesce(sum, 0) - true_sum) > 1e-6 * (1 + size_of_sum)
    or abs(spread - (squares - true_sum * true_sum / max(n - nnan, 1))) > 1e-6 * (1 + squares)
    or (step, seq) <= (step_before, seq_before)
    or chart is not packed_chart(
        last_step,
        coalesce((select ts from point where point.series = computed.series
            and point.step = computed.last_step and point.seq = computed.last_seq), 0),
        n,
        (select value from point where point.series = computed.series
            and point.step = computed.step and point.seq = computed.seq),
        (select value from point where point.series = computed.series
            and point.step = computed.last_step and point.seq = computed.last_seq),
        min, max
    )
union
select block.series from block left join point on point.series = block.series
    and point.step = block.step and point.seq = block.seq
where point.series is null
union
select series.id from series left join block on block.series = series.id and block.size = 16
group by series.id
having series.count - coalesce(sum(block.n), 0) not between 0 and 31
"""


def orphans(connection: sqlite3.Connection) -> Iterator[Problem]:
    """Find points and blocks whose series is not there: nobody knows whose they were."""
    for table in ("point", "block"):
        lost = [row["id"] for row in connection.execute(_SERIES_OF.format(table=table))]
        if lost:
            yield Problem(
                "points",
                f"{table}s of {len(lost)} series that are not there",
                "deletes them",
                partial(_delete, connection, table, lost),
            )


def series(connection: sqlite3.Connection) -> Iterator[Problem]:
    """Find series of which something else is maintained than their points say."""
    if wrong := totals.wrong(connection):
        yield Problem(
            "series",
            f"{_some(connection, wrong)}: the last value, the extremes or the count are not "
            "those of the points",
            "computes them from the points",
            partial(_each, totals.rebuild, connection, wrong),
        )


def summaries(connection: sqlite3.Connection) -> Iterator[Problem]:
    """Find blocks that differ from the points that they cover."""
    connection.create_function("packed_chart", 7, charts.pack, deterministic=True)
    if wrong := [row["series"] for row in connection.execute(_WRONG_BLOCKS)]:
        yield Problem(
            "blocks",
            f"{_some(connection, wrong)}: what charts are drawn from is not what the points say",
            "computes it from the points",
            partial(_each, blocks.rebuild, connection, wrong),
        )


def _some(connection: sqlite3.Connection, wrong: Sequence[int]) -> str:
    """Return `metric 'loss' of run 3f2a91c4`, and how many others there are."""
    row = connection.execute(
        "select metric.key, run.uuid from series join run on run.id = series.run "
        "join metric on metric.id = series.metric where series.id = ?",
        (wrong[0],),
    ).fetchone()
    named = f"metric '{row['key']}' of run {row['uuid'][:8]}" if row else f"series {wrong[0]}"
    return named if len(wrong) == 1 else f"{named} and {len(wrong) - 1} others"


def _delete(connection: sqlite3.Connection, table: str, lost: Sequence[int]) -> None:
    connection.executemany(f"delete from {table} where series = ?", [(one,) for one in lost])


def _each(
    rebuild: Callable[[sqlite3.Connection, int], None],
    connection: sqlite3.Connection,
    wrong: Sequence[int],
) -> None:
    for one in wrong:
        rebuild(connection, one)
