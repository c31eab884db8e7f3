"""Spaces of sweeps: what is written, and what is wrong with it."""

from __future__ import annotations

from typing import Any

import pytest

from nbtrail.errors import InvalidValue
from nbtrail.projects.notebooks.validation import guessed
from nbtrail.projects.sweeps.settings import seconds
from nbtrail.projects.sweeps.space import Choices, Range, Space, parsed


def space(given: Any, kind: str | None = None) -> Space:
    return parsed({"x": given}, {"x": kind}, lambda name, one: guessed({name: one}, "it")[name])


@pytest.mark.parametrize(
    ("given", "kind", "found"),
    [
        ("log:1e-4..1e-1", "float", Range(1e-4, 1e-1, False, log=True)),
        ("int:1..10", None, Range(1, 10, True)),
        ("1..10", None, Range(1, 10, True)),
        ("1..10", "float", Range(1.0, 10.0, False)),
        ("-1.5..1", "float", Range(-1.5, 1.0, False)),
        ("log:1..1024", "int", Range(1, 1024, True, log=True)),
        ("int:log:1e0..1e3", None, Range(1, 1000, True, log=True)),
        ("0..1:0.25", None, Range(0.0, 1.0, False, step=0.25)),
        ("2, 4,8", None, Choices((2, 4, 8))),
        ("a,b", "str", Choices(("a", "b"))),
        ("[[64, 32], [128]]", None, Choices(([64, 32], [128]))),
        ([True, False], None, Choices((True, False))),
    ],
)
def test_what_is_searched(given: Any, kind: str | None, found: Range | Choices) -> None:
    assert space(given, kind).searched == {"x": found}


@pytest.mark.parametrize(
    ("given", "kind", "message"),
    [
        ("1..0", None, "reversed"),
        ("1..1", None, "nothing to choose from"),
        ("0..1e999", "float", "nothing to choose from"),
        ("log:0..1", "float", "above 0, not 0"),
        ("log:-1..1", "float", "above 0, not -1"),
        ("log:1..8:2", None, "no steps"),
        ("0..1:2", None, "no step of 2"),
        ("0.5..2", "int", "'x' is int, its range has whole numbers"),
        ("lg:1..2", None, "'lg' is not int, float or log"),
        ("log:1..", None, "x=log:1.. is no range"),
        ("1,2,1", None, "the value 1 twice"),
        (",", None, "'x' has no values"),
        ([], None, "'x' has no values"),
        ("5", None, "at least one parameter with several values"),
    ],
)
def test_what_is_no_space(given: Any, kind: str | None, message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        space(given, kind)


def test_a_grid_has_every_combination_once() -> None:
    found = parsed(
        {"a": "0..1:0.5", "b": "int:1..2", "c": "x"}, {}, lambda n, v: guessed({n: v}, "it")[n]
    )
    assert found.fixed == {"c": "x"}
    assert [tuple(one.values()) for one in found.grid()] == [
        (0.0, 1), (0.0, 2), (0.5, 1), (0.5, 2), (1.0, 1), (1.0, 2),
    ]  # fmt: skip
    with pytest.raises(InvalidValue, match="give 'x' as choices"):
        space("0..1", "float").grid()
    with pytest.raises(InvalidValue, match="more than 10,000 combinations"):
        Space({"a": Range(1, 100_000, True)}, {}).grid()


def test_a_run_gives_the_part_that_is_in_the_space() -> None:
    both = Space({"lr": Range(0.0, 1.0, False), "kind": Choices(("a", "b"))}, {})
    assert both.part({"lr": 1, "other": 3}) == {"lr": 1}
    with pytest.raises(InvalidValue, match=r"lr = 2 is not in lr=float:0\.\.1"):
        both.part({"lr": 2})
    with pytest.raises(InvalidValue, match="none of the params lr, kind"):
        both.part({"other": 3})


def test_durations() -> None:
    assert [seconds(one) for one in ("45", "45s", "90m", "1h30m", "1d", 2.5, None)] == [
        45, 45, 5400, 5400, 86400, 2.5, None,
    ]  # fmt: skip
    for wrong in ("soon", "", "0", "-1", "1x", "h"):
        with pytest.raises(InvalidValue, match="is no duration, such as 45s"):
            seconds(wrong)


@pytest.mark.parametrize(
    ("given", "size"),
    [("1,2,3", 3), ("1..4", 4), ("0..1:0.25", 5), ("0.1..1", None), ("log:1..8", None)],
)
def test_how_many_there_are_to_choose_from(given: str, size: int | None) -> None:
    assert space(given).size() == size
