"""Orders: what rows are sorted by, and which rows come after a given one.

A page is found again by the values of its last row, not by a number of rows to skip: rows that
come in between do not shift what follows. Rows without a value are last in either direction;
among equals the newest are first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from nbtrail.errors import InvalidValue
from nbtrail.store.search.conditions import Compiler
from nbtrail.store.search.fragments import Fragment, joined, sorted_as
from nbtrail.store.search.grammar import Key, Term, parse_order
from nbtrail.store.search.subjects import Keyed

MOST_TERMS = 10
NOTHING = Fragment("null")
Place = Sequence[float | str | None]
"""The values by which a row is sorted: one a term, then its time and its number."""


@dataclass(frozen=True)
class SortKey:
    """One thing to sort by. `is_set` says that it is never null."""

    column: Fragment
    descending: bool = True
    is_set: bool = False

    def ordering(self, alias: str) -> str:
        """Return the term of an ORDER BY."""
        direction = "desc" if self.descending else "asc"
        return f"{alias} {direction}" if self.is_set else f"{alias} {direction} nulls last"

    def past(self, value: object, *, or_at: bool = False) -> Fragment:
        """Return the condition that a row comes after those with `value`, or is one of them."""
        if value is None:
            return self.column + " is null" if or_at else Fragment("false")
        beyond = Fragment(f" {'<' if self.descending else '>'}{'=' * or_at} ?", (value,))
        if self.is_set:
            return self.column + beyond
        return "(" + self.column + beyond + " or " + self.column + " is null)"

    def at(self, value: object) -> Fragment:
        """Return the condition that a row has `value`."""
        return self.column + (" is null" if value is None else Fragment(" = ?", (value,)))


def parse(order_by: Sequence[str]) -> list[Term]:
    """Return the terms of an order.

    Raises:
        InvalidValue: one is not understood, or there are too many.
    """
    if isinstance(order_by, str):
        raise InvalidValue(f"An order is a list of terms: write [{order_by!r:.80}].")
    if len(order_by) > MOST_TERMS:
        raise InvalidValue(f"An order has at most {MOST_TERMS} terms, not {len(order_by)}.")
    return [parse_order(term) for term in order_by]


def sort_key(term: Term, compiler: Compiler) -> SortKey:
    """Return what a term sorts by, looked up for one row.

    Raises:
        InvalidValue: it names an attribute that there is not, or a dataset.
    """
    if term.key.kind == "attribute":
        column = compiler.attribute(term.key)
        return SortKey(column, term.descending)
    place, mine, column_name = located(term, compiler)
    if term.key.kind == "dataset":
        raise InvalidValue("A run may have several datasets: runs cannot be ordered by them.")
    value = value_of(term.key, column_name)
    row = place.row or compiler.row
    found = f"(select {value} from {place.table} where {place.owner} = {row} and "
    return SortKey(found + mine + ")", term.descending)


def located(term: Term, compiler: Compiler) -> tuple[Keyed, Fragment, str]:
    """Return where the values of a term are, which rows there are its, and in what column."""
    return replace(compiler, names=compiler.names.to_order_by()).located(term.key)


def value_of(key: Key, column: str) -> str:
    """Return what the values of a key are sorted by."""
    return column if key.kind == "metric" else sorted_as(column)


def after(keys: Sequence[SortKey], place: Place) -> Fragment:
    """Return the condition that a row comes after the one at `place`.

    The first key is past its value; or it has that value, and the second is past its; and so on.
    That the first is past or at its value is said apart, so that an index can lead there.
    """
    pairs = list(zip(keys, place, strict=True))
    ways = [
        joined(" and ", [*(key.at(value) for key, value in pairs[:number]), last.past(at)])
        for number, (last, at) in enumerate(pairs)
    ]
    near = keys[0].past(place[0], or_at=True)
    return near + " and (" + joined(" or ", ways) + ")"


def ordering(keys: Sequence[SortKey]) -> str:
    """Return the ORDER BY of a statement that has `columns`."""
    terms = [key.ordering(f"k{number}") for number, key in enumerate(keys) if key.column != NOTHING]
    return ", ".join(terms)


def columns(keys: Sequence[SortKey]) -> Fragment:
    """Return the columns of a statement, one a key."""
    return joined(", ", (key.column + f" as k{number}" for number, key in enumerate(keys)))
