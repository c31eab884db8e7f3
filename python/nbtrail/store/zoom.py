"""Where a line goes through a window of its axis."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise


def crossing(x: Sequence[float], low: float, high: float) -> tuple[int, int] | None:
    """Return the first and the last point of a line that are needed to draw it in a window.

    A point outside of it is needed where the line goes on from there into the window. NaN is
    nowhere. None: the line is not seen at all.
    """
    ends = [
        end
        for end, (one, other) in enumerate(pairwise(x), start=1)
        if min(one, other) <= high and max(one, other) >= low
    ]
    alone = [place for place, one in enumerate(x) if low <= one <= high]
    if not ends and not alone:
        return None
    return min([ends[0] - 1] if ends else alone), max(ends[-1:] or alone)
