"""What keeps a store in order, rows and files together: a look, a collection."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress

from nbtrail.artifacts import ArtifactRepository, Objects
from nbtrail.entities import Record
from nbtrail.errors import NbtrailError, NotFound, StoreError
from nbtrail.store import Store
from nbtrail.store.doctor import Finding
from nbtrail.store.gc import DoomedExperiment, DoomedRun, Plan


class Collected(Record, frozen=True):
    """What a collection has deleted for good.

    `failed` has a sentence for each run that it could not delete; `bytes` are those of files that
    no run used any more.
    """

    runs: int
    experiments: int
    executions: int
    bytes: int
    failed: list[str] = []


def examine(store: Store, repair: bool = False) -> list[Finding]:
    """Return what is wrong with a store and its artifacts; with `repair`, repair what can be."""
    findings = []
    try:
        store.drain()
    except StoreError as error:
        findings.append(Finding("journals", str(error), "See what is said of the database."))
    findings += store.doctor.examine(repair)
    objects = Objects.near(store.artifact_root / "any")
    if objects is not None:
        findings += _damaged_artifacts(objects)
        findings += _missing_artifacts(objects, repair)
    return findings


def unusable(error: NbtrailError) -> Finding:
    """Return the finding that a store is which cannot even be opened."""
    return Finding("database", str(error), "Nothing else was looked at.")


def _damaged_artifacts(objects: Objects) -> Iterator[Finding]:
    for damage in objects.verify():
        names = [str(path.relative_to(objects.top)) for path in damage.artifacts]
        yield Finding(
            "artifacts",
            f"changed since it was stored: {', '.join(names) or damage.object}",
            f"Log it again, or bring it back from a backup (SHA-256 {damage.digest}).",
        )


def _missing_artifacts(objects: Objects, repair: bool) -> Iterator[Finding]:
    for missed in objects.missing():
        what = "replaced since it was stored" if missed.replaced else "not there any more"
        problem = f"{what}: {missed.path.relative_to(objects.top)}"
        if repair and objects.bring_back(missed):
            yield Finding("artifacts", problem, "Brought back.", repaired=True)
        elif objects.keeps(missed):
            yield Finding("artifacts", problem, "'nbtrail doctor --repair' brings it back.")
        else:
            advice = f"Log it again, or bring it back from a backup (SHA-256 {missed.digest})."
            yield Finding("artifacts", problem, advice)


def plan(
    store: Store,
    older_than_ms: int = 0,
    run_ids: list[str] | None = None,
    experiment_ids: list[str] | None = None,
) -> Plan:
    """Return what `collect` would delete for good: what was deleted at least so long ago.

    Raises:
        NotFound: one of the ids is not there.
        InvalidValue: one of them is not deleted.
    """
    return store.gc.plan(_now() - older_than_ms, run_ids, experiment_ids)


def collect(store: Store, plan: Plan, older_than_ms: int = 0) -> Collected:
    """Delete for good what a plan names, with its files, and then what nothing refers to.

    Args:
        store: where.
        plan: what `plan` returned.
        older_than_ms: what nothing refers to is kept for so long.
    """
    from tqdm import tqdm

    failed, runs, experiments = [], 0, 0
    for run in tqdm(plan.runs, "Deleting", unit="run", disable=None, delay=1, leave=False):
        try:
            _collect_run(store, run)
            runs += 1
        except (NbtrailError, OSError) as error:
            failed.append(f"The run {run.run_id[:8]} ({run.name}) is still there: {error}")
    for experiment in plan.experiments:
        try:
            _collect_experiment(store, experiment)
            experiments += 1
        except (NbtrailError, OSError) as error:
            failed.append(f"The experiment '{experiment.name}' is still there: {error}")
    swept = store.gc.sweep(_now() - older_than_ms)
    objects = Objects.near(store.artifact_root / "any")
    freed = objects.sweep().bytes if objects is not None else 0
    return Collected(runs, experiments, swept.executions, freed, failed)


def _collect_run(store: Store, run: DoomedRun) -> None:
    store.gc.check_deleted(run.run_id)  # somebody may have restored it meanwhile
    for folder in run.folders:
        ArtifactRepository(folder).delete_all()
    store.gc.forget_run(run.run_id)


def _collect_experiment(store: Store, experiment: DoomedExperiment) -> None:
    store.gc.forget_experiment(experiment.experiment_id)
    for folder in experiment.folders:
        with suppress(NotFound):
            ArtifactRepository(folder).delete_all()


def _now() -> int:
    return int(time.time() * 1000)
