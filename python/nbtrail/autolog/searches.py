"""The candidates of a search over parameters: each is a run below the search's."""

from __future__ import annotations

from nbtrail.autolog.framework import Framework, Trial
from nbtrail.entities import Metric
from nbtrail.tracking import ActiveRun, process
from nbtrail.tracking.active import PARENT
from nbtrail.tracking.log import RunLog


def record_trials(run: ActiveRun, framework: Framework, model: object, most: int | None) -> None:
    """Record the best candidates of a search as children of its run, in one transaction."""
    trials = framework.trials(model)
    if not trials:
        return
    with run.store.transaction():
        for number, trial in enumerate(trials[:most], start=1):
            _record(run, f"{run.name}-{number}", trial)


def _record(parent: ActiveRun, name: str, trial: Trial) -> None:
    store, tags = parent.store, {PARENT: parent.run_id}
    info = store.runs.create(parent.experiment_id, name, tags=tags).info
    points = [Metric(key, value, info.start_time, 0) for key, value in trial.metrics.items()]
    RunLog(store, info).log_params(trial.params, "autolog")
    store.metrics.log(info.run_id, points)
    if process.execution is not None:
        store.trails.attach(info.run_id, [process.execution], "own")
    store.runs.end(info.run_id, "FINISHED")
