"""Metric points: the call, the way into the database, the room they take."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.harness import (
    Worker,
    arena,
    disk,
    medians,
    must_be,
    must_hold,
    processor,
    ratio,
    scratch,
    sparing,
    turns,
    walls,
)
from benchmarks.peers import PEERS
from benchmarks.size import Size
from benchmarks.table import Check, Row

MICRO = 1e6


def paced(name: str, count: int) -> int:
    """Return how many of `count` pieces of work a contestant is given."""
    return max(10, round(count * PEERS[name].pace)) if name in PEERS else count


def call(size: Size) -> Iterator[Row]:
    """`log_metric(key, value, step)`, on the caller's thread"""
    with arena(size.contestants) as workers:
        answers = turns(
            size.rounds(quick=10, full=15),
            {name: (w, "calls", {"count": paced(name, 10_000)}) for name, w in workers.items()},
        )
        logged = {name: sum(a["points"] for a in found) for name, found in answers.items()}
        must_hold(workers, answers, logged)
    own = {name: [answer["own"] * MICRO for answer in found] for name, found in answers.items()}
    raw = [answer["raw"] * MICRO for answer in answers["nbtrail"]]
    yield Row(
        str(call.__doc__),
        [
            Check(ratio(own["nbtrail"], raw), "x one write", 4),
            Check(median(own["nbtrail"]), "µs", 5),
        ],
        unit="µs",
        limit=(median(raw), "one 32-byte `os.write`"),
        peers=size.peers_of(medians(own)),
    )


def committed(size: Size) -> Iterator[Row]:
    """the same until committed in SQLite, each of 100,000 points"""
    count = 100_000
    with arena(size.contestants | {"bare": sys.executable}) as workers:
        questions: dict[str, tuple[Worker, str, dict[str, Any]]] = {
            name: (w, "ingest", {"count": paced(name, count)}) for name, w in workers.items()
        }
        questions["bare"] = (workers["bare"], "executemany", {"count": count})
        answers = turns(size.rounds(quick=3, full=5), questions)
        logged = {name: len(found) * paced(name, count) for name, found in answers.items()}
        must_hold(workers, answers, logged)
    each = {n: [s * MICRO / paced(n, count) for s in many] for n, many in walls(answers).items()}
    used = processor(answers["nbtrail"]) * MICRO / count
    yield Row(
        str(committed.__doc__),
        [Check(ratio(each["nbtrail"], each["bare"]), "x `executemany`", 2.5)],
        unit="µs",
        limit=(median(each["bare"]), "`executemany` of the same rows"),
        peers=size.peers_of(medians(each)),
        note=f"nbtrail {median(each['nbtrail']):.1f} µs a point, {used:.1f} µs of processor time.",
    )


def on_disk(size: Size) -> Iterator[Row]:
    """bytes a point on disk after a checkpoint"""
    count = 1_000_000 if size.full else 200_000
    contestants: Mapping[str, Path | str] = size.contestants | {"bare": sys.executable}
    found: dict[str, float] = {}
    for name, python in contestants.items():
        with sparing(name, found):
            points = paced(name, 100_000) if name in PEERS else count
            found[name] = _bytes_per_point(name, python, points)
    yield Row(
        f"{on_disk.__doc__}, {count:,} points",
        [Check(found["nbtrail"], "bytes", 40)],
        unit="bytes",
        limit=(found["bare"], "the same table alone"),
        peers=size.peers_of(found),
    )


def _bytes_per_point(name: str, python: Path | str, count: int) -> float:
    """Log one point and then many, each in a process of its own; return what the many added."""
    with scratch() as folder:
        sizes = []
        for points in (1, count):
            with Worker(f"contestants.{name}", folder, python) as worker:
                worker.ask("ingest", count=points)
            _checkpoint(folder)
            sizes.append(disk(folder))
        with Worker(f"contestants.{name}", folder, python) as worker:
            must_be(f"points of {name}", worker.ask("points"), count + 1)
    return (sizes[1] - sizes[0]) / count


def _checkpoint(folder: Path) -> None:
    for database in folder.rglob("*.db"):
        with sqlite3.connect(database) as connection:
            connection.execute("pragma wal_checkpoint(truncate)")
        connection.close()


MEASURES = (call, committed, on_disk)
