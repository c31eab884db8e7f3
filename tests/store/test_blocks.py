"""Blocks: whatever the order in which points come, each block says what its points say."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nbtrail.entities import Metric
from nbtrail.store import Store, blocks, charts

Points = Sequence[tuple[int, float]]
SIZES = {blocks.SMALL: (16, 32), blocks.LARGE: (128, 1024)}


def rows(store: Store, query: str, *values: object) -> list[sqlite3.Row]:
    with store._database.read() as connection:
        return connection.execute(query, values).fetchall()


def log(store: Store, run_id: str, points: Points, key: str = "loss") -> int:
    store.metrics.log(
        run_id, [Metric(key, value, 1000 + i, s) for i, (s, value) in enumerate(points)]
    )
    return store.metrics.series_id(run_id, key)


def check(store: Store, series: int) -> list[int]:
    """Compare all blocks with their points; return how many points the small blocks cover."""
    history = rows(store, "select * from point where series = ? order by step, seq", series)
    places = {(point["step"], point["seq"]): place for place, point in enumerate(history)}
    sizes = {}
    for size in (blocks.SMALL, blocks.LARGE):
        found = rows(
            store,
            "select * from block where series = ? and size = ? order by step, seq",
            series,
            size,
        )
        start, sizes[size] = 0, [block["n"] for block in found]
        for block in found:
            end = places[block["last_step"], block["last_seq"]] + 1
            assert places[block["step"], block["seq"]] == start  # no gap, no overlap
            check_block(block, history[start:end])
            assert SIZES[size][0] <= end - start < SIZES[size][1]
            start = end
    assert len(history) - sum(sizes[blocks.SMALL]) < 2 * blocks.SMALL
    starts = rows(
        store,
        "select count(*) from block as large where series = ? and size = 256 and not exists "
        "(select 1 from block as small where small.series = large.series and small.size = 16 "
        "and small.step = large.step and small.seq = large.seq)",
        series,
    )
    assert starts[0][0] == 0
    return sizes[blocks.SMALL]


def check_block(block: sqlite3.Row, points: list[sqlite3.Row]) -> None:
    numbers = [point["value"] for point in points if point["value"] is not None]
    assert (block["n"], block["nnan"]) == (len(points), len(points) - len(numbers))
    low, high = min(numbers, default=None), max(numbers, default=None)
    assert (block["min"], block["max"]) == (low, high)
    first, last = points[0], points[-1]
    assert block["chart"] == charts.pack(
        last["step"], last["ts"], len(points), first["value"], last["value"], low, high
    )
    if all(map(math.isfinite, numbers)):
        total = math.fsum(numbers)
        mean = total / (len(numbers) or 1)
        assert block["sum"] == pytest.approx(total, abs=1e-6)
        assert block["spread"] == pytest.approx(
            math.fsum((number - mean) ** 2 for number in numbers), rel=1e-6, abs=1e-6
        )


@pytest.fixture
def run_id(store: Store) -> str:
    return store.runs.create("0").info.run_id


def test_a_history_in_order_is_covered_by_full_blocks(store: Store, run_id: str) -> None:
    for start in range(0, 1000, 70):
        log(store, run_id, [(step, math.sin(step)) for step in range(start, start + 70)])
    series = log(store, run_id, [])
    assert set(check(store, series)) == {16}
    large = rows(store, "select n from block where series = ? and size = 256", series)
    assert [block["n"] for block in large] == [256] * 4


def test_single_points_make_blocks_too(store: Store, run_id: str) -> None:
    for step in range(300):
        series = log(store, run_id, [(step, float(step))])
    assert len(check(store, series)) == 18


def test_a_block_that_doubled_is_divided(store: Store, run_id: str) -> None:
    log(store, run_id, [(10 * step, 1.0) for step in range(600)])
    series = log(store, run_id, [(55, float(number)) for number in range(700)])
    assert max(check(store, series)) < 32


def test_a_history_backwards(store: Store, run_id: str) -> None:
    for start in range(2000, 0, -100):
        series = log(store, run_id, [(step, float(step)) for step in range(start, start - 100, -1)])
    check(store, series)


def test_far_from_zero_the_spread_is_still_right(store: Store, run_id: str) -> None:
    series = log(store, run_id, [(step, 1e9 + step % 2) for step in range(256)])
    for block in rows(store, "select * from block where series = ?", series):
        assert block["spread"] == pytest.approx(block["n"] / 4)


VALUES = st.floats(width=16, allow_nan=True, allow_infinity=True)
STEPS = st.one_of(st.integers(-5, 60), st.integers(-(2**63), 2**63 - 1))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    chunks=st.lists(
        st.one_of(
            st.lists(st.tuples(STEPS, VALUES), max_size=40),
            st.integers(0, 600).map(lambda n: [(step, step / 2) for step in range(n)]),
        ),
        max_size=6,
    )
)
def test_any_order_of_points_in_any_chunks(store: Store, chunks: list[Points]) -> None:
    run_id = store.runs.create("0").info.run_id
    for chunk in chunks:
        log(store, run_id, chunk)
    series = store.metrics.series_id(run_id, "loss")
    check(store, series)
    with store._database.write() as connection:
        blocks.rebuild(connection, series)
    assert set(check(store, series)) <= {16}


def test_a_rebuild_after_a_delete(store: Store, run_id: str) -> None:
    series = log(store, run_id, [(step, float(step)) for step in range(5000)])
    with store._database.write() as connection:
        connection.execute("delete from point where series = ? and step % 3 = 0", (series,))
        blocks.rebuild(connection, series)
    assert set(check(store, series)) == {16}
    large = rows(store, "select count(*) from block where series = ? and size = 256", series)
    assert large[0][0] == 3333 // 256
