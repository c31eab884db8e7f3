"""Histories of metrics, down-sampled in the store."""

from __future__ import annotations

from collections.abc import Sequence

from nbtrail.entities import SeriesPoints
from nbtrail.tracking.where import place


def history(
    run_ids: str | Sequence[str], keys: str | Sequence[str], points: int = 2000, x: str = "step"
) -> list[SeriesPoints]:
    """Return the histories of metrics, in buckets where they are longer than `points`.

    Each bucket keeps its first and last value, the lowest and highest, and how many there are.

    Args:
        run_ids: one run or several.
        keys: one metric or several.
        points: how many buckets at least, where there are as many points.
        x: the axis: ``step``, ``time`` (ms since the epoch), ``relative`` (seconds since the
            run's start), or another metric.

    Raises:
        InvalidValue: the number of points or the axis is not acceptable.
    """
    store = place.store()
    store.drain()
    return store.history.buckets(_listed(run_ids), _listed(keys), points, x)


def _listed(names: str | Sequence[str]) -> list[str]:
    return [names] if isinstance(names, str) else list(names)
