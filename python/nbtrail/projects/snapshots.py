"""The files of a project as a run has found them: noted when it starts, and there again later."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from nbtrail.config import STORE_NAME
from nbtrail.entities import Run
from nbtrail.errors import InvalidValue, NotFound
from nbtrail.projects import sources
from nbtrail.projects.sources import Source
from nbtrail.store import Store
from nbtrail.store.contexts import Context, Document
from nbtrail.tracking.context.git import state_of
from nbtrail.tracking.context.program import printable

KIND = "project"
"""The kind of document in which a run has where its project was, and in which state."""
_MADE_AGAIN = ("__pycache__", "node_modules", ".venv", "venv", STORE_NAME)
_SHOWN = 5  # files


@dataclass(frozen=True)
class Snapshot:
    """A project's files as they were for a run.

    Attributes:
        source: where they are now.
        was: the directory in which the run had them; None where it has not noted that.
        state: of the repository in which that was, if it was in one.
        notes: what is not as it was, as far as it is known.
    """

    source: Source
    was: str | None
    state: Mapping[str, Any] | None = None
    notes: tuple[str, ...] = ()

    @cached_property
    def places(self) -> dict[str, str]:
        """Return where the project is now, by where it was, unless it is there still.

        What else is in its repository has moved with it: steps may be of a project beside it.
        """
        now = printable(self.source.directory)
        if self.was is None or self.was == now:
            return {}
        found = {self.was: now}
        with suppress(NotFound):  # it is in none
            root = printable(sources.root_of(self.source.directory).resolve())
            inside = now.removeprefix(root)
            if inside and self.was.endswith(inside):
                found[self.was.removesuffix(inside)] = root
        return found

    def here(self, path: str) -> str:
        """Return a path with what lay in the project where that is now; other texts as they are."""
        for was, now in self.places.items():
            if path == was or path.startswith(f"{was}/"):
                return now + path[len(was) :]
        return path

    def document(self) -> Document:
        """Return what a run has to know that is executed in it; see `note`."""
        return _document(self.source.directory, self.state)


def note(store: Store, run_id: str, source: Source) -> None:
    """Keep with a run, before it changes a file, where its project is and in which state."""
    state = None if source.commit else _state_of(source.directory)
    store.contexts.put(run_id, Context.of({KIND: _document(source.directory, state)}))


@contextmanager
def opened(store: Store, run: Run) -> Iterator[Snapshot]:
    """Give the files of the project that a run has executed, as they were.

    That is where they are, if they are what they were, or nothing tells what that was; else a
    clone with the commit and what was not committed. It is gone afterwards.

    Raises:
        NotFound: the directory, the repository or the commit is gone.
        InvalidValue: what was not committed cannot be made again.
    """
    place = run.data.tags["mlflow.source.name"]
    known = store.contexts.get(run.info.run_id).get(KIND, {})
    was, state = known.get("directory"), known.get("git")
    if sources.is_git(place):
        with sources.opened(place, run.data.tags.get("mlflow.source.git.commit")) as source:
            yield Snapshot(source, was)
    elif was and state and state["commit"] and not _is_untracked(state):
        with _as_it_was(place, was, state) as snapshot:
            yield snapshot
    else:
        with sources.opened(place) as source:
            told = f"Nothing tells in which state {place} was: it is taken as it is now."
            yield Snapshot(source, was, None, (told,))


def _document(directory: Path, state: Mapping[str, Any] | None) -> Document:
    return Document.of({"directory": printable(directory), "git": state})


@contextmanager
def _as_it_was(place: str, was: str, state: Mapping[str, Any]) -> Iterator[Snapshot]:
    now = _state_of(Path(place))
    if now and all(now[key] == state[key] for key in ("root", "commit", "changed", "digest")):
        with sources.opened(place) as source:
            yield Snapshot(source, was, state, tuple(_not_compared(state)))
        return
    if state["diff"] is None:
        raise InvalidValue(
            f"{place} has changed since, and its uncommitted changes were too large, or no text, "
            "to be kept with the run."
        )
    with sources.cloned(state["root"], state["commit"], state["inside"]) as source:
        clone = sources.root_of(source.directory)
        sources.apply(clone, state["diff"])
        copied = list(_untracked(Path(state["root"]), state["untracked"], clone))
        at = state["commit"][:8]
        changes = " with what was not committed" if state["diff"] else ""
        notes = [f"The project has changed since: it is executed at commit {at}{changes}."]
        if copied:
            shown = ", ".join(copied[:_SHOWN]) + (", …" if len(copied) > _SHOWN else "")
            notes.append(f"Files that git does not know are taken as they are now: {shown}.")
        yield Snapshot(replace(source, uri=place, repository=None), was, state, tuple(notes))


def _not_compared(state: Mapping[str, Any]) -> Iterator[str]:
    """Yield what may have changed unseen in a repository that is as it was."""
    if state["diff"] is None:
        yield "Its uncommitted changes were too large, or no text: not all of them are compared."
    if names := [name for name in state["untracked"] if not name.startswith(STORE_NAME)]:
        shown = ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
        yield f"Files that git does not know are taken as they are now: {shown}."


def _state_of(directory: Path) -> dict[str, Any] | None:
    """Return the state of a directory's repository, and where ``inside`` of it that is."""
    state = state_of(directory) if directory.is_dir() else None
    if state is None:
        return None
    here, root = directory.resolve(), Path(state["root"]).resolve()
    if not here.is_relative_to(root):  # GIT_DIR names another repository
        return None
    inside = here.relative_to(root).as_posix()
    return {**state, "inside": "" if inside == "." else inside}


def _is_untracked(state: Mapping[str, Any]) -> bool:
    """Say whether git knew nothing of the directory."""
    inside = f"{state['inside']}/"
    return any(name.endswith("/") and inside.startswith(name) for name in state["untracked"])


def _untracked(root: Path, names: list[str], clone: Path) -> Iterator[str]:
    """Copy the files that git did not know; yield their names."""
    for name in names:
        there, target = root / name, clone / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if there.is_dir():
            ignored = shutil.ignore_patterns(*_MADE_AGAIN)
            shutil.copytree(there, target, True, ignored, dirs_exist_ok=True)
        elif there.exists():
            shutil.copy2(there, target)
        else:
            continue
        yield name
