"""Sessions and cells as they ran, and the audit of edits."""

from __future__ import annotations

from typing import Any, Literal

from nbtrail.entities.base import CellStatus, Record


class Session(Record, frozen=True):
    """One kernel life with the recorder on. `notebook` is a path as the kernel knows it."""

    session_id: str
    started: int
    notebook: str | None = None
    kernel: str | None = None


class CellExecution(Record, frozen=True):
    """One cell as it ran.

    `outputs` are nbformat output dicts; `error` is the traceback's last line.

    `reads` maps each name that was read to the id of the execution that had bound it
    (None: bound outside the session). `ordinal` counts from 0 within the session.
    """

    id: int
    session_id: str
    ordinal: int
    cell_id: str | None
    source: str
    execution_count: int | None
    started: int
    duration: float | None = None
    status: CellStatus = "running"
    error: str | None = None
    outputs: list[dict[str, Any]] = []
    reads: dict[str, int | None] = {}
    writes: list[str] = []
    tags: list[str] = []
    opaque: str | None = None
    role: Literal["own", "prelude"] = "own"
    params: list[str] = []
    metrics: list[str] = []


class Edit(Record, frozen=True):
    """One entry of the audit: who changed what of which run or experiment, and what was before.

    `before` and `after` are JSON-representable; None where there was, or is, nothing.
    """

    at: int
    who: str
    action: str
    subject: Literal["run", "experiment"]
    subject_id: str
    key: str | None = None
    before: Any = None
    after: Any = None
