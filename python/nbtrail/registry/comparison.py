"""Two versions of a model side by side, by subject: what they take, came from, weigh, need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from nbtrail.entities import CellExecution, ModelVersion, Record, Run
from nbtrail.errors import NbtrailError, NotFound
from nbtrail.models import MLmodel, locate
from nbtrail.store import Store
from nbtrail.tracking import current_store
from nbtrail.trail.cells import compare_cells, last_of_each
from nbtrail.trail.diff import SYSTEM, data_of

Title = Literal["signature", "params", "metrics", "data", "cells", "environment", "size", "latency"]
LATENCY = "latency"
"""How the metrics begin that tell how long an answer takes."""


class Row(Record, frozen=True):
    """What two versions have under one key; None where one has nothing."""

    key: str
    left: str | None
    right: str | None

    @property
    def change(self) -> Literal["same", "changed", "added", "removed"]:
        """How the right one differs."""
        if self.left == self.right:
            return "same"
        if self.left is None:
            return "added"
        return "removed" if self.right is None else "changed"


class Section(Record, frozen=True):
    """One subject of a comparison; `note` says why it is empty, or what to keep in mind."""

    title: Title
    rows: list[Row]
    note: str | None = None


class VersionComparison(Record, frozen=True):
    """How two versions differ; all sections are there, with what is equal, too."""

    left: ModelVersion
    right: ModelVersion
    sections: list[Section]

    def section(self, title: Title) -> Section:
        """Return one of the sections."""
        return next(one for one in self.sections if one.title == title)


def compare_versions(
    name: str,
    left: str | int,
    right: str | int,
    *,
    right_name: str | None = None,
    store: Store | None = None,
) -> VersionComparison:
    """Compare two versions of a registered model, or of two.

    Args:
        name: of the model.
        left: the version to compare with.
        right: the version that is compared.
        right_name: of the right one's model, where that is another.
        store: where they are; by default the store of this process.

    Raises:
        NotFound: there is no such model or version.
    """
    store = store or current_store()
    store.drain()
    versions = (
        store.registry.version(name, str(left)),
        store.registry.version(right_name or name, str(right)),
    )
    return VersionComparison(*versions, list(_sections(*(_Side(store, one) for one in versions))))


class _Side:
    """What is known of one version; its files or its run may be gone."""

    def __init__(self, store: Store, version: ModelVersion) -> None:
        self.version = version
        self.run: Run | None = None
        self.path: Path | None = None
        self.about: MLmodel | None = None
        self.trail: list[CellExecution] = []
        try:
            if version.run_id is not None:
                self.run = store.runs.get(version.run_id)
                self.trail = list(store.trails.executions(version.run_id))
        except NotFound:
            self.run = None
        try:
            self.path = locate(f"models:/{version.name}/{version.version}", store).path
            self.about = MLmodel.read(self.path)
        except NbtrailError:
            self.path = None

    @property
    def params(self) -> dict[str, str]:
        return {} if self.run is None else self.run.data.params

    def metrics(self, beginning: str = "") -> dict[str, float]:
        """Return what the run has measured; what the machine did is never the same twice."""
        found = {} if self.run is None else self.run.data.metrics
        return {
            key: value
            for key, value in found.items()
            if key.startswith(beginning) and not key.startswith(SYSTEM)
        }

    def data(self) -> dict[str, str]:
        return {} if self.run is None else data_of(self.run)

    def signature(self) -> dict[str, str]:
        if self.about is None or not self.about.signature_dict:
            return {}
        return {key: value for key, value in self.about.signature_dict.items() if value}

    def requirements(self) -> dict[str, str]:
        file = None if self.path is None else self.path / "requirements.txt"
        if file is None or not file.is_file():
            return {}
        lines = (line.strip() for line in file.read_text(errors="replace").splitlines())
        return dict(_pinned(line) for line in lines if line and not line.startswith(("#", "-")))

    def size(self) -> dict[str, int]:
        known = self.version.size or (self.about.model_size_bytes if self.about else None)
        return {} if known is None else {"bytes": known}


def _sections(a: _Side, b: _Side) -> Iterator[Section]:
    runs = None if a.run and b.run else "no source run is known of one of them"
    files = None if a.path and b.path else "the files of one of them are gone"
    yield _section("signature", a.signature(), b.signature(), files, "none has a signature")
    yield _section("params", a.params, b.params, runs, "none was logged")
    yield _section("metrics", a.metrics(), b.metrics(), runs, "none was logged")
    yield _section("data", a.data(), b.data(), runs, "no dataset was logged")
    yield _cells(a, b, runs)
    yield _section("environment", a.requirements(), b.requirements(), files, "none is known")
    yield _section("size", a.size(), b.size(), None, "not known")
    yield _section("latency", a.metrics(LATENCY), b.metrics(LATENCY), None, "not measured")


def _section(
    title: Title, a: Mapping[str, Any], b: Mapping[str, Any], note: str | None, empty: str
) -> Section:
    rows = [Row(key, _text(a.get(key)), _text(b.get(key))) for key in sorted(a.keys() | b.keys())]
    return Section(title, rows, note or (None if rows else empty))


def _cells(a: _Side, b: _Side, note: str | None) -> Section:
    """Return the cells side by side, matched by their id, then by what is in them."""
    before, after = last_of_each(a.trail), last_of_each(b.trail)
    rows = [
        Row(f"cell {number}", _source(before, one.place_a), _source(after, one.place_b))
        for number, one in enumerate(compare_cells(a.trail, b.trail), start=1)
    ]
    return Section("cells", rows, note or (None if rows else "no cell was recorded"))


def _source(cells: Sequence[CellExecution], place: int | None) -> str | None:
    return None if place is None else cells[place - 1].source


def _text(value: object) -> str | None:
    if value is None:
        return None
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _pinned(line: str) -> tuple[str, str]:
    """Return the package and the rest of a line of requirements."""
    for mark in ("==", ">=", "<=", "~=", "!=", "<", ">", "@", ";"):
        package, found, rest = line.partition(mark)
        if found:
            return package.strip(), (rest if mark == "==" else mark + rest).strip()
    return line, ""
