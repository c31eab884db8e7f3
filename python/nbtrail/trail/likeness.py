"""Are two values, or two texts with numbers in them, the same, close, or not alike?"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

Likeness = Literal["same", "close", "other"]

_NUMBER = re.compile(r"(?<![\w.])([-+]?(?:\d++\.?+\d*+|\.\d++)(?:[eE][-+]?\d++)?+)(?!\w)")
# What is another thing each time, and says nothing of the results: addresses, times, durations,
# the names of runs where '%track' says that they start and end.
_VOLATILE = re.compile(
    r"""(?:^nbtrail\ (?:started|ended)\ the\ run\ .*\n?)+
    | \b0x[0-9a-fA-F]{6,}
    | (?:\b\d{4}-\d\d-\d\d[ T])?\b\d{1,2}:\d\d(?::\d\d)?(?:\.\d++)?\b
    | (?:\b\d++(?:\.\d*+)?(?:e[-+]?\d++)?[ ]?
        (?:[nuµμm]?s|secs?|seconds?|min|mins|minutes?|h|hours?|it/s|s/it)\b[ ]?)+
    """,
    re.VERBOSE | re.MULTILINE,
)


@dataclass(frozen=True)
class Tolerance:
    """How far a reproduced number may be from the original.

    Args:
        general: of the larger one of the number's size and 1.
        metrics: differences that are allowed to single metrics, whatever their size.
    """

    general: float = 1e-6
    metrics: Mapping[str, float] = field(default_factory=dict)

    def numbers(self, a: float, b: float, metric: str | None = None) -> Likeness:
        """Compare two numbers; NaN is like NaN."""
        if a == b or (math.isnan(a) and math.isnan(b)):
            return "same"
        size = max(1.0, abs(a)) if math.isfinite(a) else 1.0
        allowed = self.metrics.get(metric or "", self.general * size)
        return "close" if abs(a - b) <= allowed else "other"

    def texts(self, a: str, b: str) -> Likeness:
        """Compare two texts, the numbers in them as numbers, leaving aside what is volatile."""
        one, other = (_NUMBER.split(_VOLATILE.sub("…", text)) for text in (a, b))
        if one[::2] != other[::2]:
            return "other"
        pairs = zip(one[1::2], other[1::2], strict=True)
        return worst(self.numbers(float(x), float(y)) for x, y in pairs if x != y)


def worst(found: Iterable[Likeness]) -> Likeness:
    """Return the least likeness of several."""
    all_found = set(found)
    if "other" in all_found:
        return "other"
    return "close" if "close" in all_found else "same"
