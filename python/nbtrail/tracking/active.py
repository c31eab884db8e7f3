"""Starting, resuming and finding the current run."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from typing import Any

from nbtrail import config
from nbtrail.entities import Run, RunKind
from nbtrail.errors import InvalidState, NotFound
from nbtrail.tracking import checks, context, names, system_metrics
from nbtrail.tracking.current import active_run, override, process
from nbtrail.tracking.failures import tell_once
from nbtrail.tracking.inheritance import inherited
from nbtrail.tracking.log import check_active, forget_logs
from nbtrail.tracking.run import ActiveRun, outcome
from nbtrail.tracking.where import place

PARENT, NOTE, NAME = "mlflow.parentRunId", "mlflow.note.content", "mlflow.runName"

_first = threading.Lock()


def last_active_run() -> Run | None:
    """Return the current run, or the one that ended last in this process, or None."""
    run = active_run() or process.last
    if run is None:
        return None
    run.store.drain()
    return run.store.runs.get(run.run_id)


def require_run() -> ActiveRun:
    """Return the current run; without one, start one (in a notebook, an implicit one).

    A thread or a task whose run has ended goes on in that one: it never starts another.
    """
    current = active_run()
    if current is not None:
        return current
    late = override.get() or process.left.get(threading.current_thread())
    if late is not None:
        tell_once(
            f"nbtrail: the run {late.name} ({late.run_id}) had ended when a thread or task that it "
            "was current for, or a second `with` block of it, logged to it; this is recorded in "
            "it. Start a run there for another."
        )
        return late
    if process.observer is not None:
        return process.observer.open_run()
    with _first:  # threads that have no run share the process's
        return active_run() or _inherit() or _first_run()


def start_run(
    run_id: str | None = None,
    experiment_id: str | None = None,
    run_name: str | None = None,
    nested: bool = False,
    parent_run_id: str | None = None,
    tags: dict[str, Any] | None = None,
    description: str | None = None,
    log_system_metrics: bool | None = None,
) -> ActiveRun:
    """Start a run, or go on with the one whose `run_id` is given, and make it current.

    Args:
        run_id: an existing run to resume.
        experiment_id: where a new run goes; else the current experiment.
        run_name: else one is made up.
        nested: allow this while a run is active, which becomes the parent.
        parent_run_id: the parent of a new run.
        tags: tags to set.
        description: a note, kept as the tag ``mlflow.note.content``.
        log_system_metrics: whether to record CPU, memory and the like while the run is open; by
            default as `enable_system_metrics_logging` and the environment say.

    Returns:
        the run, to be used in ``with`` or ended by `end_run`.

    Raises:
        InvalidState: a run is active and `nested` is not given.
        NotFound: there is no such run or experiment.
        InvalidValue: the run, its parent or the experiment is deleted; a bad name or tag.
        StoreError: the store cannot be written.
    """
    _check_target(run_id, experiment_id, parent_run_id)  # a mistake ends no run
    given = checks.tags(tags or {}) | checks.tags({NOTE: description} if description else {})
    current = _make_way(nested)
    if current is not None and current.borrowed and not (nested or run_id):
        run = ActiveRun(current.store, current.info, borrowed=True)
    elif asked := run_id or _asked_for(current):
        run = _resume(asked, run_name, given, log_system_metrics, borrowed=run_id is None)
    else:
        parent = parent_run_id or (current and current.run_id)
        given |= {PARENT: parent} if parent else {}
        run = create_run("explicit", experiment_id, run_name, given, log_system_metrics)
    return _make_current(run)


def _asked_for(current: ActiveRun | None) -> str | None:
    """Return the run that the environment asks this process to go on with, once."""
    return config.run_id() if current is None and process.last is None else None


def _make_current(run: ActiveRun, everywhere: bool = False) -> ActiveRun:
    run.make_current(everywhere)
    if process.observer is not None:
        process.observer.started(run)
    return run


def _first_run() -> ActiveRun:
    """Start the run that a first result asks for; the whole process shares it."""
    asked = _asked_for(None)
    run = _resume(asked, borrowed=True) if asked else create_run("explicit")
    return _make_current(run, everywhere=True)


def create_run(
    kind: RunKind,
    experiment_id: str | None = None,
    run_name: str | None = None,
    tags: Mapping[str, Any] | None = None,
    log_system_metrics: bool | None = None,
) -> ActiveRun:
    """Record a new run of this process, and its surroundings, without making it current."""
    store, given = place.store(), {key: str(tag) for key, tag in (tags or {}).items()}
    where = experiment_id or place.experiment_id()
    chosen = "" if run_name is None else str(run_name)
    name = chosen or given.get(NAME) or names.run_name()
    all_tags = {**context.source_tags(name), **given, NAME: name}
    notebook, user = context.notebook_path(), context.user()
    with store.transaction():
        run = ActiveRun(store, store.runs.create(where, name, kind, notebook, all_tags, user).info)
        context.record(store, run.run_id)
        if process.last is not None:  # runs in a loop log the same metrics
            run.prepare(process.last.metric_keys)
    run.at_end.append(context.settle)
    system_metrics.start(run, log_system_metrics)
    return run


def adopt_run(run_id: str) -> ActiveRun:
    """Make current a run that another process started, owns and will end."""
    run = _resume(run_id, borrowed=True)
    context.record(run.store, run_id)  # of the process that does the work
    run.make_current()
    return run


def _check_target(run_id: str | None, experiment_id: str | None, parent_run_id: str | None) -> None:
    for run in filter(None, (run_id, parent_run_id)):
        check_active(place.store(), run)
    if experiment_id and not run_id:
        place.store().experiments.get(experiment_id)


def _make_way(nested: bool) -> ActiveRun | None:
    """Return the run that becomes the parent; end those that may be replaced.

    Another thread, or a task beside a ``with`` block of another one, gets a run of its own, and
    so does a child process.
    """
    current = active_run() or _inherit()
    if current is None or current.inherited:
        return current if nested else None
    if current.borrowed:
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


def _inherit() -> ActiveRun | None:
    """Go on in the run that was open in the parent process when it started this one.

    What the environment asks for weighs more, and so does another store; a kernel has runs of its
    own.
    """
    found = {} if process.settled or config.run_id() or process.observer else inherited()
    process.settled = True
    store = place.existing_store() if "run" in found else None
    if store is None or store.uri != found.get("run_uri"):
        return None
    try:
        info = store.runs.info(found["run"])
    except NotFound:
        return None
    if info.status != "RUNNING" or info.lifecycle_stage != "active":
        return None  # a pool may be older than the run
    run = ActiveRun(store, info, borrowed=True, handed_down=True)
    process.runs.append(run)
    return run


def _resume(
    run_id: str,
    run_name: str | None = None,
    tags: Mapping[str, Any] | None = None,
    log_system_metrics: bool | None = None,
    *,
    borrowed: bool,
) -> ActiveRun:
    store = place.store()
    store.drain()  # whose process died has ended: not after it was resumed
    info = check_active(store, run_id)
    with store.transaction():
        if not borrowed:
            store.runs.reopen(run_id)
        texts = {key: str(value) for key, value in (tags or {}).items()}
        texts |= {NAME: str(run_name)} if run_name else {}
        if texts:
            store.runs.set_tags(run_id, texts)
    run = ActiveRun(store, info, borrowed)
    system_metrics.start(run, log_system_metrics)
    return run


def close_at_exit(error: BaseException | None) -> None:
    """End the runs that the process leaves open; an implicit one is ended after each cell.

    In a notebook the last cell's end says how; else `error`, which ended the process.
    """
    forget_logs()
    while (run := active_run()) is not None:
        if run.kind == "explicit":
            run.end(*(outcome(error) if error is not None else run.outcome))
        else:
            run.finish()
            process.forget(run)


def _after_fork() -> None:
    global _first  # noqa: PLW0603 - another thread may have held it during the fork
    _first = threading.Lock()


os.register_at_fork(after_in_child=_after_fork)
