"""What was measured: rows, as Markdown for people and as JSON for programs."""

from __future__ import annotations

import os
import platform
import re
import sqlite3
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

HEAD = """\
# Speed

What `make bench` (quick) and `make bench-peers` (all of it) measure, as they wrote it.

- Everything is measured in one run and by turns, round by round: nbtrail, the least that could do
  the same work on the same disk, and the other trackers, each in a process and an environment of
  its own, with nothing configured.
- Figures are medians of the rounds. Ratios are medians of each round's ratio: a busy machine
  changes them little.
- A fast wrong answer is a failure: after the rounds the points in each store are counted, and what
  search and history answer is compared with what Python finds.
- Peers get fewer calls, some are a thousand times slower; their figures are per call.
- The machine is shared, and at times half as quick as at others. A plain GROUP BY over a million
  points is timed before and after each row (`benchmarks/pace.py`): it took 0.41 s where the goals
  were set, and "slower" says how many times that it takes here. Goals in seconds, and those in
  runs a second, are those of that machine: a figure reaches one if it does with "slower" taken
  out. Ratios, bytes and counts are taken as they are.
"""

_OF_TIME = re.compile(r"(s|ms|µs)( |$)|runs/s$")


@dataclass(frozen=True)
class Check:
    """One figure of nbtrail's and what it must reach: at most `bound`, or `at_least` that."""

    value: float
    unit: str
    bound: float
    at_least: bool = False

    def met(self, slower: float) -> bool:
        """Return whether it would reach its bound on a machine that is so many times quicker."""
        factor = slower if _OF_TIME.match(self.unit) else 1.0
        if self.at_least:
            return self.value * factor >= self.bound
        return self.value / factor <= self.bound

    @property
    def target(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {figure(self.bound, self.unit)}"


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Args:
        work: what was done.
        checks: nbtrail's figures.
        unit: of what follows.
        limit: the same work by the least that could do it, and what that was.
        peers: the same work by others; text where there is no number.
        note: what else is worth knowing.
        failure: why there is no figure.
        slower: how many times slower than where the goals were set the machine was meanwhile.
    """

    work: str
    checks: list[Check]
    unit: str = ""
    limit: tuple[float, str] | None = None
    peers: dict[str, float | str] = field(default_factory=dict)
    note: str = ""
    failure: str = ""
    slower: float = 1.0

    @property
    def met(self) -> bool:
        return not self.failure and all(check.met(self.slower) for check in self.checks)


def figure(value: float, unit: str) -> str:
    """Return a number with three significant digits and its unit."""
    digits = f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return f"{digits} {unit}".strip()


def machine() -> dict[str, Any]:
    """Return what the figures depend on."""
    return {
        "date": time.strftime("%Y-%m-%d"),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
    }


def as_json(rows: Iterable[Row], about: dict[str, Any]) -> dict[str, Any]:
    """Return everything that was measured as plain data."""
    return {"machine": about, "rows": [_plain(row) for row in rows]}


def _plain(row: Row) -> dict[str, Any]:
    checks = [
        {"value": c.value, "unit": c.unit, "target": c.target, "met": c.met(row.slower)}
        for c in row.checks
    ]
    limit = {"value": row.limit[0], "what": row.limit[1]} if row.limit else None
    return {
        "work": row.work, "met": row.met, "checks": checks, "unit": row.unit, "limit": limit,
        "peers": row.peers, "note": row.note, "failure": row.failure, "slower": row.slower,
    }  # fmt: skip


def as_markdown(rows: list[Row], about: dict[str, Any]) -> str:
    """Return the table, what it was measured on, and the notes below it."""
    peers = list(dict.fromkeys(name for row in rows for name in row.peers))
    head = ["work", "nbtrail", "must reach", "slower", "reached", "the raw limit", *peers]
    lines = [_line(head), _line(["---"] * len(head)), *(_line(_cells(r, peers)) for r in rows)]
    measured = ", ".join(f"{key} {value}" for key, value in about.items())
    notes = [f"- {row.work}: {row.note}" for row in rows if row.note]
    return "\n".join([HEAD, f"Measured with {measured}.", "", *lines, "", *notes]) + "\n"


def _cells(row: Row, peers: list[str]) -> list[str]:
    if row.failure:
        return [row.work, row.failure, "", "", "failed", "", *[""] * len(peers)]
    limit = f"{figure(row.limit[0], row.unit)} ({row.limit[1]})" if row.limit else ""
    return [
        row.work,
        "; ".join(figure(check.value, check.unit) for check in row.checks),
        "; ".join(check.target for check in row.checks),
        f"{row.slower:.1f} x",
        "yes" if row.met else "; ".join(_reached(check, row.slower) for check in row.checks),
        limit,
        *(_peer(row.peers.get(name, ""), row.unit) for name in peers),
    ]


def _reached(check: Check, slower: float) -> str:
    return "yes" if check.met(slower) else "**no**"


def _peer(value: float | str, unit: str) -> str:
    return value if isinstance(value, str) else figure(value, unit)


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"
