"""Folds consecutive pieces of a history into fewer, so that nothing a chart shows is lost."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import accumulate
from operator import itemgetter, sub
from typing import Any

from nbtrail.store.charts import Pieces

Picker = Callable[[Sequence[Any]], Sequence[Any]]


def fold(pieces: Pieces, points: int) -> Pieces:
    """Put neighbours together until there are at most so many pieces."""
    counts = pieces.counts
    if len(counts) <= points:
        return pieces
    if counts == counts[:1] * len(counts):
        return _even(len(counts), points).fold(pieces)
    return _uneven(counts, points).fold(pieces)


@lru_cache(maxsize=32)
def _even(pieces: int, points: int) -> _Cut:
    """Return buckets of about as many pieces each; many histories are equally long."""
    return _Cut([number * pieces // points for number in range(points + 1)])


def _uneven(counts: Sequence[int], points: int) -> _Cut:
    """Return buckets of about as many points each."""
    until = list(accumulate(counts, initial=0))
    wanted = [number * until[-1] / points for number in range(1, points)]
    return _Cut(sorted({0, len(counts), *(bisect_left(until, place) for place in wanted)}))


class _Cut:
    """Where buckets of consecutive pieces begin and end."""

    def __init__(self, cuts: Sequence[int]) -> None:
        starts, ends = cuts[:-1], cuts[1:]
        lengths = list(map(sub, ends, starts))
        self._stretches = list(zip(starts, ends, strict=True))
        self._starts, self._ends = _picker(starts), _picker(ends)
        self._last = _picker([end - 1 for end in ends])
        # Two stretches of `reach` pieces that overlap fill a bucket, mostly one does: that is
        # quicker than to slice each bucket out.
        self._reach = 1 << (min(lengths).bit_length() - 1)
        self._overlap = max(lengths) <= 2 * self._reach
        self._longer = [
            (bucket, ends[bucket] - self._reach)
            for bucket, length in enumerate(lengths)
            if length > self._reach
        ]

    def fold(self, pieces: Pieces) -> Pieces:
        """Return one piece for each bucket."""
        until = list(accumulate(pieces.counts, initial=0))
        return Pieces(
            steps=list(self._last(pieces.steps)),
            times=list(self._last(pieces.times)),
            counts=list(map(sub, self._ends(until), self._starts(until))),
            first=list(self._starts(pieces.first)),
            last=list(self._last(pieces.last)),
            low=self._extremes(min, pieces.low),
            high=self._extremes(max, pieces.high),
        )

    def _extremes(self, extreme: Callable[..., float], values: list[float]) -> list[float]:
        """Return the extreme of each bucket, without NaN."""
        if math.isnan(sum(values)):  # there is one in it, or infinities of both signs
            known = ([v for v in values[a:b] if not math.isnan(v)] for a, b in self._stretches)
            return [extreme(some, default=math.nan) for some in known]
        if not self._overlap:
            return [extreme(values[start:end]) for start, end in self._stretches]
        reached = 1
        while reached < self._reach:
            values = list(map(extreme, values, values[reached:]))
            reached *= 2
        found = list(self._starts(values))
        for bucket, tail in self._longer:
            found[bucket] = extreme(found[bucket], values[tail])
        return found


def _picker(places: Sequence[int]) -> Picker:
    if len(places) == 1:
        return lambda values: (values[places[0]],)
    return itemgetter(*places)
