"""Numbers and texts: the same, close, or not alike."""

from __future__ import annotations

import math

import pytest

from nbtrail.trail.likeness import Tolerance, worst

CPU_TIMES = "CPU times: user {0} ms, sys: 0 ns, total: {0} ms\nWall time: {0} ms"


@pytest.mark.parametrize(
    ("a", "b", "likeness"),
    [
        (0.5, 0.5, "same"),
        (math.nan, math.nan, "same"),
        (math.inf, math.inf, "same"),
        (0.5, 0.5 + 1e-9, "close"),
        (5e9, 5e9 + 100, "close"),
        (0.5, 0.5001, "other"),
        (math.nan, 0.5, "other"),
        (math.inf, 5.0, "other"),
        (1e-9, -1e-9, "close"),
    ],
)
def test_numbers_may_differ_by_a_part_of_their_size(a: float, b: float, likeness: str) -> None:
    assert Tolerance().numbers(a, b) == likeness


def test_a_metric_may_have_a_tolerance_of_its_own() -> None:
    tolerance = Tolerance(0.0, {"acc": 0.01, "seconds": math.inf})
    assert tolerance.numbers(0.91, 0.915, "acc") == "close"
    assert tolerance.numbers(0.91, 0.93, "acc") == "other"
    assert tolerance.numbers(3.0, 900.0, "seconds") == "close"
    assert tolerance.numbers(0.91, 0.915, "loss") == "other"


@pytest.mark.parametrize(
    ("a", "b", "likeness"),
    [
        ("loss 0.25, acc 0.9", "loss 0.25, acc 0.9", "same"),
        ("loss 0.25", "loss 0.2500000001", "close"),
        ("[[1. 2.]\n [3. 4.]]", "[[1. 2.]\n [3. 5.]]", "other"),
        ("0.5", "half", "other"),
        ("(100, 3)", "(100, 4)", "other"),
        ("-1e-3", "1e-3", "other"),
        ("v1.2.3", "v1.2.4", "other"),
        ("column1", "column2", "other"),
        ("2024-01-31", "2024-02-01", "other"),
        ("<f at 0x7f00deadbeef>", "<f at 0x7f11deadbeef>", "same"),
        (CPU_TIMES.format(2.05), CPU_TIMES.format(17), "same"),
        ("Wall time: 5.3 ms", "Wall time: 1min 2s", "same"),
        ("at 2026-01-01 10:00:00.5", "at 2026-02-03 11:30:00", "same"),
        ("3/3 [00:00<00:00, 12.3it/s]", "3/3 [00:01<00:00, 2.31it/s]", "same"),
    ],
)
def test_texts_are_alike_if_their_numbers_are(a: str, b: str, likeness: str) -> None:
    assert Tolerance().texts(a, b) == likeness


@pytest.mark.parametrize("text", ["1" * 300_000 + "a", "a1" * 150_000, "1.1" * 100_000 + "x"])
def test_a_long_text_takes_no_more_than_its_length(text: str) -> None:
    assert Tolerance().texts(text, f"{text} 1") == "other"  # what is quadratic runs into a timeout


def test_the_worst_likeness_counts() -> None:
    assert worst(["same", "close", "same"]) == "close"
    assert worst(["close", "other"]) == "other"
    assert worst([]) == "same"
