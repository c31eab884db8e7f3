"""The command or the pipeline of a project's run, executed once more and compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from msgspec.structs import replace

from nbtrail.artifacts import ArtifactRepository
from nbtrail.entities import Attempt, Difference, Run
from nbtrail.environments.uv import Packages
from nbtrail.errors import ExecutionFailed
from nbtrail.projects.asked import Asked, Environment
from nbtrail.projects.finding import entry_work
from nbtrail.projects.notebooks.notebook import executable, read
from nbtrail.projects.pipelines.memory import finished
from nbtrail.projects.pipelines.parts import FILE
from nbtrail.projects.reproduction.attempts import ORIGINAL, keep, outcome_of, worst
from nbtrail.projects.snapshots import KIND, Snapshot
from nbtrail.projects.sources import ENTRY_POINT
from nbtrail.projects.watch import Watch
from nbtrail.store import Store
from nbtrail.store.contexts import Document
from nbtrail.trail.comparison import Comparison
from nbtrail.trail.likeness import Tolerance


@dataclass(frozen=True)
class RepeatedProject:
    """An entry point that is to be executed once more, and what that is compared with.

    Attributes:
        packages: those of the environment, if it is not to be the one that the run asked for.
        documents: of what it is executed in.
        artifacts: where the artifacts of the originals were, by run, if not where they are.
    """

    store: Store
    original: Run
    snapshot: Snapshot
    tolerance: Tolerance
    packages: Packages | None = None
    documents: Mapping[str, Document] = field(default_factory=dict)
    artifacts: Mapping[str, str] = field(default_factory=dict)

    def attempt(self, progress: bool, watch: Watch | None = None) -> Attempt:
        """Execute the entry point once; keep what came of it with the run that recorded it."""
        reason = None
        try:
            run = self._executed(progress, watch)
        except ExecutionFailed as error:
            run, reason = self.store.runs.get(error.run_id), str(error)
        self.store.drain()
        is_pipeline = ArtifactRepository(self.original.info.artifact_uri).exists(FILE)
        found = self._of_pipeline(run) if is_pipeline else self._of_command(run)
        if reason and self.original.info.status == "FINISHED":
            found = replace(found, outcome="could not run", differences=[], reason=reason)
        documents = {**self.documents, KIND: self.snapshot.document()}
        return keep(self.store, found, self.original.info.run_id, documents)

    def _executed(self, progress: bool, watch: Watch | None) -> Run:
        info, tags = self.original.info, self.original.data.tags
        given = [one for one in self.original.data.param_records if one.origin == "injected"]
        asked = Asked(
            {one.key: self.snapshot.here(one.value) for one in given},
            cast("Environment", tags.get("mlflow.project.env", "local")),
            self.store.experiments.get(info.experiment_id).name,
            f"{info.run_name} reproduced",
            self.store,
            progress,
            tags={ORIGINAL: info.run_id},
            watch=watch,
            packages=self.packages,
        )
        with ExitStack() as opened:
            return entry_work(asked, self.snapshot.source, tags[ENTRY_POINT], opened).execute()

    def _of_command(self, run: Run) -> Attempt:
        places = self._places([(self.original, run)])
        differences = [*self._endings(run), *self._differences(self.original, run, places)]
        return Attempt(run.info.run_id, outcome_of(differences), differences)

    def _of_pipeline(self, run: Run) -> Attempt:
        """Compare each step with its original; what has no step on the other side is told."""
        before, after = finished(self.original), finished(run)
        get = self.store.runs.get
        both = {
            label: (get(before[label]), get(after[label])) for label in before if label in after
        }
        places = self._places(both.values())
        steps = [self._of_step(label, *pair, places) for label, pair in both.items()]
        others = [label for label in {**before, **after} if label not in both]
        differences = self._endings(run) + [
            Difference("output", f"step {label}", before.get(label), after.get(label))
            for label in others
        ]
        outcome = worst([outcome_of(differences), *(one.outcome for one in steps)])
        return Attempt(run.info.run_id, outcome, differences, steps=steps)

    def _of_step(self, label: str, original: Run, run: Run, places: Mapping[str, str]) -> Attempt:
        differences = self._differences(original, run, places)
        found = Attempt(run.info.run_id, outcome_of(differences), differences, step=label)
        return keep(self.store, found, original.info.run_id, {})

    def _places(self, pairs: Iterable[tuple[Run, Run]]) -> dict[str, str]:
        """Return what stands for the project, and for each run and its artifacts, by what did."""
        places = dict(self.snapshot.places)
        for before, after in pairs:
            was = self.artifacts.get(before.info.run_id, before.info.artifact_uri)
            places |= {was: after.info.artifact_uri, before.info.run_id: after.info.run_id}
        return places

    def _endings(self, run: Run) -> list[Difference]:
        """Return how the run has ended, if that is not how the original did."""
        before, after = (
            f"{one.status}: {one.error}" if one.error else one.status
            for one in (self.original.info, run.info)
        )
        if self.original.info.status == "FINISHED" or self.tolerance.texts(before, after) == "same":
            return []
        return [Difference("output", "how it ended", before, after)]

    def _differences(self, original: Run, run: Run, places: Mapping[str, str]) -> list[Difference]:
        comparison = Comparison(self.store, original, run, _numbers(run), self.tolerance, places)
        return comparison.differences()


def _numbers(run: Run) -> dict[str, int]:
    """Return the numbers of the cells that were executed for a run, by id."""
    artifacts, name = ArtifactRepository(run.info.artifact_uri), Path(run.info.notebook or "").name
    if not name or not artifacts.exists(name):
        return {}
    cells = executable(read(artifacts.download(name)))
    return {cell.id: number for number, cell in enumerate(cells, start=1)}
