"""Measure, and print the table.

Usage: python -m benchmarks [--full] [--peers] [--output PATH] [SUBJECT ...]
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks import ROOT, peers
from benchmarks.harness import Worker, WorkerError, scratch
from benchmarks.size import Size
from benchmarks.table import Row, as_json, as_markdown, machine

SUBJECTS = (
    "points",
    "kills",
    "loops",
    "runs",
    "search",
    "history",
    "trails",
    "cells",
    "sweeps",
    "panel",
)


def main() -> None:
    """Measure all subjects, or those that are named; exit with 1 if one could not be."""
    asked = _arguments()
    if asked.peers:
        peers.install()
    size = Size(asked.full, peers.installed() if asked.peers else {})
    about = machine() | {name: peers.version(name) for name in size.peers}
    rows: list[Row] = []
    with scratch() as folder, Worker("pace", folder) as pace:
        pace.ask("build")
        for row in (row for subject in asked.subjects for row in _rows(subject, size, pace)):
            rows.append(row)
            _keep(asked.output, rows, about)  # each time: it takes long, and may be interrupted
    print(asked.output.with_suffix(".md").read_text())
    sys.exit(any(row.failure for row in rows))


def _keep(output: Path, rows: list[Row], about: dict[str, Any]) -> None:
    output.parent.mkdir(parents=True, exist_ok=True)
    output.with_suffix(".md").write_text(as_markdown(rows, about))
    output.with_suffix(".json").write_text(json.dumps(as_json(rows, about), indent=1) + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=str(__doc__).split("\n", 1)[0]
    )
    parser.add_argument(
        "subjects",
        nargs="*",
        metavar="SUBJECT",
        help=f"{', '.join(SUBJECTS)}; or one thing of it, such as points.call",
    )
    parser.add_argument("--full", action="store_true", help="more rounds and larger stores")
    parser.add_argument("--peers", action="store_true", help="beside other trackers, installed")
    parser.add_argument(
        "--output", type=Path, default=ROOT / "test-output" / "benchmarks",
        metavar="PATH", help="where PATH.md and PATH.json go",
    )  # fmt: skip
    asked = parser.parse_args()
    asked.subjects = asked.subjects or list(SUBJECTS)
    for name in asked.subjects:
        subject, _, measure = name.partition(".")
        if subject not in SUBJECTS or not _measures(subject, measure):
            parser.error(f"there is no '{name}'; there are {', '.join(SUBJECTS)}")
    return asked


def _measures(subject: str, name: str) -> list[Callable[[Size], Iterator[Row]]]:
    """Return what a subject measures, or the one that has this name."""
    measures = importlib.import_module(f"benchmarks.{subject}").MEASURES
    return [measure for measure in measures if name in {"", measure.__name__}]


def _rows(asked: str, size: Size, pace: Worker) -> Iterator[Row]:
    """Yield a subject's rows; one that fails is a row, too, and the others are measured."""
    subject, _, name = asked.partition(".")
    for measure in _measures(subject, name):
        start = time.monotonic()
        slower = pace.ask("times_slower")
        try:
            found = list(measure(size))
            slower = (slower + pace.ask("times_slower")) / 2
            yield from (replace(row, slower=slower) for row in found)
        except WorkerError as error:
            yield Row(str(measure.__doc__), [], failure=str(error))
        spent = time.monotonic() - start
        print(f"{subject}.{measure.__name__}: {spent:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
