"""Charts of blocks: what is packed comes back, as SQLite would have given it."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from nbtrail.store import charts

INTEGERS = st.integers(-(2**63), 2**63 - 1)
NUMBERS = st.none() | st.floats()
PIECE = st.tuples(INTEGERS, INTEGERS, INTEGERS, NUMBERS, NUMBERS, NUMBERS, NUMBERS)


@given(st.lists(PIECE, max_size=5))
def test_pieces_come_back_in_columns(pieces: list[tuple[int, ...]]) -> None:
    found = charts.unpack(b"".join(charts.pack(*piece) for piece in pieces))
    stored = [[math.nan if v is None else v + 0 for v in piece] for piece in pieces]
    assert repr(list(zip(*found, strict=True))) == repr([tuple(piece) for piece in stored])


def test_there_is_one_nan_and_one_zero() -> None:
    one = charts.pack(1, 2, 3, -0.0, math.nan, None, math.copysign(math.nan, -1))
    assert one == charts.pack(1, 2, 3, 0.0, math.nan, math.nan, math.nan)
    assert repr(charts.ends(one)) == "(2, 0.0, nan)"
