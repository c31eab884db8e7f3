"""Generate sessions, judge them, run their documents again, and write the table.

Usage: python -m benchmarks.verdicts [--sessions N] [--faults N] [--seed N] [--output PATH]
"""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks import ROOT
from benchmarks.table import machine
from benchmarks.verdicts.faults import faults
from benchmarks.verdicts.lives import forked, is_reproduced, judged
from benchmarks.verdicts.sessions import CLASSES, Session, generate
from benchmarks.verdicts.table import Outcome, as_markdown


def main() -> None:
    """Write the page; exit with 1 if a session is not what it was called, or ought to be."""
    asked = _arguments()
    outcomes = list(measure(asked.sessions, asked.seed, asked.faults))
    about = ", ".join(f"{key} {value}" for key, value in machine().items() if key != "load")
    page = as_markdown(outcomes, f"{about}, seed {asked.seed}")
    asked.output.parent.mkdir(parents=True, exist_ok=True)
    asked.output.write_text(page)
    print(page)
    sys.exit(any(one.is_false or one.is_unexpected for one in outcomes))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.verdicts", description=str(__doc__).split("\n", 1)[0]
    )
    parser.add_argument("--sessions", type=int, default=300, help="how many are generated")
    parser.add_argument("--faults", type=int, default=1000, help="at most so many made by hand")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--output", type=Path, default=ROOT / "docs" / "verdicts.md", metavar="PATH"
    )
    return parser.parse_args()


def measure(count: int, seed: int, by_hand: int) -> Iterator[Outcome]:
    """Yield the outcomes of sessions made by hand, and of generated ones, as many of each class."""
    made = list(faults())
    for session in made[:: -(-len(made) // by_hand)]:
        yield _outcome(session)
    for kind in CLASSES:
        numbers = itertools.count(seed)
        found = (one for number in numbers if (one := outcome(generate(kind, number))))
        yield from itertools.islice(found, -(-count // len(CLASSES)))


def _outcome(session: Session) -> Outcome:
    found = outcome(session)
    assert found is not None, f"{session.kind} gave no result"
    return found


def outcome(session: Session) -> Outcome | None:
    """Have a session judged, and its document run again; None if it gave no result."""
    told = forked(lambda: judged(session.runs))
    if told is None:
        return None
    reproduced = is_reproduced(session.runs[-1].document, told.results)
    return Outcome(session.kind, told.verdict, reproduced, session.expected, tuple(told.reasons))


if __name__ == "__main__":
    import numpy  # noqa: F401, ICN001 - the lives are forked: what they need is here already
    import pandas  # noqa: F401, ICN001

    main()
