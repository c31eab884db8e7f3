"""A training loop: 200 µs of Python and one point, again and again, while somebody looks."""

from __future__ import annotations

import bisect
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.harness import Worker, arena, must_be, scratch, turns
from benchmarks.size import Size
from benchmarks.table import Check, Row

MICRO, MILLI = 1e6, 1e3
PROCESSES = 8


def one(size: Size) -> Iterator[Row]:
    """a loop of 200 µs of Python + one `log_metric`, polled: added by a call; visible p95"""
    seconds = 6.0 if size.full else 3.0
    (own,), seen = _watched(1, seconds, written=False)
    (raw,), _ = _watched(1, seconds / 2, written=True)
    with arena(size.peers) as workers:
        asked = {name: (worker, "loop", {"seconds": seconds}) for name, worker in workers.items()}
        peers = {name: found[0]["added"] * MICRO for name, found in turns(1, asked).items()}
    yield Row(
        str(one.__doc__),
        [
            Check(own["added"] * MICRO, "µs", 15),
            Check(_percentile(_delays(own["ends"], seen), 0.95) * MILLI, "ms", 300),
        ],
        unit="µs",
        limit=(raw["added"] * MICRO, "`os.write` instead"),
        peers=size.peers_of(peers),
        note="the poller asks `search_runs` every 50 ms. Peers without a poller.",
    )  # fmt: skip


def eight(size: Size) -> Iterator[Row]:
    """eight such processes in one store: p99.9 of a call"""
    seconds = 6.0 if size.full else 3.0
    own = _calls(_watched(PROCESSES, seconds, written=False)[0])
    raw = _calls(_watched(PROCESSES, seconds / 2, written=True)[0])
    yield Row(
        str(eight.__doc__),
        [Check(_percentile(own, 0.999), "ms", 2)],
        unit="ms",
        limit=(_percentile(raw, 0.999), "`os.write` instead"),
        note=f"median {median(own):.4f}, p99 {_percentile(own, 0.99):.3f} ms; `os.write` "
        f"{median(raw):.4f} and {_percentile(raw, 0.99):.3f} ms: processes wait for cores, too.",
    )


def _calls(loops: list[dict[str, Any]]) -> list[float]:
    return [call * MILLI for loop in loops for call in loop["calls"]]


def _watched(
    processes: int, seconds: float, written: bool
) -> tuple[list[dict[str, Any]], list[tuple[float, int]]]:
    """Let loops run in one store while another process polls; return what all of them saw."""
    with scratch() as folder, ExitStack() as stack:

        def worker() -> Worker:
            path: Path | str = sys.executable
            return stack.enter_context(Worker("contestants.nbtrail", folder, path))

        loops, poller = [worker() for _ in range(processes)], worker()
        poller.ask("points")  # everything is imported, the store is there
        for loop in loops:
            loop.tell("loop", seconds=seconds, written=written)
        poller.tell("poll", seconds=2 * seconds + 1)
        found = [loop.answer() for loop in loops]
        seen = poller.answer()
        logged = 0 if written else sum(len(loop["calls"]) + 1 for loop in found)
        must_be("points of the loops", poller.ask("points"), logged)
    return found, seen


def _delays(ends: list[float], seen: list[tuple[float, int]]) -> list[float]:
    """Return how long after its call each point was seen; the first point was before these."""
    counts = [count for _, count in seen]
    places = (bisect.bisect_left(counts, n + 2) for n in range(len(ends)))
    return [
        seen[place][0] - end if place < len(seen) else float("inf")
        for place, end in zip(places, ends, strict=True)
    ]


def _percentile(values: list[float], part: float) -> float:
    return sorted(values)[min(len(values) - 1, round(part * len(values)))]


MEASURES = (one, eight)
