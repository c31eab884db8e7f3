"""Metric points: what is maintained of a history, and in which order it comes back."""

from __future__ import annotations

import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nbtrail.entities import Metric, MetricSummary
from nbtrail.errors import InvalidValue, NotFound
from nbtrail.store import Store


@pytest.fixture
def run_id(store: Store) -> str:
    return store.runs.create("0", "first").info.run_id


def log(store: Store, run_id: str, *points: tuple[int, float]) -> None:
    """Journal points of the metric `loss`, as the hot path does."""
    series = store.metrics.series_id(run_id, "loss")
    for step, value in points:
        store.log_point(series, None, step, 1000 + min(step, 1000), value)
    store.drain()


def history(store: Store, run_id: str) -> list[tuple[int, float]]:
    return [(point.step, point.value) for point in store.metrics.history(run_id, "loss")]


def summary(store: Store, run_id: str) -> MetricSummary:
    return store.runs.get(run_id).data.metric_summaries[0]


def test_points_come_back(store: Store, run_id: str) -> None:
    log(store, run_id, (0, 3.0), (1, 1.0), (2, 2.0))
    assert history(store, run_id) == [(0, 3.0), (1, 1.0), (2, 2.0)]
    assert summary(store, run_id) == MetricSummary("loss", 2.0, 1002, 2, 3, 1.0, 3.0)
    assert store.runs.get(run_id).data.metrics == {"loss": 2.0}


def test_a_metric_without_points_is_none(store: Store, run_id: str) -> None:
    store.metrics.series_id(run_id, "loss")
    assert store.runs.get(run_id).data.metrics == {}
    assert store.metrics.history(run_id, "loss") == []


def test_late_and_repeated_steps_keep_their_order_of_arrival(store: Store, run_id: str) -> None:
    log(store, run_id, (5, 1.0), (3, 2.0), (5, 3.0), (3, 4.0), (-1, 5.0))
    assert history(store, run_id) == [(-1, 5.0), (3, 2.0), (3, 4.0), (5, 1.0), (5, 3.0)]
    assert (summary(store, run_id).value, summary(store, run_id).step) == (3.0, 5)


def test_nan_and_infinities_come_back(store: Store, run_id: str) -> None:
    log(store, run_id, (0, math.inf), (1, -math.inf), (2, math.nan))
    values = [value for _, value in history(store, run_id)]
    assert values[:2] == [math.inf, -math.inf]
    assert math.isnan(values[2])
    last = summary(store, run_id)
    assert math.isnan(last.value)
    assert (last.min, last.max, last.count) == (-math.inf, math.inf, 3)


def test_only_nan_has_neither_min_nor_max(store: Store, run_id: str) -> None:
    log(store, run_id, (0, math.nan), (0, math.nan))
    assert (summary(store, run_id).min, summary(store, run_id).max) == (None, None)


def test_the_ends_of_64_bits(store: Store, run_id: str) -> None:
    log(store, run_id, (2**63 - 1, 1.0), (-(2**63), 2.0))
    assert history(store, run_id) == [(-(2**63), 2.0), (2**63 - 1, 1.0)]


def test_batches_and_journal_agree(store: Store, run_id: str) -> None:
    other = store.runs.create("0").info.run_id
    points = [(2, 1.0), (1, math.inf), (2, 0.5), (7, -0.0)]
    log(store, run_id, *points)
    store.metrics.log(other, [Metric("loss", value, 1000 + step, step) for step, value in points])
    assert history(store, run_id) == history(store, other)
    assert summary(store, run_id) == summary(store, other)
    store.metrics.log(other, [])
    with pytest.raises(NotFound):
        store.metrics.log("x", [])


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    points=st.lists(
        st.tuples(st.integers(-3, 3), st.floats(width=16).map(lambda value: value or 0.0)),
        min_size=1,
        max_size=40,
    )
)
def test_every_history_is_the_points_sorted_by_step(
    store: Store, points: list[tuple[int, float]]
) -> None:
    run_id = store.runs.create("0").info.run_id
    middle = len(points) // 2
    log(store, run_id, *points[:middle])
    log(store, run_id, *points[middle:])
    expected = sorted(points, key=lambda point: point[0])
    # NaN differs from itself, its text does not.
    assert [repr(p) for p in history(store, run_id)] == [repr(p) for p in expected]
    last, values = summary(store, run_id), [v for _, v in points if not math.isnan(v)]
    assert repr((last.step, last.value)) == repr(expected[-1])
    assert (last.count, last.min, last.max) == (
        len(points), min(values, default=None), max(values, default=None),
    )  # fmt: skip


def test_many_series_in_one_batch(store: Store, run_id: str) -> None:
    metrics = [Metric(f"m{n % 300}", float(n), 7, n // 300) for n in range(900)]
    store.metrics.log(run_id, metrics)
    found = store.runs.get(run_id).data.metric_summaries
    assert [(one.count, one.step) for one in found] == [(3, 2)] * 300
    ids = store.metrics.series_ids(run_id, ["m1", "m2", "new"])
    assert ids == {key: store.metrics.series_id(run_id, key) for key in ("m1", "m2", "new")}


def test_several_series_interleaved_in_the_journal(store: Store, run_id: str) -> None:
    ids = store.metrics.series_ids(run_id, ["a", "b", "c"])
    for step in range(100):
        for place, series in enumerate(ids.values()):
            if step % (place + 1) == 0:
                store.log_point(series, step % 2, step, step, step / 2)
    store.drain()
    for place, key in enumerate(ids):
        history = store.metrics.history(run_id, key)
        assert [point.step for point in history] == list(range(0, 100, place + 1))
        assert [point.execution for point in history] == [
            point.step % 2 or None for point in history
        ]


def test_a_bad_key_stores_nothing(store: Store, run_id: str) -> None:
    with pytest.raises(InvalidValue, match="character"):
        store.metrics.log(run_id, [Metric("good", 1.0, 1), Metric("bad?", 1.0, 1)])
    with pytest.raises(InvalidValue):
        store.metrics.series_id(run_id, "../up")
    with pytest.raises(NotFound):
        store.metrics.series_ids("x", ["a"])
    assert store.runs.get(run_id).data.metrics == {}
