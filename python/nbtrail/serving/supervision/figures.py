"""Counts and latencies of requests: what workers tell each second, added up."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from typing import Any

import msgspec

_SHORT = (0.25, 0.5, 1, 1.5, 2, 3, 4, 5, 7.5, 10, 15, 20, 30, 50, 75, 100, 150, 200, 300, 500)
BOUNDS = (*_SHORT, 750, 1000, 2000, 5000, 10_000, 30_000, 60_000)
"""Upper bounds of the classes of latencies, in ms; the last class has none."""

KEPT = 900  # seconds of history


class Figures(msgspec.Struct):
    """Requests answered: how many, how many in vain, and how long they took, in ms."""

    requests: int = 0
    errors: int = 0
    refused: int = 0
    total_ms: float = 0.0
    classes: dict[int, int] = {}

    def count(self, status: int, ms: float) -> None:
        """Add one request."""
        self.requests += 1
        self.errors += status >= 500
        self.refused += 400 <= status < 500
        self.total_ms += ms
        number = bisect_left(BOUNDS, ms)
        self.classes[number] = self.classes.get(number, 0) + 1

    def add(self, told: dict[str, Any] | Figures) -> None:
        """Add what another has counted."""
        other = told if isinstance(told, Figures) else msgspec.convert(told, Figures, strict=False)
        self.requests += other.requests
        self.errors += other.errors
        self.refused += other.refused
        self.total_ms += other.total_ms
        for number, many in other.classes.items():
            self.classes[number] = self.classes.get(number, 0) + many

    def quantile(self, share: float) -> float | None:
        """Return the latency that `share` of the requests did not exceed, about."""
        left = share * self.requests
        for number in sorted(self.classes):
            many = self.classes[number]
            if left <= many:
                low = BOUNDS[number - 1] if number else 0.0
                high = BOUNDS[number] if number < len(BOUNDS) else low
                return round(low + (high - low) * left / many, 3)
            left -= many
        return None

    def mean(self) -> float | None:
        """Return the mean latency."""
        return round(self.total_ms / self.requests, 3) if self.requests else None


class History:
    """The figures of the last minutes, second by second, and of all time."""

    def __init__(self) -> None:
        self.total = Figures()
        self._seconds: list[tuple[int, Figures]] = []  # the one that goes on
        self._points: deque[dict[str, Any]] = deque(maxlen=KEPT)

    def add(self, second: int, told: dict[str, Any]) -> None:
        """Add what was counted in a second."""
        if not told["requests"]:
            return
        self.total.add(told)
        if not self._seconds or self._seconds[-1][0] < second:
            if self._seconds:
                self._points.append(_point(*self._seconds.pop()))
            self._seconds.append((second, Figures()))
        self._seconds[-1][1].add(told)

    def points(self) -> list[dict[str, Any]]:
        """Return the seconds in which something was answered, the oldest first."""
        return [*self._points, *(_point(*one) for one in self._seconds)]


def _point(second: int, figures: Figures) -> dict[str, Any]:
    return {
        "t": second * 1000,
        **{field: getattr(figures, field) for field in ("requests", "errors", "refused")},
        "mean": figures.mean(),
        **{f"p{n}": figures.quantile(n / 100) for n in (50, 95, 99)},
    }
