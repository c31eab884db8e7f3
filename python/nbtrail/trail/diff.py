"""What is different between two runs: params, metrics, cells, packages, data and git."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from nbtrail.entities import DatasetInput, Record, Run, RunInfo
from nbtrail.store import Store
from nbtrail.store.datasets import CONTEXT
from nbtrail.trail.cells import CellChange, compare_cells

SYSTEM = "system/"
_GIT = ("commit", "branch", "remote", "dirty", "changed", "untracked")


class Change(Record, frozen=True):
    """What two runs have under one key; None where one has nothing."""

    key: str
    a: Any
    b: Any


class TrailDiff(Record, frozen=True):
    """How run `b` differs from run `a`; of what is equal only the cells are here."""

    run_a: RunInfo
    run_b: RunInfo
    params: list[Change]
    metrics: list[Change]
    cells: list[CellChange]
    packages: list[Change]
    data: list[Change]
    git: list[Change]

    def __repr__(self) -> str:
        from nbtrail.trail.text import diff_text

        return diff_text(self)


def compare_runs(store: Store, a: Run, b: Run) -> TrailDiff:
    """Compare two runs of a store, latest values with latest values."""
    trails = [store.trails.executions(run.info.run_id) for run in (a, b)]
    contexts = [store.contexts.get(run.info.run_id) for run in (a, b)]
    return TrailDiff(
        a.info,
        b.info,
        params=changes(a.data.params, b.data.params),
        metrics=changes(_metrics(a), _metrics(b)),
        cells=compare_cells(*trails),
        packages=changes(*map(packages_of, contexts)),
        data=changes(data_of(a), data_of(b)),
        git=changes(*map(git_of, contexts)),
    )


def changes(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[Change]:
    """Return what differs between two mappings, by key."""
    keys = sorted(a.keys() | b.keys())
    return [Change(key, a.get(key), b.get(key)) for key in keys if not _same(a, b, key)]


def _same(a: Mapping[str, Any], b: Mapping[str, Any], key: str) -> bool:
    one, other = a.get(key), b.get(key)
    both_nan = one != one and other != other  # noqa: PLR0124 - only NaN is not itself
    return key in a and key in b and (one == other or both_nan)


def _metrics(run: Run) -> dict[str, float]:
    """Return the metrics of the work; those of the machine are never the same twice."""
    return {key: value for key, value in run.data.metrics.items() if not key.startswith(SYSTEM)}


def packages_of(context: Mapping[str, Any]) -> dict[str, str]:
    """Return the versions of Python and the packages, as a run's context has them."""
    document = context.get("packages", {})  # of an environment of its own, it has the Python, too
    python = document.get("python") or context.get("system", {}).get("python", {}).get("version")
    found = dict(document.get("packages", {}))
    return {"python": python, **found} if python else found


def data_of(run: Run) -> dict[str, str]:
    """Return the digests of what a run has used, by name and what for."""
    return {name_of(used): used.dataset.digest for used in run.inputs.dataset_inputs}


def name_of(used: DatasetInput) -> str:
    """Return what a run calls a dataset that it has used, and what for."""
    contexts = [tag.value for tag in used.tags if tag.key == CONTEXT]
    return f"{used.dataset.name} ({contexts[0]})" if contexts else used.dataset.name


def git_of(context: Mapping[str, Any]) -> dict[str, Any]:
    """Return the state of a repository; of what was not committed, the hash."""
    document = context.get("git", {})
    found = {key: document[key] for key in _GIT if document.get(key) is not None}
    if uncommitted := document.get("diff"):
        found["diff"] = hashlib.sha256(uncommitted.encode()).hexdigest()[:12]
    return found
