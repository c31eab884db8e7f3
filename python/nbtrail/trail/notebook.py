"""A trail as a notebook: plain dicts in the shape of nbformat 4.5, nothing executed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from nbtrail.entities import CellExecution, Document, DocumentCell

Notebook = dict[str, Any]
Cell = dict[str, Any]

_VALID_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_RAISES = "raises-exception"  # executors go on after a cell with this tag


def restored(executions: Sequence[CellExecution], document: Document | None = None) -> Notebook:
    """Return the last execution of each cell, with its outputs, as the document has the cells.

    Args:
        executions: a trail, in the order in which it ran.
        document: the notebook as it was then: it gives the order, and what is not code.
            Without one the cells stand in the order in which they first ran.
    """
    last = {cell_key(e): e for e in executions}
    ids = _Ids()
    cells = []
    for place in _places(executions, document):
        if isinstance(place, str):
            execution = last[place]
            cells.append(_code(execution, ids.keep(execution.cell_id, place)))
        else:
            cells.append(_text(place, ids.keep(place.cell_id, place.source)))
    return _notebook(cells)


def repeatable(executions: Sequence[CellExecution], document: Document | None = None) -> Notebook:
    """Return the notebook that `restored` gives for execution from top to bottom.

    A cell that failed is marked, so that it is allowed to.
    """
    return restored([_repeatable(execution) for execution in executions], document)


def chronicle(executions: Iterable[CellExecution]) -> Notebook:
    """Return every execution as a cell of its own, in the order in which they ran.

    The ids are new; a cell's metadata says whose execution it was.
    """
    ids = _Ids()
    cells = []
    for execution in executions:
        cell = _code(execution, ids.new(f"{execution.session_id}:{execution.ordinal}"))
        cell["metadata"]["nbtrail"] = {
            "cell_id": execution.cell_id,
            "execution": execution.id,
            "status": execution.status,
            "started": execution.started,
            "duration": execution.duration,
        }
        cells.append(cell)
    return _notebook(cells)


def program(executions: Sequence[CellExecution]) -> Notebook:
    """Return executions as cells that do the same once more, from top to bottom.

    A cell that ran several times stands there as often; the last one keeps its id. One that
    failed is marked, so that it is allowed to.
    """
    last = {cell_key(e): e.id for e in executions}
    ids = _Ids()
    cells = []
    for execution in executions:
        own = execution.cell_id if last[cell_key(execution)] == execution.id else None
        identity = ids.keep(own, f"{execution.session_id}:{execution.ordinal}")
        cells.append(_code(_repeatable(execution), identity))
    return _notebook(cells)


def cell_key(cell: CellExecution | DocumentCell) -> str:
    """Return what stands for a cell: its id, or its content where the front end gives none."""
    return cell.cell_id or f"source:{cell.source.strip()}"


def _places(
    executions: Sequence[CellExecution], document: Document | None
) -> Iterator[str | DocumentCell]:
    """Yield the key of each cell that ran, and each other cell of the document, in order.

    A cell that is no longer in the document stands after the one that first ran before it.
    """
    ran = dict.fromkeys(map(cell_key, executions))
    there = document.cells if document else []
    known = {cell_key(cell) for cell in there}
    followers: dict[str | None, list[str]] = {}
    before: str | None = None
    for key in ran:
        if key in known:
            before = key
        else:
            followers.setdefault(before, []).append(key)
    yield from followers.get(None, [])
    for cell in there:
        if (key := cell_key(cell)) in ran:
            yield key
            yield from followers.get(key, [])
        elif cell.kind != "code":
            yield cell


def _repeatable(execution: CellExecution) -> CellExecution:
    if execution.status == "ok":
        return execution
    return msgspec.structs.replace(execution, tags=[*execution.tags, _RAISES])


def _code(execution: CellExecution, identity: str) -> Cell:
    return {
        "cell_type": "code",
        "id": identity,
        "metadata": {"tags": execution.tags} if execution.tags else {},
        "source": execution.source,
        "execution_count": execution.execution_count,
        "outputs": execution.outputs,
    }


def _text(cell: DocumentCell, identity: str) -> Cell:
    metadata = {"tags": list(cell.tags)} if cell.tags else {}
    return {"cell_type": cell.kind, "id": identity, "metadata": metadata, "source": cell.source}


def _notebook(cells: list[Cell]) -> Notebook:
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    return {
        "cells": cells,
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


class _Ids:
    """The ids of a notebook's cells: valid, and each given once."""

    def __init__(self) -> None:
        self._given: set[str] = set()

    def keep(self, wanted: str | None, seed: str) -> str:
        """Return the id that a cell had, or a new one where it cannot have that."""
        if not wanted or wanted in self._given or not _VALID_ID.fullmatch(wanted):
            return self.new(seed)
        self._given.add(wanted)
        return wanted

    def new(self, seed: str) -> str:
        """Return an id that depends on `seed`, and on which ones were given."""
        identity = hashlib.sha256(seed.encode()).hexdigest()[:12]
        while identity in self._given:
            identity = hashlib.sha256(f"{seed}{identity}".encode()).hexdigest()[:12]
        self._given.add(identity)
        return identity
