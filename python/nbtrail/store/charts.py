"""What a chart needs of consecutive points, packed into one blob.

SQLite's driver spends 150 ns on a column of a row; unpacked from a blob, a number costs 15.
"""

from __future__ import annotations

import math
import struct
import sys
from array import array
from typing import NamedTuple

_FORMAT = struct.Struct("<qqqdddd")
_INTEGERS, _WIDTH = 3, 7


class Pieces(NamedTuple):
    """Consecutive pieces of a history in columns: blocks, or single points.

    `steps`, `times` and `last` are of their last points, `first` of their first ones; `low` and
    `high` leave out NaN, and are NaN where there is nothing else.
    """

    steps: list[int]
    times: list[int]
    counts: list[int]
    first: list[float]
    last: list[float]
    low: list[float]
    high: list[float]

    def followed_by(self, more: Pieces) -> Pieces:
        """Return these pieces and then those."""
        return Pieces(*(mine + theirs for mine, theirs in zip(self, more, strict=True)))  # type: ignore[operator]


def pack(
    step: int,
    time: int,
    count: int,
    first: float | None,
    last: float | None,
    low: float | None,
    high: float | None,
) -> bytes:
    """Return one piece packed. A null is NaN."""
    return _FORMAT.pack(
        step, time, count, _number(first), _number(last), _number(low), _number(high)
    )


def ends(packed: bytes) -> tuple[int, float, float]:
    """Return the time of the last point of a piece, and its first and last value."""
    _, time, _, first, last, _, _ = _FORMAT.unpack(packed)
    return time, first, last


def unpack(packed: bytes) -> Pieces:
    """Return the pieces in several packed ones, one after the other."""
    whole, real = array("q", packed), array("d", packed)
    if sys.byteorder == "big":
        whole.byteswap()
        real.byteswap()
    integers = (whole[place::_WIDTH].tolist() for place in range(_INTEGERS))
    numbers = (real[place::_WIDTH].tolist() for place in range(_INTEGERS, _WIDTH))
    return Pieces(*integers, *numbers)  # type: ignore[arg-type]


def _number(value: float | None) -> float:
    """Return a number as it comes back from SQLite: there is one NaN, and zero has no sign."""
    return math.nan if value is None or math.isnan(value) else value + 0.0
