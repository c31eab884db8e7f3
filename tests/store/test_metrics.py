"""Metric points: what is maintained of a history, in which order it comes back, its buckets."""

from __future__ import annotations

import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nbtrail.entities import Metric, MetricSummary
from nbtrail.errors import NotFound
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
    assert store.metrics.sample([run_id], ["loss"]) == []


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
    (sample,) = store.metrics.sample([run_id], ["loss"], 1)
    assert math.isnan(sample.value[0])
    assert math.isnan(sample.low[0])


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


def test_a_short_history_is_given_whole(store: Store, run_id: str) -> None:
    log(store, run_id, (0, 2.0), (1, 1.0))
    (sample,) = store.metrics.sample([run_id], ["loss", "absent"], 2)
    assert (sample.run_id, sample.key, sample.total) == (run_id, "loss", 2)
    assert (sample.step, sample.timestamp) == ([0, 1], [1000, 1001])
    assert sample.value == sample.low == sample.high == [2.0, 1.0]


@pytest.mark.parametrize("points", [1, 2, 7, 99])
def test_a_long_history_is_folded(store: Store, run_id: str, points: int) -> None:
    values = [math.sin(step / 5) * step for step in range(1000)]
    log(store, run_id, *enumerate(values))
    (sample,) = store.metrics.sample([run_id], ["loss"], points)
    assert (sample.total, len(sample.step)) == (1000, points)
    first = 0
    for step, value, low, high in zip(
        sample.step, sample.value, sample.low, sample.high, strict=True
    ):
        bucket = values[first : step + 1]
        assert (value, low, high) == (values[step], min(bucket), max(bucket))
        first = step + 1
    assert first == 1000


def test_a_spike_survives_the_folding(store: Store, run_id: str) -> None:
    log(store, run_id, *((step, 1e6 if step == 4321 else 0.0) for step in range(9000)))
    (sample,) = store.metrics.sample([run_id], ["loss"], 10)
    assert max(sample.high) == 1e6


def test_several_runs_and_keys(store: Store, run_id: str) -> None:
    other = store.runs.create("0").info.run_id
    for one in (run_id, other):
        store.metrics.log(one, [Metric("a", 1.0, 1), Metric("b", 2.0, 1)])
    found = store.metrics.sample([run_id, other, "x"], ["a", "b"])
    assert [(s.run_id, s.key) for s in found] == [
        (run_id, "a"), (run_id, "b"), (other, "a"), (other, "b"),
    ]  # fmt: skip
