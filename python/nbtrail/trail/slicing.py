"""The cells that a metric needs: the ones that its values came through, and those to be careful of.

`chain` follows what was read, and tells why. `needed` is for a notebook that is to be run again,
and keeps what might matter as well: a cell too many costs a moment, one too few the result.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from nbtrail.entities import CellExecution, Record
from nbtrail.trail.effects import effects_of
from nbtrail.trail.vocabulary import Vocabulary


class Link(Record, frozen=True):
    """One execution on the way to a result; `provides` are the names that later ones read of it."""

    execution: CellExecution
    provides: list[str]


class Slice(Record, frozen=True):
    """Executions, in order, that yield a result again.

    `reasons` says of those that no value came through why they are kept, by the execution's id.
    `missing` are names that were bound outside of all recorded cells.
    """

    executions: list[CellExecution]
    reasons: dict[int, str]
    missing: list[str]


def chain(executions: Iterable[CellExecution], goal: int) -> list[Link]:
    """Return the executions through which the values came that execution `goal` has read.

    Args:
        executions: those of the session.
        goal: the id of the execution that yielded the result; it is the last link.
    """
    known = {e.id: e for e in executions}
    found = _closure([goal], known)
    provides: dict[int, set[str]] = {}
    for identity in found:
        for name, binder in known[identity].reads.items():
            if binder is not None:
                provides.setdefault(binder, set()).add(name)
    return [Link(e, sorted(provides.get(one, ()))) for one, e in known.items() if one in found]


def needed(executions: Sequence[CellExecution], *goals: int) -> Slice:
    """Return the executions that yield results again in a fresh kernel, as far as can be seen.

    Args:
        executions: those of the session, in order.
        goals: the ids of the executions that yielded the results.
    """
    last = max(_position(executions, goal) for goal in goals)
    before = {e.id: e for e in executions[: last + 1]}
    search = _Search(before, Vocabulary(e.source for e in executions))
    search.add(goals)
    while search.grow():
        pass
    kept = [e for e in before.values() if e.id in search.found]
    outside = {name for e in kept for name, binder in e.reads.items() if binder is None}
    return Slice(kept, search.reasons, sorted(outside))


class _Search:
    """A slice while it grows: what is kept may make other cells matter."""

    def __init__(self, before: Mapping[int, CellExecution], words: Vocabulary) -> None:
        self._before = before
        self._words = words
        self._effects = {one: effects_of(e.source, words) for one, e in before.items()}
        self.found: set[int] = set()
        self.reasons: dict[int, str] = {}

    def add(self, new: Iterable[int]) -> None:
        """Keep executions, and all through which their values came."""
        self.found |= _closure([*self.found, *new], self._before)

    def grow(self) -> bool:
        """Keep what matters to what is kept; say whether there was anything."""
        new = {one: why for one in self._before.keys() - self.found if (why := self._why(one))}
        unseen = self._bound_later() | self._read_unseen()
        self.reasons |= new
        self.add([*new, *unseen])
        return bool(new or unseen)

    def _why(self, one: int) -> str | None:
        """Return why an execution matters, though no value came through it; None if it does not."""
        execution, effects = self._before[one], self._effects[one]
        if execution.status != "ok":
            return None  # what it has bound or changed before it failed is seen by lineage
        if reason := execution.opaque or effects.always:
            return reason
        read = self._read()
        if changed := self._words.objects(effects.touches) & read:
            return f"it may change {_listed(changed)}"
        if extended := effects.extends & read:
            return f"it adds modules to {_listed(extended)}"
        drawn = effects.draws and self._seeded_before(execution.ordinal)
        return "it may draw from the random generator that was seeded" if drawn else None

    def _read(self) -> set[str]:
        """Return all names that what is kept reads, or may read."""
        return {
            name
            for one in self.found
            for name in (*self._before[one].reads, *self._effects[one].mentions)
        }

    def _seeded_before(self, ordinal: int) -> bool:
        return any(
            self._effects[other].seeds and self._before[other].ordinal < ordinal
            for other in self.found
        )

    def _bound_later(self) -> set[int]:
        """Return what binds the globals of kept functions that no cell has read by itself.

        A method's are not seen where an object of its class is used.
        """
        bound = {name for one in self.found for name in self._before[one].writes}
        wanted = set[str]().union(*map(self._words.globals_of, bound)) - self._read()
        return set(self._binders(wanted).values()) - self.found

    def _read_unseen(self) -> set[int]:
        """Return what binds the names that hidden code may read, where that is kept."""
        found: set[int] = set()
        for one in self.found:
            effects = self._effects[one]
            if effects.mentions or effects.unbounded:
                wanted = None if effects.unbounded else effects.mentions
                found.update(self._binders(wanted, self._before[one].ordinal).values())
        return found - self.found

    def _binders(self, names: set[str] | None, until: float = math.inf) -> dict[str, int]:
        """Return the last executions before `until` that bound names; None stands for all names."""
        found: dict[str, int] = {}
        for one, execution in self._before.items():
            if execution.ordinal < until:
                written = set(execution.writes)
                found |= dict.fromkeys(written if names is None else written & names, one)
        return found


def _closure(start: Iterable[int], known: Mapping[int, CellExecution]) -> set[int]:
    found: set[int] = set()
    todo = list(start)
    while todo:
        one = todo.pop()
        if one not in found and one in known:
            found.add(one)
            todo += [binder for binder in known[one].reads.values() if binder is not None]
    return found


def _position(executions: Sequence[CellExecution], goal: int) -> int:
    return next(index for index, e in enumerate(executions) if e.id == goal)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))
