"""Trails of 200 cells: two of them side by side, and the slice of one for a metric."""

from __future__ import annotations

import base64
import random
import sys
from collections.abc import Iterator
from typing import Any

from benchmarks.harness import Worker, medians, must_be, processor, scratch, walls
from benchmarks.size import Size
from benchmarks.table import Check, Row
from benchmarks.worker import timed

CELLS = 200
MILLI = 1e3


def diff(size: Size) -> Iterator[Row]:
    """diff of two runs of 200 cells, 40 lines + 200 printed lines + a figure each, half edited"""
    with scratch() as folder, Worker("trails", folder, sys.executable) as worker:
        worker.ask("build")
        must_be("edited cells, with ids", worker.ask("edited", other="edited"), CELLS // 2)
        must_be("edited cells, by likeness", worker.ask("edited", other="copied"), CELLS // 2)
        rounds = range(size.rounds(quick=5, full=20))
        found = {
            other: [worker.ask("compared", other=other) for _ in rounds]
            for other in ("edited", "copied")
        }
        cut = [worker.ask("cut") for _ in rounds]
    each = medians(walls(found, MILLI))
    told = "; without a cell id in common"
    yield Row(
        str(diff.__doc__),
        [Check(each["edited"], "ms", 1000), Check(each["copied"], f"ms{told}", 1000)],
    )
    work = "the slice of a metric from a session of 200 cells, 8,000 lines parsed anew"
    yield Row(work, [Check(processor(cut) * MILLI, "ms of processor time", 2000)])


# What follows is called in the worker.

_runs: dict[str, str] = {}


def build() -> None:
    """Record a run, one with every second cell edited, and that one under other cell ids."""
    for name in ("first", "edited", "copied"):
        _runs[name] = _record(name)


def _record(name: str) -> str:
    import nbtrail
    from nbtrail.tracking import current_store

    chance = random.Random(1)
    with nbtrail.start_run(run_name=name) as run:
        store = current_store()
        session = store.trails.start_session(0, None, None).session_id
        made = [_execute(session, number, name, chance) for number in range(CELLS)]
        store.trails.attach(run.info.run_id, made, "own")
        run.logged_in = made[-1]
        nbtrail.tracking.process.execution = made[-1]
        nbtrail.log_metric("score", 0.5)
    return run.info.run_id


def _execute(session: str, number: int, name: str, chance: random.Random) -> int:
    from nbtrail.tracking import current_store

    words = [f"name{chance.randrange(10_000)}" for _ in range(40)]
    lines = [f"v{number}_{i} = max({word!r}, str({i}))" for i, word in enumerate(words)]
    printed = [f"{word} {i}" for i in range(5) for word in words]
    figure = base64.b64encode(chance.randbytes(20_000)).decode()
    if name != "first" and number % 2:
        lines[20], printed[100] = "edited = True", "edited"
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": "\n".join(printed)},
        {"output_type": "display_data", "metadata": {}, "data": {"image/png": figure}},
    ]
    trails = current_store().trails
    cell = f"{'other' if name == 'copied' else 'cell'}-{number}"
    one = trails.begin(session, number, cell, "\n".join(lines), number)
    trails.end(
        one, "ok", execution_count=number + 1, duration=0.1, error=None, outputs=outputs,
        reads={f"v{number - 1}_0": one - 1} if number else {}, writes=[f"v{number}_0"], opaque=None,
    )  # fmt: skip
    return one


def _compare(other: str) -> Any:
    import nbtrail

    return nbtrail.diff(_runs["first"], _runs[other])


def edited(other: str) -> int:
    """Return how many cells are found to have another source and another text."""
    changes = [change for change in _compare(other).cells if change.kind == "edited"]
    return sum(change.cell_a is not None and len(change.outputs) == 1 for change in changes)


def compared(other: str) -> tuple[float, float]:
    """Return the seconds of comparing two runs, and writing that as text."""
    return timed(lambda: str(_compare(other)))


def cut() -> tuple[float, float]:
    """Return the seconds of finding the cells that a metric needs."""
    from nbtrail.tracking import current_store
    from nbtrail.trail import names, python, recorded

    store = current_store()
    store.drain()
    run = store.runs.get(_runs["first"])
    python.python_of.cache_clear()
    names.analyse.cache_clear()
    return timed(lambda: recorded.sliced(store, run, "score"))


MEASURES = (diff,)
