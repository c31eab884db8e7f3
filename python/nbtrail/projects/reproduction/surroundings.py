"""What was around a run, and is not any more what it was: its files, packages and code."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from nbtrail.data import from_file, get_source
from nbtrail.entities import Run
from nbtrail.errors import NbtrailError
from nbtrail.trail.diff import changes, git_of, packages_of

Context = Mapping[str, Any]
_SHOWN = 5  # packages


def changed_files(run: Run, here: Callable[[str], str] = str) -> Iterator[str]:
    """Yield what there is to say of the files that the run has used: are they what they were?

    `here` says where a path leads now.
    """
    for used in run.inputs.dataset_inputs:
        dataset = used.dataset
        if dataset.source_type != "local" or '"num_files"' not in (dataset.profile or ""):
            continue
        path = here(get_source(used).uri or "")
        try:
            digest = from_file(path).digest
        except NbtrailError as error:
            yield f"The run has used {path}. {error}"
        else:
            if digest != dataset.digest:
                yield f"{path} has changed since the run: its digest was {dataset.digest}."


def changed_packages(before: Context, after: Context) -> Iterator[str]:
    """Yield what there is to say of the packages of two runs, by their contexts."""
    others = changes(packages_of(before), packages_of(after))
    if others and "packages" in before:
        shown = [f"{one.key} {one.a or '-'} → {one.b or '-'}" for one in others[:_SHOWN]]
        more = [f"and {len(others) - _SHOWN} more"] if len(others) > _SHOWN else []
        yield f"Packages have other versions: {', '.join([*shown, *more])}."


def changed_code(before: Context, after: Context) -> Iterator[str]:
    """Yield what there is to say of the repository that two runs were in, by their contexts."""
    git = {change.key: change for change in changes(git_of(before), git_of(after))}
    if "commit" in git:
        was, now = _short(git["commit"].a), _short(git["commit"].b)
        yield f"The repository was at commit {was}, now it is at {now}."
    elif "diff" in git:
        yield "What is not committed in the repository has changed."


def _short(commit: str | None) -> str:
    return commit[:8] if commit else "-"
