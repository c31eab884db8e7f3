"""A pipeline as a run: created, with its steps below it, and ended whatever happens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nbtrail import config
from nbtrail.entities import Run
from nbtrail.errors import ExecutionFailed, InvalidValue
from nbtrail.projects import snapshots
from nbtrail.projects.lifetime import alive, created, ended_by_exceptions
from nbtrail.projects.notebooks import execution
from nbtrail.projects.pipelines import memory
from nbtrail.projects.pipelines.parts import PIPELINE
from nbtrail.projects.pipelines.planning import Pipeline
from nbtrail.projects.pipelines.runner import Conduct, Runner
from nbtrail.projects.processes import slots
from nbtrail.projects.watch import Watch
from nbtrail.store import Store


@dataclass(frozen=True)
class Request:
    """What is asked for of a pipeline; see `targets.run`. `options` are those of its steps."""

    options: Mapping[str, object]
    env: str = "local"
    experiment: str | None = None
    run_name: str | None = None
    cache: bool = False
    resume: str | None = None
    parallel: int | None = None
    shows: bool = True
    tags: Mapping[str, str] | None = None
    watch: Watch | None = None


def execute(pipeline: Pipeline, store: Store, asked: Request) -> Run:
    """Run a pipeline; return its run when it has ended.

    Raises:
        InvalidValue, InvalidState: the run that is to be resumed is none of it, or cannot be.
        ExecutionFailed: a step failed; the run says so, too.
    """
    if asked.parallel is not None and asked.parallel < 1:
        raise InvalidValue(f"At least one step goes on at once, not {asked.parallel}.")
    known = (memory.cached(store),) if asked.cache else ()
    if asked.resume is not None:
        earlier = store.runs.find(asked.resume)
        known = (memory.resumed(store, earlier, pipeline), *known)
        store.runs.reopen(earlier.info.run_id)
        run = store.runs.get(earlier.info.run_id)
    else:
        run = _created(pipeline, store, asked)
    group = store.experiments.get(run.info.experiment_id).name
    conduct = Conduct(
        {**asked.options, "experiment": group},
        asked.env,
        asked.parallel or slots(),
        known,
        asked.shows,
        asked.watch,
    )
    return _run(store, run, Runner(store, run.info, pipeline, conduct), asked.watch)


def _run(store: Store, run: Run, runner: Runner, watch: Watch | None) -> Run:
    run_id = run.info.run_id
    with alive(store, run.info):
        if watch is not None:
            watch.run_begun(run_id)
        reason = runner.run()
    store.runs.end(run_id, "FAILED" if reason else "FINISHED", reason)
    if reason:
        again = f"nbtrail run --resume {run_id[:8]} goes on from here"
        raise ExecutionFailed(f"{runner.pipeline.point.name}: {reason}. `{again}`.", run_id)
    store.drain()
    return store.runs.get(run_id)


def _created(pipeline: Pipeline, store: Store, asked: Request) -> Run:
    group = asked.experiment or config.experiment_name() or pipeline.project.name
    params = execution.params_of(dict(pipeline.values))
    tags = {
        **pipeline.source.tags(pipeline.point.name, asked.env),
        PIPELINE: pipeline.point.name,
        **(asked.tags or {}),
    }
    with store.transaction():
        experiment_id = store.experiments.ensure(group).experiment_id
        run = created(store, experiment_id, asked.run_name, tags)
    with ended_by_exceptions(store, run.info.run_id):
        store.runs.log_params(run.info.run_id, params)
        snapshots.note(store, run.info.run_id, pipeline.source)
    return run
