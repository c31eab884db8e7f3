"""Which names code reads when it is called, whatever it hangs on."""

from __future__ import annotations

from typing import Any

import pytest

from nbtrail.trail.reach import reached

SOURCE = """
import functools, math
def plain(x):
    return x * rate + len([bias for _ in x])
def outer():
    def inner():
        return hidden
    return inner
closure = outer()
decorated = functools.lru_cache(plain)
part = functools.partial(plain, 1)
class Base:
    def method(self):
        return unit
class Model(Base):
    rate = 1
    @property
    def size(self):
        return self.rate + scale
    @staticmethod
    def make():
        return made
model = Model()
bound = model.method
listed = [3, [1.0], lambda x: x * listed_rate]
named = {"model": model, "other": math.sqrt}
other = math.sqrt
number = 3
"""


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("plain", {"rate", "bias", "len"}),
        ("closure", {"hidden"}),
        ("decorated", {"rate", "bias", "len"}),
        ("part", {"rate", "bias", "len"}),
        ("Model", {"unit", "scale", "made"}),
        ("model", {"unit", "scale", "made"}),
        ("bound", {"unit"}),
        ("listed", {"listed_rate"}),
        ("named", {"unit", "scale", "made"}),
        ("other", set()),
        ("math", set()),
        ("number", set()),
    ],
)
def test_names_are_found_behind_what_is_called(name: str, names: set[str]) -> None:
    space: dict[str, Any] = {"__name__": "__main__"}
    exec(SOURCE, space)
    assert reached(space[name], space) == names


def test_code_from_elsewhere_reads_nothing_here() -> None:
    space: dict[str, Any] = {"__name__": "elsewhere"}
    exec(SOURCE, space)
    assert reached(space["plain"], {}) == reached(space["model"], {}) == set()
