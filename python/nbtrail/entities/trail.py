"""Sessions and cells as they ran, what is to be thought of them, and the audit of edits."""

from __future__ import annotations

from typing import Any, Literal

from nbtrail.entities.base import CellStatus, Record

CellKind = Literal["code", "markdown", "raw"]
DocumentOrigin = Literal["live", "papermill", "file", "assumed"]
VerdictWord = Literal["linear", "out-of-order", "stale-inputs", "hidden-state", "unknown"]
FindingKind = Literal["out-of-order", "stale-inputs", "hidden-state", "unknown", "note"]


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
    `fingerprints` says of each name that was written what it stood for when the cell ended: equal
    ones are equal values. One that starts with ``?`` knows a part of the value only, an empty one
    nothing. `params`, `metrics`, `artifacts` (paths) and `datasets` (names) are the run's that it
    gave.
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
    fingerprints: dict[str, str] = {}
    artifacts: list[str] = []
    datasets: list[str] = []


class DocumentCell(Record, frozen=True):
    """A cell of the notebook, executed or not; `cell_id` is None where the file has none."""

    cell_id: str | None
    kind: CellKind
    source: str
    tags: list[str] = []


class Document(Record, frozen=True):
    """The notebook as it was when the last execution of a run ended.

    `origin` is where that is known from: the front end (``live``), papermill, the saved file, or
    only the order in which its cells were first executed (``assumed``). `saved` is the file's time.
    """

    origin: DocumentOrigin
    cells: list[DocumentCell]
    saved: int | None = None


class Finding(Record, frozen=True):
    """One thing that was found about a trail; `executions` are the ids of those it is about.

    A ``note`` is worth knowing, and no reason for a verdict.
    """

    kind: FindingKind
    text: str
    executions: list[int] = []


class Verdict(Record, frozen=True):
    """What the trail says: would restart-and-run-all bind the same values for the run's results?

    `findings` has the reasons, the first of which decides; `origin` says where the document that
    would be run is known from.
    """

    verdict: VerdictWord
    findings: list[Finding]
    origin: DocumentOrigin


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
