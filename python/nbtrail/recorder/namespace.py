"""What a cell did to the notebook's names, seen by comparing before and after."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from itertools import islice
from types import ModuleType
from typing import TYPE_CHECKING, Any

from nbtrail.recorder.identities import SIZE, differences, id_at, ids_of, places_of
from nbtrail.trail.calls import DRAWING_PACKAGES, package_of
from nbtrail.trail.fingerprints import NOTHING, Fingerprint, differ, fingerprint, in_part, is_whole
from nbtrail.trail.inference import is_float, is_metric_name
from nbtrail.trail.lineage import Step
from nbtrail.trail.plans import plan_of
from nbtrail.trail.reach import reached
from nbtrail.trail.rerun import ABSENT

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


class Order:
    """The namespace's names in order: new ones come at the end. One that goes makes another.

    Attributes:
        names: all of them.
        place: where those are that are the user's.
        metrics: those of them that sound like metrics.
    """

    def __init__(self, names: Iterable[Any] = (), hidden: Container[str] = ()) -> None:
        self.names: list[Any] = []
        self.place: dict[str, int] = {}
        self.metrics: list[str] = []
        self._hidden = hidden
        self.add(names)

    def add(self, names: Iterable[Any]) -> None:
        """Take new names in."""
        for name in names:
            if type(name) is str and not name.startswith("_") and name not in self._hidden:
                self.place[name] = len(self.names)
                self.metrics += [name] if is_metric_name(name) else []
            self.names.append(name)


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The objects behind the user's names at one moment: their ids, in the order of the names.

    Floats are the one thing that is referred to: a freed float's id is used again at once, and
    two values could not be told apart. `changed` are the names that are new, or stand for another
    object, since the snapshot with the number before.
    """

    order: Order
    ids: bytes
    number: int = 0
    floats: Mapping[str, float] = field(default_factory=dict)
    changed: frozenset[str] = frozenset()

    def __contains__(self, name: object) -> bool:
        place = self.order.place.get(name)  # type: ignore[call-overload]
        return place is not None and place * SIZE < len(self.ids)

    def __iter__(self) -> Iterator[str]:
        return (name for name in self.order.place if name in self)

    def sharing(self, name: str) -> Iterator[str]:
        """Yield the names that stood for the same object as one that is there."""
        identity = id_at(self.ids, self.order.place[name])
        return self._users(places_of(self.ids, identity))

    def changed_since(self, before: Snapshot) -> frozenset[str]:
        """Return the names that are new or stand for another object."""
        if before is self:
            return frozenset()
        if before.number + 1 == self.number:
            return self.changed
        return self.compared_with(before)

    def compared_with(self, before: Snapshot) -> frozenset[str]:
        """Return the names that are new or stand for another object, as the ids say."""
        if before.order is self.order:
            new = range(len(before.ids) // SIZE, len(self.ids) // SIZE)
            return frozenset(self._users((*differences(before.ids, self.ids), *new)))
        known, now = before._by_name(), self._by_name()
        return frozenset(name for name in self if known.get(name) != now[name])

    def _users(self, places: Iterable[int]) -> Iterator[str]:
        names, known = self.order.names, self.order.place
        return (name for name in map(names.__getitem__, places) if name in known)

    def _by_name(self) -> dict[Any, int]:
        return dict(zip(self.order.names, memoryview(self.ids).cast("P"), strict=False))


EMPTY = Snapshot(Order(), b"")


@dataclass(frozen=True)
class Changes:
    """What a cell did to names: the arguments of `Lineage.end`."""

    changed: set[str]
    mutated: set[str]
    kept: set[str]
    fingerprints: dict[str, str]


class Namespace:
    """The notebook's names from cell to cell: what they stand for, and which cell has changed it.

    An object that was changed in place is known by its fingerprint: that of every name that a
    cell reads is made again when the cell ends. Other names that stand for the same object, or
    for one that it is a part of, have changed with it.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self._prints: dict[str, Fingerprint] = {}
        self._with_part: dict[int, set[str]] = {}
        self._last = EMPTY

    # Which objects

    @property
    def latest(self) -> Snapshot:
        """The latest of all snapshots."""
        return self._last

    def snapshot(self) -> Snapshot:
        """Return what the names stand for now; nothing is compared where nothing has changed."""
        last, ids = self._last, ids_of(self._shell.user_ns.values())
        order = self._order(len(ids) // SIZE)
        if order is last.order and ids == last.ids:
            return last
        changed = Snapshot(order, ids).compared_with(last)
        floats = self._floats(changed) if changed else last.floats
        self._last = Snapshot(order, ids, last.number + 1, floats, changed)
        return self._last

    def _floats(self, changed: Iterable[str]) -> Mapping[str, float]:
        floats = {**self._last.floats}
        for name in changed:
            value = self._shell.user_ns.get(name)
            floats.pop(name, None)
            if type(value) is float or (is_float(value) and is_metric_name(name)):
                floats[name] = value
        return floats

    def _order(self, count: int) -> Order:
        """Return the names in their order; a dictionary has them in that of their coming."""
        namespace, order = self._shell.user_ns, self._last.order
        new = count - len(order.names)
        if new >= 0:
            # None has gone if the last one is where it was.
            *added, last = islice(reversed(namespace), new + 1) if order.names else (None,)
            if order.names and last is order.names[-1]:
                order.add(reversed(added))
                return order
        return Order(tuple(namespace)[:count], self._shell.user_ns_hidden)

    def reached(self, name: str) -> set[str]:
        """Return the names that the code behind a name looks up when it is called."""
        return reached(self._shell.user_ns.get(name), self._shell.user_ns)

    # What was done to them

    def changes(
        self, step: Step, before: Snapshot | None, after: Snapshot, displayed: object
    ) -> Changes:
        """Return what a cell that has ended did to the names.

        Args:
            step: the cell's execution.
            before: what the names stood for when it began; None where that was not seen.
            after: what they stood for when it had ended.
            displayed: the value of its last expression.
        """
        names = step.names
        changed = set(after.changed_since(before)) if before else set()
        bound = {name for name in names.binds | changed if name in self._shell.user_ns}
        said = self._said_to_mutate(step, after, displayed)
        looked_at = set(after if names.opaque else filter(after.__contains__, step.looks_up))
        suspects = {
            name for name in (looked_at | said) - bound
            if name in names.configures or not self._is_module(name)
        }  # fmt: skip
        now = self._fingerprints(bound | suspects)
        mutated = {name for name in suspects if self._is_changed(name, now[name], step, said)}
        # `xs += [1]` binds, and changes in place as well.
        there = set(filter(after.__contains__, names.binds)) - changed if before else set()
        kept = there & step.looks_up
        mutated |= {name for name in kept if differ(self._text(name), now[name].text)}
        mutated |= self._changed_with(mutated, now, after)
        self._remember(now)
        texts = {name: now[name].text for name in bound | mutated}
        if names.augments:  # twice is not once, though the sample of a large value has not seen it
            texts |= {name: in_part(texts[name]) for name in mutated}
        if not names.seeds:  # see surroundings.py
            texts |= self._settings(names.configures & texts.keys(), step.source)
        texts |= dict.fromkeys((names.binds | changed) - bound, ABSENT)
        modules = {name for name in there - names.configures if self._is_module(name)}
        return Changes(changed, mutated, modules, texts)

    def _settings(self, names: Set[str], source: str) -> dict[str, str]:
        """Return fingerprints for modules that a cell has set something in, in its own words.

        What that did to them is not looked for: a module has too much in it.
        """
        digest = hashlib.blake2b(source.encode(errors="replace"), digest_size=8).hexdigest()
        return {
            name: digest
            for name in filter(self._is_module, names)
            if package_of(str(vars(self._shell.user_ns[name]).get("__name__")))
            not in DRAWING_PACKAGES
        }

    def _is_module(self, name: str) -> bool:
        return issubclass(type(self._shell.user_ns.get(name)), ModuleType)

    def _said_to_mutate(self, step: Step, after: Snapshot, displayed: object) -> set[str]:
        """Return the names that the source seems to change in place.

        What a module does when it is called is not kept in it, but what it is set is.
        """
        names = step.names
        said = set(names.mutates)
        root = names.last_root
        if root and (displayed is None or displayed is self._shell.user_ns.get(root)):
            said.add(root)
        return set(filter(after.__contains__, said))

    def _fingerprints(self, names: Iterable[str]) -> dict[str, Fingerprint]:
        return {name: fingerprint(self._shell.user_ns.get(name)) for name in names}

    def _is_changed(self, name: str, now: Fingerprint, step: Step, said: set[str]) -> bool:
        """Whether a cell has changed an object: stores always do, calls as far as can be seen."""
        known = self._text(name)
        if name in step.names.configures or differ(known, now.text):
            return True
        if name in said:
            return not (known and is_whole(now.text))
        return plan_of(type(self._shell.user_ns.get(name))).is_iterator

    def _changed_with(
        self, mutated: set[str], now: dict[str, Fingerprint], after: Snapshot
    ) -> set[str]:
        """Return the other names whose objects have a part that was changed; `now` gets theirs."""
        if not mutated:
            return set()
        whole = {
            alias
            for name in mutated
            if name in after
            for alias in after.sharing(name)
            if alias not in now
        }
        parts = frozenset().union(*(now[name].parts | self._parts(name) for name in mutated))
        others = {
            name
            for part in parts & self._with_part.keys()
            for name in self._with_part[part]
            if name in after and name not in now
        }
        now |= self._fingerprints(whole | others)
        return whole | {
            name
            for name in others
            if not is_whole(now[name].text) or differ(self._text(name), now[name].text)
        }

    def _remember(self, prints: Mapping[str, Fingerprint]) -> None:
        for name, found in prints.items():
            for part in self._parts(name) - found.parts:
                self._with_part[part].discard(name)
                if not self._with_part[part]:
                    del self._with_part[part]
            for part in found.parts - self._parts(name):
                self._with_part.setdefault(part, set()).add(name)
            self._prints[name] = found

    def _text(self, name: str) -> str:
        return self._prints.get(name, NOTHING).text

    def _parts(self, name: str) -> frozenset[int]:
        return self._prints.get(name, NOTHING).parts
