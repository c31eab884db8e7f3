"""From the text of a filter, or of one term of an order, to what it says.

Parsing needs no database; conditions.py and orders.py make SQL of the result.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from nbtrail.errors import InvalidValue

if TYPE_CHECKING:
    from lark import Lark, Token, UnexpectedInput

GRAMMAR = r"""
?filter: both
       | both ("OR"i both)+            -> either
?both: one
     | one ("AND"i one)+               -> both
?one: "NOT"i one                       -> negated
    | "(" filter ")"
    | key OPERATOR operand             -> compared
    | key "IN"i values                 -> listed
    | key "NOT"i "IN"i values          -> unlisted
    | key "IS"i "NULL"i                -> absent
    | key "IS"i "NOT"i "NULL"i         -> present
order: key DIRECTION?
values: "(" value ("," value)* ")"
?operand: value | other
key: (KIND ".")? name
other: KIND "." name                   -> key
?name: NAME
     | (QUOTED | TEXT) PART?           -> quoted
value: NUMBER | TEXT | DATE | SPAN | WORD
KIND.2: /(metrics?|params?|parameters?|tags?|datasets?|attributes?|attr|run)(?=\s*\.)/i
OPERATOR: "<=" | ">=" | "!=" | "=" | "<" | ">" | /I?LIKE\b/i
DIRECTION: /(ASC|DESC)\b/i
NAME: /(?!(?:OR|AND|NOT|IN|IS|NULL)(?![\w.\/-]))\w[\w.\/-]*/i
PART: /\.(min|max|last|count)\b/i
QUOTED: /`[^`]+`/
TEXT: /"[^"]*"|'[^']*'/
NUMBER.2: /[-+]?((\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?|inf(inity)?)(?![\w.])/i
DATE.3: /\d{4}-\d\d-\d\d\b/
SPAN.3: /[-+]\d+(\.\d+)?[smhdw]\b/i
WORD: /\w[\w.\/-]*/
%ignore /\s+/
"""

LONGEST = 200_000  # characters of a filter
# SQLite's own limits: a chain of conditions counts as nested a thousand deep, and its parser's
# stack has a hundred places, of which a level takes three.
MOST_CONDITIONS = 300
DEEPEST = 20

Kind = Literal["metric", "param", "tag", "dataset", "attribute"]
PARTS = ("last", "min", "max", "count")


@dataclass(frozen=True)
class Key:
    """What is asked about: an attribute, a metric, a param. `at` is its place in the text."""

    kind: Kind
    name: str
    at: int
    part: str = ""
    quoted: bool = False


@dataclass(frozen=True)
class Value:
    """A constant, as it is written: ``number``, ``text`` (without quotes), ``span`` or ``word``."""

    kind: Literal["number", "text", "span", "word"]
    text: str
    at: int


@dataclass(frozen=True)
class Compared:
    """``key operator value``; two metrics can be compared with each other."""

    key: Key
    operator: str
    value: Value | Key
    size: int = 1
    depth: int = 0


@dataclass(frozen=True)
class Listed:
    """``key IN (…)``, or NOT IN."""

    key: Key
    values: tuple[Value, ...]
    negated: bool
    size: int = 1
    depth: int = 0


@dataclass(frozen=True)
class Absent:
    """``key IS NULL``, or IS NOT NULL."""

    key: Key
    negated: bool
    size: int = 1
    depth: int = 0


@dataclass(frozen=True)
class Group:
    """Several conditions, joined by ``and`` or ``or``."""

    word: Literal["and", "or"]
    parts: tuple[Condition, ...]
    size: int
    depth: int


@dataclass(frozen=True)
class Negated:
    """What is not so."""

    part: Condition
    size: int
    depth: int


Condition = Compared | Listed | Absent | Group | Negated


@dataclass(frozen=True)
class Term:
    """One term of an order."""

    key: Key
    descending: bool


@lru_cache(maxsize=256)
def parse_filter(text: str) -> Condition | None:
    """Return what a filter says; None for one that is empty.

    Raises:
        InvalidValue: it is not understood, with the place; it is too long or too deep.
    """
    if not text.strip():
        return None
    if len(text) > LONGEST:
        raise InvalidValue(f"A filter has at most {LONGEST} characters, not {len(text)}.")
    from lark import UnexpectedInput

    try:
        parsed: Any = _parser().parse(text, start="filter")
    except UnexpectedInput as error:
        raise InvalidValue(
            f"The filter is not understood at {_place(error, text)}. "
            "An example: metrics.accuracy > 0.9 and params.C = '1.0'"
        ) from None
    found: Condition = parsed
    if found.size > MOST_CONDITIONS:
        raise InvalidValue(
            f"A filter has at most {MOST_CONDITIONS} conditions. "
            "Many values of one key are better asked for with IN ('a', 'b', …)."
        )
    if found.depth > DEEPEST:
        raise InvalidValue(f"A filter nests AND, OR and NOT at most {DEEPEST} deep.")
    return found


@lru_cache(maxsize=256)
def parse_order(text: str) -> Term:
    """Return what one term of an order says.

    Raises:
        InvalidValue: it is not understood.
    """
    from lark import UnexpectedInput

    try:
        found: Any = _parser().parse(text[:LONGEST], start="order")
    except UnexpectedInput as error:
        raise InvalidValue(
            f"The order '{text:.80}' is not understood at {_place(error, text)}. "
            "An example: 'metrics.accuracy DESC'."
        ) from None
    term: Term = found
    return term


def _place(error: UnexpectedInput, text: str) -> str:
    if getattr(getattr(error, "token", None), "type", "") == "$END":
        return "its end: something is missing there"
    at: int = error.pos_in_stream or 0
    return f"character {at + 1}: …{text[at : at + 30]!r}"


@lru_cache(maxsize=1)
def _parser() -> Lark:
    from lark import Lark

    starts = ["filter", "order"]
    return Lark(
        GRAMMAR, parser="lalr", start=starts, maybe_placeholders=False, transformer=_Builder()
    )


_KINDS: dict[str, Kind] = {"m": "metric", "p": "param", "t": "tag", "d": "dataset"}


class _Builder:
    """Makes our records of what the parser finds, from the innermost out: one method a rule."""

    def key(self, parts: list[Any]) -> Key:
        *kinds, name = parts
        kind = _KINDS.get(kinds[0][0].lower(), "attribute") if kinds else "attribute"
        if isinstance(name, Key):
            at = kinds[0].start_pos if kinds else name.at
            if kind == "metric" or not name.part:
                return Key(kind, name.name, at, name.part, quoted=True)
            return Key(kind, f"{name.name}.{name.part}", at, quoted=True)
        return Key(kind, str(name), parts[0].start_pos)

    def quoted(self, parts: list[Any]) -> Key:
        name, *part = parts
        return Key("attribute", name[1:-1], name.start_pos, "".join(part)[1:].lower())

    def value(self, parts: list[Token]) -> Value:
        (token,) = parts
        at = token.start_pos or 0
        if token.type == "TEXT":
            return Value("text", token[1:-1], at)
        kind: Any = "text" if token.type == "DATE" else token.type.lower()
        return Value(kind, str(token), at)

    def values(self, parts: list[Value]) -> tuple[Value, ...]:
        return tuple(parts)

    def compared(self, parts: list[Any]) -> Compared:
        key, operator, value = parts
        return Compared(key, operator.upper(), value)

    def listed(self, parts: list[Any]) -> Listed:
        key, values = parts
        return Listed(key, values, negated=False)

    def unlisted(self, parts: list[Any]) -> Listed:
        key, values = parts
        return Listed(key, values, negated=True)

    def absent(self, parts: list[Key]) -> Absent:
        return Absent(parts[0], negated=False)

    def present(self, parts: list[Key]) -> Absent:
        return Absent(parts[0], negated=True)

    def both(self, parts: list[Condition]) -> Group:
        return _group("and", parts)

    def either(self, parts: list[Condition]) -> Group:
        return _group("or", parts)

    def negated(self, parts: list[Condition]) -> Negated:
        (part,) = parts
        return Negated(part, part.size + 1, part.depth + 1)

    def order(self, parts: list[Any]) -> Term:
        key, *direction = parts
        return Term(key, "".join(direction).lower() == "desc")


def _group(word: Literal["and", "or"], parts: list[Condition]) -> Group:
    size = sum(part.size for part in parts)
    return Group(word, tuple(parts), size, 1 + max(part.depth for part in parts))
