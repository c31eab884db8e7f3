"""The cells that a notebook's function came from, as a notebook beside the model.

What the function reads is kept as it was (see cells.py); this tells how it came to be: the slice
of the session's trail that binds those names, and what may have mattered to it. It can be run
from top to bottom. Nothing of it is needed for predicting.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from nbtrail.entities import CellExecution
from nbtrail.tracking import active_run, current_execution
from nbtrail.tracking.failures import recording
from nbtrail.trail import slicing
from nbtrail.trail.names import analyse
from nbtrail.trail.notebook import program

FILE = "trail.ipynb"


def write(names: Iterable[str], directory: Path) -> None:
    """Write the notebook of the cells that bound names, if the recorder has seen them.

    Args:
        names: the globals of a function that is being saved in the cell that runs now.
        directory: of the model.
    """
    with recording("the cells that a model came from"):
        if cells := slicing_of(set(names), _session()):
            text = json.dumps(program(cells), indent=1, ensure_ascii=False)
            (directory / FILE).write_text(text + "\n", encoding="utf-8")


def read(directory: Path) -> list[str]:
    """Return the sources of the cells that a model came from; none where that is not known."""
    path = directory / FILE
    if not path.is_file():
        return []
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        return ["".join(cell["source"]) for cell in cells]
    except (ValueError, KeyError, TypeError, RecursionError):  # somebody else's file
        return []


def slicing_of(names: set[str], session: Sequence[CellExecution]) -> list[CellExecution]:
    """Return the executions that bound names, with all that they need, in order.

    Args:
        names: of which the latest binding counts.
        session: up to the cell that runs, whose names are not recorded yet.
    """
    if not session:
        return []
    known = [*session[:-1], _as_it_is(session[-1], session[:-1])]
    goals = {found for name in names if (found := _binder(name, known)) is not None}
    return slicing.needed(known, *goals).executions if goals else []


def _session() -> list[CellExecution]:
    """Return what this session has executed, up to the cell that runs; nothing without one."""
    run, running = active_run(), current_execution()
    if run is None or running is None:
        return []
    run.store.drain()
    own = next((e for e in run.store.trails.executions(run.run_id) if e.id == running), None)
    if own is None:
        return []
    return [
        execution
        for execution in run.store.trails.session_executions(own.session_id)
        if execution.ordinal <= own.ordinal
    ]


def _as_it_is(running: CellExecution, before: Sequence[CellExecution]) -> CellExecution:
    """Return the cell that runs with what its source says of names."""
    said = analyse(running.source)
    reads = {name: _binder(name, before) for name in said.loads}
    bound = {name: binder for name, binder in reads.items() if binder is not None}
    return msgspec.structs.replace(running, status="ok", reads=bound, writes=sorted(said.binds))


def _binder(name: str, executions: Sequence[CellExecution]) -> int | None:
    return next((e.id for e in reversed(executions) if name in e.writes), None)
