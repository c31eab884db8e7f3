"""A training loop: 200 µs of Python and one point, again and again, while somebody looks."""

from __future__ import annotations

import bisect
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from statistics import fmean, median
from typing import Any

from benchmarks.harness import Worker, arena, must_be, scratch, turns
from benchmarks.size import Size
from benchmarks.table import Check, Row

MICRO, MILLI = 1e6, 1e3
PROCESSES = 8


def one(size: Size) -> Iterator[Row]:
    """a loop of 200 µs of Python + one `log_metric`, polled: added by a call; visible p95"""
    seconds = 6.0 if size.full else 3.0
    (own,), seen = _watched("nbtrail", 1, seconds)
    (raw,), _ = _watched("write", 1, seconds / 2)
    with arena(size.peers) as workers:
        asked = {name: (worker, "loop", {"seconds": seconds}) for name, worker in workers.items()}
        peers = {name: found[0]["added"] * MICRO for name, found in turns(1, asked).items()}
    yield Row(
        str(one.__doc__),
        [
            Check(own["added"] * MICRO, "µs", 15),
            Check(_percentile(_delays(own["logged"]["ends"], seen), 0.95) * MILLI, "ms", 300),
        ],
        unit="µs",
        limit=(raw["added"] * MICRO, "`os.write` instead"),
        peers=size.peers_of(peers),
        note="the poller asks `search_runs` every 50 ms. Peers without a poller.",
    )  # fmt: skip


def eight(size: Size) -> Iterator[Row]:
    """eight such processes in one store: p99.9 of a call; of those that the scheduler left alone"""
    seconds = 6.0 if size.full else 3.0
    own = _watched("nbtrail", PROCESSES, seconds)[0]
    calls, plain = _Calls(own, "logged"), _Calls(own, "plain")
    raw = _Calls(_watched("write", PROCESSES, seconds)[0], "logged")
    yield Row(
        str(eight.__doc__),
        [Check(calls.slowest(), "ms", 2), Check(calls.slowest(left_alone=True), "ms", 2)],
        unit="ms",
        limit=(raw.slowest(), "`os.write` instead"),
        note=f"busy processes take the processor from each other, in calls, too, the more often "
        f"the longer a call is. A call was left alone unless that happened and it waited for "
        f"nothing itself. The calls: {calls}. Plain Python that takes as long, in the same loops: "
        f"{plain}. `os.write` instead: {raw}.",
    )


class _Calls:
    """The calls of several loops, as `worker.loop` told of them."""

    def __init__(self, loops: list[dict[str, Any]], which: str) -> None:
        self._seconds = [call for loop in loops for call in loop[which]["calls"]]
        self._interrupted = [was for loop in loops for was in loop[which]["interrupted"]]

    def slowest(self, *, left_alone: bool = False) -> float:
        """Return the 99.9th percentile in ms of all calls, or of those that were left alone."""
        pairs = zip(self._seconds, self._interrupted, strict=True)
        return _percentile([call * MILLI for call, was in pairs if not (left_alone and was)], 0.999)

    def __str__(self) -> str:
        usual, taken = median(self._seconds) * MICRO, fmean(self._interrupted)
        return f"{usual:.1f} µs, {taken:.2%} interrupted, p99.9 {self.slowest():.2f} ms"


def _watched(
    name: str, processes: int, seconds: float
) -> tuple[list[dict[str, Any]], list[tuple[float, int]]]:
    """Let loops of a contestant run in one folder while another process polls nbtrail's store.

    Returns:
        what each loop gave, and what the poller saw.
    """
    with scratch() as folder, ExitStack() as stack:

        def worker(of: str) -> Worker:
            return stack.enter_context(Worker(f"contestants.{of}", folder, sys.executable))

        loops, poller = [worker(name) for _ in range(processes)], worker("nbtrail")
        poller.ask("points")  # everything is imported, the store is there
        for loop in loops:
            loop.tell("loop", seconds=seconds)
        poller.tell("poll")
        found = [loop.answer() for loop in loops]
        time.sleep(0.2)
        (folder / "stop").touch()
        seen = poller.answer()
        logged = sum(len(loop["logged"]["calls"]) + 1 for loop in found)
        must_be("points", poller.ask("points"), logged if name == "nbtrail" else 0)
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
