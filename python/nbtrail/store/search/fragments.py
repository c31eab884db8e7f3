"""Pieces of SQL with their bound values, and the few that another engine would say otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Fragment:
    """A piece of SQL and the values bound in it, in order."""

    sql: str
    values: tuple[object, ...] = ()

    def __add__(self, other: Fragment | str) -> Fragment:
        other = Fragment(other) if isinstance(other, str) else other
        return Fragment(self.sql + other.sql, self.values + other.values)

    def __radd__(self, other: str) -> Fragment:
        return Fragment(other + self.sql, self.values)


def joined(word: str, parts: Iterable[Fragment]) -> Fragment:
    """Return the parts with `word` between them."""
    parts = list(parts)
    values = tuple(value for part in parts for value in part.values)
    return Fragment(word.join(part.sql for part in parts), values)


def among(column: Fragment, values: tuple[object, ...]) -> Fragment:
    """Return the condition that a column has one of some values."""
    return column + Fragment(f" in ({', '.join('?' * len(values))})", values)


def like(column: Fragment, pattern: str, *, ignore_case: bool) -> Fragment:
    """Return the condition that a text is like a pattern with ``%`` and ``_``.

    SQLite's own LIKE ignores case; its GLOB does not, and is told the same pattern.
    """
    if ignore_case:
        return column + Fragment(" like ?", (pattern,))
    escaped = re.sub(r"[\[*?]", lambda match: f"[{match[0]}]", pattern)
    return column + Fragment(" glob ?", (escaped.replace("%", "*").replace("_", "?"),))


def as_number(column: str) -> str:
    """Return a text column as the number that it spells, or else null.

    SQLite compares a text with a number as numbers where the whole text is one, else as unequal.
    """
    return f"(case when cast({column} as numeric) = {column} then cast({column} as real) end)"


def sorted_as(column: str) -> str:
    """Return what a text column is ordered by: numbers as such, before all other texts.

    Long texts are ordered by how they begin, which a page token can hold.
    """
    return f"coalesce({as_number(column)}, substr({column}, 1, 200))"
