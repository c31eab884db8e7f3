"""What a sweep has come to, recorded at its run: the best trial, what matters, all trials."""

from __future__ import annotations

import csv
import io
import json
import time
from collections import Counter

from nbtrail.artifacts import ArtifactRepository
from nbtrail.entities import Metric, Param
from nbtrail.projects.sweeps.settings import Settings
from nbtrail.projects.sweeps.study import Study
from nbtrail.projects.sweeps.trials import BEST, BEST_PREFIX, Importance, SweepResult, show
from nbtrail.store import Store
from nbtrail.store.keys import PARAM_LIMIT

NOTE = "nbtrail.sweep.importance"
FILES = ("sweep.json", "trials.csv")


def record(store: Store, run_id: str, settings: Settings, study: Study) -> SweepResult:
    """Record what a sweep has come to, and return it."""
    store.drain()
    found = show(store, run_id, log_importance(store, run_id, study))
    now, step = int(time.time() * 1000), len(found.trials)
    store.metrics.log(run_id, [Metric(k, v, now, step) for k, v in _metrics(found).items()])
    if found.best is not None:
        store.runs.set_tags(run_id, {BEST: found.best.run_id})
        params = found.best.parameters.items()
        # Those that are inferred give way to others: the sweep may go on.
        store.runs.log_params(
            run_id,
            [
                Param(f"{BEST_PREFIX}{name}", str(value)[:PARAM_LIMIT], value, "inferred")
                for name, value in params
            ],
        )
    files = ArtifactRepository(found.run.info.artifact_uri)
    for name, text in zip(FILES, (_json(found, settings), _csv(found)), strict=True):
        files.write(name, text.encode())
    return found


def log_importance(store: Store, run_id: str, study: Study) -> Importance:
    """Record how much each parameter matters by now, and return it."""
    found = Importance(*study.importance())
    now = int(time.time() * 1000)
    points = [Metric(f"importance/{name}", one, now, found.n) for name, one in found.of.items()]
    store.metrics.log(run_id, points)
    said = f": {found.note}" if found.note else ""
    store.runs.set_tags(run_id, {NOTE: f"of {found.n} finished trials{said}"})
    return found


def _metrics(found: SweepResult) -> dict[str, float]:
    counts = Counter(one.state for one in found.trials)
    return {f"trials/{state}": float(counts[state]) for state in ("finished", "pruned", "failed")}


def _json(found: SweepResult, settings: Settings) -> str:
    content = {
        **settings.to_dictionary(),
        "best": found.best and found.best.to_dictionary(),
        "importance": found.importance and found.importance.to_dictionary(),
        "trials": [one.to_dictionary() for one in found.trials],
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _csv(found: SweepResult) -> str:
    names = list(dict.fromkeys(name for one in found.trials for name in one.parameters))
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["trial", "state", "value", *names, "run_id", "error"])
    for one in found.trials:
        values = [one.parameters.get(name) for name in names]
        writer.writerow([one.number, one.state, one.value, *values, one.run_id, one.error])
    return table.getvalue()
