"""A cell while it runs, and what IPython tells of it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbtrail import tracking
from nbtrail.entities import CellStatus, Status
from nbtrail.recorder import quiet_line
from nbtrail.recorder.namespace import Snapshot
from nbtrail.recorder.notebook_run import NotebookRun
from nbtrail.recorder.session import Execution

if TYPE_CHECKING:
    from IPython.core.interactiveshell import ExecutionInfo, ExecutionResult, InteractiveShell


@dataclass
class Frame:
    """A cell while it runs.

    `code` is its source as IPython transformed it. `mark` is the namespace since when its metrics
    are new, `before` and `after` are those at its start and end; `seen_whole` is False for the
    cell that turned the recorder on, whose start was not seen. `resolved`: what it reads is known;
    `waits`: its source is analysed beside it.
    """

    execution: Execution
    code: str
    mark: Snapshot
    before: Snapshot
    after: Snapshot | None = None
    seen_whole: bool = True
    resolved: bool = False
    waits: bool = False
    clock: float = field(default_factory=time.perf_counter)
    started_runs: list[NotebookRun] = field(default_factory=list)
    told: list[quiet_line.Record] = field(default_factory=list)


def frame_id(frame: Frame | None) -> int | None:
    """Return the store's id of a frame's execution, if it has one."""
    return frame.execution.id if frame else None


def kernel_id(shell: InteractiveShell) -> str | None:
    """Return the id by which Jupyter knows this kernel; None in a terminal."""
    if not hasattr(shell, "kernel"):
        return None
    from ipykernel.connect import get_connection_file

    return Path(get_connection_file()).stem.removeprefix("kernel-")


def storable(text: str) -> str:
    """Return text without what is no character (half of a surrogate pair)."""
    return text.encode(errors="backslashreplace").decode()


def metadata_of(info: ExecutionInfo) -> dict[str, Any]:
    """Return what the front end says beside the code."""
    found = getattr(info, "cell_meta", None)
    return found if isinstance(found, dict) else {}


def tags_of(info: ExecutionInfo) -> list[str]:
    """Return the cell's tags, as far as the front end sends them."""
    tags = metadata_of(info).get("tags", [])
    return [str(tag) for tag in tags] if isinstance(tags, list) else []


def cell_outcome(result: ExecutionResult) -> tuple[CellStatus, str | None]:
    """Return how a cell ended, and the error in one line."""
    error = result.error_in_exec or result.error_before_exec
    if error is None:
        return "ok", None
    status: CellStatus = "interrupted" if isinstance(error, KeyboardInterrupt) else "error"
    return status, tracking.outcome(error)[1]


def run_outcome(result: ExecutionResult) -> tuple[Status, str | None]:
    """Return the status that a cell's end gives to its run, and the error in one line."""
    return tracking.outcome(result.error_in_exec or result.error_before_exec)
