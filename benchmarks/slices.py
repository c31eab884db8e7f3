"""Cut the slices of generated sessions, run each in a fresh kernel, and write the table.

Usage: python -m benchmarks.slices [SESSIONS] [--seed N] [--output PATH]
"""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import ROOT
from benchmarks.table import machine
from benchmarks.verdicts.lives import Cut, cuts, forked, rerun_cut
from benchmarks.verdicts.sessions import CLASSES, Session, generate
from benchmarks.verdicts.table import share, table

HEAD = """\
# Slices

`nbtrail trail RUN --slice METRIC -o slim.ipynb` writes a notebook of the cells that a metric needs.
Here is how often that gives the same value, as `python -m benchmarks.slices` measured it.

Every session below was executed cell by cell in a kernel of its own with the recorder on: notebooks
that are run, edited, reordered, run again, torn apart, as those of [the verdicts](verdicts.md). The
slice of each metric of its last run was then executed from top to bottom in a fresh kernel without
a recorder. It is *right* if the metric has exactly the same value again.

A slice that leaves out one cell too many is wrong, one that keeps one too many costs a moment. So
the shares of what was left out are what caution allows, and no aim.
"""


@dataclass(frozen=True)
class Outcome:
    """What became of one slice of a session of so many executions."""

    kind: str
    executions: int
    kept: int
    right: bool


def main() -> None:
    """Write the page; exit with 1 if a slice gives another value."""
    asked = _arguments()
    outcomes = list(measure(asked.sessions, asked.seed))
    about = ", ".join(f"{key} {value}" for key, value in machine().items() if key != "load")
    page = as_markdown(outcomes, f"{about}, seed {asked.seed}")
    asked.output.parent.mkdir(parents=True, exist_ok=True)
    asked.output.write_text(page)
    print(page)
    sys.exit(not all(one.right for one in outcomes))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.slices", description=str(__doc__).split("\n", 1)[0]
    )
    parser.add_argument(
        "sessions", type=int, nargs="?", default=1400, metavar="SESSIONS", help="how many"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, default=ROOT / "docs" / "slices.md", metavar="PATH")
    return parser.parse_args()


def measure(count: int, seed: int) -> Iterator[Outcome]:
    """Yield the outcomes of generated sessions, as many of each class."""
    for kind in CLASSES:
        numbers = itertools.count(seed)
        found = (some for number in numbers if (some := outcomes(generate(kind, number))))
        for some in itertools.islice(found, -(-count // len(CLASSES))):
            yield from some


def outcomes(session: Session) -> list[Outcome]:
    """Return what became of the slices of a session; none if it gave no result."""
    executions = len(session.runs)
    return [
        Outcome(session.kind, executions, len(cut.cells), gives_it_again(session, cut))
        for cut in forked(lambda: cuts(session.runs))
    ]


def gives_it_again(session: Session, cut: Cut) -> bool:
    """Say whether a slice gives its metric's value again; tell if it does not."""
    value = forked(lambda: rerun_cut(cut))
    if value != cut.value:
        told = "\n".join(f"    {source!r}" for source, _ in cut.cells)
        print(f"{session.kind}: {cut.metric} {cut.value} is {value} by\n{told}", file=sys.stderr)
    return value == cut.value


def as_markdown(outcomes: Sequence[Outcome], about: str) -> str:
    """Return the page."""
    kinds = dict.fromkeys(one.kind for one in outcomes)
    rows = [_row(kind, [one for one in outcomes if one.kind == kind]) for kind in kinds]
    head = ["class", "slices", "right", "cells executed", "left out"]
    rows = [head, *rows, _row("all", outcomes)]
    return "\n".join([HEAD, table(rows), "", f"Measured with {about}.", ""])


def _row(kind: str, outcomes: Sequence[Outcome]) -> list[str]:
    right = sum(one.right for one in outcomes)
    executions = sum(one.executions for one in outcomes)
    left_out = executions - sum(one.kept for one in outcomes)
    return [
        kind,
        str(len(outcomes)),
        share(right, len(outcomes)),
        str(executions),
        f"{100 * left_out / executions:.0f} %",
    ]


if __name__ == "__main__":
    import numpy  # noqa: F401, ICN001 - the lives are forked: what they need is here already
    import pandas  # noqa: F401, ICN001

    main()
