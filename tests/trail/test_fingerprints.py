"""Fingerprints: equal for equal values, other for others, and nothing of the user's is called."""

from __future__ import annotations

import collections
import contextlib
import datetime as dt
import functools
import random
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.linear_model import LinearRegression

from nbtrail.trail.fingerprints import differ, fingerprint, is_whole, same


def text(value: object) -> str:
    return fingerprint(value).text


class Slotted:
    __slots__ = ("a", "b")

    def __init__(self, a: object) -> None:
        self.a = a


class Plain:
    def __init__(self, a: object) -> None:
        self.a = a


class Ordered(collections.OrderedDict[str, int]):
    pass


FRAME = {"x": [1.0, 2.0], "s": ["a", "b"], "t": pd.to_datetime(["2020", "2021"])}
MAKERS: list[tuple[Callable[[Any], Any], Any, Any]] = [
    (lambda one: one, 1, 2),
    (lambda one: one, 1, 1.0),
    (lambda one: one, True, 1),
    (lambda one: one, "a", b"a"),
    (lambda one: "x" * 50_000 + one, "y", "z"),
    (lambda one: [one, [2, {"k": (3, None)}]], 1, 5),
    (lambda one: [{"k": [one]}], 1, 2),
    (lambda one: {"a": one}, 1, 2),
    (lambda one: {one: 1}, "a", "b"),
    (lambda one: {"x", "y", one}, "a", "b"),
    (lambda one: collections.Counter([one]), 1, 2),
    (lambda one: collections.deque([one]), 1, 2),
    (lambda one: Ordered(k=one), 1, 2),
    (lambda one: dt.date(2020, 1, one), 1, 2),
    (Path, "a", "b"),
    (Plain, 1, [2]),
    (Slotted, 1, [2]),
    (lambda one: SimpleNamespace(a=one), 1, [2]),
    (lambda one: np.arange(5.0) + one, 0, 1),
    (lambda one: np.zeros(4, one), "f4", "f8"),
    (lambda one: np.arange(one).reshape(2, -1), 6, 8),
    (lambda one: np.full((300, 300), one).T, 0, 1),
    (lambda one: np.array([None, one], dtype=object), 1, 2),
    (np.float64, 1, 2),
    (lambda one: pd.DataFrame(FRAME).assign(z=one), 1, 2),
    (lambda one: pd.DataFrame(FRAME).assign(s=["a", one]), "b", "c"),
    (lambda one: pd.DataFrame(FRAME, index=[0, one]), 1, 2),
    (lambda one: pd.Series([1, 2], name=one), "a", "b"),
    (lambda one: pd.Series(["a", one], dtype="category"), "b", "c"),
    (lambda one: pl.DataFrame({"a": [1, one]}), 2, 3),
    (lambda one: pl.Series("a", [1, one]), 2, 3),
    (lambda one: LinearRegression().fit([[0], [1]], [0, one]), 1, 2),
    (random.Random, 1, 2),
    (np.random.default_rng, 1, 2),
]


@pytest.mark.parametrize(("make", "value", "other"), MAKERS)
def test_equal_values_have_equal_fingerprints(
    make: Callable[[Any], Any], value: Any, other: Any
) -> None:
    one, two, three = text(make(value)), text(make(value)), text(make(other))
    assert one == two
    assert is_whole(one)
    assert same(one, two)
    assert differ(one, three)


def test_a_fingerprint_is_the_same_in_another_process() -> None:
    code = (
        "from nbtrail.trail.fingerprints import fingerprint as f; "
        "print(f({'a': {'x', 'y', 'z'}, 'b': [1.5, 'text']}).text)"
    )
    told = {subprocess.check_output([sys.executable, "-c", code]) for _ in range(2)}
    assert len(told) == 1


def test_code_is_what_it_does_and_not_where_it_stands() -> None:
    def function(source: str) -> Any:
        space: dict[str, Any] = {"__name__": "__main__"}
        exec(source, space)
        return space["f"]

    one, same_one, other = (
        function(f"{before}def f(x): return x + {n}")
        for before, n in (("", 1), ("\n\n", 1), ("", 2))
    )
    assert text(one) == text(same_one) != text(other)
    one, other = (function(f"class f:\n    def m(self): return {n}") for n in (1, 2))
    assert text(one) != text(other)
    assert text(one()) != text(other())


def test_parts_tell_who_is_changed_with_whom() -> None:
    inner: list[int] = []
    outer = {"k": (1, inner)}
    assert fingerprint(outer).parts & fingerprint(inner).parts
    assert fingerprint(inner.append).parts & fingerprint(inner).parts
    array = np.zeros(9)
    assert fingerprint(array[2:5]).parts & fingerprint(array).parts
    assert not fingerprint([]).parts & fingerprint(inner).parts


def test_what_a_cached_function_keeps_is_told_by_how_much() -> None:
    cached = functools.cache(lambda n: n * 2)
    assert text(cached) == text(functools.cache(lambda n: n * 2))
    empty = text(cached)
    cached(1)
    one = text(cached)
    assert differ(empty, one)
    cached(1)
    assert text(cached) == one
    assert not same(one, one)  # of what it keeps nothing else is seen


def test_a_database_is_told_by_how_much_was_changed_in_it() -> None:
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        cursor = connection.cursor()
        cursor.execute("create table t (x real)")
        before = text(connection)
        cursor.execute("select * from t").fetchall()
        assert text(connection) == before
        cursor.execute("insert into t values (1)")
        assert differ(text(connection), before)
        assert not is_whole(before)
        assert fingerprint(cursor).parts == fingerprint(connection).parts == {id(connection)}
    assert text(connection) == ""


def test_what_cannot_be_seen_is_said() -> None:
    for value in (iter([1]), (n for n in "ab"), functools.partial(len), ValueError("a")):
        assert text(value).startswith("?")
    assert not same(text(iter([1])), text(iter([1])))
    assert not differ("", text(1))


class Trap:
    """Whatever is called, somebody hears of it."""

    def __init__(self, calls: list[str]) -> None:
        object.__setattr__(self, "calls", calls)

    def _trap(self, *args: object) -> Any:
        object.__getattribute__(self, "calls").append("called")
        raise RuntimeError

    __repr__ = __str__ = __len__ = __eq__ = __iter__ = __bool__ = __getattr__ = _trap  # type: ignore[assignment]
    __getattribute__ = __setattr__ = __reduce_ex__ = __next__ = __getitem__ = _trap  # type: ignore[assignment]
    __hash__ = None  # type: ignore[assignment]


class TrapList(list[int]):
    def __iter__(self) -> Iterator[int]:
        raise RuntimeError

    __len__ = __getitem__ = __iter__  # type: ignore[assignment]


def test_nothing_of_the_users_is_called() -> None:
    calls: list[str] = []
    assert text([Trap(calls)])
    assert calls == []
    assert text(TrapList([1])) != text(TrapList([2]))
    numbers = iter(range(3))
    fingerprint(numbers)
    fingerprint({"n": numbers})
    assert list(numbers) == [0, 1, 2]


def test_lazy_frames_are_not_collected() -> None:
    seen = []
    lazy = pl.LazyFrame({"a": [1]}).map_batches(lambda frame: seen.append(1) or frame)
    fingerprint(lazy)
    assert seen == []


def test_circles_and_depths_come_to_an_end() -> None:
    circle: list[Any] = [1]
    circle.append(circle)
    assert text(circle) == text(circle)
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    assert not is_whole(text(deep))
    wide = [[n] for n in range(100_000)]
    assert not is_whole(text(wide))
