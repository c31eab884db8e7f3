"""A bundle that is unpacked: its run is imported, and executed once more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nbtrail.artifacts import ArtifactRepository
from nbtrail.entities import Param, Run
from nbtrail.environments.uv import Packages
from nbtrail.errors import AlreadyExists, InvalidValue
from nbtrail.projects.bundles.document import OUTPUTS, PROJECT, RUN_FILE, BundleDocument
from nbtrail.projects.mlprojects import mlproject
from nbtrail.projects.mlprojects.mlproject import EntryPoint
from nbtrail.projects.notebooks.execution import Plan
from nbtrail.projects.notebooks.notebook import kernel, read
from nbtrail.projects.reproduction.cells import RepeatedCells, moved, with_kernels
from nbtrail.projects.reproduction.projects import RepeatedProject
from nbtrail.projects.snapshots import Snapshot
from nbtrail.projects.sources import ENTRY_POINT, Source
from nbtrail.store import Store
from nbtrail.store.contexts import Context, Document
from nbtrail.store.documents import RunDocument
from nbtrail.trail.likeness import Tolerance


@dataclass(frozen=True)
class Bundle:
    """A bundle.

    Attributes:
        folder: where it is unpacked.
        document: what it says of its run.
        place: how the user knows it.
    """

    folder: Path
    document: BundleDocument
    place: Path

    def imported(self, store: Store) -> Run:
        """Return the run, which the store has now, with what it has made.

        Raises:
            InvalidValue: the project has not what the run has executed, or the run cannot be had.
            AlreadyExists: the store has another run of that id.
        """
        self._check(self._point())
        with store.transaction():
            new = {str(one.run_id): _registered(store, one) for one in self.document.runs}
        told = {"packages": self.document.packages, "python": self.document.python}
        for run_id, run in new.items():
            outputs = self.folder / OUTPUTS / run_id
            if run is None:
                continue
            if outputs.is_dir():
                ArtifactRepository(run.info.artifact_uri).upload(outputs)
            if self.document.packages:
                store.contexts.put(run_id, Context.of({"packages": Document.of(told)}))
        return store.runs.get(str(self.document.runs[0].run_id))

    def repeated(
        self,
        store: Store,
        original: Run,
        tolerance: Tolerance,
        packages: Packages | None,
        documents: Mapping[str, Document],
    ) -> RepeatedCells | RepeatedProject:
        """Return what is to be executed once more.

        Raises:
            InvalidValue: the notebook, or its kernel, is not as it must be.
        """
        directory, point = self.folder / PROJECT, self._point()
        source = Source(directory, str(self.place / PROJECT))
        snapshot = Snapshot(source, self.document.directory)
        if point.notebook is None:
            runs = self.document.runs
            were = {str(one.run_id): _artifacts_of(one) for one in runs if one.artifacts}
            return RepeatedProject(store, original, snapshot, tolerance, packages, documents, were)
        path = directory / point.notebook
        notebook = read(path)
        params = [
            Param(one.key, one.value, one.typed, "injected")
            for one in original.data.param_records
            if one.key in point.parameters
        ]
        opens = self.document.opens_runs
        plan = Plan(path, notebook, *kernel(notebook, path), {}, params, opens_runs=opens)
        there = with_kernels(moved(plan, snapshot, point.notebook), packages)
        return RepeatedCells(store, original, there, tolerance, documents, snapshot.places)

    def _point(self) -> EntryPoint:
        return mlproject.load(self.folder / PROJECT).entry_point(self.document.entry_point)

    def _check(self, point: EntryPoint) -> None:
        name = self.document.runs[0].tags.get(ENTRY_POINT)
        if point.notebook is None and name != point.name:
            raise InvalidValue(
                f"{self.place} is no bundle: its {RUN_FILE} does not say that '{point.name}' has "
                "been run."
            )


def _artifacts_of(document: RunDocument) -> str:
    """Return where a run's artifacts were in the store in which it was made."""
    first = document.artifacts[0]
    return first.uri.removesuffix(f"/{first.path}")


def _registered(store: Store, document: RunDocument) -> Run | None:
    """Register a run; return None if it is in the store where it was made."""
    try:
        return store.documents.register(document)
    except AlreadyExists:
        run = store.runs.get(str(document.run_id))
        params = {key: str(value) for key, value in document.params.items()}
        if (run.info.start_time, run.data.params) != (document.start_time, params):
            raise
        return None
