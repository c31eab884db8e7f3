"""A trail as a notebook: plain dicts in the shape of nbformat 4.5, nothing executed."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from nbtrail.entities import CellExecution, Document, DocumentCell

Notebook = dict[str, Any]
Cell = dict[str, Any]

CAPTURED = "nbtrail.captured"
"""Key in the metadata of an output that the cell kept from being shown (``%%capture``)."""

KERNEL = "nbtrail.kernel"
"""The tag of a run whose kernel was of another language than Python: its name and that, as JSON."""

_VALID_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_RAISES = "raises-exception"  # executors go on after a cell with this tag


def restored(executions: Sequence[CellExecution], document: Document | None = None) -> Notebook:
    """Return the last execution of each cell, with its outputs, as the document has the cells.

    Args:
        executions: a trail, in the order in which it ran.
        document: the notebook as it was then: it gives the order, what is not code, and, without
            outputs, the code that is not in the trail. Without one the cells stand in the order
            in which they first ran.
    """
    return _notebook(_cells(_places(executions, document)))


def repeatable(executions: Sequence[CellExecution], document: Document | None = None) -> Notebook:
    """Return the notebook that `restored` gives for execution from top to bottom.

    It has no code that is not in the trail. A cell that failed is marked, so that it is allowed to.
    """
    places = _places([_repeatable(execution) for execution in executions], document)
    return _notebook(
        _cells(one for one in places if isinstance(one, CellExecution) or one.kind != "code")
    )


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


def of_run(made: Notebook, tags: Mapping[str, str]) -> Notebook:
    """Return a notebook that was made of a run's cells, with the kernel that these had.

    Args:
        made: it has Python's.
        tags: of the run.
    """
    if (told := tags.get(KERNEL)) is None:
        return made
    spec = json.loads(told)
    named = {**spec, "display_name": spec["name"]}
    metadata = {"kernelspec": named, "language_info": {"name": spec["language"]}}
    return {**made, "metadata": metadata}


def cell_key(cell: CellExecution | DocumentCell) -> str:
    """Return what stands for a cell: its id, or its content where the front end gives none."""
    return cell.cell_id or f"source:{cell.source.strip()}"


def _places(
    executions: Sequence[CellExecution], document: Document | None
) -> Iterator[CellExecution | DocumentCell]:
    """Yield the last execution of each cell, and each other cell of the document, in its order.

    A cell that is no longer in the document stands after the one that first ran before it.
    """
    last = {cell_key(execution): execution for execution in executions}
    there = document.cells if document else []
    found = _found(last, there)
    followers = _followers(last, set(found.values()))
    yield from followers.get(None, [])
    for place, cell in enumerate(there):
        if (key := found.get(place)) is None:
            yield cell
        else:
            name = last[key].cell_id or cell.cell_id
            yield msgspec.structs.replace(last[key], cell_id=name)
            yield from followers.get(key, [])


def _found(last: Mapping[str, CellExecution], there: Sequence[DocumentCell]) -> dict[int, str]:
    """Return the key of the cell that ran, by the place at which the document has it.

    That is by id, else by content: a cell that was cut and pasted has another id.
    """
    found = {place: key for place, cell in enumerate(there) if (key := cell_key(cell)) in last}
    known = set(found.values())
    gone = {one.source.strip(): key for key, one in last.items() if key not in known}
    for place, cell in enumerate(there):
        if place not in found and cell.kind == "code" and cell.source.strip() in gone:
            found[place] = gone.pop(cell.source.strip())
    return found


def _followers(
    last: Mapping[str, CellExecution], found: set[str]
) -> dict[str | None, list[CellExecution]]:
    """Return the cells that the document has lost, by the one of it that first ran before them."""
    followers: dict[str | None, list[CellExecution]] = {}
    before: str | None = None
    for key, execution in last.items():
        if key in found:
            before = key
        else:
            followers.setdefault(before, []).append(execution)
    return followers


def _repeatable(execution: CellExecution) -> CellExecution:
    if execution.status == "ok":
        return execution
    return msgspec.structs.replace(execution, tags=[*dict.fromkeys([*execution.tags, _RAISES])])


def _cells(places: Iterable[CellExecution | DocumentCell]) -> list[Cell]:
    ids = _Ids()
    return [_cell(one, ids.keep(one.cell_id, cell_key(one))) for one in places]


def _cell(one: CellExecution | DocumentCell, identity: str) -> Cell:
    if isinstance(one, CellExecution):
        return _code(one, identity)
    unused: Cell = {"execution_count": None, "outputs": []} if one.kind == "code" else {}
    return {
        "cell_type": one.kind,
        "id": identity,
        "metadata": {"tags": list(one.tags)} if one.tags else {},
        "source": one.source,
        **unused,
    }


def _code(execution: CellExecution, identity: str) -> Cell:
    return {
        "cell_type": "code",
        "id": identity,
        "metadata": {"tags": execution.tags} if execution.tags else {},
        "source": execution.source,
        "execution_count": execution.execution_count,
        "outputs": [
            _valid(one) for one in execution.outputs if CAPTURED not in one.get("metadata", {})
        ],
    }


def _valid(output: dict[str, Any]) -> dict[str, Any]:
    """Return an output without what kernels send and no notebook can have: forms of no text."""
    data = output.get("data")
    if data is None:
        return output
    kept = {kind: one for kind, one in data.items() if kind.endswith("json") or _is_text(one)}
    return {**output, "data": kept}


def _is_text(content: object) -> bool:
    lines = content if isinstance(content, list) else [content]
    return all(isinstance(line, str) for line in lines)


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
