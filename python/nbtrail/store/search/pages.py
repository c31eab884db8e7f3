"""One page of what is asked for, by one statement.

SQLite knows nothing of how many rows a condition leaves, so the plan is chosen here. Measured on
100,000 runs: to look a value up by run costs 1 to 2 µs, to read it off an index in order 0.2 µs.
- Few runs in question (a small experiment of a large store): look up what is asked, run by run.
- Else conditions are sets, and the first term of the order leads: a metric's values are read in
  order until the page is full. The runs that have no such value follow, as SQL's second half.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from numbers import Integral
from typing import Literal

from nbtrail.entities import ViewType
from nbtrail.errors import InvalidValue
from nbtrail.store.keys import is_text, row_id, shown
from nbtrail.store.search import orders, tokens
from nbtrail.store.search.conditions import Compiler
from nbtrail.store.search.fragments import Fragment, among, joined
from nbtrail.store.search.grammar import Condition, Term, parse_filter
from nbtrail.store.search.names import Names
from nbtrail.store.search.orders import SortKey
from nbtrail.store.search.subjects import SUBJECTS, Subject

MOST_RESULTS = 50_000
MOST_VALUES = 30_000  # SQLite binds 32,766
MOST_EXPERIMENTS = 10_000
FEW, FEW_OF = 1000, 8  # this many rows are few, or one in eight

STAGES = {
    ViewType.ACTIVE_ONLY: ("active",),
    ViewType.DELETED_ONLY: ("deleted",),
    ViewType.ALL: ("active", "deleted"),
}


@dataclass(frozen=True)
class Question:
    """What is asked for.

    `experiment_ids` are those to look in, all when None; `root` is where the store's artifacts
    are.
    """

    about: Literal["run", "experiment"]
    filter_string: str = ""
    order_by: Sequence[str] = ()
    view: ViewType = ViewType.ACTIVE_ONLY
    experiment_ids: Sequence[str] | None = None
    root: str = field(default="", compare=False)

    def identity(self) -> tuple[object, ...]:
        """Return what two pages of one answer have in common."""
        ids = None if self.experiment_ids is None else sorted(map(repr, self.experiment_ids))
        return self.about, self.filter_string, list(self.order_by), int(self.view), ids


def page(
    connection: sqlite3.Connection,
    question: Question,
    max_results: int,
    token: str | None = None,
    lenient: bool = False,
) -> tuple[list[int], str | None]:
    """Return the rows of a page, in order, and the token of the next page, or None.

    Raises:
        InvalidValue: the filter, the order, the size or the token is not understood.
    """
    _check(question, max_results)
    statement = _Plan.of(connection, question, lenient).statement(max_results + 1, token)
    _check_values(statement)
    rows = connection.execute(statement.sql, statement.values).fetchall()
    ids = [row[0] for row in rows[:max_results]]
    if len(rows) <= max_results:
        return ids, None
    return ids, tokens.write(question.identity(), tuple(rows[max_results - 1])[1:])


def matches(connection: sqlite3.Connection, question: Question, lenient: bool = False) -> Fragment:
    """Return the statement that gives the numbers of all rows that are asked for, in no order.

    Raises:
        InvalidValue: the filter is not understood, or has too many values.
    """
    _check(question, 1)
    statement = _Plan.of(connection, question, lenient).all()
    _check_values(statement)
    return statement


def _check(question: Question, max_results: int) -> None:
    if not isinstance(max_results, Integral) or not 0 < max_results <= MOST_RESULTS:
        raise InvalidValue(
            f"max_results must be from 1 to {MOST_RESULTS}, not {shown(max_results)}."
        )
    for said in (question.filter_string, *question.order_by):
        if not is_text(said):
            raise InvalidValue(f"A filter or an order is a text, and {said!r:.80} is none.")
    if question.view not in STAGES:
        raise InvalidValue(f"{question.view!r:.80} is no view type: give one of nbtrail.ViewType.")
    ids = question.experiment_ids
    if isinstance(ids, str):
        raise InvalidValue(f"Give a list of experiments: [{ids!r:.80}].")
    if ids is not None and len(ids) > MOST_EXPERIMENTS:
        raise InvalidValue(f"A search is about at most {MOST_EXPERIMENTS} experiments, or all.")


def _check_values(statement: Fragment) -> None:
    if len(statement.values) > MOST_VALUES:
        raise InvalidValue(f"A search has at most {MOST_VALUES} values; ask for fewer at a time.")


@dataclass(frozen=True)
class _Plan:
    """How one question is answered. `few` says whether few rows are in question."""

    question: Question
    subject: Subject
    names: Names
    said: Condition | None
    terms: Sequence[Term]
    scope: Fragment
    few: bool

    @classmethod
    def of(cls, connection: sqlite3.Connection, question: Question, lenient: bool) -> _Plan:
        subject, scope = SUBJECTS[question.about], _scope(question)
        return cls(
            question,
            subject,
            Names(connection, lenient=lenient),
            parse_filter(question.filter_string),
            orders.parse(question.order_by),
            scope,
            _are_few(connection, subject, scope),
        )

    def statement(self, limit: int, token: str | None) -> Fragment:
        """Return the statement that gives number and sort keys of `limit` rows after a token."""
        keys = len(self.terms) + 2
        place = tokens.read(self.question.identity(), token, keys) if token else None
        compiler = self._compiler()
        if self.few or not self.terms or self.terms[0].key.kind in {"attribute", "dataset"}:
            return self._by_row(compiler, place) + Fragment(" limit ?", (limit,))
        halves = [self._without_first(compiler, place)]
        if place is None or place[0] is not None:
            halves.insert(0, self._by_first(compiler, place))
        parts = ["select * from (" + half + Fragment(" limit ?)", (limit,)) for half in halves]
        return joined(" union all ", parts) + Fragment(" limit ?", (limit,))

    def all(self) -> Fragment:
        """Return the statement that gives the number of every row, in no order."""
        said = [] if self.said is None else [self._compiler().condition(self.said)]
        found = f"select {self.subject.id} as id from {self.subject.table} where "
        return found + joined(" and ", [*said, self.scope])

    def _compiler(self) -> Compiler:
        return Compiler(
            self.subject, self.names, self.question.root, self.subject.id, sets=not self.few
        )

    def _by_row(self, compiler: Compiler, place: orders.Place | None) -> Fragment:
        """Go through the rows themselves, and look up what they are sorted by."""
        keys = [orders.sort_key(term, compiler) for term in self.terms]
        return self._select(compiler, self.subject.table, [], keys, place)

    def _by_first(self, compiler: Compiler, place: orders.Place | None) -> Fragment:
        """Go through the values of the first term, in their order."""
        term, *others = self.terms
        where, mine, column = orders.located(term, compiler)
        value = orders.value_of(term.key, column)
        keys = [orders.sort_key(other, compiler) for other in others]
        first = SortKey(Fragment(value), term.descending, is_set=True)
        join = f"cross join {self.subject.table} on {self.subject.id} = led.{where.owner}"
        led = replace(compiler, row=f"led.{where.owner}", at_hand=False)
        also = [mine, Fragment(f"{value} is not null")]
        return self._select(led, f"{where.table} as led {join}", also, [first, *keys], place)

    def _without_first(self, compiler: Compiler, place: orders.Place | None) -> Fragment:
        """Go through the rows that have no value of the first term."""
        term, *others = self.terms
        where, mine, column = orders.located(term, compiler)
        found = f"not exists (select 1 from {where.table} where {where.owner} = {compiler.row} and "
        missing = found + mine + f" and {column} is not null)"
        keys = [orders.sort_key(other, compiler) for other in others]
        nothing = SortKey(orders.NOTHING, term.descending)
        if place is not None and place[0] is not None:
            place = None
        return self._select(compiler, self.subject.table, [missing], [nothing, *keys], place)

    def _select(
        self,
        compiler: Compiler,
        table: str,
        also: list[Fragment],
        keys: list[SortKey],
        place: orders.Place | None,
    ) -> Fragment:
        ties = Fragment(self.subject.since), Fragment(self.subject.id)
        keys = [*keys, *(SortKey(column, is_set=True) for column in ties)]
        said = [] if self.said is None else [compiler.condition(self.said)]
        later = [] if place is None else [orders.after(keys, place)]
        where = [*also, *said, self.scope, *later]
        found = f"select {self.subject.id}, " + orders.columns(keys) + f" from {table} where "
        return found + joined(" and ", where) + f" order by {orders.ordering(keys)}"


def _scope(question: Question) -> Fragment:
    table = SUBJECTS[question.about].table
    scope = among(Fragment(f"{table}.lifecycle_stage"), STAGES[question.view])
    if question.experiment_ids is None:
        return scope
    ids = tuple(row_id(str(one)) for one in question.experiment_ids)
    return among(Fragment(f"{table}.experiment"), ids) + " and " + scope


def _are_few(connection: sqlite3.Connection, subject: Subject, scope: Fragment) -> bool:
    last = connection.execute(f"select max(id) from {subject.table}").fetchone()[0] or 0
    most = max(FEW, last // FEW_OF)
    count = f"select count(*) from (select 1 from {subject.table} where " + scope + " limit ?)"
    rows: int = connection.execute(count.sql, (*count.values, most + 1)).fetchone()[0]
    return rows <= most
