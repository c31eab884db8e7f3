"""Starting, resuming and finding the current run."""

from __future__ import annotations

import threading
from typing import Any

from nbtrail import config
from nbtrail.entities import Run, RunInfo, RunKind
from nbtrail.errors import InvalidState, InvalidValue
from nbtrail.tracking import context, names
from nbtrail.tracking.run import ActiveRun, active_run, outcome, override, process
from nbtrail.tracking.where import place


def last_active_run() -> Run | None:
    """Return the current run, or the one that ended last in this process, or None."""
    current = active_run()
    run_id = current.run_id if current else process.last_run_id
    if run_id is None:
        return None
    store = current.store if current else place.store()
    store.drain()
    return store.runs.get(run_id)


def require_run() -> ActiveRun:
    """Return the current run; without one, start one (in a notebook, an implicit one)."""
    current = active_run()
    if current is None:
        current = process.observer.open_run() if process.observer is not None else start_run()
    return current


def start_run(
    run_id: str | None = None,
    experiment_id: str | None = None,
    run_name: str | None = None,
    nested: bool = False,
    parent_run_id: str | None = None,
    tags: dict[str, Any] | None = None,
    description: str | None = None,
) -> ActiveRun:
    """Start a run, or go on with the one whose `run_id` is given, and make it current.

    Args:
        run_id: an existing run to resume.
        experiment_id: where a new run goes; else the current experiment.
        run_name: else one is made up.
        nested: allow this while a run is active, which becomes the parent.
        parent_run_id: the parent of a new run.
        tags: tags of a new run.
        description: a note, kept as the tag ``mlflow.note.content``.

    Returns:
        the run, to be used in ``with`` or ended by `end_run`.

    Raises:
        InvalidState: a run is active and `nested` is not given.
        NotFound: there is no such run or experiment.
    """
    _check_target(run_id, experiment_id)  # a mistake ends no run
    current = _make_way(nested)
    asked = run_id or (config.run_id() if current is None and not process.last_run_id else None)
    if current is not None and current.borrowed and not (nested or run_id):
        return _lend(current)
    if asked:
        run = _resume(asked, borrowed=run_id is None)
    else:
        given = {str(key): str(value) for key, value in (tags or {}).items()}
        parent = parent_run_id or (current.run_id if current else None)
        if parent:
            given["mlflow.parentRunId"] = parent
        if description:
            given["mlflow.note.content"] = description
        run = create_run("explicit", experiment_id, run_name, given)
    run.make_current()
    if process.observer is not None:
        process.observer.started(run)
    return run


def create_run(
    kind: RunKind,
    experiment_id: str | None = None,
    run_name: str | None = None,
    tags: dict[str, str] | None = None,
) -> ActiveRun:
    """Record a new run of this process without making it current."""
    store = place.store()
    name = run_name or names.run_name()
    run = store.runs.create(
        experiment_id or place.experiment_id(),
        name,
        kind,
        context.notebook_path(),
        {**context.source_tags(name), **(tags or {})},
        context.user(),
    )
    return ActiveRun(store, run.info)


def adopt_run(run_id: str) -> ActiveRun:
    """Make current a run that another process started, owns and will end."""
    run = _resume(run_id, borrowed=True)
    run.make_current()
    return run


def _check_target(run_id: str | None, experiment_id: str | None) -> None:
    if run_id:
        _stored(run_id)
    elif experiment_id:
        place.store().experiments.get(experiment_id)


def _make_way(nested: bool) -> ActiveRun | None:
    """Return the run that becomes the parent; end those that may be replaced.

    Another thread, or a task beside a ``with`` block of another one, gets a run of its own.
    """
    current = active_run()
    if current is None or current.borrowed:
        return current
    if process.observer is not None and process.observer.makes_way(current):
        return _make_way(nested)
    if nested:
        return current
    elsewhere = current.entered or threading.current_thread() is not threading.main_thread()
    if elsewhere and override.get() is None:
        return None
    raise InvalidState(
        f"Run with UUID {current.run_id} is already active. To start a new run, first end the "
        "current run with nbtrail.end_run(). To start a nested run, call start_run with nested=True"
    )


def _lend(current: ActiveRun) -> ActiveRun:
    """Hand out the run that this process was started for; its owner is the one to end it."""
    run = ActiveRun(current.store, current.info, borrowed=True)
    run.make_current()
    return run


def _resume(run_id: str, *, borrowed: bool) -> ActiveRun:
    store, info = place.store(), _stored(run_id)
    if not borrowed:
        store.runs.reopen(run_id)
    return ActiveRun(store, info, borrowed)


def _stored(run_id: str) -> RunInfo:
    store = place.store()
    store.drain()
    info = store.runs.get(run_id).info
    if info.lifecycle_stage != "active":
        raise InvalidValue(f"The run '{run_id}' is deleted; restore it before you go on with it.")
    return info


def close_at_exit(error: BaseException | None) -> None:
    """End the runs that the process leaves open; an implicit one is ended after each cell.

    In a notebook the last cell's end says how; else `error`, which ended the process.
    """
    while (run := override.get()) is not None or process.runs:
        run = run or process.runs[-1]
        if run.kind == "explicit":
            run.end(*(outcome(error) if error is not None else run.outcome))
        else:
            process.forget(run)
