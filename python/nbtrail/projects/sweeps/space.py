"""The space of a sweep: for each parameter a range, choices, or one value that all trials have.

As a text: ``log:1e-4..1e-1``, ``int:1..10``, ``0..1:0.25`` (in steps), ``2,4,8``, ``["a", "b"]``.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from nbtrail.errors import InvalidValue

Given = Mapping[str, object]
Kinds = Mapping[str, str | None]
"""The declared type of each parameter that has one."""
Typed = Callable[[str, object], Any]
"""Returns the value that something given for a parameter stands for."""

MOST_COMBINATIONS = 10_000
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_RANGE = re.compile(
    rf"(?P<words>(?:[a-z]+:)*)(?P<low>{_NUMBER})\.\.(?P<high>{_NUMBER})(?::(?P<step>{_NUMBER}))?"
)
_LIKE_RANGE = re.compile(r"[a-z]+:\S*|\S*\d\.\.\S*")
_WORDS = {"int", "float", "log"}
_FORMS = "A range is written as log:1e-4..1e-1, int:1..10 or 0..1:0.25, choices as 2,4,8."


@dataclass(frozen=True)
class Range:
    """Numbers from `low` to `high`, both included."""

    low: float
    high: float
    whole: bool
    log: bool = False
    step: float | None = None

    def __str__(self) -> str:
        log, step = "log:" * self.log, "" if self.step is None else f":{self.step:g}"
        return f"{'int' if self.whole else 'float'}:{log}{self.low:g}..{self.high:g}{step}"

    def has(self, value: object) -> bool:
        """Tell whether a value can be chosen, but for its place between two steps."""
        if isinstance(value, bool) or not isinstance(value, int if self.whole else int | float):
            return False
        return self.low <= value <= self.high

    def values(self) -> list[Any] | None:
        """Return all values, if they can be counted."""
        step = self.step or (1 if self.whole and not self.log else None)
        if step is None:
            return None
        count = math.floor((self.high - self.low) / step + 1e-9) + 1
        found = [self.low + index * step for index in range(min(count, MOST_COMBINATIONS + 1))]
        return [int(one) for one in found] if self.whole else [round(one, 12) for one in found]


@dataclass(frozen=True)
class Choices:
    """Some values, none before another."""

    options: tuple[Any, ...]

    def __str__(self) -> str:
        return ",".join(_text(one) for one in self.options)

    def has(self, value: object) -> bool:
        """Tell whether a value is among them."""
        return value in self.options

    def values(self) -> list[Any]:
        """Return them all."""
        return list(self.options)


@dataclass(frozen=True)
class Space:
    """What is searched, and what all trials have."""

    searched: Mapping[str, Range | Choices]
    fixed: Mapping[str, Any]

    def __str__(self) -> str:
        fixed = {name: _text(value) for name, value in self.fixed.items()}
        return " ".join(f"{name}={one}" for name, one in {**self.searched, **fixed}.items())

    def examples(self) -> list[dict[str, Any]]:
        """Return parameters from both ends of the space, which must do if all are to do."""
        ends = {name: _ends(one) for name, one in self.searched.items()}
        return [
            {**self.fixed, **{name: values[end] for name, values in ends.items()}}
            for end in (0, -1)
        ]

    def size(self) -> int | None:
        """Return how many combinations there are, if they can be counted."""
        columns = [one.values() for one in self.searched.values()]
        return math.prod(len(one or ()) for one in columns) or None

    def grid(self) -> list[dict[str, Any]]:
        """Return all that can be searched; the last name changes first.

        Raises:
            InvalidValue: a range has no steps, or there are too many.
        """
        columns: list[list[Any]] = []
        for name, one in self.searched.items():
            values = one.values()
            if values is None:
                raise InvalidValue(
                    f"A grid needs values that can be counted: give '{name}' as choices, such as "
                    "0.01,0.1,1, or as a range with a step, such as 0..1:0.1.",
                    parameter=name,
                )
            columns.append(values)
        if math.prod(map(len, columns)) > MOST_COMBINATIONS:
            raise InvalidValue(
                f"The grid has more than {MOST_COMBINATIONS:,} combinations: choose another "
                "sampler, or fewer values.",
                field="sampler",
            )
        return [dict(zip(self.searched, one, strict=True)) for one in product(*columns)]

    def part(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Return those of a run's params that are searched here.

        Raises:
            InvalidValue: there are none, or one lies outside.
        """
        found = {name: params[name] for name in self.searched if name in params}
        if not found:
            raise InvalidValue(f"The run has none of the params {', '.join(self.searched)}.")
        for name, value in found.items():
            if not self.searched[name].has(value):
                raise InvalidValue(
                    f"The run's {name} = {_text(value)} is not in {name}={self.searched[name]}."
                )
        return found


def parsed(given: Given, kinds: Kinds, typed: Typed) -> Space:
    """Read a space.

    Args:
        given: by name a text (see above), a sequence of choices, or one value.
        kinds: the declared types: an int's range has whole numbers.
        typed: reads a choice, and refuses one that the parameter cannot have.

    Raises:
        InvalidValue: something is no range, or empty; nothing is left to search.
    """
    found = {name: _named(name, value, kinds.get(name), typed) for name, value in given.items()}
    searched = {
        n: one for n, one in found.items() if isinstance(one, Range) or len(one.options) > 1
    }
    if not searched:
        raise InvalidValue(f"A sweep needs at least one parameter with several values. {_FORMS}")
    fixed = {n: one.options[0] for n, one in found.items() if n not in searched}  # type: ignore[union-attr]
    return Space(searched, fixed)


def _named(name: str, given: object, kind: str | None, typed: Typed) -> Range | Choices:
    """Read what is given for one parameter; an error tells which it is, for a form."""
    try:
        return _one(name, given, kind, typed)
    except InvalidValue as error:
        raise InvalidValue(error, parameter=name) from None


def _one(name: str, given: object, kind: str | None, typed: Typed) -> Range | Choices:
    if isinstance(given, str):
        if match := _RANGE.fullmatch(given.strip()):
            found = _range(name, given, match, kind)
            for end in (found.low, found.high):
                typed(name, end)
            return found
        if kind != "str" and _LIKE_RANGE.fullmatch(given.strip()):
            raise InvalidValue(f"{name}={given:.80} is no range. {_FORMS}")
        options: Sequence[object] = _split(given)
    else:
        options = given if isinstance(given, list) else [given]
    if not options:
        raise InvalidValue(f"'{name}' has no values. {_FORMS}")
    return Choices(_distinct(name, [typed(name, one) for one in options]))


def _range(name: str, text: str, match: re.Match[str], kind: str | None) -> Range:
    words = match["words"].split(":")[:-1]
    if unknown := set(words) - _WORDS:
        raise InvalidValue(
            f"{name}={text:.80}: '{min(unknown)}' is not int, float or log. {_FORMS}"
        )
    written = [match["low"], match["high"], *([match["step"]] if match["step"] else [])]
    all_whole = all(re.fullmatch(r"[+-]?\d+", one) for one in written)
    declared = kind if kind in {"int", "float"} else None
    wanted = next((word for word in words if word != "log"), declared)
    whole = wanted == "int" or (wanted is None and all_whole)
    if whole and not all(float(one).is_integer() for one in written):
        raise InvalidValue(f"{name}={text:.80}: '{name}' is int, its range has whole numbers.")
    numbers = [int(float(one)) if whole else float(one) for one in written]
    found = Range(numbers[0], numbers[1], whole, "log" in words, *numbers[2:])
    _check(name, text, found)
    return found


def _check(name: str, text: str, found: Range) -> None:
    shown = f"{name}={text:.80}"
    if found.low > found.high:
        raise InvalidValue(f"{shown} is reversed: the lower number comes first.")
    if found.low == found.high or not math.isfinite(found.high - found.low):
        raise InvalidValue(f"{shown} has nothing to choose from: its ends must be two numbers.")
    if found.log and found.low <= 0:
        raise InvalidValue(f"{shown}: a log range has numbers above 0, not {found.low:g}.")
    if found.log and found.step is not None:
        raise InvalidValue(f"{shown}: a log range has no steps.")
    if found.step is not None and not 0 < found.step <= found.high - found.low:
        raise InvalidValue(f"{shown}: no step of {found.step:g} fits into the range.")


def _split(text: str) -> list[object]:
    """Return what a JSON list has, or else what stands between commas."""
    if text.strip().startswith("["):
        try:
            return list(json.loads(text))
        except ValueError:
            pass
    return [one.strip() for one in text.split(",") if one.strip()]


def _distinct(name: str, options: list[Any]) -> tuple[Any, ...]:
    for index, one in enumerate(options):
        if one in options[:index]:
            raise InvalidValue(f"'{name}' has the value {_text(one)} twice.")
    return tuple(options)


def _ends(one: Range | Choices) -> tuple[Any, ...]:
    return (one.low, one.high) if isinstance(one, Range) else one.options


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)
