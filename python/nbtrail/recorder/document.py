"""The notebook as a document: who tells of it, and whom to believe."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from nbtrail.entities import CellKind, Document, DocumentCell
from nbtrail.recorder.session import Execution
from nbtrail.tracking.failures import never_raises
from nbtrail.trail.straight import Straight

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

TARGET = "nbtrail.document"
"""Comm by which a front end tells of the notebook: ``{"cells": [{cell_id, kind, source, tags}]}``.

The same, with an ``origin``, may be in the metadata of an execute request under this name.
"""
LARGEST = 100_000_000  # bytes of a notebook file that are read


class _FileMetadata(msgspec.Struct):
    tags: list[str] = []


class _FileCell(msgspec.Struct):
    cell_type: CellKind
    source: str | list[str]
    id: str | None = None
    metadata: _FileMetadata = msgspec.field(default_factory=_FileMetadata)


class _File(msgspec.Struct):
    """What is read of a notebook file: outputs are skipped."""

    cells: list[_FileCell]


class NotebookDocument:
    """Follows the notebook of one kernel.

    In this order: what the front end or papermill says, the saved file unless it is out of date,
    and else the cells in the order in which they were first executed.
    """

    def __init__(self, path: str | None) -> None:
        self._path = Path(path) if path else None
        self.straight = Straight()
        self._told: Document | None = None
        self._file: Document | None = None
        self._executed: dict[str, Execution] = {}
        self._cells: dict[str, DocumentCell] = {}
        self._deleted: set[str] = set()
        self._last_deleted: set[str] = set()

    # What is told

    def listen(self, shell: InteractiveShell) -> None:
        """Take what a front end sends, where there can be one."""
        if (manager := _comm_manager(shell)) is not None:
            manager.register_target(TARGET, self._on_comm)

    def stop_listening(self, shell: InteractiveShell) -> None:
        """Undo `listen`."""
        if (manager := _comm_manager(shell)) is not None:
            manager.unregister_target(TARGET, self._on_comm)

    def _on_comm(self, comm: Any, message: dict[str, Any]) -> None:
        comm.on_msg(self._on_message)
        comm.on_close(lambda _: self.tell(None))
        self._on_message(message)

    def _on_message(self, message: dict[str, Any]) -> None:
        self.tell({"origin": "live", **message["content"]["data"]})

    @never_raises("what the front end says of the notebook")
    def tell(self, document: Mapping[str, Any] | None) -> None:
        """Take what is said of the notebook; None if whoever said it is gone."""
        self._told = None if document is None else msgspec.convert(document, Document)

    def begin(self, execution: Execution, metadata: Mapping[str, Any]) -> None:
        """Take in a cell that starts, and what the execute request says beside it."""
        key = execution.step.cell
        self._executed[key] = execution
        if key not in self._cells or self._cells[key].source != execution.source:
            self._cells[key] = DocumentCell(execution.cell_id, "code", execution.source)
        self._deleted.discard(key)
        deleted = {one for one in metadata.get("deletedCells") or () if isinstance(one, str)}
        # JupyterLab says it again until a cell has ended: one that came back is not deleted.
        self._deleted |= deleted - self._last_deleted - {key}
        self._last_deleted = deleted
        if (document := metadata.get(TARGET)) is not None:
            self.tell(document)

    # What is believed

    def current(self) -> Document:
        """Return the notebook as it is now."""
        if self._told is not None:
            return self._told
        self._file = self._read()
        if self._file is not None and self._is_up_to_date(self._file):
            return self._file
        if not self._deleted:
            return Document("assumed", list(self._cells.values()))
        there = [cell for key, cell in self._cells.items() if key not in self._deleted]
        return Document("assumed", there)

    def is_derived(self, document: Document) -> bool:
        """Whether the executions alone tell of a document as much as it says."""
        return document.origin == "assumed" and not self._deleted

    def _read(self) -> Document | None:
        """Return what the file has, if there is one; it is read again when it was saved."""
        if self._path is None:
            return None
        try:
            found = self._path.stat()
            saved = found.st_mtime_ns // 1_000_000
            if self._file is not None and self._file.saved == saved:
                return self._file
            small = found.st_size <= LARGEST
            return _document_of(self._path.read_bytes(), saved) if small else None
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return None

    def _is_up_to_date(self, file: Document) -> bool:
        """Whether nothing was executed since that the file does not have."""
        if not self._deleted.isdisjoint(cell.cell_id for cell in file.cells):
            return False
        since = [one for one in self._executed.values() if one.started > (file.saved or 0)]
        if not since:
            return True
        sources = {cell.source.strip() for cell in file.cells}
        by_id = {cell.cell_id: cell.source.strip() for cell in file.cells}
        return all(
            by_id.get(one.cell_id, one.source.strip()) == one.source.strip() in sources
            for one in since
        )


def _document_of(content: bytes, saved: int) -> Document:
    cells = [
        DocumentCell(
            cell.id,
            cell.cell_type,
            cell.source if isinstance(cell.source, str) else "".join(cell.source),
            cell.metadata.tags,
        )
        for cell in msgspec.json.decode(content, type=_File).cells
    ]
    return Document("file", cells, saved)


def _comm_manager(shell: InteractiveShell) -> Any:
    return getattr(getattr(shell, "kernel", None), "comm_manager", None)
