"""What is lost when the process is killed with signal 9 while it logs."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from benchmarks.harness import Worker, WorkerError, must_be, scratch
from benchmarks.size import Size
from benchmarks.table import Check, Row

KILLS = 100
PEER_KILLS = 3
PEER_PAUSE = 0.001  # without one, those that store in a thread would store next to nothing


def killed(size: Size) -> Iterator[Row]:
    """points lost in 100 `kill -9` at random moments, of all whose call had returned"""
    random.seed(3)
    # Most moments are soon: around the first drains. The late ones are around a new journal file.
    delays = [random.uniform(0, 0.06) for _ in range(KILLS - 3)]
    delays += [random.uniform(1.5, 4) for _ in range(3)]
    lost, returned = _ours(delays)
    yield Row(
        str(killed.__doc__),
        [Check(lost, "points", 0)],
        peers={name: _theirs(name, python) for name, python in size.peers.items()},
        note=f"{returned:,} calls had returned. Each run's points were read back and are those "
        f"that were logged; each run is KILLED. Peers: {PEER_KILLS} kills, 1 ms between calls.",
    )


def _ours(delays: list[float]) -> tuple[int, int]:
    """Return how many points were lost, of how many."""
    lost = total = 0
    with (
        scratch() as folder,
        Worker("contestants.nbtrail", folder, sys.executable) as victim,
        Worker("contestants.nbtrail", folder, sys.executable) as reader,
    ):
        for delay in delays:
            returned = victim.ask("kill", seconds=delay)
            run = _killed_run(reader)
            must_be("end of a killed run", (run["status"], run["right"]), ("KILLED", True))
            # A call may have been at its very end: its point is there, and was not counted.
            must_be("points never logged", max(0, run["points"] - returned - 1), 0)
            lost += max(0, returned - run["points"])
            total += returned
    return lost, total


def _killed_run(reader: Worker) -> dict[str, Any]:
    """Return the last run once it is known to have ended.

    A program that the victim was just starting (git) has its lock for a moment longer.
    """
    until = time.monotonic() + 2
    while True:
        run: dict[str, Any] = reader.ask("last_run")
        if run["status"] != "RUNNING" or time.monotonic() > until:
            return run
        time.sleep(0.02)


def _theirs(name: str, python: Path) -> str:
    lost = total = stored = 0
    with suppress(WorkerError), scratch() as folder:
        for _ in range(PEER_KILLS):
            with Worker(f"contestants.{name}", folder, python) as victim:
                returned = victim.ask("kill", seconds=random.uniform(1, 3), pause=PEER_PAUSE)
            with Worker(f"contestants.{name}", folder, python) as reader:
                before, stored = stored, reader.ask("points")
            lost += max(0, returned - (stored - before))
            total += returned
        return f"{lost:,} of {total:,}"
    return "failed"


MEASURES = (killed,)
