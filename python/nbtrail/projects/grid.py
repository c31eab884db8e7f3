"""Grids: the parameters of each run, of all combinations of given values."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from nbtrail.errors import InvalidValue

Grid = Mapping[str, Sequence[object]] | Sequence[Mapping[str, object]]

MOST_RUNS = 1000
MOST_TEXT = 16 * 1024 * 1024


def combinations(parameters: Mapping[str, object], grid: Grid | None) -> list[dict[str, object]]:
    """Return the parameters of each run of a grid; the last name changes first.

    Raises:
        InvalidValue: a name is given twice, has no values, or the runs are too many.
    """
    sets = _product(grid) if isinstance(grid, Mapping) else list(grid or [{}])
    if len(sets) > MOST_RUNS:
        raise InvalidValue(_too_many(len(sets)))
    for one in sets:
        if twice := next((name for name in one if name in parameters), None):
            raise InvalidValue(f"'{twice:.100}' is given for all runs, and in the grid: leave one.")
    common, own = _as_json(parameters), [_as_json(one) for one in sets]
    if (size := len(common) * len(own) + sum(map(len, own))) > MOST_TEXT:
        raise InvalidValue(
            f"The parameters of all runs have {size / 2**20:.0f} MB as a text, and may have "
            f"{MOST_TEXT // 2**20}: put what is large into a file."
        )
    return [json.loads(common) | json.loads(one) for one in own]


def _as_json(values: Mapping[str, object]) -> str:
    try:
        return json.dumps(values, default=_plain)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidValue(
            f"A job's parameters are numbers, texts, lists and dicts of them: {error}."
        ) from None


def _plain(value: Any) -> Any:
    """Return numpy's numbers and arrays as Python's."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} is none of these")


def _product(grid: Mapping[str, Sequence[object]]) -> list[dict[str, object]]:
    for name, values in grid.items():
        if not values:
            raise InvalidValue(f"The grid has no values for '{name:.100}'.")
    if (count := math.prod(map(len, grid.values()))) > MOST_RUNS:
        raise InvalidValue(_too_many(count))
    return [dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())]


def _too_many(count: int) -> str:
    return f"The grid has {count:,} runs; a job may have {MOST_RUNS:,}. Split it."
