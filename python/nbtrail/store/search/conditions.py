"""From what a filter says to a condition on a row, in SQL.

The same condition can be asked in two ways, and the caller knows which is quicker:

- row by row, where few rows are in question: each value is looked up by run and key;
- as sets, where many are: for each condition the runs that meet it are read off an index once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeGuard

from nbtrail.errors import InvalidValue
from nbtrail.store.search import grammar
from nbtrail.store.search.fragments import Fragment, among, as_number, joined, like
from nbtrail.store.search.grammar import Condition, Key, Value
from nbtrail.store.search.names import Names
from nbtrail.store.search.subjects import DATASET_COLUMNS, Keyed, Subject, is_seconds, is_time
from nbtrail.store.search.times import milliseconds, seconds

LONGEST_PATTERN = 1000  # characters: SQLite compares a pattern recursively
Test = Callable[[str], Fragment]
"""A condition on the column of that name."""
Tested = grammar.Compared | grammar.Listed


@dataclass(frozen=True)
class Compiler:
    """Makes conditions on the row whose number `row` gives.

    `sets` says which of the two ways is meant; `at_hand` whether that row itself, and so each of
    its attributes, is there without a look-up. `root` is where the store's artifacts are.
    """

    subject: Subject
    names: Names
    root: str
    row: str
    sets: bool = False
    at_hand: bool = True

    def condition(self, said: Condition) -> Fragment:
        """Return a condition in SQL.

        Raises:
            InvalidValue: it asks for what there is not, or compares what cannot be compared.
        """
        if not self.at_hand and _asks_row_only(said):
            rows = Compiler(self.subject, self.names, self.root, self.subject.id)
            found = f"select {self.subject.id} from {self.subject.table} where "
            return f"+{self.row} in ({found}" + rows.condition(said) + ")"
        match said:
            case grammar.Group():
                return "(" + joined(f" {said.word} ", self._parts(said)) + ")"
            case grammar.Negated():
                return "(" + self.condition(said.part) + ") is not true"
            case grammar.Absent():
                return self._presence(said.key, wanted=said.negated)
            case grammar.Compared(value=Key() as other):
                return self._two_metrics(said.key, said.operator, other)
        if not self.names.lenient:
            self._must_be_there(said)
        return self._test(said.key, _test(said))

    def _must_be_there(self, said: Tested) -> None:
        """Refuse to look for what an attribute never is."""
        match said:
            case grammar.Listed(values=values):
                for value in values:
                    self.subject.must_have(said.key, value)
            case grammar.Compared(operator="=" | "!=", value=Value() as value):
                self.subject.must_have(said.key, value)

    def attribute(self, key: Key) -> Fragment:
        """Return the column of an attribute.

        Raises:
            InvalidValue: there is none of that name; the message has the closest.
        """
        try:
            column = self.subject.attribute(key)
        except InvalidValue as error:
            hint = self.names.of(key.name) if "metric" in self.subject.keyed else ""
            raise InvalidValue(f"{error}{hint}") from None
        return Fragment(column, (self.root,) * column.count("?"))

    def located(self, key: Key) -> tuple[Keyed, Fragment, str]:
        """Return where the values of a key are, which rows there are its, and in what column.

        Raises:
            InvalidValue: there is nothing of that kind, or of a name like that.
        """
        place = self.subject.place(key)
        if key.kind == "metric":
            row, column = self.names.metric(key)
            return place, Fragment(place.key, (row,)), column
        if key.kind == "dataset":
            return place, Fragment("true"), DATASET_COLUMNS[key.name]
        if key.kind == "param":
            self.names.param(key)
        elif place.table == "tag":
            self.names.tag(key)
        return place, Fragment(place.key, (key.name,)), place.value

    def _parts(self, said: grammar.Group) -> list[Fragment]:
        parts = _gathered(said)
        tests = sorted(filter(_is_keyed, parts), key=_is_sharp)
        if not self.sets or said.word == "or" or len(tests) < 2:
            return [self.condition(part) for part in parts]
        # Two only: SQLite's parser has a small stack.
        pair = tests[0], tests[-1]
        return [self._both(*pair), *(self.condition(part) for part in parts if part not in pair)]

    def _both(self, wide: Tested, sharp: Tested) -> Fragment:
        """Return that both are so: a set that has only what is in another, smaller one."""
        place, mine, column = self.located(wide.key)
        inner = replace(self, row=place.owner).condition(sharp)
        return self._some(place, mine + " and " + _test(wide)(column) + " and " + inner)

    def _test(self, key: Key, test: Test) -> Fragment:
        if key.kind == "attribute":
            column = self.attribute(key)
            found = test(column.sql)
            return Fragment(found.sql, column.values + found.values)
        place, mine, name = self.located(key)
        return self._some(place, mine + " and " + test(name))

    def _some(self, place: Keyed, condition: Fragment) -> Fragment:
        """Return the condition that some row of a keyed table, which is the run's, is so."""
        if self.sets:
            # In order: SQLite fills the set, a tree, in two thirds of the time.
            found = f"+{self.row} in (select {place.owner} from {place.table} where " + condition
            return found + f" order by {place.owner})"
        mine = f"{place.owner} = {place.row or self.row} and "
        return f"exists (select 1 from {place.table} where {mine}" + condition + ")"

    def _presence(self, key: Key, *, wanted: bool) -> Fragment:
        """Return whether there is a value. NaN is none: nothing can be compared with it."""
        if key.kind == "attribute":
            return self.attribute(key) + (" is not null" if wanted else " is null")
        found = self._test(key, lambda column: Fragment(f"{column} is not null"))
        return found if wanted else "not " + found

    def _two_metrics(self, left: Key, operator: str, right: Key) -> Fragment:
        if left.kind != "metric" or right.kind != "metric" or "LIKE" in operator:
            raise InvalidValue(
                f"Only metrics can be compared with each other (character {right.at + 1}): "
                "put a text between quotes."
            )
        (place, _, _), sides = self.located(left), [self._side(left), self._side(right)]
        either = f"metric in (?, ?) group by {place.owner} having "
        values = tuple(value for side in sides for value in side.values)
        return self._some(place, Fragment(either, values) + sides[0] + f" {operator} " + sides[1])

    def _side(self, key: Key) -> Fragment:
        """Return what one of the metrics is, in a group of the rows of both."""
        _, mine, column = self.located(key)
        return "max(case when " + mine + f" then {column} end)"


def _asks_row_only(said: Condition) -> bool:
    """Return whether a condition is about attributes alone."""
    match said:
        case grammar.Group():
            return all(map(_asks_row_only, said.parts))
        case grammar.Negated():
            return _asks_row_only(said.part)
        case _:
            return said.key.kind == "attribute"


def _is_keyed(said: Condition) -> TypeGuard[Tested]:
    """Return whether a condition compares one metric, param or tag with constants."""
    match said:
        case grammar.Listed() | grammar.Compared(value=Value()):
            return said.key.kind != "attribute"
        case _:
            return False


def _is_sharp(said: Tested) -> bool:
    """Return whether a condition may leave but few rows."""
    return isinstance(said, grammar.Listed) or said.operator == "="


def _gathered(group: grammar.Group) -> list[Condition]:
    """Return the parts of a group, those about attributes as one: it then is read off once."""
    about_row = tuple(part for part in group.parts if _asks_row_only(part))
    others = [part for part in group.parts if not _asks_row_only(part)]
    if len(about_row) < 2 or not others:
        return [*about_row, *others]
    return [grammar.Group(group.word, about_row, group.size, group.depth), *others]


def _test(said: Tested) -> Test:
    return _listing(said) if isinstance(said, grammar.Listed) else _comparison(said)


def _comparison(said: grammar.Compared) -> Test:
    key, operator, value = said.key, said.operator, said.value
    assert isinstance(value, Value)
    if operator.endswith("LIKE"):
        return _likeness(key, operator, value)
    constant = _constant(key, value)
    if _is_numeric_text(key, [value]):
        return lambda column: Fragment(f"{as_number(column)} {operator} ?", (constant,))
    return lambda column: Fragment(f"{column} {operator} ?", (constant,))


def _likeness(key: Key, operator: str, value: Value) -> Test:
    if key.kind == "metric" or is_time(key) or is_seconds(key):
        raise InvalidValue(
            f"{operator} compares texts, and '{key.name:.80}' (character {key.at + 1}) is a number."
        )
    if len(value.text) > LONGEST_PATTERN:
        raise InvalidValue(f"A pattern of {operator} has at most {LONGEST_PATTERN} characters.")
    pattern = value.text if value.kind == "number" else str(_constant(key, value))
    return lambda column: like(Fragment(column), pattern, ignore_case=operator == "ILIKE")


def _listing(said: grammar.Listed) -> Test:
    constants = tuple(_constant(said.key, value) for value in said.values)
    numeric = _is_numeric_text(said.key, said.values)
    if not (numeric or is_time(said.key) or is_seconds(said.key) or said.key.kind == "metric"):
        constants = tuple(value.text for value in said.values)
    operator = " not" if said.negated else ""

    def test(column: str) -> Fragment:
        return among(Fragment((as_number(column) if numeric else column) + operator), constants)

    return test


def _is_numeric_text(key: Key, values: list[Value] | tuple[Value, ...]) -> bool:
    """Return whether a text is to be taken for the number that it spells."""
    return key.kind in {"param", "tag"} and all(value.kind == "number" for value in values)


def _constant(key: Key, value: Value) -> object:
    """Return a value as it is bound.

    Raises:
        InvalidValue: it is of another type than what it is compared with.
    """
    if is_time(key):
        return milliseconds(value)
    if is_seconds(key):
        return seconds(value)
    if value.kind == "number":
        return value.text if key.kind in {"attribute", "dataset"} else float(value.text)
    if key.kind == "metric":
        raise InvalidValue(
            f"A metric is compared with a number, not with '{value.text:.40}' "
            f"(character {value.at + 1})."
        )
    if value.kind != "text":
        raise InvalidValue(
            f"'{value.text:.40}' at character {value.at + 1} is no number: write a text between "
            f"quotes, '{value.text:.40}'."
        )
    return value.text
