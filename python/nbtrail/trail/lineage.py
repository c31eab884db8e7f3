"""Which execution bound what another one read: bindings, reads, slices. No objects, only names."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Set
from dataclasses import dataclass, field

from nbtrail.trail.names import CellNames

Binder = int | None
"""The ordinal of the execution that bound a name; None: something outside the session's cells."""

NOT_ANALYSED = CellNames()


@dataclass
class Step:
    """One execution as lineage sees it; `succeeded` is None, and `writes` empty, while it runs.

    `names` are empty until the source has been analysed, and `reads` until they are resolved.
    `count` is the number by which the notebook shows it, `failure` how it ended if not well, and
    `fingerprints` has what each name that it wrote stood for when it ended.
    """

    ordinal: int
    cell: str
    names: CellNames = field(default_factory=lambda: NOT_ANALYSED)
    source: str = ""
    reads: dict[str, Binder] = field(default_factory=dict)
    writes: set[str] = field(default_factory=set)
    fingerprints: dict[str, str] = field(default_factory=dict)
    succeeded: bool | None = None
    failure: str | None = None
    count: int | None = None

    @property
    def looks_up(self) -> set[str]:
        """The names that it looked for, whether they were there or not."""
        return self.names.loads | self.reads.keys()

    @property
    def was_interrupted(self) -> bool:
        """Whether it was ended by hand."""
        return (self.failure or "").startswith("KeyboardInterrupt")


class Lineage:
    """The bindings of a session, kept up to date as its cells start and end."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.failures: list[Step] = []
        self._binder: dict[str, int] = {}
        self._functions: dict[str, set[str]] = {}

    def start(self, cell: str, source: str) -> Step:
        """Take in a cell that starts; `cell` is its id, or its content where there is none."""
        step = Step(len(self.steps), cell, source=source)
        self.steps.append(step)
        return step

    def resolve(
        self,
        step: Step,
        names: CellNames,
        known: Container[str],
        reached: Callable[[str], set[str]] = lambda _: set(),
    ) -> None:
        """Resolve what a cell reads: while it runs, as all before it has ended.

        Args:
            step: as `start` gave it.
            names: what its source says.
            known: the names that existed in the notebook when it started.
            reached: returns what the thing that a name stands for reads when it is called.
        """
        step.names = names
        for name in self._all_reads(names, reached):
            if name in self._binder:
                step.reads[name] = self._binder[name]
            elif name in known:
                step.reads[name] = None
        self._read_modules(step)

    def _read_modules(self, step: Step) -> None:
        """Note the modules that a cell imports again after another one has set something in them.

        A cell that sets something itself need not care what that was.
        """
        for name in step.names.imports - step.names.configures:
            binder = self._binder.get(name)
            if binder is not None and name in self.steps[binder].names.configures:
                step.reads[name] = binder

    def begin(self, cell: str, names: CellNames, known: Container[str], source: str = "") -> Step:
        """Take in a cell that starts, and resolve at once what it will read."""
        step = self.start(cell, source)
        self.resolve(step, names, known)
        return step

    def bound_outside(self, names: Iterable[str]) -> None:
        """Note that names stand for something else, and no cell of the session has done it."""
        for name in names:
            self._binder.pop(name, None)
            self._functions.pop(name, None)

    def end(
        self,
        step: Step,
        changed: set[str],
        mutated: set[str],
        kept: set[str],
        fingerprints: Mapping[str, str] | None = None,
    ) -> None:
        """Note what a cell has bound; `step.succeeded` says whether it got to its end.

        Args:
            step: as `begin` gave it.
            changed: names that now have another object than before the cell, or are new.
            mutated: names whose object the cell changed in place, aliases included.
            kept: names that stand for what they stood for although the source binds them:
                importing a module again is no new binding.
            fingerprints: what names stand for now, as far as that is known.
        """
        if step.succeeded is False:
            self.failures.append(step)
        step.writes = changed | mutated
        if step.succeeded:
            step.writes |= step.names.binds - kept
        for name in mutated:
            if name not in step.reads and name in self._binder:
                # A mutation is a new binding that reads the old one.
                step.reads[name] = self._binder[name]
        known = fingerprints or {}
        for name in step.writes:
            step.fingerprints[name] = known.get(name, "")
            self._binder[name] = step.ordinal
            self._functions.pop(name, None)
        self._functions.update(
            {name: free for name, free in step.names.functions.items() if name in step.writes}
        )

    def frozen(self) -> Lineage:
        """Return what it is now, which the cells to come do not change."""
        now = Lineage()
        now.steps, now.failures = list(self.steps), list(self.failures)
        now._binder, now._functions = dict(self._binder), dict(self._functions)
        return now

    def read(self, step: Step, names: Iterable[str]) -> None:
        """Note that a running cell has read names in a way that its source does not say."""
        step.reads |= {name: self._binder[name] for name in names if name in self._binder}

    def uses(self, names: CellNames) -> set[str]:
        """Return every global that a cell reads, through the notebook's functions too."""
        return self._through_functions(names.uses, names)

    @property
    def binders(self) -> Mapping[str, int]:
        """The execution that bound each name last."""
        return self._binder

    def binder_names(self, name: str) -> CellNames | None:
        """Return the analysis of the cell that last bound a name."""
        ordinal = self._binder.get(name)
        return None if ordinal is None else self.steps[ordinal].names

    def last_successes(self, ordinals: Iterable[int]) -> list[int]:
        """Return, of each cell, the last of its executions that succeeded, else the last one."""
        chosen: dict[str, Step] = {}
        for step in (self.steps[ordinal] for ordinal in sorted(ordinals)):
            known = chosen.get(step.cell)
            if known is None or step.succeeded is not False or known.succeeded is False:
                chosen[step.cell] = step
        return sorted(step.ordinal for step in chosen.values())

    def _all_reads(self, names: CellNames, reached: Callable[[str], set[str]]) -> set[str]:
        """Names read from before the cell: what it binds itself is resolved to itself."""
        through = self._through_functions(names.uses, names, reached) - names.uses
        return names.loads | (through - names.binds)

    def _through_functions(
        self,
        start: Iterable[str],
        names: CellNames,
        reached: Callable[[str], set[str]] = lambda _: set(),
    ) -> set[str]:
        found: set[str] = set()
        todo = list(start)
        while todo:
            name = todo.pop()
            if name not in found:
                found.add(name)
                todo += names.functions.get(name) or self._functions.get(name) or reached(name)
        return found

    def slice(self, ordinals: Iterable[int], known: Set[int] = frozenset()) -> set[int]:
        """Return those executions and all that they transitively read, but what is `known`.

        With an execution all that it reads is known.
        """
        found: set[int] = set()
        todo = list(ordinals)
        while todo:
            ordinal = todo.pop()
            if ordinal not in found and ordinal not in known:
                found.add(ordinal)
                todo += [
                    binder for binder in self.steps[ordinal].reads.values() if binder is not None
                ]
        return found

    def readers(self, ordinals: Iterable[int]) -> dict[int, set[str]]:
        """Return, for each execution that the given ones read from, the names they read of it.

        What an execution reads of its own bindings counts as well.
        """
        names: dict[int, set[str]] = {}
        for ordinal in ordinals:
            step = self.steps[ordinal]
            own = self.uses(step.names) & step.names.binds
            names.setdefault(ordinal, set()).update(own)
            for name, binder in step.reads.items():
                if binder is not None:
                    names.setdefault(binder, set()).add(name)
        return names


def aliases(names: Iterable[str], ids: Mapping[str, int]) -> set[str]:
    """Return `names` and all others that stand for the same objects."""
    wanted = {ids[name] for name in names if name in ids}
    return {name for name, identity in ids.items() if identity in wanted} | set(names)
