"""Where the cursor is in a filter that is being typed: which word, and what may stand there."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from nbtrail.errors import InvalidValue
from nbtrail.store.search.grammar import Key, Kind, parse_order
from nbtrail.store.search.subjects import PREFIXES

Wanted = Literal["key", "operator", "value", "null", "link"]

_WORD = re.compile(
    r"""
      (?P<key>[A-Za-z]+\s*\.\s*(?:`[^`]*`?|"[^"]*"?|'[^']*'?)(?:\.\w*)?)   # metrics.`odd key`.min
    | (?P<quoted>`[^`]*`?|"[^"]*"?|'[^']*'?)
    | (?P<operator><=|>=|!=|[=<>])
    | (?P<mark>[(),])
    | (?P<word>[^\s()'"`=<>!,]+|!)
    """,
    re.VERBOSE,
)
_REST = re.compile(r"[^\s()'\"`=<>!,]*")
_OPERATORS = {"=", "!=", "<", "<=", ">", ">=", "LIKE", "ILIKE", "IN", "IS"}


@dataclass(frozen=True)
class Place:
    """The word at the cursor and what is wanted there.

    `text` is what is there of it before the cursor; `start` and `end` say what a completion
    replaces. `key` is what a condition that has begun is about.
    """

    wanted: Wanted
    text: str
    start: int
    end: int
    key: Key | None = None


@dataclass(frozen=True)
class _State:
    """What the words so far make of the next one."""

    wanted: Wanted = "key"
    key: str = ""
    in_list: bool = False

    def after(self, word: str) -> _State:
        upper = word.upper()
        if upper in {"AND", "OR"} and self.wanted in {"key", "link"}:
            return _State()
        if word == "(":
            return self if self.wanted == "value" else _State()
        if word == ")":
            return _State("link")
        if word == ",":
            return replace(self, wanted="value") if self.in_list else self
        return self._after_word(word, upper)

    def _after_word(self, word: str, upper: str) -> _State:
        match self.wanted:
            case "key":
                return self if upper == "NOT" else _State("operator", word)
            case "operator" if upper in _OPERATORS:
                wanted: Wanted = "null" if upper == "IS" else "value"
                return _State(wanted, self.key, upper == "IN")
            case "value":
                return replace(self, wanted="link")
            case "null" if upper == "NULL":
                return _State("link")
        return self


def place(text: str, position: int) -> Place:
    """Return where the cursor is; `position` counts characters."""
    before = text[:position]
    words = list(_WORD.finditer(before))
    last = words[-1] if words and words[-1].end() == len(before) else None
    if last is not None and (last["mark"] or (last["operator"] and last[0] != "!")):
        last = None
    state = _State()
    for word in words:
        if word is not last:
            state = state.after(word[0])
    start = len(before) if last is None else last.start()
    end = len(before)
    if last is not None:
        end += _length_of_rest(last[0], text[position:])
    return Place(state.wanted, before[start:], start, end, _key(state.key))


def _length_of_rest(word: str, rest: str) -> int:
    """Return how far the word goes on behind the cursor."""
    quote = next((q for q in "`\"'" if word.count(q) == 1), None)
    if quote is not None:
        return rest.find(quote) + 1
    found = _REST.match(rest)
    return found.end() if found else 0


def _key(text: str) -> Key | None:
    """Return the key that a condition begins with, if that is one."""
    if not text:
        return None
    try:
        return parse_order(text).key
    except InvalidValue:
        return None


def kind_of(text: str) -> tuple[Kind | None, str, str]:
    """Split the beginning of a key: its kind (None: not said), what stands before it, the rest."""
    prefix, dot, rest = text.partition(".")
    kind = PREFIXES.get(prefix.strip().lower()) if dot else None
    return (
        (kind, prefix.strip() + ".", rest.strip(" `\"'")) if kind else (None, "", text.strip("`"))
    )
