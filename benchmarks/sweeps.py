"""Sweeps: what they add to the time of their trials, and a thousand trials listed."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from benchmarks.harness import Worker, must_be, processor, scratch
from benchmarks.size import Size
from benchmarks.table import Check, Row
from benchmarks.worker import timed

PROCESSES = 2
TRIALS = 1000
MILLI = 1e3


def overhead(size: Size) -> Iterator[Row]:
    """a sweep over a trivial notebook on 2 processes: its time by that of its trials"""
    trials = 100 if size.full else 24
    with scratch() as folder, Worker("sweeps", folder, sys.executable) as worker:
        worker.ask("write")
        found = worker.ask("swept", trials=trials)
        must_be("finished trials", found["finished"], trials)
    yield Row(
        str(overhead.__doc__),
        [Check(found["wall"] / (found["own"] / PROCESSES), "times that", 1.3)],
        note=f"{trials} trials; their time is that between the start and the end of their runs, "
        "by the number of processes. The sweep's has the start of these and of Optuna in it.",
    )


def listing(size: Size) -> Iterator[Row]:
    """1,000 finished trials of a sweep listed, with their params and values"""
    with scratch() as folder, Worker("sweeps", folder, sys.executable) as worker:
        worker.ask("build")
        rounds = [worker.ask("listed") for _ in range(size.rounds(quick=5, full=20))]
    yield Row(str(listing.__doc__), [Check(processor(rounds) * MILLI, "ms of processor time", 100)])


MEASURES = (overhead, listing)


# What follows is called in the worker.


def write() -> None:
    """Write a notebook whose cells do next to nothing."""
    import nbformat
    from nbformat.v4 import new_code_cell, new_notebook

    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = new_notebook(metadata={"kernelspec": spec})
    notebook.cells = [
        new_code_cell("x = 0.5", metadata={"tags": ["parameters"]}),
        new_code_cell("score = x * x"),
    ]
    nbformat.write(notebook, "trivial.ipynb")


def swept(trials: int) -> dict[str, float]:
    """Sweep over it, and return the time of that and of the trials in seconds."""
    import time

    from nbtrail.projects import sweep
    from nbtrail.tracking import current_store

    begun = time.perf_counter()
    found = sweep(
        "trivial.ipynb",
        {"x": "0..1"},
        metric="score",
        direction="min",
        trials=trials,
        parallel=PROCESSES,
    )
    wall = time.perf_counter() - begun
    runs = [current_store().runs.info(one.run_id) for one in found.trials]
    own = sum((run.end_time or 0) - run.start_time for run in runs) / 1000
    finished = sum(one.state == "finished" for one in found.trials)
    return {"wall": wall, "own": own, "finished": finished}


def build() -> None:
    """Record a sweep of a thousand trials, as they are recorded."""
    import json

    from nbtrail.entities import Metric, Param
    from nbtrail.projects.sweeps import trials
    from nbtrail.tracking import current_store
    from nbtrail.tracking.active import PARENT

    store = current_store()
    experiment = store.experiments.ensure("sweep").experiment_id
    names = ("lr", "depth", "dropout")
    asked = {trials.SWEEP: "lr", trials.NAMES: json.dumps(names)}
    asked |= {trials.METRIC: "loss", trials.DIRECTION: "min"}
    with store.transaction():
        parent = store.runs.create(experiment, "big", tags=asked).info.run_id
        for number in range(1, TRIALS + 1):
            tags = {PARENT: parent, trials.NUMBER: str(number), trials.STATE: "finished"}
            run_id = store.runs.create(experiment, f"big {number}", tags=tags).info.run_id
            params = [Param(name, str(number), number, "injected") for name in names]
            store.runs.log_params(run_id, params)
            keys = ("loss", "accuracy", *(f"system/{one}" for one in range(8)))
            store.metrics.log(run_id, [Metric(key, float(number), 1) for key in keys])
            store.runs.end(run_id, "FINISHED")


def listed() -> tuple[float, float]:
    """Return the seconds of listing them."""
    from nbtrail.projects.sweeps import show
    from nbtrail.tracking import current_store

    store = current_store()
    return timed(lambda: must_be("trials", len(show(store, "big").trials), TRIALS))
