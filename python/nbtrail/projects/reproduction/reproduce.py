"""A run executed once more, and what came of it beside the original."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Literal, get_args

from nbtrail.entities import Reproduction, Run
from nbtrail.errors import InvalidState, InvalidValue, did_you_mean
from nbtrail.projects import environments, snapshots
from nbtrail.projects.bundles import unpacking
from nbtrail.projects.bundles.bundle import Bundle
from nbtrail.projects.mlprojects import mlproject
from nbtrail.projects.pipelines.parts import PARENT
from nbtrail.projects.reproduction import originals, surroundings
from nbtrail.projects.reproduction.attempts import worst
from nbtrail.projects.reproduction.cells import RepeatedCells, moved, with_kernels
from nbtrail.projects.reproduction.projects import RepeatedProject
from nbtrail.projects.snapshots import KIND
from nbtrail.projects.sources import ENTRY_POINT
from nbtrail.projects.watch import Watch
from nbtrail.store import Store
from nbtrail.store.contexts import Document
from nbtrail.store.trails import REPRODUCTION
from nbtrail.tracking import current_store
from nbtrail.trail.likeness import Tolerance

Environment = Literal["current", "recorded"]


def reproduce(
    run: str | os.PathLike[str] | Run,
    *,
    tolerance: float = 1e-6,
    metrics: Mapping[str, float] | None = None,
    repeat: int = 1,
    env: Environment = "current",
    store: Store | None = None,
    progress: bool = True,
    watch: Watch | None = None,
) -> Reproduction:
    """Execute what a run did once more, and compare.

    Cells are executed from top to bottom in a fresh kernel: the notebook is made from the run's
    trail, and executed by papermill in the folder of the original. The entry point of a project is
    executed with the params that the run had, in the project's files as they were. Either is a run
    of its own, which is linked to the original by the tag ``nbtrail.reproduces``; the steps of a
    pipeline are so to theirs. The outcome is the original's tag ``nbtrail.reproduction``.

    Args:
        run: the id of a run that has ended, or how that begins, or the run; or a bundle of one
            (see `export_run`), as a file or unpacked, which is imported.
        tolerance: how far numbers may be from the original's, as a part of their size (of 1 for
            smaller ones).
        metrics: differences that are allowed to single metrics instead, by name.
        repeat: how many times to execute it.
        env: ``recorded`` executes it with the packages that the run had, installed by `uv`.
        store: where the run is (default: the store of the current directory).
        progress: whether to show a progress bar, if standard error is a terminal.
        watch: who is told how far it has come.

    Raises:
        NotFound: there is no such run, or its project is gone.
        InvalidState: it has not ended.
        InvalidValue: nothing tells what it executed, or an argument makes no sense.
        StoreError: the recorded packages cannot be installed.
    """
    allowed = Tolerance(tolerance, metrics or {})
    with ExitStack() as opened:
        place = bundle_of(run)
        bundle = opened.enter_context(unpacking.opened(place)) if place else None
        store = store or current_store()
        store.drain()
        original = bundle.imported(store) if bundle else _found(store, run)
        check(store, original, allowed, repeat, env)
        again = _repeated(store, original, allowed, env, bundle)
        repeated, notes = opened.enter_context(again)
        attempts = [repeated.attempt(progress, watch) for _ in range(repeat)]
    before, after = (store.contexts.get(one) for one in (original.info.run_id, attempts[0].run_id))
    notes += surroundings.changed_packages(before, after) if env == "current" else []
    if bundle is None and ENTRY_POINT not in original.data.tags:
        notes += surroundings.changed_code(before, after)
    outcome = worst(attempt.outcome for attempt in attempts)
    store.runs.set_tags(original.info.run_id, {REPRODUCTION: outcome})
    return Reproduction(original.info.run_id, outcome, attempts, notes)


def check(store: Store, original: Run, tolerance: Tolerance, repeat: int, env: Environment) -> None:
    """Check that a run can be asked whether it reproduces.

    Raises:
        InvalidState: it has not ended.
        InvalidValue: an argument makes no sense.
    """
    info = original.info
    if info.end_time is None:
        raise InvalidState(f"The run {info.run_name} ({info.run_id[:8]}) has not ended yet.")
    if repeat < 1:
        raise InvalidValue(f"A run is reproduced at least once, not {repeat} times.")
    if env not in get_args(Environment):
        raise InvalidValue(f"The environment is 'current' or 'recorded', not {env!r:.40}.")
    for value in (tolerance.general, *tolerance.metrics.values()):
        if math.isnan(value) or value < 0:
            raise InvalidValue(f"A tolerance is a number from 0, not {value}.")
    had = _metrics(store, original) if tolerance.metrics else set()
    for key in tolerance.metrics.keys() - had:
        known = ", ".join(sorted(had)) or "none"
        hint = did_you_mean(key, had) or f" It has {known}."
        raise InvalidValue(f"The run {info.run_name} has no metric '{key}'.{hint}")


def bundle_of(target: str | os.PathLike[str] | Run) -> Path | None:
    """Return the path of the bundle that a target is, or by its name must be; None for a run."""
    if isinstance(target, Run):
        return None
    is_bundle = Path(target).suffix == ".zip" or os.path.isdir(target)  # noqa: PTH112 - any text
    return Path(target) if is_bundle else None


def _found(store: Store, run: str | os.PathLike[str] | Run) -> Run:
    return store.runs.find(run.info.run_id if isinstance(run, Run) else os.fspath(run))


def _metrics(store: Store, run: Run) -> set[str]:
    """Return the names of a run's metrics and of those of its steps, if it has some."""
    question = f"tags.`{PARENT}` = '{run.info.run_id}'"
    steps, _ = store.runs.search([run.info.experiment_id], question)
    return {key for one in (run, *steps) for key in one.data.metrics}


@contextmanager
def _repeated(
    store: Store, original: Run, allowed: Tolerance, env: Environment, bundle: Bundle | None
) -> Iterator[tuple[RepeatedCells | RepeatedProject, list[str]]]:
    """Give what is to be executed once more, and what is to be said of its files."""
    context, tags = store.contexts.get(original.info.run_id), original.data.tags
    packages = environments.recorded(context) if env == "recorded" else None
    documents = {"packages": Document.of(context["packages"])} if packages else {}
    if bundle is not None:
        yield bundle.repeated(store, original, allowed, packages, documents), []
        return
    if ENTRY_POINT not in tags:
        plan = with_kernels(originals.plan_of(store, original), packages)
        notes = list(surroundings.changed_files(original))
        yield RepeatedCells(store, original, plan, allowed, documents), notes
        return
    with snapshots.opened(store, original) as snapshot:
        notes = [*surroundings.changed_files(original, snapshot.here), *snapshot.notes]
        notebook = mlproject.load(snapshot.source.directory).entry_point(tags[ENTRY_POINT]).notebook
        if notebook is None:
            project = RepeatedProject(store, original, snapshot, allowed, packages, documents)
            yield project, notes
        else:
            cells = moved(originals.plan_of(store, original), snapshot, notebook)
            plan, told = with_kernels(cells, packages), {KIND: snapshot.document(), **documents}
            places = snapshot.places
            yield RepeatedCells(store, original, plan, allowed, told, places), notes
