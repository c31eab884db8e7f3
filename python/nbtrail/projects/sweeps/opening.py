"""Finding what a sweep, or a backend, is to execute, and giving it to those that execute it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nbtrail.errors import InvalidValue, NotFound
from nbtrail.projects import sources
from nbtrail.projects.mlprojects import mlproject
from nbtrail.projects.sources import Source
from nbtrail.projects.sweeps.target import (
    RUNS,
    CellsTarget,
    CommandTarget,
    NotebookTarget,
    Searchable,
    Target,
)
from nbtrail.store import Store


@contextmanager
def opened(
    target: str, entry_point: str | None = None, version: str | None = None
) -> Iterator[Searchable]:
    """Give what a person asks to sweep; a clone of it is gone afterwards.

    Args:
        target: a notebook, a directory, or the address of a git repository.
        entry_point: what of a project is run (default: ``main``).
        version: a commit, tag or branch of the project's repository.

    Raises:
        NotFound, InvalidValue: it is nothing of that, or has no such entry point or version.
    """
    if target.startswith("models:/"):
        raise InvalidValue(
            f"What is swept is a notebook or a project, not '{target:.200}': name a directory or "
            "a git address."
        )
    if sources.is_git(target) or not target.endswith(".ipynb"):
        _refuse_of_nothing(target)
        with sources.opened(target, version) as source:
            yield _of_project(source, entry_point or mlproject.MAIN)
        return
    for option, value in (("entry point", entry_point), ("version", version)):
        if value is not None:
            raise InvalidValue(f"Only a project has a {option}; '{target:.200}' is none.")
    path = Path(target).absolute()
    yield NotebookTarget(path, path.stem)


def at_place(place: str, entry_point: str | None, store: Store) -> Target:
    """Return what is at the place that `shared` has given.

    Raises:
        NotFound, InvalidValue: it is not there any more.
    """
    if place.startswith(RUNS):
        return CellsTarget(store, store.runs.get(place.removeprefix(RUNS)))
    with opened(place, entry_point) as what:  # it is no clone: it stays
        return what


@contextmanager
def shared(what: Target, folder: Path) -> Iterator[str]:
    """Give the place of a target for the processes that execute it.

    Args:
        what: the target.
        folder: what they share: a clone is copied into it, and gone afterwards.
    """
    source = None if isinstance(what, CellsTarget) else what.source
    if source is None or source.commit is None:
        yield what.place
        return
    with tempfile.TemporaryDirectory(prefix=sources.CLONES, dir=folder) as place:
        yield str(sources.copied(source, Path(place).absolute()))


def _refuse_of_nothing(target: str) -> None:
    if not (sources.is_git(target) or sources.is_here(target.rpartition("#")[0] or target)):
        raise NotFound(
            f"There is no notebook or directory '{target:.200}'. To begin a sweep with the params "
            "of a run, name it by --from-run."
        )


def _of_project(source: Source, entry_point: str) -> Searchable:
    project = mlproject.load(source.directory)
    point = project.entry_point(entry_point)
    if point.steps:
        raise InvalidValue(
            f"The entry point '{point.name}' of {project.name} is a pipeline; what is swept, or "
            "executed by a backend, is a notebook or a command: name a step by -e."
        )
    if point.notebook is None:
        return CommandTarget(source, project, point)
    path = source.directory / point.notebook
    return NotebookTarget(path, project.name, source, project, point)
