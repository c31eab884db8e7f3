"""Has a session done nothing but what restart-and-run-all does? Remembered from cell to cell."""

from __future__ import annotations

from collections.abc import Sequence

from nbtrail.entities import Document, DocumentCell
from nbtrail.trail.lineage import Step


class Straight:
    """Follows a session along its document: each look takes in what is new since the last one."""

    def __init__(self) -> None:
        self._passed: list[DocumentCell] = []
        self._steps = 0

    def follows(self, steps: Sequence[Step], document: Document) -> bool:
        """Whether the session executed the document's first cells, once each, as they are.

        Only the last of them may have failed: run-all stops there, too.
        """
        if document.cells[: len(self._passed)] != self._passed:
            self._passed, self._steps = [], 0
        while self._steps < len(steps):
            step = steps[self._steps]
            place = _next_code(document, len(self._passed))
            if place is None or not _is_as_before(step, document.cells[place]):
                return False
            if not step.succeeded:
                return self._steps == len(steps) - 1 and not step.was_interrupted
            self._passed += document.cells[len(self._passed) : place + 1]
            self._steps += 1
        return True


def _next_code(document: Document, start: int) -> int | None:
    """Return where the next code cell is that is not empty."""
    for place in range(start, len(document.cells)):
        if document.cells[place].kind == "code" and document.cells[place].source.strip():
            return place
    return None


def _is_as_before(step: Step, cell: DocumentCell) -> bool:
    """Whether a step did what run-all would do here: which cell that was makes no difference."""
    return step.source.strip() == cell.source.strip() and None not in step.reads.values()
