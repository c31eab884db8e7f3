"""Whether the notebook would give a run's results again, asked at the end of each of its cells.

What a straight session does is seen at once. Else it takes thought, which grows with the session:
it is left out where a cell stands beside all that the results need, and what takes longer than
nobody notices is thought about in the background, on a copy of what is known by then.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import msgspec

from nbtrail.entities import Document, DocumentCell, Verdict
from nbtrail.recorder.background import Background
from nbtrail.recorder.document import NotebookDocument
from nbtrail.recorder.parsed import THREADS_MAY_PARSE
from nbtrail.recorder.session import SessionTrail
from nbtrail.store.cells import RunDocumented, RunJudged
from nbtrail.tracking import ActiveRun
from nbtrail.trail.lineage import Lineage, Step
from nbtrail.trail.verdict import judge

QUICK_S = 0.0005
LONG = 40_000  # characters of a notebook that nobody has to wait for being written


class Trust:
    """What is thought of one run; `verdict` is what was said last, with ids of executions."""

    def __init__(self, run: ActiveRun) -> None:
        self._run = run
        self._document: Document | None = None
        self._scope: _Scope | None = None
        self._took = 0.0
        self.verdict: Verdict | None = None

    @property
    def doubted(self) -> bool:
        """Whether the notebook would perhaps not give the run's results again."""
        return self.verdict is not None and self.verdict.verdict != "linear"

    def ask(
        self,
        results: Iterable[int],
        session: SessionTrail,
        lineage: Lineage,
        notebook: NotebookDocument,
        background: Background,
        at_once: bool,
    ) -> None:
        """Store what the trail says now: would the notebook give the run's results again?

        Args:
            results: the ordinals of the executions that gave them.
            session: whose cells are executed.
            lineage: what they read and bind.
            notebook: the document.
            background: where to think about it, if that takes time.
            at_once: whether somebody waits for the answer.
        """
        document = notebook.current()
        self._keep(document, notebook, background)
        if notebook.straight.follows(lineage.steps, document):
            linear = Verdict("linear", [], document.origin)
            if self.verdict != linear:
                self._say(linear, session)
            return
        wanted = frozenset(results)
        if self._scope is not None and self._scope.has(wanted, lineage.steps, document):
            return
        think = partial(self._think, wanted, lineage.frozen(), document, session)
        if at_once or self._took <= QUICK_S or not THREADS_MAY_PARSE:
            think()
        else:
            background.some_time((self._run.run_id, "verdict"), think)

    def _think(
        self,
        results: frozenset[int],
        lineage: Lineage,
        document: Document,
        session: SessionTrail,
    ) -> None:
        start = time.perf_counter()
        verdict = judge(lineage, results, document)
        self._took = time.perf_counter() - start
        self._scope = _Scope.of(results, lineage, document)
        self._say(verdict, session)

    def _say(self, verdict: Verdict, session: SessionTrail) -> None:
        """Store a verdict if it is another one than before; it names executions by ordinals."""
        findings = [
            msgspec.structs.replace(finding, executions=session.ids(finding.executions))
            for finding in verdict.findings
        ]
        verdict = msgspec.structs.replace(verdict, findings=findings)
        if verdict != self.verdict:
            self.verdict = verdict
            self._run.store.cells.write(RunJudged(self._run.run_id, verdict))

    def _keep(self, document: Document, notebook: NotebookDocument, background: Background) -> None:
        """Store the notebook, unless it is as before or the executions tell of it."""
        said = self._document is not None or not notebook.is_derived(document)
        if not said or document == self._document:
            return
        self._document = document
        write = partial(self._run.store.cells.write, RunDocumented(self._run.run_id, document))
        if sum(len(cell.source) for cell in document.cells) <= LONG:
            write()
        else:
            background.some_time((self._run.run_id, "document"), write)


@dataclass
class _Scope:
    """What a verdict was about: what lies beside that does not change it.

    That is the document down to the last cell that the results need, and the names that are bound
    on the way to them. `steps` and `size` are how much of the session and of the document was
    looked at.
    """

    results: frozenset[int]
    origin: str
    cells: Sequence[DocumentCell]
    ids: frozenset[str | None]
    sources: frozenset[str]
    names: frozenset[str]
    steps: int
    size: int

    @classmethod
    def of(cls, results: frozenset[int], lineage: Lineage, document: Document) -> _Scope:
        """Return what the verdict on a session was about."""
        steps = [lineage.steps[ordinal] for ordinal in lineage.slice(results)]
        ids, sources = {step.cell for step in steps}, {step.source.strip() for step in steps}
        needed = [
            place
            for place, cell in enumerate(document.cells, start=1)
            if cell.cell_id in ids or cell.source.strip() in sources
        ]
        cells = document.cells[: max(needed, default=0)]
        return cls(
            results,
            document.origin,
            cells,
            frozenset(ids.union(cell.cell_id for cell in cells)),
            frozenset(sources.union(cell.source.strip() for cell in cells)),
            frozenset(name for step in steps for name in step.writes),
            len(lineage.steps),
            len(document.cells),
        )

    def has(self, results: frozenset[int], steps: Sequence[Step], document: Document) -> bool:
        """Say whether the verdict still holds: all that is new stands below, and binds others."""
        holds = (
            (results, document.origin) == (self.results, self.origin)
            and document.cells[: len(self.cells)] == self.cells
            and self.sources.isdisjoint(one.source.strip() for one in document.cells[self.size :])
            and all(map(self._is_beside, steps[self.steps :]))
        )
        if holds:
            self.steps, self.size = len(steps), len(document.cells)
        return holds

    def _is_beside(self, step: Step) -> bool:
        known = step.cell in self.ids or step.source.strip() in self.sources
        return not known and step.succeeded is not None and self.names.isdisjoint(step.writes)
