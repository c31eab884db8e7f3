"""The notebook as a document: its cells in order, and which execution was of which of them."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from nbtrail.entities import CellExecution, Document, DocumentCell
from nbtrail.trail.lineage import Step
from nbtrail.trail.names import CellNames, analyse
from nbtrail.trail.python import python_of


@dataclass(frozen=True, eq=False)
class Place:
    """A code cell where it stands; `number` counts the code cells that are not empty, from 1."""

    number: int
    source: str
    tags: tuple[str, ...] = ()


def assumed(executions: Iterable[CellExecution]) -> Document:
    """Return what can be told of a document by a session's executions alone.

    That is the latest source of each cell, in the order in which they were first executed.
    """
    cells = {
        e.cell_id or e.source.strip(): DocumentCell(e.cell_id, "code", e.source) for e in executions
    }
    return Document("assumed", list(cells.values()))


class Places:
    """Where a session's cells stand in a document: found by id, else by what they say.

    A cell that was cut and pasted has another id, and is the same if it says the same.
    """

    def __init__(self, document: Document, steps: Iterable[Step]) -> None:
        code = [cell for cell in document.cells if cell.kind == "code" and cell.source.strip()]
        self.all = [
            Place(number, cell.source, tuple(cell.tags)) for number, cell in enumerate(code, 1)
        ]
        executed = {step.cell for step in steps}
        placed = list(zip(code, self.all, strict=True))
        self._by_id = {cell.cell_id: place for cell, place in placed}
        placed.sort(key=lambda one: one[0].cell_id not in executed)  # those that never ran win
        self._by_source = {place.source.strip(): place for _, place in placed}
        self._known: dict[int, Place | None] = {}

    def of(self, step: Step) -> Place | None:
        """Return where an execution's cell stands now; None if it is there no more."""
        if step.ordinal not in self._known:
            place = self._by_id.get(step.cell) or self._by_source.get(step.source.strip())
            self._known[step.ordinal] = place
        return self._known[step.ordinal]


def same_code(one: str, other: str) -> bool:
    """Say whether two sources do the same: blanks and comments do nothing."""
    return one == other or one.strip() == other.strip() or _bare(one) == _bare(other)


def names_said(source: str) -> CellNames:
    """Return what a cell that nobody has executed says about names, as far as it is Python."""
    tree = python_of(source).tree
    return CellNames() if tree is None else analyse(ast.unparse(tree))


@lru_cache(maxsize=512)
def _bare(source: str) -> str:
    code = python_of(source)
    return source.strip() if code.tree is None or code.magic else ast.unparse(code.tree)
