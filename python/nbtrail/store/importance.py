"""Which params go with a metric: the part of its variation that each explains by itself.

All values of the metric are replaced by their ranks first, so that one run that diverged does not
decide. A param of categories is then measured by epsilon squared, the part of the variance
between its groups (eta squared) less what chance alone would give to so many groups: T. L. Kelley,
"An unbiased correlation ratio measure", PNAS 21 (1935). On ranks that is the effect size of the
Kruskal-Wallis test: M. Tomczak and E. Tomczak, "The need to report effect size estimates
revisited", Trends in Sport Sciences 1 (2014). A param of many numbers is measured by the square of
Spearman's rank correlation, or by epsilon squared over its quartiles where that is more: an optimum
in the middle has no correlation.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Literal

import msgspec

FEWEST_RUNS = 10
MOST_CATEGORIES = 10
"""A param with more different numbers is a number, not a choice among few."""
_PARTS = 4


class ParamImportance(msgspec.Struct, frozen=True):
    """How much of a metric's variation goes with a param, from 0 to 1; `n` runs have the param."""

    key: str
    importance: float
    correlation: float | None
    kind: Literal["number", "category"]
    n: int


def importance_of(
    key: str, values: Sequence[str | None], metric: Sequence[float]
) -> ParamImportance:
    """Measure one param.

    Args:
        key: the param.
        values: of the param, one a run; None where a run has none.
        metric: finite values, as many.
    """
    pairs = [(value, one) for value, one in zip(values, metric, strict=True) if value is not None]
    texts, results = [value for value, _ in pairs], ranks([one for _, one in pairs])
    numbers = _numbers(texts)
    correlation = None if numbers is None else _correlation(ranks(numbers), results)
    if numbers is None or len(set(numbers)) <= MOST_CATEGORIES:
        kind: Literal["number", "category"] = "category" if numbers is None else "number"
        groups: Sequence[object] = texts if numbers is None else numbers
        return ParamImportance(key, _epsilon(groups, results), correlation, kind, len(pairs))
    most = max(_corrected(correlation or 0.0, len(pairs)), _epsilon(_parts(numbers), results))
    return ParamImportance(key, most, correlation, "number", len(pairs))


def ranks(values: Sequence[float]) -> list[float]:
    """Return the rank of each value, from 1; equal ones share the mean of theirs."""
    order = sorted(range(len(values)), key=values.__getitem__)
    found = [0.0] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end + 1 < len(order) and values[order[end + 1]] == values[order[start]]:
            end += 1
        for place in order[start : end + 1]:
            found[place] = (start + end) / 2 + 1
        start = end + 1
    return found


def _numbers(texts: Sequence[str]) -> list[float] | None:
    """Return what the texts spell, if all are finite numbers."""
    try:
        found = [float(text) for text in texts]
    except ValueError:
        return None
    return found if all(map(math.isfinite, found)) else None


def _epsilon(groups: Sequence[object], results: Sequence[float]) -> float:
    """Return epsilon squared of results by their groups; 0 where every run is a group."""
    members: dict[object, list[float]] = defaultdict(list)
    for group, result in zip(groups, results, strict=True):
        members[group].append(result)
    total, n, k = _squares(results), len(results), len(members)
    if k < 2 or n <= k or total == 0:
        return 0.0
    within = sum(map(_squares, members.values()))
    return max(0.0, 1 - (within / (n - k)) / (total / (n - 1)))


def _corrected(correlation: float, n: int) -> float:
    """Return a squared correlation less what chance gives, as `_epsilon` does."""
    return max(0.0, 1 - (1 - correlation**2) * (n - 1) / (n - 2)) if n > 2 else 0.0


def _parts(numbers: Sequence[float]) -> list[int]:
    """Return which quarter of the sorted runs each is in; equal numbers are in the same."""
    return [int((rank - 1) * _PARTS / len(numbers)) for rank in ranks(numbers)]


def _squares(values: Sequence[float]) -> float:
    mean = sum(values) / len(values)
    return sum((value - mean) ** 2 for value in values)


def _correlation(a: Sequence[float], b: Sequence[float]) -> float | None:
    """Return Pearson's correlation of ranks, which is Spearman's; None where one is constant."""
    squares = _squares(a) * _squares(b)
    if not squares:
        return None
    mean_a, mean_b = sum(a) / len(a), sum(b) / len(b)
    return sum((x - mean_a) * (y - mean_b) for x, y in zip(a, b, strict=True)) / math.sqrt(squares)
