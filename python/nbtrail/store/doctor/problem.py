"""What a check finds."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from nbtrail.entities import Record


class Finding(Record, frozen=True):
    """Something that is wrong with a store.

    `area` is what was looked at, `problem` what is wrong, `advice` what can be done or what was
    done; `repaired` says whether it is right now.
    """

    area: str
    problem: str
    advice: str
    repaired: bool = False


@dataclass(frozen=True)
class Problem:
    """What is wrong, and what puts it right; without a `repair`, `advice` is for the user."""

    area: str
    problem: str
    advice: str
    repair: Callable[[], object] | None = None


Check = Callable[[sqlite3.Connection], Iterator[Problem]]
