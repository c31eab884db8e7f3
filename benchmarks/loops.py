"""A training loop: 200 µs of Python and one point, again and again, while somebody looks."""

from __future__ import annotations

import bisect
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
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
    own = _watched(PROCESSES, seconds, written=False)[0]
    raw = _watched(PROCESSES, seconds / 2, written=True)[0]
    yield Row(
        str(eight.__doc__),
        [Check(_slowest(own), "ms", 2)],
        unit="ms",
        limit=(_slowest(raw), "`os.write` instead"),
        note=f"eight busy processes take the processor from each other, in calls, too; p99.9 of "
        f"the calls in which that did not happen: {_slowest(own, preempted=False):.3f} ms "
        f"(`os.write` {_slowest(raw, preempted=False):.3f} ms).",
    )


def _slowest(loops: list[dict[str, Any]], preempted: bool = True) -> float:
    """Return the 99.9th percentile in ms of all calls, or of those that were not preempted."""
    both = (pair for loop in loops for pair in zip(loop["calls"], loop["preempted"], strict=True))
    return _percentile([call * MILLI for call, was in both if preempted or not was], 0.999)


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
        poller.tell("poll")
        found = [loop.answer() for loop in loops]
        time.sleep(0.2)
        (folder / "stop").touch()
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
