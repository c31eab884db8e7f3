"""Whole runs: one large batch, many short ones, the first one of a process."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.harness import (
    WorkerError,
    arena,
    environment,
    medians,
    must_be,
    must_hold,
    processor,
    scratch,
    sparing,
    turns,
    walls,
)
from benchmarks.peers import PEERS
from benchmarks.size import Size
from benchmarks.table import Check, Row

MILLI = 1e3


def batch(size: Size) -> Iterator[Row]:
    """1000 metrics + 1000 params in one batch, stored"""
    with arena(size.contestants | {"bare": sys.executable}) as workers:
        answers = turns(
            9,
            {n: (w, "batch", {"metrics": 1000, "params": 1000}) for n, w in workers.items()},
        )
        must_hold(workers, answers, {name: 1000 * len(found) for name, found in answers.items()})
        must_be(
            "the last batch", workers["nbtrail"].ask("stored"), {"metrics": 1000, "params": 1000}
        )
    each = medians(walls(answers, MILLI))
    used = processor(answers["nbtrail"]) * MILLI
    yield Row(
        str(batch.__doc__),
        [Check(each["nbtrail"], "ms", 20)],
        unit="ms",
        limit=(each["bare"], "one transaction by hand"),
        peers=size.peers_of(each),
        note=f"{used:.1f} ms of processor time; new keys in the first only, a new run for each.",
    )


def short_runs(size: Size) -> Iterator[Row]:
    """short runs (10 params, 10 metrics by single calls, start to end) a second"""
    with arena(size.contestants | {"bare": sys.executable}) as workers:
        # Once before it counts: what is kept in the process is there then.
        turns(1, {name: (worker, "short_runs", {"count": 1}) for name, worker in workers.items()})
        answers = turns(
            size.rounds(quick=5, full=9),
            {name: (w, "short_runs", {"count": _runs_of(name)}) for name, w in workers.items()},
        )
        runs = {name: 1 + len(found) * _runs_of(name) for name, found in answers.items()}
        must_hold(workers, answers, {name: 10 * count for name, count in runs.items()})
        must_be("the last run", workers["nbtrail"].ask("stored"), {"metrics": 10, "params": 10})
    each = {name: _runs_of(name) / s for name, s in medians(walls(answers)).items()}
    used = processor(answers["nbtrail"]) / _runs_of("nbtrail") * MILLI
    yield Row(
        str(short_runs.__doc__),
        [Check(each["nbtrail"], "runs/s", 1000, at_least=True)],
        unit="runs/s",
        limit=(each["bare"], "sqlite3 by hand, params committed one by one"),
        peers=size.peers_of(each),
        note=f"{used:.2f} ms of processor time a run.",
    )


def _runs_of(name: str) -> int:
    if name not in PEERS:
        return 200
    return 20 if PEERS[name].pace >= 0.1 else 2


_SCRIPT = """
import time
start, used = time.perf_counter(), time.process_time()
from benchmarks.contestants import {name}
{name}.start()
seconds = [time.perf_counter() - start, time.process_time() - used]
{name}.finish()
import os
os.write({answer}, str(seconds).encode())
"""


def startup(size: Size) -> Iterator[Row]:
    """importing it and starting a run, in a new process"""
    pythons = size.contestants | {"bare": sys.executable}
    with scratch() as folder:
        found: dict[str, list[list[float]]] = {name: [] for name in pythons}
        for _ in range(size.rounds(quick=10, full=12)):
            for name in list(found):
                with sparing(name, found):
                    found[name].append(_start(name, pythons[name], folder / name))
        new, _ = found["nbtrail"].pop(0)
    each = medians(walls(found))
    yield Row(
        str(startup.__doc__),
        [Check(each["nbtrail"], "s", 0.2), Check(new, "s in a new store", 0.2)],
        unit="s",
        limit=(each["bare"], "`import sqlite3`, one insert"),
        peers=size.peers_of(each),
        note=f"{processor(found['nbtrail']):.3f} s of processor time.",
    )


def _start(name: str, python: Path | str, folder: Path) -> list[float]:
    """Return the seconds (and processor time) from before the import to the started run."""
    folder.mkdir(exist_ok=True)
    with (folder / "seconds").open("w+") as answer:
        script = _SCRIPT.format(name=name, answer=answer.fileno())
        done = subprocess.run(
            [python, "-c", script], cwd=folder, env=environment(folder), check=False,
            capture_output=True, text=True, pass_fds=[answer.fileno()],
        )  # fmt: skip
        if done.returncode:
            raise WorkerError(f"{name}: {done.stderr.strip().splitlines()[-1]}")
        answer.seek(0)
        seconds: list[float] = json.load(answer)
        return seconds


MEASURES = (batch, short_runs, startup)
