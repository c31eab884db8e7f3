"""Histories in buckets, and statistics over groups: equal to a plain fold of all points."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nbtrail.entities import GroupStatistics, Metric, SeriesPoints
from nbtrail.errors import InvalidValue
from nbtrail.store import Store

Points = Sequence[tuple[int, float]]


@pytest.fixture
def run_id(store: Store) -> str:
    return store.runs.create("0", start_time=500).info.run_id


def log(store: Store, run_id: str, points: Points, key: str = "loss") -> None:
    metrics = [Metric(key, value, 1000 + place, at) for place, (at, value) in enumerate(points)]
    store.metrics.log(run_id, metrics)


def one(store: Store, run_id: str, points: int, **options: object) -> SeriesPoints:
    (found,) = store.history.buckets([run_id], ["loss"], points, **options)  # type: ignore[arg-type]
    return found


def check(found: SeriesPoints, history: Sequence[Metric], points: int) -> None:
    """Compare buckets with the points that they say they are made of."""
    assert sum(found.count) == len(history)
    assert min(points, len(history)) >= len(found.count)
    start = 0
    for place, count in enumerate(found.count):
        inside = history[start : start + count]
        values = [point.value for point in inside]
        numbers = [value for value in values if not math.isnan(value)]
        expected = (
            inside[-1].step, inside[-1].timestamp, values[-1], values[0],
            min(numbers, default=math.nan), max(numbers, default=math.nan),
        )  # fmt: skip
        assert repr(expected) == repr(
            (
                found.step[place], found.timestamp[place], found.value[place], found.first[place],
                found.low[place], found.high[place],
            )
        )  # fmt: skip
        start += count
    for column in (found.x, found.step, found.timestamp, found.value, found.first, found.low):
        assert len(column) == len(found.count)


def test_a_short_history_is_given_whole(store: Store, run_id: str) -> None:
    log(store, run_id, [(0, 2.0), (1, 1.0)])
    (found,) = store.history.buckets([run_id], ["loss", "absent"], 2)
    assert (found.run_id, found.key, found.total) == (run_id, "loss", 2)
    assert (found.x, found.step, found.timestamp) == ([0.0, 1.0], [0, 1], [1000, 1001])
    assert found.value == found.low == found.high == found.first == [2.0, 1.0]
    assert found.count == [1, 1]


@pytest.mark.parametrize("points", [1, 2, 7, 40, 99, 500, 4000, 9000])
def test_a_long_history_is_folded(store: Store, run_id: str, points: int) -> None:
    log(store, run_id, [(at, math.sin(at / 5) * at) for at in range(8500)])
    found = one(store, run_id, points)
    check(found, store.metrics.history(run_id, "loss"), points)
    assert len(found.step) > points * 0.9 or points == 9000
    assert max(found.count) < 2.2 * max(8500 / points, 1)


def test_a_spike_survives_the_folding(store: Store, run_id: str) -> None:
    log(store, run_id, [(at, 1e6 if at == 4321 else 0.0) for at in range(9000)])
    assert max(one(store, run_id, 10).high) == 1e6


@pytest.mark.parametrize(
    ("first", "last"), [(100, 200), (37, 5000), (0, 8999), (-5, 10**6), (8000, None), (None, 333)]
)
@pytest.mark.parametrize("points", [3, 200])
def test_a_range_of_steps(
    store: Store, run_id: str, first: int | None, last: int | None, points: int
) -> None:
    log(store, run_id, [(at, float(at % 97)) for at in range(9000)])
    found = one(store, run_id, points, first_step=first, last_step=last)
    history = [
        point
        for point in store.metrics.history(run_id, "loss")
        if (first is None or point.step >= first) and (last is None or point.step <= last)
    ]
    check(found, history, points)
    assert found.total == 9000


def test_a_range_without_points(store: Store, run_id: str) -> None:
    log(store, run_id, [(at, 1.0) for at in range(900)])
    assert one(store, run_id, 5, first_step=901).x == []
    assert one(store, run_id, 5, first_step=9, last_step=3).count == []


def test_several_runs_and_keys(store: Store, run_id: str) -> None:
    other = store.runs.create("0").info.run_id
    for run in (run_id, other):
        store.metrics.log(run, [Metric("a", 1.0, 1), Metric("b", 2.0, 1)])
        store.metrics.series_id(run, "empty")
    found = store.history.buckets([run_id, other, "x"], ["a", "b", "empty"])
    assert [(one.run_id, one.key) for one in found] == [
        (run_id, "a"), (run_id, "b"), (other, "a"), (other, "b"),
    ]  # fmt: skip


def test_the_axes(store: Store, run_id: str) -> None:
    log(store, run_id, [(0, 9.0), (10, 8.0), (20, 7.0), (30, 6.0)])
    log(store, run_id, [(5, 0.5), (20, 1.0), (20, 1.5), (29, math.nan)], "epoch")
    assert one(store, run_id, 9, x="time").x == [1000, 1001, 1002, 1003]
    assert one(store, run_id, 9, x="relative").x == [0.5, 0.501, 0.502, 0.503]
    assert repr(one(store, run_id, 9, x="epoch").x) == "[nan, 0.5, 1.5, nan]"
    with pytest.raises(InvalidValue, match=r"not 'epochs'\. Did you mean 'epoch'\?"):
        one(store, run_id, 9, x="epochs")
    with pytest.raises(InvalidValue, match="at least one point"):
        one(store, run_id, 0)


VALUES = st.floats(width=16)
CHUNK = st.one_of(
    st.lists(st.tuples(st.integers(-5, 60), VALUES), max_size=30),
    st.integers(1, 900).map(lambda n: [(at, float(at % 7)) for at in range(n)]),
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    chunks=st.lists(CHUNK, min_size=1, max_size=4),
    points=st.integers(1, 120),
    ends=st.none() | st.tuples(st.integers(-10, 900), st.integers(-10, 900)),
)
def test_buckets_are_a_fold_of_the_points(
    store: Store, chunks: list[Points], points: int, ends: tuple[int, int] | None
) -> None:
    run_id = store.runs.create("0").info.run_id
    for chunk in chunks:
        log(store, run_id, chunk)
    first, last = ends or (None, None)
    history = [
        point
        for point in store.metrics.history(run_id, "loss")
        if (first is None or point.step >= first) and (last is None or point.step <= last)
    ]
    found = store.history.buckets([run_id], ["loss"], points, first_step=first, last_step=last)
    if found:
        check(found[0], history, points)


def expected(
    histories: Sequence[Sequence[Metric]], found: GroupStatistics, lowest: float
) -> list[tuple[int, int, float, float, float, float]]:
    """Fold the points of runs in the intervals that end where the buckets do."""
    rows, start = [], lowest - 1
    for end in found.x:
        inside = [[p.value for p in h if start < p.step <= end] for h in histories]
        values = [value for run in inside for value in run if not math.isnan(value)]
        mean = math.fsum(values) / len(values) if values else math.nan
        spread = math.fsum((value - mean) ** 2 for value in values)
        rows.append(
            (
                sum(map(bool, inside)), len(values), mean,
                math.sqrt(spread / len(values)) if values else math.nan,
                min(values, default=math.nan), max(values, default=math.nan),
            )
        )  # fmt: skip
        start = end
    return rows


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    runs=st.lists(
        st.lists(
            st.one_of(
                st.lists(
                    st.tuples(st.integers(-5, 900), st.floats(-1e3, 1e3) | st.just(math.nan)),
                    max_size=30,
                ),
                st.integers(1, 900).map(lambda n: [(at, 1e6 + at % 7) for at in range(n)]),
            ),
            max_size=3,
        ),
        max_size=4,
    ),
    points=st.integers(1, 50),
)
def test_statistics_are_over_all_points(
    store: Store, runs: list[list[Points]], points: int
) -> None:
    ids = [store.runs.create("0").info.run_id for _ in runs]
    for run_id, chunks in zip(ids, runs, strict=True):
        for chunk in chunks:
            log(store, run_id, chunk)
    groups = {"all": [*ids, "absent", *ids], "first": ids[:1]}
    histories = {run_id: store.metrics.history(run_id, "loss") for run_id in ids}
    lowest = min((p.step for history in histories.values() for p in history), default=0)
    found = store.history.statistics(groups, "loss", points)
    assert [(one.group, one.key) for one in found] == [("all", "loss"), ("first", "loss")]
    for one, members in zip(found, (ids, ids[:1]), strict=True):
        assert len(one.x) <= points
        rows = zip(one.runs, one.count, one.mean, one.std, one.low, one.high, strict=True)
        ours = list(rows)
        theirs = expected([histories[member] for member in members], one, lowest)
        assert [row[:2] for row in ours] == [row[:2] for row in theirs]
        for mine, right in zip(ours, theirs, strict=True):
            assert mine == pytest.approx(right, nan_ok=True, rel=1e-9, abs=1e-6)


def test_statistics_with_infinities(store: Store, run_id: str) -> None:
    log(store, run_id, [(0, math.inf), (0, 1.0), (1, -math.inf), (2, math.inf), (2, -math.inf)])
    log(store, run_id, [(3, math.nan), (4, 2.0)])
    (found,) = store.history.statistics({"a": [run_id]}, "loss", 5)
    assert repr(found.mean) == "[inf, -inf, nan, nan, 2.0]"
    assert repr(found.std) == "[nan, nan, nan, nan, 0.0]"
    assert found.count == [2, 1, 2, 0, 1]
    assert found.runs == [1, 1, 1, 1, 1]


def test_statistics_on_other_axes(store: Store, run_id: str) -> None:
    other = store.runs.create("0", start_time=1500).info.run_id
    for run in (run_id, other):
        log(store, run, [(at, float(at)) for at in range(100)])
        log(store, run, [(at, at / 10) for at in range(0, 100, 10)], "epoch")
    groups = {"both": [run_id, other]}
    (found,) = store.history.statistics(groups, "loss", 10, x="epoch")
    assert found.count == [20] * 10
    assert found.mean == [4.5 + 10 * number for number in range(10)]
    (found,) = store.history.statistics(groups, "loss", 1, x="relative")
    assert (found.x, found.runs, found.count) == ([0.599], [2], [200])
    (found,) = store.history.statistics(groups, "loss", 1, x="time")
    assert found.x == [1099]
    (nothing,) = store.history.statistics({"none": []}, "loss", 10)
    assert (nothing.x, nothing.runs) == ([], [])
