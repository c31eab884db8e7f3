"""A sweep as a job: it outlives the browser and the server, and goes on where it was stopped."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from nbtrail.data.source import without_credentials
from nbtrail.entities import Job
from nbtrail.projects import backends
from nbtrail.projects.background import jobs
from nbtrail.projects.sweeps.opening import opened
from nbtrail.projects.sweeps.progress import SweepWatch
from nbtrail.projects.sweeps.settings import Settings, is_kept, settings
from nbtrail.projects.sweeps.sweep import begin, checked, resume
from nbtrail.projects.sweeps.target import declared_backends
from nbtrail.projects.sweeps.trials import SWEEP
from nbtrail.store import Store
from nbtrail.tracking import context


def submit(
    target: str | os.PathLike[str],
    parameters: Mapping[str, object],
    *,
    store: Store,
    experiment: str | None = None,
    name: str | None = None,
    **options: Any,
) -> Job:
    """Have a sweep executed in the background.

    Args:
        target: a notebook, the directory of a project, or a git address.
        parameters: the space; see `sweep`.
        store: where to record.
        experiment: name of the experiment (default: the target's).
        name: name of the job and of the sweep's run.
        options: what else `settings` takes.

    Raises:
        NotFound, InvalidValue, InvalidState: something is not as it must be; nothing was queued.
    """
    given, entry_point = os.fspath(target), options.get("entry_point")
    with opened(given, entry_point, options.pop("version", None)) as what:
        commit = what.source.commit if what.source else None
        if (backend := options.pop("backend", None)) is not None:
            options["backend"] = backends.asked(backend, declared_backends(what))
            at_once = backends.made(options["backend"]).reach()
            options["parallel"] = options.get("parallel") or at_once
        asked = settings(target, parameters, version=commit, **options)
        checked(asked, what)
    with store.transaction():
        job = store.jobs.create(
            "sweep",
            name or Path(without_credentials(given)).name,
            [asked.space],
            notebook=what.notebook,
            experiment=store.experiments.ensure(experiment or what.name).name,
            options={"settings": asked.to_dictionary(), "run_name": name},
            user=context.user(),
        )
    jobs.wake(store)
    return job


def work_off(job: Job, store: Store, watch: SweepWatch) -> None:
    """Do what such a job is for; one that was broken off goes on.

    Raises:
        NotFound, InvalidValue, InvalidState: something is not as it was when it was queued.
        ExecutionFailed: no trial finished.
    """
    asked = msgspec.convert(job.options["settings"], Settings)
    mine = f"tags.`{jobs.TAG}` = '{job.job_id}' AND tags.`{SWEEP}` != ''"
    before, _ = store.runs.search(None, mine, lenient=True)
    # One that was killed as it began has nothing to go on with.
    begun = (one.info.run_id for one in before if is_kept(store, one.info.run_id))
    if again := next(begun, None):
        resume(again, timeout=asked.timeout, store=store, progress=False, watch=watch)
        return
    with opened(asked.target, asked.entry_point, asked.version) as what:
        begin(
            asked,
            what,
            experiment=job.experiment,
            run_name=job.options["run_name"],
            store=store,
            progress=False,
            watch=watch,
        )
