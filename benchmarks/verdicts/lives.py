"""Kernel lives: each a shell of IPython's in a process of its own, forked from this one."""

from __future__ import annotations

import os
import pickle
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from nbtrail import entities, magics, tracking
from nbtrail.magics import extension
from nbtrail.store import Store
from nbtrail.trail import notebook, recorded

T = TypeVar("T")
Cells = list[tuple[str, str]]
"""A document: id and source of each cell."""
Results = dict[str, tuple[str, float]]
"""By metric: the cell that gave it, and its value."""


@dataclass(frozen=True)
class Run:
    """A session, and the document as it was when its cell ended: what one `run` action needs."""

    cell: str
    document: Cells


@dataclass(frozen=True)
class Judged:
    """What nbtrail said of the last run of a session."""

    verdict: str
    reasons: list[str]
    results: Results


@dataclass(frozen=True)
class Cut:
    """The slice of a metric: sources, each with whether it is allowed to fail."""

    metric: str
    value: float
    cells: list[tuple[str, bool]]


def forked(work: Callable[[], T]) -> T:
    """Return what `work` returns in a child process.

    Raises:
        RuntimeError: it did not come to its end.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _work(work, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        content = pipe.read()
    os.waitpid(child, 0)
    if not content:
        raise RuntimeError("a kernel life broke off")
    error, found = pickle.loads(content)
    if error:
        raise RuntimeError(error)
    answer: T = found
    return answer


def _work(work: Callable[[], Any], writing: int) -> None:
    try:
        quiet = os.open(os.devnull, os.O_RDWR)
        os.dup2(quiet, 1)
        sys.stdout = os.fdopen(quiet, "w")
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            os.chdir(folder)
            content = pickle.dumps((None, work()))
    except Exception:
        content = pickle.dumps((traceback.format_exc(), None))
    try:
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(content)
    finally:
        os._exit(0)


def new_shell() -> InteractiveShell:
    """Return the shell of a life: each process has one."""
    config = Config()
    config.HistoryManager.enabled = False
    shell: InteractiveShell = InteractiveShell.instance(config=config)
    return shell


def executed(runs: Iterable[Run]) -> tuple[Store, entities.Run] | None:
    """Execute a session with the recorder on; return the run of the end, None if there is none."""
    shell = new_shell()
    magics.load(shell)
    document = extension._recorders[id(shell)].cells.document
    for run in runs:
        told = [{"cell_id": one, "kind": "code", "source": text} for one, text in run.document]
        document.tell({"origin": "live", "cells": told})
        source = dict(run.document)[run.cell]
        shell.run_cell(source, store_history=True, cell_id=run.cell)
    store = tracking.place.existing_store()
    if store is None:
        return None
    store.drain()
    return store, store.runs.search()[0][0]


def judged(runs: Iterable[Run]) -> Judged | None:
    """Execute a session with the recorder on; None if there is no run in the end."""
    found = executed(runs)
    if found is None:
        return None
    store, latest = found
    verdict = store.trails.verdict(latest.info.run_id)
    results = {one.key: (one.cell_id or "", one.value) for one in latest.data.metric_summaries}
    assert verdict is not None
    return Judged(verdict.verdict, [one.text for one in verdict.findings], results)


def cuts(runs: Iterable[Run]) -> list[Cut]:
    """Execute a session with the recorder on; return the slices of the last run's metrics."""
    found = executed(runs)
    if found is None:
        return []
    store, run = found
    made = []
    for metric, value in run.data.metrics.items():
        program = notebook.program(recorded.sliced(store, run, metric).executions)
        cells = [(cell["source"], "tags" in cell["metadata"]) for cell in program["cells"]]
        made.append(Cut(metric, value, cells))
    return made


def rerun_cut(cut: Cut) -> float | None:
    """Run a slice from top to bottom without a recorder; None if that does not give the metric."""
    shell = new_shell()
    for source, may_fail in cut.cells:
        if not shell.run_cell(source, store_history=True).success and not may_fail:
            return None
    value = shell.user_ns.get(cut.metric)
    return None if value is None else float(value)


def rerun(document: Cells, names: Iterable[str]) -> dict[tuple[str, str], float]:
    """Run a document from top to bottom, until a cell fails, without a recorder.

    Returns:
        What each of the names stood for when each cell ended.
    """
    shell = new_shell()
    values: dict[tuple[str, str], float] = {}
    for cell, source in document:
        if not shell.run_cell(source, store_history=True).success:
            break
        values |= {(cell, one): float(shell.user_ns[one]) for one in names if one in shell.user_ns}
    return values


def is_reproduced(document: Cells, results: Results) -> bool:
    """Say whether restart-and-run-all gives the same results."""
    values = forked(lambda: rerun(document, results))
    return all(values.get((cell, name)) == value for name, (cell, value) in results.items())
