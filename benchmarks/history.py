"""Long histories: the memory they take to log, and their buckets, each compared with Python's."""

from __future__ import annotations

import math
import random
import re
import sqlite3
import sys
import time
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.harness import Worker, medians, must_be, processor, scratch, walls
from benchmarks.size import Size
from benchmarks.table import Check, Row
from benchmarks.worker import timed

MILLI = 1e3
LONG = 1_000_000


def long(size: Size) -> Iterator[Row]:
    """memory while 1,000,000 points are logged; `history` of these to 2,000 buckets"""
    with scratch() as folder, Worker("history", folder, sys.executable) as worker:
        grown = worker.ask("build", runs=1, points=LONG)
        answers = _asked(worker, 2000, LONG, size.rounds(quick=10, full=40))
    yield Row(
        "memory while logging 1,000,000 points: the peak above the start",
        [Check(grown / 1e6, "MB", 60)],
    )
    yield _row("`history` of one metric with 1,000,000 points to 2,000 buckets", 20, answers)


def many(size: Size) -> Iterator[Row]:
    """`history` of 100 runs x 10,000 points to 500 buckets each"""
    with scratch() as folder, Worker("history", folder, sys.executable) as worker:
        worker.ask("build", runs=100, points=10_000)
        answers = _asked(worker, 500, LONG, size.rounds(quick=5, full=20))
    yield _row(str(many.__doc__), 150, answers)


def _asked(worker: Worker, buckets: int, points: int, rounds: int) -> dict[str, list[Any]]:
    """Check the answer once, and return the seconds: nbtrail's, and a GROUP BY's."""
    must_be("points in the buckets", worker.ask("folded", buckets=buckets), points)
    found: dict[str, list[Any]] = {"own": [], "bare": []}
    until = time.monotonic() + 10
    for number in range(rounds):
        found["own"].append(worker.ask("asked", buckets=buckets))
        if number % 5 == 0:
            found["bare"].append(worker.ask("grouped", buckets=buckets))
        if time.monotonic() > until:
            break
    return found


def _row(work: str, bound: float, answers: dict[str, list[Any]]) -> Row:
    each = medians(walls(answers, MILLI))
    return Row(
        work,
        [Check(each["own"], "ms", bound)],
        unit="ms",
        limit=(each["bare"], "GROUP BY over all points"),
        note=f"{processor(answers['own']) * MILLI:.1f} ms of processor time.",
    )


# What follows is called in the worker.

_values: dict[str, array[float]] = {}


def build(runs: int, points: int) -> int:
    """Log all of it through `log_metric`; return by how many bytes the memory grew at its peak."""
    import nbtrail

    made = [_wave(random.Random(number), points) for number in range(runs)]
    peak = 0
    for values in made:
        run = nbtrail.start_run()
        _values[run.info.run_id] = values
        nbtrail.log_metric("loss", values[0], 0)
        before = _memory("VmRSS")
        Path("/proc/self/clear_refs").write_text("5")  # forget the peak so far
        for step in range(1, points):
            nbtrail.log_metric("loss", values[step], step)
        nbtrail.end_run()
        peak = max(peak, _memory("VmHWM") - before)
    return peak


def _wave(chance: random.Random, points: int) -> array[float]:
    return array("d", (math.sin(step / 1000) + chance.random() / 10 for step in range(points)))


def _memory(line: str) -> int:
    """Return a size from what Linux says of this process, in bytes."""
    found = re.search(rf"^{line}:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1]) * 1024


def _history(buckets: int) -> Any:
    import nbtrail

    return nbtrail.history(list(_values), ["loss"], points=buckets, output_format="list")


def asked(buckets: int) -> tuple[float, float]:
    """Return the seconds of asking for the histories of all runs."""
    return timed(lambda: _history(buckets))


def folded(buckets: int) -> int:
    """Return how many points are in right buckets: each compared with a fold in Python."""
    right = 0
    for series in _history(buckets):
        values, start = _values[series.run_id], 0
        if not buckets // 2 <= len(series.count) <= 2 * buckets:
            return right
        columns = (series.count, series.first, series.value, series.low, series.high)
        for count, *given in zip(*columns, strict=True):
            part = values[start : start + count]
            if given == [part[0], part[-1], min(part), max(part)]:
                right += count
            start += count
    return right


def grouped(buckets: int) -> tuple[float, float]:
    """Return the seconds of a plain GROUP BY over the same points."""
    from benchmarks.contestants.nbtrail import database

    width = len(next(iter(_values.values()))) // buckets
    connection = sqlite3.connect(database())
    query = (
        "select series, max(step), count(*), min(value), max(value) from point "
        "where series in (select id from series) group by series, step / ?"
    )
    seconds = timed(lambda: connection.execute(query, (width,)).fetchall())
    connection.close()
    return seconds


MEASURES = (long, many)
