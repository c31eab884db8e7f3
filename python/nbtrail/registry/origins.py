"""Where a version came from: its run, the cell that logged it, the data and the code."""

from __future__ import annotations

from nbtrail.entities import ModelVersion, OriginCell, OriginDataset, Run, VersionOrigin
from nbtrail.errors import NotFound
from nbtrail.store import Store
from nbtrail.store.datasets import CONTEXT
from nbtrail.tracking import current_store


def origin(name: str, version: str | int, store: Store | None = None) -> VersionOrigin:
    """Return where a version of a registered model came from, as far as that is known.

    Raises:
        NotFound: there is no such version.
    """
    store = store or current_store()
    return origin_of(store, store.registry.version(name, str(version)))


def origin_of(store: Store, version: ModelVersion) -> VersionOrigin:
    """Return where a version came from; of a run that was deleted for good, its id alone."""
    if version.run_id is None:
        return VersionOrigin()
    try:
        run = store.runs.get(version.run_id)
    except NotFound:
        return VersionOrigin(version.run_id)
    git = store.contexts.get(version.run_id).get("git", {})
    return VersionOrigin(
        run_id=version.run_id,
        run_name=run.info.run_name,
        experiment=store.experiments.get(run.info.experiment_id).name,
        notebook=run.info.notebook,
        cell=_cell(store, version),
        datasets=datasets_of(run),
        commit=git.get("commit"),
        repository=git.get("remote"),
        dirty=git.get("dirty"),
    )


def datasets_of(run: Run) -> list[OriginDataset]:
    """Return the data that a run has used."""
    return [
        OriginDataset(
            used.dataset.name,
            used.dataset.digest,
            next((tag.value for tag in used.tags if tag.key == CONTEXT), ""),
        )
        for used in run.inputs.dataset_inputs
    ]


def _cell(store: Store, version: ModelVersion) -> OriginCell | None:
    if version.model_id is None or version.run_id is None:
        return None
    try:
        execution = store.registry.logged_model(version.model_id).execution
    except NotFound:
        return None
    cells = store.trails.executions(version.run_id)
    found = next((cell for cell in cells if cell.id == execution), None)
    if found is None:
        return None
    return OriginCell(found.id, found.cell_id, found.execution_count, found.source)
