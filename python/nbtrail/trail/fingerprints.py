"""What a value is, in a few characters: equal fingerprints are equal values.

A fingerprint is made at the end of a cell, of whatever the cell's names stand for: so it is cheap
(a bounded number of objects is looked into, and a bounded sample taken of arrays and frames), and
nothing of the user's is called: no ``repr``, ``==`` or ``len`` of theirs, no iterator is advanced.
"""

from __future__ import annotations

import functools
import hashlib
import marshal
import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from types import (
    BuiltinFunctionType,
    CodeType,
    FunctionType,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodType,
    ModuleType,
    NoneType,
)
from typing import Any

from nbtrail.trail.plans import BUILT_IN, Plan, namespace_of, plan_of
from nbtrail.trail.samples import ITEMS, Sampler, owner, step_for

OBJECTS = 50
"""So many objects are looked into, at most."""
NUMBERS = 2048
TEXT = 4096
PARTIAL = "?"

_NUMBERS = frozenset({NoneType, bool, int, float, complex})
_TEXTS = frozenset({str, bytes})
_FLAT = _NUMBERS | _TEXTS
_CACHED: Any = type(functools.lru_cache(len))
_DESCRIPTORS = frozenset({GetSetDescriptorType, MemberDescriptorType})
_OF_EVERY_CLASS = frozenset(
    {"__module__", "__doc__", "__firstlineno__", "__static_attributes__", "__weakref__"}
)


@dataclass(frozen=True)
class Fingerprint:
    """What stands for a value.

    `text` is empty for what nothing is known of, and starts with ``?`` where a part of the value
    could not be seen. `parts` are the ids of the mutable objects in it: whoever changes one of
    them has changed this value.
    """

    text: str = ""
    parts: frozenset[int] = frozenset()


NOTHING = Fingerprint()


def fingerprint(value: object) -> Fingerprint:
    """Return the fingerprint of a value; it never raises."""
    walk = _Walk()
    try:
        walk.visit(value)
    except Exception:
        # An object of a known name that is not what it seems, or that another thread changes.
        return Fingerprint("", frozenset(walk.parts))
    digest = hashlib.blake2b(b"\0".join(walk.chunks), digest_size=8).hexdigest()
    return Fingerprint(digest if walk.complete else PARTIAL + digest, frozenset(walk.parts))


def same(one: str, other: str) -> bool:
    """Say whether two fingerprints' values are surely equal."""
    return one == other and is_whole(one)


def differ(one: str, other: str) -> bool:
    """Say whether two fingerprints' values are surely not equal."""
    return bool(one and other) and one.lstrip(PARTIAL) != other.lstrip(PARTIAL)


def in_part(text: str) -> str:
    """Return a fingerprint as that of a value of which it does not know all."""
    return PARTIAL + text.lstrip(PARTIAL) if text else text


def is_whole(text: str) -> bool:
    """Say whether a fingerprint knows all of its value."""
    return bool(text) and not text.startswith(PARTIAL)


class _Walk:
    """Goes through a value and what it is made of, as long as the budget lasts."""

    def __init__(self) -> None:
        self.chunks: list[bytes] = []
        self.parts: set[int] = set()
        self.complete = True
        self._left = OBJECTS
        self._sampling = False
        # Kept alive until the end: the id of an object that is gone is another's soon.
        self._seen: dict[int, tuple[int, object]] = {}

    def visit(self, value: Any) -> None:
        """Take a value in."""
        kind = type(value)
        if kind in _NUMBERS:
            self.chunks.append(marshal.dumps(value, 2))
        elif kind is str or kind is bytes:
            self._text(value)
        elif id(value) in self._seen:
            self._tell(f"seen {self._seen[id(value)][0]}")
        elif self._left <= 0:
            self.complete = False
        else:
            self._left -= 1
            self._seen[id(value)] = len(self._seen), value
            self._look_into(value, kind)

    def _look_into(self, value: Any, kind: type) -> None:
        known = _BY_KIND.get(kind)
        if known is not None:
            known(self, value)
        elif issubclass(kind, ModuleType):
            self._tell(f"module {ModuleType.__getattribute__(value, '__name__')!s:.200}")
        elif issubclass(kind, type):
            self._class(value)
        else:
            self._object(value, plan_of(kind))

    def _tell(self, text: str) -> None:
        self.chunks.append(text.encode("utf-8", "surrogatepass"))

    def _all(self, *values: Any) -> None:
        for value in values:
            self.visit(value)

    def _mutable(self, value: object) -> None:
        """Note a part by which the value can be changed; a sample's are nobody's."""
        if not self._sampling:
            self.parts.add(id(value))

    # What Python has

    def _text(self, value: Any) -> None:
        """Take in the whole of a short text; of a long one its ends and its middle."""
        size = len(value)
        if size > 3 * TEXT:
            middle = size // 2
            value = value[:TEXT] + value[middle : middle + TEXT] + value[-TEXT:]
        self.chunks.append(b"%d %b" % (size, marshal.dumps(value, 2)))

    def _sequence(self, value: Any, base: Any) -> None:
        """Take in a list or tuple, or what is derived from one, past its own methods."""
        if base is list:
            self._mutable(value)
        size = base.__len__(value)
        self._tell(f"{base.__name__} {size}")
        self._items(base.__getitem__(value, slice(None, None, step_for(size, NUMBERS))))

    def _items(self, items: Sequence[Any]) -> None:
        """Take in items: at once if they are plain numbers and short texts."""
        kinds = set(map(type, items))
        if not kinds <= _NUMBERS:
            items = items[:: step_for(len(items), ITEMS)]
        if kinds <= _NUMBERS or (kinds <= _FLAT and _all_short(items, kinds)):
            self.chunks.append(marshal.dumps(list(items), 2))
        else:
            self._all(*items)

    def _mapping(self, value: dict[Any, Any]) -> None:
        self._mutable(value)
        size = dict.__len__(value)
        self._tell(f"dict {size}")
        self._items(list(islice(dict.keys(value), ITEMS)))
        self._items(list(islice(dict.values(value), ITEMS)))
        self.complete &= size <= ITEMS

    def _set(self, value: Any, base: Any) -> None:
        """Take in a set: marshal sorts it."""
        self._mutable(value)
        size = base.__len__(value)
        items = list(islice(base.__iter__(value), ITEMS))
        self._tell(f"set {size}")
        kinds = set(map(type, items))
        if size <= ITEMS and kinds <= _FLAT and _all_short(items, kinds):
            self.chunks.append(marshal.dumps(frozenset(items), 2))
        else:
            self.complete = False

    # Code

    def _function(self, value: FunctionType) -> None:
        self._code(value.__code__)
        self._all(value.__defaults__, value.__kwdefaults__)
        for cell in value.__closure__ or ():
            self._closed_over(cell)
        if value.__dict__:
            self.visit(value.__dict__)

    def _closed_over(self, cell: Any) -> None:
        try:
            self.visit(cell.cell_contents)
        except ValueError:
            self._tell("empty cell")

    def _code(self, code: CodeType) -> None:
        """Take in what code does, not where it stands."""
        self.chunks.append(code.co_code)
        self._all(code.co_names, code.co_varnames)
        for constant in code.co_consts:
            if type(constant) is CodeType:
                self._code(constant)
            else:
                self.visit(constant)

    def _cached(self, value: Any) -> None:
        """Take in a function with a cache: what it keeps is seen by its size alone."""
        self._mutable(value)
        kept = _CACHED.cache_info(value)
        self._tell(f"cache {kept.currsize and kept.misses}")
        self.complete &= not kept.currsize
        self.visit(value.__wrapped__)

    def _class(self, value: type) -> None:
        """Take in a class: all of one that was made here, of another only its name."""
        plan = plan_of(value)
        self._tell(f"class {plan.title}")
        if plan.made_here:
            self._mutable(value)
            for key, item in namespace_of(value).items():
                if type(item) not in _DESCRIPTORS and key not in _OF_EVERY_CLASS:
                    self._tell(key)
                    self.visit(item)

    # Objects

    def _database(self, value: sqlite3.Connection) -> None:
        """Take in how many rows were changed through a connection; what they hold is not seen."""
        self._mutable(value)
        self.complete = False
        self._tell(f"database {value.total_changes}")

    def _object(self, value: Any, plan: Plan) -> None:
        self._tell(plan.title)
        if plan.told_by_repr:
            self._text(repr(value))
        elif plan.sample is not None:
            self._sample(value, plan.sample)
        else:
            if plan.base is not None:
                self._builtin_content(value, plan.base)
            self.complete &= plan.whole
            self._attributes(value, plan)

    def _sample(self, value: Any, sample: Sampler) -> None:
        self._mutable(owner(value))
        outer, self._sampling = self._sampling, True
        self._all(*sample(value))
        self._sampling = outer

    def _builtin_content(self, value: Any, base: type) -> None:
        """Take in what a subclass has from a built-in class."""
        if base in {list, tuple}:
            self._sequence(value, base)
        elif base is dict:
            self._mapping(value)
        elif base in {set, frozenset}:
            self._set(value, base)
        elif base is deque:
            self._mutable(value)
            self._items(list(islice(deque.__iter__(value), ITEMS)))
            self.complete &= deque.__len__(value) <= ITEMS
        else:
            self.visit(BUILT_IN[base](value))

    def _attributes(self, value: Any, plan: Plan) -> None:
        if plan.made_here:
            self.visit(type(value))
        if plan.attributes is not None or plan.slots:
            self._mutable(value)
        for slot in plan.slots:
            self.visit(_slot_value(slot, value))
        attributes = plan.attributes.__get__(value) if plan.attributes else None
        if type(attributes) is dict and attributes:
            self.visit(attributes)


def _slot_value(slot: MemberDescriptorType, value: object) -> Any:
    try:
        return slot.__get__(value)
    except AttributeError:
        return "no value"


def _all_short(items: Sequence[Any], kinds: set[type]) -> bool:
    texts = items if kinds <= _TEXTS else [item for item in items if type(item) in _TEXTS]
    return sum(map(len, texts)) <= 8 * TEXT


_BY_KIND: dict[type, Callable[[_Walk, Any], None]] = {
    list: lambda walk, value: walk._sequence(value, list),
    tuple: lambda walk, value: walk._sequence(value, tuple),
    dict: _Walk._mapping,
    FunctionType: _Walk._function,
    MethodType: lambda walk, value: walk._all(value.__func__, value.__self__),
    BuiltinFunctionType: lambda walk, value: walk._all(value.__qualname__, value.__self__),
    property: lambda walk, value: walk._all(value.fget, value.fset, value.fdel),
    staticmethod: lambda walk, value: walk.visit(value.__func__),
    classmethod: lambda walk, value: walk.visit(value.__func__),
    _CACHED: _Walk._cached,
    sqlite3.Connection: _Walk._database,
    sqlite3.Cursor: lambda walk, value: walk.visit(value.connection),
}
