"""What the user's code calls the things that it hands over."""

from __future__ import annotations

from typing import Any

import pytest

import nbtrail.autolog.patching as patching
from nbtrail.autolog import callers


class Taker:
    """Something whose methods are told what they were given."""

    def take(self, X: Any = None, y: Any = None, **_: Any) -> None:
        pass


@pytest.fixture
def names() -> Any:
    found: list[str | None] = []
    ours = {"__name__": "nbtrail.hook", "found": found, "callers": callers}
    after = eval("lambda *_, **__: found.append(callers.argument_name(0, 'X'))", ours)
    patching.wrap("mine", Taker, "take", patching.Hook(after=after))
    yield found
    patching.unwrap_all("mine")


def test_the_variable_is_named(names: list[str | None]) -> None:
    X_train = [1]
    held = Taker()
    held.take(X_train, 2)
    held.take(y=2, X=X_train)
    held.take(
        X_train[:1],
        "é", ä=1,
    )  # fmt: skip
    [Taker().take(X_train) for _ in range(1)]
    assert names == ["X_train"] * 4


def test_what_is_no_variable_has_no_name(names: list[str | None]) -> None:
    Taker().take([1])
    Taker().take(sorted([1]))
    Taker().take()
    Taker().take(*[1])
    exec(compile("Taker().take(value)", "<nowhere>", "exec"), {"Taker": Taker, "value": 1})
    assert names == [None] * 5
