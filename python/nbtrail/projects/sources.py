"""Where a project's files come from: a directory, or a git repository at some commit."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nbtrail.artifacts.paths import is_clean
from nbtrail.data.source import without_credentials
from nbtrail.errors import InvalidValue, NotFound

ENTRY_POINT = "mlflow.project.entryPoint"
"""The tag of a project's run that has the entry point's name."""
_GIT_URI = re.compile(r"(?:\w[\w.\-]*@[\w.\-]+:|(?:https?|ssh|git|file)://|git\+\w+://)")
_PROTOCOLS = "file:git:http:https:ssh"  # not `ext`, which runs whatever the address says
_ELSEWHERE = {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"}  # set where a hook of git runs us
CLONES = "nbtrail-project-"
"""Begins the name of a temporary directory with a project that is executed there."""


@dataclass(frozen=True)
class Source:
    """The files of a project, and what tells where they are from.

    `commit`: of a git repository, that was checked out; None for a directory that is used as it is.
    No address has a password.
    """

    directory: Path
    uri: str
    commit: str | None = None
    repository: str | None = None

    def tags(self, entry_point: str, environment: str) -> dict[str, str]:
        """Return the tags that MLflow gives the run of an entry point."""
        tags = {
            "mlflow.source.name": self.uri,
            "mlflow.source.type": "PROJECT",
            ENTRY_POINT: entry_point,
            "mlflow.project.backend": "local",
            "mlflow.project.env": environment,
            "mlflow.source.git.commit": self.commit,
            "mlflow.source.git.repoURL": self.repository,
        }
        return {key: value for key, value in tags.items() if value is not None}


def is_git(target: str) -> bool:
    """Say whether a target is the address of a git repository, and nothing that lies here."""
    return _GIT_URI.match(target) is not None and not is_here(target)


def is_here(target: str) -> bool:
    """Say whether there is a file or directory of that name."""
    return os.path.exists(target)  # noqa: PTH110 - whatever the text is, too long for a path, say


def was_cloned(path: str) -> bool:
    """Say whether a path is, or was, inside the clone of a repository that was made to be run."""
    return any(part.startswith(CLONES) for part in Path(path).parts)


@contextmanager
def opened(target: str, version: str | None = None) -> Iterator[Source]:
    """Give the files of a project: a clone is gone afterwards.

    Args:
        target: a directory, or the address of a git repository; ``#sub/directory`` behind it is
            where in it the project is.
        version: a commit, tag or branch (default: as it is; of a repository, its main branch).

    Raises:
        NotFound: there is no such directory, repository, version or subdirectory.
        InvalidValue: the address or the version is none.
    """
    place, inside = _parts(target)
    if inside and not is_clean(inside):
        raise InvalidValue(f"'{inside:.100}' is not a directory inside the project.")
    if version is None and not is_git(place):
        directory = Path(place, inside).absolute()
        if not place or not is_here(str(directory)):
            raise NotFound(f"There is no directory, notebook or run '{target:.200}'.")
        if not directory.is_dir():
            raise InvalidValue(
                f"'{target:.200}' is neither a notebook nor a directory. A script or an MLproject "
                f"is run by its directory: nbtrail run {shlex.quote(str(Path(place).parent))}."
            )
        yield Source(directory, str(directory))
        return
    repository, address, inside = _repository_of(place, inside)
    with _clone(repository, version, inside) as (directory, commit):
        uri = f"{address}#{inside}" if inside else address
        yield Source(directory, uri, commit, address.removeprefix("git+"))


@contextmanager
def cloned(root: str, commit: str, inside: str) -> Iterator[Source]:
    """Give a directory of a repository that lies here, at a commit; it is gone afterwards.

    Raises:
        NotFound: there is no such repository, commit or directory.
    """
    if not Path(root).is_dir():
        raise NotFound(f"The repository {root} is not there any more.")
    with _clone(root, commit, inside) as (directory, found):
        yield Source(directory, Path(root).as_uri(), found)


def copied(source: Source, folder: Path) -> Path:
    """Copy the clone of a project into a folder; return the project's directory there."""
    root = root_of(source.directory).resolve()
    place = shutil.copytree(root, folder / root.name, symlinks=True)
    return place / source.directory.relative_to(root)


def root_of(directory: Path) -> Path:
    """Return the root of the repository that a directory is in."""
    return Path(_git("rev-parse", "--show-toplevel", cwd=directory))


def apply(root: Path, diff: str) -> None:
    """Make the changes of a diff in a repository's files.

    Raises:
        NotFound: git cannot.
    """
    if diff:
        file = root / ".git" / "nbtrail.diff"
        file.write_bytes(diff.encode())
        failing = "make the uncommitted changes of the run again"
        _git("apply", "--whitespace=nowarn", str(file), cwd=root, failing=failing)


def _parts(target: str) -> tuple[str, str]:
    """Return a place, and what is inside it; a directory may have a ``#`` in its own name."""
    if is_here(target):
        return target, ""
    cut = target.partition if is_git(target) else target.rpartition
    place, mark, inside = cut("#")
    return (place, inside) if mark else (target, "")


def _repository_of(place: str, inside: str) -> tuple[str, str, str]:
    """Return what git clones, the address that is recorded, and what is inside the repository."""
    if is_git(address := place.removeprefix("git+")):
        return address, without_credentials(place), inside
    if not is_here(place) or not Path(place).is_dir():
        raise NotFound(f"There is no directory '{address:.200}'.")
    root = Path(place).resolve()
    kind = _git("rev-parse", "--is-bare-repository", cwd=root, failing=f"use {root}")
    if kind == "false":
        top = Path(_git("rev-parse", "--show-toplevel", cwd=root)).resolve()
        inside = (root.relative_to(top) / inside).as_posix()
        root, inside = top, "" if inside == "." else inside
    return str(root), root.as_uri(), inside


@contextmanager
def _clone(repository: str, version: str | None, inside: str) -> Iterator[tuple[Path, str]]:
    """Give a directory of a repository, and the commit that is there; it is gone afterwards."""
    if version is not None and version.startswith("-"):
        raise InvalidValue(f"'{version:.100}' is no commit, tag or branch.")
    name = re.split("[/:]", repository.rstrip("/"))[-1].removesuffix(".git")
    shown = without_credentials(repository)
    with tempfile.TemporaryDirectory(prefix=CLONES) as folder:
        clone = Path(folder).resolve() / (name if is_clean(name) else "project")
        _git("clone", "--quiet", "--", repository, str(clone), failing=f"clone {shown}")
        if version is not None:
            _git("checkout", "--quiet", "--detach", _commit(clone, version), cwd=clone)
        commit = _git("rev-parse", "HEAD", cwd=clone, failing=f"find a commit in {shown}")
        directory = (clone / inside).resolve()
        if not directory.is_relative_to(clone) or not directory.is_dir():
            raise NotFound(f"There is no directory '{inside:.100}' in {shown}.")
        yield directory, commit


def _commit(clone: Path, version: str) -> str:
    for name in (f"refs/remotes/origin/{version}", version):
        try:
            return _git("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}", cwd=clone)
        except NotFound:
            continue
    known = _git("for-each-ref", "--format=%(refname:lstrip=-1)", "--count=20", cwd=clone).split()
    raise NotFound(
        f"The repository has no commit, tag or branch '{version:.100}'. It has, among others: "
        f"{', '.join(sorted({*known} - {'HEAD'}))}."
    )


def _git(*arguments: str, cwd: Path | None = None, failing: str = "use the repository") -> str:
    git = shutil.which("git")
    if git is None:
        raise InvalidValue("git is not installed: a repository cannot be fetched without it.")
    ran = subprocess.run(  # noqa: S603 - its own arguments, and no option comes from outside
        [git, *arguments],
        cwd=cwd,
        env={
            **{name: value for name, value in os.environ.items() if name not in _ELSEWHERE},
            "GIT_ALLOW_PROTOCOL": _PROTOCOLS,
            "GIT_TERMINAL_PROMPT": "0",
        },
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if ran.returncode != 0:
        said = " ".join(map(without_credentials, ran.stderr.split()))[-500:]
        raise NotFound(f"git cannot {failing}: {said or 'it says nothing'}")
    return ran.stdout.strip()
