"""Floats on the wire: JSON has no NaN and no infinities.

An infinity is always the string ``"Infinity"`` or ``"-Infinity"``. NaN is ``"NaN"`` as a value by
itself, and ``null`` in an array, where charts take it for a gap.
"""

from __future__ import annotations

import math

Number = float | str


def number(value: float) -> Number:
    """Return a float as it travels by itself."""
    return "NaN" if math.isnan(value) else _finite_or_name(value)


def optional_number(value: float | None) -> Number | None:
    """Return a float that may be missing as it travels by itself."""
    return None if value is None else number(value)


def numbers(values: list[float]) -> list[Number]:
    """Return floats as they travel in an array; the encoder itself makes NaN null."""
    return [_finite_or_name(value) for value in values]


def _finite_or_name(value: float) -> Number:
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return value
