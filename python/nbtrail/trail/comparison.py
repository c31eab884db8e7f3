"""What came out otherwise when a run was executed once more."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from itertools import zip_longest
from pathlib import Path

import msgspec

from nbtrail.artifacts import ArtifactRepository
from nbtrail.entities import CellExecution, Difference, Metric, MetricSummary, Run
from nbtrail.store import Store
from nbtrail.store.documents import ARTIFACTS
from nbtrail.trail import slicing
from nbtrail.trail.cells import last_of_each, matches, pieces
from nbtrail.trail.diff import SYSTEM, data_of, name_of
from nbtrail.trail.fingerprints import differ
from nbtrail.trail.likeness import Likeness, Tolerance

TEXT_LIMIT = 1 << 20  # bytes of a file whose numbers are compared
# Warnings and progress; drawings with ids that are made up.
_NOT_COMPARED = {"stderr", "image/svg+xml"}
_TIMES = re.compile(r"(mean|std)_(fit|score)_time")  # which searches of scikit-learn log
_ASKS = re.compile(r"%track\b")  # begins a line that asks nbtrail
_SHOWN = re.compile(r"((?:figures|tables)/cell-)(\d+)(-.+)")  # files named after a cell
_SHA256 = re.compile(r"[0-9a-f]{64}")
_EXCERPT = 200  # characters


class Comparison:
    """An original run beside the one that executed it again.

    Args:
        store: where both are.
        original: the run that was reproduced.
        reproduced: the run that did so.
        numbers: the numbers of the cells that were executed, by id.
        tolerance: how far numbers may be from the original's.
        places: what stands for something in texts of the original, such as a folder, with what
            stands for the same in those of the other run.
    """

    def __init__(
        self,
        store: Store,
        original: Run,
        reproduced: Run,
        numbers: Mapping[str, int],
        tolerance: Tolerance,
        places: Mapping[str, str] | None = None,
    ) -> None:
        self._store = store
        self._original, self._reproduced = original, reproduced
        self._numbers = numbers
        self._tolerance = tolerance
        self._places = places or {}
        longest_first = sorted(map(re.escape, self._places), key=len, reverse=True)
        self._place_of = re.compile("|".join(longest_first) or "(?!)")
        self._trail = store.trails.executions(original.info.run_id)
        self._again = store.trails.executions(reproduced.info.run_id)
        before, after = last_of_each(self._trail), last_of_each(self._again)
        found = matches(before, after)
        self._pairs = [(before[i], after[j]) for i, j in sorted(found.items())]
        self._cells = {one.cell_id or one.source: other for one, other in self._pairs}

    def differences(self) -> list[Difference]:
        """Return what differs, in the order of the cells; files last."""
        found = [*self._data(), *self._params(), *self._metrics(), *self._gained_metrics()]
        found += [*self._outputs(), *self._artifacts()]
        last = len(self._numbers) + 1
        return sorted(found, key=lambda one: one.cell or (last if one.kind == "artifact" else 0))

    def _texts(self, a: str, b: str) -> Likeness:
        there = self._place_of.sub(lambda found: self._places[found[0]], a)
        return self._tolerance.texts(there, b)

    def _data(self) -> Iterator[Difference]:
        after = data_of(self._reproduced)
        used = {name_of(one): one for one in self._original.inputs.dataset_inputs}
        for name, one in used.items():
            if one.dataset.digest != after.get(name):
                place = self._place(self._execution(one.execution))
                yield Difference("data", name, one.dataset.digest, after.get(name), False, *place)

    def _params(self) -> Iterator[Difference]:
        after = self._reproduced.data.params
        for param in self._original.data.param_records:
            value = after.get(param.key)
            likeness = "other" if value is None else self._texts(param.value, value)
            if likeness != "same":
                place = self._place(self._execution(param.execution))
                yield Difference(
                    "param", param.key, param.value, value, likeness == "close", *place
                )

    # Metrics

    def _metrics(self) -> Iterator[Difference]:
        after = self._reproduced.data.metrics
        for summary in _own_metrics(self._original):
            if summary.key not in after:
                found: Difference | None = Difference("metric", summary.key, summary.value, None)
            else:
                found = self._curves_differ(summary)
            if found is not None:
                yield self._located(found, summary)

    def _curves_differ(self, summary: MetricSummary) -> Difference | None:
        """Return the first point that is not within the tolerance, else the one that is farthest.

        Curves of another length part where the shorter one ends.
        """
        farthest: Difference | None = None
        distance = 0.0
        for a, b in zip_longest(*self._curves(summary.key)):
            found = self._points_differ(a, b)
            if found is not None and not found.within:
                return found
            if found is not None and abs(found.original - found.reproduced) > distance:
                farthest, distance = found, abs(found.original - found.reproduced)
        return farthest

    def _curves(self, key: str) -> Iterator[list[Metric]]:
        """Yield the points of both runs; not those of executions that were superseded."""
        for run, trail in ((self._original, self._trail), (self._reproduced, self._again)):
            superseded = {e.id for e in trail} - {e.id for e in last_of_each(trail)}
            history = self._store.metrics.history(run.info.run_id, key)
            yield [point for point in history if point.execution not in superseded]

    def _points_differ(self, a: Metric | None, b: Metric | None) -> Difference | None:
        one = a or b
        assert one is not None
        values = a and a.value, b and b.value
        if a is None or b is None or a.step != b.step:
            return Difference("metric", one.key, *values, step=one.step)
        likeness = self._tolerance.numbers(a.value, b.value, one.key)
        if likeness == "same":
            return None
        return Difference("metric", one.key, *values, within=likeness == "close", step=one.step)

    def _located(self, found: Difference, summary: MetricSummary) -> Difference:
        """Say where a metric parts from the original: perhaps long before its own cell."""
        execution = self._execution(summary.execution)
        cause, at = (not found.within and self._cause(execution)) or (None, execution)
        number, cell_id = self._place(at)
        step = found.step if summary.count > 1 else None
        return msgspec.structs.replace(found, cell=number, cell_id=cell_id, step=step, cause=cause)

    def _cause(self, goal: CellExecution | None) -> tuple[str, CellExecution] | None:
        """Return the first name on the way to `goal` that stands for something else now."""
        if goal is None:
            return None
        session = self._store.trails.session_executions(goal.session_id)
        for link in slicing.chain(session, goal.id):
            again = self._cells.get(link.execution.cell_id or link.execution.source)
            for name in link.provides if again else ():
                now = again.fingerprints.get(name, "") if again else ""
                if differ(link.execution.fingerprints.get(name, ""), now):
                    return name, link.execution
        return None

    def _gained_metrics(self) -> Iterator[Difference]:
        """Yield what the run's own cells, or the code of one without cells, log only this time."""
        own: set[int | None] = {again.id for one, again in self._pairs if one.role == "own"}
        own |= set() if self._again else {None}
        for summary in _own_metrics(self._reproduced):
            if summary.key not in self._original.data.metrics and summary.execution in own:
                place = self._numbers.get(summary.cell_id or ""), summary.cell_id
                yield Difference("metric", summary.key, None, summary.value, False, *place)

    # Outputs and files

    def _outputs(self) -> Iterator[Difference]:
        for one, again in self._pairs:
            if _only_asks(one.source):
                continue
            sides = [
                [piece for piece in pieces(e.outputs) if piece[0] not in _NOT_COMPARED]
                for e in (one, again)
            ]
            for a, b in zip_longest(*sides):
                what, *texts = _side_by_side(a, b)
                likeness = self._content(what, *texts)
                if likeness != "same":
                    shown = _excerpts(what, *texts)
                    yield Difference("output", what, *shown, likeness == "close", *self._place(one))
                if likeness == "other":
                    break

    def _content(self, what: str, a: str | None, b: str | None) -> str:
        if a is None or b is None or (what.startswith("image/") and a != b):
            return "other"
        return self._texts(a, b)

    def _artifacts(self) -> Iterator[Difference]:
        """Yield the files that are gone or have other content; the executed notebook is none."""
        a, b = (
            ArtifactRepository(run.info.artifact_uri) for run in (self._original, self._reproduced)
        )
        executed = {
            Path(run.info.notebook or "").name for run in (self._original, self._reproduced)
        }
        changed = a.diff(b)
        for path in changed.removed:
            if path not in executed and not _SHOWN.fullmatch(path):
                yield Difference("artifact", path, a.digest(path)[:12], None)
        for path in changed.changed:
            if path not in executed and not _SHOWN.fullmatch(path):
                yield from self._files_differ(a, b, path, path)
        yield from self._noted(a, b, executed)
        yield from self._shown(a, b)

    def _noted(
        self, a: ArtifactRepository, b: ArtifactRepository, executed: set[str]
    ) -> Iterator[Difference]:
        """Yield the files that differ of which the original has nothing but the digest."""
        noted = self._store.contexts.get(self._original.info.run_id).get(ARTIFACTS, {})
        there = {info.path for info in a.walk()} | executed
        for one in noted.get("files", []):
            path, digest = one["path"], one.get("digest") or ""
            if path in there or _SHOWN.fullmatch(path) or not _SHA256.fullmatch(digest):
                continue
            now = b.digest(path) if b.exists(path) else None
            if now != digest:
                yield Difference("artifact", path, digest[:12], now and now[:12])

    def _shown(self, a: ArtifactRepository, b: ArtifactRepository) -> Iterator[Difference]:
        """Yield the figures and tables that differ; the cells' numbers may be other ones now."""
        again = {one.execution_count: other.execution_count for one, other in self._pairs}
        there = {info.path for info in b.walk()}
        for path in [info.path for info in a.walk()]:
            name = _SHOWN.fullmatch(path)
            if not name or int(name[2]) not in again or path.endswith(".svg"):
                continue  # another file; of a superseded execution; with ids that are made up
            other = f"{name[1]}{again[int(name[2])]}{name[3]}"
            if other in there:
                yield from self._files_differ(a, b, path, other)
            else:
                yield Difference("artifact", path, a.digest(path)[:12], None)

    def _files_differ(
        self, a: ArtifactRepository, b: ArtifactRepository, path: str, other: str
    ) -> Iterator[Difference]:
        digests = a.digest(path)[:12], b.digest(other)[:12]
        likeness = "same" if digests[0] == digests[1] else self._files(a, b, path, other)
        if likeness != "same":
            yield Difference("artifact", path, *digests, likeness == "close")

    def _files(self, a: ArtifactRepository, b: ArtifactRepository, path: str, other: str) -> str:
        """Compare the numbers in two files of text; others are equal, or are not."""
        if max(a.size(path), b.size(other)) > TEXT_LIMIT:
            return "other"
        try:
            return self._texts(a.read(path).decode(), b.read(other).decode())
        except UnicodeDecodeError:
            return "other"

    # Places

    def _execution(self, identity: int | None) -> CellExecution | None:
        return next((e for e in self._trail if e.id == identity), None)

    def _place(self, execution: CellExecution | None) -> tuple[int | None, str | None]:
        """Return the number and the id of an original execution's cell in the new notebook."""
        again = execution and self._cells.get(execution.cell_id or execution.source)
        if not again:
            return None, None
        return self._numbers.get(again.cell_id or ""), again.cell_id


def _own_metrics(run: Run) -> list[MetricSummary]:
    """Return the metrics of the work; those of the machine are never the same twice."""
    return [
        one
        for one in run.data.metric_summaries
        if not (one.key.startswith(SYSTEM) or _TIMES.fullmatch(one.key))
    ]


def _only_asks(source: str) -> bool:
    """Say whether a cell does nothing but ask nbtrail."""
    lines = [line for line in map(str.strip, source.splitlines()) if line]
    return bool(lines) and all(map(_ASKS.match, lines))


def _side_by_side(
    a: tuple[str, str] | None, b: tuple[str, str] | None
) -> tuple[str, str | None, str | None]:
    """Return what two outputs are, and their contents where both are that."""
    what = (a or b or ("", ""))[0]
    return what, a and a[1], b[1] if b and b[0] == what else None


def _excerpts(what: str, a: str | None, b: str | None) -> tuple[str | None, str | None]:
    """Return the first lines that differ; of what is no text, the digests."""
    if what.startswith("image/"):
        digests = [text and hashlib.sha256(text.encode()).hexdigest()[:12] for text in (a, b)]
        return digests[0], digests[1]
    lines = zip_longest((a or "").splitlines(), (b or "").splitlines())
    for one, other in lines:
        if one != other:
            return a and (one or "")[:_EXCERPT], b and (other or "")[:_EXCERPT]
    return a, b
