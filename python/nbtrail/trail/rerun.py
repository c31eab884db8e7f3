"""What restart-and-run-all would do, told from what a session's cells have done.

A cell that ran once with the same source, and read the same values, would do what it did then.
So the document is gone through from top to bottom, with an execution sought for each of its cells;
where there is none, nothing is known of what the cell would bind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from nbtrail.trail.document import Place, Places, names_said, same_code
from nbtrail.trail.fingerprints import differ, same
from nbtrail.trail.lineage import Binder, Lineage, Step

ABSENT = "absent"
"""Stands in `Step.fingerprints` for a name that is there no more."""


@dataclass(frozen=True)
class Bound:
    """What a name would stand for: what an execution (None: not known which) of a cell bound."""

    place: Place
    step: Step | None


@dataclass(frozen=True)
class Mismatch:
    """A cell would read something else than it did.

    `found` is what the name would stand for; None: nothing has bound it by then.
    """

    place: Place
    step: Step
    name: str
    binder: Binder
    found: Bound | None


class Rerun:
    """Goes through a document as restart-and-run-all would, as far as the results need it.

    Args:
        lineage: what the session's cells did.
        places: where they stand in the document.
        wanted: the executions on the way to the results, in order.
        results: those that gave them.

    Attributes:
        chosen: for each cell that matters, the execution that did what it would do.
        mismatches: why there is none, for the cells on the way to the results.
    """

    def __init__(
        self, lineage: Lineage, places: Places, wanted: Iterable[Step], results: Iterable[Step]
    ) -> None:
        self._steps = lineage.steps
        self._places = places
        self._on_the_way = {place: step for step in wanted if (place := places.of(step))}
        self._results = {place: step for step in results if (place := places.of(step))}
        self._same: dict[tuple[int, int, str], bool] = {}
        self.chosen: dict[Place, Step | None] = {}
        self.mismatches: list[Mismatch] = []
        self._state: dict[str, Bound] = {}
        self._run()

    def _run(self) -> None:
        state = self._state
        for place in self._relevant:
            step = self.chosen[place] = self._match(place, state)
            if not self._as_before(place):
                self.mismatches += self._explain(place, self._on_the_way[place], state)
            for name in step.writes if step else self.writes(place):
                if step and step.fingerprints.get(name) == ABSENT:
                    state.pop(name, None)
                else:
                    state[name] = Bound(place, step)

    def _as_before(self, place: Place) -> bool:
        """Whether a cell on the way would do what it did, as far as it can be known by then."""
        if place in self._results:
            return self.repeats(self._results[place])
        return place not in self._on_the_way or self.chosen[place] is not None

    # Which cells matter

    @cached_property
    def executions(self) -> dict[Place, list[Step]]:
        """The executions of what each cell says now."""
        found: dict[Place, list[Step]] = {}
        for step in self._steps:
            place = self._places.of(step)
            if place is not None and same_code(step.source, place.source):
                found.setdefault(place, []).append(step)
        return found

    @cached_property
    def _relevant(self) -> list[Place]:
        """The cells that bind what the results need, in order."""
        end = max((place.number for place in self._on_the_way), default=0)
        needed: set[str] = set()
        found = []
        for place in reversed(self._places.all[:end]):
            if place in self._on_the_way or not needed.isdisjoint(self.writes(place)):
                found.append(place)
                needed |= self._needs(place)
        return found[::-1]

    def writes(self, place: Place) -> set[str]:
        """Return what a cell may bind: what it did, or, if it never ran as it is, what it says."""
        steps = self.executions.get(place)
        if steps:
            return {name for step in steps for name in step.writes}
        names = names_said(place.source)
        return names.binds | names.mutates

    def _needs(self, place: Place) -> set[str]:
        steps = [*self.executions.get(place, []), *filter(None, [self._on_the_way.get(place)])]
        return {name for step in steps for name in step.looks_up}

    # Which execution did what a cell would do

    def _match(self, place: Place, state: dict[str, Bound]) -> Step | None:
        """Return the last execution that read what the cell would read now."""
        for step in reversed(self.executions.get(place, [])):
            if not any(self._differences(step, state)):
                return step
        return None

    def _differences(self, step: Step, state: dict[str, Bound]) -> Iterator[str]:
        """Yield the names by which an execution read something else than is there now."""
        for name in step.looks_up:
            found = state.get(name)
            if name not in step.reads:
                if found is not None:
                    yield name
            elif found is None:
                if step.reads[name] is not None:
                    yield name
            elif found.step is None or not self.equal(found.step.ordinal, step.reads[name], name):
                yield name

    def _explain(self, place: Place, step: Step, state: dict[str, Bound]) -> Iterator[Mismatch]:
        for name in sorted(self._differences(step, state)):
            yield Mismatch(place, step, name, step.reads.get(name), state.get(name))

    # What to do about it

    def to_run_again(self, now: Mapping[str, int]) -> list[Place]:
        """Return the cells that must run again, from top to bottom, for a linear session.

        Args:
            now: the execution that bound each name last.
        """
        wrong = {
            name
            for name, bound in self._state.items()
            if bound.step is None or not self.equal(bound.step.ordinal, now.get(name), name)
        }
        again: set[Place] = set()
        for place in (*self._relevant, *self._relevant):  # what is wrong in the end is so above
            result = self._results.get(place)
            done = self.chosen[place] if result is None else result
            reads = done.looks_up if done else set()
            if not done or wrong & (self.writes(place) | reads) or not self._as_before(place):
                again.add(place)
                wrong |= self.writes(place)
        return [place for place in self._relevant if place in again]

    # Equal values

    def equal(self, one: Binder, other: Binder, name: str) -> bool:
        """Say whether two executions surely bound the same value to a name."""
        if one == other:
            return True
        if one is None or other is None:
            return False
        key = (min(one, other), max(one, other), name)
        if key not in self._same:
            self._same[key] = self._equal(self._steps[one], self._steps[other], name)
        return self._same[key]

    def _equal(self, one: Step, other: Step, name: str) -> bool:
        prints = [step.fingerprints.get(name, "") for step in (one, other)]
        if same(*prints) or differ(*prints):
            return same(*prints)
        return same_code(one.source, other.source) and self.same_inputs(one, other)

    def same_inputs(self, one: Step, other: Step) -> bool:
        """Say whether two executions surely read the same values."""
        return one.reads.keys() == other.reads.keys() and all(
            self.equal(binder, other.reads[name], name) for name, binder in one.reads.items()
        )

    def repeats(self, result: Step) -> bool:
        """Say whether a result's cell would surely yield what it did."""
        place = self._places.of(result)
        step = self.chosen.get(place) if place else None
        if step is None or step is result:
            return step is not None
        return bool(result.writes) and all(
            self.equal(step.ordinal, result.ordinal, name) for name in result.writes
        )

    def fickle(self, places: Iterable[Place]) -> Iterator[tuple[Place, list[Step], str]]:
        """Yield cells that gave different values although they read the same ones."""
        for place in places:
            found = self._another(self.executions.get(place, []))
            if found is not None:
                yield place, *found

    def _another(self, steps: list[Step]) -> tuple[list[Step], str] | None:
        for one, other in pairwise(steps):
            names = sorted(one.writes & other.writes) if self.same_inputs(one, other) else ()
            for name in names:
                if differ(*(step.fingerprints.get(name, "") for step in (one, other))):
                    return [one, other], name
        return None
