"""Would restart-and-run-all bind the same values for a run's results? The rules, and the words.

A result is what its cell yields: what the cells below it would do afterwards is not asked.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cached_property

from nbtrail.entities import Document, Finding, FindingKind, Verdict, VerdictWord
from nbtrail.trail.document import Place, Places, same_code
from nbtrail.trail.fingerprints import differ
from nbtrail.trail.lineage import Lineage, Step
from nbtrail.trail.python import python_of
from nbtrail.trail.rerun import Bound, Mismatch, Rerun
from nbtrail.trail.straight import Straight
from nbtrail.trail.syntax import literal_value

_HISTORY = re.compile(r"_{1,3}|_i{0,3}|_i?\d+|_?(Out|In)|_[oid]h")
_MAY_RAISE = "raises-exception"  # executors go on after a cell with this tag


def judge(
    lineage: Lineage, results: Iterable[int], document: Document, straight: Straight | None = None
) -> Verdict:
    """Say whether the notebook, run from top to bottom, would give a run's results again.

    Args:
        lineage: what the session's cells did.
        results: the ordinals of the executions that gave the run its results.
        document: the notebook as it is now.
        straight: remembers, from one call to the next, how far the session has gone straight.

    Returns:
        The verdict; its findings name executions by their ordinals.
    """
    if (straight or Straight()).follows(lineage.steps, document):
        return Verdict("linear", [], document.origin)
    try:
        findings = list(_Case(lineage, results, document).findings())
    except RecursionError:
        findings = [Finding("unknown", "what the cells did is too entangled to be followed")]
    words: list[VerdictWord] = [one.kind for one in findings if one.kind != "note"]
    return Verdict(words[0] if words else "linear", findings, document.origin)


def to_run_again(lineage: Lineage, results: Iterable[int], document: Document) -> list[int]:
    """Return the numbers of the cells that, run again from top to bottom, make a run linear.

    Cells that are not in the document, or whose code cannot be seen through, stay what they are.
    """
    return [place.number for place in _Case(lineage, results, document).to_run_again()]


class _Case:
    """One session, one document, and the results of one run."""

    def __init__(self, lineage: Lineage, results: Iterable[int], document: Document) -> None:
        self._lineage = lineage
        self._steps = lineage.steps
        self._places = Places(document, lineage.steps)
        self._results = [self._steps[one] for one in lineage.last_successes(results)]
        self._wanted = lineage.slice(step.ordinal for step in self._results)
        self._slice = [self._steps[ordinal] for ordinal in sorted(self._wanted)]

    def findings(self) -> Iterator[Finding]:
        """Yield what was found: the first that is more than a note decides."""
        found = [*self._opaque(), *self._hidden(), *self._stale()]
        told = {ordinal for finding in found for ordinal in finding.executions}
        found += self._out_of_order(told)
        yield from found or self._not_shown()
        yield from self._doubts({ordinal for finding in found for ordinal in finding.executions})

    def to_run_again(self) -> list[Place]:
        """Return the cells that would have to run again; none if a cell has to be moved first."""
        for mismatch in self._rerun.mismatches:
            binder = None if mismatch.binder is None else self._steps[mismatch.binder]
            place = self._places.of(binder) if binder else None
            if place is not None and place.number > mismatch.place.number:
                return []
        return self._rerun.to_run_again(self._lineage.binders)

    @cached_property
    def _rerun(self) -> Rerun:
        return Rerun(self._lineage, self._places, self._slice, self._results)

    # 2: what cannot be analysed

    def _opaque(self) -> Iterator[Finding]:
        for step in self._slice:
            if step.names.opaque:
                yield _finding("unknown", f"in {self._cell(step)} {step.names.opaque}", step)
            for name in sorted(step.looks_up - step.reads.keys()):
                if _HISTORY.fullmatch(name):
                    told = f"{self._cell(step)} reads `{name}`, which depends on what ran before"
                    yield _finding("unknown", told, step)

    # 3: what the document does not have

    def _hidden(self) -> Iterator[Finding]:
        for step in self._slice:
            if outside := [name for name, binder in step.reads.items() if binder is None]:
                told = (
                    f"{self._cell(step)} read {_names(outside)}, which no recorded cell had bound"
                )
                yield _finding("hidden-state", told, step)
            if self._places.of(step) is None:
                yield from self._told("hidden-state", step, "which is not in the notebook any more")

    # 4: what is another source now, or had another result later

    def _stale(self) -> Iterator[Finding]:
        for step in self._slice:
            place = self._places.of(step)
            if place is None:
                continue
            if not same_code(step.source, place.source):
                yield from self._told("stale-inputs", step, "which was edited afterwards")
            elif later := self._last_other(step, place):
                yield from self._replaced(step, later)

    @cached_property
    def _last(self) -> dict[Place, Step]:
        """The last execution of each cell that succeeded."""
        done = (step for step in self._steps if step.succeeded)
        return {place: step for step in done if (place := self._places.of(step))}

    def _last_other(self, step: Step, place: Place) -> Step | None:
        """Return the last execution of a cell, if it is later and did not build on this."""
        last = self._last.get(place, step)
        if last.ordinal <= step.ordinal or step.ordinal in self._lineage.slice([last.ordinal]):
            return None
        return last

    def _replaced(self, step: Step, later: Step) -> Iterator[Finding]:
        for reader, names in self._readers(step):
            other = [name for name in names if _differ(step, later, name)]
            if other:
                told = (
                    f"{self._cell(reader)} read {_names(other)} from execution {_count(step)} of "
                    f"{self._cell(step)}, which ran again afterwards ({_count(later)}) "
                    f"and gave another value{self._values(step, other)}"
                )
                yield _finding("stale-inputs", told, reader, step, later)

    # 5: what would be read from somewhere else

    def _out_of_order(self, told: set[int]) -> Iterator[Finding]:
        """Yield why cells on the way would read something else, unless that is `told` already."""
        said: set[str] = set()
        for mismatch in self._rerun.mismatches:
            if mismatch.binder in told:
                continue
            binder = None if mismatch.binder is None else self._steps[mismatch.binder]
            why = self._why(mismatch, binder)
            if why is not None and why not in said:
                said.add(why)
                steps = [mismatch.step, binder, mismatch.found.step if mismatch.found else None]
                yield _finding("out-of-order", why, *filter(None, steps))

    def _why(self, mismatch: Mismatch, binder: Step | None) -> str | None:
        """Return why a cell would read something else; None if that is another cell's fault."""
        found, name = mismatch.found, mismatch.name
        reader = f"cell {mismatch.place.number}"
        place = self._places.of(binder) if binder else None
        if binder is None or place is None:
            if found is None or name in mismatch.step.reads:
                return None
            return f"{reader} did not find `{name}`, which {_cell(found)} binds"
        itself = place is mismatch.place
        if itself or self._updates(binder, found.step if found else None, place):
            until = self._steps[: mismatch.step.ordinal + itself]
            times = sum(self._places.of(one) is place for one in until)
            return f"cell {place.number} changes `{name}`, which it reads, and ran {times} times"
        read = f"{reader} read `{name}` from execution {_count(binder)} of cell {place.number}"
        if place.number >= mismatch.place.number:
            return f"{read}, which stands below it"
        if found is not None and found.place is not place:
            return f"{read}; from top to bottom, {_cell(found)} would bind it before"
        return None

    def _updates(self, binder: Step, found: Step | None, place: Place) -> bool:
        """Whether a cell's execution built on an earlier one of the same cell."""
        earlier = self._lineage.slice([binder.ordinal]) - {binder.ordinal}
        return any(self._places.of(self._steps[one]) is place for one in earlier) and (
            found is None or self._places.of(found) is place
        )

    # Otherwise linear, unless there are doubts

    def _not_shown(self) -> Iterator[Finding]:
        for step in self._results:
            if not self._rerun.repeats(step):
                told = f"it cannot be seen that {self._cell(step)} would give its results again"
                yield _finding("unknown", told, step)

    def _doubts(self, told: set[int]) -> Iterator[Finding]:
        """Yield what restart-and-run-all would come upon, and nobody knows what it does.

        Args:
            told: the executions of which something was found already.
        """
        places = [place for step in self._results if (place := self._places.of(step))]
        on_the_way = {place for step in self._slice if (place := self._places.of(step))}
        there: set[str] = set()
        for place in self._places.all[: max((place.number for place in places), default=0)]:
            if place not in on_the_way:
                yield from self._doubts_about(place, there)
            there |= self._rerun.writes(place)
        for step in self._results:
            if step.was_interrupted:
                yield _finding("unknown", f"{self._cell(step)} was interrupted", step)
        for place, steps, name in self._rerun.fickle(on_the_way):
            if told.isdisjoint(step.ordinal for step in steps):
                why = (
                    f"cell {place.number} gave another `{name}` each time, from what seems the same"
                )
                yield _finding("unknown", why, *steps)

    def _doubts_about(self, place: Place, there: set[str]) -> Iterator[Finding]:
        """Yield why run-all may stop at a cell that the results do not need.

        Args:
            place: where the cell stands.
            there: the names that are bound above it.
        """
        steps = self._rerun.executions.get(place, [])
        if not steps and not _is_inert(place.source):
            edited = any(self._places.of(step) is place for step in self._steps)
            been = "was edited after it ran" if edited else "was not run in this session"
            yield Finding("unknown", f"cell {place.number} stands above the result and {been}")
        elif steps and steps[-1].failure and _MAY_RAISE not in place.tags:
            told = f"cell {place.number} ended with {steps[-1].failure}: run-all would stop there"
            if steps[-1].was_interrupted:
                told = f"cell {place.number} stands above the result and was interrupted"
            yield _finding("unknown", told, steps[-1])
        for name in sorted(steps[-1].reads.keys() - there) if steps else ():
            binder = self._first_binder(steps[-1], name)
            if binder is not None:
                yield self._not_there(place, steps[-1], name, binder)

    def _first_binder(self, step: Step, name: str) -> Step | None:
        """Return who bound what a cell read, past earlier executions of that cell."""
        binder = step.reads.get(name)
        while binder is not None and self._places.of(self._steps[binder]) is self._places.of(step):
            binder = self._steps[binder].reads.get(name)
        return None if binder is None else self._steps[binder]

    def _not_there(self, place: Place, step: Step, name: str, binder: Step) -> Finding:
        """Return what is to be said of a name that nothing above a cell binds."""
        gone = self._places.of(binder) is None
        where = "which is not in the notebook any more" if gone else "which stands below it"
        told = f"cell {place.number} read `{name}` from {self._cell(binder)}, {where}"
        kind: FindingKind = "hidden-state" if gone else "out-of-order"
        return _finding(kind, f"{told}: run-all would stop there", step, binder)

    # Words

    def _told(self, kind: FindingKind, step: Step, what: str) -> Iterator[Finding]:
        """Yield, of an execution that should not have been used, by whom it was."""
        where = f"execution {_count(step)} of {self._cell(step)}, {what}"
        for reader, names in self._readers(step):
            told = f"{self._cell(reader)} read {_names(names)} from {where}"
            yield _finding(kind, told + self._values(step, names), reader, step)
        if step in self._results:
            yield _finding(kind, f"a result came from {where}", step)

    def _readers(self, step: Step) -> Iterator[tuple[Step, list[str]]]:
        for reader in self._slice:
            names = [name for name, binder in reader.reads.items() if binder == step.ordinal]
            if names:
                yield reader, sorted(names)

    def _values(self, step: Step, names: list[str]) -> str:
        """Say what became of a literal, such as a param."""
        for name in step.names.literals.keys() & set(names):
            last = next(one for one in reversed(self._steps) if name in one.writes)
            if name in last.names.literals:
                before, now = (f"{one.names.literals[name]!r:.40}" for one in (step, last))
                return f" (`{name}` was {before}, and is {now} now)" if before != now else ""
        return ""

    def _cell(self, step: Step) -> str:
        place = self._places.of(step)
        return f"cell {place.number}" if place else "a cell"


def _finding(kind: FindingKind, text: str, *steps: Step) -> Finding:
    return Finding(kind, text, list(dict.fromkeys(step.ordinal for step in steps)))


def _cell(bound: Bound) -> str:
    return f"cell {bound.place.number}"


def _count(step: Step) -> str:
    return f"[{step.count if step.count is not None else step.ordinal + 1}]"


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _differ(one: Step, other: Step, name: str) -> bool:
    return differ(one.fingerprints.get(name, ""), other.fingerprints.get(name, ""))


def _is_inert(source: str) -> bool:
    """Say whether a cell can do nothing but bind names to what it says itself."""
    tree = python_of(source).tree
    return tree is not None and all(_binds_only(statement) for statement in tree.body)


def _binds_only(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return not statement.decorator_list and not isinstance(statement, ast.ClassDef)
    if isinstance(statement, ast.Assign):
        plain = all(isinstance(target, ast.Name) for target in statement.targets)
        return plain and literal_value(statement.value)[0]
    constant = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return constant or isinstance(statement, ast.Import | ast.ImportFrom | ast.Pass)
