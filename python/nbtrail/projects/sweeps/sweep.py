"""A search over the parameters of a notebook or project: one run, and a child of it per trial."""

from __future__ import annotations

import json
import logging
import math
import os
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any

import msgspec

from nbtrail import config
from nbtrail.data.source import without_credentials
from nbtrail.entities import Run
from nbtrail.errors import InvalidState
from nbtrail.projects import backends
from nbtrail.projects.asked import Asked, Environment
from nbtrail.projects.backends import Assignment
from nbtrail.projects.lifetime import alive, created
from nbtrail.projects.sweeps import settings as kept
from nbtrail.projects.sweeps import space as spaces
from nbtrail.projects.sweeps import summary
from nbtrail.projects.sweeps import trials as trials_of_sweeps
from nbtrail.projects.sweeps.loop import Loop
from nbtrail.projects.sweeps.opening import opened, shared
from nbtrail.projects.sweeps.progress import SweepWatch, shown
from nbtrail.projects.sweeps.settings import Direction, Pruner, Sampler, Settings
from nbtrail.projects.sweeps.space import Space
from nbtrail.projects.sweeps.study import Study, sampler_of
from nbtrail.projects.sweeps.target import Searchable, declared_backends, tags_of
from nbtrail.projects.sweeps.trials import SweepResult
from nbtrail.store import Store, locks, open_store
from nbtrail.store.keys import TAG_LIMIT
from nbtrail.tracking import current_store, place

STUDY, LOG = "study.log", "output.log"
"""The files of a sweep: Optuna's, and what its processes print."""
_log = logging.getLogger("nbtrail")


def sweep(  # noqa: PLR0913 - all of them but three are settings with defaults
    target: str | os.PathLike[str],
    parameters: Mapping[str, object],
    *,
    metric: str,
    direction: Direction,
    trials: int | None = None,
    parallel: int | None = None,
    sampler: Sampler | None = None,
    pruner: Pruner | None = None,
    timeout: str | float | None = None,
    seed: int | None = None,
    from_run: str | None = None,
    entry_point: str | None = None,
    experiment: str | None = None,
    run_name: str | None = None,
    store: Store | None = None,
    progress: bool = True,
    files: bool = True,
    backend: str | Mapping[str, object] | None = None,
    version: str | None = None,
    env: Environment = "local",
) -> SweepResult:
    """Search for the parameters that give the best metric; every trial is a run.

    Args:
        target: a notebook, the directory of a project, or the address of a git repository with
            one (``#sub/directory`` behind it).
        parameters: by name a range (``"log:1e-4..1e-1"``, ``"int:1..10"``, ``"0..1:0.25"``),
            choices (``[2, 4, 8]`` or ``"2,4,8"``), or one value that all trials get.
        metric: the metric of a trial's run; its last value counts.
        direction: ``max`` or ``min``.
        trials: how many (default: 20; of a grid, all).
        parallel: how many go on at once (default: as many as there are cores, on the backend's
            machines).
        sampler: ``tpe``, ``random``, ``grid`` or ``cmaes`` (default: ``grid`` where there are no
            more combinations than trials, else ``tpe``).
        pruner: ``median`` or ``hyperband``; it ends trials whose metric, as it is logged step by
            step, falls behind.
        timeout: in seconds, or as ``90m``; no trial begins after that.
        seed: of the sampler.
        from_run: the id of a run whose params are the first trial's.
        entry_point: what of a project is run (default: ``main``).
        experiment: name of the experiment (default: the environment's, else the target's).
        run_name: name of the sweep's run; those of the trials are numbered.
        store: where to record (default: the store of the current directory).
        progress: whether to show a progress bar, if somebody sees it.
        files: whether the trials have the files that their cells read and write.
        backend: where trials are executed: ``local`` (the default), ``dask``, ``jupyter``,
            ``slurm``, ``ssh`` or a plugin's name; or its options by name, with that as ``name``,
            as in ``{"name": "dask", "scheduler": "tcp://10.0.0.5:8786"}``.
        version: a commit, tag or branch of the project's repository.
        env: the environment of the trials, as of `run`.

    Raises:
        NotFound, InvalidValue, InvalidState: something is not as it must be, the backend does not
            answer, or Optuna is not installed; nothing was recorded. InvalidValue also when the
            first trial that finished has no such metric.
        ExecutionFailed: no trial finished.
    """
    with opened(os.fspath(target), entry_point, version) as what:
        options = backends.asked(backend, declared_backends(what))
        at_once = backends.made(options).reach()
        asked = kept.settings(
            target,
            parameters,
            metric=metric,
            direction=direction,
            trials=trials,
            parallel=at_once if parallel is None else parallel,
            sampler=sampler,
            pruner=pruner,
            timeout=timeout,
            seed=seed,
            entry_point=entry_point,
            files=files,
            backend=options,
            version=what.source.commit if what.source else None,
            env=env,
        )
        return begin(
            asked,
            what,
            experiment=experiment,
            run_name=run_name,
            from_run=from_run,
            store=store,
            progress=progress,
        )


def begin(
    asked: Settings,
    what: Searchable,
    *,
    experiment: str | None = None,
    run_name: str | None = None,
    from_run: str | None = None,
    store: Store | None = None,
    progress: bool = True,
    watch: SweepWatch | None = None,
) -> SweepResult:
    """Do what settings say with the target that they name; see `sweep`.

    Args:
        asked: the settings.
        what: their target.
        experiment: name of the experiment.
        run_name: name of the sweep's run.
        from_run: the id of a run whose params are the first trial's.
        store: where to record.
        progress: whether to show a progress bar.
        watch: is told how far it has come.
    """
    asked, space = checked(asked, what)
    _make_environment(asked, what)
    first = space.part(_params_of(from_run, store, space, what)) if from_run else None
    store = store or current_store()
    group = experiment or config.experiment_name() or what.name
    run = _created(store, asked, what, space, group, run_name)
    with alive(store, run.info):
        kept.save(store, run.info.run_id, asked)
        with _locked(store, run):
            study = Study(kept.folder(store, run.info.run_id) / STUDY, asked, space)
            if first:
                study.enqueue(first)
            return _worked_off(store, run, asked, what, study, progress, watch)


def resume(
    sweep: str,
    *,
    trials: int | None = None,
    parallel: int | None = None,
    timeout: str | float | None = None,
    store: Store | None = None,
    progress: bool = True,
    backend: str | Mapping[str, object] | None = None,
    watch: SweepWatch | None = None,
) -> SweepResult:
    """Go on with a sweep that was broken off, or give it more trials.

    Args:
        sweep: its run's id, the first characters of that, or its name.
        trials: how many there are to be in all (default: as before).
        parallel: how many go on at once (default: as before).
        timeout: from now on.
        store: where it was recorded.
        progress: whether to show a progress bar, if standard error is a terminal.
        backend: where trials are executed (default: as before).
        watch: is told how far it has come.

    Raises:
        NotFound, InvalidValue: there is no such sweep, or its target has changed.
        InvalidState: it is going on, or has all its trials; or the backend does not answer.
        ExecutionFailed: no trial finished.
    """
    store = store or open_store(place.uri, create=False)
    store.drain()
    run = trials_of_sweeps.find(store, sweep)
    asked = kept.load(store, run.info.run_id)
    asked = msgspec.structs.replace(
        asked,
        trials=asked.trials if trials is None else trials,
        parallel=asked.parallel if parallel is None else parallel,
        timeout=kept.seconds(timeout),
    )
    with opened(asked.target, asked.entry_point, asked.version) as what, _locked(store, run):
        if backend is not None:
            options = backends.asked(backend, declared_backends(what))
            asked = msgspec.structs.replace(asked, backend=options)
        asked, space = checked(asked, what)
        backends.made(asked.backend).reach()
        _make_environment(asked, what)
        study = Study(kept.folder(store, run.info.run_id) / STUDY, asked, space)
        if study.is_done():
            raise InvalidState(
                f"The sweep {run.info.run_name} has all its trials: {len(study)}. To give it more, "
                "say how many there are to be in all."
            )
        kept.save(store, run.info.run_id, asked)
        store.runs.reopen(run.info.run_id)
        with alive(store, run.info):
            return _worked_off(store, run, asked, what, study, progress, watch)


def _worked_off(
    store: Store,
    run: Run,
    asked: Settings,
    what: Searchable,
    study: Study,
    progress: bool,
    watch: SweepWatch | None,
) -> SweepResult:
    """Work off the trials of a sweep, and record what it has come to, however it ends."""
    info = run.info
    log = kept.folder(store, info.run_id) / LOG
    where = backends.made(asked.backend)
    group = store.experiments.get(info.experiment_id).name
    best = trials_of_sweeps.show(store, info.run_id).best
    so_far = best.value if best else None
    total, done = study.total(), len(study) - study.left
    store.runs.set_tags(info.run_id, {trials_of_sweeps.TRIALS: str(total)})
    if watch is not None:
        watch.run_begun(info.run_id)
    try:
        with (
            shared(what, kept.folder(store, info.run_id)) as target,
            closing(
                where.pool(Assignment(store, target, asked.entry_point, asked.parallel, log))
            ) as pool,
            shown(asked, total, done, progress, watch) as bar,
        ):
            bar.tell(so_far)
            Loop(store, info, group, asked, study, pool, bar, so_far, tags_of(what)).work()
    except KeyboardInterrupt:
        _log.warning("nbtrail: `nbtrail sweep --resume %s` goes on with it.", info.run_id[:8])
        raise
    finally:
        found = summary.record(store, info.run_id, asked, study)
    store.runs.end(info.run_id, "FINISHED")
    store.drain()
    return msgspec.structs.replace(found, run=store.runs.get(info.run_id))


def checked(asked: Settings, what: Searchable) -> tuple[Settings, Space]:
    """Return settings with a sampler, and their space.

    Raises:
        NotFound, InvalidValue, InvalidState: all that can be known to be wrong before it begins.
    """
    kept.check(asked)
    what.checked(Asked(env=asked.env))
    space = spaces.parsed(asked.space, what.kinds(), what.typed)
    what.check(space.examples())
    if asked.sampler is None:
        is_small = (space.size() or math.inf) <= (asked.trials or 0)
        asked = msgspec.structs.replace(asked, sampler="grid" if is_small else "tpe")
    sampler_of(asked, space)
    if asked.sampler == "grid":
        space.grid()
    return asked, space


def _make_environment(asked: Settings, what: Searchable) -> None:
    """Make the environment of trials that are executed here, before the first of them."""
    if asked.backend.get("name", backends.LOCAL) == backends.LOCAL:
        Asked(env=asked.env).environment(what.folder)


def _params_of(run_id: str, store: Store | None, space: Space, what: Searchable) -> dict[str, Any]:
    """Return those params of a run that are searched, as the target has them."""
    store = store or open_store(place.uri, create=False)
    store.drain()
    records = store.runs.find(run_id).data.param_records
    given = {one.key: one.value if one.typed is None else one.typed for one in records}
    return {name: what.typed(name, given[name]) for name in space.searched if name in given}


def _created(
    store: Store, asked: Settings, what: Searchable, space: Space, group: str, name: str | None
) -> Run:
    tags = {
        **{key: value for key, value in tags_of(what).items() if ".git." in key},
        "mlflow.source.name": os.path.basename(without_credentials(asked.target)),  # noqa: PTH119
        "mlflow.source.type": "NOTEBOOK" if asked.target.endswith(".ipynb") else "PROJECT",
        trials_of_sweeps.SWEEP: str(space)[:TAG_LIMIT],
        trials_of_sweeps.NAMES: json.dumps([*space.searched, *space.fixed]),
        trials_of_sweeps.METRIC: asked.metric,
        trials_of_sweeps.DIRECTION: asked.direction,
        trials_of_sweeps.SAMPLER: str(asked.sampler),
        **({trials_of_sweeps.PRUNER: asked.pruner} if asked.pruner else {}),
    }
    with store.transaction():
        experiment_id = store.experiments.ensure(group).experiment_id
        return created(store, experiment_id, name, tags, what.notebook)


@contextmanager
def _locked(store: Store, run: Run) -> Iterator[None]:
    """Keep other processes from the same sweep."""
    descriptor = locks.take(kept.folder(store, run.info.run_id) / "lock")
    if descriptor is None:
        raise InvalidState(f"The sweep {run.info.run_name} is going on already.")
    try:
        yield
    finally:
        os.close(descriptor)
