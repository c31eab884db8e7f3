"""The filter grammar of runs, compiled to one SQL statement with bound values.

MLflow's search filters, and more: OR, NOT and parentheses.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from nbtrail.errors import InvalidValue, did_you_mean
from nbtrail.store.keys import row_id

if TYPE_CHECKING:
    from lark import Lark, Token, Tree, UnexpectedInput

GRAMMAR = r"""
?start: either
?either: both ("OR"i both)*
?both: negation ("AND"i negation)*
?negation: "NOT"i negation -> negated
         | "(" either ")"
         | comparison
comparison: key OPERATOR value           -> compare
          | key "IN"i values             -> is_in
          | key "NOT"i "IN"i values      -> not_in
          | key "IS"i "NULL"i            -> is_null
          | key "IS"i "NOT"i "NULL"i     -> not_null
values: "(" value ("," value)* ")"
key: (KIND ".")? (NAME | QUOTED | TEXT)
value: NUMBER | TEXT
KIND.2: /(metrics?|params?|parameters?|tags?|attributes?|attr|run)(?=\.)/i
OPERATOR: "<=" | ">=" | "!=" | "=" | "<" | ">" | /I?LIKE\b/i
NAME: /(?!(?:OR|AND|NOT|IN|IS|NULL)(?![\w.\/-]))[A-Za-z_][\w.\/-]*/i
QUOTED: /`[^`]+`/
TEXT: /"[^"]*"|'[^']*'/
NUMBER: /[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?/i
%ignore /\s+/
"""

# SQLite's own limits: a chain of conditions counts as nested a thousand deep; its parser's stack
# has a hundred places, of which a level takes three; a pattern is compared recursively.
MOST_CONDITIONS = 300
DEEPEST = 20
LONGEST_PATTERN = 1000  # characters
_CONDITIONS = {"compare", "is_in", "not_in", "is_null", "not_null", "negated"}
_NESTING = {"either", "both", "negated"}

ATTRIBUTES = {
    "run_id": "run.uuid",
    "run_name": "run.name",
    "status": "run.status",
    "start_time": "run.started",
    "end_time": "run.ended",
    "artifact_uri": "run.artifact_uri",
    "user_id": "run.user",
    "kind": "run.kind",
    "notebook": "run.notebook",
    "experiment_id": "cast(run.experiment as text)",
}
_METRIC = (
    "(select series.last from series join metric on metric.id = series.metric "
    "where series.run = run.id and metric.key = ?)"
)
_PARAM = "(select value from param where param.run = run.id and param.key = ?)"
_NUMERIC_PARAM = (
    "(select cast(value as real) from param where param.run = run.id and param.key = ? "
    "and json_type(typed) in ('integer', 'real'))"
)
_ORDERING = {"<", ">", "<=", ">="}
_TAG = "(select value from tag where tag.run = run.id and tag.key = ?)"


@dataclass(frozen=True)
class Fragment:
    """A piece of SQL and the values bound in it, in order."""

    sql: str
    values: tuple[object, ...] = ()


def compile_search(
    experiment_ids: Sequence[str] | None, filter_string: str, order_by: Sequence[str]
) -> Fragment:
    """Return the statement that selects the rows of `run`, in order; the caller pages it.

    Raises:
        InvalidValue: the filter or the order is not understood, with where.
    """
    where, values = ["run.lifecycle_stage = 'active'"], list[object]()
    if experiment_ids is not None:
        where.append(f"run.experiment in ({', '.join('?' * len(experiment_ids))})")
        values += [row_id(one) for one in experiment_ids]
    if filter_string.strip():
        condition = compile_filter(filter_string)
        where.append(condition.sql)
        values += condition.values
    order = [_compile_order(term) for term in order_by]
    terms = [*(fragment.sql for fragment in order), "run.started desc", "run.id desc"]
    values += [value for fragment in order for value in fragment.values]
    sql = f"select run.* from run where {' and '.join(where)} order by {', '.join(terms)}"
    return Fragment(sql, tuple(values))


def compile_filter(text: str) -> Fragment:
    """Return a filter as a condition on a row of `run`.

    Raises:
        InvalidValue: it is not understood; the message has the position.
    """
    from lark import UnexpectedInput

    try:
        tree = _parser().parse(text)
    except UnexpectedInput as error:
        raise InvalidValue(
            f"The filter is not understood at {_place(error, text)}. "
            "An example: metrics.accuracy > 0.9 and params.C = '1.0'"
        ) from None
    if sum(1 for _ in tree.find_pred(lambda part: part.data in _CONDITIONS)) > MOST_CONDITIONS:
        raise InvalidValue(
            f"A filter has at most {MOST_CONDITIONS} conditions. "
            "Many values of one key are better asked for with IN ('a', 'b', …)."
        )
    if _depth(tree) > DEEPEST:
        raise InvalidValue(f"A filter nests AND, OR and NOT at most {DEEPEST} deep.")
    return _condition(tree)


def _depth(tree: Any) -> int:
    return 1 + max(map(_depth, tree.children)) if tree.data in _NESTING else 0


def _place(error: UnexpectedInput, text: str) -> str:
    if getattr(getattr(error, "token", None), "type", "") == "$END":
        return "its end: something is missing there"
    at: int = error.pos_in_stream or 0
    return f"character {at + 1}: …{text[at : at + 30]!r}"


@lru_cache(maxsize=1)
def _parser() -> Lark:
    from lark import Lark

    return Lark(GRAMMAR, parser="lalr", maybe_placeholders=False)


def _condition(tree: Tree[Token]) -> Fragment:
    children: list[Any] = tree.children
    if tree.data in {"either", "both"}:
        parts = [_condition(child) for child in children]
        word = " or " if tree.data == "either" else " and "
        sql = "(" + word.join(part.sql for part in parts) + ")"
        return Fragment(sql, tuple(value for part in parts for value in part.values))
    if tree.data == "negated":
        inner = _condition(children[0])
        return Fragment(f"({inner.sql}) is not true", inner.values)
    column, is_number = _key(children[0])
    if tree.data in {"is_null", "not_null"}:
        word = "is null" if tree.data == "is_null" else "is not null"
        return Fragment(f"{column.sql} {word}", column.values)
    if tree.data == "compare":
        operator = str(children[1]).upper()
        if column.sql == _PARAM and operator in _ORDERING and _is_number(children[2]):
            column, is_number = Fragment(_NUMERIC_PARAM, column.values), True
        return _comparison(column, operator, _value(children[2], is_number))
    values = tuple(_value(child, is_number) for child in children[1].children)
    word = "in" if tree.data == "is_in" else "not in"
    return Fragment(
        f"{column.sql} {word} ({', '.join('?' * len(values))})", (*column.values, *values)
    )


def _comparison(column: Fragment, operator: str, value: object) -> Fragment:
    values = (*column.values, value)
    if operator.endswith("LIKE") and len(str(value)) > LONGEST_PATTERN:
        raise InvalidValue(f"A pattern of {operator} has at most {LONGEST_PATTERN} characters.")
    if operator == "ILIKE":
        return Fragment(f"{column.sql} like ?", values)
    if operator == "LIKE":
        # SQLite's own LIKE ignores case; GLOB does not, and is told the same pattern.
        return Fragment(f"{column.sql} glob ?", (*column.values, _glob(str(value))))
    return Fragment(f"{column.sql} {operator} ?", values)


def _glob(pattern: str) -> str:
    escaped = re.sub(r"[\[*?]", lambda match: f"[{match[0]}]", pattern)
    return escaped.replace("%", "*").replace("_", "?")


def _key(tree: Any) -> tuple[Fragment, bool]:
    *kinds, name = (str(child) for child in tree.children)
    kind = kinds[0].lower() if kinds else "attribute"
    name = name[1:-1] if name[0] in "`\"'" else name
    if kind.startswith("metric"):
        return Fragment(_METRIC, (name,)), True
    if kind.startswith("param"):
        return Fragment(_PARAM, (name,)), False
    if kind.startswith("tag"):
        return Fragment(_TAG, (name,)), False
    if name not in ATTRIBUTES:
        raise InvalidValue(
            f"A run has no attribute '{name}'.{did_you_mean(name, ATTRIBUTES)} "
            "Write metrics.…, params.… or tags.… for what was logged."
        )
    return Fragment(ATTRIBUTES[name]), name.endswith("_time")


def _is_number(value: Tree[Token]) -> bool:
    token: Any = value.children[0]
    return bool(token.type == "NUMBER")


def _value(tree: Tree[Token], numeric: bool) -> object:
    token: Any = tree.children[0]
    if token.type == "NUMBER":
        return float(token) if numeric else str(token)
    text = str(token)[1:-1]
    if numeric:
        raise InvalidValue(f"A metric or a time is compared with a number, not with '{text:.40}'.")
    return text


def _compile_order(term: str) -> Fragment:
    from lark import LarkError

    words = term.strip().rsplit(None, 1)
    direction = words.pop().lower() if len(words) == 2 and words[1].lower() in _DIRECTIONS else ""
    key = " ".join(words)
    try:
        tree = _parser().parse(f"{key} is null")
    except LarkError:
        tree = None
    if tree is None or tree.data != "is_null":
        raise InvalidValue(
            f"The order '{term:.80}' is not understood. An example: 'metrics.accuracy DESC'."
        )
    column, _ = _key(tree.children[0])
    # Runs without a value come last, whatever the direction.
    return Fragment(f"{column.sql} is null, {column.sql} {direction}".rstrip(), column.values * 2)


_DIRECTIONS = {"asc", "desc"}
